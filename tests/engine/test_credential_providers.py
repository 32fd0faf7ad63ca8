"""Payment credential providers: what is kept, what is shown, and what is never shown."""

from __future__ import annotations

import json
import re

import pytest

SECRET = "VerySecretValue"
COINBASE = {
    "coinbaseCdpConfiguration": {
        "apiKeyId": "key-1",
        "apiKeySecret": f"{SECRET}1",
        "walletSecret": f"{SECRET}2",
    }
}
PRIVY = {
    "stripePrivyConfiguration": {
        "appId": "app-1",
        "appSecret": f"{SECRET}3",
        "authorizationId": "auth-1",
        "authorizationPrivateKey": f"wallet-auth:{SECRET}4",
    }
}
ARN = (
    "arn:aws:bedrock-agentcore:us-east-1:123456789012:token-vault/default/paymentcredentialprovider"
)
SECRET_ARN = re.compile(
    r"arn:(aws|aws-us-gov):secretsmanager:[A-Za-z0-9-]{1,64}:[0-9]{12}"
    r":secret:[a-zA-Z0-9-_/+=.@!]+"
)


def create(service, name="vault", vendor="CoinbaseCDP", given=COINBASE, **params):
    return service.call(
        "CreatePaymentCredentialProvider",
        name=name,
        credentialProviderVendor=vendor,
        providerConfigurationInput=given,
        **params,
    )


def coinbase(**changes):
    configuration = {**COINBASE["coinbaseCdpConfiguration"], **changes}
    return {
        "coinbaseCdpConfiguration": {
            name: value for name, value in configuration.items() if value is not None
        }
    }


def test_a_new_provider_shows_ids_and_secret_arns(service):
    answer = create(service)
    output = answer.pop("providerConfigurationOutput")["coinbaseCdpConfiguration"]
    assert answer == {
        "name": "vault",
        "credentialProviderVendor": "CoinbaseCDP",
        "credentialProviderArn": f"{ARN}/vault",
    }
    assert output["apiKeyId"] == "key-1"
    assert output["apiKeySecretSource"] == output["walletSecretSource"] == "MANAGED"
    for secret in ("apiKeySecret", "walletSecret"):
        assert SECRET_ARN.fullmatch(output[f"{secret}Arn"]["secretArn"])
        assert f"{secret}JsonKey" not in output


def test_a_privy_provider_shows_its_own_members(service):
    output = create(service, vendor="StripePrivy", given=PRIVY)["providerConfigurationOutput"]
    shown = output["stripePrivyConfiguration"]
    assert (shown["appId"], shown["authorizationId"]) == ("app-1", "auth-1")
    assert set(shown) == {
        "appId",
        "appSecretArn",
        "appSecretSource",
        "authorizationId",
        "authorizationPrivateKeyArn",
        "authorizationPrivateKeySource",
    }


@pytest.mark.parametrize(
    ("vendor", "given", "stored"),
    [
        ("CoinbaseCDP", COINBASE, {"apiKeySecret": "apikey", "walletSecret": "wallet"}),
        (
            "StripePrivy",
            PRIVY,
            {"appSecret": "appsecret", "authorizationPrivateKey": "authprivkey"},
        ),
    ],
)
def test_managed_secrets_of_a_provider_stand_in_one_folder(service, vendor, given, stored):
    (output,) = create(service, vendor=vendor, given=given)["providerConfigurationOutput"].values()
    arns = {member: output[f"{member}Arn"]["secretArn"] for member in stored}
    prefix = (
        "arn:aws:secretsmanager:us-east-1:123456789012:secret:"
        f"bedrock-agentcore-identity!default/payment/{vendor.lower()}/vault-"
    )
    places = set()
    for member, arn in arns.items():
        place, _, name = arn.rpartition("/")
        places.add(place)
        assert re.fullmatch(f"{stored[member]}-[0-9A-Za-z]{{6}}", name)
    (place,) = places
    assert re.fullmatch(f"{prefix}[0-9a-f]{{8}}", place)


def test_a_secret_that_was_external_gets_an_arn_of_the_service(service):
    reference = {"secretId": "my/secret", "jsonKey": "key"}
    given = coinbase(walletSecret=None, walletSecretSource="EXTERNAL", walletSecretConfig=reference)
    create(service, given=given)
    output = service.call(
        "UpdatePaymentCredentialProvider",
        name="vault",
        credentialProviderVendor="CoinbaseCDP",
        providerConfigurationInput=COINBASE,
    )["providerConfigurationOutput"]["coinbaseCdpConfiguration"]
    key, wallet = (output[f"{one}Arn"]["secretArn"] for one in ("apiKeySecret", "walletSecret"))
    assert wallet.rpartition("/")[0] == key.rpartition("/")[0]


@pytest.mark.parametrize(("vendor", "given"), [("CoinbaseCDP", COINBASE), ("StripePrivy", PRIVY)])
def test_no_answer_and_no_repr_has_a_secret(service, vendor, given):
    answers = [
        create(service, vendor=vendor, given=given),
        service.call("GetPaymentCredentialProvider", name="vault"),
        service.call("ListPaymentCredentialProviders"),
        service.call(
            "UpdatePaymentCredentialProvider",
            name="vault",
            credentialProviderVendor=vendor,
            providerConfigurationInput=given,
        ),
    ]
    (provider,) = service.state.credential_providers
    assert SECRET not in json.dumps(answers, default=str)
    assert SECRET not in repr(provider)
    assert SECRET not in repr(provider.secrets)


