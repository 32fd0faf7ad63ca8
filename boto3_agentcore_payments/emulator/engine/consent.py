"""The consent a QUICK_CREATE connector waits for: asked for, open for ten minutes, overdue."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from boto3_agentcore_payments.emulator.engine.identifiers import suffix
from boto3_agentcore_payments.emulator.engine.lifecycle import (
    AUTHENTICATION_EXPIRED,
    AUTHENTICATION_FAILED,
    PENDING_AUTHENTICATION,
    UPDATING,
)

if TYPE_CHECKING:
    from boto3_agentcore_payments.emulator.engine.connectors import Connector
    from boto3_agentcore_payments.emulator.engine.state import PaymentsState

CONSENT_LASTS = timedelta(minutes=10)
# A name that can never resolve (RFC 2606): nobody is sent to a real vendor by a test.
_CONSENT_PAGE = "https://authorization.agentcore-payments.invalid/quick-create"


def request_consent(state: PaymentsState, connector: Connector) -> None:
    """Give the connector a fresh page for its owner's consent, open for ten minutes."""
    connector.authorization_url = (
        f"{_CONSENT_PAGE}/{connector.identifier}?state={suffix(state.random, 24)}"
    )
    connector.authorization_ends = state.clock() + CONSENT_LASTS


def expire_if_overdue(state: PaymentsState, connector: Connector) -> None:
    """Move a connector on whose consent did not come in time."""
    ends = connector.authorization_ends
    if ends is not None and state.clock() >= ends:
        connector.authorization_ends = None
        if connector.lifecycle.current() == PENDING_AUTHENTICATION:
            connector.lifecycle.begin(AUTHENTICATION_EXPIRED)


def status_after_update(state: PaymentsState, connector: Connector) -> str:
    """Return the status an update leads to, asking for consent anew where it ran out."""
    expire_if_overdue(state, connector)
    status = connector.lifecycle.current()
    if status in {AUTHENTICATION_EXPIRED, AUTHENTICATION_FAILED}:
        request_consent(state, connector)
        return PENDING_AUTHENTICATION
    return status if status == PENDING_AUTHENTICATION else UPDATING
