"""Measure what the wire layer adds to one call of the engine.

Prints microseconds per call, the best of several rounds; ``json`` is the lower bound: reading
and writing the same texts with nothing in between.
"""

from __future__ import annotations

import itertools
import json
import time
import uuid
from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.emulator.engine import operations
from boto3_agentcore_payments.emulator.engine.state import PaymentsState
from boto3_agentcore_payments.emulator.wire import calls, definitions
from boto3_agentcore_payments.emulator.wire.http import (
    CaseInsensitiveHeaders,
    WireRequest,
    WireResponse,
)

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 7
CALLS = 2000
ACCOUNT = "123456789012"
USER = CaseInsensitiveHeaders({"X-Amzn-Bedrock-AgentCore-Payments-User-Id": "alice"})


def request(name: str, body: dict[str, Any]) -> WireRequest:
    """Return a request for an operation without URI labels."""
    operation = definitions.operations()[name]
    return WireRequest(operation.method, operation.uri, "", USER, json.dumps(body).encode())


def answer(request: WireRequest, state: PaymentsState) -> WireResponse:
    """Answer a request as a transport does."""
    route = definitions.find(request.method, request.path)
    assert route is not None  # noqa: S101 - what is measured are operations
    return calls.Call(route, request).answer(state)


def microseconds(call: Callable[[], object]) -> float:
    """Return the time of one call, in the best of several rounds."""
    best = float("inf")
    for _ in range(ROUNDS):
        started = time.perf_counter()
        for _ in itertools.repeat(None, CALLS):
            call()
        best = min(best, (time.perf_counter() - started) / CALLS)
    return best * 1e6


def main() -> None:
    """Measure and print."""
    state = PaymentsState(ACCOUNT, "us-east-1")
    started = time.perf_counter()
    definitions.operations()
    loaded = time.perf_counter()
    manager = answer(
        request(
            "CreatePaymentManager",
            {
                "name": "demo",
                "authorizerType": "AWS_IAM",
                "roleArn": f"arn:aws:iam::{ACCOUNT}:role/payments",
            },
        ),
        state,
    )
    arn = json.loads(manager.body)["paymentManagerArn"]
    body = {
        "paymentManagerArn": arn,
        "expiryTimeInMinutes": 60,
        "limits": {"maxSpendAmount": {"value": "5.00", "currency": "USD"}},
    }
    create = request("CreatePaymentSession", {**body, "clientToken": str(uuid.uuid4())})
    params = {**json.loads(create.body), "userId": "alice"}
    made = answer(create, state)
    malformed = request("CreatePaymentSession", {**body, "expiryTimeInMinutes": 481, "x": 1})

    def floor() -> object:
        return json.dumps(json.loads(made.body)), json.loads(create.body)

    # With a token already used the engine only recalls, so that what is left is the wire layer.
    whole = microseconds(lambda: answer(create, state))
    engine = microseconds(lambda: operations.perform(state, "CreatePaymentSession", params))
    rows = (
        ("both definitions, once", (loaded - started) * 1e6),
        ("CreatePaymentSession, answer", whole),
        ("CreatePaymentSession, engine alone (token known)", engine),
        ("CreatePaymentSession, wire", whole - engine),
        ("CreatePaymentSession, json", microseconds(floor)),
        ("CreatePaymentSession, refused", microseconds(lambda: answer(malformed, state))),
    )
    for label, cost in rows:
        print(f"{label:<52}{cost:>10.1f} us")


if __name__ == "__main__":
    main()
