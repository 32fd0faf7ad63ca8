"""Code that the vendors' tokens share: the request body, the keys, ECDSA on P-256."""

from __future__ import annotations

import json
from typing import Any

from boto3_agentcore_payments.emulator.engine.errors import ValidationException
from boto3_agentcore_payments.errors import MissingExtraError
from boto3_agentcore_payments.json_text import read_json

REQUEST = "paymentTokenRequest"
"""Path of the request in errors."""


def keys() -> Any:
    """Import and return the module ``vendor_keys``.

    Raises:
        MissingExtraError: if cryptography, which it needs, is not installed.
    """
    try:
        from boto3_agentcore_payments.emulator.proofs import vendor_keys
    except ImportError as error:
        raise MissingExtraError(
            "A payment token", extra="emulator", module="cryptography"
        ) from error
    return vendor_keys


def problem_of(read: str, value: str, problem: str, maker: str) -> str | None:
    """Return what is wrong with a key's format and how tests can make a valid one, or ``None``.

    Args:
        read: The function of ``vendor_keys`` that reads such a key.
        value: The key as it is stored; never quoted.
        problem: What is wrong if it cannot be read.
        maker: The function of ``boto3_agentcore_payments.testing.secrets`` that makes one.
    """
    try:
        getattr(keys(), read)(value)
    except ValueError:
        return f"{problem}. For tests boto3_agentcore_payments.testing.secrets.{maker}() makes one"
    return None


def p256_signature(key: Any, data: bytes) -> bytes:
    """Return an ECDSA signature over SHA-256, DER-encoded."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec

    return bytes(key.sign(data, ec.ECDSA(hashes.SHA256())))


def read_body(text: str, member: str) -> Any:
    """Return the JSON value of a request body.

    Args:
        text: The body as the caller wrote it.
        member: Name of the member below ``paymentTokenRequest``, for the error.

    Raises:
        ValidationException: if it is not JSON, or contains a lone surrogate.
    """
    try:
        value = read_json(text)
        # A lone surrogate, written as an escape, can be neither hashed nor sent.
        json.dumps(value, ensure_ascii=False).encode()
    except ValueError:
        raise ValidationException.at(f"{REQUEST}.{member}", "requestBody is not JSON") from None
    return value
