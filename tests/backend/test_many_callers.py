"""Many threads through boto3, and many sessions in memory."""

from __future__ import annotations

import gc
import subprocess
import sys
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

THREADS = 64
REFUSAL = ("ValidationException", "Insufficient budget")
NO_RETRIES = Config(retries={"total_max_attempts": 1}, max_pool_connections=THREADS)


def _available(world: Any, arn: str, session: str) -> Decimal:
    found = world.data.get_payment_session(
        paymentManagerArn=arn, userId="alice", paymentSessionId=session
    )["paymentSession"]
    return Decimal(found["availableLimits"]["availableSpendAmount"]["value"])


@pytest.mark.parametrize(
    ("budget", "price"), [("1.00", 30_001), ("0.10", 3_333), ("0.000007", 2), ("5", 1_000_000)]
)
def test_threads_spend_a_session_to_the_last_payment(
    make_world: Any, budget: str, price: int
) -> None:
    world = make_world(config=NO_RETRIES)
    arn = world.manager()
    instrument = world.instrument(arn, world.connector(arn))
    session = world.session(arn, limit=budget)

    def pay(_: int) -> bool:
        try:
            world.pay(arn, session, instrument, price)
        except ClientError as error:
            refused = error.response["Error"]
            if (refused["Code"], refused["Message"][:19]) != REFUSAL:
                raise
            return False
        return True

    with ThreadPoolExecutor(THREADS) as pool:
        paid = sum(pool.map(pay, range(THREADS)))
    units = int(Decimal(budget) * 1_000_000)
    assert paid == min(units // price, THREADS)
    assert _available(world, arn, session) == Decimal(units - paid * price) / 1_000_000


def test_threads_with_shared_tokens_are_charged_once_a_token(make_world: Any) -> None:
    world = make_world(config=NO_RETRIES)
    arn = world.manager()
    instrument = world.instrument(arn, world.connector(arn))
    session = world.session(arn, limit="1.00")
    tokens = [f"{number:040}" for number in range(4)]

    def pay(number: int) -> str:
        token = tokens[number % len(tokens)]
        answer = world.pay(arn, session, instrument, 30_001, clientToken=token)
        payment_id: str = answer["processPaymentId"]
        return payment_id

    with ThreadPoolExecutor(THREADS) as pool:
        payments = set(pool.map(pay, range(THREADS)))
    assert len(payments) == len(tokens)
    assert _available(world, arn, session) == Decimal("1.00") - 4 * Decimal("0.030001")


def test_session_takes_less_than_two_kilobytes(world: Any) -> None:
    arn = world.manager()
    for _ in range(20):  # whatever grows once
        world.session(arn)
    count = 200
    tracemalloc.start()
    try:
        gc.collect()
        before, _ = tracemalloc.get_traced_memory()
        for _ in range(count):
            world.session(arn)
        gc.collect()  # boto3's own leftovers
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (after - before) / count < 2048


HALF_IMPORTED = """
import importlib.machinery, sys, threading, time

started = threading.Event()

class Slow(importlib.machinery.SourceFileLoader):
    def exec_module(self, module):
        started.set()
        time.sleep(0.3)
        super().exec_module(module)

class Finder:
    def find_spec(self, name, path, target=None):
        if name != "moto.iam.models":
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        spec.loader = Slow(name, spec.origin)
        return spec

from boto3_agentcore_payments.emulator.backend import identity

assert "moto.iam.models" not in sys.modules
sys.meta_path.insert(0, Finder())
threading.Thread(target=__import__, args=("moto.iam.models",)).start()
started.wait()
scope = identity.Scope("AKIAEXAMPLE", "us-west-2")
identity.note_visit("123456789012", scope, "us-west-2")
print(identity.account({}, scope))
"""


def test_a_call_while_moto_s_iam_is_being_imported_is_answered() -> None:
    command = [sys.executable, "-c", HALF_IMPORTED]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ran.stdout, ran.stderr) == ("123456789012\n", "")
