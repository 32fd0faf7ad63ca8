"""The control plane as recorded of the live service, seen by a boto3 client."""

from __future__ import annotations

import re
from base64 import b64decode
from typing import Any
from uuid import UUID

import pytest
from botocore.exceptions import ClientError
from ready_shop import ROLE, error_of

ACCOUNT = "arn:aws:bedrock-agentcore:us-west-2:123456789012"
SECRETS = "arn:aws:secretsmanager:us-west-2:123456789012:secret:bedrock-agentcore-identity!default"


def members(answer: dict[str, Any]) -> dict[str, Any]:
    """Return an answer without what boto3 adds."""
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


def create_manager(world: Any, **more: Any) -> dict[str, Any]:
    answer = world.control.create_payment_manager(
        **{"name": "MyShop", "authorizerType": "AWS_IAM", "roleArn": ROLE, **more}
    )
    return members(answer)


def test_a_new_manager_is_as_recorded(world: Any) -> None:
    made = create_manager(world, description="An end-to-end test", tags={"team": "a"})
    identifier = made["paymentManagerId"]
    assert re.fullmatch(r"myshop-[a-z0-9]{10}", identifier)
    assert made == {
        "paymentManagerArn": f"{ACCOUNT}:payment-manager/{identifier}",
        "paymentManagerId": identifier,
        "name": "MyShop",
        "authorizerType": "AWS_IAM",
        "roleArn": ROLE,
        "createdAt": made["createdAt"],
        "status": "READY",
        "workloadIdentityDetails": {
            "workloadIdentityArn": (
                f"{ACCOUNT}:workload-identity-directory/default/workload-identity/{identifier}"
            )
        },
        "tags": {"team": "a"},
    }


def test_a_read_manager_is_as_recorded(world: Any) -> None:
    made = create_manager(world, description="An end-to-end test", tags={"team": "a"})
    read = members(world.control.get_payment_manager(paymentManagerId=made["paymentManagerId"]))
    del made["tags"]
    assert read == {
        **made,
        "description": "An end-to-end test",
        "lastUpdatedAt": made["createdAt"],
    }


def test_an_updated_manager_is_as_recorded(world: Any) -> None:
    made = create_manager(world, tags={"team": "a"})
    updated = members(
        world.control.update_payment_manager(
            paymentManagerId=made["paymentManagerId"], description="Another"
        )
    )
    for name in ("tags", "createdAt"):
        del made[name]
    assert updated == {**made, "lastUpdatedAt": updated["lastUpdatedAt"]}


def test_a_deleted_manager_is_gone_at_once(world: Any) -> None:
    identifier = create_manager(world)["paymentManagerId"]
    deleted = members(world.control.delete_payment_manager(paymentManagerId=identifier))
    assert deleted == {"status": "DELETING", "paymentManagerId": identifier}
    with pytest.raises(ClientError) as caught:
        world.control.get_payment_manager(paymentManagerId=identifier)
    problem = f"Payment manager not found: {identifier}"
    assert error_of(caught.value) == ("ResourceNotFoundException", problem, 404)


def test_managers_are_listed_in_the_order_of_their_ids(world: Any) -> None:
    for name in ("Zoo", "b", "A", "zoo"):
        create_manager(world, name=name, **({"description": "one"} if name == "b" else {}))
    listed = world.control.list_payment_managers()
    entries = listed["paymentManagers"]
    ids = [entry["paymentManagerId"] for entry in entries]
    assert ids == sorted(ids)
    assert [entry.get("description") for entry in entries] == [None, "one", None, None]
    assert "nextToken" not in listed


def test_a_managers_arn_is_accepted_by_the_data_plane(world: Any) -> None:
    assert (
        world.data.list_payment_sessions(paymentManagerArn=world.manager())["paymentSessions"] == []
    )


