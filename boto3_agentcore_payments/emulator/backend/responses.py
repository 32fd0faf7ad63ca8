"""Answers moto's requests for the payments operations.

A plain function instead of a ``BaseResponse``: moto's way through ``setup_class`` and
``call_action`` costs more than the operation itself. What it does for a service is done here:
account and region (``identity``), IAM (``permissions``), the last use of a key.
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable
from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from botocore import xform_name
from botocore.exceptions import UnknownServiceError

from boto3_agentcore_payments.emulator.backend import bearer, identity, permissions
from boto3_agentcore_payments.emulator.backend.models import PaymentsBackend, backend_of
from boto3_agentcore_payments.emulator.engine.errors import AccessDeniedException, ServiceError
from boto3_agentcore_payments.emulator.engine.finding import find_manager_by_arn
from boto3_agentcore_payments.emulator.engine.identifiers import last_part
from boto3_agentcore_payments.emulator.engine.managers import CUSTOM_JWT
from boto3_agentcore_payments.emulator.preference import prefers_moto
from boto3_agentcore_payments.emulator.wire import definitions
from boto3_agentcore_payments.emulator.wire.calls import Call, unknown_operation
from boto3_agentcore_payments.emulator.wire.http import ConnectionDropped, WireRequest, WireResponse
from boto3_agentcore_payments.errors import MissingExtraError

if TYPE_CHECKING:
    from boto3_agentcore_payments.emulator.wire.definitions import Operation

MotoAnswer = tuple[int, dict[str, str], Any]
MotoHandler = Callable[[Any, str, Any], MotoAnswer]
"""A function of moto's ``url_paths``: (request, full URL, headers) to (status, headers, body)."""

_UNAUTHORIZED = 401
_NOT_FOUND = 404


def dispatch_payments(fallback: Callable[[str], MotoHandler | None]) -> MotoHandler:
    """Return the function for a service's front routes.

    Args:
        fallback: Finds moto's own handler for a path that is not a payments operation.
    """

    def payments(request: Any, full_url: str, headers: Any) -> MotoAnswer:
        path = raw_path(request, full_url)
        route = definitions.find(request.method, path)
        theirs = fallback(path) if route is None or prefers_moto() else None
        if theirs is not None and (
            _moto_has(route.operation, theirs)
            if route
            else not _is_almost_ours(request.method, path)
        ):
            return _answer_of_moto(theirs, request, full_url, headers)
        if route is None:
            return _for_moto(unknown_operation())
        environ = getattr(request, "environ", None)
        headers = request.headers if environ is None else identity.RequestHeaders(environ)
        query = urlsplit(full_url).query
        message = WireRequest(request.method, path, query, headers, body_of(request))
        try:
            return _for_moto(answer(Call(route, message), full_url))
        except ConnectionDropped:
            _close_connection(request)
            raise ConnectionDropped(endpoint_url=full_url) from None

    return payments


def answer(call: Call, url: str) -> WireResponse:
    """Answer a payments request with moto's rules on accounts, regions and permissions.

    Args:
        call: The request.
        url: Its full URL; the host may name the region.

    Raises:
        ConnectionDropped: if an injected fault asks for it.
    """
    if not call.is_emulated:
        return unknown_operation(call.route.operation.name)
    headers = call.request.headers
    authorization = identity.text(headers, "Authorization")
    scope = identity.credential_scope(authorization)
    token = identity.bearer_token(authorization)
    manager_arn = call.manager_arn()
    place = identity.place_of_manager(manager_arn) if manager_arn and scope is None else None
    owner, home = place or ("", "")
    account = identity.account(headers, scope, owner)
    region = identity.region(url, headers, scope, home)
    try:
        backend = backend_of(account, region)
    except KeyError:
        return call.refuse(_unknown_region(region), None)
    identity.note_visit(account, scope, region)
    user = None
    try:
        if token is not None:
            user = _user_of(token, backend, call)
        else:
            host = urlsplit(url).netloc
            permissions.check(call, backend.state, host=host, signed=scope is not None)
            _refuse_signature_for_jwt(backend, manager_arn)
    except (ServiceError, MissingExtraError) as error:
        refused = call.refuse(error, backend.state)
        if refused.status == _UNAUTHORIZED:
            refused.headers["WWW-Authenticate"] = 'Bearer error="invalid_token"'
        return refused
    return call.answer(backend.state, user_from_token=user)


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
    environ = getattr(request, "environ", None)
    stream = None if environ is None else environ.get("wsgi.input")
    if isinstance(stream, BytesIO):  # in memory, as in mock_aws; werkzeug takes its time over it
        return stream.getvalue()
    if hasattr(request, "get_data"):
        data: bytes = request.get_data()
        return data
    body = request.body
    if hasattr(body, "read"):
        body = body.read()
    return body.encode() if isinstance(body, str) else bytes(body or b"")


