"""The MPP challenge: one ``WWW-Authenticate: Payment ...`` header value.

Grammar: RFC 9110 section 11 (auth-params) and the Payment authentication scheme
(draft-ryan-httpauth-payment). Texts of the errors are ours. None of them contains the words AWS's
SDK takes for a problem with the session, such as "expired".
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, NoReturn

from boto3_agentcore_payments.emulator.engine.errors import ValidationException
from boto3_agentcore_payments.emulator.json_text import RepeatedKeyError, read_json
from boto3_agentcore_payments.emulator.proofs.payload_members import shown

if TYPE_CHECKING:
    from collections.abc import Collection

HEADERS = "paymentInput.mpp.wwwAuthenticateHeaders"
"""Path of the challenge in errors."""
INTENT = "charge"
"""The one intent that can be paid [guide]."""

_REQUIRED = ("id", "realm", "method", "intent", "request")
# Auth-params of the challenge a credential echoes (pympp, ``ChallengeEcho``).
_ECHOED = (*_REQUIRED, "expires", "digest", "opaque", "header", "description")
_MAXIMUM_HEADER_BYTES = 16_384  # [model] WwwAuthenticateHeader
_MAXIMUM_ID_CHARACTERS = 512  # [model] MppPaymentOutput$selectedPaymentId

_SCHEME = re.compile(r"payment[ \t]+", re.IGNORECASE)
_PARAMETER = re.compile(
    r"""[ \t]*([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]*=[ \t]*"""
    r"""(?:"((?:[^"\\]|\\.)*)"|([^\s",=]+))[ \t]*(?:,|$)"""
)
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|(.))", re.DOTALL)
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_BASE64URL = re.compile(r"[A-Za-z0-9_-]+={0,2}")
_RFC_3339 = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt]([0-9]{2}:[0-9]{2}:[0-9]{2})(\.[0-9]{1,9})?"
    r"([Zz]|[+-][0-9]{2}:[0-9]{2})"
)
_MICROSECONDS = 7  # a point and six digits, all that fromisoformat takes before Python 3.11


@dataclass(frozen=True)
class Challenge:
    """A challenge whose syntax is right.

    Attributes:
        echo: The auth-params a credential repeats, verbatim.
        request: The decoded ``request`` object.
        expires: When the challenge stops being payable, or ``None``.
    """

    echo: dict[str, str]
    request: dict[str, Any]
    expires: datetime | None

    @property
    def id(self) -> str:
        """The challenge's identifier, which becomes ``selectedPaymentId``."""
        return self.echo["id"]

    @property
    def realm(self) -> str:
        """The server's protection space."""
        return self.echo["realm"]

    @property
    def intent(self) -> str:
        """``charge``."""
        return self.echo["intent"]

    @property
    def method(self) -> str:
        """``evm``, ``tempo`` or ``solana``."""
        return self.echo["method"]


def parse(headers: Any, now: datetime, *, methods: Collection[str]) -> Challenge:
    """Return the one challenge of a request's ``wwwAuthenticateHeaders``.

    Args:
        headers: The list from the input.
        now: Timezone-aware service time; the challenge must still be payable.
        methods: Names of the methods that can be paid, in the order of the message.

    Raises:
        ValidationException: if there are more or fewer than one header or challenge, a missing or
            repeated parameter, another intent or method, a ``request`` that is not base64url of a
            JSON object without duplicate keys, or a time that has passed.
    """
    if not isinstance(headers, (list, tuple)) or len(headers) != 1:
        count = len(headers) if isinstance(headers, (list, tuple)) else 0
        _refuse(f"Exactly one MPP WWW-Authenticate header is required. Received: {count}")
    parameters = _parameters(headers[0])
    for name in _REQUIRED:
        if not parameters.get(name, "").strip():
            _refuse(f"Invalid MPP challenge: Required field '{name}' is missing or null")
    if len(parameters["id"]) > _MAXIMUM_ID_CHARACTERS:
        _refuse(f"Invalid MPP challenge: id exceeds {_MAXIMUM_ID_CHARACTERS} characters")
    if parameters["intent"] != INTENT:
        _refuse(
            f"MPP intent '{shown(parameters['intent'])}' not supported. Supported intent: {INTENT}"
        )
    if parameters["method"] not in methods:
        _refuse(
            f"MPP method '{shown(parameters['method'])}' not supported. "
            f"Supported methods: {', '.join(methods)}"
        )
    request = _request(parameters["request"])
    expires = _expires(parameters.get("expires"))
    if expires is not None and expires <= now:
        _refuse(f"MPP challenge is no longer payable: it expires at {parameters['expires']}")
    echo = {name: parameters[name] for name in _ECHOED if parameters.get(name)}
    return Challenge(echo=echo, request=request, expires=expires)


