"""What one call inside ``mock_aws`` costs, beside one of moto's own on the same host.

moto's is ``list_events`` of an empty memory, the cheapest it has.

Run with AWS's own ``bedrock-agentcore`` client for both, so that only the emulators differ; calls
are interleaved, so that the machine's other work falls on all alike. Prints milliseconds a call
(median and quartiles) and the ratio to moto's ``list_events``; then what one session holds in
memory, and what activation adds to ``import moto``.

    python benchmarks/emulator_calls.py [rounds]
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
import tracemalloc
from typing import TYPE_CHECKING, Any

import boto3
from moto import mock_aws

if TYPE_CHECKING:
    from collections.abc import Callable

REGION = "us-west-2"
LIMITS = {"maxSpendAmount": {"value": "5.00", "currency": "USD"}}


def calls() -> dict[str, Callable[[], Any]]:
    """Return what is measured, moto's own call first."""
    control = boto3.client("bedrock-agentcore-control", region_name=REGION)
    data = boto3.client("bedrock-agentcore", region_name=REGION)
    event = {
        "memoryId": control.create_memory(name="notes", eventExpiryDuration=30)["memory"]["id"],
        "actorId": "actor",
        "sessionId": "session",
    }
    owner = {
        "paymentManagerArn": control.create_payment_manager(
            name="shop",
            authorizerType="AWS_IAM",
            roleArn="arn:aws:iam::123456789012:role/payments",
        )["paymentManagerArn"],
        "userId": "alice",
    }

    def create() -> Any:
        return data.create_payment_session(expiryTimeInMinutes=60, limits=LIMITS, **owner)

    session = create()["paymentSession"]["paymentSessionId"]
    return {
        "moto: list_events": lambda: data.list_events(**event),
        "get_payment_session": lambda: data.get_payment_session(paymentSessionId=session, **owner),
        "create_payment_session": create,
        "list_payment_sessions (1)": lambda: data.list_payment_sessions(maxResults=1, **owner),
    }


def time_calls(rounds: int) -> None:
    """Print the table of calls."""
    measured = calls()
    times: dict[str, list[float]] = {name: [] for name in measured}
    for turn in range(rounds + 50):
        for name, call in measured.items():
            begin = time.perf_counter()
            call()
            if turn >= 50:  # noqa: PLR2004 - caches are warm by then
                times[name].append((time.perf_counter() - begin) * 1000)
    base = statistics.median(times["moto: list_events"])
    print(f"{'call':28} {'median ms':>9} {'quartiles':>15} {'ratio':>6}")
    for name, values in times.items():
        low, median, high = statistics.quantiles(values, n=4)
        print(f"{name:28} {median:9.3f} {low:7.3f}-{high:.3f} {median / base:6.2f}")


def weigh_sessions(count: int = 20_000) -> None:
    """Print the memory that one more session holds, remembered answer included."""
    from boto3_agentcore_payments.emulator.backend.models import payments_backends
    from boto3_agentcore_payments.emulator.engine.operations import perform

    state = payments_backends["123456789012"]["eu-west-1"].state
    manager = perform(
        state,
        "CreatePaymentManager",
        {
            "name": "shop",
            "authorizerType": "AWS_IAM",
            "roleArn": "arn:aws:iam::123456789012:role/p",
        },
    )
    params = {
        "paymentManagerArn": manager["paymentManagerArn"],
        "userId": "alice",
        "expiryTimeInMinutes": 60,
        "limits": LIMITS,
    }
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    for number in range(count):
        perform(state, "CreatePaymentSession", {**params, "clientToken": f"{number:040}"})
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    print(f"memory: {(after - before) / count:.0f} bytes a session ({count} sessions)")


def time_import(repeats: int = 15) -> None:
    """Print what activation adds to ``import moto``, in processes of their own."""
    code = (
        "import boto3, responses, time; begin = time.perf_counter(); import moto; "
        "print(time.perf_counter() - begin)"
    )
    times: dict[str, list[float]] = {"0": [], "1": []}
    for _ in range(repeats):
        for switch, values in times.items():
            environment = {**os.environ, "BOTO3_AGENTCORE_PAYMENTS_AUTOLOAD": switch}
            output = subprocess.check_output([sys.executable, "-c", code], env=environment)
            values.append(float(output) * 1000)
    off, on = (statistics.median(values) for values in times.values())
    print(f"import moto: {off:.1f} ms without activation, {on:.1f} ms with it")


if __name__ == "__main__":
    with mock_aws():
        time_calls(int(sys.argv[1]) if len(sys.argv) > 1 else 400)
        weigh_sessions()
    time_import()
