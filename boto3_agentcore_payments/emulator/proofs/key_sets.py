"""Fetching a seller's key set, which a quote names, without being led elsewhere by it.

The Marketplace's rules [guide 2026-11]: https, a public address, no redirect, a path with
``/.well-known/`` that ends in ``.json``, no query. Beside them a seller on this machine is reached,
by http too, because that is where a local one is. The address that is connected to is the one that
was judged, so a name cannot change its mind in between; proxies are not used.
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

from boto3_agentcore_payments.emulator.json_text import read_json
from boto3_agentcore_payments.emulator.proofs.marketplace import JWKS_PATH

if TYPE_CHECKING:
    from urllib.parse import SplitResult

SECONDS = 3.0
"""How long a fetch may take in all, the look-up of the name included."""
LARGEST = 64 * 1024
"""Bytes of a key set."""

_LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
_PORTS = {"https": 443, "http": 80}
_URL_CHARACTERS = re.compile(r"[!-~]{1,2048}")
_OK = 200
_PIECE = 8192


class FetchError(Exception):
    """A key set cannot be had; the text says why."""


def fetch(issuer: str) -> Any:
    """Return what a seller publishes at ``{issuer}/.well-known/jwks.json``, as JSON.

    Args:
        issuer: The seller's service URL.

    Raises:
        FetchError: if the URL is not one to fetch from, or the fetch fails.
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

    # In a thread of its own, because nothing else ends the look-up of a name in time.
    thread = threading.Thread(target=run, name="seller-keys", daemon=True)
    thread.start()
    thread.join(SECONDS)
    if not outcome:
        raise FetchError(f"no answer within {SECONDS:g} seconds")
    if isinstance(outcome[0], FetchError):
        raise outcome[0]
    return outcome[0]


def _checked(issuer: str) -> SplitResult:
    """Return the parts of a URL to fetch from; the host is not looked up yet."""
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
    """Return a connection to a host, all of whose addresses may be reached."""
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
    """Return whether an address is of the public Internet, the one inside another too."""
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
