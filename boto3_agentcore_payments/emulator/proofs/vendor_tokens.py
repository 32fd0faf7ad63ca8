"""Tokens for the wallet vendors' own APIs, as GetResourcePaymentToken hands them out.

Sources. Coinbase: the JWTs of its SDK (``cdp-sdk``, python/cdp/auth/utils/jwt.py): a bearer token
valid for two minutes, and a wallet token carrying the hash of the request body. Privy: its guides
on request signing and request expiry (docs.privy.io): basic authentication, and an ECDSA signature
over the canonical JSON (RFC 8785) of the request. Default hosts: the behaviour document.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.emulator.json_text import read_json
from boto3_agentcore_payments.emulator.proofs.refusals import refusal
from boto3_agentcore_payments.errors import MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from boto3_agentcore_payments.emulator.engine.ports import VendorCredentials

COINBASE_HOST = "api.cdp.coinbase.com"
PRIVY_HOST = "api.privy.io"
#: Seconds a Coinbase bearer token is valid (``cdp-sdk``).
BEARER_SECONDS = 120
#: Seconds a Privy request may be presented after it was signed [our decision].
PRIVY_SECONDS = 300

_REQUEST = "paymentTokenRequest"


@dataclass(frozen=True)
class CoinbaseCredentials:
    """A CoinbaseCDP credential provider's values; secrets stay out of its ``repr``.

    Attributes:
        api_key_id: Name of the API key; not secret.
        api_key_secret: The API key's private half, as the caller stored it.
        wallet_secret: The wallet key, as the caller stored it.
    """

    api_key_id: str
    api_key_secret: str = field(repr=False)
    wallet_secret: str = field(repr=False)


@dataclass(frozen=True)
class PrivyCredentials:
    """A StripePrivy credential provider's values; secrets stay out of its ``repr``.

    Attributes:
        app_id: Name of the app; not secret.
        app_secret: The app's secret.
        authorization_id: Name of the authorization key; not secret.
        authorization_private_key: The key requests are signed with, as the caller stored it,
            with or without Privy's ``wallet-auth:`` prefix.
    """

    app_id: str
    app_secret: str = field(repr=False)
    authorization_id: str
    authorization_private_key: str = field(repr=False)


class LocalVendorTokens:
    """Makes the tokens; implements the engine's ``VendorTokens``.

    Args:
        entropy: Returns that many random bytes, for nonces and token ids.
    """

    def __init__(self, entropy: Callable[[int], bytes] = secrets.token_bytes) -> None:
        self._entropy = entropy

    def issue(
        self,
        vendor: str,
        request: Mapping[str, Any],
        credentials: VendorCredentials,
        *,
        now: datetime,
    ) -> dict[str, Any]:
        """Return a vendor's token; see ``VendorTokens.issue``."""
        names, secret = credentials.names, credentials.secrets
        if vendor == "CoinbaseCDP":
            coinbase = CoinbaseCredentials(
                names["apiKeyId"], secret["apiKeySecret"], secret["walletSecret"]
            )
            return self.coinbase(request, coinbase, now=now)
        privy = PrivyCredentials(
            names["appId"],
            secret["appSecret"],
            names["authorizationId"],
            secret["authorizationPrivateKey"],
        )
        return self.privy(request, privy, now=now)

    def coinbase(
        self, request: Mapping[str, Any], credentials: CoinbaseCredentials, *, now: datetime
    ) -> dict[str, Any]:
        """Return ``bearerToken`` and, if asked for, ``walletAuthToken``.

        Args:
            request: ``requestMethod``, ``requestPath`` and perhaps ``requestHost``,
                ``requestBody`` (JSON text) and ``includeWalletAuthToken``.
            credentials: What to sign with.
            now: Timezone-aware service time.

        Raises:
            ValidationException: a wallet token for a body that is not JSON.
            MissingExtraError: the library that signs is not installed.
        """
        keys = _keys()
        seconds = int(now.timestamp())
        host = request.get("requestHost") or COINBASE_HOST
        method, path = request["requestMethod"], request["requestPath"]
        claims: dict[str, Any] = {
            "sub": credentials.api_key_id,
            "iss": "cdp",
            "iat": seconds,
            "nbf": seconds,
            "exp": seconds + BEARER_SECONDS,
            "uris": [f"{method} {host}{path.partition('?')[0]}"],
        }
        nonce = str(int.from_bytes(self._entropy(8), "big") % 10**16).zfill(16)
        header = {"kid": credentials.api_key_id, "typ": "JWT", "nonce": nonce}
        answer = {"bearerToken": _jwt(keys.api_key(credentials.api_key_secret), header, claims)}
        if request.get("includeWalletAuthToken"):
            wallet_claims: dict[str, Any] = {
                "uris": [f"{method} {host}{path}"],
                "iat": seconds,
                "nbf": seconds,
                "jti": str(uuid.UUID(bytes=self._entropy(16), version=4)),
            }
            text = request.get("requestBody")
            if text is not None:
                body = _json(text, f"{_REQUEST}.coinbaseCdpTokenRequest.requestBody")
                canonical = json.dumps(
                    body, separators=(",", ":"), sort_keys=True, ensure_ascii=False
                )
                wallet_claims["reqHash"] = hashlib.sha256(canonical.encode()).hexdigest()
            key = keys.p256_key(credentials.wallet_secret)
            answer["walletAuthToken"] = _jwt(key, {"typ": "JWT"}, wallet_claims)
        return answer

    def privy(
        self, request: Mapping[str, Any], credentials: PrivyCredentials, *, now: datetime
    ) -> dict[str, Any]:
        """Return ``appId``, ``basicAuthToken`` and, if asked for, a signature and its expiry.

        The signature is over a POST: the request has no method, and of Privy's signed operations
        those that pay are POSTs [our decision]. ``requestExpiry`` is in milliseconds since 1970.

        Args:
            request: ``requestPath``, ``requestBody`` (JSON text) and perhaps ``requestHost`` and
                ``includeAuthorizationSignature``.
            credentials: What to sign with.
            now: Timezone-aware service time.

        Raises:
            ValidationException: a signature for a body that is not JSON.
            MissingExtraError: the library that signs is not installed.
        """
        basic = f"{credentials.app_id}:{credentials.app_secret}"
        answer: dict[str, Any] = {
            "appId": credentials.app_id,
            "basicAuthToken": base64.b64encode(basic.encode()).decode(),
        }
        if request.get("includeAuthorizationSignature"):
            expiry = int(now.timestamp() + PRIVY_SECONDS) * 1000
            path = f"{_REQUEST}.stripePrivyTokenRequest.requestBody"
            payload = {
                "version": 1,
                "method": "POST",
                "url": privy_url(request),
                "body": _json(request["requestBody"], path),
                "headers": {
                    "privy-app-id": credentials.app_id,
                    "privy-request-expiry": str(expiry),
                },
            }
            key = _keys().p256_key(credentials.authorization_private_key)
            signature = _p256_signature(key, _canonical(payload, path))
            answer["authorizationSignature"] = base64.b64encode(signature).decode()
            answer["requestExpiry"] = expiry
        return answer

    def managed_secret(self, vendor: str, kind: str, identity: str) -> str:
        """Return a test secret as the vendor would issue it to a QUICK_CREATE connector.

        Args:
            vendor: ``CoinbaseCDP``.
            kind: ``API_KEY`` or ``WALLET_SECRET`` (model: ``CoinbaseCdpSecret``).
            identity: What tells this secret from any other.
        """
        del vendor
        keys = _keys()
        if kind == "WALLET_SECRET":
            return str(keys.issued_wallet_secret(identity))
        return str(keys.issued_api_key(identity))


