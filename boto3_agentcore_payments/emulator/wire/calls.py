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
import time
import traceback
from random import SystemRandom
from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.emulator.engine import operations
from boto3_agentcore_payments.emulator.engine.errors import InternalServerException, ServiceError
from boto3_agentcore_payments.emulator.engine.identifiers import universal
from boto3_agentcore_payments.emulator.wire import parsing, serializing, validation
from boto3_agentcore_payments.emulator.wire.http import ConnectionDropped
from boto3_agentcore_payments.errors import MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from boto3_agentcore_payments.emulator.engine.faults import Fault
    from boto3_agentcore_payments.emulator.engine.state import PaymentsState
    from boto3_agentcore_payments.emulator.wire.definitions import Route
    from boto3_agentcore_payments.emulator.wire.http import WireRequest, WireResponse

_log = logging.getLogger(__name__)
_RANDOM = SystemRandom()


def unknown_operation(name: str | None = None) -> WireResponse:
    """Answer a request for something that is not emulated.

    Args:
        name: An operation that only the definitions have; ``None`` where neither service has the
            request's method and path.
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
    """A request for one operation, read once for everyone who asks about it.

    Args:
        route: The operation and the URI labels, as :func:`definitions.find` found them.
        request: The request.

    Attributes:
        members: The members of its body; none where the body cannot be read, which is what the
            answer then says.
        request_id: Identifier of its answer.
    """

    __slots__ = ("_unreadable", "members", "request", "request_id", "route")

    def __init__(self, route: Route, request: WireRequest) -> None:
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
        """Whether the engine has the operation: a newer definition may have more."""
        return self.route.operation.name in operations.OPERATIONS

    def manager_arn(self) -> str | None:
        """Return the ``paymentManagerArn`` of the body, if it has one that is text."""
        arn = self.members.get("paymentManagerArn")
        return arn if isinstance(arn, str) else None

    def answer(self, state: PaymentsState, *, user_from_token: str | None = None) -> WireResponse:
        """Perform the operation; to be called once.

        Args:
            state: The account and region it is for; the request is already authenticated and
                authorized.
            user_from_token: In bearer mode, the user the token names (its ``sub``); it takes the
                place of the user header, which such requests do not carry. [sdk]

        Returns:
            The answer. Every refusal is one of the modelled errors; an operation that only the
            definitions have is answered with ``UnknownOperationException``, 404.

        Raises:
            ConnectionDropped: if a fault asks for it; the transport closes the connection.
        """
        operation = self.route.operation
        if not self.is_emulated:
            return unknown_operation(operation.name)
        try:
            body = self._perform(state, user_from_token)
        except ServiceError as error:
            return self.refuse(error.code, error.status, error.members)
        except ConnectionDropped:
            raise
        except MissingExtraError as error:
            return self.refuse_for_missing(error)
        except Exception as error:  # noqa: BLE001 - a bug of ours must still be an answer
            _report(operation.name, self.request_id, error)
            bug = InternalServerException("The emulator failed; its log says where")
            return self.refuse(bug.code, bug.status, bug.members)
        return serializing.success(operation.status, body, self.request_id)

    def refuse(self, code: str, status: int, members: Mapping[str, Any]) -> WireResponse:
        """Answer with an error.

        Args:
            code: Its code.
            status: HTTP status.
            members: The error's members, ``message`` included.
        """
        return serializing.failure(code, status, members, self.request_id)

    def refuse_for_missing(self, error: MissingExtraError) -> WireResponse:
        """Answer that a library is not installed; the text names the extra and quotes nothing."""
        code, status = InternalServerException.code, InternalServerException.status
        return self.refuse(code, status, {"message": str(error)})

    def _perform(self, state: PaymentsState, user_from_token: str | None) -> bytes:
        if self._unreadable is not None:
            raise self._told(state, self.members, self._unreadable)
        operation = self.route.operation
        params, failures = parsing.parameters(
            self.route, self.request, self.members, user_from_token
        )
        found = operation.validate(params)
        if found is not None:
            failures += [(path.lstrip("."), problem) for path, problem in found]
        if failures:
            raise self._told(state, params, validation.invalid(failures))
        fault = state.faults.take(operation.name)
        if fault is None:
            return operation.serialize(self._answer_of_engine(state, params))
        return self._perform_with(fault, state, params)

    def _perform_with(self, fault: Fault, state: PaymentsState, params: dict[str, Any]) -> bytes:
        """Perform one call with an injected fault.

        Only well-formed requests meet a fault, so a planned number of calls means calls that would
        have reached the service's own rules. It waits before the engine takes the state's lock. A
        lost connection loses errors like any other answer.
        """
        operation = self.route.operation
        if fault.latency:
            time.sleep(fault.latency)
        error = fault.as_error()
        if error is not None:
            raise self._told(state, params, error)
        dropped = ConnectionDropped(endpoint_url=self.request.path)
        try:
            body = operation.serialize(self._answer_of_engine(state, params))
        except ServiceError:
            if fault.drop_after:
                raise dropped from None
            raise
        if fault.drop_after:
            raise dropped
        return body

    def _answer_of_engine(self, state: PaymentsState, params: dict[str, Any]) -> dict[str, Any]:
        name = self.route.operation.name
        return operations.perform(state, name, params, request_id=self.request_id)

    def _told(
        self, state: PaymentsState, params: Mapping[str, Any], error: ServiceError
    ) -> ServiceError:
        """Tell the state's listeners of an error that the engine does not see; return it."""
        name = self.route.operation.name
        operations.report(state, name, params, error, request_id=self.request_id)
        return error


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
