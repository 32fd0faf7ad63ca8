"""Statuses that follow moto's transitions.

``moto.moto_api.state_manager.set_transition("agentcore::payment-manager", {...})`` decides, as for
moto's own models: ``immediate`` (the default here), ``manual`` with ``times`` (reads by a client),
or ``time`` with ``seconds``.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from moto.moto_api._internal.managed_state_model import ManagedState

from boto3_agentcore_payments.emulator.engine.statuses import (
    CONNECTOR_MODEL,
    INSTRUMENT_MODEL,
    MANAGER_MODEL,
)

if TYPE_CHECKING:
    from boto3_agentcore_payments.emulator.engine.ports import Transitions

MODELS = (MANAGER_MODEL, CONNECTOR_MODEL, INSTRUMENT_MODEL)


def register_defaults(state_manager: Any) -> None:
    """Make the emulator's models known to moto's state manager, each progressing at once."""
    registered = state_manager.get_registered_models()
    for model in MODELS:
        if model not in registered:
            state_manager.register_default_transition(model, {"progression": "immediate"})


class ManagedLifecycle(ManagedState):
    """The engine's ``Lifecycle`` on moto's ``ManagedState``."""

    def __init__(self, model_name: str, transitions: Transitions, initial: str) -> None:
        super().__init__(model_name, list(transitions))
        self._status: str = initial
        self._held = False
        self._passing = frozenset(status for status, _ in transitions)

    def current(self) -> str:
        """Return the current status; see ``Lifecycle.current``."""
        # moto is asked only if there is a transition: an operation looks at least three times.
        if self._status in self._passing and not self._held:
            return str(self.status)
        return self._status

    def observe(self) -> str:
        """Count a read, then return the status; see ``Lifecycle.observe``."""
        self.advance()
        return self.current()

    def answered(self) -> str:
        """Return the status of the last look; see ``Lifecycle.answered``."""
        return self._status

    @property
    def held(self) -> bool:
        """Whether a test holds the resource in its status; see ``Lifecycle.held``."""
        return self._held

    def begin(self, status: str) -> None:
        """Enter a transitional status; reads and seconds count from now."""
        self._status = status
        self._held = False
        self._start_counting()

    def force(self, status: str) -> None:
        """Hold the resource in a status."""
        self._status = status
        self._held = True

    def release(self) -> None:
        """End a hold; reads and seconds count from now."""
        self._held = False
        self._start_counting()

    def _start_counting(self) -> None:
        self._tick = 0
        self._time_progressed = datetime.now()  # noqa: DTZ005 - compared with moto's own naive time
