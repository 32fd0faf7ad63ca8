"""Payment sessions: the four operations on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.emulator.engine import identifiers, money
from boto3_agentcore_payments.emulator.engine.errors import (
    ResourceNotFoundException,
    ValidationException,
)
from boto3_agentcore_payments.emulator.engine.finding import (
    drop_if_empty,
    find_manager_by_arn,
    find_owner,
    find_session,
    find_session_anywhere,
    manager_not_found,
    owner_for,
    require_manager_by_arn,
    require_ready_manager,
    required_user,
)
from boto3_agentcore_payments.emulator.engine.paging import (
    DATA_PLANE_LARGEST_PAGE,
    DATA_PLANE_PAGE,
    page_size,
    take_page,
)
from boto3_agentcore_payments.emulator.engine.resources import Session
from boto3_agentcore_payments.emulator.engine.statuses import DELETED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from boto3_agentcore_payments.emulator.engine.state import PaymentsState

_CURRENCY = "USD"


def create_payment_session(state: PaymentsState, params: Mapping[str, Any]) -> dict[str, Any]:
    """CreatePaymentSession.

    Behaviour:
        - [recorded] The answer has the limit exactly as given (`1.00`), twice: as limits and as
          availableLimits. createdAt and updatedAt are equal; availableLimits has its own
          updatedAt.
        - [live] `MaxSpendAmount value must be positive`, `MaxSpendAmount value must not
          exceed 10000. Received: {value}`.
        - [live] A user may have any number of sessions; there is no cap on all of them together.
        - [guide] Without limits the session is uncapped and has no availableLimits.
        - [decided] A limit is plain decimal text: no exponent, no plus sign, at most 64
          characters.
        - [decided] An unknown manager is a ValidationException with the text of the 404: the
          model does not list a 404 here.
        - [decided] A manager that is not READY is a ConflictException.
        - [decided] Without userId: ValidationException naming it.
    """
    user = required_user(params)
    limits = params.get("limits")
    limit = None
    if limits is not None:
        limit, currency = limits["maxSpendAmount"]["value"], limits["maxSpendAmount"]["currency"]
        if currency != _CURRENCY:
            path = "limits.maxSpendAmount.currency"
            raise ValidationException.not_emulated(path, "Currency", currency)
        money.check_limit(limit)
    arn = params["paymentManagerArn"]
    manager = find_manager_by_arn(state, arn)
    if manager is None:
        raise ValidationException.rule(
            "paymentManagerArn", manager_not_found(identifiers.last_part(arn))
        )
    require_ready_manager(manager)
    owner = owner_for(manager, user)
    now = state.clock()
    session = Session(
        identifier=identifiers.session(state.random, owner.sessions),
        manager=manager,
        owner=owner,
        limit=limit,
        spent=0,
        expiry_minutes=params["expiryTimeInMinutes"],
        created_at=now,
        updated_at=now,
        spent_at=state.clock(),
        sequence=state.next_sequence(),
    )
    owner.sessions.add(session.identifier, session)
    return {"paymentSession": {**_summary(session), **_limits(session, limit, limit)}}


def get_payment_session(state: PaymentsState, params: Mapping[str, Any]) -> dict[str, Any]:
    """GetPaymentSession.

    Behaviour:
        - [recorded] Deleted, unknown or another user's: ResourceNotFoundException `Payment
          session not found: {id}`.
        - [recorded] Amounts lose their trailing zeros: `1.00` is `1`.
        - [guide] An unknown manager: ResourceNotFoundException that names it.
        - [model] A session has no status; it expires at createdAt plus expiryTimeInMinutes.
        - [decided] An expired session stays visible.
        - [decided] Without userId nobody's resources are seen.
    """
    session = _require_own(state, params)
    limit = session.limit
    if limit is None:
        return {"paymentSession": _summary(session)}
    shown = money.remaining_text(limit, 0), money.remaining_text(limit, session.spent)
    return {"paymentSession": {**_summary(session), **_limits(session, *shown)}}


def list_payment_sessions(state: PaymentsState, params: Mapping[str, Any]) -> dict[str, Any]:
    """ListPaymentSessions.

    Behaviour:
        - [recorded] Only the user's own sessions, without limits.
        - [model] An unknown manager is not an error; the list is empty.
        - [decided] Oldest first, including expired ones; 1 to 1000 a page, 100 by default.
    """
    size = page_size(params, default=DATA_PLANE_PAGE, largest=DATA_PLANE_LARGEST_PAGE)
    arn = params["paymentManagerArn"]
    owner = find_owner(find_manager_by_arn(state, arn), params)
    page, more = take_page(
        state.page_tokens,
        params,
        None if owner is None else owner.sessions,
        scope=("ListPaymentSessions", arn, params.get("userId", "")),
        size=size,
    )
    return {"paymentSessions": [_summary(session) for session in page], **more}


def delete_payment_session(state: PaymentsState, params: Mapping[str, Any]) -> dict[str, Any]:
    """DeletePaymentSession.

    Behaviour:
        - [recorded] `DELETED`, and gone at once: later reads give ResourceNotFoundException, and
          lists leave it out.
    """
    session = _require_own(state, params)
    session.owner.sessions.remove(session.identifier)
    drop_if_empty(session.manager, session.owner)
    return {"status": DELETED}


def set_expiry(state: PaymentsState, identifier: str, minutes: int) -> int:
    """Make a session expire so many minutes after it was made, and return how many it had.

    Args:
        state: Where it is.
        identifier: The session's id.
        minutes: A whole number, checked by the caller; 0 is a session that is expired.

    Raises:
        ResourceNotFoundException: if there is no such session.
    """
    with state.lock:
        session = _require_anywhere(state, identifier)
        before, session.expiry_minutes = session.expiry_minutes, minutes
        return before


def set_spent(state: PaymentsState, identifier: str, dollars: str | None) -> str:
    """Make a session have spent exactly so much, and return what it had spent.

    Args:
        state: Where it is.
        identifier: The session's id.
        dollars: US dollars as plain decimal text; ``None`` for all of its limit.

    Raises:
        ResourceNotFoundException: if there is no such session.
        ValueError: if it is no such amount, or more than the session's limit, or the session has
            no limit that could be spent.
    """
    with state.lock:
        session = _require_anywhere(state, identifier)
        if dollars is None:
            if session.limit is None:
                raise ValueError(f"session {identifier} has no limit that could be used up")
            dollars = session.limit
        units = money.usd_units(dollars)
        if session.limit is not None and not money.covers(session.limit, units):
            raise ValueError(f"session {identifier} may spend {session.limit} USD, not {dollars}")
        before, session.spent, session.spent_at = session.spent, units, state.clock()
        return money.plain_text(money.dollars(before))


def _require_anywhere(state: PaymentsState, identifier: str) -> Session:
    session = find_session_anywhere(state, identifier)
    if session is None:
        raise ResourceNotFoundException(f"Payment session not found: {identifier}")
    return session


def _require_own(state: PaymentsState, params: Mapping[str, Any]) -> Session:
    manager = require_manager_by_arn(state, params["paymentManagerArn"])
    session = find_session(manager, params)
    if session is None:
        raise ResourceNotFoundException(f"Payment session not found: {params['paymentSessionId']}")
    return session


def _summary(session: Session) -> dict[str, Any]:
    return {
        "paymentSessionId": session.identifier,
        "paymentManagerArn": session.manager.arn,
        "userId": session.owner.user,
        "expiryTimeInMinutes": session.expiry_minutes,
        "createdAt": session.created_at,
        "updatedAt": session.updated_at,
    }


def _limits(session: Session, limit: str | None, left: str | None) -> dict[str, Any]:
    if limit is None or left is None:
        return {}
    return {
        "limits": {"maxSpendAmount": _amount(limit)},
        "availableLimits": {
            "availableSpendAmount": _amount(left),
            "updatedAt": session.spent_at,
        },
    }


def _amount(value: str) -> dict[str, str]:
    return {"value": value, "currency": _CURRENCY}