def test_a_connector_is_as_recorded(world: Any) -> None:
    manager_id = world.manager().rpartition("/")[2]
    configurations = [
        {"coinbaseCDP": {"credentialProviderArn": world.credential_provider("wallets")}}
    ]
    made = members(
        world.control.create_payment_connector(
            paymentManagerId=manager_id,
            name="My_Coins",
            description="One",
            type="CoinbaseCDP",
            credentialProviderConfigurations=configurations,
        )
    )
    identity = {
        "paymentConnectorId": made["paymentConnectorId"],
        "name": "My_Coins",
        "type": "CoinbaseCDP",
    }
    rest = {"credentialProviderConfigurations": configurations, "status": "READY"}
    created = {"createdAt": made["createdAt"]}
    assert made == {**identity, **rest, **created, "paymentManagerId": manager_id}
    which = {"paymentManagerId": manager_id, "paymentConnectorId": made["paymentConnectorId"]}
    read = members(world.control.get_payment_connector(**which))
    assert read == {
        **identity,
        **rest,
        **created,
        "lastUpdatedAt": made["createdAt"],
        "description": "One",
    }
    updated = members(world.control.update_payment_connector(**which, description="Two"))
    assert updated == {
        **identity,
        **rest,
        "paymentManagerId": manager_id,
        "lastUpdatedAt": updated["lastUpdatedAt"],
    }
    listed = world.control.list_payment_connectors(paymentManagerId=manager_id)
    assert listed["paymentConnectors"] == [{**identity, "status": "READY"}]


def test_a_quick_create_connector_waits_at_the_recorded_address(world: Any) -> None:
    made = members(
        world.control.create_payment_connector(
            paymentManagerId=world.manager().rpartition("/")[2],
            name="quick",
            type="CoinbaseCDP",
            provisionMode="QUICK_CREATE",
            credentialProviderConfigurations=[],
        )
    )
    assert made["status"] == "PENDING_AUTHENTICATION"
    assert made["credentialProviderConfigurations"] == []
    address, _, request = made["authorizationUrl"].rpartition("%3A")
    assert address == (
        "https://bedrock-agentcore.us-west-2.amazonaws.com/identities/oauth2/authorize"
        "?request_uri=urn%3Aietf%3Aparams%3Aoauth%3Arequest_uri"
    )
    assert UUID(b64decode(request).decode())


def test_a_new_credential_provider_is_as_recorded(world: Any) -> None:
    from ready_shop import SECRETS as GIVEN

    made = members(
        world.control.create_payment_credential_provider(
            name="wallets",
            credentialProviderVendor="CoinbaseCDP",
            providerConfigurationInput={"coinbaseCdpConfiguration": GIVEN},
            tags={"team": "a"},
        )
    )
    output = made.pop("providerConfigurationOutput")["coinbaseCdpConfiguration"]
    assert made == {
        "name": "wallets",
        "credentialProviderVendor": "CoinbaseCDP",
        "credentialProviderArn": (
            f"{ACCOUNT}:token-vault/default/paymentcredentialprovider/wallets"
        ),
    }
    assert set(output) == {
        "apiKeyId",
        "apiKeySecretArn",
        "walletSecretArn",
        "apiKeySecretSource",
        "walletSecretSource",
    }
    for member, kind in (("apiKeySecret", "apikey"), ("walletSecret", "wallet")):
        place = f"{SECRETS}/payment/coinbasecdp/wallets-[0-9a-f]{{8}}/{kind}-[0-9A-Za-z]{{6}}"
        assert re.fullmatch(place, output[f"{member}Arn"]["secretArn"])
        assert output[f"{member}Source"] == "MANAGED"


def test_credential_providers_are_listed_capitals_first(world: Any) -> None:
    for name in ("b", "a-2", "Zoo", "a_1", "a"):
        world.credential_provider(name)
    listed = []
    token: dict[str, str] = {}
    for _ in range(5):
        page = world.control.list_payment_credential_providers(maxResults=1, **token)
        listed += [entry["name"] for entry in page["credentialProviders"]]
        token = {"nextToken": page["nextToken"]} if "nextToken" in page else {}
    assert listed == ["Zoo", "a", "a-2", "a_1", "b"]
    assert token == {}


def test_refusals_by_the_services_rules_have_no_reason(world: Any) -> None:
    with pytest.raises(ClientError) as caught:
        create_manager(world, roleArn="arn:aws:iam::210987654321:role/other")
    problem = "roleArn must belong to your account"
    assert error_of(caught.value) == ("ValidationException", problem, 400)
    assert "reason" not in caught.value.response
    assert caught.value.response["fieldList"] == [{"name": "roleArn", "message": problem}]
