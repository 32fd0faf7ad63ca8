"""A budget holds under any order of payments and failures, and any number of threads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boto3_agentcore_payments.emulator.engine.errors import (
    InternalServerException,
    ValidationException,
)
from boto3_agentcore_payments.emulator.engine.ports import ProofSigningError

UNIT = Decimal("0.000001")
THREADS = 64
LIMITS = st.decimals("0.000001", "10000", places=6).map(lambda value: f"{value:f}")
ATTEMPTS = st.lists(
    st.tuples(st.integers(0, 2), st.integers(1, 5_000_000_000), st.booleans()), max_size=12
)


@settings(deadline=None)
@given(limits=st.lists(LIMITS, min_size=3, max_size=3), attempts=ATTEMPTS)
def test_charges_and_remainder_make_the_limit_in_any_interleaving(new_shop, limits, attempts):
    shop = new_shop()
    sessions = [shop.create_session(limit)["paymentSessionId"] for limit in limits]
    charged = [0, 0, 0]
    for which, amount, signing_works in attempts:
        shop.prover.failure = None if signing_works else ProofSigningError("as planned")
        fits = (charged[which] + amount) * UNIT <= Decimal(limits[which])
        if fits and signing_works:
            shop.pay(sessions[which], amount)
            charged[which] += amount
        else:
            with pytest.raises(InternalServerException if fits else ValidationException):
                shop.pay(sessions[which], amount)
    for session_id, limit, spent in zip(sessions, limits, charged):
        assert Decimal(shop.left(session_id)) + spent * UNIT == Decimal(limit)
    assert sum(shop.prover.signed) == sum(charged)


def rush(shop, session_id, price, tokens):
    """Let 64 threads pay ``price`` at once, one call for each token; return the answers."""
    barrier = Barrier(THREADS)

    def pay(token):
        try:
            return [shop.pay(session_id, price, clientToken=token)]
        except ValidationException as error:
            return [] if error.message.startswith("Insufficient budget ") else [error]

    def pay_some(mine):
        barrier.wait()
        return [answer for token in mine for answer in pay(token)]

    shares = [tokens[number::THREADS] for number in range(THREADS)]
    with ThreadPoolExecutor(THREADS) as threads:
        return [answer for answers in threads.map(pay_some, shares) for answer in answers]


@pytest.mark.parametrize(
    ("limit", "price"),
    [("1", 10_000), ("0.10", 3_333), ("0.0999999", 1_000), ("7.77", 77_777), ("0.01", 10_001)],
)
def test_many_threads_spend_a_budget_exactly(shop, limit, price):
    session_id = shop.create_session(limit)["paymentSessionId"]
    tokens = [f"{number:040d}" for number in range(3 * THREADS)]
    answers = rush(shop, session_id, price, tokens)
    affordable = int(Decimal(limit) / (price * UNIT))
    assert len(answers) == min(affordable, len(tokens))
    assert len({answer["processPaymentId"] for answer in answers}) == len(answers)
    assert Decimal(shop.left(session_id)) == Decimal(limit) - len(answers) * price * UNIT


def test_threads_that_share_tokens_pay_once_for_each_token(shop):
    session_id = shop.create_session("0.05")["paymentSessionId"]
    tokens = [f"{number % 8:040d}" for number in range(4 * THREADS)]
    answers = rush(shop, session_id, 3_333, tokens)
    assert len(answers) == len(tokens)
    assert len({answer["processPaymentId"] for answer in answers}) == 8
    assert len(shop.state.ledger.payments()) == 8
    assert shop.left(session_id) == "0.023336"
