"""``agentcore-payments demo``, run as its user runs it."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import botocore
import pytest

from boto3_agentcore_payments.loader import takes_additions

pytest.importorskip("x402", reason="the merchants' x402 library needs Python 3.10")


@pytest.fixture(scope="module")
def demonstration() -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "AWS_PROFILE": "somebody-elses",
        "AWS_REGION": "eu-west-1",
        "HTTP_PROXY": "http://127.0.0.1:9",
        "http_proxy": "http://127.0.0.1:9",
    }
    return subprocess.run(
        [sys.executable, "-m", "boto3_agentcore_payments", "demo"],
        capture_output=True,
        text=True,
        timeout=120,
        env=environment,
        check=False,
    )


def payments(demonstration: subprocess.CompletedProcess[str]) -> list[list[str]]:
    """Return the rows of the table at the end: number, protocol, price, outcome, HTTP, left."""
    rows = re.findall(r"^  (\d+ .*)$", demonstration.stdout, re.MULTILINE)
    return [row.split() for row in rows]


def test_demo_ends_well_whatever_account_the_machine_is_set_up_for(
    demonstration: subprocess.CompletedProcess[str],
) -> None:
    assert (demonstration.returncode, demonstration.stderr) == (0, "")


def test_demo_pays_until_the_budget_refuses(
    demonstration: subprocess.CompletedProcess[str],
) -> None:
    *paid, refused = payments(demonstration)

    assert [row[3:5] for row in paid] == [["paid", "200"]] * len(paid)
    assert len(paid) >= 2
    assert refused[3:5] == ["refused", "402"]


def test_demo_shows_what_is_left_of_the_budget_after_each_payment(
    demonstration: subprocess.CompletedProcess[str],
) -> None:
    left = 5
    for _, _, price, outcome, _, shown in payments(demonstration):
        left -= int(price.replace("0.0", "")) if outcome == "paid" else 0
        assert shown == (f"0.0{left}" if left else "0")


def test_demo_shows_the_services_errors(demonstration: subprocess.CompletedProcess[str]) -> None:
    assert "must not exceed 10000. Received: 10000.01" in demonstration.stdout
    assert "Parameter validation failed" in demonstration.stdout
    assert "Insufficient budget for session payment-session-" in demonstration.stdout


def test_demo_shows_that_a_settled_proof_is_refused(
    demonstration: subprocess.CompletedProcess[str],
) -> None:
    assert "the first proof once more: 402" in demonstration.stdout


@pytest.mark.skipif(
    not takes_additions(botocore.__version__),
    reason="this botocore's own models do not know payments on the AWS bill",
)
def test_demo_shows_usdc_and_the_bill_apart(
    demonstration: subprocess.CompletedProcess[str],
) -> None:
    assert re.search(r"merchant took: 0\.01 USD, sales: 1$", demonstration.stdout, re.MULTILINE)
    assert "on the AWS bill: 0.01 USD" in demonstration.stdout
    assert "merchant took: 0.02 USDC, sales: 1" in demonstration.stdout