def privy_url(request: Mapping[str, Any]) -> str:
    """Return the URL a Privy signature covers: no trailing slash (Privy's guide)."""
    host = request.get("requestHost") or PRIVY_HOST
    return f"https://{host}{request['requestPath']}".rstrip("/")


def _keys() -> Any:
    try:
        from boto3_agentcore_payments.emulator.proofs import vendor_keys
    except ImportError as error:
        raise MissingExtraError(
            "A payment token", extra="emulator", module="cryptography"
        ) from error
    return vendor_keys


def _jwt(key: Any, header: dict[str, Any], claims: dict[str, Any]) -> str:
    # Assembled here because joserfc, which moto brings, warns on every use of "EdDSA", the name
    # Coinbase requires.
    curve = hasattr(key, "curve")
    parts = [{"alg": "ES256" if curve else "EdDSA", **header}, claims]
    signed = ".".join(
        _base64url(json.dumps(part, separators=(",", ":")).encode()) for part in parts
    )
    signature = _raw_p256_signature(key, signed.encode()) if curve else key.sign(signed.encode())
    return f"{signed}.{_base64url(signature)}"


def _raw_p256_signature(key: Any, data: bytes) -> bytes:
    from cryptography.hazmat.primitives.asymmetric.utils import (
        decode_dss_signature,
    )

    r, s = decode_dss_signature(_p256_signature(key, data))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def _p256_signature(key: Any, data: bytes) -> bytes:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec

    return bytes(key.sign(data, ec.ECDSA(hashes.SHA256())))


def _canonical(payload: dict[str, Any], path: str) -> bytes:
    try:
        import rfc8785
    except ImportError as error:
        what = "A Privy authorization signature"
        raise MissingExtraError(what, extra="emulator", module="rfc8785") from error
    try:
        return rfc8785.dumps(payload)
    except (rfc8785.CanonicalizationError, RecursionError):
        message = "requestBody has a number that canonical JSON cannot hold"
        raise refusal(message, path) from None


def _json(text: str, path: str) -> Any:
    try:
        value = read_json(text)
        # A lone surrogate, written as an escape, could be neither hashed nor sent.
        json.dumps(value, ensure_ascii=False).encode()
    except ValueError:
        message = "requestBody is not JSON"
        raise refusal(message, path) from None
    return value


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
