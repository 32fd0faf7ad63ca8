"""The 27 operations by name, and the function that performs them."""

from __future__ import annotations

from collections.abc import Mapping
from time import perf_counter
from typing import TYPE_CHECKING, Any, Callable

from boto3_agentcore_payments.emulator.engine import (
    connectors,
    credential_providers,
    hand_over,
    idempotency,
    instruments,
    managers,
    payments,
    quick_create,
    resource_tokens,
    sessions,
)
from boto3_agentcore_payments.emulator.engine.errors import UnknownOperationException
from boto3_agentcore_payments.emulator.engine.events import Notes, OperationEvent, ended, named

if TYPE_CHECKING:
    from boto3_agentcore_payments.emulator.engine.state import PaymentsState

Handler = Callable[["PaymentsState", Mapping[str, Any]], dict[str, Any]]
"""Takes parsed and validated parameters by member name; returns members by name."""

OPERATIONS: dict[str, Handler] = {
    "CreatePaymentInstrument": instruments.create_payment_instrument,
    "GetPaymentInstrument": instruments.get_payment_instrument,
    "GetPaymentInstrumentBalance": instruments.get_payment_instrument_balance,
    "ListPaymentInstruments": instruments.list_payment_instruments,
    "DeletePaymentInstrument": instruments.delete_payment_instrument,
    "CreatePaymentSession": sessions.create_payment_session,
    "GetPaymentSession": sessions.get_payment_session,
    "ListPaymentSessions": sessions.list_payment_sessions,
    "DeletePaymentSession": sessions.delete_payment_session,
    "ProcessPayment": payments.process_payment,
    "GetResourcePaymentToken": resource_tokens.get_resource_payment_token,
    "CreatePaymentManager": managers.create_payment_manager,
    "GetPaymentManager": managers.get_payment_manager,
    "ListPaymentManagers": managers.list_payment_managers,
    "UpdatePaymentManager": managers.update_payment_manager,
    "DeletePaymentManager": managers.delete_payment_manager,
    "CreatePaymentConnector": connectors.create_payment_connector,
    "GetPaymentConnector": connectors.get_payment_connector,
    "ListPaymentConnectors": connectors.list_payment_connectors,
    "UpdatePaymentConnector": connectors.update_payment_connector,
    "DeletePaymentConnector": connectors.delete_payment_connector,
    "RotatePaymentConnectorCredentials": quick_create.rotate_payment_connector_credentials,
    "CreatePaymentCredentialProvider": credential_providers.create_payment_credential_provider,
    "GetPaymentCredentialProvider": credential_providers.get_payment_credential_provider,
    "ListPaymentCredentialProviders": credential_providers.list_payment_credential_providers,
    "UpdatePaymentCredentialProvider": credential_providers.update_payment_credential_provider,
    "DeletePaymentCredentialProvider": credential_providers.delete_payment_credential_provider,
}

BEGINNINGS: dict[str, Callable[[PaymentsState, Mapping[str, Any], Notes | None], Handler]] = {
    "ProcessPayment": payments.begin
}
"""What an operation does before taking the state's lock, because it may have to wait."""


def perform(
    state: PaymentsState,
    operation_name: str,
    params: Mapping[str, Any],
    *,
    request_id: str | None = None,
) -> dict[str, Any]:
    """Perform one operation, whole or not at all, once for each client token.

    Args:
        state: The account and region.
        operation_name: One of :data:`OPERATIONS`.
        params: Parsed and validated parameters as boto3 takes them, header members included;
            members that were not given are absent. The mapping is neither changed nor kept.
        request_id: The id that the answer will carry, for listeners.

    Returns:
        The answer's members; timestamps are timezone-aware. The caller may change the mapping.

    Raises:
        ServiceError: if the service refuses; the state is unchanged.
        UnknownOperationException: if only the service definitions know the operation.
        MissingExtraError: if a library that signing needs is not installed; the state is
            unchanged.
    """
    if not state.listeners.hear_of(operation_name):
        answer = _perform(state, operation_name, params, None)
        return hand_over.lead_to_pages(state, operation_name, answer)
    notes = Notes()
    event = _begun(state, operation_name, request_id)
    start = perf_counter()
    try:
        answer = _perform(state, operation_name, params, notes)
    except Exception as error:
        event.update(named(params, {}), latency=perf_counter() - start)
        _tell(state, event, ended(error), notes.members())
        raise
    event.update(named(params, answer), latency=perf_counter() - start)
    _tell(state, event, ended(None), notes.members())
    return hand_over.lead_to_pages(state, operation_name, answer)


def report(
    state: PaymentsState,
    operation_name: str,
    params: Mapping[str, Any],
    error: Exception,
    *,
    request_id: str | None = None,
    latency: float = 0.0,
) -> None:
    """Tell the listeners about a request that was refused before it was performed.

    Args:
        state: The account and region.
        operation_name: The operation.
        params: The parameters that could be read.
        error: The error it is answered with.
        request_id: The id that the answer will carry.
        latency: Seconds spent on it.
    """
    if state.listeners.hear_of(operation_name):
        event = _begun(state, operation_name, request_id)
        event.update(named(params, {}), latency=latency)
        _tell(state, event, ended(error), {})


def _perform(
    state: PaymentsState, operation_name: str, params: Mapping[str, Any], notes: Notes | None
) -> dict[str, Any]:
    handler = OPERATIONS.get(operation_name)
    if handler is None:
        raise UnknownOperationException(f"{operation_name} is not emulated")
    state.account.admit(operation_name, state.clock)
    repeatable = params.get(idempotency.TOKEN) is not None
    begin = BEGINNINGS.get(operation_name)
    if begin is not None:
        if repeatable:
            with state.lock:
                first = _recalled(state, operation_name, params, notes)
            if first is not None:
                return first
        handler = begin(state, params, notes)
    with state.lock:
        if repeatable:
            first = _recalled(state, operation_name, params, notes)
            if first is not None:
                return first
        try:
            answer = handler(state, params)
        finally:
            if notes is not None:
                notes.look_at_budget()
        if repeatable:
            state.answers.remember(operation_name, params, answer)
        if state.journal is not None:
            state.journal.performed(operation_name, params, answer)
        return answer


def _recalled(
    state: PaymentsState, operation_name: str, params: Mapping[str, Any], notes: Notes | None
) -> dict[str, Any] | None:
    """Return the first answer to this request, if it is not the first."""
    first = state.answers.recall(operation_name, params)
    if first is not None and notes is not None:
        notes.repeated = True
        if "processPaymentId" in first:
            payment = state.ledger.find(first["processPaymentId"])
            if payment is not None:
                notes.payment, notes.connector = payment, payment.connector
    return first


def _begun(state: PaymentsState, operation_name: str, request_id: str | None) -> dict[str, Any]:
    """Return the members of an event that are known when its operation begins."""
    return {
        "operation": operation_name,
        "account_id": state.account_id,
        "region": state.region,
        "request_id": request_id,
        "started_at": state.clock(),
    }


def _tell(
    state: PaymentsState, event: dict[str, Any], end: Mapping[str, Any], notes: Mapping[str, Any]
) -> None:
    event.update(end)
    event.update(notes)
    state.listeners.tell(OperationEvent.of(event))
