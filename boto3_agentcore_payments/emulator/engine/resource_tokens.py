"""GetResourcePaymentToken, and which workload tokens are accepted.

AWS's GetWorkloadAccessToken operations issue workload tokens, whose form is not published. They
belong to another service, so this emulator never sees a token being issued. It accepts any token
[decided] unless the token

- has characters that no bearer token has, such as spaces, or has no letter and no digit;
- has near its beginning a word such as ``invalid``, ``expired`` or ``bad``: like the fixed test
  tokens of payment providers, this lets a test in any language ask for the refusal;
- starts like a JWT and has three parts, but cannot be read as one;
- is a JWT whose ``exp`` has passed or whose ``nbf`` is in the future, by the service time;
- was revoked through the control surface.
"""

from __future__ import annotations

import binascii
import re
from base64 import urlsafe_b64decode
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.emulator.engine.credential_providers import require_provider
from boto3_agentcore_payments.emulator.engine.errors import (
    UnauthorizedException,
    ValidationException,
)
from boto3_agentcore_payments.emulator.engine.ports import VendorCredentials
from boto3_agentcore_payments.emulator.engine.stored_secrets import reveal
from boto3_agentcore_payments.emulator.engine.vendors import VENDORS
from boto3_agentcore_payments.json_text import read_json

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from boto3_agentcore_payments.emulator.engine.state import PaymentsState

BAD_TOKEN_WORDS = (
    "bad",
    "bogus",
    "broken",
    "corrupt",
    "corrupted",
    "expired",
    "forged",
    "garbage",
    "invalid",
    "junk",
    "malformed",
    "nonsense",
    "nope",
    "not",
    "revoked",
    "tampered",
    "unauthorized",
    "unknown",
    "wrong",
)
"""A workload token with one of these as a whole word is refused."""

_SAYS_SO = re.compile(rf"(?<![a-z0-9])(?:{'|'.join(BAD_TOKEN_WORDS)})(?![a-z])", re.IGNORECASE)
# Further on, a long random token could contain such a word by chance.
_LOOKED_AT = 64
_VISIBLE = re.compile(r"[!-~]+")
_LETTER_OR_DIGIT = re.compile(r"[0-9A-Za-z]")
_JWT_PARTS = 3
_JWT_BEGINNING = "eyJ"  # base64 of a JSON object's first characters


def get_resource_payment_token(state: PaymentsState, params: Mapping[str, Any]) -> dict[str, Any]:
    """GetResourcePaymentToken.

    Behaviour:
        - [guide] A vendor's token made from a credential provider's secrets.
        - [model] A bad workload token: UnauthorizedException.
        - [decided] A workload token is bad if it has spaces or anything but ASCII, or no letter
          and no digit; if its first 64 characters contain, as a whole word, `bad`, `bogus`,
          `broken`, `corrupt`, `corrupted`, `expired`, `forged`, `garbage`, `invalid`, `junk`,
          `malformed`, `nonsense`, `nope`, `not`, `revoked`, `tampered`, `unauthorized`,
          `unknown` or `wrong`; if it is a malformed JWT, or one that is expired or not valid
          yet; or if the control surface revoked it. Any other token is good.
        - [decided] The request must be for the provider's vendor; an EXTERNAL secret that
          cannot be read is an AccessDeniedException.
    """
    token = params["workloadIdentityToken"]
    if not _is_good(state, token):
        raise UnauthorizedException("The workload identity token is invalid, expired or revoked")
    provider = require_provider(state, params["resourceCredentialProviderName"])
    vendor = VENDORS[provider.vendor]
    request = params["paymentTokenRequest"].get(vendor.token_request)
    if request is None:
        raise ValidationException.at(
            "paymentTokenRequest",
            f"paymentTokenRequest must hold {vendor.token_request} for a {vendor.name} provider",
        )
    credentials = VendorCredentials(
        names=provider.names,
        secrets={
            member: reveal(state, secret, vendor, member)
            for member, secret in provider.secrets.items()
        },
    )
    issued = state.require_vendor_tokens().issue(
        vendor.name, request, credentials, now=state.clock()
    )
    return {"paymentTokenResponse": {vendor.token_response: issued}}


def revoke_workload_token(state: PaymentsState, token: str) -> None:
    """Refuse a workload token from now on; only its digest is kept."""
    with state.lock:
        state.revoked_workload_tokens.add(_fingerprint(token))


def _is_good(state: PaymentsState, token: str) -> bool:
    if not _VISIBLE.fullmatch(token) or not _LETTER_OR_DIGIT.search(token):
        return False
    if _SAYS_SO.search(token[:_LOOKED_AT]):
        return False
    if state.revoked_workload_tokens and _fingerprint(token) in state.revoked_workload_tokens:
        return False
    parts = token.split(".")
    if len(parts) != _JWT_PARTS:
        return True
    header, claims = _json_object(parts[0]), _json_object(parts[1])
    if claims is None or header is None:
        return not token.startswith(_JWT_BEGINNING)
    return _is_current(claims, state.clock())


def _is_current(claims: Mapping[str, Any], now: datetime) -> bool:
    seconds = now.timestamp()
    expires, begins = claims.get("exp"), claims.get("nbf")
    return (not isinstance(expires, (int, float)) or seconds < expires) and (
        not isinstance(begins, (int, float)) or seconds >= begins
    )


def _json_object(part: str) -> dict[str, Any] | None:
    """Return the JSON object in a part of a JWT, or ``None`` if it cannot be read."""
    try:
        said = read_json(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (binascii.Error, ValueError):
        return None
    return said if isinstance(said, dict) else None


def _fingerprint(token: str) -> bytes:
    return sha256(token.encode()).digest()
