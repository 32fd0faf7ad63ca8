"""AWS's own SDK, unmodified, against ``mock_aws`` and against a moto server."""

from __future__ import annotations

import base64
import contextlib
import json
import warnings
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import pytest
import requests
from moto import mock_aws
from moto.server import ThreadedMotoServer

from boto3_agentcore_payments.testing import secrets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# AWS's SDK needs Python 3.10; where it cannot be installed there is nothing to test.
collect_ignore_glob = [] if find_spec("bedrock_agentcore") else ["test_*.py"]
with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # what the SDK and the frameworks use of each other
    for name in (
        "bedrock_agentcore.payments.manager",
        "bedrock_agentcore.payments.integrations.strands",
        "bedrock_agentcore.payments.integrations.langgraph",
    ):
        with contextlib.suppress(ImportError):  # the frameworks are optional
            import_module(name)

REGION = "us-west-2"
ROLE = "arn:aws:iam::123456789012:role/payments"
DISCOVERY = "https://idp.example.com/.well-known/openid-configuration"
USDC = "0x036CbD53842c5426634e7929541eC2318f3dCF7e"
PAY_TO = "0x209693Bc6afc0C5328bA36FaF03C514EF312287C"


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    moto = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    yield f"http://{host}:{port}"
    moto.stop()


@pytest.fixture(params=["mock_aws", "server"])
def emulator(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> Iterator[str]:
    """Run a test twice: in process, and over HTTP."""
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.setattr("boto3.DEFAULT_SESSION", None)
    if request.param == "mock_aws":
        with mock_aws():
            yield "mock_aws"
        return
    url: str = request.getfixturevalue("server")
    requests.post(f"{url}/moto-api/reset", timeout=5)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_ENDPOINT_URL", url)
    yield url


class Shop:
    """A payment manager with a connector, made with the SDK's PaymentClient."""

    def __init__(self) -> None:
        from bedrock_agentcore.payments.client import PaymentClient

        self.client = PaymentClient(region_name=REGION)
        made = self.client.create_payment_manager_with_connector(
            payment_manager_name="shop",
            payment_manager_description="a shop",
            authorizer_type="AWS_IAM",
            role_arn=ROLE,
            payment_connector_config={
                "name": "wallets",
                "description": "wallets of users",
                "payment_credential_provider_config": {
                    "name": "coinbase",
                    "credential_provider_vendor": "CoinbaseCDP",
                    "credentials": {
                        "api_key_id": "key-1",
                        "api_key_secret": secrets.coinbase_api_key_secret(),
                        "wallet_secret": secrets.coinbase_wallet_secret(),
                    },
                },
            },
            wait_for_ready=True,
            max_wait=5,
            poll_interval=0,
        )
        self.arn: str = made["paymentManager"]["paymentManagerArn"]
        self.manager_id: str = made["paymentManager"]["paymentManagerId"]
        self.connector: str = made["paymentConnector"]["paymentConnectorId"]

    def payments(self, **arguments: Any) -> Any:
        """Return the SDK's PaymentManager for this shop."""
        from bedrock_agentcore.payments.manager import PaymentManager

        return PaymentManager(self.arn, region_name=REGION, **arguments)


@pytest.fixture
def shop(emulator: str) -> Shop:
    return Shop()


@pytest.fixture
def wallet() -> Callable[..., str]:
    """Make an instrument with an SDK manager; return its id."""

    def make(payments: Any, connector: str, network: str = "ETHEREUM", **who: Any) -> str:
        made = payments.create_payment_instrument(
            payment_connector_id=connector,
            payment_instrument_type="EMBEDDED_CRYPTO_WALLET",
            payment_instrument_details={
                "embeddedCryptoWallet": {
                    "network": network,
                    "linkedAccounts": [{"email": {"emailAddress": "alice@example.com"}}],
                }
            },
            **who,
        )
        instrument_id: str = made["paymentInstrumentId"]
        return instrument_id

    return make


@pytest.fixture
def payment_required() -> Callable[..., dict[str, Any]]:
    """Make a merchant's 402, x402 version 1 or 2, on Base Sepolia."""

    def make(version: int = 2, amount: int = 10_000, network: str = "") -> dict[str, Any]:
        extra = {"name": "USDC", "version": "2"}
        common = {
            "scheme": "exact",
            "network": network or ("eip155:84532" if version == 2 else "base-sepolia"),
            "asset": USDC,
            "payTo": PAY_TO,
            "maxTimeoutSeconds": 60,
            "extra": extra,
        }
        if version == 1:
            accept = {
                **common,
                "maxAmountRequired": str(amount),
                "resource": "https://shop.example.com/joke",
                "description": "a joke",
                "mimeType": "application/json",
            }
            body = {"x402Version": 1, "accepts": [accept], "error": "payment required"}
            return {"statusCode": 402, "headers": {}, "body": body}
        document = {
            "x402Version": 2,
            "accepts": [{**common, "amount": str(amount)}],
            "resource": {"url": "https://shop.example.com/joke"},
        }
        header = base64.b64encode(json.dumps(document).encode()).decode()
        return {"statusCode": 402, "headers": {"payment-required": header}, "body": {}}

    return make


@pytest.fixture
def token() -> Callable[..., str]:
    """Make a JWT for a user."""

    def segment(members: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(members).encode()).rstrip(b"=").decode()

    def make(**claims: Any) -> str:
        return f"{segment({'alg': 'RS256'})}.{segment(claims)}.c2lnbmF0dXJl"

    return make


@pytest.fixture
def discovery() -> str:
    """The discovery URL of managers with a CUSTOM_JWT authorizer."""
    return DISCOVERY