def test_an_external_secret_is_shown_with_its_json_key(service):
    given = coinbase(
        apiKeySecret=None,
        apiKeySecretSource="EXTERNAL",
        apiKeySecretConfig={"secretId": "my/secret", "jsonKey": "key"},
    )
    output = create(service, given=given)["providerConfigurationOutput"]
    shown = output["coinbaseCdpConfiguration"]
    assert shown["apiKeySecretSource"] == "EXTERNAL"
    assert shown["apiKeySecretJsonKey"] == "key"
    assert shown["apiKeySecretArn"] == {
        "secretArn": "arn:aws:secretsmanager:us-east-1:123456789012:secret:my/secret"
    }
    assert shown["walletSecretSource"] == "MANAGED"


def test_an_external_secret_may_be_named_by_its_arn(service):
    arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:mine-AbCdEf"
    given = coinbase(
        walletSecret=None,
        walletSecretSource="EXTERNAL",
        walletSecretConfig={"secretId": arn, "jsonKey": "key"},
    )
    output = create(service, given=given)["providerConfigurationOutput"]
    assert output["coinbaseCdpConfiguration"]["walletSecretArn"] == {"secretArn": arn}


@pytest.mark.parametrize(
    ("changes", "message", "path"),
    [
        ({"apiKeySecret": None}, "apiKeySecret is required with source MANAGED", "apiKeySecret"),
        ({"walletSecret": ""}, "walletSecret is required with source MANAGED", "walletSecret"),
        (
            {"walletSecretConfig": {"secretId": "s", "jsonKey": "k"}},
            "walletSecretConfig is only accepted with source EXTERNAL",
            "walletSecretConfig",
        ),
        (
            {"apiKeySecretSource": "EXTERNAL"},
            "apiKeySecret is only accepted with source MANAGED",
            "apiKeySecret",
        ),
        (
            {"apiKeySecret": None, "apiKeySecretSource": "EXTERNAL"},
            "apiKeySecretConfig is required with source EXTERNAL",
            "apiKeySecretConfig",
        ),
    ],
)
def test_a_secret_comes_in_one_way(service, refused, changes, message, path):
    with refused("ValidationException", message) as caught:
        create(service, given=coinbase(**changes))
    assert caught.value.members["fieldList"][0]["name"] == (
        f"providerConfigurationInput.coinbaseCdpConfiguration.{path}"
    )
    assert service.call("ListPaymentCredentialProviders") == {"credentialProviders": []}


def test_the_configuration_must_be_the_vendor_s(service, refused):
    message = (
        "providerConfigurationInput must hold stripePrivyConfiguration for "
        "credentialProviderVendor StripePrivy"
    )
    with refused("ValidationException", message):
        create(service, vendor="StripePrivy")


def test_a_name_is_given_once(service, refused):
    create(service)
    message = "Credential provider vault already exists"
    with refused("ValidationException", message, "name") as caught:
        create(service)
    assert "reason" not in caught.value.members


def test_a_deleted_name_is_free_again(service):
    create(service)
    assert service.call("DeletePaymentCredentialProvider", name="vault") == {}
    assert create(service)["name"] == "vault"


@pytest.mark.parametrize(
    ("operation", "params"),
    [
        ("GetPaymentCredentialProvider", {}),
        ("DeletePaymentCredentialProvider", {}),
        (
            "UpdatePaymentCredentialProvider",
            {"credentialProviderVendor": "CoinbaseCDP", "providerConfigurationInput": COINBASE},
        ),
    ],
)
def test_an_unknown_provider_is_not_found(service, refused, operation, params):
    message = "PaymentCredentialProvider not found"
    with refused("ResourceNotFoundException", message):
        service.call(operation, name="vault", **params)


def test_a_got_provider_has_its_times_and_no_tags(service):
    created = create(service, tags={"team": "a"})
    assert service.call("GetPaymentCredentialProvider", name="vault") == {
        **created,
        "createdTime": service.clock.now,
        "lastUpdatedTime": service.clock.now,
    }


def test_an_update_replaces_the_configuration(service):
    created = create(service)["providerConfigurationOutput"]["coinbaseCdpConfiguration"]
    service.clock.move(hours=1)
    answer = service.call(
        "UpdatePaymentCredentialProvider",
        name="vault",
        credentialProviderVendor="CoinbaseCDP",
        providerConfigurationInput=coinbase(apiKeyId="key-2"),
    )
    shown = answer["providerConfigurationOutput"]["coinbaseCdpConfiguration"]
    assert shown == {**created, "apiKeyId": "key-2"}  # the secrets' ARNs stay
    assert answer["createdTime"] < answer["lastUpdatedTime"] == service.clock.now


def test_an_update_keeps_the_vendor(service, refused):
    create(service)
    message = "credentialProviderVendor cannot be changed from CoinbaseCDP"
    with refused("ValidationException", message):
        service.call(
            "UpdatePaymentCredentialProvider",
            name="vault",
            credentialProviderVendor="StripePrivy",
            providerConfigurationInput=PRIVY,
        )


def test_a_list_has_names_and_times_only(service):
    create(service)
    create(service, name="other")
    create(service, name="Zoo")
    capital, second, first = service.call("ListPaymentCredentialProviders")["credentialProviders"]
    assert first == {
        "name": "vault",
        "credentialProviderVendor": "CoinbaseCDP",
        "credentialProviderArn": f"{ARN}/vault",
        "createdTime": service.clock.now,
        "lastUpdatedTime": service.clock.now,
    }
    assert (capital["name"], second["name"]) == ("Zoo", "other")


def test_a_provider_in_use_can_be_deleted(shop):
    create(shop)
    shop.create_connector(shop.manager_id)
    assert shop.call("DeletePaymentCredentialProvider", name="vault") == {}
