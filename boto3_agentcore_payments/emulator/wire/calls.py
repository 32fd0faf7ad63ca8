"""Turn one request into one answer; every transport calls this.

Behaviour:
    - [decided] A malformed request gets a ValidationException even from the operations whose model
      does not list it (DeletePaymentManager, DeletePaymentConnector).
    - [decided] If a library that signing needs is not installed, the answer is an
      InternalServerException that names the extra to install.
    - [decided] A failure of the emulator itself is an InternalServerException; the log says where
      it happened, and nothing about the request.
    - [decided] Injected faults apply only to well-formed requests: first the delay, then the
      error, which changes nothing, then, after the change, the loss of the connection.
"""

from __future__ import annotations

import logging
import os
import time
import traceback
from random import Random
from time import perf_counter
from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.emulator.engine import operations
from boto3_agentcore_payments.emulator.engine.errors import InternalServerException, ServiceError
from boto3_agentcore_payments.emulator.engine.identifiers import universal
from boto3_agentcore_payments.emulator.wire import parsing, serializing, validation
from boto3_agentcore_payments.emulator.wire.http import ConnectionDropped
from boto3_agentcore_payments.errors import MissingExtraError

if TYPE_CHECKING:
    from boto3_agentcore_payments.emulator.engine.faults import Fault
    from boto3_agentcore_payments.emulator.engine.state import PaymentsState
    from boto3_agentcore_payments.emulator.wire.definitions import Route
    from boto3_agentcore_payments.emulator.wire.http import WireRequest, WireResponse

_log = logging.getLogger(__name__)
_RANDOM = Random()  # noqa: S311 - a request's id protects nothing
if hasattr(os, "register_at_fork"):  # a child's ids must not be its parent's
    os.register_at_fork(after_in_child=_RANDOM.seed)


def unknown_operation(name: str | None = None) -> WireResponse:
    """Answer a request for something that is not emulated.

    Args:
        name: An operation that is in the definitions but not emulated; ``None`` if neither
            service has the request's method and path.
    """
    message = (
        "No operation has this method and path"
        if name is None
        else f"Operation {name} is not emulated"
    )
    return serializing.failure(
        "UnknownOperationException", 404, {"message": message}, universal(_RANDOM)
    )


class Call:
    """A request for one operation, parsed once for all its readers.

    Args:
        route: The operation and the URI labels, as :func:`definitions.find` found them.
        request: The request.

    Attributes:
        members: The members of its body; empty if the body cannot be read, in which case the
            answer is that error.
        request_id: Identifier of its answer.
    """

    __slots__ = ("_began", "_unreadable", "members", "request", "request_id", "route")

    def __init__(self, route: Route, request: WireRequest) -> None:
        self._began = perf_counter()
        self.route = route
        self.request = request
        self.request_id = universal(_RANDOM)
        self._unreadable: parsing.CannotParse | None = None
        try:
            self.members = parsing.body_members(request.body)
        except parsing.CannotParse as error:
            self.members = {}
            self._unreadable = error

    @property
    def is_emulated(self) -> bool:
        """Whether the engine has the operation; a newer definition may have more operations."""
        return self.route.operation.name in operations.OPERATIONS

    def manager_arn(self) -> str | None:
        """Return the ``paymentManagerArn`` of the body if it is text, else ``None``."""
        arn = self.members.get("paymentManagerArn")
        return arn if isinstance(arn, str) else None

    def answer(self, state: PaymentsState, *, user_from_token: str | None = None) -> WireResponse:
        """Perform the operation; call this once.

        A fault's delay is spent here, before the engine takes the state's lock. Faults apply only
        to well-formed requests, so a planned number of calls counts those that would have reached
        the service's own rules.

        Args:
            state: The account and region; the request is already authenticated and authorized.
            user_from_token: In bearer mode, the user the token names (its ``sub``). It takes the
                place of the user header, which such requests do not have. [sdk]

        Returns:
            The answer. Every refusal is one of the modelled errors; an operation that is not
            emulated is answered with ``UnknownOperationException``, 404.

        Raises:
            ConnectionDropped: if a fault asks for it; the transport closes the connection.
        """
        operation = self.route.operation
        if not self.is_emulated:
            return unknown_operation(operation.name)
        try:
            params = self._parameters(user_from_token)
            fault = state.faults.take(operation.name)
            if fault is not None:
                _begin(fault)
        except Exception as error:  # noqa: BLE001 - a bug of ours must still be an answer
            return self.refuse(error, state, user_from_token=user_from_token)
        try:
            body = operation.serialize(
                operations.perform(state, operation.name, params, request_id=self.request_id)
            )
        except Exception as error:  # noqa: BLE001 - as above; listeners were already told
            response = self._failure(error)
        else:
            response = serializing.success(operation.status, body, self.request_id)
        if fault is not None and fault.drop_after:
            raise ConnectionDropped(endpoint_url=self.request.path)
        return response

    def refuse(
        self,
        error: Exception,
        state: PaymentsState | None,
        *,
        user_from_token: str | None = None,
    ) -> WireResponse:
        """Answer with an error found before the operation, and tell the state's listeners.

        Args:
            error: What is wrong. The service's errors are answered as they are, any other as an
                InternalServerException.
            state: The account and region; ``None`` if the region does not exist.
            user_from_token: See :meth:`answer`.
        """
        if state is not None and state.listeners.hear_of(self.route.operation.name):
            params, _ = parsing.parameters(self.route, self.request, self.members, user_from_token)
            operations.report(
                state,
                self.route.operation.name,
                params,
                error,
                request_id=self.request_id,
                latency=perf_counter() - self._began,
            )
        return self._failure(error)

    def _parameters(self, user_from_token: str | None) -> dict[str, Any]:
        """Return the request's parameters, validated."""
        if self._unreadable is not None:
            raise self._unreadable
        params, failures = parsing.parameters(
            self.route, self.request, self.members, user_from_token
        )
        found = self.route.operation.validate(params)
        if found is not None:
            failures += [(path.lstrip("."), problem) for path, problem in found]
        if failures:
            raise validation.invalid(failures)
        return params

    def _failure(self, error: Exception) -> WireResponse:
        if not isinstance(error, ServiceError):
            if isinstance(error, MissingExtraError):
                text = str(error)  # names the extra to install, quotes nothing
            else:
                _report(self.route.operation.name, self.request_id, error)
                text = "The emulator failed; its log says where"
            error = InternalServerException(text)
        return serializing.failure(error.code, error.status, error.members, self.request_id)


def _begin(fault: Fault) -> None:
    """Wait for a fault's delay and raise its error, if it has one."""
    if fault.latency:
        time.sleep(fault.latency)
    error = fault.as_error()
    if error is not None:
        raise error


def _report(operation_name: str, request_id: str, error: Exception) -> None:
    """Log where it happened, without the exception's text, which may quote the request."""
    where = "".join(traceback.format_tb(error.__traceback__))
    _log.error(
        "%s failed with %s, request id %s; this is a bug of the emulator\n%s",
        operation_name,
        type(error).__name__,
        request_id,
        where,
    )
