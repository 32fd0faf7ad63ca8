"""Keys of the wallet vendors, from the secrets a credential provider stores.

A secret that is a key of the vendor's kind is used as that key, in the vendor's own format or in
another usual one. Any other text stands for one: a test key derived from it, the same every time,
so that a test need not make real keys [our decision]. :func:`verification_key` gives the public
half of either.

Formats: an API key is a PEM P-256 key (ES256) or base64 of the 64 bytes of an Ed25519 key
(Coinbase, ``cdp-sdk``); a wallet secret is base64 of a PKCS #8 P-256 key (``cdp-sdk``); an
authorization key is the same, with or without ``wallet-auth:`` in front (Privy). Besides, each may
be PEM or base64 of DER, and an Ed25519 key the 32 bytes of its seed [our decision].
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from typing import TYPE_CHECKING, Union

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

if TYPE_CHECKING:
    from collections.abc import Callable

ApiKey = Union[ec.EllipticCurvePrivateKey, ed25519.Ed25519PrivateKey]
PublicKey = Union[ec.EllipticCurvePublicKey, ed25519.Ed25519PublicKey]

_ED25519_BYTES = (32, 64)  # the seed, and the seed with the public key
_PRIVY_PREFIX = "wallet-auth:"
# Order of the P-256 group (FIPS 186-4): a private key lies in 1..n-1.
_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_DERIVATION = b"boto3-agentcore-payments vendor key v1:"
_PEM = re.compile(r"\s*(-----BEGIN [A-Z ]+-----)(.*?)(-----END [A-Z ]+-----)\s*", re.DOTALL)


def api_key(secret: str) -> ApiKey:
    """Return a Coinbase API key: P-256 for ES256 or Ed25519 for EdDSA; derived ones are Ed25519."""
    key = _encoded(secret)
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key
    p256 = _p256(key)
    if p256 is not None:
        return p256
    raw = _base64(secret)
    if raw is not None and len(raw) in _ED25519_BYTES:
        return ed25519.Ed25519PrivateKey.from_private_bytes(raw[:32])
    return ed25519.Ed25519PrivateKey.from_private_bytes(_digest(secret))


def p256_key(secret: str) -> ec.EllipticCurvePrivateKey:
    """Return a Coinbase wallet key or a Privy authorization key."""
    text = secret.removeprefix(_PRIVY_PREFIX)
    return _p256(_encoded(text)) or _derived_p256(text)


def verification_key(key: ApiKey) -> PublicKey:
    """Return the public half of a key, which is what the vendor would check tokens with."""
    return key.public_key()


def issued_api_key(identity: str) -> str:
    """Return an API key secret as Coinbase issues it, the same for the same identity."""
    key = ed25519.Ed25519PrivateKey.from_private_bytes(_digest(f"api/{identity}"))
    seed = key.private_bytes(
        serialization.Encoding.Raw,
        serialization.PrivateFormat.Raw,
        serialization.NoEncryption(),
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.Raw, serialization.PublicFormat.Raw
    )
    return base64.b64encode(seed + public).decode()


def issued_wallet_secret(identity: str) -> str:
    """Return a wallet secret as Coinbase issues it, the same for the same identity."""
    der = _derived_p256(f"wallet/{identity}").private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return base64.b64encode(der).decode()


def _derived_p256(text: str) -> ec.EllipticCurvePrivateKey:
    number = int.from_bytes(_digest(text), "big") % (_P256_ORDER - 1) + 1
    return ec.derive_private_key(number, ec.SECP256R1())


def _digest(text: str) -> bytes:
    return hashlib.sha256(_DERIVATION + text.encode()).digest()


def _encoded(text: str) -> object:
    """Return the key that PEM, or base64 of DER, stands for; ``None`` for any other text."""
    pem = _PEM.fullmatch(text)
    if pem is not None:
        unfolded = _unfolded(pem).encode()
        return _loaded(lambda: serialization.load_pem_private_key(unfolded, password=None))
    raw = _base64(text)
    if raw is None:
        return None
    return _loaded(lambda: serialization.load_der_private_key(raw, password=None))


def _p256(key: object) -> ec.EllipticCurvePrivateKey | None:
    # The tokens' algorithm names this curve, and has room for its signatures only.
    if isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1):
        return key
    return None


def _loaded(load: Callable[[], object]) -> object:
    # What the library says of a malformed key may quote it.
    try:
        return load()
    except Exception:  # noqa: BLE001 - anything unreadable is simply not a key
        return None


def _base64(text: str) -> bytes | None:
    compact = "".join(text.split()).replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(compact, validate=True)
    except (binascii.Error, ValueError):
        return None


def _unfolded(pem: re.Match[str]) -> str:
    # The model's pattern lets spaces through but no escapes, so a PEM key on one line is common.
    first, body, last = pem.groups()
    return "\n".join([first, *body.split(), last]) + "\n"
