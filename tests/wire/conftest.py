"""What the wire tests share: an engine that only records, and a way to send one request."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import pytest

from boto3_agentcore_payments.emulator.engine.events import Listeners
from boto3_agentcore_payments.emulator.engine.faults import FaultPlan
from boto3_agentcore_payments.emulator.wire import calls, definitions
from boto3_agentcore_payments.emulator.wire.http import (
    CaseInsensitiveHeaders,
    WireRequest,
    WireResponse,
)

ROOT = Path(__file__).resolve().parents[2]
for directory in (ROOT / "tools", ROOT / "tests" / "strategies", ROOT / "tests" / "wire"):
    if str(directory) not in sys.path:
        sys.path.insert(0, str(directory))

USER = "X-Amzn-Bedrock-AgentCore-Payments-User-Id"


class RecordingEngine:
    """Stands in for the engine: remembers parameters, answers or raises what it is told."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.result: dict[str, Any] = {}
        self.error: Exception | None = None

    def perform(
        self, _state: Any, name: str, params: dict[str, Any], *, request_id: str
    ) -> dict[str, Any]:
        assert request_id
        self.calls.append((name, params))
        if self.error is not None:
            raise self.error
        return self.result

    @property
    def params(self) -> dict[str, Any]:
        """The parameters of the only call."""
        ((_, params),) = self.calls
        return params


class Reply:
    """An answer, read as a client reads it."""

    def __init__(self, response: WireResponse) -> None:
        self.response = response
        self.status = response.status
        self.code = response.headers.get("x-amzn-ErrorType")
        self.body = json.loads(response.body) if response.body else None

    @property
    def fields(self) -> dict[str, str]:
        """The field list of a ValidationException."""
        return {field["name"]: field["message"] for field in self.body.get("fieldList", [])}

    @property
    def reason(self) -> str:
        """The reason of a ValidationException."""
        return str(self.body["reason"])


class Sender:
    """Sends requests to the wire layer."""

    def __init__(self) -> None:
        self.state = SimpleNamespace(faults=FaultPlan(), listeners=Listeners())

    def __call__(
        self,
        operation_name: str,
        body: Any = None,
        *,
        labels: dict[str, str] | None = None,
        query: str = "",
        headers: dict[str, Any] | None = None,
        user_from_token: str | None = None,
    ) -> Reply:
        operation = definitions.operations()[operation_name]
        path = operation.uri
        for name, value in (labels or {}).items():
            path = path.replace(f"{{{name}}}", quote(value, safe=""))
        if body is None:
            raw = b""
        else:
            raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        request = WireRequest(
            operation.method, path, query, CaseInsensitiveHeaders(headers or {}), raw
        )
        route = definitions.find(operation.method, path)
        call = calls.Call(route, request)
        return Reply(call.answer(self.state, user_from_token=user_from_token))


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> RecordingEngine:
    """An engine that records."""
    recording = RecordingEngine()
    monkeypatch.setattr(calls.operations, "perform", recording.perform)
    return recording


@pytest.fixture
def sender() -> Sender:
    """Send to the real engine; the test sets the state."""
    return Sender()


@pytest.fixture
def send(engine: RecordingEngine) -> Sender:
    """Send to the recording engine."""
    del engine
    return Sender()


@pytest.fixture
def session() -> dict[str, Any]:
    """The body of a valid CreatePaymentSession request."""
    return {
        "paymentManagerArn": "arn:aws:bedrock-agentcore:us-east-1:123456789012"
        ":payment-manager/demo-0123456789",
        "expiryTimeInMinutes": 60,
        "clientToken": "3f0f9c1e-5d2b-4d0f-9d53-6f0f5a3b2c1d",
        "limits": {"maxSpendAmount": {"value": "5.00", "currency": "USD"}},
    }


@pytest.fixture
def instrument() -> dict[str, Any]:
    """The body of a valid CreatePaymentInstrument request."""
    return {
        "paymentManagerArn": "arn:aws:bedrock-agentcore:us-east-1:123456789012"
        ":payment-manager/demo-0123456789",
        "paymentConnectorId": "wallets-0123456789",
        "paymentInstrumentType": "EMBEDDED_CRYPTO_WALLET",
        "paymentInstrumentDetails": {
            "embeddedCryptoWallet": {
                "network": "ETHEREUM",
                "linkedAccounts": [{"email": {"emailAddress": "alice@example.com"}}],
            }
        },
    }


@pytest.fixture
def payment() -> dict[str, Any]:
    """The body of a ProcessPayment request the model allows."""
    return {
        "paymentManagerArn": "arn:aws:bedrock-agentcore:us-east-1:123456789012"
        ":payment-manager/demo-0123456789",
        "paymentSessionId": "payment-session-0123456789abcde",
        "paymentInstrumentId": "payment-instrument-0123456789abcde",
        "paymentType": "CRYPTO_X402",
        "paymentInput": {"cryptoX402": {"version": "1", "payload": {"amount": "10000"}}},
    }


@pytest.fixture
def world(sender: Sender) -> Any:
    """A state with one resource of every kind."""
    from wire_world import World

    return World(sender)
