"""Secrets for tests have the vendors' formats, the only ones the emulator accepts."""

from __future__ import annotations

import base64
import json
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from moto import mock_aws

from boto3_agentcore_payments.testing import secrets

HINT = "For tests boto3_agentcore_payments.testing.secrets.{}() makes one"
API_KEY = "Expected base64-encoded Ed25519 private key. " + HINT.format("coinbase_api_key_secret")
WALLET = "Expected base64-encoded P-256 private key. " + HINT.format("coinbase_wallet_secret")
PRIVY = "Expected base64-encoded P-256 authorization key. " + HINT.format("privy_authorization_key")
SEC1 = serialization.PrivateFormat.TraditionalOpenSSL


def sec1(curve: ec.EllipticCurve, form: serialization.PrivateFormat = SEC1) -> str:
    key = ec.generate_private_key(curve)
    raw = key.private_bytes(serialization.Encoding.DER, form, serialization.NoEncryption())
    return base64.b64encode(raw).decode()


def ed25519_seed() -> bytes:
    return ed25519.Ed25519PrivateKey.generate().private_bytes_raw()


def create(vendor: str, member: str, configuration: dict[str, Any]) -> dict[str, Any]:
    control = boto3.client("bedrock-agentcore-payments-control", region_name="us-west-2")
    answer: dict[str, Any] = control.create_payment_credential_provider(
        name="wallets",
        credentialProviderVendor=vendor,
        providerConfigurationInput={member: configuration},
    )
    return answer


def coinbase(**changes: str) -> dict[str, Any]:
    return create("CoinbaseCDP", "coinbaseCdpConfiguration", {**secrets.coinbase(), **changes})


def privy(**changes: str) -> dict[str, Any]:
    return create("StripePrivy", "stripePrivyConfiguration", {**secrets.privy(), **changes})


def test_an_api_key_is_64_bytes_of_ed25519() -> None:
    raw = base64.b64decode(secrets.coinbase_api_key_secret())
    key = ed25519.Ed25519PrivateKey.from_private_bytes(raw[:32])
    assert key.public_key().public_bytes_raw() == raw[32:]


def test_a_wallet_secret_is_sec1_of_p256() -> None:
    secret = secrets.coinbase_wallet_secret()
    key = serialization.load_der_private_key(base64.b64decode(secret), password=None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    assert key.curve.name == "secp256r1"
    raw = key.private_bytes(serialization.Encoding.DER, SEC1, serialization.NoEncryption())
    assert base64.b64encode(raw).decode() == secret


def test_an_authorization_key_is_p256_with_its_prefix() -> None:
    prefix, _, text = secrets.privy_authorization_key().partition(":")
    key = serialization.load_der_private_key(base64.b64decode(text), password=None)
    assert prefix == "wallet-auth"
    assert isinstance(key, ec.EllipticCurvePrivateKey)


def test_every_call_makes_new_ones() -> None:
    assert secrets.coinbase() != secrets.coinbase()
    assert secrets.privy() != secrets.privy()


@pytest.mark.parametrize("vendor", ["coinbase", "privy"])
def test_the_command_prints_a_configuration(
    vendor: str, capsys: pytest.CaptureFixture[str]
) -> None:
    secrets.main([vendor])
    assert set(json.loads(capsys.readouterr().out)) == set(getattr(secrets, vendor)())


@mock_aws
def test_the_emulator_takes_them() -> None:
    coinbase()


@mock_aws
@pytest.mark.parametrize(
    "key",
    [
        base64.b64encode(ed25519_seed()).decode(),
        base64.b64encode(ed25519_seed() + b"x" * 33).decode(),
        sec1(ec.SECP256R1()),
        "c2VjcmV0",
    ],
    ids=["seed", "too-long", "another-curve", "text"],
)
def test_another_api_key_is_refused(key: str) -> None:
    with pytest.raises(ClientError) as caught:
        coinbase(apiKeySecret=key)
    error = caught.value.response["Error"]
    assert (error["Code"], error["Message"]) == ("ValidationException", API_KEY)


@mock_aws
@pytest.mark.parametrize("secret", [sec1(ec.SECP384R1()), "c2VjcmV0"], ids=["curve", "text"])
def test_another_wallet_secret_is_refused(secret: str) -> None:
    with pytest.raises(ClientError) as caught:
        coinbase(walletSecret=secret)
    error = caught.value.response["Error"]
    assert (error["Code"], error["Message"]) == ("ValidationException", WALLET)


@mock_aws
@pytest.mark.parametrize(
    "key", [sec1(ec.SECP256K1()), "wallet-auth:c2VjcmV0"], ids=["curve", "text"]
)
def test_another_authorization_key_is_refused(key: str) -> None:
    with pytest.raises(ClientError) as caught:
        privy(authorizationPrivateKey=key)
    error = caught.value.response["Error"]
    assert (error["Code"], error["Message"]) == ("ValidationException", PRIVY)


@mock_aws
@pytest.mark.parametrize("form", ["TraditionalOpenSSL", "PKCS8"])
def test_an_authorization_key_may_be_of_either_form_and_without_its_prefix(form: str) -> None:
    key = sec1(ec.SECP256R1(), getattr(serialization.PrivateFormat, form))
    privy(authorizationPrivateKey=key)


@mock_aws
def test_an_external_key_is_looked_at_when_it_is_used() -> None:
    manager = boto3.client("secretsmanager", region_name="us-west-2")
    manager.create_secret(Name="mine", SecretString=json.dumps({"key": "c2VjcmV0"}))
    made = secrets.coinbase()
    del made["apiKeySecret"]
    made["apiKeySecretSource"] = "EXTERNAL"
    external: dict[str, Any] = {
        **made,
        "apiKeySecretConfig": {"secretId": "mine", "jsonKey": "key"},
    }
    create("CoinbaseCDP", "coinbaseCdpConfiguration", external)
    data = boto3.client("bedrock-agentcore-payments", region_name="us-west-2")
    with pytest.raises(ClientError) as caught:
        data.get_resource_payment_token(
            workloadIdentityToken="workload-token",
            resourceCredentialProviderName="wallets",
            paymentTokenRequest={
                "coinbaseCdpTokenRequest": {"requestMethod": "GET", "requestPath": "/x"}
            },
        )
    error = caught.value.response["Error"]
    assert (error["Code"], error["Message"]) == ("ValidationException", API_KEY)


def test_a_refused_update_keeps_the_secret() -> None:
    with mock_aws():
        coinbase()
        control = boto3.client("bedrock-agentcore-payments-control", region_name="us-west-2")
        before = control.get_payment_credential_provider(name="wallets")
        bad = {**secrets.coinbase(), "walletSecret": "c2VjcmV0"}
        with pytest.raises(ClientError, match="P-256"):
            control.update_payment_credential_provider(
                name="wallets",
                credentialProviderVendor="CoinbaseCDP",
                providerConfigurationInput={"coinbaseCdpConfiguration": bad},
            )
        after = control.get_payment_credential_provider(name="wallets")
    del before["ResponseMetadata"], after["ResponseMetadata"]
    assert before == after
