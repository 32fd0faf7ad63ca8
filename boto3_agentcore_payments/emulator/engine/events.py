"""Events: one for each operation that ends, passed to listeners that the engine does not know.

An event is made only if somebody listens to its operation. The thread that performed the operation
passes it on after releasing the state's lock, so a thread's events come in order and a listener may
call the emulator. An exception in a listener is logged and does not change the answer.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Union

from boto3_agentcore_payments.emulator.engine import money
from boto3_agentcore_payments.emulator.engine.errors import InternalServerException, ServiceError
from boto3_agentcore_payments.emulator.engine.identifiers import last_part
from boto3_agentcore_payments.errors import MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from boto3_agentcore_payments.emulator.engine.ledger import Payment
    from boto3_agentcore_payments.emulator.engine.ports import Prepared
    from boto3_agentcore_payments.emulator.engine.resources import Session

SUCCEEDED = "succeeded"
REFUSED = "refused"
FAILED = "failed"
_FIRST_SERVER_ERROR = 500
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class OperationEvent:
    """One operation that ended; an unknown value is ``None``.

    It holds no proof, token, key or linked account. The members from :attr:`payment_type` on
    are only for ProcessPayment; a refused payment has those that were known when it was refused.

    Attributes:
        operation: The operation's name, e.g. ``ProcessPayment``.
        account_id: Twelve digits.
        region: An AWS region's name.
        request_id: The id that the answer carries.
        started_at: Service time when it began, timezone-aware.
        latency: Seconds it took, by a monotonic clock that freezegun does not move.
        user: The request's ``userId``.
        agent: The request's ``agentName``.
        manager_arn: The payment manager's ARN.
        manager_id: The payment manager's id.
        connector_id: The payment connector's id; of a payment, the id of the one that pays.
        session_id: The payment session's id.
        instrument_id: The payment instrument's id.
        outcome: ``succeeded``; ``refused``, with an error of 400 to 499; or ``failed``.
        error_code: The error's code, e.g. ``ValidationException``.
        error_message: The error's message; ``None`` for a failure of the emulator itself.
        repeated: Whether a repeated ``clientToken`` got the first answer again; nothing else
            happened, and nothing was charged.
        payment_type: E.g. ``CRYPTO_X402``.
        process_payment_id: The id ProcessPayment answered with.
        amount: US dollars as decimal text, e.g. ``0.0100``.
        asset: Token address.
        network: CAIP-2 name of the chain.
        scheme: The x402 scheme or MPP intent; ``None`` for a repeated answer.
        pay_to: Recipient's address.
        payer: The payer's own address.
        budget_left: What is left of the session's limit, in US dollars as decimal text.
        budget_limit: The session's limit as the caller wrote it; ``None`` for a session without
            one.
    """

    operation: str
    account_id: str
    region: str
    request_id: str | None
    started_at: datetime
    latency: float
    user: str | None
    agent: str | None
    manager_arn: str | None
    manager_id: str | None
    connector_id: str | None
    session_id: str | None
    instrument_id: str | None
    outcome: str
    error_code: str | None = None
    error_message: str | None = None
    repeated: bool = False
    payment_type: str | None = None
    process_payment_id: str | None = None
    amount: str | None = None
    asset: str | None = None
    network: str | None = None
    scheme: str | None = None
    pay_to: str | None = None
    payer: str | None = None
    budget_left: str | None = None
    budget_limit: str | None = None

    @classmethod
    def of(cls, members: dict[str, Any]) -> OperationEvent:
        """Return an event with these members; those without a default must be given.

        A frozen dataclass sets its attributes one by one through ``object.__setattr__``, which
        would cost more than the rest of making an event.

        Args:
            members: The event's own from now on.
        """
        event = object.__new__(cls)
        object.__setattr__(event, "__dict__", members)
        return event


_NAMED = (
    ("user", "userId"),
    ("agent", "agentName"),
    ("manager_arn", "paymentManagerArn"),
    ("manager_id", "paymentManagerId"),
    ("connector_id", "paymentConnectorId"),
    ("session_id", "paymentSessionId"),
    ("instrument_id", "paymentInstrumentId"),
    ("payment_type", "paymentType"),
    ("process_payment_id", "processPaymentId"),
)
"""Members of an event, and of requests and answers, that name something."""

Listener = Callable[[OperationEvent], object]
"""Called with every event of a state; its return value is ignored."""


class Listeners:
    """The listeners of one state; safe to use from any thread."""

    __slots__ = ("_by_operation", "_listeners", "_reported")

    def __init__(self) -> None:
        # Replaced, never changed in place, so that a running iteration is not disturbed.
        self._listeners: tuple[tuple[Listener, str | None], ...] = ()
        self._by_operation: dict[str, tuple[Listener, ...]] = {}
        self._reported: set[tuple[Listener, type[Exception]]] = set()

    def hear_of(self, operation: str) -> bool:
        """Return whether anybody listens to an operation."""
        return bool(self._of(operation))

    def add(self, listener: Listener, *, operation: str | None = None) -> None:
        """Tell a listener about every operation that ends from now on.

        Args:
            listener: Called with each event.
            operation: Report only this operation, e.g. ``ProcessPayment``.
        """
        self._replace((*self._listeners, (listener, operation)))

    def remove(self, listener: Listener) -> None:
        """Stop telling a listener; one that was never added is ignored."""
        self._replace(tuple(each for each in self._listeners if each[0] != listener))

    def tell(self, event: OperationEvent) -> None:
        """Pass an event to its listeners; a failure is logged once for each type of error."""
        for listener in self._of(event.operation):
            self._tell(listener, event)

    def _replace(self, listeners: tuple[tuple[Listener, str | None], ...]) -> None:
        # In this order: whoever finds the new table also finds the new listeners.
        self._listeners = listeners
        self._by_operation = {}

    def _of(self, operation: str) -> tuple[Listener, ...]:
        table = self._by_operation
        found = table.get(operation)
        if found is None:
            found = table[operation] = tuple(
                listener for listener, wanted in self._listeners if wanted in {None, operation}
            )
        return found

    def _tell(self, listener: Listener, event: OperationEvent) -> None:
        try:
            listener(event)
        except Exception as error:  # noqa: BLE001 - a listener must not change an answer
            failure = (listener, type(error))
            if failure not in self._reported:
                self._reported.add(failure)
                # An exception's text may quote the event, so it stays out.
                _log.warning(
                    "A listener failed with %s on %s; further ones of this kind are not logged",
                    type(error).__name__,
                    event.operation,
                )


@dataclass
class Notes:
    """What an operation finds out while it runs and its event reports.

    Attributes:
        repeated: Whether the answer is a remembered one.
        session: The session that pays.
        payment: The payment, once its payload was accepted.
        connector: Id of the connector that pays, once it is known.
        budget_left: See :class:`OperationEvent`.
    """

    repeated: bool = False
    session: Session | None = None
    payment: Union[Prepared, Payment, None] = None  # noqa: UP007 - evaluated on Python 3.9
    connector: str | None = None
    budget_left: str | None = None

    def look_at_budget(self) -> None:
        """Note what is left of the session's limit; the caller holds the state's lock."""
        session = self.session
        if session is not None and session.limit is not None:
            self.budget_left = money.remaining_text(session.limit, session.spent)

    def members(self) -> dict[str, Any]:
        """Return the event's members that are known from here."""
        payment, session = self.payment, self.session
        members: dict[str, Any] = {
            "repeated": self.repeated,
            "budget_left": self.budget_left,
            "budget_limit": None if session is None else session.limit,
        }
        if self.connector is not None:
            members["connector_id"] = self.connector
        if payment is not None:
            members.update(
                amount=money.plain_text(money.dollars(payment.charge)),
                asset=payment.asset,
                network=payment.network,
                scheme=getattr(payment, "scheme", None),
                pay_to=payment.pay_to,
                payer=payment.payer,
            )
        return members


def named(params: Mapping[str, Any], answer: Mapping[str, Any]) -> dict[str, str | None]:
    """Return the event's members that a request or its answer names.

    Args:
        params: The request's members; those of a malformed request may be anything.
        answer: The answer's members; empty for an error.
    """
    made = answer.get("paymentInstrument") or answer.get("paymentSession") or {}
    members: dict[str, str | None] = {}
    for name, member in _NAMED:
        value = params.get(member)
        if value is None:
            value = answer.get(member) or made.get(member)
        members[name] = value if isinstance(value, str) else None
    arn = members["manager_arn"]
    members["manager_id"] = members["manager_id"] or (last_part(arn) if arn else None)
    return members


def ended(error: Exception | None) -> dict[str, str | None]:
    """Return the event's members that say how an operation ended."""
    if error is None:
        return {"outcome": SUCCEEDED}
    if isinstance(error, ServiceError):
        outcome = REFUSED if error.status < _FIRST_SERVER_ERROR else FAILED
        return {"outcome": outcome, "error_code": error.code, "error_message": error.message}
    # The text of an unexpected exception may quote the request.
    text = str(error) if isinstance(error, MissingExtraError) else None
    return {"outcome": FAILED, "error_code": InternalServerException.code, "error_message": text}
