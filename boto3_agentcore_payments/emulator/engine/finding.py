"""Find what a request names by id or ARN, check whose it is, and whether it can be used.

Sessions and instruments belong to a user, and users to a manager: a lookup that starts from
another manager or user cannot reach them ([live]: ResourceNotFoundException across users).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.emulator.engine.errors import (
    ConflictException,
    ResourceNotFoundException,
    ValidationException,
)
from boto3_agentcore_payments.emulator.engine.identifiers import last_part
from boto3_agentcore_payments.emulator.engine.resources import Owner
from boto3_agentcore_payments.emulator.engine.statuses import (
    AUTHENTICATION_EXPIRED,
    DELETED,
    GONE,
    PENDING_AUTHENTICATION,
    READY,
    SUBSCRIPTION_REQUIRED,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from boto3_agentcore_payments.emulator.engine.resources import (
        Connector,
        Instrument,
        Manager,
        Session,
    )
    from boto3_agentcore_payments.emulator.engine.state import PaymentsState

_NOBODY = ""
_PAYING = frozenset({READY, SUBSCRIPTION_REQUIRED})


def find_manager(state: PaymentsState, identifier: str, *, read: bool = False) -> Manager | None:
    """Return the manager with this id; ``read`` counts it as a client's look at its status."""
    manager = state.managers.get(identifier)
    if manager is None:
        return None
    lifecycle = manager.lifecycle
    if (lifecycle.observe() if read else lifecycle.current()) == GONE:
        state.managers.remove(identifier)
        return None
    return manager


def find_manager_by_arn(state: PaymentsState, arn: str) -> Manager | None:
    """Return the manager with this ARN; never one of another account or region."""
    manager = find_manager(state, last_part(arn))
    return manager if manager is not None and manager.arn == arn else None


def require_manager(state: PaymentsState, identifier: str, *, read: bool = False) -> Manager:
    """Return the manager with this id.

    Raises:
        ResourceNotFoundException: if it does not exist ([guide]).
    """
    manager = find_manager(state, identifier, read=read)
    if manager is None:
        raise ResourceNotFoundException(manager_not_found(identifier))
    return manager


def require_manager_by_arn(state: PaymentsState, arn: str) -> Manager:
    """Return the manager with this ARN.

    Raises:
        ResourceNotFoundException: if it does not exist ([guide]).
    """
    manager = find_manager_by_arn(state, arn)
    if manager is None:
        raise ResourceNotFoundException(manager_not_found(last_part(arn)))
    return manager


def require_ready_manager(manager: Manager) -> None:
    """Refuse to create anything on a manager that is not READY.

    Raises:
        ConflictException: if it is not READY [decided].
    """
    status = manager.lifecycle.current()
    if status != READY:
        raise ConflictException(
            f"Payment manager {manager.identifier} is not ready. Status: {status}"
        )


def manager_not_found(identifier: str) -> str:
    """Return the message for an unknown manager ([recorded])."""
    return f"Payment manager not found: {identifier}"


def connector_status(state: PaymentsState, connector: Connector, *, read: bool = False) -> str:
    """Return the status, letting an overdue consent expire; ``read`` counts a client's look."""
    ends = connector.authorization_ends
    if ends is not None and state.clock() >= ends:
        connector.authorization_ends = None
        if connector.lifecycle.current() == PENDING_AUTHENTICATION:
            connector.lifecycle.begin(AUTHENTICATION_EXPIRED)
    return connector.lifecycle.observe() if read else connector.lifecycle.current()


def find_connector(
    state: PaymentsState, manager: Manager, identifier: str, *, read: bool = False
) -> Connector | None:
    """Return a manager's connector; ``read`` counts it as a client's look at its status."""
    connector = manager.connectors.get(identifier)
    if connector is None:
        return None
    if connector_status(state, connector, read=read) == GONE:
        manager.connectors.remove(identifier)
        return None
    return connector


