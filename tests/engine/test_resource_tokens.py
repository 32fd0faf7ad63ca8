"""GetResourcePaymentToken: whose token is good, which secrets the vendor's token is made of."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode

import pytest

from boto3_agentcore_payments.emulator.engine import quick_create, resource_tokens

GOOD = "workload-token"
BAD = "The workload identity token is invalid, expired or revoked"
COINBASE_REQUEST = {"coinbaseCdpTokenRequest": {"requestMethod": "POST", "requestPath": "/x"}}
PRIVY_REQUEST = {"stripePrivyTokenRequest": {"requestPath": "/x", "requestBody": "{}"}}


class VendorTokens:
    """Answers with what it was asked to make a token of."""

    def issue(self, vendor, request, credentials, *, now):
        names, secrets = credentials.names, credentials.secrets
        if vendor == "CoinbaseCDP":
            return {
                "bearerToken": f"{names['apiKeyId']}:{secrets['apiKeySecret']}",
                "walletAuthToken": f"{secrets['walletSecret']}:{request['requestPath']}:{now:%H}",
            }
        return {
            "appId": names["appId"],
            "basicAuthToken": f"{names['appId']}:{secrets['appSecret']}",
            "authorizationSignature": (
                f"{names['authorizationId']}:{secrets['authorizationPrivateKey']}"
                f":{request['requestPath']}:{now:%H}"
            ),
        }

    def problem_of(self, vendor, member, value):
        return None

    def managed_secret(self, vendor, kind, identity):
        assert vendor == "CoinbaseCDP"
        return f"{kind} of {identity}"


@pytest.fixture
def vault(new_service):
    service = new_service(vendor_tokens=VendorTokens())
    service.call(
        "CreatePaymentCredentialProvider",
        name="coins",
        credentialProviderVendor="CoinbaseCDP",
        providerConfigurationInput={
            "coinbaseCdpConfiguration": {
                "apiKeyId": "id",
                "apiKeySecret": "s1",
                "walletSecret": "s2",
            }
        },
    )
    service.call(
        "CreatePaymentCredentialProvider",
        name="privy",
        credentialProviderVendor="StripePrivy",
        providerConfigurationInput={
            "stripePrivyConfiguration": {
                "appId": "app",
                "appSecret": "s3",
                "authorizationId": "auth",
                "authorizationPrivateKey": "s4",
            }
        },
    )
    return service


def get(service, token=GOOD, name="coins", request=COINBASE_REQUEST):
    return service.call(
        "GetResourcePaymentToken",
        workloadIdentityToken=token,
        resourceCredentialProviderName=name,
        paymentTokenRequest=request,
    )


def jwt(**claims):
    def part(value):
        return urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    return f"{part({'alg': 'ES256'})}.{part(claims)}.c2ln"


def test_a_coinbase_token_is_made_of_the_provider_s_secrets(vault):
    assert get(vault) == {
        "paymentTokenResponse": {
            "coinbaseCdpTokenResponse": {
                "bearerToken": "id:s1",
                "walletAuthToken": "s2:/x:12",
            }
        }
    }


def test_a_privy_token_is_made_of_the_provider_s_secrets(vault):
    assert get(vault, name="privy", request=PRIVY_REQUEST) == {
        "paymentTokenResponse": {
            "stripePrivyTokenResponse": {
                "appId": "app",
                "basicAuthToken": "app:s3",
                "authorizationSignature": "auth:s4:/x:12",
            }
        }
    }


@pytest.mark.parametrize(
    "token",
    [
        "   ",
        "invalid",
        "invalid-token",
        "expired.token",
        "REVOKED",
        "not-a-token",
        "bad_one",
        "naïve",
        "two\nlines",
        "\0",
        "two words",
        "this-is-not-valid",
        "workload-token-expired",
        "<invalid>",
        "nonsense",
        "...",
        "!!!",
        "x" * 131_071 + " ",
        "eyJ.e30.c2ln",
        "eyJhbGciOiJub25lIn0..c2ln",
        "eyJhbGciOiJub25lIn0.W10.c2ln",
    ],
)
def test_a_bad_workload_token_is_unauthorized(vault, refused, token):
    with refused("UnauthorizedException", BAD):
        get(vault, token)


@pytest.mark.parametrize(
    "token",
    [
        "x",
        "7",
        "workload-token",
        "badger-token",
        "notary",
        "knot-token",
        "a.b.c",
        "a.W10.c",
        "eyJhbGciOiJub25lIn0.e30.c2ln",
        "eyJhbGciOiJub25lIn0.a.b.c.d",
        "x" * 64 + "-invalid",
        "x." * 65_535,
    ],
)
def test_any_other_token_is_good(vault, token):
    assert get(vault, token)


def test_a_deeply_nested_jwt_does_not_break_anything(vault):
    claims = urlsafe_b64encode(b"[" * 90_000).decode().rstrip("=")
    assert get(vault, f"a.{claims}.c")


def test_a_jwt_is_good_until_it_expires(vault, refused):
    token = jwt(exp=vault.clock.now.timestamp() + 60)
    assert get(vault, token)
    vault.clock.move(minutes=1)
    with refused("UnauthorizedException", BAD):
        get(vault, token)


def test_a_jwt_is_good_from_its_beginning(vault, refused):
    token = jwt(nbf=vault.clock.now.timestamp() + 60)
    with refused("UnauthorizedException", BAD):
        get(vault, token)
    vault.clock.move(minutes=1)
    assert get(vault, token)


def test_a_revoked_token_is_bad(vault, refused):
    resource_tokens.revoke_workload_token(vault.state, "workload-token")
    with refused("UnauthorizedException", BAD):
        get(vault)
    assert get(vault, "another-token")


def test_an_unknown_provider_is_not_found(vault, refused):
    message = "PaymentCredentialProvider not found"
    with refused("ResourceNotFoundException", message):
        get(vault, name="none")


def test_a_bad_token_is_told_before_an_unknown_provider(vault, refused):
    with refused("UnauthorizedException", BAD):
        get(vault, "invalid", name="none")


@pytest.mark.parametrize(
    ("name", "request_", "message"),
    [
        (
            "privy",
            COINBASE_REQUEST,
            "paymentTokenRequest must hold stripePrivyTokenRequest for a StripePrivy provider",
        ),
        (
            "coins",
            PRIVY_REQUEST,
            "paymentTokenRequest must hold coinbaseCdpTokenRequest for a CoinbaseCDP provider",
        ),
    ],
)
def test_the_request_must_be_the_vendor_s(vault, refused, name, request_, message):
    with refused("ValidationException", message):
        get(vault, name=name, request=request_)


def test_without_a_maker_it_refuses(vault, refused):
    vault.state.vendor_tokens = None
    message = "This emulator has no vendor token maker, so it cannot issue payment tokens"
    with refused("InternalServerException", message):
        get(vault)


def external(vault):
    vault.call(
        "UpdatePaymentCredentialProvider",
        name="coins",
        credentialProviderVendor="CoinbaseCDP",
        providerConfigurationInput={
            "coinbaseCdpConfiguration": {
                "apiKeyId": "id",
                "apiKeySecretSource": "EXTERNAL",
                "apiKeySecretConfig": {"secretId": "mine", "jsonKey": "key"},
                "walletSecret": "s2",
            }
        },
    )


def test_an_external_secret_is_read_when_it_is_needed(vault):
    external(vault)
    vault.state.secret_reader = lambda secret_id, json_key: f"<{secret_id}/{json_key}>"
    token = get(vault)["paymentTokenResponse"]["coinbaseCdpTokenResponse"]["bearerToken"]
    assert token == "id:<mine/key>"


@pytest.mark.parametrize("reader", [None, lambda secret_id, json_key: {}[secret_id, json_key]])
def test_an_external_secret_that_cannot_be_read_is_denied(vault, refused, reader):
    external(vault)
    vault.state.secret_reader = reader
    message = (
        "The secret arn:aws:secretsmanager:us-east-1:123456789012:secret:mine or its key key "
        "cannot be read"
    )
    with refused("AccessDeniedException", message):
        get(vault)


def test_a_quick_create_provider_has_secrets_that_rotation_changes(vault):
    manager_id = vault.create_manager()["paymentManagerId"]
    connector_id = vault.create_connector(
        manager_id, provisionMode="QUICK_CREATE", credentialProviderConfigurations=[]
    )["paymentConnectorId"]
    quick_create.approve_authorization(vault.state, connector_id)

    def answer():
        response = get(vault, name=f"quick-create-{connector_id}")["paymentTokenResponse"]
        return response["coinbaseCdpTokenResponse"]

    before = answer()
    assert answer() == before
    vault.call(
        "RotatePaymentConnectorCredentials",
        paymentManagerId=manager_id,
        paymentConnectorId=connector_id,
        credentialsToRotate={"coinbaseCDP": {"secrets": ["WALLET_SECRET"]}},
    )
    after = answer()
    assert after["bearerToken"] == before["bearerToken"]
    assert after["walletAuthToken"] != before["walletAuthToken"]
