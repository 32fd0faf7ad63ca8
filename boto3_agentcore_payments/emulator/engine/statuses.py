"""The statuses of resources, and how they change.

A create, update or delete *begins* a transitional status. The lifecycle object, which the state's
factory makes, decides how long it lasts. With the default it ends at once, so that a create or
update answers READY ([recorded]); the backend supplies one that follows moto's transitions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from boto3_agentcore_payments.emulator.engine.ports import Transitions

MANAGER_MODEL = "agentcore::payment-manager"
CONNECTOR_MODEL = "agentcore::payment-connector"
INSTRUMENT_MODEL = "agentcore::payment-instrument"

GONE = "DELETED"
"""The status after DELETING: the manager or connector no longer exists."""

READY = "READY"
CREATING = "CREATING"
UPDATING = "UPDATING"
DELETING = "DELETING"
INITIATED = "INITIATED"
ACTIVE = "ACTIVE"
BLOCKED = "BLOCKED"
DELETED = "DELETED"
PENDING_AUTHENTICATION = "PENDING_AUTHENTICATION"
PROVISIONING = "PROVISIONING"
AUTHENTICATION_EXPIRED = "AUTHENTICATION_EXPIRED"
AUTHENTICATION_FAILED = "AUTHENTICATION_FAILED"
SUBSCRIPTION_REQUIRED = "AWS_MARKETPLACE_SUBSCRIPTION_REQUIRED"
CREATE_FAILED = "CREATE_FAILED"

MANAGER_TRANSITIONS: Transitions = ((CREATING, READY), (UPDATING, READY), (DELETING, GONE))
CONNECTOR_TRANSITIONS: Transitions = (*MANAGER_TRANSITIONS, (PROVISIONING, READY))
INSTRUMENT_TRANSITIONS: Transitions = ((INITIATED, ACTIVE),)
PASSING = frozenset({CREATING, UPDATING, DELETING, PROVISIONING})
"""Statuses in which a manager or connector is busy: it can be neither updated nor deleted."""
FINAL = frozenset(
    {
        PENDING_AUTHENTICATION,
        AUTHENTICATION_EXPIRED,
        AUTHENTICATION_FAILED,
        SUBSCRIPTION_REQUIRED,
        CREATE_FAILED,
    }
)
"""Connector statuses that an update does not change: all but the first are final ([guide])."""


class ImmediateLifecycle:
    """The default: every transitional status has ended at the next look."""

    __slots__ = ("_held", "_status", "_transitions")

    def __init__(self, model_name: str, transitions: Transitions, initial: str) -> None:
        del model_name
        self._transitions = transitions
        self._status = initial
        self._held = False

    def current(self) -> str:
        """Return the last status the transitions lead to, or the held one."""
        if not self._held:
            following = self._next()
            while following is not None:
                self._status = following
                following = self._next()
        return self._status

    def observe(self) -> str:
        """Return the same as :meth:`current`: reads are not counted here."""
        return self.current()

    def answered(self) -> str:
        """Return the status of the last look."""
        return self._status

    @property
    def held(self) -> bool:
        """Whether a test holds the resource in its status."""
        return self._held

    def begin(self, status: str) -> None:
        """Enter ``status`` and end any hold."""
        self._status = status
        self._held = False

    def force(self, status: str) -> None:
        """Hold the resource in ``status``."""
        self._status = status
        self._held = True

    def release(self) -> None:
        """End the hold."""
        self._held = False

    def _next(self) -> str | None:
        return next((to for at, to in self._transitions if at == self._status), None)
