"""Amounts stay exact from input to output."""

from __future__ import annotations

from decimal import Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boto3_agentcore_payments.emulator.engine import money


@pytest.mark.parametrize("text", ["0.001", "9999.99", "10000", "10000.00", "0.10", "007.5"])
def test_an_accepted_limit(text):
    money.check_limit(text)


@pytest.mark.parametrize("text", ["0", "0.00", "-1", "-0.01", "-0"])
def test_a_limit_must_be_positive(refused, text):
    with refused("ValidationException", "MaxSpendAmount value must be positive"):
        money.check_limit(text)


@pytest.mark.parametrize("text", ["10000.01", "10000.000000000000000000000000000000001", "99999"])
def test_a_limit_has_a_maximum(refused, text):
    message = f"MaxSpendAmount value must not exceed 10000. Received: {text}"
    with refused("ValidationException", message):
        money.check_limit(text)


@pytest.mark.parametrize(
    "text", ["", "abc", "NaN", "Infinity", "1e3", " 1", "1 ", "1_0", "+1", ".5", "5.", "٣", "1\n"]
)
def test_a_limit_must_be_plain_decimal_text(refused, text):
    with refused("ValidationException", "MaxSpendAmount value must be a decimal number"):
        money.check_limit(text)


def test_a_limit_of_absurd_length_is_refused(refused):
    with refused("ValidationException", "MaxSpendAmount value must be a decimal number"):
        money.check_limit("0." + "0" * 100_000 + "1")


def test_the_field_at_fault_is_named():
    with pytest.raises(money.ValidationException) as caught:
        money.check_limit("0")
    assert "reason" not in caught.value.members
    assert caught.value.members["fieldList"][0]["name"] == "limits.maxSpendAmount.value"


@pytest.mark.parametrize(
    ("limit", "spent", "left"),
    [
        ("0.10", 0, "0.1"),
        ("0.10", 1_000_000, "0.09"),
        ("0.10", 100, "0.099999"),
        ("0.10", 1, "0.09999999"),
        ("0.10", 10_000_000, "0"),
        ("1", 50_000_000, "0.5"),
        ("1.00", 0, "1"),
        ("1.00", 50_000_000, "0.5"),
        ("100", 0, "100"),
        ("100", 5_000_000_000, "50"),
        ("1000", 90_000_000_000, "100"),
        ("0007.5", 100_000_000, "6.5"),
        ("0.0000015", 100, "0.0000005"),
    ],
)
def test_what_is_left_has_no_zeros_at_its_end(limit, spent, left):
    assert money.remaining_text(limit, spent) == left


@pytest.mark.parametrize(
    ("units", "text"),
    [
        (500_000_000, "5.000000"),
        (1_000_000, "0.010000"),
        (12_345_600, "0.123456"),
        (1000, "0.000010"),
        (100, "0.000001"),
        (1, "0.00000001"),
        (12_345_678, "0.12345678"),
        (10**32, f"{10**24}.000000"),
    ],
)
def test_a_transaction_has_six_places_or_as_many_as_it_needs(units, text):
    assert money.transaction_text(units) == text


LIMITS = st.decimals(min_value="0.00000001", max_value=10_000, places=8).map(
    lambda value: f"{value:f}"
)


@given(limit=LIMITS, data=st.data())
def test_spent_and_left_always_make_the_limit(limit, data):
    most = int(Decimal(limit) * 10**8)
    spent = data.draw(st.integers(0, most))
    left = Decimal(money.remaining_text(limit, spent))
    assert left + money.dollars(spent) == Decimal(limit)


@given(
    limit=st.from_regex(r"[0-9]{1,4}\.[0-9]{1,50}", fullmatch=True), spent=st.integers(0, 10**12)
)
def test_no_digit_is_lost_whatever_the_limit_s_length(limit, spent):
    if money.covers(limit, spent):
        with localcontext() as context:
            context.prec = 200
            assert Decimal(money.remaining_text(limit, spent)) == Decimal(limit) - Decimal(
                spent
            ).scaleb(-8)


@given(limit=LIMITS, units=st.integers(1, 10**13))
def test_a_limit_covers_what_it_is_at_least(limit, units):
    assert money.covers(limit, units) == (units <= int(Decimal(limit) * 10**8))


@given(st.integers(0, 2**64))
def test_usdc_is_worth_its_dollars(atomic):
    assert money.dollars(money.usdc_in_usd(atomic)) == Decimal(atomic).scaleb(-6)
    assert money.usdc_text(money.usdc_in_usd(atomic)) == str(atomic)


def test_less_than_an_atomic_unit_of_usdc_is_shown_exactly():
    assert money.usdc_text(12_345) == "123.45"
