"""Payment connectors with credentials of the caller's own."""

from __future__ import annotations

import re

import pytest

ARN = "arn:aws:acps:us-east-1:123456789012:token-vault/default/paymentcredentialprovider/vault"
COINBASE = [{"coinbaseCDP": {"credentialProviderArn": ARN}}]
OTHER = [{"coinbaseCDP": {"credentialProviderArn": f"{ARN}-2"}}]
PRIVY = [{"stripePrivy": {"credentialProviderArn": ARN}}]
MISMATCH = "Connector type '{}' does not match the provided credentialProviderConfiguration"
INVALID = [
    ([], "credentialProviderConfigurations list cannot be empty"),
    ([{"coinbaseCDP": {}}], "credentialProviderArn is required but not found in the request"),
    (
        [{"coinbaseCDP": {"credentialProviderArn": ""}}],
        "credentialProviderArn is required but not found in the request",
    ),
    ([{}], "credentialProviderArn is required but not found in the request"),
    (
        [{"awsBilling": {"iamRoleArn": "arn:aws:iam::123456789012:role/bill"}}],
        MISMATCH.format("CoinbaseCDP"),
    ),
    (PRIVY, MISMATCH.format("CoinbaseCDP")),
]


@pytest.fixture
def manager_id(service):
    return service.create_manager()["paymentManagerId"]


def call(service, operation, manager_id, connector_id, **params):
    return service.call(
        operation, paymentManagerId=manager_id, paymentConnectorId=connector_id, **params
    )


def test_a_new_connector_is_ready_at_once(service, manager_id):
    answer = service.create_connector(manager_id, name="My_Coins", description="d")
    assert re.fullmatch(r"my_coins-[a-z0-9]{10}", answer["paymentConnectorId"])
    assert answer == {
        "paymentConnectorId": answer["paymentConnectorId"],
        "paymentManagerId": manager_id,
        "name": "My_Coins",
        "type": "CoinbaseCDP",
        "credentialProviderConfigurations": COINBASE,
        "createdAt": service.clock.now,
        "status": "READY",
    }


def test_a_got_connector_is_ready_and_complete(service, manager_id):
    connector_id = service.create_connector(manager_id, description="d")["paymentConnectorId"]
    assert call(service, "GetPaymentConnector", manager_id, connector_id) == {
        "paymentConnectorId": connector_id,
        "name": "Coins",
        "description": "d",
        "type": "CoinbaseCDP",
        "credentialProviderConfigurations": COINBASE,
        "createdAt": service.clock.now,
        "lastUpdatedAt": service.clock.now,
        "status": "READY",
    }


@pytest.mark.parametrize(("configurations", "message"), INVALID)
def test_a_connector_needs_the_configuration_of_its_type(
    service, manager_id, refused, configurations, message
):
    with refused("ValidationException", message):
        service.create_connector(manager_id, credentialProviderConfigurations=configurations)
    listed = service.call("ListPaymentConnectors", paymentManagerId=manager_id)
    assert listed == {"paymentConnectors": []}


def test_a_connector_of_a_wallet_vendor_needs_configurations_at_all(service, manager_id, refused):
    with refused("ValidationException", "credentialProviderConfigurations list cannot be empty"):
        service.call(
            "CreatePaymentConnector",
            paymentManagerId=manager_id,
            name="Coins",
            type="CoinbaseCDP",
        )


def test_a_known_provider_of_another_vendor_does_not_match(service, manager_id, refused):
    service.call(
        "CreatePaymentCredentialProvider",
        name="vault",
        credentialProviderVendor="StripePrivy",
        providerConfigurationInput={
            "stripePrivyConfiguration": {
                "appId": "app",
                "appSecret": "s",
                "authorizationId": "auth",
                "authorizationPrivateKey": "k",
            }
        },
    )
    with refused("ValidationException", MISMATCH.format("CoinbaseCDP")):
        service.create_connector(manager_id)


def test_a_connector_needs_a_known_manager(service, refused):
    with refused("ResourceNotFoundException", "Payment manager not found: shop-0000000000"):
        service.create_connector("shop-0000000000")


def test_a_connector_needs_a_ready_manager(service, manager_id, refused):
    service.state.managers.get(manager_id).lifecycle.force("CREATING")
    message = f"Payment manager {manager_id} is not ready. Status: CREATING"
    with refused("ConflictException", message):
        service.create_connector(manager_id)


