"""The HTTP layer of every local merchant, for all payment protocols.

A WSGI layer around the merchant's application. It answers browsers' preflight requests, gives HEAD
the headers of GET, lets scripts of other origins read the payment headers, sends only one
Content-Type, and records which resource is being sold. It stops payment headers that are nested so
deeply that a JSON decoder would crash the process.
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any

from werkzeug.wsgi import get_current_url

from boto3_agentcore_payments.json_text import NestedTooDeeplyError, read_json
from boto3_agentcore_payments.merchants.tills import selling

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
"""Methods that a paid resource answers in the same way: 402 until it is paid for."""

UNREADABLE = (
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
"""Errors that parsers raise for a payment that is malformed deep inside."""

_ALLOWED = ", ".join((*METHODS, "OPTIONS"))
_PAYMENT_REQUEST_HEADERS = "Authorization, Content-Type, PAYMENT-SIGNATURE, X-PAYMENT"
_PAYMENT_RESPONSE_HEADERS = (
    "PAYMENT-REQUIRED, PAYMENT-RESPONSE, Payment-Receipt, WWW-Authenticate, X-PAYMENT-RESPONSE"
)
_PREFLIGHT_SECONDS = "600"
_PAYMENTS = {
    "HTTP_AUTHORIZATION": "Payment .",
    "HTTP_PAYMENT_SIGNATURE": ".",
    "HTTP_X_PAYMENT": ".",
}
"""WSGI names of the payment headers, each with an unreadable value that replaces one nested too
deeply."""
_LAYERS = 2
"""Layers of JSON in base64 within a payment: MPP's credential, and the request in it."""


class Front:
    """The outermost layer of a merchant; a WSGI application.

    Args:
        application: The merchant itself.
    """

    def __init__(self, application: WSGIApplication) -> None:
        self._application = application

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        if environ["REQUEST_METHOD"] == "OPTIONS":
            return _preflight(environ, start_response)
        for name, unreadable in _PAYMENTS.items():
            if name in environ and _too_deep(environ[name].rpartition(" ")[2], _LAYERS):
                environ[name] = unreadable

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            return start_response(status, [*_one_content_type(headers), *_readable()], *rest)

        with selling(resource=get_current_url(environ, strip_querystring=True)):
            # Read the whole answer inside the block: its iterator's last step may make the sale.
            answer = self._application(environ, start)
            try:
                body = b"".join(answer)
            finally:
                close = getattr(answer, "close", None)
                if close is not None:
                    close()
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]


def _preflight(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    asked = environ.get("HTTP_ACCESS_CONTROL_REQUEST_HEADERS", "")
    start_response(
        "204 No Content",
        [
            ("Allow", _ALLOWED),
            ("Access-Control-Allow-Methods", _ALLOWED),
            ("Access-Control-Allow-Headers", asked or _PAYMENT_REQUEST_HEADERS),
            ("Access-Control-Max-Age", _PREFLIGHT_SECONDS),
            *_readable(),
        ],
    )
    return []


def _readable() -> list[tuple[str, str]]:
    return [
        ("Access-Control-Allow-Origin", "*"),
        ("Access-Control-Expose-Headers", _PAYMENT_RESPONSE_HEADERS),
    ]


def _one_content_type(headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the headers with only the first Content-Type; x402's middleware sends two."""
    kept, seen = [], False
    for name, value in headers:
        if name.lower() == "content-type":
            if seen:
                continue
            seen = True
        kept.append((name, value))
    return kept


def _too_deep(text: str, layers: int) -> bool:
    """Return whether any of a text's layers of base64 contains JSON that is nested too deeply."""
    try:
        raw = base64.b64decode(text.translate(_URL_SAFE) + "===")
        content = read_json(raw)
    except NestedTooDeeplyError:
        return True
    except (binascii.Error, ValueError):
        return False
    return layers > 1 and any(_too_deep(inner, layers - 1) for inner in _texts(content))


def _texts(value: Any) -> Iterator[str]:
    """Yield every text in a JSON value; its depth must already be checked."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts(inner)


_URL_SAFE = str.maketrans("-_", "+/")
