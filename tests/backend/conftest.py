"""Clients inside ``mock_aws``, and what most of these tests begin with."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config
from moto import mock_aws

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

REGION = "us-west-2"
ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/payments"
DISCOVERY = "https://idp.example.com/.well-known/openid-configuration"
USDC = "0x036CbD53842c5426634e7929541eC2318f3dCF7e"


class World:
    """One region's clients and the resources a test asks for."""

    def __init__(self, region: str = REGION, **client_arguments: Any) -> None:
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
        return boto3.client(service, **{**defaults, **self._arguments, **arguments})

    def manager(self, name: str = "shop", **members: Any) -> str:
        """Make a payment manager; return its ARN."""
        request = {"authorizerType": "AWS_IAM", "roleArn": ROLE, **members}
        arn: str = self.control.create_payment_manager(name=name, **request)["paymentManagerArn"]
        return arn

    def jwt_manager(self, **authorizer: Any) -> str:
        """Make a manager whose callers bring a bearer token; return its ARN."""
        configuration = {"customJWTAuthorizer": {"discoveryUrl": DISCOVERY, **authorizer}}
        return self.manager(authorizerType="CUSTOM_JWT", authorizerConfiguration=configuration)

    def session(self, arn: str, user: str = "alice", limit: str | None = "5.00") -> str:
        """Make a session; return its id."""
        limits = {} if limit is None else {"limits": _limit(limit)}
        made = self.data.create_payment_session(
            paymentManagerArn=arn, userId=user, expiryTimeInMinutes=60, **limits
        )
        session_id: str = made["paymentSession"]["paymentSessionId"]
        return session_id

    def connector(self, arn: str) -> str:
        """Make a credential provider and a connector; return the connector's id."""
        provider = self.control.create_payment_credential_provider(
            name=f"vendor-{arn[-10:]}",
            credentialProviderVendor="CoinbaseCDP",
            providerConfigurationInput={
                "coinbaseCdpConfiguration": {
                    "apiKeyId": "key-1",
                    "apiKeySecret": "api-key-secret",
                    "walletSecret": "wallet-secret",
                }
            },
        )
        made = self.control.create_payment_connector(
            paymentManagerId=arn.rpartition("/")[2],
            name="wallets",
            type="CoinbaseCDP",
            credentialProviderConfigurations=[
                {"coinbaseCDP": {"credentialProviderArn": provider["credentialProviderArn"]}}
            ],
        )
        connector_id: str = made["paymentConnectorId"]
        return connector_id

    def quick_connector(self, arn: str) -> str:
        """Make a QUICK_CREATE connector, which waits for consent; return its id."""
        made = self.control.create_payment_connector(
            paymentManagerId=arn.rpartition("/")[2],
            name="quick",
            type="CoinbaseCDP",
            provisionMode="QUICK_CREATE",
            credentialProviderConfigurations=[],
        )
        connector_id: str = made["paymentConnectorId"]
        return connector_id

    def instrument(self, arn: str, connector_id: str, user: str = "alice") -> str:
        """Make an Ethereum wallet; return the instrument's id."""
        made = self.data.create_payment_instrument(
            paymentManagerArn=arn,
            paymentConnectorId=connector_id,
            paymentInstrumentType="EMBEDDED_CRYPTO_WALLET",
            paymentInstrumentDetails={
                "embeddedCryptoWallet": {
                    "network": "ETHEREUM",
                    "linkedAccounts": [{"email": {"emailAddress": "alice@example.com"}}],
                }
            },
            userId=user,
        )
        instrument_id: str = made["paymentInstrument"]["paymentInstrumentId"]
        return instrument_id

    def pay(
        self,
        arn: str,
        session_id: str,
        instrument_id: str,
        amount: int = 10_000,
        **more: Any,
    ) -> dict[str, Any]:
        """Pay ``amount`` atomic units by x402 on Base Sepolia."""
        payload = {
            "scheme": "exact",
            "network": "eip155:84532",
            "amount": str(amount),
            "asset": USDC,
            "payTo": "0x209693Bc6afc0C5328bA36FaF03C514EF312287C",
            "maxTimeoutSeconds": 60,
            "extra": {"name": "USDC", "version": "2"},
        }
        request = {"userId": "alice", **more}
        answer: dict[str, Any] = self.data.process_payment(
            paymentManagerArn=arn,
            paymentSessionId=session_id,
            paymentInstrumentId=instrument_id,
            paymentType="CRYPTO_X402",
            paymentInput={"cryptoX402": {"version": "2", "payload": payload}},
            **request,
        )
        return answer


def _limit(value: str) -> dict[str, Any]:
    return {"maxSpendAmount": {"value": value, "currency": "USD"}}


@pytest.fixture(autouse=True)
def _no_configuration(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    """Keep the machine's own AWS configuration out."""
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def aws() -> Iterator[None]:
    """Run the test inside ``mock_aws``."""
    with mock_aws():
        yield


@pytest.fixture
def world(aws: None) -> World:
    """The default region's clients, inside ``mock_aws``."""
    return World()


@pytest.fixture
def make_world(aws: None) -> type[World]:
    """Make worlds of other regions or with other client arguments."""
    return World


@pytest.fixture
def world_at() -> type[World]:
    """Make worlds outside ``mock_aws``, for servers."""
    return World


def _segment(members: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(members).encode()).rstrip(b"=").decode()


@pytest.fixture
def unsigned_token() -> Callable[..., str]:
    """Make a JWT whose signature means nothing."""

    def make(**claims: Any) -> str:
        header = {"alg": "RS256", "typ": "JWT"}
        return f"{_segment(header)}.{_segment(claims)}.c2lnbmF0dXJl"

    return make


@pytest.fixture
def with_bearer() -> Callable[[Any, str], Any]:
    """Make a client send a bearer token instead of its signature, as AWS's SDK does."""

    def register(client: Any, token: str) -> Any:
        def replace(request: Any, **_: Any) -> None:
            request.headers["Authorization"] = f"Bearer {token}"

        service = client.meta.service_model.service_id.hyphenize()
        client.meta.events.register(f"before-send.{service}.*", replace)
        return client

    return register
