"""Answers moto's requests for the payments operations.

A plain function instead of a ``BaseResponse``: moto's way through ``setup_class`` and
``call_action`` costs more than the operation itself. What it does for a service is done here:
account and region (``identity``), IAM (``permissions``), the last use of a key.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from botocore.exceptions import UnknownServiceError

from boto3_agentcore_payments.emulator import activation
from boto3_agentcore_payments.emulator.backend import connections, identity, permissions
from boto3_agentcore_payments.emulator.backend.models import PaymentsBackend, payments_backends
from boto3_agentcore_payments.emulator.engine.errors import (
    AccessDeniedException,
    InternalServerException,
    ServiceError,
)
from boto3_agentcore_payments.emulator.engine.managers import CUSTOM_JWT, find_by_arn
from boto3_agentcore_payments.emulator.wire import definitions, serializing
from boto3_agentcore_payments.emulator.wire.http import WireRequest, WireResponse
from boto3_agentcore_payments.emulator.wire.service import ConnectionDropped
from boto3_agentcore_payments.emulator.wire.service import answer as answer_operation
from boto3_agentcore_payments.errors import MissingExtraError

if TYPE_CHECKING:
    from boto3_agentcore_payments.emulator.wire.definitions import Route as Operation

MotoAnswer = tuple[int, dict[str, str], Any]
Route = Callable[[Any, str, Any], MotoAnswer]
"""A function of moto's ``url_paths``: (request, full URL, headers) to (status, headers, body)."""

_UNAUTHORIZED = 401
_NOT_FOUND = 404


def dispatch_payments(fallback: Callable[[str], Route | None]) -> Route:
    """Return the function for a service's front routes.

    Args:
        fallback: Finds moto's own handler for a path that is no payments operation.
    """

    def payments(request: Any, full_url: str, headers: Any) -> MotoAnswer:
        path = raw_path(request, full_url)
        route = definitions.find(request.method, path)
        theirs = fallback(path) if route is None or activation.prefers_moto() else None
        if theirs is not None and (
            _moto_has(route, theirs) if route else not _is_almost_ours(request.method, path)
        ):
            return _answer_of_moto(theirs, request, full_url, headers)
        if route is None:
            return _unknown_operation()
        message = WireRequest(
            request.method, path, urlsplit(full_url).query, request.headers, body_of(request)
        )
        try:
            answered = answer(message, route, full_url)
        except ConnectionDropped:
            connections.close(request)
            raise connections.DroppedConnection(endpoint_url=full_url) from None
        return answered.status, answered.headers, answered.body

    return payments


def answer(request: WireRequest, route: Operation, url: str) -> WireResponse:
    """Answer a payments request with moto's rules on accounts, regions and permissions.

    Args:
        request: The request.
        route: The operation it is for.
        url: Its full URL; the host may name the region.

    Raises:
        ConnectionDropped: an injected fault asks for it.
    """
    authorization = identity.text(request.headers, "Authorization")
    scope = identity.credential_scope(authorization)
    token = identity.bearer_token(authorization)
    of_a_manager = "paymentManagerArn" in route.operation.inputs.body
    manager_arn = permissions.named_manager(request.body) if of_a_manager else None
    place = identity.place_of_manager(manager_arn) if manager_arn and scope is None else None
    owner, home = place or ("", "")
    account = identity.account(request.headers, scope, owner)
    region = identity.region(url, request.headers, scope, home)
    try:
        backend = payments_backends[account][region]
    except KeyError:
        return _unknown_region(region)
    identity.note_visit(account, scope, region)
    try:
        if token is not None:
            if not of_a_manager:
                message = "This operation does not accept a bearer token"
                raise AccessDeniedException(message)
            user = _user_of(token, backend, manager_arn or "")
            return answer_operation(request, backend.state, user_from_token=user)
        signed = scope is not None
        permissions.check(request, route, backend.state, host=urlsplit(url).netloc, signed=signed)
        _refuse_signature_for_jwt(backend, manager_arn)
    except ServiceError as error:
        return _failure(error.code, error.status, error.members)
    except permissions.Refusal as error:
        return _failure(error.code, error.status, {"message": error.message})
    except MissingExtraError as error:
        return _failure(InternalServerException.code, 500, {"message": str(error)})
    return answer_operation(request, backend.state)


