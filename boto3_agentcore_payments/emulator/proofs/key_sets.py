"""Fetch the seller's key set that a quote names, without letting the quote redirect us elsewhere.

The Marketplace's rules [guide 2026-11]: https, a public address, no redirect, a path with
``/.well-known/`` that ends in ``.json``, no query. A seller on this machine is also allowed, over
http too, because local merchants run there. We connect to the very address that was checked, so a
name that resolves differently the second time gains nothing. Proxies are not used.
"""

from __future__ import annotations

import http.client
import ipaddress
import re
import socket
import ssl
import threading
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from boto3_agentcore_payments.emulator.proofs.marketplace import JWKS_PATH
from boto3_agentcore_payments.json_text import read_json

if TYPE_CHECKING:
    from urllib.parse import SplitResult

SECONDS = 3.0
"""Longest time of a whole fetch, in seconds, including the name look-up."""
LARGEST = 64 * 1024
"""Largest key set, in bytes."""

_LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
_PORTS = {"https": 443, "http": 80}
_URL_CHARACTERS = re.compile(r"[!-~]{1,2048}")
_OK = 200
_PIECE = 8192


class FetchError(Exception):
    """A key set cannot be fetched; the text says why."""


def fetch(issuer: str) -> Any:
    """Fetch and return the JSON at ``{issuer}/.well-known/jwks.json``.

    Args:
        issuer: The seller's service URL.

    Raises:
        FetchError: if the URL breaks one of the rules above, or the fetch fails.
    """
    parts = _checked(issuer)
    outcome: list[Any] = []
    deadline = time.monotonic() + SECONDS

    def run() -> None:
        try:
            outcome.append(_fetched(parts, deadline))
        except FetchError as error:
            outcome.append(error)
        except (OSError, http.client.HTTPException, ValueError) as error:
            outcome.append(FetchError(_reason(error)))

    # In a separate thread, because a name look-up has no timeout of its own.
    thread = threading.Thread(target=run, name="seller-keys", daemon=True)
    thread.start()
    thread.join(SECONDS)
    if not outcome:
        raise FetchError(f"no answer within {SECONDS:g} seconds")
    if isinstance(outcome[0], FetchError):
        raise outcome[0]
    return outcome[0]


def _checked(issuer: str) -> SplitResult:
    """Check the URL to fetch from and return its parts, without looking up the host."""
    if not _URL_CHARACTERS.fullmatch(issuer):
        raise FetchError("it is not an https URL")
    try:
        parts = urlsplit(issuer)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise FetchError("it is not a URL") from None
    if parts.scheme not in _PORTS or not host:
        raise FetchError("it is not an https URL")
    if parts.username is not None or parts.query or parts.fragment or issuer[-1] in "?#":
        raise FetchError("a user, a query or a fragment in it")
    if parts.scheme == "http" and host not in _LOOPBACK_NAMES:
        raise FetchError("http is for this machine only; https is needed")
    return parts


def _fetched(parts: SplitResult, deadline: float) -> Any:
    host = parts.hostname or ""
    port = parts.port or _PORTS[parts.scheme]
    connected = _connected(host, port, deadline)
    connection = http.client.HTTPConnection(host, port, timeout=SECONDS)
    try:
        if parts.scheme == "https":
            connected = ssl.create_default_context().wrap_socket(connected, server_hostname=host)
        connection.sock = connected
        headers = {"Host": parts.netloc, "Accept": "application/json", "Connection": "close"}
        connection.request("GET", parts.path.rstrip("/") + JWKS_PATH, headers=headers)
        with connection.getresponse() as response:
            if response.status != _OK:
                raise FetchError(f"HTTP {response.status}")
            body = _body(response, connected, deadline)
    finally:
        connected.close()
        connection.close()
    try:
        return read_json(body)
    except ValueError:
        raise FetchError("the answer is not JSON") from None


def _connected(host: str, port: int, deadline: float) -> socket.socket:
    """Connect to a host, after checking that every one of its addresses is allowed."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    local = host in _LOOPBACK_NAMES
    for *_, address in found:
        ip = ipaddress.ip_address(str(address[0]).partition("%")[0])
        if not (ip.is_loopback if local else _is_public(ip)):
            raise FetchError("its address is not public")
    failure: OSError = OSError("no address")
    for family, kind, protocol, _, address in found:
        connection = socket.socket(family, kind, protocol)
        connection.settimeout(max(deadline - time.monotonic(), 0.001))
        try:
            connection.connect(address)
        except OSError as error:
            connection.close()
            failure = error
        else:
            return connection
    raise failure


def _is_public(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Return whether an address, and any IPv4 address embedded in it, is public."""
    inner: list[ipaddress.IPv4Address | None] = []
    if isinstance(ip, ipaddress.IPv6Address):
        inner = [ip.ipv4_mapped, ip.sixtofour, *(ip.teredo or ())]
        if ip in _NAT64:
            inner.append(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF))
    if any(other is not None for other in inner):
        return all(other is None or _is_public(other) for other in inner)
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def _body(response: http.client.HTTPResponse, connection: socket.socket, deadline: float) -> bytes:
    body = b""
    while len(body) <= LARGEST:
        connection.settimeout(max(deadline - time.monotonic(), 0.001))
        piece = response.read1(_PIECE)
        if not piece:
            return body
        body += piece
    raise FetchError(f"the answer is larger than {LARGEST} bytes")


def _reason(error: Exception) -> str:
    if isinstance(error, (TimeoutError, socket.timeout)):
        return f"no answer within {SECONDS:g} seconds"
    if isinstance(error, ssl.SSLError):
        return "its certificate or TLS is not accepted"
    if isinstance(error, socket.gaierror):
        return "its name is not known"
    if isinstance(error, OSError):
        return "no connection"
    return "the answer is not HTTP"
