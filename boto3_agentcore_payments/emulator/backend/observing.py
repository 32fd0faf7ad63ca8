"""Report the data plane's calls to CloudWatch's metrics, vended logs and a tracer.

Nothing of moto's CloudWatch, moto's logs or OpenTelemetry is imported here. Calls are stored as
they come, and counted when somebody asks or when there are many. A log entry is written only if
moto's logs are in use, and a span is made only if OpenTelemetry is.

Behaviour:
    - [guide] Every data-plane operation except GetResourcePaymentToken is observed, even if it was
      refused, failed or was throttled.
"""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING

from boto3_agentcore_payments.emulator.wire.serializing import iso8601

if TYPE_CHECKING:
    from boto3_agentcore_payments.emulator.backend.counting import Counts
    from boto3_agentcore_payments.emulator.engine.events import OperationEvent
    from boto3_agentcore_payments.emulator.engine.resources import Owner
    from boto3_agentcore_payments.emulator.engine.state import PaymentsState

OBSERVED = frozenset(
    {
        "CreatePaymentInstrument",
        "CreatePaymentSession",
        "DeletePaymentInstrument",
        "DeletePaymentSession",
        "GetPaymentInstrument",
        "GetPaymentInstrumentBalance",
        "GetPaymentSession",
        "ListPaymentInstruments",
        "ListPaymentSessions",
        "ProcessPayment",
    }
)
MANY = 100
"""Number of calls that are stored before they are counted."""


class Observer:
    """Observes the calls of one account and region.

    Args:
        state: The account and region.
    """

    def __init__(self, state: PaymentsState) -> None:
        self._state = state
        self._kept: list[tuple[OperationEvent, str | None]] = []
        self._counts: Counts | None = None
        self._lock = threading.Lock()

    def __call__(self, event: OperationEvent) -> None:
        """Take note of an operation that ended."""
        if event.operation not in OBSERVED:
            return
        connector_id = event.connector_id or self._connector(event)
        with self._lock:
            self._kept.append((event, connector_id))
            many = len(self._kept) >= MANY
        if many:
            self.counts()
        if "moto.logs.models" in sys.modules:
            from boto3_agentcore_payments.emulator.backend import vended_logs

            vended_logs.deliver(event)
        if "opentelemetry.trace" in sys.modules:
            from boto3_agentcore_payments.emulator.backend import spans

            spans.emit(event, connector_id, self.session_start(event))

    def counts(self) -> Counts:
        """Return the counts, including all calls that have ended."""
        from boto3_agentcore_payments.emulator.backend.counting import Counts

        with self._lock:
            if self._counts is None:
                self._counts = Counts()
            kept, self._kept = self._kept, []
            for event, connector_id in kept:
                self._counts.add(event, connector_id)
            return self._counts

    def session_start(self, event: OperationEvent) -> str | None:
        """Return when the session of an event was created, in ISO 8601 with milliseconds."""
        owner = self._owner(event)
        session = owner.sessions.get(event.session_id) if owner and event.session_id else None
        return None if session is None else iso8601(session.created_at)

    def active_sessions(self, manager_id: str) -> int:
        """Return how many sessions of a manager are neither expired nor deleted."""
        now = self._state.clock()
        with self._state.lock:
            manager = self._state.managers.get(manager_id)
            owners = () if manager is None else manager.owners.values()
            return sum(
                not session.is_expired(now) for owner in owners for session in owner.sessions
            )

    def _owner(self, event: OperationEvent) -> Owner | None:
        manager = self._state.managers.get(event.manager_id or "")
        return None if manager is None else manager.owners.get(event.user or "")

    def _connector(self, event: OperationEvent) -> str | None:
        owner = self._owner(event) if event.instrument_id else None
        instrument = owner.instruments.get(event.instrument_id or "") if owner else None
        return None if instrument is None else instrument.connector_id
