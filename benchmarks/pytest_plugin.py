"""What the pytest plugin costs: a first payment beside an SQS queue, and a suite without it.

Each round is a test of each kind in one pytest process, in turns, so that the machine's other work
falls on all alike; the first rounds, in which everything is imported, do not count. Times are
processor time of all threads, a merchant's too, from a test's set-up to its tear-down.

A suite that uses nothing of the plugin is run with it and without, in processes of their own.

    python benchmarks/pytest_plugin.py [rounds]
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest

WARM_UP = 3
QUIET = ["-q", "--no-header", "-p", "no:asyncio"]
QUEUE, PAYMENT, PURCHASE = "an SQS queue", "set-up and one payment", "the same at a merchant"
SUITE = """
import boto3
import pytest
from moto import mock_aws


@pytest.fixture
def aws():
    with mock_aws():
        yield


REQUIREMENT = {
    "scheme": "exact",
    "network": "eip155:84532",
    "amount": "10000",
    "asset": "0x036CbD53842c5426634e7929541eC2318f3dCF7e",
    "payTo": "0x209693Bc6afc0C5328bA36FaF03C514EF312287C",
    "maxTimeoutSeconds": 60,
    "extra": {"name": "USDC", "version": "2"},
}


@pytest.mark.parametrize("turn", range(TURNS))
class TestTurns:
    def test_queue(self, turn, aws):
        boto3.client("sqs", region_name="us-east-1").create_queue(QueueName="queue")

    def test_payment(self, turn, agentcore_payments):
        agentcore_payments.client.process_payment(
            paymentManagerArn=agentcore_payments.manager_arn,
            paymentSessionId=agentcore_payments.session_id,
            paymentInstrumentId=agentcore_payments.instrument_id,
            userId=agentcore_payments.user_id,
            paymentType="CRYPTO_X402",
            paymentInput={"cryptoX402": {"version": "2", "payload": REQUIREMENT}},
        )
        agentcore_payments.assert_paid("0.01", times=1)

    def test_purchase(self, turn, agentcore_payments, x402_merchant):
        shop = x402_merchant(price="0.01")
        agentcore_payments.payer.pay(shop.url)
        agentcore_payments.assert_paid("0.01", to=shop.pay_to, times=1)
"""
KINDS = {"test_queue": QUEUE, "test_payment": PAYMENT, "test_purchase": PURCHASE}
OTHER_SUITE = """
import pytest


@pytest.mark.parametrize("number", range(1000))
def test_other(number, tmp_path_factory):
    assert number >= 0
"""


class Times:
    """Measures the processor time of each test, its set-up and tear-down included."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Any:
        """Run a test between two looks at the clock."""
        begin = time.process_time()
        result = yield
        self.seconds[item.nodeid] = time.process_time() - begin
        return result

    def pytest_runtest_logreport(self, report: Any) -> None:
        """End at the first failure: a figure of it would mean nothing."""
        if report.failed:
            raise SystemExit(report.longreprtext)


def measure_first_payment(directory: Path, rounds: int) -> None:
    """Print milliseconds a test and the ratio to the SQS queue's."""
    suite = directory / "test_turns.py"
    turns = rounds + WARM_UP
    suite.write_text(SUITE.replace("TURNS", str(turns)))
    times = Times()
    pytest.main([*QUIET, f"--rootdir={directory}", str(suite)], [times])
    taken: dict[str, list[float]] = {kind: [] for kind in KINDS.values()}
    for node, seconds in times.seconds.items():
        test, _, turn = node.rpartition("::")[2].rstrip("]").partition("[")
        if int(turn) >= WARM_UP:
            taken[KINDS[test]].append(seconds * 1000)
    base = statistics.median(taken[QUEUE])
    print(f"{'a test that makes':28} {'median ms':>9} {'quartiles':>15} {'ratio':>6}")
    for kind, values in taken.items():
        low, median, high = statistics.quantiles(values, n=4)
        print(f"{kind:28} {median:9.1f} {low:7.1f}-{high:.1f} {median / base:6.2f}")


def measure_other_suite(directory: Path, repeats: int) -> None:
    """Print the processor time of a suite of 1000 tests without the plugin and with it."""
    suite = directory / "test_other.py"
    suite.write_text(OTHER_SUITE)
    ways = {"without the plugin": ["-p", "no:agentcore_payments"], "with it": []}
    taken: dict[str, list[float]] = {way: [] for way in ways}
    for turn in range(repeats + 1):
        for way, options in ways.items():
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            subprocess.run(
                [sys.executable, "-m", "pytest", *QUIET, f"--rootdir={directory}", *options, suite],
                check=True,
                stdout=subprocess.DEVNULL,
                env={**os.environ, "PYTHONDONTWRITEBYTECODE": ""},
            )
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            if turn:  # the first one compiles
                spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
                taken[way].append(spent * 1000)
    print("1000 tests that use nothing of it, processor ms:")
    for way, values in taken.items():
        low, median, high = statistics.quantiles(values, n=4)
        print(f"{way:28} {median:9.1f} {low:7.1f}-{high:.1f}")


if __name__ == "__main__":
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    with tempfile.TemporaryDirectory() as made:
        measure_first_payment(Path(made), number)
        measure_other_suite(Path(made), max(5, number // 3))