def _close_connection(request: Any) -> None:
    """Close the connection a request came over, if any.

    Otherwise werkzeug's server would wait for the next request and its client for the answer.
    """
    environ = getattr(request, "environ", None) or {}
    connection = environ.get("werkzeug.socket")
    if connection is not None:
        with contextlib.suppress(OSError):  # the client may have gone first
            connection.shutdown(socket.SHUT_RDWR)


def _user_of(token: str, backend: PaymentsBackend, call: Call) -> str:
    """Return the user of a bearer request.

    If the manager does not exist, only the token is checked; the operation then refuses.

    Raises:
        AccessDeniedException: if the operation or the manager takes no bearer token, or the
            manager's authorizer does not admit this one.
        UnauthorizedException: if the token is not accepted.
        MissingExtraError: if joserfc is not installed.
    """
    if "paymentManagerArn" not in call.route.operation.inputs.body:
        raise AccessDeniedException("This operation does not accept a bearer token")
    state = backend.state
    with state.lock:
        manager = find_manager_by_arn(state, call.manager_arn() or "")
        configuration = None if manager is None else manager.authorizer_configuration
        kind = CUSTOM_JWT if manager is None else manager.authorizer_type
    if kind != CUSTOM_JWT:
        raise AccessDeniedException(_mismatch("AWS_IAM", "a SigV4 signature", "a bearer token"))
    authorizer = (configuration or {}).get("customJWTAuthorizer") or {}
    issuer = backend.trusted_keys.of(authorizer.get("discoveryUrl", ""))
    return bearer.user(token, configuration, issuer, state.clock())


def _refuse_signature_for_jwt(backend: PaymentsBackend, manager_arn: str | None) -> None:
    if manager_arn is None:
        return
    state = backend.state
    there = state.managers.get(last_part(manager_arn))
    if there is None or there.authorizer_type != CUSTOM_JWT:  # nearly always, and needs no lock
        return
    with state.lock:
        manager = find_manager_by_arn(state, manager_arn)
        kind = None if manager is None else manager.authorizer_type
    if kind == CUSTOM_JWT:
        raise AccessDeniedException(_mismatch(CUSTOM_JWT, "a bearer token", "no bearer token"))


def _mismatch(kind: str, wanted: str, given: str) -> str:
    return (
        f"Authorization method mismatch. The payment manager's authorizer type is {kind}, which "
        f"needs {wanted}; the request carries {given}"
    )


def _moto_has(operation: Operation, theirs: MotoHandler) -> bool:
    """Return whether moto's handler is preferred and implements the operation."""
    return hasattr(getattr(theirs, "__self__", None), xform_name(operation.name))


def _answer_of_moto(theirs: MotoHandler, request: Any, full_url: str, headers: Any) -> MotoAnswer:
    """Return moto's answer, or the service's error if moto does not have the operation."""
    try:
        answered = theirs(request, full_url, headers)
    except UnknownServiceError:  # moto asks botocore for the operation, and this one has no such
        return _for_moto(unknown_operation())
    status, _, body = answered
    return _for_moto(unknown_operation()) if status == _NOT_FOUND and not body else answered


def _is_almost_ours(method: str, path: str) -> bool:
    """Return whether a path is an operation's path with a slash appended.

    moto ignores that slash, finds the operation in botocore's model, and stops with
    ``NotImplementedError``.
    """
    return path.endswith("/") and definitions.find(method, path.rstrip("/")) is not None


def _for_moto(response: WireResponse) -> MotoAnswer:
    return response.status, response.headers, response.body


def _unknown_region(region: str) -> ServiceError:
    return permissions.Refusal(
        "UnrecognizedClientException",
        f"Region {region} is unknown to botocore; MOTO_ALLOW_NONEXISTENT_REGION=true allows it",
        400,
    )
