"""Coinbase tokens: their shape, and that the matching public key verifies them."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import datetime, timezone
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from private_keys import pkcs8_base64, pkcs8_pem

from boto3_agentcore_payments.emulator.engine.errors import ValidationException
from boto3_agentcore_payments.emulator.engine.ports import VendorCredentials
from boto3_agentcore_payments.emulator.proofs import vendor_keys
from boto3_agentcore_payments.emulator.proofs.vendor_tokens import LocalVendorTokens
from boto3_agentcore_payments.testing import secrets

NOON = datetime(2026, 11, 23, 12, tzinfo=timezone.utc)

SECONDS = int(NOON.timestamp())

REQUEST = {"requestMethod": "POST", "requestPath": "/platform/v2/evm/accounts"}


def raw_ed25519(key: ed25519.Ed25519PrivateKey) -> str:
    seed = key.private_bytes_raw()
    return base64.b64encode(seed + key.public_key().public_bytes_raw()).decode()


def part(text: str) -> Any:
    return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


def opened(token: str, public: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Verify a JWT and return its header and claims."""
    head, claims, signature = token.split(".")
    raw = base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4))
    signed = f"{head}.{claims}".encode()
    if isinstance(public, ed25519.Ed25519PublicKey):
        public.verify(raw, signed)
    else:
        r, s = (int.from_bytes(half, "big") for half in (raw[:32], raw[32:]))
        public.verify(encode_dss_signature(r, s), signed, ec.ECDSA(hashes.SHA256()))
    return part(head), part(claims)


@pytest.fixture
def tokens() -> LocalVendorTokens:
    return LocalVendorTokens()


API_KEY = secrets.coinbase_api_key_secret()


def coinbase(secret: str = API_KEY, wallet: str | None = None) -> VendorCredentials:
    wallet = wallet or secrets.coinbase_wallet_secret()
    return VendorCredentials(
        {"apiKeyId": "key-1"}, {"apiKeySecret": secret, "walletSecret": wallet}
    )


def url_safe(text: str) -> str:
    return text.replace("+", "-").replace("/", "_")


EC_KEY = ec.generate_private_key(ec.SECP256R1())

ED_KEY = ed25519.Ed25519PrivateKey.generate()


@pytest.mark.parametrize(
    "secret", [raw_ed25519(ED_KEY), url_safe(raw_ed25519(ED_KEY))], ids=["base64", "url-safe"]
)
def test_coinbase_bearer_token_verifies(tokens: LocalVendorTokens, secret: str) -> None:
    answer = tokens.issue("CoinbaseCDP", REQUEST, coinbase(secret), now=NOON)
    assert set(answer) == {"bearerToken"}
    public, algorithm = ED_KEY.public_key(), "EdDSA"
    head, claims = opened(answer["bearerToken"], public)
    nonce = head.pop("nonce")
    assert head == {"alg": algorithm, "kid": "key-1", "typ": "JWT"}
    assert nonce.isdigit()
    assert claims == {
        "sub": "key-1",
        "iss": "cdp",
        "iat": SECONDS,
        "nbf": SECONDS,
        "exp": SECONDS + 120,
        "uris": ["POST api.cdp.coinbase.com/platform/v2/evm/accounts"],
    }


def test_coinbase_token_is_for_the_host_asked_for_and_no_query(tokens: LocalVendorTokens) -> None:
    request = {
        "requestMethod": "GET",
        "requestHost": "api.example.com",
        "requestPath": "/v2/a?b=c",
    }
    answer = tokens.issue("CoinbaseCDP", request, coinbase(), now=NOON)
    assert part(answer["bearerToken"].split(".")[1])["uris"] == ["GET api.example.com/v2/a"]


@pytest.mark.parametrize(
    "wallet",
    [pkcs8_base64(EC_KEY), pkcs8_pem(EC_KEY), pkcs8_pem(EC_KEY).replace("\n", " ")],
    ids=["der", "pem", "pem-on-one-line"],
)
def test_coinbase_wallet_token_carries_the_hash_of_the_body(
    tokens: LocalVendorTokens, wallet: str
) -> None:
    request = {
        **REQUEST,
        "includeWalletAuthToken": True,
        "requestBody": '{ "name": "x", "inner": {"b": 2, "a": 1} }',
    }
    answer = tokens.issue("CoinbaseCDP", request, coinbase(wallet=wallet), now=NOON)
    public = vendor_keys.verification_key(vendor_keys.p256_key(wallet))
    head, claims = opened(answer["walletAuthToken"], public)
    assert head == {"alg": "ES256", "typ": "JWT"}
    canonical = b'{"inner":{"a":1,"b":2},"name":"x"}'
    assert claims.pop("jti")
    assert claims == {
        "uris": ["POST api.cdp.coinbase.com/platform/v2/evm/accounts"],
        "iat": SECONDS,
        "nbf": SECONDS,
        "reqHash": hashlib.sha256(canonical).hexdigest(),
    }


def test_coinbase_wallet_token_for_a_body_that_is_not_json_is_refused(
    tokens: LocalVendorTokens,
) -> None:
    request = {**REQUEST, "includeWalletAuthToken": True, "requestBody": "{"}
    with pytest.raises(ValidationException) as caught:
        tokens.issue("CoinbaseCDP", request, coinbase(), now=NOON)
    assert caught.value.message == "requestBody is not JSON"


def test_issued_secrets_are_keys_and_the_same_for_the_same_identity(
    tokens: LocalVendorTokens,
) -> None:
    api, wallet = (
        tokens.managed_secret("CoinbaseCDP", kind, "c/1") for kind in ("API_KEY", "WALLET_SECRET")
    )
    assert len(base64.b64decode(api)) == 64
    assert isinstance(
        serialization.load_der_private_key(base64.b64decode(wallet), None),
        ec.EllipticCurvePrivateKey,
    )
    assert tokens.managed_secret("CoinbaseCDP", "API_KEY", "c/1") == api
    assert tokens.managed_secret("CoinbaseCDP", "API_KEY", "c/2") != api


def test_secrets_are_in_no_error(tokens: LocalVendorTokens) -> None:
    request = {**REQUEST, "includeWalletAuthToken": True, "requestBody": "{"}
    with pytest.raises(ValidationException) as caught:
        tokens.issue("CoinbaseCDP", request, coinbase(wallet=pkcs8_base64(EC_KEY)), now=NOON)
    said = repr(caught.value.members)
    assert API_KEY not in said
    assert pkcs8_base64(EC_KEY) not in said
