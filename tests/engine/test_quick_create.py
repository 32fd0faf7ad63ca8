"""Connectors whose credentials the service makes: consent, expiry, rotation."""

from __future__ import annotations

from base64 import b64decode
from uuid import UUID

import pytest

from boto3_agentcore_payments.emulator.engine import quick_create

ARN = "arn:aws:acps:us-east-1:123456789012:token-vault/default/paymentcredentialprovider/vault"
QUICK = {"provisionMode": "QUICK_CREATE", "credentialProviderConfigurations": []}


class Waiting:
    """A connector that waits for consent."""

    def __init__(self, service):
        self.service = service
        self.manager_id = service.create_manager()["paymentManagerId"]
        self.created = service.create_connector(self.manager_id, **QUICK)
        self.connector_id = self.created["paymentConnectorId"]
        self.ids = {
            "paymentManagerId": self.manager_id,
            "paymentConnectorId": self.connector_id,
        }

    def get(self):
        return self.service.call("GetPaymentConnector", **self.ids)

    def update(self, **params):
        return self.service.call("UpdatePaymentConnector", **self.ids, **params)

    def rotate(self, *secrets):
        return self.service.call(
            "RotatePaymentConnectorCredentials",
            **self.ids,
            credentialsToRotate={"coinbaseCDP": {"secrets": list(secrets)}},
        )

    def approve(self):
        quick_create.approve_authorization(self.service.state, self.connector_id)

    def provider(self):
        arn = self.get()["credentialProviderConfigurations"][0]["coinbaseCDP"]
        name = arn["credentialProviderArn"].rpartition("/")[2]
        return self.service.call("GetPaymentCredentialProvider", name=name)


@pytest.fixture
def waiting(service):
    return Waiting(service)


def test_it_starts_waiting_for_consent_at_an_address(waiting):
    assert waiting.created["status"] == "PENDING_AUTHENTICATION"
    assert waiting.created["credentialProviderConfigurations"] == []
    url = waiting.created["authorizationUrl"]
    page, _, request = url.rpartition("%3A")
    assert page == (
        "https://bedrock-agentcore.us-east-1.amazonaws.com/identities/oauth2/authorize"
        "?request_uri=urn%3Aietf%3Aparams%3Aoauth%3Arequest_uri"
    )
    assert str(UUID(b64decode(request).decode())) == b64decode(request).decode()
    got = waiting.get()
    assert (got["status"], got["authorizationUrl"]) == ("PENDING_AUTHENTICATION", url)
    assert got["provisionMode"] == "QUICK_CREATE"
    assert "credentialsUpdatedAt" not in got


def test_it_is_for_coinbase_only(service, refused):
    manager_id = service.create_manager()["paymentManagerId"]
    message = "provisionMode QUICK_CREATE is only supported for type 'CoinbaseCDP'"
    with refused("ValidationException", message):
        service.create_connector(manager_id, type="StripePrivy", **QUICK)


def test_it_brings_no_credentials_along(service, refused):
    manager_id = service.create_manager()["paymentManagerId"]
    message = "credentialProviderConfigurations must be empty for provisionMode QUICK_CREATE"
    with refused("ValidationException", message):
        service.create_connector(manager_id, provisionMode="QUICK_CREATE")


def test_after_consent_it_is_ready_with_credentials_of_the_service(waiting):
    waiting.service.clock.move(minutes=1)
    waiting.approve()
    got = waiting.get()
    assert got["status"] == "READY"
    assert got["credentialsUpdatedAt"] == waiting.service.clock.now
    assert "authorizationUrl" not in got
    output = waiting.provider()["providerConfigurationOutput"]["coinbaseCdpConfiguration"]
    assert output["apiKeySecretSource"] == "MANAGED"


def test_after_consent_it_passes_through_provisioning(waiting):
    waiting.approve()
    connectors = waiting.service.state.managers.get(waiting.manager_id).connectors
    assert connectors.get(waiting.connector_id).lifecycle._status == "PROVISIONING"


