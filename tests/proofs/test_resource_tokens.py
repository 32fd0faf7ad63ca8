"""GetResourcePaymentToken through a client: the vendor's public key verifies what comes back."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from moto import mock_aws

from boto3_agentcore_payments.testing import secrets

if TYPE_CHECKING:
    from collections.abc import Iterator

WORKLOAD = "workload-token"


@pytest.fixture
def clients(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Any, Any]]:
    """A control-plane and a data-plane client of the emulator."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        yield (
            boto3.client("bedrock-agentcore-payments-control", region_name="us-east-1"),
            boto3.client("bedrock-agentcore-payments", region_name="us-east-1"),
        )


def test_coinbase_token_is_signed_with_the_stored_key(clients: tuple[Any, Any]) -> None:
    control, data = clients
    key = ed25519.Ed25519PrivateKey.generate()
    public = key.public_key()
    secret = base64.b64encode(key.private_bytes_raw() + public.public_bytes_raw()).decode()
    control.create_payment_credential_provider(
        name="coinbase",
        credentialProviderVendor="CoinbaseCDP",
        providerConfigurationInput={
            "coinbaseCdpConfiguration": {
                "apiKeyId": "key-1",
                "apiKeySecret": secret,
                "walletSecret": secrets.coinbase_wallet_secret(),
            }
        },
    )
    request = {
        "requestMethod": "POST",
        "requestPath": "/platform/v2/evm/accounts",
        "includeWalletAuthToken": True,
        "requestBody": "{}",
    }
    answer = data.get_resource_payment_token(
        workloadIdentityToken=WORKLOAD,
        resourceCredentialProviderName="coinbase",
        paymentTokenRequest={"coinbaseCdpTokenRequest": request},
    )["paymentTokenResponse"]["coinbaseCdpTokenResponse"]
    head, claims, signature = answer["bearerToken"].split(".")
    raw = base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4))
    public.verify(raw, f"{head}.{claims}".encode())
    assert answer["walletAuthToken"].count(".") == 2


def test_privy_token_is_signed_with_the_stored_key(clients: tuple[Any, Any]) -> None:
    control, data = clients
    key = ec.generate_private_key(ec.SECP256R1())
    der = key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    control.create_payment_credential_provider(
        name="privy",
        credentialProviderVendor="StripePrivy",
        providerConfigurationInput={
            "stripePrivyConfiguration": {
                "appId": "app-1",
                "appSecret": "app-secret",
                "authorizationPrivateKey": "wallet-auth:" + base64.b64encode(der).decode(),
                "authorizationId": "auth-1",
            }
        },
    )
    request = {
        "requestPath": "/v1/wallets/w1/rpc",
        "requestBody": '{"method":"eth_sendTransaction"}',
        "includeAuthorizationSignature": True,
    }
    answer = data.get_resource_payment_token(
        workloadIdentityToken=WORKLOAD,
        resourceCredentialProviderName="privy",
        paymentTokenRequest={"stripePrivyTokenRequest": request},
    )["paymentTokenResponse"]["stripePrivyTokenResponse"]
    assert answer["appId"] == "app-1"
    assert base64.b64decode(answer["basicAuthToken"]) == b"app-1:app-secret"
    signed = {
        "version": 1,
        "method": "POST",
        "url": "https://api.privy.io/v1/wallets/w1/rpc",
        "body": {"method": "eth_sendTransaction"},
        "headers": {
            "privy-app-id": "app-1",
            "privy-request-expiry": str(answer["requestExpiry"]),
        },
    }
    key.public_key().verify(
        base64.b64decode(answer["authorizationSignature"]),
        json.dumps(signed, separators=(",", ":"), sort_keys=True).encode(),
        ec.ECDSA(hashes.SHA256()),
    )


def test_bad_workload_token_is_unauthorized(clients: tuple[Any, Any]) -> None:
    _, data = clients
    with pytest.raises(ClientError) as caught:
        data.get_resource_payment_token(
            workloadIdentityToken="invalid",
            resourceCredentialProviderName="coinbase",
            paymentTokenRequest={
                "coinbaseCdpTokenRequest": {"requestMethod": "GET", "requestPath": "/v2/x"}
            },
        )
    assert caught.value.response["Error"]["Code"] == "UnauthorizedException"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 401