def find_connector_anywhere(
    state: PaymentsState, identifier: str, *, manager_id: str | None = None
) -> Connector | None:
    """Return the connector with this id under the given manager, or under any."""
    for manager in state.managers:
        if manager_id is None or manager.identifier == manager_id:
            connector = find_connector(state, manager, identifier)
            if connector is not None:
                return connector
    return None


def require_connector(
    state: PaymentsState, manager: Manager, identifier: str, *, read: bool = False
) -> Connector:
    """Return a manager's connector.

    Raises:
        ResourceNotFoundException: if it does not exist ([recorded]).
    """
    connector = find_connector(state, manager, identifier, read=read)
    if connector is None:
        raise ResourceNotFoundException(connector_not_found(identifier))
    return connector


def connector_not_found(identifier: str) -> str:
    """Return the message for an unknown connector ([recorded])."""
    return f"Payment connector not found: {identifier}"


def require_ready_connector(state: PaymentsState, connector: Connector) -> None:
    """Refuse to create anything on a connector that is not READY.

    Raises:
        ConflictException: if it is not READY [decided].
    """
    status = connector_status(state, connector)
    if status != READY:
        raise ConflictException(
            f"Payment connector {connector.identifier} is not ready. Status: {status}"
        )


def can_pay(state: PaymentsState, manager: Manager, connector_id: str) -> bool:
    """Return whether payments may go through this connector of this manager."""
    connector = find_connector(state, manager, connector_id)
    return (
        connector is not None
        and connector_status(state, connector) in _PAYING
        and manager.lifecycle.current() == READY
    )


def required_user(params: Mapping[str, Any]) -> str:
    """Return the user a resource is created or a payment is made for.

    Raises:
        ValidationException: if the request does not name a user [decided].
    """
    user: str = params.get("userId", _NOBODY)
    if not user:
        raise ValidationException.at("userId", "userId is required")
    return user


def find_owner(manager: Manager | None, params: Mapping[str, Any]) -> Owner | None:
    """Return the user who asks, or ``None`` if this manager has nothing of theirs."""
    return None if manager is None else manager.owners.get(params.get("userId", _NOBODY))


def owner_for(manager: Manager, user: str) -> Owner:
    """Return the user, created if necessary."""
    owner = manager.owners.get(user)
    if owner is None:
        owner = manager.owners[user] = Owner(user)
    return owner


def drop_if_empty(manager: Manager, owner: Owner) -> None:
    """Forget a user who has nothing left."""
    if not owner.sessions and not owner.instruments:
        manager.owners.pop(owner.user, None)


def find_session(manager: Manager | None, params: Mapping[str, Any]) -> Session | None:
    """Return the session a request names, if it is this manager's and this user's."""
    owner = find_owner(manager, params)
    return None if owner is None else owner.sessions.get(params["paymentSessionId"])


def find_instrument(manager: Manager | None, params: Mapping[str, Any]) -> Instrument | None:
    """Return the instrument a request names, if it is this manager's and this user's."""
    owner = find_owner(manager, params)
    instrument = None if owner is None else owner.instruments.get(params["paymentInstrumentId"])
    return None if instrument is None or is_deleted(instrument) else instrument


def find_instrument_anywhere(state: PaymentsState, identifier: str) -> Instrument | None:
    """Return the instrument with this id, whichever user it belongs to."""
    for manager in state.managers:
        for owner in manager.owners.values():
            instrument = owner.instruments.get(identifier)
            if instrument is not None and not is_deleted(instrument):
                return instrument
    return None


def find_session_anywhere(state: PaymentsState, identifier: str) -> Session | None:
    """Return the session with this id, whosever it is."""
    owners = (owner for manager in state.managers for owner in manager.owners.values())
    found = (owner.sessions.get(identifier) for owner in owners)
    return next((session for session in found if session is not None), None)


def is_deleted(instrument: Instrument) -> bool:
    """Return whether an instrument has been deleted."""
    # A test may have set this status without calling DeletePaymentInstrument.
    return instrument.lifecycle.answered() == DELETED
