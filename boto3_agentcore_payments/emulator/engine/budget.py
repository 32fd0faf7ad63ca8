"""What a payment takes from its session, and gives back if it comes to nothing."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from boto3_agentcore_payments.emulator.engine import money
from boto3_agentcore_payments.emulator.engine.errors import ValidationException

if TYPE_CHECKING:
    from collections.abc import Iterator

    from boto3_agentcore_payments.emulator.engine.sessions import Session


@contextmanager
def reserved(session: Session, amount: int) -> Iterator[None]:
    """Charge ``amount`` atomic USDC units to a session for the time of signing and after.

    If signing fails the amount is given back ([live], [guide]); if it succeeds the charge stays,
    whatever becomes of the proof. The caller holds the state's lock.

    Raises:
        ValidationException: the session has a limit and less than ``amount`` is left of it;
            nothing was charged.
    """
    if session.limit is not None and not money.covers(session.limit, session.spent + amount):
        left = money.remaining_text(session.limit, session.spent)
        message = (
            f"Insufficient budget. Pending amount: {left} USD, "
            f"Transaction amount: {money.transaction_text(amount)}"
        )
        raise ValidationException(message)
    session.spent += amount
    try:
        yield
    except BaseException:
        session.spent -= amount
        raise