@pytest.mark.parametrize(
    "operation", ["GetPaymentConnector", "UpdatePaymentConnector", "DeletePaymentConnector"]
)
def test_an_unknown_connector_is_not_found(service, manager_id, refused, operation):
    message = "Payment connector not found: coins-0000000000"
    with refused("ResourceNotFoundException", message):
        call(service, operation, manager_id, "coins-0000000000")


def test_a_connector_of_another_manager_is_not_found(shop, refused):
    other = shop.create_manager()["paymentManagerId"]
    message = f"Payment connector not found: {shop.connector_id}"
    with refused("ResourceNotFoundException", message):
        call(shop, "GetPaymentConnector", other, shop.connector_id)


def test_an_update_changes_what_is_given_and_keeps_the_rest(service, manager_id):
    connector_id = service.create_connector(manager_id, description="d")["paymentConnectorId"]
    service.clock.move(minutes=5)
    answer = call(
        service,
        "UpdatePaymentConnector",
        manager_id,
        connector_id,
        type="CoinbaseCDP",
        credentialProviderConfigurations=OTHER,
    )
    assert answer == {
        "paymentConnectorId": connector_id,
        "paymentManagerId": manager_id,
        "name": "Coins",
        "type": "CoinbaseCDP",
        "credentialProviderConfigurations": OTHER,
        "lastUpdatedAt": service.clock.now,
        "status": "READY",
    }
    got = call(service, "GetPaymentConnector", manager_id, connector_id)
    assert (got["description"], got["status"]) == ("d", "READY")


@pytest.mark.parametrize("given", [{}, {"credentialProviderConfigurations": PRIVY}])
def test_an_update_does_not_change_the_type(service, manager_id, refused, given):
    connector_id = service.create_connector(manager_id)["paymentConnectorId"]
    change = {"type": "StripePrivy", **given}
    with refused(
        "ValidationException", "Connector type cannot be changed from 'CoinbaseCDP'", "type"
    ):
        call(service, "UpdatePaymentConnector", manager_id, connector_id, **change)
    got = call(service, "GetPaymentConnector", manager_id, connector_id)
    assert got["type"] == "CoinbaseCDP"


@pytest.mark.parametrize(("configurations", "message"), INVALID)
def test_an_update_needs_the_configuration_of_its_type(
    service, manager_id, refused, configurations, message
):
    connector_id = service.create_connector(manager_id)["paymentConnectorId"]
    with refused("ValidationException", message):
        call(
            service,
            "UpdatePaymentConnector",
            manager_id,
            connector_id,
            credentialProviderConfigurations=configurations,
        )


@pytest.mark.parametrize("status", ["CREATING", "UPDATING", "DELETING", "PROVISIONING"])
def test_a_busy_connector_is_neither_updated_nor_deleted(shop, refused, status):
    manager = shop.state.managers.get(shop.manager_id)
    manager.connectors.get(shop.connector_id).lifecycle.force(status)
    for operation, verb in (
        ("UpdatePaymentConnector", "updated"),
        ("DeletePaymentConnector", "deleted"),
    ):
        message = f"Payment connector {shop.connector_id} cannot be {verb} in status {status}"
        with refused("ConflictException", message):
            call(shop, operation, shop.manager_id, shop.connector_id)


def test_a_deleted_connector_is_deleting_and_then_gone(shop, refused):
    assert call(shop, "DeletePaymentConnector", shop.manager_id, shop.connector_id) == {
        "paymentConnectorId": shop.connector_id,
        "status": "DELETING",
    }
    listed = shop.call("ListPaymentConnectors", paymentManagerId=shop.manager_id)
    assert listed == {"paymentConnectors": []}
    message = f"Payment connector not found: {shop.connector_id}"
    with refused("ResourceNotFoundException", message):
        call(shop, "GetPaymentConnector", shop.manager_id, shop.connector_id)


def test_a_list_has_the_manager_s_connectors_in_the_order_of_their_ids(shop):
    second = shop.create_connector(shop.manager_id, name="Aaa")["paymentConnectorId"]
    other = shop.create_manager()["paymentManagerId"]
    shop.create_connector(other)
    listed = shop.call("ListPaymentConnectors", paymentManagerId=shop.manager_id)
    first, last = listed["paymentConnectors"]
    assert first["paymentConnectorId"] == second
    assert last == {
        "paymentConnectorId": shop.connector_id,
        "name": "Coins",
        "type": "CoinbaseCDP",
        "status": "READY",
    }


def test_a_list_of_an_unknown_manager_is_empty(service):
    answer = service.call("ListPaymentConnectors", paymentManagerId="shop-0000000000")
    assert answer == {"paymentConnectors": []}
