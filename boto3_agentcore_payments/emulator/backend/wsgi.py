"""Answer payments requests of a WSGI server without moto's application.

moto's own server application needs about a millisecond to find the service a request is for. A
server that asks here first needs it only for the other services.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlsplit

from moto.moto_api import recorder

from boto3_agentcore_payments.emulator.backend import billing_keys
from boto3_agentcore_payments.emulator.backend.identity import RequestHeaders
from boto3_agentcore_payments.emulator.backend.inference import PREFIXES, is_signed_for_another
from boto3_agentcore_payments.emulator.backend.responses import answer
from boto3_agentcore_payments.emulator.preference import prefers_moto
from boto3_agentcore_payments.emulator.wire import definitions
from boto3_agentcore_payments.emulator.wire.calls import Call
from boto3_agentcore_payments.emulator.wire.http import WireRequest, WireResponse


def answer_wsgi(environ: dict[str, Any]) -> WireResponse | None:
    """Answer a payments request, with moto's rules on accounts, regions and permissions.

    Args:
        environ: The WSGI environment; its input is read only if the request is answered.

    Returns:
        The answer, or ``None`` if moto's application has to answer: other paths, requests signed
        for another service (an S3 bucket may be called ``payments``), requests from a browser's
        page (CORS), and everything while moto's recorder is on or moto's own payments operations
        are preferred.

    Raises:
        ConnectionDropped: if an injected fault asks for the connection to be closed without answer.
    """
    if not environ["PATH_INFO"].startswith(PREFIXES):
        return _keys(environ)
    if is_signed_for_another(environ):
        return None
    recording = recorder._user_enabled  # noqa: SLF001 - moto has no other way to ask
    if "HTTP_ORIGIN" in environ or recording or prefers_moto():
        return None
    path = _raw_path(environ)
    method = environ["REQUEST_METHOD"]
    route = definitions.find(method, path)
    if route is None:
        return None
    query = environ.get("QUERY_STRING", "")
    request = WireRequest(method, path, query, RequestHeaders(environ), _body(environ))
    return answer(Call(route, request), f"http://{environ.get('HTTP_HOST', '')}{path}")


def _keys(environ: dict[str, Any]) -> WireResponse | None:
    """Return the Marketplace's keys if the request is for them."""
    if not billing_keys.is_asked(environ["REQUEST_METHOD"], environ["PATH_INFO"]):
        return None
    body = b"" if environ["REQUEST_METHOD"] == "HEAD" else billing_keys.document()
    return WireResponse(200, dict(billing_keys.HEADERS), body)


def _raw_path(environ: dict[str, Any]) -> str:
    """Return the path as it was sent; servers keep it under either of two names, or not at all."""
    sent: str = environ.get("RAW_URI") or environ.get("REQUEST_URI", "")
    if sent:
        return urlsplit(sent).path if "://" in sent else sent.partition("?")[0]
    return quote(environ["PATH_INFO"].encode("latin-1"), safe="/:@!$&'()*+,;=~-._")


def _body(environ: dict[str, Any]) -> bytes:
    stream = environ["wsgi.input"]
    if environ.get("HTTP_TRANSFER_ENCODING", "").lower() == "chunked":
        return bytes(stream.read())
    length = environ.get("CONTENT_LENGTH") or "0"
    return bytes(stream.read(int(length))) if length.isdigit() else b""
