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
    collect_ignore_glob += ["test_mpp_*.py", "test_solana_charge.py", "test_malformed_payments.py"]

REGION = "us-east-1"
USER = "alice"


class Agent(ClientShop):
    """One user's wallets and session, and AWS's SDK to pay with.

    Args:
        limit: Budget of the session, in USD.
        endpoint_url: Where the emulator listens; in this process if not given.
    """

    def __init__(self, limit: str = "0.05", endpoint_url: str | None = None) -> None:
        super().__init__(region=REGION, endpoint_url=endpoint_url)
        self.arn = self.manager("market")
        manager_id = self.arn.rpartition("/")[2]
        self.control.get_payment_manager(paymentManagerId=manager_id)
        self.connector_id = self.connector(self.arn, vendor="StripePrivy")
        self.control.get_payment_connector(
            paymentManagerId=manager_id, paymentConnectorId=self.connector_id
        )
        self.instruments = {name: self._active_instrument(name) for name in ("ETHEREUM", "SOLANA")}
        from bedrock_agentcore.payments import PaymentManager

        self.sdk = PaymentManager(payment_manager_arn=self.arn, region_name=REGION)
        if endpoint_url is not None:
            self.sdk._payment_client = boto3.client(
                "bedrock-agentcore", region_name=REGION, endpoint_url=endpoint_url
            )
        self.session_id = self.session(self.arn, USER, limit)

    def _active_instrument(self, network: str) -> str:
        instrument = self.instrument(self.arn, self.connector_id, USER, network)
        self.data.get_payment_instrument(
            paymentManagerArn=self.arn, paymentInstrumentId=instrument, userId=USER
        )
        return instrument

    def remaining(self) -> str:
        """Return what is left of the session's budget, in USD."""
        got = self.data.get_payment_session(
            paymentManagerArn=self.arn, paymentSessionId=self.session_id, userId=USER
        )
        left: str = got["paymentSession"]["availableLimits"]["availableSpendAmount"]["value"]
        return left

    def process(
        self, payment_type: str, payment_input: dict[str, Any], wallet: str = "ETHEREUM"
    ) -> dict[str, Any]:
        """Have a payment signed; return its ``paymentOutput``."""
        answer = self.data.process_payment(
            paymentManagerArn=self.arn,
            paymentSessionId=self.session_id,
            paymentInstrumentId=self.instruments[wallet],
            paymentType=payment_type,
            paymentInput=payment_input,
            userId=USER,
        )
        output: dict[str, Any] = answer["paymentOutput"]
        return output

    def header(self, unpaid: requests.Response, wallet: str, **options: Any) -> dict[str, str]:
        """Return the header with which AWS's SDK answers a 402."""
        headers: dict[str, str] = self.sdk.generate_payment_header(
            user_id=USER,
            payment_instrument_id=self.instruments[wallet],
            payment_session_id=self.session_id,
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
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    with mock_aws():
        yield Agent()


@pytest.fixture
def control(agent: Agent) -> PaymentsControl:
    """The control surface of the agent's emulator."""
    del agent
    return PaymentsControl(region=REGION)
