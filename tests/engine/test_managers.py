"""Payment managers: creation, statuses, updates, deletion."""

from __future__ import annotations

import re

import pytest

ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/payments"
JWT = {
    "customJWTAuthorizer": {
        "discoveryUrl": "https://id.example.com/.well-known/openid-configuration",
        "allowedAudience": ["shop"],
    }
}


def get(service, manager_id):
    return service.call("GetPaymentManager", paymentManagerId=manager_id)


def test_a_new_manager_is_ready_at_once_and_shows_no_description(service):
    answer = service.create_manager(name="MyShop", description="Sells", tags={"team": "a"})
    manager_id = answer["paymentManagerId"]
    assert re.fullmatch(r"myshop-[a-z0-9]{10}", manager_id)
    place = f"arn:aws:bedrock-agentcore:us-east-1:{ACCOUNT}"
    assert answer == {
        "paymentManagerArn": f"{place}:payment-manager/{manager_id}",
        "paymentManagerId": manager_id,
        "name": "MyShop",
        "authorizerType": "AWS_IAM",
        "roleArn": ROLE,
        "workloadIdentityDetails": {
            "workloadIdentityArn": (
                f"{place}:workload-identity-directory/default/workload-identity/{manager_id}"
            )
        },
        "createdAt": service.clock.now,
        "status": "READY",
        "tags": {"team": "a"},
    }


def test_a_got_manager_is_ready_and_complete(service):
    key = "arn:aws:kms:us-east-1:123456789012:key/12345678-1234-1234-1234-123456789012"
    created = service.create_manager(description="Sells", tags={"team": "a"}, kmsKeyArn=key)
    got = get(service, created["paymentManagerId"])
    assert got["kmsKeyArn"] == key
    assert created.pop("tags") == {"team": "a"}  # the service does not show them again
    assert got == {
        **created,
        "status": "READY",
        "description": "Sells",
        "lastUpdatedAt": service.clock.now,
    }


def test_names_need_not_be_unique(service):
    first, second = (service.create_manager()["paymentManagerId"] for _ in range(2))
    assert first != second


def test_an_unknown_manager_is_not_found(service, refused):
    for operation in ("GetPaymentManager", "UpdatePaymentManager", "DeletePaymentManager"):
        with refused("ResourceNotFoundException", "Payment manager not found: shop-0000000000"):
            service.call(operation, paymentManagerId="shop-0000000000")


@pytest.mark.parametrize(
    ("role", "message"),
    [
        ("nonsense", "Invalid role ARN: nonsense"),
        ("arn:aws:iam::123456789012:user/x", "Invalid role ARN: arn:aws:iam::123456789012:user/x"),
        (f"{ROLE[:-8]}", f"Invalid role ARN: {ROLE[:-8]}"),
        ("arn:aws:iam:::role/payments", "roleArn must contain a valid account ID"),
        ("arn:aws:iam::12345:role/payments", "roleArn must contain a valid account ID"),
        ("arn:aws:iam::210987654321:role/payments", "roleArn must belong to your account"),
    ],
)
def test_the_role_must_be_the_account_s_own(service, refused, role, message):
    with refused("ValidationException", message):
        service.create_manager(roleArn=role)
    manager_id = service.create_manager()["paymentManagerId"]
    with refused("ValidationException", message):
        service.call("UpdatePaymentManager", paymentManagerId=manager_id, roleArn=role)
    assert get(service, manager_id)["roleArn"] == ROLE


def test_custom_jwt_needs_its_configuration(service, refused):
    message = "authorizerConfiguration.customJWTAuthorizer is required for CUSTOM_JWT"
    with refused("ValidationException", message):
        service.create_manager(authorizerType="CUSTOM_JWT")


def test_a_configuration_needs_custom_jwt(service, refused):
    message = "authorizerConfiguration is only accepted for authorizerType CUSTOM_JWT"
    with refused("ValidationException", message):
        service.create_manager(authorizerConfiguration=JWT)


def test_a_custom_jwt_manager_shows_its_configuration(service):
    created = service.create_manager(authorizerType="CUSTOM_JWT", authorizerConfiguration=JWT)
    assert created["authorizerConfiguration"] == JWT
    assert get(service, created["paymentManagerId"])["authorizerConfiguration"] == JWT


