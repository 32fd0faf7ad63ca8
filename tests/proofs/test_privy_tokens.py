"""Privy tokens: their shape, and that the matching public key verifies them."""

from __future__ import annotations

import base64
from datetime import datetime, timezone

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from private_keys import pkcs8_base64

from boto3_agentcore_payments.emulator.engine.errors import ValidationException
from boto3_agentcore_payments.emulator.engine.ports import VendorCredentials
from boto3_agentcore_payments.emulator.proofs import vendor_keys
from boto3_agentcore_payments.emulator.proofs.vendor_tokens import LocalVendorTokens

NOON = datetime(2026, 11, 23, 12, tzinfo=timezone.utc)

SECONDS = int(NOON.timestamp())

PRIVY = {"requestPath": "/v1/wallets/w1/rpc", "requestBody": '{"b": 1, "a": [1.0, "é"]}'}


@pytest.fixture
def tokens() -> LocalVendorTokens:
    return LocalVendorTokens()


EC_KEY = ec.generate_private_key(ec.SECP256R1())


def privy(key: str) -> VendorCredentials:
    return VendorCredentials(
        {"appId": "app-1", "authorizationId": "auth-1"},
        {"appSecret": "app-secret", "authorizationPrivateKey": key},
    )


def test_privy_basic_token_is_base64_of_id_and_secret(tokens: LocalVendorTokens) -> None:
    assert tokens.issue("StripePrivy", PRIVY, privy("k"), now=NOON) == {
        "appId": "app-1",
        "basicAuthToken": base64.b64encode(b"app-1:app-secret").decode(),
    }


@pytest.mark.parametrize(
    "key",
    [pkcs8_base64(EC_KEY), f"wallet-auth:{pkcs8_base64(EC_KEY)}"],
    ids=["key", "prefixed"],
)
def test_privy_signature_covers_the_canonical_request(tokens: LocalVendorTokens, key: str) -> None:
    request = {**PRIVY, "includeAuthorizationSignature": True}
    answer = tokens.issue("StripePrivy", request, privy(key), now=NOON)
    expiry = answer["requestExpiry"]
    assert expiry == (SECONDS + 300) * 1000
    canonical = (
        '{"body":{"a":[1,"é"],"b":1},'
        f'"headers":{{"privy-app-id":"app-1","privy-request-expiry":"{expiry}"}},'
        '"method":"POST","url":"https://api.privy.io/v1/wallets/w1/rpc","version":1}'
    )
    public = vendor_keys.verification_key(vendor_keys.p256_key(key))
    assert isinstance(public, ec.EllipticCurvePublicKey)
    public.verify(
        base64.b64decode(answer["authorizationSignature"]),
        canonical.encode(),
        ec.ECDSA(hashes.SHA256()),
    )


@pytest.mark.parametrize("body", ["{", '{"a": 1e400}', '{"a": "\\ud800"}', "[" * 20_000])
def test_privy_signature_for_a_body_that_is_not_json_is_refused(
    tokens: LocalVendorTokens, body: str
) -> None:
    request = {**PRIVY, "requestBody": body, "includeAuthorizationSignature": True}
    with pytest.raises(ValidationException):
        tokens.issue("StripePrivy", request, privy("k"), now=NOON)
