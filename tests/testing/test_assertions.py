"""Assertions over attempts, and the table that a failed one shows."""

from __future__ import annotations

from datetime import datetime, timezone
from decimal import Decimal
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boto3_agentcore_payments.emulator.engine.attempts import Attempt
from boto3_agentcore_payments.testing import TestOptionError, agentcore_payments
from boto3_agentcore_payments.testing.assertions import (
    Expected,
    address,
    check,
    check_nothing_paid,
    check_times,
    table,
)
from boto3_agentcore_payments.testing.options import Options, money

PAYEE = "0x209693Bc6afc0C5328bA36FaF03C514EF312287C"
BUDGET = "Insufficient budget for session payment-session-1. Pending amount: 0 USD"


def attempt(**members):
    defaults = {
        "time": datetime(2026, 11, 28, 12, 0, 1, tzinfo=timezone.utc),
        "user": "alice",
        "agent": None,
        "amount": "0.02",
        "payee": PAYEE,
        "network": "eip155:84532",
        "outcome": "signed",
    }
    return Attempt(**{**defaults, **members})


def refused(**members):
    said = {"reason": BUDGET, "error_code": "ValidationException"}
    return attempt(outcome="refused", **{**said, **members})


def test_failure_says_what_was_expected_what_came_nearest_and_all_that_happened():
    happened = [attempt(outcome="settled"), refused(agent="shopper", amount="0.30")]
    expected = Expected(refused=False, amount="0.03", to=PAYEE)
    assert check(expected, 1, happened, "").splitlines() == [
        f"expected exactly 1 payment of 0.03 USD to {PAYEE}, but there was none.",
        "The nearest is #1: its amount is 0.02 and not 0.03.",
        "What happened, newest last:",
        (
            "  #  time      user   agent    USD   payee                                       "
            "network       outcome  reason"
        ),
        f"  1  12:00:01  alice  -        0.02  {PAYEE}  eip155:84532  settled  -",
        f"  2  12:00:01  alice  shopper  0.30  {PAYEE}  eip155:84532  refused  {BUDGET}",
    ]


@pytest.mark.parametrize(
    ("expected", "times", "said"),
    [
        (Expected(refused=False, amount="0.020"), 1, None),
        (Expected(refused=False, to=PAYEE.upper().replace("0X", "0x")), None, None),
        (Expected(refused=False, settled=True), 0, None),
        (Expected(refused=True, reason="BUDGET"), 1, None),
        (Expected(refused=True, reason="over budget"), 1, None),
        (Expected(refused=True, reason="ValidationException"), 1, None),
        (
            Expected(refused=False),
            2,
            "expected exactly 2 payments, but there was 1.",
        ),
        (
            Expected(refused=False, settled=True),
            None,
            (
                "expected at least 1 payment that was settled, but there was none.\n"
                "The nearest is #1: it was signed and not settled."
            ),
        ),
        (
            Expected(refused=True, reason="grant missing"),
            None,
            (
                "expected at least 1 refusal for the reason 'grant missing', but there was none.\n"
                "The nearest is #2: its reason does not say 'grant missing'."
            ),
        ),
        (
            Expected(refused=False, user="bob", network="eip155:8453"),
            1,
            (
                "expected exactly 1 payment by bob on eip155:8453, but there was none.\n"
                "The nearest is #1: its user is alice and not bob, and its network is eip155:84532 "
                "and not eip155:8453."
            ),
        ),
    ],
)
def test_attempts_are_compared_as_people_would(expected, times, said):
    answer = check(expected, times, [attempt(), refused()], "")
    assert (answer and answer.partition("\nWhat happened")[0]) == said


def test_nothing_paid_counts_what_was_signed():
    assert check_nothing_paid([refused()], "") is None
    said = check_nothing_paid([refused(), attempt()], "")
    assert said.startswith("expected that nothing was paid, but 1 payment went out.\nWhat happened")


def test_addresses_of_other_chains_differ_by_case():
    solana = "4zMMC9srt5Ri5X14GAgXhaHii3GnPAEERYPJgZJDncDU"
    expected = Expected(refused=False, to=solana.lower())
    assert expected.differences(attempt(payee=solana))


def test_table_shows_the_newest_and_says_of_how_many():
    lines = table([attempt(user=f"user{number}") for number in range(30)])
    assert lines[0] == "What happened, newest last (the last 20 of 30 attempts):"
    assert len(lines) == 22
    assert lines[-1].split()[:3] == ["30", "12:00:01", "user29"]


def test_long_or_broken_texts_stay_on_one_short_line():
    (_, _, row) = table([refused(reason="one\ntwo " + "x" * 500)])
    assert "one two xxx" in row
    assert row.endswith("…")
    assert len(row) < 230


def test_without_attempts_the_region_that_has_some_is_named():
    with agentcore_payments(region="us-west-2") as payments:
        other = agentcore_payments(region="eu-west-1")
        with other as elsewhere, pytest.raises(elsewhere.client.exceptions.ClientError):
            elsewhere.client.process_payment(
                paymentManagerArn=elsewhere.manager_arn,
                paymentSessionId=elsewhere.session_id,
                paymentInstrumentId=elsewhere.instrument_id,
                userId="alice",
                paymentType="CRYPTO_X402",
                paymentInput={"cryptoX402": {"version": "2", "payload": {}}},
            )
        with pytest.raises(AssertionError) as failed:
            payments.assert_paid()
    assert str(failed.value).splitlines() == [
        "expected at least 1 payment, but there was none.",
        "No attempt to pay reached ProcessPayment.",
        (
            "There were attempts in eu-west-1 of account 123456789012: this account is "
            "123456789012 in us-west-2."
        ),
    ]


def test_merchant_in_place_of_its_address_is_an_error_that_says_so():
    with pytest.raises(TypeError, match="to must be an address, not SimpleNamespace; write its "):
        address(SimpleNamespace(pay_to=PAYEE))


@pytest.mark.parametrize(
    ("times", "error"), [("1", TypeError), (True, TypeError), (1.0, TypeError), (-1, ValueError)]
)
def test_times_is_a_whole_number(times, error):
    with pytest.raises(error, match="times must be"):
        check_times(times)


@given(st.decimals(min_value=0, max_value=10**9, places=8))
def test_money_is_read_exactly(amount):
    assert Decimal(money(amount, "it")) == amount
    assert money(str(f"{amount:f}"), "it") == f"{amount:f}"


@given(st.one_of(st.floats(), st.booleans(), st.none(), st.from_regex(r"[-+eE ]+")))
def test_money_is_never_guessed(value):
    with pytest.raises(TestOptionError, match="it must be"):
        money(value, "it")


def test_budget_has_the_service_s_bounds():
    assert Options.checked({"budget": 10_000}).budget == "10000"
    with pytest.raises(TestOptionError, match="above 0 and at most 10000 US dollars, not '10001'"):
        Options.checked({"budget": "10001"})
