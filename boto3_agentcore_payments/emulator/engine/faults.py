"""Faults that a test plans for later calls.

The plan only says what should happen. The wire layer takes a fault for each call and carries it
out: an error before anything changes, a delay, or a connection lost after the change.

Behaviour:
    - [decided] A test plans errors, delays and lost connections for the next calls, or for every
      call until it clears them.
    - [decided] An error comes before anything changes; a connection is lost after the change, so
      a retry with the same clientToken gets the answer.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from threading import Lock
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from boto3_agentcore_payments.emulator.engine.errors import ServiceError, subclasses_by_code

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

EVERY_OPERATION = "*"
LONGEST_LATENCY = 3600
"""Longest delay of a call, in seconds: an hour outlasts every client's time-out."""

_DEFAULT_MESSAGES = {"ThrottlingException": "Rate exceeded"}
_OTHER_MEMBERS = {
    "SubscriptionRequiredException": {
        "subscriptionUrl": "https://aws-marketplace.invalid/subscribe",
        "productName": "Injected fault",
    }
}


_LOCK = Lock()
"""One lock for all plans, because several plans may share a fault."""
_changes = 0


def changes() -> int:
    """Return how often any plan has changed; a fault that is shared changes several at once."""
    return _changes


def _changed() -> None:
    global _changes  # noqa: PLW0603 - one count for all plans, as there is one lock
    _changes += 1


@dataclass
class Fault:
    """What happens to the next calls of an operation.

    Attributes:
        operation: The operation's name, e.g. ``ProcessPayment``, or ``*`` for any.
        error: Code of a modelled error to answer with, or ``None``.
        message: The error's message.
        latency: Seconds to wait before anything else.
        drop_after: Lose the connection after the change and before the answer.
        times: Number of calls it still applies to; ``None`` for every call until it is cleared.

    ``identity`` tells it from all others; it is no field, so that equal faults stay equal.
    """

    operation: str
    error: str | None
    message: str
    latency: float
    drop_after: bool
    times: int | None

    def __post_init__(self) -> None:
        """Give it an identity."""
        self.identity: str = uuid4().hex

    def as_error(self) -> ServiceError | None:
        """Return the error to answer with, if the fault is one."""
        if self.error is None:
            return None
        return subclasses_by_code()[self.error](self.message, **_OTHER_MEMBERS.get(self.error, {}))

    def cancel(self) -> None:
        """Stop applying the fault to calls."""
        with _LOCK:
            self.times = 0
            _changed()


class FaultPlan:
    """Faults waiting for calls, first planned first served; safe to use from any thread."""

    def __init__(self) -> None:
        self._waiting: dict[str, deque[Fault]] = {}

    def inject(
        self,
        operation: str = EVERY_OPERATION,
        *,
        error: str | None = None,
        message: str | None = None,
        latency: float = 0.0,
        drop_after: bool = False,
        times: int | None = 1,
    ) -> Fault:
        """Plan a fault.

        Args:
            operation: Which operation's calls; ``*`` for any.
            error: Code of a modelled error, e.g. ``ThrottlingException``.
            message: The error's message; by default the service's own for throttling.
            latency: Seconds to wait first, at most ``LONGEST_LATENCY``.
            drop_after: Lose the connection after the change.
            times: How many calls; ``None`` until cleared.

        Raises:
            ValueError: if the error code is unknown, the latency negative or too long, there are
                fewer calls than one, or the fault does nothing.
        """
        if error is not None and error not in subclasses_by_code():
            problem = f"unknown error code {error!r}; one of {', '.join(subclasses_by_code())}"
        elif latency < 0:
            problem = "latency must not be negative"
        elif not latency <= LONGEST_LATENCY:  # also true for NaN
            problem = f"latency must be at most {LONGEST_LATENCY} seconds"
        elif times is not None and times < 1:
            problem = "times must be at least 1, or None for every call"
        elif error is None and not latency and not drop_after:
            problem = "a fault needs an error, a latency or drop_after"
        else:
            if message is None:
                message = _DEFAULT_MESSAGES.get(error or "", "Injected fault")
            fault = Fault(operation, error, message, latency, drop_after, times)
            self.share(fault)
            return fault
        raise ValueError(problem)

    def share(self, fault: Fault) -> None:
        """Add a fault of another plan; calls under either plan count against its ``times``."""
        with _LOCK:
            self._waiting.setdefault(fault.operation, deque()).append(fault)
            _changed()

    def planned(self) -> list[Fault]:
        """Return a copy of the faults that wait, for each operation in the order planned."""
        return [fault for _, fault in self.identified()]

    def identified(self) -> list[tuple[str, Fault]]:
        """Return what :meth:`planned` does, each fault with its identity.

        A fault that several plans share has the same identity in each.
        """
        with _LOCK:
            return [
                (fault.identity, replace(fault))
                for waiting in self._waiting.values()
                for fault in waiting
                if fault.times != 0  # used up under another plan
            ]

    def put_back(self, found: Iterable[Sequence[Any]], shared: dict[str, Fault]) -> None:
        """Plan what :meth:`identified` returned.

        Args:
            found: Identities and faults.
            shared: The faults by identity that other plans put back with this one, to which its
                own are added: calls under any of them count together again.
        """
        with _LOCK:
            for identity, fault in found:
                fault.identity = identity
                first = shared.setdefault(identity, fault)
                if first.times is not None and fault.times is not None:
                    first.times = min(first.times, fault.times)
                self._waiting.setdefault(first.operation, deque()).append(first)
            _changed()

    def take(self, operation: str) -> Fault | None:
        """Return the fault for one call of ``operation`` and count the call, or ``None``.

        A fault planned for this operation takes precedence over one planned for any operation.
        """
        if not self._waiting:  # the usual case, on every call: no lock for an empty plan
            return None
        with _LOCK:
            for key in (operation, EVERY_OPERATION):
                waiting = self._waiting.get(key)
                fault = None if waiting is None else _take(waiting)
                if not waiting:
                    self._waiting.pop(key, None)
                if fault is not None:
                    _changed()
                    return fault
        return None

    def clear(self, operation: str | None = None) -> None:
        """Forget the faults of one operation, or all of them."""
        with _LOCK:
            if operation is None:
                self._waiting.clear()
            else:
                self._waiting.pop(operation, None)
            _changed()


def _take(waiting: deque[Fault]) -> Fault | None:
    """Return the first fault that still applies, and count one call of it."""
    while waiting:
        fault = waiting[0]
        if fault.times is None:
            return fault
        if fault.times:
            fault.times -= 1
        else:  # used up by another plan
            waiting.popleft()
            continue
        if not fault.times:
            waiting.popleft()
        return fault
    return None
