"""Measure what observing calls costs when nobody reads the metrics, logs and spans.

Run: ``python benchmarks/observing.py``. One process, inside ``mock_aws``; calls with and without
the observer alternate, so that the machine's other work falls on both alike; medians are compared.
"""

from __future__ import annotations

import statistics
import time
from typing import Any

import boto3
from moto import mock_aws

from boto3_agentcore_payments.emulator import install
from boto3_agentcore_payments.emulator.backend.models import payments_backends

ACCOUNT, REGION = "123456789012", "us-west-2"
WARM_UP, CALLS = 100, 3_000


def shop() -> tuple[Any, dict[str, Any]]:
    """Return a client, and what names a session."""
    control = boto3.client("bedrock-agentcore-payments-control", region_name=REGION)
    payments = boto3.client("bedrock-agentcore-payments", region_name=REGION)
    role = f"arn:aws:iam::{ACCOUNT}:role/payments"
    manager = control.create_payment_manager(name="shop", authorizerType="AWS_IAM", roleArn=role)
    named = {"paymentManagerArn": manager["paymentManagerArn"], "userId": "alice"}
    opened = payments.create_payment_session(expiryTimeInMinutes=60, **named)["paymentSession"]
    return payments, {**named, "paymentSessionId": opened["paymentSessionId"]}


def main() -> None:
    """Print both medians and their ratio."""
    install()
    observed: list[float] = []
    alone: list[float] = []
    with mock_aws():
        payments, named = shop()
        backend = payments_backends[ACCOUNT][REGION]
        for turn in range(WARM_UP + CALLS):
            for times, listen in ((observed, True), (alone, False)):
                if not listen:
                    backend.state.listeners.remove(backend.observer)
                began = time.perf_counter()
                payments.get_payment_session(**named)
                ended = time.perf_counter()
                if not listen:
                    backend.state.listeners.add(backend.observer)
                if turn >= WARM_UP:
                    times.append((ended - began) * 1_000_000)
    with_it, without = statistics.median(observed), statistics.median(alone)
    print(f"GetPaymentSession, observed:     {with_it:7.1f} us")
    print(f"GetPaymentSession, not observed: {without:7.1f} us")
    print(f"ratio:                           {with_it / without:7.3f}")


if __name__ == "__main__":
    main()
