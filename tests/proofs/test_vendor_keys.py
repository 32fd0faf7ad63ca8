"""Keys of the wallet vendors: every usual encoding is the same key."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from boto3_agentcore_payments.emulator.proofs import vendor_keys


def pem(key: Any) -> str:
    text: bytes = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    return text.decode()


def pkcs8_pem(key: Any) -> str:
    text: bytes = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return text.decode()


def der(key: Any) -> str:
    raw: bytes = key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return base64.b64encode(raw).decode()


EC_KEY = ec.generate_private_key(ec.SECP256R1())


@pytest.mark.parametrize("secret", [pem(EC_KEY), pkcs8_pem(EC_KEY), der(EC_KEY)])
@pytest.mark.parametrize("prefix", ["", "wallet-auth:"])
def test_wallet_and_authorization_keys_may_be_encoded_either_way(prefix: str, secret: str) -> None:
    assert vendor_keys.p256_key(prefix + secret).private_numbers() == EC_KEY.private_numbers()


@pytest.mark.parametrize(
    "secret",
    ["", "test", "wallet-auth:test", der(ec.generate_private_key(ec.SECP384R1()))],
    ids=["empty", "text", "prefixed-text", "another-curve"],
)
def test_anything_else_is_not_a_p256_key(secret: str) -> None:
    with pytest.raises(ValueError, match="not a P-256 key"):
        vendor_keys.p256_key(secret)
