"""Verbs that set what a session has spent, and when it ends."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boto3_agentcore_payments.emulator.engine import money
from boto3_agentcore_payments.emulator.engine.errors import ResourceNotFoundException
from boto3_agentcore_payments.testing import agentcore_payments


@pytest.fixture
def account():
    with agentcore_payments(budget="0.05") as opened:
        yield opened


def test_spent_is_set_and_what_was_spent_before_is_answered(account):
    emulator, session = account.emulator, account.session_id
    assert emulator.set_spent(session, "0.02") == "0"
    assert str(account.payer.remaining()) == "0.03"
    assert emulator.set_spent(session) == "0.02"
    assert str(account.payer.remaining()) == "0"


@pytest.mark.parametrize(
    ("dollars", "said"),
    [
        ("0.06", r"session payment-session-\w+ may spend 0\.05 USD, not 0\.06"),
        ("-1", "an amount must be US dollars with at most 8 decimals, not '-1'"),
        ("0.000000001", "an amount must be US dollars with at most 8 decimals"),
        ("1e-3", "an amount must be US dollars"),
    ],
)
def test_wrong_amount_spends_nothing(account, dollars, said):
    with pytest.raises(ValueError, match=said):
        account.emulator.set_spent(account.session_id, dollars)
    assert str(account.payer.remaining()) == "0.05"


def test_session_without_a_limit_has_no_all():
    with (
        agentcore_payments(budget=None) as account,
        pytest.raises(ValueError, match="has no limit that could be used up"),
    ):
        account.emulator.set_spent(account.session_id)


def test_expiry_is_set_in_minutes_and_answers_the_former_one(account):
    emulator, session = account.emulator, account.session_id
    assert emulator.set_session_expiry(session, 0) == 60
    assert emulator.set_session_expiry(session, 60) == 0
    with pytest.raises(ValueError, match="minutes must not be negative"):
        emulator.set_session_expiry(session, -1)


def test_unknown_session_is_not_found(account):
    for verb in (account.emulator.set_spent, lambda it: account.emulator.set_session_expiry(it, 0)):
        with pytest.raises(
            ResourceNotFoundException, match="Payment session not found: payment-session-x"
        ):
            verb("payment-session-x")


@given(st.integers(min_value=0, max_value=10**16))
def test_dollars_are_read_as_they_are_written(units):
    assert money.usd_units(f"{money.dollars(units):f}") == units
    assert money.usd_units(money.plain_text(money.dollars(units))) == units
