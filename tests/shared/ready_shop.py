"""One builder of what most tests begin with: a manager, a connector, a wallet and a session.

It says what is made, not how the request travels: ``ClientShop`` asks with boto3, the tests of the
wire with HTTP messages. Importable from every test as ``ready_shop`` (``pythonpath`` of pytest).
"""

from __future__ import annotations

import base64
import functools
import importlib
import json
from typing import TYPE_CHECKING, Any

import boto3
from botocore import xform_name
from botocore.config import Config

from boto3_agentcore_payments.testing import secrets

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocore.exceptions import ClientError

ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/payments"
DISCOVERY = "https://idp.example.com/.well-known/openid-configuration"
USDC = "0x036CbD53842c5426634e7929541eC2318f3dCF7e"
PAY_TO = "0x209693Bc6afc0C5328bA36FaF03C514EF312287C"
SECRETS = secrets.coinbase()
PROVIDERS = {
    "CoinbaseCDP": ("coinbaseCdpConfiguration", SECRETS),
    "StripePrivy": (
        "stripePrivyConfiguration",
        secrets.privy(),
    ),
}
CONNECTORS = {"CoinbaseCDP": "coinbaseCDP", "StripePrivy": "stripePrivy"}
EMAIL = {"email": {"emailAddress": "alice@example.com"}}


@functools.cache
def boto3_session() -> boto3.Session:
    """Return the session of every client here.

    ``mock_aws`` replaces boto3's default session for each test, and a new one reads all definitions
    again: that took most of these tests' time.
    """
    importlib.import_module("moto")  # a session that is older than moto's handlers never meets them
    return boto3.Session()


class Shop:
    """Makes the resources a test asks for.

    Args:
        call: Performs an operation: its name and its members by keyword, to the answer's members.
    """

    def __init__(self, call: Callable[..., Any]) -> None:
        self.call = call

    def manager(self, name: str = "shop", **members: Any) -> str:
        """Make a payment manager; return its ARN."""
        request = {"authorizerType": "AWS_IAM", "roleArn": ROLE, **members}
        made = self.call("CreatePaymentManager", name=name, **request)
        return made["paymentManagerArn"]

    def jwt_manager(self, **authorizer: Any) -> str:
        """Make a manager whose callers bring a bearer token; return its ARN."""
        configuration = {"customJWTAuthorizer": {"discoveryUrl": DISCOVERY, **authorizer}}
        return self.manager(authorizerType="CUSTOM_JWT", authorizerConfiguration=configuration)

    def credential_provider(self, name: str, vendor: str = "CoinbaseCDP") -> str:
        """Make a vendor's credential provider; return its ARN."""
        member, secrets = PROVIDERS[vendor]
        made = self.call(
            "CreatePaymentCredentialProvider",
            name=name,
            credentialProviderVendor=vendor,
            providerConfigurationInput={member: secrets},
        )
        return made["credentialProviderArn"]

    def connector(self, arn: str, provider: str | None = None, vendor: str = "CoinbaseCDP") -> str:
        """Make a connector, and a credential provider unless one is given; return its id."""
        provider = provider or self.credential_provider(f"vendor-{arn[-10:]}", vendor)
        configured = {CONNECTORS[vendor]: {"credentialProviderArn": provider}}
        made = self.call(
            "CreatePaymentConnector",
            paymentManagerId=arn.rpartition("/")[2],
            name="wallets",
            type=vendor,
            credentialProviderConfigurations=[configured],
        )
        return made["paymentConnectorId"]

    def quick_connector(self, arn: str) -> str:
        """Make a QUICK_CREATE connector, which waits for consent; return its id."""
        made = self.call(
            "CreatePaymentConnector",
            paymentManagerId=arn.rpartition("/")[2],
            name="quick",
            type="CoinbaseCDP",
            provisionMode="QUICK_CREATE",
            credentialProviderConfigurations=[],
        )
        return made["paymentConnectorId"]

    def instrument(
        self, arn: str, connector_id: str, user: str = "alice", network: str = "ETHEREUM"
    ) -> str:
        """Make a wallet; return the instrument's id."""
        wallet = {"network": network, "linkedAccounts": [EMAIL]}
        made = self.call(
            "CreatePaymentInstrument",
            paymentManagerArn=arn,
            paymentConnectorId=connector_id,
            paymentInstrumentType="EMBEDDED_CRYPTO_WALLET",
            paymentInstrumentDetails={"embeddedCryptoWallet": wallet},
            userId=user,
        )
        return made["paymentInstrument"]["paymentInstrumentId"]

    def session(
        self, arn: str, user: str = "alice", limit: str | None = "5.00", **members: Any
    ) -> str:
        """Make a session of an hour with a limit in USD, or none; return its id."""
        if limit is not None:
            members["limits"] = {"maxSpendAmount": {"value": limit, "currency": "USD"}}
        made = self.call(
            "CreatePaymentSession",
            paymentManagerArn=arn,
            userId=user,
            expiryTimeInMinutes=60,
            **members,
        )
        return made["paymentSession"]["paymentSessionId"]

    def pay(
        self, arn: str, session_id: str, instrument_id: str, amount: int = 10_000, **more: Any
    ) -> dict[str, Any]:
        """Pay ``amount`` atomic USDC units by x402 on Base Sepolia; return the answer."""
        payload = {
            "scheme": "exact",
            "network": "eip155:84532",
            "amount": str(amount),
            "asset": USDC,
            "payTo": PAY_TO,
            "maxTimeoutSeconds": 60,
            "extra": {"name": "USDC", "version": "2"},
        }
        return self.call(
            "ProcessPayment",
            paymentManagerArn=arn,
            paymentSessionId=session_id,
            paymentInstrumentId=instrument_id,
            **{
                "userId": "alice",
                "paymentType": "CRYPTO_X402",
                "paymentInput": {"cryptoX402": {"version": "2", "payload": payload}},
                **more,
            },
        )


