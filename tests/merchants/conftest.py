"""An agent with AWS's SDK, inside ``mock_aws``, and the shops it buys from."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto import mock_aws
from ready_shop import ClientShop

from boto3_agentcore_payments.emulator.control import PaymentsControl

if TYPE_CHECKING:
    from collections.abc import Iterator

    import requests

# x402 takes Python 3.10, as AWS's SDK does, and pympp 3.11.
collect_ignore_glob: list[str] = []
if sys.version_info < (3, 10):
    collect_ignore_glob += ["test_*.py"]
elif sys.version_info < (3, 11):
    collect_ignore_glob += ["test_mpp_*.py"]

REGION = "us-east-1"
USER = "alice"


class Agent:
    """One user's wallets and session, and AWS's SDK to pay with.

    Args:
        limit: Budget of the session, in USD.
        endpoint_url: Where the emulator listens; in this process if not given.
    """

    def __init__(self, limit: str = "0.05", endpoint_url: str | None = None) -> None:
        arguments: dict[str, Any] = {"region_name": REGION, "endpoint_url": endpoint_url}
        self._shop = ClientShop(REGION, endpoint_url=endpoint_url)
        self.data = self._shop.data
        self.arn = self._shop.manager("market")
        self.connector = self._shop.connector(self.arn)
        self.instruments = {
            name: self._shop.instrument(self.arn, self.connector, USER, name)
            for name in ("ETHEREUM", "SOLANA")
        }
        from bedrock_agentcore.payments import PaymentManager

        self.sdk = PaymentManager(payment_manager_arn=self.arn, region_name=REGION)
        if endpoint_url is not None:
            self.sdk._payment_client = boto3.client("bedrock-agentcore", **arguments)
        self.session = self.open_session(limit)

    def open_session(self, limit: str) -> str:
        """Open a session with a budget in USD; return its id."""
        return self._shop.session(self.arn, USER, limit)

    def remaining(self) -> str:
        """Return what is left of the session's budget, in USD."""
        got = self.data.get_payment_session(
            paymentManagerArn=self.arn, paymentSessionId=self.session, userId=USER
        )
        left: str = got["paymentSession"]["availableLimits"]["availableSpendAmount"]["value"]
        return left

    def header(self, unpaid: requests.Response, wallet: str, **options: Any) -> dict[str, str]:
        """Return the header with which AWS's SDK answers a 402."""
        headers: dict[str, str] = self.sdk.generate_payment_header(
            user_id=USER,
            payment_instrument_id=self.instruments[wallet],
            payment_session_id=self.session,
            payment_required_request={
                "statusCode": unpaid.status_code,
                "headers": dict(unpaid.headers),
                "body": unpaid.text,
            },
            **options,
        )
        return headers


@pytest.fixture
def new_agent() -> type[Agent]:
    """What makes an agent, for emulators elsewhere."""
    return Agent


@pytest.fixture
def agent(monkeypatch: pytest.MonkeyPatch) -> Iterator[Agent]:
    """An agent with a budget of five cents and empty wallets."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    with mock_aws():
        yield Agent()


@pytest.fixture
def control(agent: Agent) -> PaymentsControl:
    """The control surface of the agent's emulator."""
    del agent
    return PaymentsControl(region=REGION)
