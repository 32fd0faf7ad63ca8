"""The open purchases of a payer: one purchase is one payment.

A purchase opens at a 402 and closes with the merchant's final answer. While it is open, every
request for the same thing (method, URL and body, or ``purchase_id``) continues with its
requirement, client token and proof. Such requests take turns, so that no two of them pay.
"""

from __future__ import annotations

import hashlib
import threading
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from boto3_agentcore_payments.pay.demands import Headers, Offer, Quote
    from boto3_agentcore_payments.pay.receipts import Receipt


@dataclass(frozen=True)
class Asked:
    """An HTTP request, as far as a purchase is concerned.

    Attributes:
        method: HTTP method, in capitals.
        url: Without a fragment, user and password.
        body: What is sent; ``None`` if it cannot be sent again.
        headers: Headers that describe the body and are not secret, for a later process.
        purchase_id: The caller's own name for the purchase, or ``None``.
    """

    method: str
    url: str
    body: bytes | None
    headers: Mapping[str, str] = field(default_factory=dict)
    purchase_id: str | None = None

    @property
    def fingerprint(self) -> str:
        """SHA-256 over method, URL and body, in hexadecimal digits."""
        digest = hashlib.sha256(f"{self.method}\n{self.url}\n".encode())
        digest.update(self.body or b"")
        return digest.hexdigest()


@dataclass(frozen=True)
class Answered:
    """A merchant's whole answer, for the requests that waited for it.

    Attributes:
        status: HTTP status.
        headers: As they came.
        content: The body as it came, before any decoding.
    """

    status: int
    headers: Headers
    content: bytes


@dataclass
class Purchase:
    """An open purchase.

    Attributes:
        key: Key that it is found by.
        asked: The request that opened it.
        token: The client token of its one payment.
        offer: What is paid; ``None`` until it is chosen.
        quote: The offer as the caller sees it.
        payment_session_id: The session that is charged.
        payment_instrument_id: The wallet that signs.
        payment_input: ``paymentInput`` of ``ProcessPayment``, the same for every call.
        secret: The key its proof is bound to, or ``None``.
        reserved: The part of the payer's total that is reserved for it, in US dollars.
        proof: What the service signed, once it has.
        receipt: What was paid.
        unprocessed: Whether an answer of ``ProcessPayment`` was lost, so that it may be charged.
        unanswered: Whether the merchant's answer to the proof was lost, so that it may be settled.
        declined: Whether the merchant's last answer was an error other than 402.
        recovered: Whether it comes from a journal and the policy must still check it.
        turn: Set while a request works on it; done when that request leaves.
        waiting: Number of requests that wait for the turn.
    """

    key: str
    asked: Asked
    token: str
    offer: Offer | None = None
    quote: Quote | None = None
    payment_session_id: str = ""
    payment_instrument_id: str = ""
    payment_input: dict[str, Any] = field(default_factory=dict, repr=False)
    secret: str | None = field(default=None, repr=False)
    reserved: Decimal | None = None
    proof: Any = field(default=None, repr=False)
    receipt: Receipt | None = None
    unprocessed: bool = False
    unanswered: bool = False
    declined: bool = False
    recovered: bool = False
    turn: Future[None] | None = field(default=None, repr=False)
    waiting: int = 0

    @property
    def receipt_settled(self) -> bool:
        """Whether the merchant says that it took the payment."""
        return self.receipt is not None and self.receipt.settled

    def adopt(self, other: Purchase) -> None:
        """Take over the state that a journal has of this purchase."""
        self.asked, self.token, self.offer = other.asked, other.token, other.offer
        self.payment_session_id = other.payment_session_id
        self.payment_instrument_id = other.payment_instrument_id
        self.secret, self.payment_input = other.secret, other.payment_input
        self.recovered = self.unprocessed = self.unanswered = True

    def reset(self, token: str) -> None:
        """Return to the state in which nothing is chosen yet."""
        self.token, self.offer, self.quote, self.secret = token, None, None, None
        self.proof, self.receipt, self.reserved = None, None, None
        self.unprocessed = self.unanswered = self.declined = False


@dataclass
class _Line:
    """The requests under way for one key, and the last answer that closed its purchase."""

    active: int = 0
    closed_at: int = -1
    answered: Answered | None = None


class Book:
    """Every open purchase of a payer. All methods are thread-safe and quick.

    Args:
        owner: Text that separates this payer's purchases from another user's in a shared journal.
    """

    def __init__(self, owner: str) -> None:
        self._owner = owner
        self._lock = threading.Lock()
        self._open: dict[str, Purchase] = {}
        self._lines: dict[str, _Line] = {}
        self._clock = 0

    def key(self, asked: Asked) -> str:
        """Return the key of a request's purchase."""
        name = f"id:{asked.purchase_id}" if asked.purchase_id is not None else asked.fingerprint
        return hashlib.sha256(f"{self._owner}\n{name}".encode()).hexdigest()

    def arrive(self, key: str) -> int:
        """Note that a request begins; return its sequence number, for :meth:`take_turn`."""
        with self._lock:
            self._lines.setdefault(key, _Line()).active += 1
            self._clock += 1
            return self._clock

    def depart(self, key: str) -> None:
        """Note that a request is over; the last one discards the shared answer."""
        with self._lock:
            line = self._lines[key]
            line.active -= 1
            if line.active == 0:
                del self._lines[key]

    def take_turn(
        self, purchase: Purchase, since: int
    ) -> tuple[Purchase, Future[None] | None, Answered | None]:
        """Take a turn at the open purchase of a key, opening the given one if none is open.

        Args:
            purchase: What to open.
            since: Result of :meth:`arrive`; a purchase closed since then answers this request too.

        Returns:
            The open purchase; what to wait for, or ``None`` if it is the caller's turn; and the
            shared answer, which completes the request.
        """
        with self._lock:
            line = self._lines[purchase.key]
            if line.answered is not None and line.closed_at > since:
                return purchase, None, line.answered
            found = self._open.setdefault(purchase.key, purchase)
            if found.turn is None:
                found.turn = Future()
                return found, None, None
            found.waiting += 1
            return found, found.turn, None

    def stop_waiting(self, purchase: Purchase) -> None:
        """Note that a request no longer waits for the turn."""
        with self._lock:
            purchase.waiting -= 1

    def leave_turn(self, purchase: Purchase) -> None:
        """End the caller's turn, forgetting a purchase that has no payment."""
        with self._lock:
            turn, purchase.turn = purchase.turn, None
            if purchase.offer is None and self._open.get(purchase.key) is purchase:
                del self._open[purchase.key]
        if turn is not None:
            turn.set_result(None)

    def close(self, purchase: Purchase, answered: Answered | None = None) -> bool:
        """Close a purchase; return whether it was open.

        Args:
            purchase: The purchase to close.
            answered: The answer to share with requests under way, or ``None`` if not kept.
        """
        with self._lock:
            if self._open.get(purchase.key) is not purchase:
                return False
            del self._open[purchase.key]
            line = self._lines.get(purchase.key)
            if line is not None and answered is not None:
                self._clock += 1
                line.closed_at, line.answered = self._clock, answered
            return True

    def find(self, key: str) -> Purchase | None:
        """Return the open purchase of a key."""
        return self._open.get(key)
