"""The origin of a 402, and whether its address is public."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit, urlunsplit

_DEFAULT_PORTS = {"http": 80, "https": 443}
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def origin(url: str) -> str:
    """Return the origin of a URL, in lower case and without a default port.

    Raises:
        ValueError: if the URL has no http or https origin.
    """
    parts = urlsplit(url)
    scheme, host = parts.scheme.lower(), parts.hostname
    if scheme not in _DEFAULT_PORTS or not host:
        message = f"{scheme or 'this'} URL has no http or https origin"
        raise ValueError(message)
    shown = f"[{host}]" if ":" in host else host.encode("idna").decode() if host else host
    port = parts.port
    return (
        f"{scheme}://{shown}"
        if port in (None, _DEFAULT_PORTS[scheme])
        else (f"{scheme}://{shown}:{port}")
    )


def without_secrets(url: str) -> str:
    """Return a URL without its fragment and its user and password.

    Messages, receipts and the journal show URLs. The HTTP client sends the password in a header.
    """
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], fragment=""))


def configured_origin(text: str) -> str:
    """Return an origin of ``allowed_origins`` in the normalized form of :func:`origin`.

    Raises:
        ValueError: if the text is not exactly an origin.
    """
    parts = urlsplit(text)
    if parts.path not in ("", "/") or parts.query or parts.fragment or parts.username is not None:
        message = f"allowed_origins: {text!r} is not an origin, such as https://shop.example"
        raise ValueError(message)
    try:
        return origin(text)
    except ValueError as error:
        message = f"allowed_origins: {text!r} is not an origin, such as https://shop.example"
        raise ValueError(message) from error


def is_public(address: str) -> bool:
    """Return whether an IP address is on the public internet.

    IPv6 forms that carry an IPv4 address (mapped, 6to4, Teredo, NAT64) are judged by it too.
    """
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if found.is_multicast or not found.is_global:
        return False
    if isinstance(found, ipaddress.IPv4Address):
        return True
    inner = [found.ipv4_mapped, found.sixtofour, *(found.teredo or ())]
    if found in _NAT64:
        inner.append(ipaddress.IPv4Address(int(found) & 0xFFFFFFFF))
    return all(each is None or is_public(str(each)) for each in inner)