def raw_path(request: Any, full_url: str) -> str:
    """Return the path as it was sent, percent-encoded.

    Args:
        request: werkzeug's request, or, before moto 5.2.5, what botocore or requests would send.
        full_url: The URL moto made of it, already decoded where the request is werkzeug's.
    """
    environ = getattr(request, "environ", None)
    sent = environ.get("RAW_URI") if environ is not None else None
    return urlsplit(sent or full_url).path


def body_of(request: Any) -> bytes:
    """Return the raw body of either kind of request."""
    if hasattr(request, "get_data"):
        data: bytes = request.get_data()
        return data
    body = request.body
    if hasattr(body, "read"):
        body = body.read()
    return body.encode() if isinstance(body, str) else bytes(body or b"")


def _user_of(token: str, backend: PaymentsBackend, manager_arn: str) -> str:
    """Return the user of a bearer request; raises the service's errors.

    Where there is no such manager the token alone is judged, and the operation says what is wrong.
    """
    from boto3_agentcore_payments.emulator.backend import bearer

    state = backend.state
    with state.lock:
        manager = find_by_arn(state, manager_arn)
        configuration = None if manager is None else manager.authorizer_configuration
        kind = CUSTOM_JWT if manager is None else manager.authorizer_type
    if kind != CUSTOM_JWT:
        raise AccessDeniedException(_mismatch("AWS_IAM", "a SigV4 signature", "a bearer token"))
    authorizer = (configuration or {}).get("customJWTAuthorizer") or {}
    issuer = backend.trusted_keys.of(authorizer.get("discoveryUrl", ""))
    return bearer.user(token, configuration, issuer, state.clock())


def _refuse_signature_for_jwt(backend: PaymentsBackend, manager_arn: str | None) -> None:
    state = backend.state
    if manager_arn is None or not state.managers:
        return
    with state.lock:
        manager = find_by_arn(state, manager_arn)
        kind = None if manager is None else manager.authorizer_type
    if kind == CUSTOM_JWT:
        raise AccessDeniedException(_mismatch(CUSTOM_JWT, "a bearer token", "no bearer token"))


def _mismatch(kind: str, wanted: str, given: str) -> str:
    return (
        f"Authorization method mismatch. The payment manager's authorizer type is {kind}, which "
        f"needs {wanted}; the request carries {given}"
    )


def _moto_has(route: Operation, theirs: Route) -> bool:
    """Tell whether moto's handler, where it is preferred, implements the operation."""
    from botocore import xform_name

    return hasattr(getattr(theirs, "__self__", None), xform_name(route.operation.name))


def _answer_of_moto(theirs: Route, request: Any, full_url: str, headers: Any) -> MotoAnswer:
    """Return moto's answer; where moto has no such operation, say so as the service would."""
    try:
        answered = theirs(request, full_url, headers)
    except UnknownServiceError:  # moto asks botocore for the operation, and this one has no such
        return _unknown_operation()
    status, _, body = answered
    return _unknown_operation() if status == _NOT_FOUND and not body else answered


def _is_almost_ours(method: str, path: str) -> bool:
    """Tell whether a path is an operation's but for a slash at its end.

    moto ignores that slash, finds the operation in botocore's model, and stops with
    ``NotImplementedError``.
    """
    return path.endswith("/") and definitions.find(method, path.rstrip("/")) is not None


def _unknown_operation() -> MotoAnswer:
    message = "No operation has this method and path"
    answered = _failure("UnknownOperationException", _NOT_FOUND, {"message": message})
    return answered.status, answered.headers, answered.body


def _unknown_region(region: str) -> WireResponse:
    message = (
        f"Region {region} is unknown to botocore; MOTO_ALLOW_NONEXISTENT_REGION=true allows it"
    )
    return _failure("UnrecognizedClientException", 400, {"message": message})


def _failure(code: str, status: int, members: dict[str, Any]) -> WireResponse:
    answered = serializing.failure(code, status, members, str(uuid.uuid4()))
    if status == _UNAUTHORIZED:
        answered.headers["WWW-Authenticate"] = 'Bearer error="invalid_token"'
    return answered