class ClientShop(Shop):
    """A shop at the other end of boto3's clients.

    Args:
        region: Region of the clients.
        client_arguments: Further arguments of ``boto3.client``; without retries by default.

    Attributes:
        control: Client of the control plane.
        data: Client of the data plane.
    """

    def __init__(self, region: str = "us-west-2", **client_arguments: Any) -> None:
        super().__init__(self._call)
        self.region = region
        self._arguments = client_arguments
        self.control = self.client("bedrock-agentcore-payments-control")
        self.data = self.client("bedrock-agentcore-payments")

    def client(self, service: str, **arguments: Any) -> Any:
        """Make a client like the others."""
        defaults = {
            "region_name": self.region,
            "config": Config(retries={"total_max_attempts": 1}),
        }
        return boto3_session().client(service, **{**defaults, **self._arguments, **arguments})

    def _call(self, operation: str, **members: Any) -> dict[str, Any]:
        method = xform_name(operation)
        client = self.data if hasattr(self.data, method) else self.control
        return getattr(client, method)(**members)


def error_of(error: ClientError) -> tuple[str, str, int]:
    """Return the code, message and HTTP status of the error that a client got."""
    answered = error.response
    status = answered["ResponseMetadata"]["HTTPStatusCode"]
    return answered["Error"]["Code"], answered["Error"]["Message"], status


def mpp_charge() -> dict[str, Any]:
    """Return the members of a payment of a cent by MPP."""
    request = {
        "amount": "10000",
        "currency": USDC,
        "recipient": PAY_TO,
        "methodDetails": {"chainId": 84532},
    }
    encoded = base64.urlsafe_b64encode(json.dumps(request).encode()).decode().rstrip("=")
    header = f'Payment id="one", realm="shop", method="evm", intent="charge", request="{encoded}"'
    return {
        "paymentType": "MPP",
        "paymentInput": {"mpp": {"version": "1", "wwwAuthenticateHeaders": [header]}},
    }
