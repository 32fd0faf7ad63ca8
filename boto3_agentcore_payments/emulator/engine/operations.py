"""The 27 operations by name, and the one way to perform them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Callable

from boto3_agentcore_payments.emulator.engine import (
    authorizations,
    connectors,
    credential_providers,
    idempotency,
    instruments,
    managers,
    payments,
    sessions,
    tokens,
)

if TYPE_CHECKING:
    from boto3_agentcore_payments.emulator.engine.state import PaymentsState

Operation = Callable[["PaymentsState", Mapping[str, Any]], dict[str, Any]]
"""Takes parsed and validated parameters by member name; returns members by name."""

OPERATIONS: dict[str, Operation] = {
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
    "GetResourcePaymentToken": tokens.get_resource_payment_token,
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
    "RotatePaymentConnectorCredentials": authorizations.rotate_payment_connector_credentials,
    "CreatePaymentCredentialProvider": credential_providers.create_payment_credential_provider,
    "GetPaymentCredentialProvider": credential_providers.get_payment_credential_provider,
    "ListPaymentCredentialProviders": credential_providers.list_payment_credential_providers,
    "UpdatePaymentCredentialProvider": credential_providers.update_payment_credential_provider,
    "DeletePaymentCredentialProvider": credential_providers.delete_payment_credential_provider,
}


def perform(state: PaymentsState, operation_name: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """Perform one operation, whole or not at all, once for each client token.

    Args:
        state: The account and region it concerns.
        operation_name: One of :data:`OPERATIONS`.
        params: Parsed and validated parameters as boto3 takes them, header members included;
            what was not given is not in the mapping. It is neither changed nor kept.

    Returns:
        The answer's members; timestamps are timezone-aware. It is the caller's own.

    Raises:
        ServiceError: what the service refuses; the state is as it was.
        MissingExtraError: a library that signing needs is not installed; likewise.
    """
    operation = OPERATIONS[operation_name]
    with state.lock:
        if params.get(idempotency.TOKEN) is None:
            return operation(state, params)
        first = state.answers.recall(operation_name, params)
        if first is not None:
            return first
        answer = operation(state, params)
        state.answers.remember(operation_name, params, answer)
        return answer
