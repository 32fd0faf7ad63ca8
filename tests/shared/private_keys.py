"""Private keys in the encodings that wallet vendors give them out in."""

from __future__ import annotations

import base64
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat


def openssl_pem(key: Any) -> str:
    """Return a key as OpenSSL writes it by default: PEM, with the algorithm in the title."""
    return _written(key, Encoding.PEM, PrivateFormat.TraditionalOpenSSL).decode()


def pkcs8_pem(key: Any) -> str:
    """Return a key in PKCS #8, as PEM."""
    return _written(key, Encoding.PEM, PrivateFormat.PKCS8).decode()


def pkcs8_base64(key: Any) -> str:
    """Return a key in PKCS #8, as base64 of DER."""
    return base64.b64encode(_written(key, Encoding.DER, PrivateFormat.PKCS8)).decode()


def _written(key: Any, encoding: Encoding, form: PrivateFormat) -> bytes:
    written: bytes = key.private_bytes(encoding, form, NoEncryption())
    return written