def _refuse(message: str) -> NoReturn:
    raise ValidationException.at(f"{HEADERS}[0]", message)


def _parameters(header: Any) -> dict[str, str]:
    if not isinstance(header, str):
        _refuse("Invalid MPP challenge: the header must be text")
    try:
        encoded = header.encode()
    except UnicodeEncodeError:
        _refuse("Invalid MPP challenge: the header is not valid Unicode")
    if len(encoded) > _MAXIMUM_HEADER_BYTES:
        _refuse(f"Invalid MPP challenge: the header exceeds {_MAXIMUM_HEADER_BYTES} bytes")
    if _CONTROL.search(header):
        _refuse("Invalid MPP challenge: the header contains control characters")
    text = header.strip(" \t")
    scheme = _SCHEME.match(text)
    if scheme is None:
        _refuse("Invalid MPP challenge: the authentication scheme must be Payment")
    position = scheme.end()
    parameters: dict[str, str] = {}
    while position < len(text):
        match = _PARAMETER.match(text, position)
        if match is None:
            _refuse("Invalid MPP challenge: the header must hold exactly one Payment challenge")
        # Names of auth-params are case-insensitive (RFC 9110, 11.2).
        name = match.group(1).lower()
        if name in parameters:
            _refuse(f"Invalid MPP challenge: parameter '{shown(name)}' is repeated")
        quoted, token = match.group(2), match.group(3)
        parameters[name] = token if quoted is None else _unquoted(quoted)
        position = match.end()
    return parameters


def _unquoted(text: str) -> str:
    # MPP servers escape what does not fit a header as UTF-16 units; pairs are joined here.
    plain = _ESCAPE.sub(lambda m: chr(int(m[1], 16)) if m[1] else m[2], text)
    return plain.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _request(text: str) -> dict[str, Any]:
    if not _BASE64URL.fullmatch(text):
        _refuse("Invalid MPP challenge: request is not base64url")
    unpadded = text.rstrip("=")
    try:
        decoded = base64.urlsafe_b64decode(unpadded + "=" * (-len(unpadded) % 4)).decode()
        value = read_json(decoded)
        # Lone surrogates cannot be sent back or hashed.
        json.dumps(value, ensure_ascii=False).encode()
    except RepeatedKeyError as error:
        _refuse(f"Invalid MPP challenge: request repeats the key '{shown(error.key)}'")
    except (binascii.Error, ValueError):
        _refuse("Invalid MPP challenge: request is not base64url-encoded JSON")
    if not isinstance(value, dict):
        _refuse("Invalid MPP challenge: request is not a JSON object")
    return value


def _expires(text: str | None) -> datetime | None:
    if not text:
        return None
    match = _RFC_3339.fullmatch(text)
    if match is not None:
        date, time, fraction, zone = match.groups()
        digits = fraction.ljust(_MICROSECONDS, "0")[:_MICROSECONDS] if fraction else ""
        offset = "+00:00" if zone in "Zz" else zone
        try:
            return datetime.fromisoformat(f"{date}T{time}{digits}{offset}")
        except ValueError:
            pass
    _refuse(f"Invalid MPP challenge: expires is not an RFC 3339 time. Received: {shown(text)}")
