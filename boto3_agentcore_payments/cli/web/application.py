"""The WSGI application: payments answered straight, everything else by moto's whole server."""

from __future__ import annotations

import importlib.util
import json
import re
from contextlib import closing
from http import HTTPStatus
from threading import Lock
from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.cli.web import access_log, hand_over, page
from boto3_agentcore_payments.cli.web.guard import is_preflight
from boto3_agentcore_payments.emulator.backend.inference import PREFIXES, is_signed_for_another
from boto3_agentcore_payments.emulator.wire.http import ConnectionDropped
from boto3_agentcore_payments.errors import MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from boto3_agentcore_payments.cli.web.guard import Guard
    from boto3_agentcore_payments.emulator.wire.http import WireResponse

    StartResponse = Callable[..., Any]
    Application = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]
    Headers = list[tuple[str, str]]

ERROR_CODE = "agentcore_payments.error_code"
"""Key of the WSGI environment: the error code of the answer, for the log."""

_OF_MOTO = ("flask", "flask_cors")
"""What moto's application needs, which is not imported before it is needed."""
_REASONS = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}
_ERRORS = 400
_SCOPE_PARTS = 5
_NO_SUCH_OPERATION = (404, "UnknownOperationException", "No operation has this method and path")
_OF_THE_CONNECTION = frozenset({"connection", "keep-alive", "transfer-encoding"})
"""Headers that a WSGI application may not set."""

_NOT_FOR_OTHERS = (
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
)
"""Tell browsers, also those that send no ``Sec-Fetch-Site``, to show answers to no other origin."""