def test_consent_ends_after_ten_minutes(waiting):
    waiting.service.clock.move(minutes=9, seconds=59)
    assert waiting.get()["status"] == "PENDING_AUTHENTICATION"
    waiting.service.clock.move(seconds=1)
    assert waiting.get()["status"] == "AUTHENTICATION_EXPIRED"
    listed = waiting.service.call("ListPaymentConnectors", paymentManagerId=waiting.manager_id)
    assert listed["paymentConnectors"][0]["status"] == "AUTHENTICATION_EXPIRED"


def test_an_approved_connector_does_not_expire(waiting):
    waiting.approve()
    waiting.service.clock.move(hours=1)
    assert waiting.get()["status"] == "READY"


@pytest.mark.parametrize(
    ("end", "status"),
    [
        (quick_create.expire_authorization, "AUTHENTICATION_EXPIRED"),
        (quick_create.fail_authorization, "AUTHENTICATION_FAILED"),
    ],
)
def test_a_test_may_end_the_consent(waiting, refused, end, status):
    end(waiting.service.state, waiting.connector_id)
    assert waiting.get()["status"] == status
    assert "authorizationUrl" not in waiting.get()
    message = (
        f"Payment connector {waiting.connector_id} is not waiting for consent. Status: {status}"
    )
    with refused("ConflictException", message):
        waiting.approve()


@pytest.mark.parametrize(
    ("end", "status"),
    [
        (quick_create.expire_authorization, "AUTHENTICATION_EXPIRED"),
        (quick_create.fail_authorization, "AUTHENTICATION_FAILED"),
    ],
)
def test_an_ended_consent_is_final(waiting, end, status):
    end(waiting.service.state, waiting.connector_id)
    answer = waiting.update(description="again")
    assert answer["status"] == waiting.get()["status"] == status
    assert "authorizationUrl" not in answer


def test_an_update_while_waiting_keeps_waiting(waiting):
    answer = waiting.update(description="later")
    assert answer["status"] == "PENDING_AUTHENTICATION"
    assert answer["authorizationUrl"] == waiting.created["authorizationUrl"]
    waiting.service.clock.move(minutes=10)
    assert waiting.get()["status"] == "AUTHENTICATION_EXPIRED"


def test_an_update_keeps_type_and_credentials(waiting, refused):
    with refused(
        "ValidationException", "Connector type cannot be changed from 'CoinbaseCDP'", "type"
    ):
        waiting.update(type="StripePrivy")
    message = "A QUICK_CREATE connector keeps its credential provider"
    provider = {"coinbaseCDP": {"credentialProviderArn": ARN}}
    with refused("ValidationException", message, "credentialProviderConfigurations"):
        waiting.update(credentialProviderConfigurations=[provider])


def test_an_unknown_connector_cannot_be_approved(service, refused):
    message = "Payment connector not found: coins-0000000000"
    with refused("ResourceNotFoundException", message):
        quick_create.approve_authorization(service.state, "coins-0000000000")


def test_instruments_need_the_consent_first(shop, refused):
    connector_id = shop.create_connector(shop.manager_id, **QUICK)["paymentConnectorId"]
    message = f"Payment connector {connector_id} is not ready. Status: PENDING_AUTHENTICATION"
    with refused("ConflictException", message):
        shop.create_instrument(paymentConnectorId=connector_id)


def test_a_waiting_connector_can_be_deleted(waiting):
    assert waiting.service.call("DeletePaymentConnector", **waiting.ids)["status"] == "DELETING"


def test_a_deleted_connector_does_not_come_back_as_expired(waiting, refused):
    waiting.service.call("DeletePaymentConnector", **waiting.ids)
    waiting.service.clock.move(hours=1)
    message = f"Payment connector not found: {waiting.connector_id}"
    with refused("ResourceNotFoundException", message):
        waiting.get()


def test_an_underscore_in_the_name_does_not_reach_the_provider_s_arn(service):
    manager_id = service.create_manager()["paymentManagerId"]
    connector_id = service.create_connector(manager_id, name="My_Coins", **QUICK)[
        "paymentConnectorId"
    ]
    quick_create.approve_authorization(service.state, connector_id)
    (provider,) = service.call("ListPaymentCredentialProviders")["credentialProviders"]
    assert provider["name"] == f"quick-create-{connector_id.replace('_', '-')}"


