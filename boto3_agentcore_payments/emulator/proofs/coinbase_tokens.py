"""Coinbase's tokens: the JWTs of its SDK (``cdp-sdk``, python/cdp/auth/utils/jwt.py).

There are two: a bearer token, valid for two minutes, and a wallet token with the hash of the
request body. The default host is the service's.
"""

from __future__ import annotations

import base64
import hashlib
import json
import uuid
from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.emulator.proofs import vendor_signing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from boto3_agentcore_payments.emulator.engine.ports import VendorCredentials

HOST = "api.cdp.coinbase.com"
BEARER_SECONDS = 120
"""Seconds a bearer token is valid (``cdp-sdk``)."""

NOT_AN_API_KEY = "Expected base64-encoded Ed25519 private key"
"""The service's text ([live 2026-09])."""
NOT_A_WALLET_SECRET = "Expected base64-encoded P-256 private key"  # noqa: S105 - a text
"""[decided]"""


def _api_key_problem(value: str) -> str | None:
    return vendor_signing.problem_of("api_key", value, NOT_AN_API_KEY, "coinbase_api_key_secret")


def _wallet_secret_problem(value: str) -> str | None:
    return vendor_signing.problem_of(
        "p256_key", value, NOT_A_WALLET_SECRET, "coinbase_wallet_secret"
    )


SECRETS = {
    ("CoinbaseCDP", "apiKeySecret"): _api_key_problem,
    ("CoinbaseCDP", "walletSecret"): _wallet_secret_problem,
}
"""What is wrong with a secret, by vendor and member."""


def issue(
    request: Mapping[str, Any],
    credentials: VendorCredentials,
    now: datetime,
    entropy: Callable[[int], bytes],
) -> dict[str, Any]:
    """Return ``bearerToken`` and, if asked for, ``walletAuthToken``.

    Args:
        request: ``requestMethod``, ``requestPath`` and perhaps ``requestHost``, ``requestBody``
            (JSON text) and ``includeWalletAuthToken``.
        credentials: ``apiKeyId``, ``apiKeySecret`` and ``walletSecret``.
        now: Timezone-aware service time.
        entropy: Returns that many random bytes.

    Raises:
        ValidationException: if a wallet token is for a body that is not JSON.
        MissingExtraError: if the library that signs is not installed.
    """
    keys = vendor_signing.keys()
    seconds = int(now.timestamp())
    host = request.get("requestHost") or HOST
    method, path = request["requestMethod"], request["requestPath"]
    key_id = credentials.names["apiKeyId"]
    claims: dict[str, Any] = {
        "sub": key_id,
        "iss": "cdp",
        "iat": seconds,
        "nbf": seconds,
        "exp": seconds + BEARER_SECONDS,
        "uris": [f"{method} {host}{path.partition('?')[0]}"],
    }
    nonce = str(int.from_bytes(entropy(8), "big") % 10**16).zfill(16)
    header = {"kid": key_id, "typ": "JWT", "nonce": nonce}
    bearer = _jwt(keys.api_key(credentials.secrets["apiKeySecret"]), header, claims)
    answer = {"bearerToken": bearer}
    if request.get("includeWalletAuthToken"):
        wallet_claims: dict[str, Any] = {
            "uris": [f"{method} {host}{path}"],
            "iat": seconds,
            "nbf": seconds,
            "jti": str(uuid.UUID(bytes=entropy(16), version=4)),
        }
        text = request.get("requestBody")
        if text is not None:
            member = "coinbaseCdpTokenRequest.requestBody"
            body = vendor_signing.read_body(text, member)
            canonical = json.dumps(body, separators=(",", ":"), sort_keys=True, ensure_ascii=False)
            wallet_claims["reqHash"] = hashlib.sha256(canonical.encode()).hexdigest()
        key = keys.p256_key(credentials.secrets["walletSecret"])
        answer["walletAuthToken"] = _jwt(key, {"typ": "JWT"}, wallet_claims)
    return answer


def managed_secret(kind: str, identity: str) -> str:
    """Return a test secret as Coinbase would issue it to a QUICK_CREATE connector.

    Args:
        kind: ``API_KEY`` or ``WALLET_SECRET`` (model: ``CoinbaseCdpSecret``).
        identity: Text that identifies this secret among all others.

    Raises:
        MissingExtraError: if cryptography is not installed.
    """
    keys = vendor_signing.keys()
    if kind == "WALLET_SECRET":
        return str(keys.issued_wallet_secret(identity))
    return str(keys.issued_api_key(identity))


def _jwt(key: Any, header: dict[str, Any], claims: dict[str, Any]) -> str:
    # Assembled by hand, because joserfc (installed with moto) warns on every use of "EdDSA", the
    # name that Coinbase requires.
    curve = hasattr(key, "curve")
    parts = [{"alg": "ES256" if curve else "EdDSA", **header}, claims]
    signed = ".".join(
        _base64url(json.dumps(part, separators=(",", ":")).encode()) for part in parts
    )
    signature = _raw_p256_signature(key, signed.encode()) if curve else key.sign(signed.encode())
    return f"{signed}.{_base64url(signature)}"


def _raw_p256_signature(key: Any, data: bytes) -> bytes:
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

    r, s = decode_dss_signature(vendor_signing.p256_signature(key, data))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
