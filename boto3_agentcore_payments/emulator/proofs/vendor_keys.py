"""Keys of the wallet vendors, from the secrets a credential provider stores.

Formats: an API key is base64 of 64 bytes, the seed of an Ed25519 key and its public half; a bare
seed is refused ([live 2026-09]). A wallet secret is base64 of a P-256 key in SEC1 DER ([live
2026-09]), an authorization key of one in PKCS #8 DER, with or without ``wallet-auth:`` in front
([live 2026-10], Privy). [decided] Both P-256 keys are accepted in either form and as PEM; the
public half of an API key is not compared with its seed.
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

PrivateKey = Union[ec.EllipticCurvePrivateKey, ed25519.Ed25519PrivateKey]
PublicKey = Union[ec.EllipticCurvePublicKey, ed25519.Ed25519PublicKey]

_SEED_BYTES = 32
_API_KEY_BYTES = 64  # the seed and the public key
_PRIVY_PREFIX = "wallet-auth:"
# Order of the P-256 group (FIPS 186-4): a private key lies in 1..n-1.
_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_DERIVATION = b"boto3-agentcore-payments vendor key v1:"
_PEM = re.compile(r"\s*(-----BEGIN [A-Z ]+-----)(.*?)(-----END [A-Z ]+-----)\s*", re.DOTALL)


def api_key(secret: str) -> ed25519.Ed25519PrivateKey:
    """Return a Coinbase API key.

    Raises:
        ValueError: if the secret is not an API key.
    """
    raw = _base64(secret)
    if raw is None or len(raw) != _API_KEY_BYTES:
        raise ValueError("not base64 of 64 bytes")
    return ed25519.Ed25519PrivateKey.from_private_bytes(raw[:_SEED_BYTES])


def p256_key(secret: str) -> ec.EllipticCurvePrivateKey:
    """Return a Coinbase wallet key or a Privy authorization key.

    Raises:
        ValueError: if the secret is not a P-256 key.
    """
    key = _p256(_encoded(secret.removeprefix(_PRIVY_PREFIX)))
    if key is None:
        raise ValueError("not a P-256 key")
    return key


def verification_key(key: PrivateKey) -> PublicKey:
    """Return the public half of a key, with which the vendor would check tokens."""
    return key.public_key()


def issued_api_key(identity: str) -> str:
    """Return an API key secret as Coinbase issues it, the same for the same identity."""
    return api_key_secret(ed25519.Ed25519PrivateKey.from_private_bytes(_digest(f"api/{identity}")))


def api_key_secret(key: ed25519.Ed25519PrivateKey) -> str:
    """Return an API key as Coinbase writes it: base64 of its seed and its public half."""
    seed = key.private_bytes(
        serialization.Encoding.Raw,
        serialization.PrivateFormat.Raw,
        serialization.NoEncryption(),
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.Raw, serialization.PublicFormat.Raw
    )
    return base64.b64encode(seed + public).decode()


def new_api_key_secret() -> str:
    """Return a new API key as Coinbase writes it."""
    return api_key_secret(ed25519.Ed25519PrivateKey.generate())


def new_wallet_secret() -> str:
    """Return a new wallet secret as Coinbase writes it."""
    return wallet_secret(ec.generate_private_key(ec.SECP256R1()))


def new_authorization_key() -> str:
    """Return a new authorization key as Privy writes it."""
    return authorization_key(ec.generate_private_key(ec.SECP256R1()))


def issued_wallet_secret(identity: str) -> str:
    """Return a wallet secret as Coinbase issues it, the same for the same identity."""
    return wallet_secret(_derived_p256(f"wallet/{identity}"))


def wallet_secret(key: ec.EllipticCurvePrivateKey) -> str:
    """Return a wallet secret as Coinbase writes it: base64 of SEC1 DER."""
    return _der(key, serialization.PrivateFormat.TraditionalOpenSSL)


def authorization_key(key: ec.EllipticCurvePrivateKey) -> str:
    """Return an authorization key as Privy writes it: base64 of PKCS #8 DER, with its prefix."""
    return _PRIVY_PREFIX + _der(key, serialization.PrivateFormat.PKCS8)


def _der(key: ec.EllipticCurvePrivateKey, form: serialization.PrivateFormat) -> str:
    raw = key.private_bytes(serialization.Encoding.DER, form, serialization.NoEncryption())
    return base64.b64encode(raw).decode()


def _derived_p256(text: str) -> ec.EllipticCurvePrivateKey:
    number = int.from_bytes(_digest(text), "big") % (_P256_ORDER - 1) + 1
    return ec.derive_private_key(number, ec.SECP256R1())


def _digest(text: str) -> bytes:
    return hashlib.sha256(_DERIVATION + text.encode()).digest()


def _encoded(text: str) -> object:
    """Return the key in PEM or base64 of DER, or ``None`` for any other text."""
    pem = _PEM.fullmatch(text)
    if pem is not None:
        unfolded = _unfolded(pem).encode()
        return _loaded(lambda: serialization.load_pem_private_key(unfolded, password=None))
    raw = _base64(text)
    if raw is None:
        return None
    return _loaded(lambda: serialization.load_der_private_key(raw, password=None))


def _p256(key: object) -> ec.EllipticCurvePrivateKey | None:
    # The tokens' algorithm, ES256, is for this curve only.
    if isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1):
        return key
    return None


def _loaded(load: Callable[[], object]) -> object:
    # The library's error for a malformed key may quote the key.
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
    # The model's pattern allows whitespace but no backslash, so PEM keys on one line are common.
    first, body, last = pem.groups()
    return "\n".join([first, *body.split(), last]) + "\n"
