"""A few longer stories that only a whole stack can tell."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from boto3_agentcore_payments.emulator.control import PaymentsControl


def test_paginators_visit_every_session_once(world: Any) -> None:
    arn = world.manager()
    made = [world.session(arn) for _ in range(230)]
    pages = world.data.get_paginator("list_payment_sessions").paginate(
        paymentManagerArn=arn, userId="alice", PaginationConfig={"PageSize": 50}
    )
    seen = [session["paymentSessionId"] for page in pages for session in page["paymentSessions"]]
    assert seen == made or sorted(seen) == sorted(made)
    assert len(set(seen)) == len(seen)


def test_page_token_of_another_user_is_refused(world: Any) -> None:
    arn = world.manager()
    for _ in range(3):
        world.session(arn)
    page = world.data.list_payment_sessions(paymentManagerArn=arn, userId="alice", maxResults=1)
    with pytest.raises(ClientError) as caught:
        world.data.list_payment_sessions(
            paymentManagerArn=arn, userId="eve", nextToken=page["nextToken"]
        )
    assert caught.value.response["Error"]["Code"] == "ValidationException"


def test_secrets_kept_in_secrets_manager_make_a_token(world: Any) -> None:
    secrets = world.client("secretsmanager")
    key = "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g"
    stored = secrets.create_secret(Name="coinbase", SecretString=json.dumps({"k": key}))["ARN"]
    reference = {"secretId": stored, "jsonKey": "k"}
    world.control.create_payment_credential_provider(
        name="external",
        credentialProviderVendor="CoinbaseCDP",
        providerConfigurationInput={
            "coinbaseCdpConfiguration": {
                "apiKeyId": "key-1",
                "apiKeySecretSource": "EXTERNAL",
                "apiKeySecretConfig": reference,
                "walletSecretSource": "EXTERNAL",
                "walletSecretConfig": reference,
            }
        },
    )
    request = {
        "workloadIdentityToken": "workload-token",
        "resourceCredentialProviderName": "external",
        "paymentTokenRequest": {
            "coinbaseCdpTokenRequest": {
                "requestMethod": "GET",
                "requestPath": "/platform/v2/evm/accounts",
            }
        },
    }
    response = world.data.get_resource_payment_token(**request)
    assert (
        response["paymentTokenResponse"]["coinbaseCdpTokenResponse"]["bearerToken"].count(".") == 2
    )
    secrets.delete_secret(SecretId=stored, ForceDeleteWithoutRecovery=True)
    with pytest.raises(ClientError) as caught:
        world.data.get_resource_payment_token(**request)
    assert caught.value.response["Error"]["Code"] != "InternalServerException"
    assert key not in str(caught.value.response)


def test_revoked_workload_token_is_unauthorized(world: Any) -> None:
    PaymentsControl(region=world.region).revoke_workload_token("workload-token")
    with pytest.raises(ClientError) as caught:
        world.data.get_resource_payment_token(
            workloadIdentityToken="workload-token",
            resourceCredentialProviderName="external",
            paymentTokenRequest={
                "coinbaseCdpTokenRequest": {"requestMethod": "GET", "requestPath": "/x"}
            },
        )
    assert caught.value.response["Error"]["Code"] == "UnauthorizedException"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 401


def test_shop_is_closed_in_order(world: Any) -> None:
    arn = world.manager()
    manager_id = arn.rpartition("/")[2]
    connector = world.connector(arn)
    with pytest.raises(ClientError) as caught:
        world.control.delete_payment_manager(paymentManagerId=manager_id)
    assert caught.value.response["Error"]["Code"] == "ConflictException"
    world.control.delete_payment_connector(
        paymentManagerId=manager_id, paymentConnectorId=connector
    )
    world.control.delete_payment_manager(paymentManagerId=manager_id)
    world.control.get_waiter("payment_manager_deleted").wait(
        paymentManagerId=manager_id, WaiterConfig={"Delay": 0, "MaxAttempts": 3}
    )