def test_an_update_changes_what_is_given_and_keeps_the_rest(service):
    created = service.create_manager(description="Sells")
    manager_id = created["paymentManagerId"]
    service.clock.move(minutes=5)
    answer = service.call("UpdatePaymentManager", paymentManagerId=manager_id, roleArn=f"{ROLE}-2")
    assert answer == {
        "paymentManagerArn": created["paymentManagerArn"],
        "paymentManagerId": manager_id,
        "name": "Shop",
        "authorizerType": "AWS_IAM",
        "roleArn": f"{ROLE}-2",
        "workloadIdentityDetails": created["workloadIdentityDetails"],
        "lastUpdatedAt": service.clock.now,
        "status": "READY",
    }
    got = get(service, manager_id)
    assert (got["description"], got["status"]) == ("Sells", "READY")
    assert got["createdAt"] < got["lastUpdatedAt"] == service.clock.now


def test_an_update_may_change_the_authorizer_both_ways(service):
    manager_id = service.create_manager()["paymentManagerId"]
    service.call(
        "UpdatePaymentManager",
        paymentManagerId=manager_id,
        authorizerType="CUSTOM_JWT",
        authorizerConfiguration=JWT,
    )
    assert get(service, manager_id)["authorizerConfiguration"] == JWT
    service.call("UpdatePaymentManager", paymentManagerId=manager_id, description="kept")
    assert get(service, manager_id)["authorizerConfiguration"] == JWT
    service.call("UpdatePaymentManager", paymentManagerId=manager_id, authorizerType="AWS_IAM")
    assert "authorizerConfiguration" not in get(service, manager_id)


@pytest.mark.parametrize("status", ["CREATING", "UPDATING", "DELETING"])
def test_a_busy_manager_is_neither_updated_nor_deleted(service, refused, status):
    manager_id = service.create_manager()["paymentManagerId"]
    service.state.managers.get(manager_id).lifecycle.force(status)
    for operation, verb in (
        ("UpdatePaymentManager", "updated"),
        ("DeletePaymentManager", "deleted"),
    ):
        message = f"Payment manager {manager_id} cannot be {verb} in status {status}"
        with refused("ConflictException", message):
            service.call(operation, paymentManagerId=manager_id)


def test_a_manager_whose_creation_failed_can_be_deleted(service, refused):
    manager_id = service.create_manager()["paymentManagerId"]
    service.state.managers.get(manager_id).lifecycle.force("CREATE_FAILED")
    service.call("DeletePaymentManager", paymentManagerId=manager_id)
    with refused("ResourceNotFoundException", f"Payment manager not found: {manager_id}"):
        get(service, manager_id)


def test_a_manager_with_connectors_is_not_deleted(shop, refused):
    message = f"Payment manager {shop.manager_id} still has payment connectors"
    with refused("ConflictException", message):
        shop.call("DeletePaymentManager", paymentManagerId=shop.manager_id)
    assert get(shop, shop.manager_id)["status"] == "READY"


def test_a_deleted_manager_is_deleting_and_then_gone(service, refused):
    manager_id = service.create_manager()["paymentManagerId"]
    assert service.call("DeletePaymentManager", paymentManagerId=manager_id) == {
        "paymentManagerId": manager_id,
        "status": "DELETING",
    }
    assert service.call("ListPaymentManagers") == {"paymentManagers": []}
    with refused("ResourceNotFoundException", f"Payment manager not found: {manager_id}"):
        get(service, manager_id)


def test_a_manager_can_be_deleted_right_after_its_last_connector(shop):
    shop.call(
        "DeletePaymentConnector",
        paymentManagerId=shop.manager_id,
        paymentConnectorId=shop.connector_id,
    )
    answer = shop.call("DeletePaymentManager", paymentManagerId=shop.manager_id)
    assert answer["status"] == "DELETING"


def test_a_list_has_every_manager_of_the_account_in_the_order_of_their_ids(service):
    created = sorted(service.create_manager(description="d")["paymentManagerId"] for _ in range(9))
    listed = service.call("ListPaymentManagers")["paymentManagers"]
    assert [one["paymentManagerId"] for one in listed] == created
    assert listed[0] == {
        "paymentManagerArn": get(service, created[0])["paymentManagerArn"],
        "paymentManagerId": created[0],
        "name": "Shop",
        "description": "d",
        "authorizerType": "AWS_IAM",
        "roleArn": ROLE,
        "status": "READY",
        "createdAt": service.clock.now,
        "lastUpdatedAt": service.clock.now,
    }
