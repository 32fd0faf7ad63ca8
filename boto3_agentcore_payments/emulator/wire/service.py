"""One request in, one answer out: what every transport calls.

Behaviour:
    - [decided] Operations whose model lists no ValidationException (DeletePaymentManager,
      DeletePaymentConnector) answer a malformed request with it all the same.
    - [decided] A library that signing needs and that is not installed is an
      InternalServerException whose message names the extra to install.
    - [decided] A failure of the emulator itself is an InternalServerException; its log says where,
      and nothing of the request.
    - [decided] Injected faults meet well-formed requests only: first the delay, then the error,
      which changes nothing, then the loss of the connection after the change.
"""

from __future__ import annotations

import logging
import os
import time
import traceback
from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.emulator.engine import operations
from boto3_agentcore_payments.emulator.engine.errors import InternalServerException, ServiceError
from boto3_agentcore_payments.emulator.wire import definitions, parsing, serializing, validation
from boto3_agentcore_payments.errors import AgentCorePaymentsError, MissingExtraError

if TYPE_CHECKING:
    from boto3_agentcore_payments.emulator.engine.faults import Fault
    from boto3_agentcore_payments.emulator.engine.state import PaymentsState
    from boto3_agentcore_payments.emulator.wire.http import WireRequest, WireResponse

_log = logging.getLogger(__name__)


class ConnectionDropped(AgentCorePaymentsError):
    """An injected fault: the change was made, and the connection closes without an answer."""

    def __init__(self) -> None:
        super().__init__("an injected fault dropped the connection after the change was made")


def answer(
    request: WireRequest, state: PaymentsState, *, user_from_token: str | None = None
) -> WireResponse:
    """Answer a request.

    Args:
        request: The request, already authenticated and authorized.
        state: The account and region it is for.
        user_from_token: In bearer mode, the user the token names (its ``sub``); it takes the
            place of the user header, which such requests do not carry. [sdk]

    Returns:
        The answer. Every refusal is one of the modelled errors; a path neither service has is
        answered with ``UnknownOperationException``, 404.

    Raises:
        ConnectionDropped: if a fault asks for it; the transport closes the connection.
    """
    request_id = _request_id()
    route = definitions.find(request.method, request.path)
    if route is None:
        message = "No operation has this method and path"
        return serializing.failure(
            "UnknownOperationException", 404, {"message": message}, request_id
        )
    operation = route.operation
    try:
        body = _perform(route, request, state, user_from_token)
    except ServiceError as error:
        return serializing.failure(error.code, error.status, error.members, request_id)
    except ConnectionDropped:
        raise
    except MissingExtraError as error:
        code = InternalServerException.code
        members = {"message": str(error)}  # names the extra to install, quotes nothing
        return serializing.failure(code, InternalServerException.status, members, request_id)
    except Exception as error:  # noqa: BLE001 - a bug of ours must still be an answer
        _report(operation.name, request_id, error)
        bug = InternalServerException("The emulator failed; its log says where")
        return serializing.failure(bug.code, bug.status, bug.members, request_id)
    return serializing.success(operation.status, body, request_id)


def _request_id() -> str:
    """Return a new random UUID; building a ``uuid.UUID`` first takes four times as long."""
    digits = os.urandom(16).hex()
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


def _perform(
    route: definitions.Route,
    request: WireRequest,
    state: PaymentsState,
    user_from_token: str | None,
) -> bytes:
    operation = route.operation
    params, failures = parsing.parameters(operation, route.labels, request, user_from_token)
    found = operation.validate(params)
    if found is not None:
        failures += [(path.lstrip("."), problem) for path, problem in found]
    if failures:
        raise validation.refusal(failures)
    fault = state.faults.take(operation.name)
    if fault is None:
        return operation.serialize(operations.perform(state, operation.name, params))
    return _perform_with(fault, operation, state, params)


def _perform_with(
    fault: Fault, operation: definitions.Operation, state: PaymentsState, params: dict[str, Any]
) -> bytes:
    """Perform one call with an injected fault.

    Only well-formed requests meet a fault, so a planned number of calls means calls that would
    have reached the service's own rules. A lost connection loses errors like any other answer.
    """
    if fault.latency:
        time.sleep(fault.latency)
    error = fault.as_error()
    if error is not None:
        raise error
    try:
        body = operation.serialize(operations.perform(state, operation.name, params))
    except ServiceError:
        if fault.drop_after:
            raise ConnectionDropped from None
        raise
    if fault.drop_after:
        raise ConnectionDropped
    return body


def _report(operation_name: str, request_id: str, error: Exception) -> None:
    """Log where it happened; an exception's text may quote the request, so it stays out."""
    where = "".join(traceback.format_tb(error.__traceback__))
    _log.error(
        "%s failed with %s, request id %s; this is a bug of the emulator\n%s",
        operation_name,
        type(error).__name__,
        request_id,
        where,
    )
