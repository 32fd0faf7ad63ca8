"""The MPP challenge: one ``WWW-Authenticate: Payment ...`` header value.

Grammar: RFC 9110 section 11 (auth-params) and the Payment authentication scheme
(draft-ryan-httpauth-payment). Error texts are the guide's where it has them. AWS's SDK mistakes
the text for an expired challenge for an expired session, because it searches for that word.
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
from boto3_agentcore_payments.emulator.proofs.payload_members import shown
from boto3_agentcore_payments.json_text import RepeatedKeyError, read_json

if TYPE_CHECKING:
    from collections.abc import Collection

HEADERS = "paymentInput.mpp.wwwAuthenticateHeaders"
"""Path of the challenge in errors."""
INTENT = "charge"
"""The only intent that can be paid [guide]."""

_REQUIRED = ("id", "realm", "method", "intent", "request")
# Auth-params of the challenge that a credential echoes (pympp, ``ChallengeEcho``).
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
_MICROSECONDS = 7  # a point and six digits: fromisoformat takes no more before Python 3.11


@dataclass(frozen=True)
class Challenge:
    """A challenge with valid syntax.

    Attributes:
        echo: The auth-params that a credential repeats, verbatim.
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
    """Parse the only challenge of a request's ``wwwAuthenticateHeaders``.

    Args:
        headers: The value from the input, which should be a list.
        now: Timezone-aware service time; the challenge must still be payable.
        methods: Names of the methods that can be paid, in the order that messages list them.

    Raises:
        ValidationException: if there is not exactly one header with one challenge, a parameter is
            missing or repeated, the intent or method is not supported, ``request`` is not
            base64url of a JSON object without duplicate keys, or the challenge has expired.
    """
    if not isinstance(headers, (list, tuple)) or len(headers) != 1:
        raise ValidationException.rule(
            HEADERS,
            "MPP wwwAuthenticateHeaders is required and must contain exactly one "
            "WWW-Authenticate header.",
        )
    parameters = _parameters(headers[0])
    for name in _REQUIRED:
        if not parameters.get(name, "").strip():
            _refuse(missing(name))
    for name, value in parameters.items():
        control = _CONTROL.search(value)
        if control is not None:
            _refuse(
                f"MPP challenge field '{shown(name)}' contains a disallowed control character "
                f"(0x{ord(control[0]):02X})."
            )
    length = len(parameters["id"])
    if length > _MAXIMUM_ID_CHARACTERS:
        _refuse(
            f"MPP challenge 'id' exceeds the maximum allowed length of {_MAXIMUM_ID_CHARACTERS} "
            f"characters. Received length: {length}."
        )
    request = _request(parameters["request"])
    if parameters["intent"] != INTENT:
        _refuse(f"MPP supports only the '{INTENT}' intent. Received: {shown(parameters['intent'])}")
    if parameters["method"] not in methods:
        *others, last = (f"'{name}'" for name in methods)
        _refuse(
            f"MPP supports only the {', '.join(others)}, and {last} methods. "
            f"Received: {shown(parameters['method'])}"
        )
    expires = _expires(parameters.get("expires"))
    if expires is not None and expires <= now:
        _refuse(
            "MPP challenge has expired ('expires' is in the past). "
            "Obtain a fresh challenge and retry."
        )
    echo = {name: parameters[name] for name in _ECHOED if parameters.get(name)}
    return Challenge(echo=echo, request=request, expires=expires)


def missing(field: str) -> str:
    """Return the service's text for a required field that a challenge lacks [guide]."""
    return f"MPP challenge is missing required field: {field}"


def _refuse(message: str) -> NoReturn:
    raise ValidationException.rule(f"{HEADERS}[0]", message)


def _parameters(header: Any) -> dict[str, str]:
    if not isinstance(header, str):
        _refuse("Invalid MPP challenge: the header must be text")
    try:
        encoded = header.encode()
    except UnicodeEncodeError:
        _refuse("Invalid MPP challenge: the header is not valid Unicode")
    if len(encoded) > _MAXIMUM_HEADER_BYTES:
        _refuse(f"Invalid MPP challenge: the header exceeds {_MAXIMUM_HEADER_BYTES} bytes")
    text = header.strip(" \t")
    scheme = _SCHEME.match(text)
    if scheme is None:
        _refuse("WWW-Authenticate header is not a 'Payment' challenge.")
    position = scheme.end()
    parameters: dict[str, str] = {}
    while position < len(text):
        match = _PARAMETER.match(text, position)
        if match is None:
            _refuse("Invalid MPP challenge: the header must hold exactly one Payment challenge")
        # Names of auth-params are case-insensitive (RFC 9110, 11.2).
        name = match.group(1).lower()
        if name in parameters:
            _refuse(
                "MPP challenge WWW-Authenticate header contains a duplicate auth-param: "
                f"{shown(name)}"
            )
        quoted, token = match.group(2), match.group(3)
        parameters[name] = token if quoted is None else _unquoted(quoted)
        position = match.end()
    return parameters


def _unquoted(text: str) -> str:
    # MPP servers escape non-header characters as UTF-16 units; join surrogate pairs here.
    plain = _ESCAPE.sub(lambda m: chr(int(m[1], 16)) if m[1] else m[2], text)
    return plain.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _request(text: str) -> dict[str, Any]:
    if not _BASE64URL.fullmatch(text):
        _refuse(f"MPP challenge 'request' is not valid base64url: {shown(text)}")
    unpadded = text.rstrip("=")
    try:
        encoded = base64.urlsafe_b64decode(unpadded + "=" * (-len(unpadded) % 4))
    except binascii.Error:
        _refuse(f"MPP challenge 'request' is not valid base64url: {shown(text)}")
    decoded = encoded.decode("utf-8", "replace")
    try:
        encoded.decode()
        value = read_json(decoded)
        # A lone surrogate can be neither sent back nor hashed.
        json.dumps(value, ensure_ascii=False).encode()
    except RepeatedKeyError as error:
        _refuse(
            "MPP challenge 'request' JSON contains a duplicate key, which is not allowed "
            f"(RFC 8785 JCS requires unique member names): {shown(error.key)}"
        )
    except ValueError:
        _refuse(f"MPP challenge 'request' is not valid JSON: {shown(decoded)}")
    if not isinstance(value, dict):
        _refuse(f"MPP challenge 'request' is not valid JSON: {shown(decoded)}")
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
