"""Every attempt to pay: which were signed, which were settled since, which were refused and why.

The ledger has only the payments that were signed; the attempts include those that failed. The
newest :data:`LONGEST` are kept.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from threading import Lock
from typing import TYPE_CHECKING

from boto3_agentcore_payments.emulator.engine.events import SUCCEEDED
from boto3_agentcore_payments.emulator.engine.ledger import SETTLED as LEDGER_SETTLED

if TYPE_CHECKING:
    from datetime import datetime

    from boto3_agentcore_payments.emulator.engine.events import Listeners, OperationEvent
    from boto3_agentcore_payments.emulator.engine.ledger import Ledger

OPERATION = "ProcessPayment"
LONGEST = 10_000
"""Number of attempts kept for each account and region."""
LONGEST_TEXT = 300
"""Characters kept of a value from a request: a refused request may contain anything."""

SIGNED = "signed"
"""The session was charged and the proof answered."""
SETTLED = "settled"
"""Signed, and the money moved."""
REFUSED = "refused"
"""Answered with an error; nothing was charged."""

_CENT_PLACES = 2


@dataclass(frozen=True)
class Attempt:
    """One attempt to pay; an unknown value is ``None``.

    A ProcessPayment repeated with the same ``clientToken`` is the same attempt.

    Attributes:
        time: Service time when it began, timezone-aware.
        user: The request's user.
        agent: The request's ``agentName``.
        amount: US dollars as decimal text with at least two places, e.g. ``0.01``.
        payee: The recipient's address.
        network: CAIP-2 name of the chain.
        outcome: ``signed``, ``settled`` or ``refused``.
        reason: The error's message if it was refused, or its code if it has no message.
        error_code: The error's code if it was refused, e.g. ``ValidationException``.
        payment_type: E.g. ``CRYPTO_X402``.
        process_payment_id: The id that ProcessPayment answered with.
        manager_id: The payment manager's id.
        session_id: The payment session's id.
        instrument_id: The payment instrument's id.
        payer: The wallet's address.
        budget_left: What was left of the session's limit afterwards, in US dollars.
    """

    time: datetime
    user: str | None
    agent: str | None
    amount: str | None
    payee: str | None
    network: str | None
    outcome: str
    reason: str | None = None
    error_code: str | None = None
    payment_type: str | None = None
    process_payment_id: str | None = None
    manager_id: str | None = None
    session_id: str | None = None
    instrument_id: str | None = None
    payer: str | None = None
    budget_left: str | None = None


class Attempts:
    """The newest attempts of one state; safe to use from any thread.

    Args:
        listeners: The state's listeners, through which payments are reported.
        ledger: The state's ledger, which knows which payments were settled.

    Attributes:
        heard: Number of attempts so far, including those no longer kept.
    """

    __slots__ = ("_kept", "_ledger", "_lock", "heard")

    def __init__(self, listeners: Listeners, ledger: Ledger) -> None:
        self._kept: deque[Attempt] = deque(maxlen=LONGEST)
        self._ledger = ledger
        self._lock = Lock()
        self.heard = 0
        listeners.add(self._hear, operation=OPERATION)

    def listed(self) -> list[Attempt]:
        """Return the attempts, oldest first; the caller holds the state's lock."""
        with self._lock:
            kept = list(self._kept)
        return [self._as_it_stands(attempt) for attempt in kept]

    def numbers(self) -> range:
        """Return the numbers of those that are kept, counted from 0 since the beginning."""
        with self._lock:
            return range(self.heard - len(self._kept), self.heard)

    def numbered(self, number: int) -> Attempt | None:
        """Return one attempt as it was heard of; ``None`` if it is not kept any more."""
        with self._lock:
            position = number - self.heard + len(self._kept)
            return self._kept[position] if 0 <= position < len(self._kept) else None

    def times(self) -> list[tuple[datetime, int]]:
        """Return when each that is kept began, with its number, oldest first."""
        with self._lock:
            first = self.heard - len(self._kept)
            return [(each.time, first + place) for place, each in enumerate(self._kept)]

    def as_it_stands(self, number: int) -> Attempt | None:
        """Return one attempt as :meth:`listed` does; ``None`` if it is not kept any more."""
        attempt = self.numbered(number)
        return None if attempt is None else self._as_it_stands(attempt)

    def put_back(self, numbered: list[tuple[int, Attempt]]) -> None:
        """Keep again attempts with their numbers, oldest first."""
        with self._lock:
            self._kept.extend(attempt for _, attempt in numbered)
            self.heard = numbered[-1][0] + 1 if numbered else 0

    def _as_it_stands(self, attempt: Attempt) -> Attempt:
        found = attempt.process_payment_id and self._ledger.find(attempt.process_payment_id)
        if found and found.status == LEDGER_SETTLED:
            return replace(attempt, outcome=SETTLED)
        return attempt

    def _hear(self, event: OperationEvent) -> None:
        if event.repeated:
            return
        signed = event.outcome == SUCCEEDED
        attempt = Attempt(
            time=event.started_at,
            user=_kept_text(event.user),
            agent=_kept_text(event.agent),
            amount=_dollars(event.amount),
            payee=event.pay_to,
            network=event.network,
            outcome=SIGNED if signed else REFUSED,
            reason=None if signed else _kept_text(event.error_message or event.error_code),
            error_code=event.error_code,
            payment_type=_kept_text(event.payment_type),
            process_payment_id=event.process_payment_id,
            manager_id=_kept_text(event.manager_id),
            session_id=_kept_text(event.session_id),
            instrument_id=_kept_text(event.instrument_id),
            payer=event.payer,
            budget_left=event.budget_left,
        )
        with self._lock:
            self._kept.append(attempt)
            self.heard += 1


def _kept_text(text: str | None) -> str | None:
    return text if text is None or len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}…"


def _dollars(text: str | None) -> str | None:
    """Return an event's amount without the zeros past the cents: ``0.0100`` is ``0.01``."""
    if text is None:
        return None
    whole, _, places = text.partition(".")
    return f"{whole}.{places.rstrip('0').ljust(_CENT_PLACES, '0')}"
