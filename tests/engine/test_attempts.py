"""The list of attempts to pay: what was signed, settled and refused."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from boto3_agentcore_payments.emulator.engine import attempts as module
from boto3_agentcore_payments.emulator.engine import operations, settlement
from boto3_agentcore_payments.emulator.engine.errors import ServiceError, ThrottlingException


@pytest.fixture
def session_id(shop):
    return shop.create_session("0.10")["paymentSessionId"]


def known(attempt):
    return {name: value for name, value in asdict(attempt).items() if value is not None}


def test_a_signed_payment_is_an_attempt_with_everything(shop, session_id):
    answer = shop.pay(session_id, 10_000, agentName="shopper")
    (attempt,) = shop.state.attempts.listed()
    assert known(attempt) == {
        "time": shop.clock.now,
        "user": "alice",
        "agent": "shopper",
        "amount": "0.01",
        "payee": "0xShop",
        "network": "eip155:84532",
        "outcome": "signed",
        "payment_type": "CRYPTO_X402",
        "process_payment_id": answer["processPaymentId"],
        "manager_id": shop.manager_id,
        "session_id": session_id,
        "instrument_id": shop.instrument_id,
        "payer": shop.address(),
        "budget_left": "0.09",
    }


def test_an_attempt_over_budget_says_why_it_was_refused(shop, session_id, refused):
    message = (
        f"Insufficient budget for session {session_id}. Pending amount: 0.1 USD, "
        "Transaction amount: 5.000000 USD"
    )
    with refused("ValidationException", message):
        shop.pay(session_id, 5_000_000)
    (attempt,) = shop.state.attempts.listed()
    assert (attempt.outcome, attempt.reason, attempt.error_code) == (
        "refused",
        message,
        "ValidationException",
    )
    assert (attempt.amount, attempt.payee) == ("5.00", "0xShop")


def test_an_attempt_is_settled_once_its_money_moved(shop, session_id):
    shop.state.balances.fund(shop.address(), "BASE_SEPOLIA", 10_000)
    first = shop.pay(session_id, 10_000)
    shop.pay(session_id, 20_000)
    settlement.settle(shop.state, first["processPaymentId"])
    assert [attempt.outcome for attempt in shop.state.attempts.listed()] == ["settled", "signed"]


def test_a_repeated_client_token_is_the_same_attempt(shop, session_id):
    token = shop.token()
    for _ in range(2):
        shop.pay(session_id, 10_000, clientToken=token)
    assert len(shop.state.attempts.listed()) == 1


def test_what_is_refused_before_the_engine_is_an_attempt_too(shop):
    error = ThrottlingException("Rate exceeded")
    operations.report(shop.state, "ProcessPayment", {"userId": "bob"}, error)
    (attempt,) = shop.state.attempts.listed()
    assert (attempt.user, attempt.outcome, attempt.reason) == ("bob", "refused", "Rate exceeded")


def test_a_bug_has_its_code_as_the_reason(shop, session_id):
    def prepare(payment_input, **_):
        raise RuntimeError(payment_input)

    shop.prover.prepare = prepare
    with pytest.raises(RuntimeError):
        shop.pay(session_id, 10_000)
    (attempt,) = shop.state.attempts.listed()
    assert (attempt.outcome, attempt.reason) == ("refused", "InternalServerException")


def test_other_operations_are_no_attempts(shop, session_id):
    shop.session(session_id)
    assert shop.state.attempts.listed() == []


def test_the_newest_are_kept_and_long_text_is_cut(shop, session_id, monkeypatch):
    monkeypatch.setattr(module, "LONGEST", 3)
    state = shop.state
    state.attempts = module.Attempts(state.listeners, state.ledger)
    for number in range(4):
        with pytest.raises(ServiceError):
            shop.pay(f"{number}" + "x" * 1000, 10_000)
    sessions = [attempt.session_id or "" for attempt in state.attempts.listed()]
    assert [session[0] for session in sessions] == ["1", "2", "3"]
    assert {len(session) for session in sessions} == {module.LONGEST_TEXT + 1}


@pytest.mark.parametrize(
    ("units", "text"),
    [(1, "0.000001"), (10_000, "0.01"), (100_000, "0.10"), (12_345, "0.012345"), (10**7, "10.00")],
)
def test_an_amount_has_cents_and_more_places_where_needed(shop, units, text):
    shop.pay(shop.create_session()["paymentSessionId"], units)
    assert shop.state.attempts.listed()[0].amount == text
