"""Keys of the wallet vendors: every usual encoding is the same key."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from private_keys import openssl_pem, pkcs8_base64, pkcs8_pem

from boto3_agentcore_payments.emulator.proofs import vendor_keys

EC_KEY = ec.generate_private_key(ec.SECP256R1())


@pytest.mark.parametrize("secret", [openssl_pem(EC_KEY), pkcs8_pem(EC_KEY), pkcs8_base64(EC_KEY)])
@pytest.mark.parametrize("prefix", ["", "wallet-auth:"])
def test_wallet_and_authorization_keys_may_be_encoded_either_way(prefix: str, secret: str) -> None:
    assert vendor_keys.p256_key(prefix + secret).private_numbers() == EC_KEY.private_numbers()


@pytest.mark.parametrize(
    "secret",
    ["", "test", "wallet-auth:test", pkcs8_base64(ec.generate_private_key(ec.SECP384R1()))],
    ids=["empty", "text", "prefixed-text", "another-curve"],
)
def test_anything_else_is_not_a_p256_key(secret: str) -> None:
    with pytest.raises(ValueError, match="not a P-256 key"):
        vendor_keys.p256_key(secret)
