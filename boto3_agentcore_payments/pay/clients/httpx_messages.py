"""Code that the two httpx clients share: paying requests, and answers for a purchase."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Any

import httpx

from boto3_agentcore_payments.pay.demands import Headers
from boto3_agentcore_payments.pay.destinations import without_secrets
from boto3_agentcore_payments.pay.flow import Chain
from boto3_agentcore_payments.pay.purchases import Asked

if TYPE_CHECKING:
    from collections.abc import Mapping

    from boto3_agentcore_payments.pay.purchases import Answered

_CHAIN = "agentcore_payments"
_PURCHASE_ID = "purchase_id"
_KEPT_HEADERS = ("Accept", "Content-Type", "Content-Encoding")


class Answer:
    """An httpx answer whose body is still to be read.

    Attributes:
        native: httpx's own.
        status: HTTP status.
        headers: As they came.
        peer: IP address that sent it; ``None`` behind a proxy or without a socket.
    """

    def __init__(self, response: httpx.Response, *, proxied: bool) -> None:
        self.native = response
        self.status = response.status_code
        self.headers = Headers(
            (name.decode("latin-1"), value.decode("latin-1"))
            for name, value in response.headers.raw
        )
        self.peer = None if proxied else _peer(response)


def _peer(response: httpx.Response) -> str | None:
    stream = response.extensions.get("network_stream")
    try:
        address = stream.get_extra_info("server_addr") if stream is not None else None
    except OSError:
        return None  # the merchant has reset the connection, so its address is unknown
    return str(address[0]) if isinstance(address, tuple) and address else None


def chain_of(request: httpx.Request) -> Chain:
    """Return the call that a request belongs to; httpx copies extensions to redirects."""
    found = request.extensions.get(_CHAIN)
    if not isinstance(found, Chain):
        name = request.extensions.get(_PURCHASE_ID)
        found = request.extensions[_CHAIN] = Chain(purchase_id=name)
    return found


def asked(request: httpx.Request, body: bytes | None) -> Asked:
    """Return a request in the form that a purchase needs."""
    return Asked(
        method=request.method.upper(),
        url=without_secrets(str(request.url)),
        body=body,
        headers={name: request.headers[name] for name in _KEPT_HEADERS if name in request.headers},
        purchase_id=chain_of(request).purchase_id,
    )


def is_repeatable(request: httpx.Request) -> bool:
    """Return whether a request's body can be read into memory: its length is known."""
    return isinstance(request.stream, httpx.ByteStream) or "Content-Length" in request.headers


def paid(request: httpx.Request, headers: Mapping[str, str], peer: str | None) -> httpx.Request:
    """Return a request with more headers, sent to a given address if there is one.

    The URL then has the address; ``Host`` and, for TLS, ``sni_hostname`` have the name.
    """
    url, extensions = request.url, dict(request.extensions)
    if peer is not None and not _is_address(url.host):
        extensions["sni_hostname"] = url.raw_host.decode("ascii")
        url = url.copy_with(host=peer)
    with_more = httpx.Headers(request.headers)
    with_more.update(headers)
    return httpx.Request(
        request.method,
        url,
        headers=with_more,
        stream=httpx.ByteStream(request.content),
        extensions=extensions,
    )


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def whole(answered: Answered, extensions: Mapping[str, Any]) -> httpx.Response:
    """Return an answer whose body is already read."""
    kept = {
        name: extensions[name] for name in ("http_version", "reason_phrase") if name in extensions
    }
    return httpx.Response(
        answered.status,
        headers=[
            (name.encode("latin-1"), value.encode("latin-1"))
            for name, value in answered.headers.pairs
        ],
        stream=httpx.ByteStream(answered.content),
        extensions=kept,
    )
