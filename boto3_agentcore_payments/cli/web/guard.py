"""Decide which requests ``serve`` answers: none that a web page of another origin can cause.

A server on the loopback interface is reachable from every page open in a browser on the machine.
The browser says where a request comes from, so nothing has to be known about the sender:

- ``Origin`` is sent with every request that a page may not read the answer of, and with every POST.
  It must be exactly this server's own (scheme, host, port), or be allowed by name.
- ``Sec-Fetch-Site`` is sent with every other request, such as that of an ``<img>``. ``cross-site``
  and ``same-site`` are refused, except for links to this server's pages: a top-level ``GET``
  navigation, whose answer the other page can't read.
- ``Host`` names the server the browser was asked for. A page that had its own name resolve to
  127.0.0.1 (DNS rebinding) is of this server's origin, but under the attacker's name. So the host
  must be a loopback name or address, the address listened on, or be allowed by name.

curl, the AWS CLI and every SDK send neither of the first two, and the address they were given.
"""

from __future__ import annotations

import functools
import ipaddress
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from boto3_agentcore_payments.cli.web import hand_over

if TYPE_CHECKING:
    from collections.abc import Iterable

LOCAL_ADDRESS = "agentcore_payments.local_address"
"""Key of the WSGI environment: the address of this end of the connection."""

PAGES = frozenset({"/", "/agentcore-payments", "/agentcore-payments/", "/moto-api", "/moto-api/"})
"""Paths that a link on another site may lead to, beside those of ``hand_over``."""

_HOST = re.compile(r"(?P<name>\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(?P<port>[0-9]{1,5}))?", re.ASCII)
_BAD_REQUEST = 400
_FORBIDDEN = 403
_SHOWN = 100
_LARGEST_PORT = 65535


@dataclass(frozen=True)
class Refusal:
    """Why a request is not answered.

    Attributes:
        status: HTTP status.
        code: Error code, as AWS's services name it.
        message: What is wrong and what to do.
    """

    status: int
    code: str
    message: str


class Guard:
    """The rules on ``Host``, ``Origin`` and ``Sec-Fetch-Site``, and the CORS answers.

    Args:
        listening_on: Name or address the server listens on.
        hosts: More names or addresses to accept as ``Host``; ``*.name`` accepts every subdomain.
        origins: Origins whose pages may use the server, as browsers write them.
        public_url: Where clients find the server, if that is not where it listens.
    """

    def __init__(
        self,
        listening_on: str,
        *,
        hosts: Iterable[str] = (),
        origins: Iterable[str] = (),
        public_url: str | None = None,
    ) -> None:
        public = urlsplit(public_url) if public_url else None
        names = [listening_on, *hosts, *([public.hostname or ""] if public else [])]
        given = {_normal(name) for name in names}
        self._hosts = frozenset(name for name in given if not name.startswith("*."))
        self._parents = tuple(name[1:] for name in given if name.startswith("*."))
        self._origins = frozenset(origin.lower() for origin in origins)
        self._public_origin = f"{public.scheme}://{public.netloc}".lower() if public else None
        self._everywhere = _is_wildcard(listening_on)
        self._host_refusal = functools.lru_cache(maxsize=64)(self._refused_host)

    def refusal(self, environ: dict[str, Any]) -> Refusal | None:
        """Return why a request is refused, or ``None`` if it is answered.

        Args:
            environ: The request's WSGI environment.
        """
        host = environ.get("HTTP_HOST")
        if host is not None:  # only clients of HTTP/1.0, which no browser is, may omit it
            refused = self._host_refusal(host.lower(), environ.get(LOCAL_ADDRESS, ""))
            if refused:
                return refused
        origin = environ.get("HTTP_ORIGIN")
        site = environ.get("HTTP_SEC_FETCH_SITE")
        if origin is None and site is None:
            return None
        if origin is not None and self.allows(environ):
            return None
        if origin is not None and origin.lower() not in self._own_origins(host):
            return _foreign("a page of another origin", "--allow-origin names the origins that may")
        if site in {None, "none", "same-origin"} or _is_link_to_a_page(environ):
            return None
        return _foreign("a page of another site", "--allow-origin names the origins that may")

    def allows(self, environ: dict[str, Any]) -> bool:
        """Return whether the request comes from an origin that was allowed by name."""
        return environ.get("HTTP_ORIGIN", "").lower() in self._origins

    def cors(self, environ: dict[str, Any]) -> list[tuple[str, str]]:
        """Return the headers that let an allowed origin's page read the answer; none for others."""
        if not self.allows(environ):
            return []
        headers = [
            ("Access-Control-Allow-Origin", environ["HTTP_ORIGIN"]),
            ("Access-Control-Expose-Headers", "*"),
            ("Vary", "Origin"),
        ]
        if is_preflight(environ):
            asked = environ.get("HTTP_ACCESS_CONTROL_REQUEST_HEADERS", "")
            method = environ["HTTP_ACCESS_CONTROL_REQUEST_METHOD"]
            headers += [
                ("Access-Control-Allow-Methods", method),
                ("Access-Control-Allow-Headers", asked),
                ("Access-Control-Max-Age", "600"),
            ]
            if environ.get("HTTP_ACCESS_CONTROL_REQUEST_PRIVATE_NETWORK") == "true":
                headers.append(("Access-Control-Allow-Private-Network", "true"))
        return headers

    def _refused_host(self, host: str, local_address: str) -> Refusal | None:
        found = _HOST.fullmatch(host)
        name = _normal(found["name"]) if found else ""
        if not name or (found and int(found["port"] or 0) > _LARGEST_PORT):
            return Refusal(_BAD_REQUEST, "InvalidHost", "The Host header is malformed")
        if (
            name in self._hosts
            or name.endswith(self._parents)
            or _is_loopback(name)
            or (self._everywhere and name == _normal(local_address))
        ):
            return None
        message = (
            f"Host {name[:_SHOWN]} is not a name of this server: "
            "agentcore-payments serve --allow-host adds one"
        )
        return Refusal(_FORBIDDEN, "AccessDeniedException", message)

    def _own_origins(self, host: str | None) -> tuple[str | None, ...]:
        """Return the origins of this server's own pages; the host has been checked."""
        return (f"http://{host.lower()}" if host else None, self._public_origin)


def is_preflight(environ: dict[str, Any]) -> bool:
    """Return whether a request only asks what a page may send."""
    return (
        environ["REQUEST_METHOD"] == "OPTIONS"
        and "HTTP_ORIGIN" in environ
        and "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in environ
    )


def _is_link_to_a_page(environ: dict[str, Any]) -> bool:
    return (
        environ["REQUEST_METHOD"] == "GET"
        and "HTTP_ORIGIN" not in environ
        and environ.get("HTTP_SEC_FETCH_MODE") == "navigate"
        and environ.get("HTTP_SEC_FETCH_DEST", "document") == "document"  # not an <iframe>
        and (environ["PATH_INFO"] in PAGES or hand_over.has_page(environ["PATH_INFO"]))
    )


def _foreign(what: str, instead: str) -> Refusal:
    message = f"This server answers no request of {what}; agentcore-payments serve {instead}"
    return Refusal(_FORBIDDEN, "AccessDeniedException", message)


def _normal(host: str) -> str:
    """Return a host's name or address in one spelling; empty if an address is malformed."""
    name = host.lower().strip("[]").rstrip(".")
    if ":" not in name and not name.replace(".", "").isdigit():
        return name
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return ""
    return str(getattr(address, "ipv4_mapped", None) or address)


def _is_loopback(name: str) -> bool:
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")


def _is_wildcard(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return False