def create(guard: Guard) -> Application:
    """Make the application.

    A request for a payments operation does not go through moto's application, which spends a
    millisecond on finding its way; the backend's function for it keeps moto's rules on accounts,
    regions and permissions.

    Args:
        guard: Decides which requests are answered.

    Raises:
        MissingExtraError: if the extra ``emulator`` is not installed.
    """
    answer_payments, moto = _libraries()

    def application(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        refusal = guard.refusal(environ)
        if refusal:
            return refuse(environ, start_response, refusal.status, refusal.code, refusal.message)
        cors = guard.cors(environ) if "HTTP_ORIGIN" in environ else []
        if cors and is_preflight(environ):
            start_response(_REASONS[HTTPStatus.NO_CONTENT], cors)
            return ()
        environ.pop("HTTP_ORIGIN", None)  # decided; moto would answer it with headers of its own
        show = _page(environ)
        if show is not None:
            return show(environ, start_response)
        return answer(environ, start_response, cors)

    def answer(
        environ: dict[str, Any], start_response: StartResponse, cors: Headers
    ) -> Iterable[bytes]:
        unsound = unsound_signature(environ.get("HTTP_AUTHORIZATION", ""))
        if unsound:
            code = "IncompleteSignatureException"
            return refuse(environ, start_response, HTTPStatus.BAD_REQUEST, code, unsound)
        paid = answer_payments(environ)
        if paid is None and not _is_for_moto(environ):
            return refuse(environ, start_response, *_NO_SUCH_OPERATION)
        if paid is None:
            return _ask_moto(moto, environ, start_response, cors)
        headers = [*paid.headers.items(), ("Content-Length", str(len(paid.body))), *cors]
        if paid.status >= _ERRORS:
            environ[ERROR_CODE] = access_log.error_code(headers, paid.body)
        start_response(_REASONS.get(paid.status, f"{paid.status} "), headers)
        return (paid.body,)

    return application


def _page(environ: dict[str, Any]) -> Application | None:
    """Return what answers with the page that a request is for, if it is for one."""
    if page.is_asked_for(environ):
        return page.show
    return hand_over.show if hand_over.is_asked_for(environ) else None


def _libraries() -> tuple[Callable[[dict[str, Any]], WireResponse | None], Any]:
    """Return what answers payments requests, and moto's dispatcher for all others.

    Raises:
        MissingExtraError: if the extra ``emulator`` is not installed.
    """
    try:
        from boto3_agentcore_payments import emulator

        emulator.install()
        from boto3_agentcore_payments.emulator.backend.wsgi import answer_wsgi
    except ModuleNotFoundError as error:
        raise _missing(error.name or "moto") from error
    for module in _OF_MOTO:
        if importlib.util.find_spec(module) is None:
            raise _missing(module)
    return answer_wsgi, _Moto()


def _missing(module: str) -> MissingExtraError:
    return MissingExtraError("the server", extra="emulator", module=module)


class _Moto:
    """moto's dispatcher, made for the first request that needs it.

    Payments never do, and Flask alone is a sixth of all that a server's start would import.
    """

    def __init__(self) -> None:
        self._dispatcher: Any = None
        self._lock = Lock()

    def get_application(self, environ: dict[str, Any]) -> Any:
        """Return the application of the service that a request is for."""
        with self._lock:
            if self._dispatcher is None:
                from moto.moto_server.werkzeug_app import (
                    DomainDispatcherApplication,
                    create_backend_app,
                )

                self._dispatcher = DomainDispatcherApplication(create_backend_app)
        return self._dispatcher.get_application(environ)


def _ask_moto(
    moto: Any, environ: dict[str, Any], start_response: StartResponse, cors: Headers
) -> Iterable[bytes]:
    """Let moto answer, with our headers about other origins instead of its ``*``."""
    answered: list[tuple[int, Headers]] = []

    def start(status: str, headers: Headers, *exc_info: Any) -> Any:
        kept = [pair for pair in headers if _may_pass(pair[0].lower())]
        answered.append((int(status[:3]), kept))
        return start_response(status, [*kept, *_NOT_FOR_OTHERS, *cors], *exc_info)

    try:
        service = moto.get_application(environ)
    except Exception:  # noqa: BLE001 - moto fails in many ways where it can tell no service
        message = "Neither path nor headers tell which service the request is for"
        return refuse(environ, start_response, 400, "UnknownService", message)
    try:
        chunks = service(environ, start)
    except NotImplementedError:
        if _is_about_payments(environ) or not _is_signed(environ):
            return refuse(environ, start_response, *_NO_SUCH_OPERATION)
        message = "moto does not implement this operation"
        return refuse(environ, start_response, 501, "NotImplemented", message)
    except ConnectionDropped:
        raise
    except Exception as error:  # noqa: BLE001 - moto's handlers fail in many ways on what they miss
        access_log.write_failure(f"moto's {environ['REQUEST_METHOD']} handler", error)
        message = f"moto failed on this request with {type(error).__name__}: is a part missing?"
        return refuse(environ, start_response, 400, "MalformedRequest", message)
    status, headers = answered[-1]
    if status < _ERRORS:
        return chunks  # type: ignore[no-any-return]  # Flask's types are moto's matter
    with closing(chunks):
        body = b"".join(chunks)
    environ[ERROR_CODE] = access_log.error_code(headers, body)
    return (body,)


def unsound_signature(authorization: str) -> str | None:
    """Return what is wrong with the credential of a SigV4 signature; ``None`` if nothing is.

    Args:
        authorization: The ``Authorization`` header; other schemes are sound.
    """
    if not authorization.startswith("AWS4-HMAC-SHA256"):
        return None
    _, found, rest = authorization.partition("Credential=")
    parts = re.split("[, ]", rest, maxsplit=1)[0].split("/")
    if not found or len(parts) < _SCOPE_PARTS or not all(parts):
        return "Authorization header requires a Credential: KEY/DATE/REGION/SERVICE/aws4_request"
    return None


def _is_signed(environ: dict[str, Any]) -> bool:
    return str(environ.get("HTTP_AUTHORIZATION", "")).startswith("AWS")


def _is_about_payments(environ: dict[str, Any]) -> bool:
    return str(environ["PATH_INFO"]).startswith(PREFIXES) and not is_signed_for_another(environ)


def _is_for_moto(environ: dict[str, Any]) -> bool:
    """Return whether moto may have an answer where there is no payments operation.

    Its own AgentCore operations are signed, and S3, whose bucket may be called ``payments``, knows
    no bearer tokens and reads objects by GET and HEAD without a signature.
    """
    if not _is_about_payments(environ) or _is_signed(environ):
        return True
    return environ["REQUEST_METHOD"] in {"GET", "HEAD"} and "HTTP_AUTHORIZATION" not in environ


def _may_pass(name: str) -> bool:
    return name not in _OF_THE_CONNECTION and not name.startswith("access-control-")


def refuse(
    environ: dict[str, Any], start_response: StartResponse, status: int, code: str, message: str
) -> Iterable[bytes]:
    """Answer with an error of the server's own.

    Args:
        environ: The request's WSGI environment.
        start_response: As in WSGI.
        status: HTTP status.
        code: Error code, as AWS's services name it.
        message: What is wrong.
    """
    body = json.dumps({"__type": code, "message": message}).encode()
    headers = [
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(body))),
        ("x-amzn-ErrorType", code),
        *_NOT_FOR_OTHERS,
    ]
    environ[ERROR_CODE] = code
    start_response(_REASONS[status], headers)
    return () if environ["REQUEST_METHOD"] == "HEAD" else (body,)