def test_a_name_taken_by_the_caller_is_left_alone(waiting):
    name = f"quick-create-{waiting.connector_id}"
    waiting.service.call(
        "CreatePaymentCredentialProvider",
        name=name,
        credentialProviderVendor="CoinbaseCDP",
        providerConfigurationInput={
            "coinbaseCdpConfiguration": {
                "apiKeyId": "mine",
                "apiKeySecret": "s",
                "walletSecret": "w",
            }
        },
    )
    waiting.approve()
    assert waiting.provider()["name"].startswith(f"{name}-")


def test_a_rotation_gives_new_credentials_at_once(waiting):
    waiting.approve()
    before = waiting.provider()
    waiting.service.clock.move(hours=1)
    assert waiting.rotate("API_KEY", "WALLET_SECRET") == {
        "paymentConnectorId": waiting.connector_id,
        "paymentManagerId": waiting.manager_id,
        "lastUpdatedAt": waiting.service.clock.now,
        "status": "READY",
    }
    after = waiting.provider()
    configuration = "coinbaseCdpConfiguration"
    assert (
        after["providerConfigurationOutput"][configuration]["apiKeyId"]
        != before["providerConfigurationOutput"][configuration]["apiKeyId"]
    )
    assert after["lastUpdatedTime"] == waiting.service.clock.now
    assert waiting.get()["credentialsUpdatedAt"] == waiting.service.clock.now


def test_only_the_named_secret_is_rotated(waiting):
    waiting.approve()
    (provider,) = waiting.service.state.credential_providers
    before = dict(provider.secrets)
    waiting.rotate("WALLET_SECRET")
    assert provider.secrets["apiKeySecret"] == before["apiKeySecret"]
    assert provider.secrets["walletSecret"] != before["walletSecret"]


def test_a_secret_is_named_once(waiting, refused):
    waiting.approve()
    with refused("ValidationException", "secrets must not name a secret twice"):
        waiting.rotate("API_KEY", "API_KEY")


def test_a_connector_put_into_ready_without_consent_rotates(waiting):
    manager = waiting.service.state.managers.get(waiting.manager_id)
    manager.connectors.get(waiting.connector_id).lifecycle.force("READY")
    assert waiting.rotate("API_KEY")["status"] == "READY"
    got = waiting.get()
    assert len(got["credentialProviderConfigurations"]) == 1
    assert got["credentialsUpdatedAt"] == waiting.service.clock.now


def test_only_quick_create_rotates(shop, refused):
    message = "Credentials can be rotated only for connectors with provisionMode QUICK_CREATE"
    with refused("ValidationException", message, "paymentConnectorId"):
        shop.call(
            "RotatePaymentConnectorCredentials",
            paymentManagerId=shop.manager_id,
            paymentConnectorId=shop.connector_id,
            credentialsToRotate={"coinbaseCDP": {"secrets": ["API_KEY"]}},
        )


def test_a_connector_that_is_not_ready_does_not_rotate(waiting, refused):
    message = (
        f"Credentials of payment connector {waiting.connector_id} cannot be rotated in status "
        "PENDING_AUTHENTICATION"
    )
    with refused("ConflictException", message):
        waiting.rotate("API_KEY")


def test_a_deleted_provider_does_not_rotate(waiting, refused):
    waiting.approve()
    name = waiting.provider()["name"]
    waiting.service.call("DeletePaymentCredentialProvider", name=name)
    message = "PaymentCredentialProvider not found"
    with refused("ResourceNotFoundException", message):
        waiting.rotate("API_KEY")


def test_a_rotation_must_name_the_connector_s_vendor(waiting, refused):
    waiting.approve()
    message = "credentialsToRotate must hold coinbaseCDP for a connector of type CoinbaseCDP"
    with refused("ValidationException", message, "credentialsToRotate"):
        waiting.service.call(
            "RotatePaymentConnectorCredentials",
            **waiting.ids,
            credentialsToRotate={"newVendor": {"secrets": ["API_KEY"]}},
        )


def test_a_kind_of_secret_that_only_the_definitions_know_is_refused(waiting, refused):
    waiting.approve()
    with refused(
        "ValidationException",
        "Secret 'PASSKEY' is not emulated",
        "credentialsToRotate.coinbaseCDP.secrets",
    ):
        waiting.rotate("API_KEY", "PASSKEY")
