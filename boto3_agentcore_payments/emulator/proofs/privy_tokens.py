"""Privy's tokens: basic authentication, and a signature over the canonical request.

Source: Privy's guides on request signing and request expiry (docs.privy.io). The signature is
ECDSA over the canonical JSON (RFC 8785) of the request. The default host is the service's.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.emulator.engine.errors import ValidationException
from boto3_agentcore_payments.emulator.proofs import libraries, vendor_signing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from boto3_agentcore_payments.emulator.engine.ports import VendorCredentials

HOST = "api.privy.io"
VALID_SECONDS = 300
"""Seconds for which a signed request may be presented [decided]."""

_BODY = "stripePrivyTokenRequest.requestBody"
NOT_A_KEY = "Expected base64-encoded P-256 authorization key"
"""[decided]"""


def _authorization_key_problem(value: str) -> str | None:
    return vendor_signing.problem_of("p256_key", value, NOT_A_KEY, "privy_authorization_key")


SECRETS = {("StripePrivy", "authorizationPrivateKey"): _authorization_key_problem}
"""What is wrong with a secret, by vendor and member."""


def issue(
    request: Mapping[str, Any],
    credentials: VendorCredentials,
    now: datetime,
    entropy: Callable[[int], bytes],
) -> dict[str, Any]:
    """Return ``appId``, ``basicAuthToken`` and, if asked for, a signature and its expiry.

    The signature is for a POST: the input has no method, and Privy's operations that pay are
    POSTs [decided]. ``requestExpiry`` is in milliseconds since 1970.

    Args:
        request: ``requestPath``, ``requestBody`` (JSON text) and perhaps ``requestHost`` and
            ``includeAuthorizationSignature``.
        credentials: ``appId``, ``appSecret`` and ``authorizationPrivateKey``.
        now: Timezone-aware service time.
        entropy: Not used.

    Raises:
        ValidationException: if a signature is asked for and the body is not JSON.
        MissingExtraError: if the library that signs is not installed.
    """
    del entropy
    app_id = credentials.names["appId"]
    basic = f"{app_id}:{credentials.secrets['appSecret']}"
    answer: dict[str, Any] = {
        "appId": app_id,
        "basicAuthToken": base64.b64encode(basic.encode()).decode(),
    }
    if request.get("includeAuthorizationSignature"):
        expiry = int(now.timestamp() + VALID_SECONDS) * 1000
        payload = {
            "version": 1,
            "method": "POST",
            "url": url(request),
            "body": vendor_signing.read_body(request["requestBody"], _BODY),
            "headers": {"privy-app-id": app_id, "privy-request-expiry": str(expiry)},
        }
        key = vendor_signing.keys().p256_key(credentials.secrets["authorizationPrivateKey"])
        signature = vendor_signing.p256_signature(key, _canonical(payload))
        answer["authorizationSignature"] = base64.b64encode(signature).decode()
        answer["requestExpiry"] = expiry
    return answer


def url(request: Mapping[str, Any]) -> str:
    """Return the URL that a signature covers, without a trailing slash (Privy's guide)."""
    return f"https://{request.get('requestHost') or HOST}{request['requestPath']}".rstrip("/")


def _canonical(payload: dict[str, Any]) -> bytes:
    rfc8785 = libraries.load("rfc8785", "A Privy authorization signature")
    try:
        canonical: bytes = rfc8785.dumps(payload)
    except (rfc8785.CanonicalizationError, RecursionError):
        raise ValidationException.at(
            f"{vendor_signing.REQUEST}.{_BODY}",
            "requestBody has a number that canonical JSON cannot hold",
        ) from None
    return canonical
