"""Inside ``mock_aws``: the ways in, moto's seed and recorder, and what only a whole stack shows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import boto3
import pytest
import requests
from botocore.exceptions import ClientError
from moto import mock_aws
from ready_shop import ROLE, error_of

from boto3_agentcore_payments.emulator.control import PaymentsControl
from boto3_agentcore_payments.testing import secrets

if TYPE_CHECKING:
    from pathlib import Path

REGION = "us-east-1"
BASE = "http://motoapi.amazonaws.com/moto-api"


def _manager_name() -> str:
    control = boto3.client("bedrock-agentcore-payments-control", region_name=REGION)
    made = control.create_payment_manager(name="shop", authorizerType="AWS_IAM", roleArn=ROLE)
    found = control.get_payment_manager(paymentManagerId=made["paymentManagerId"])
    name: str = found["name"]
    return name


def _managers() -> list[Any]:
    control = boto3.client("bedrock-agentcore-payments-control", region_name=REGION)
    managers: list[Any] = control.list_payment_managers()["paymentManagers"]
    return managers


def test_context_manager_is_served() -> None:
    with mock_aws():
        assert _manager_name() == "shop"


@mock_aws
def test_decorator_is_served() -> None:
    assert _manager_name() == "shop"


@mock_aws
class TestClassDecorator:
    def test_class_is_served(self) -> None:
        assert _manager_name() == "shop"


def test_state_ends_with_the_mock() -> None:
    with mock_aws():
        _manager_name()
    with mock_aws():
        assert _managers() == []


def test_nested_mock_keeps_the_state() -> None:
    with mock_aws():
        _manager_name()
        with mock_aws():
            assert len(_managers()) == 1


def test_reset_forgets_everything(aws: None) -> None:
    import requests

    _manager_name()
    requests.post("http://motoapi.amazonaws.com/moto-api/reset", timeout=5)
    assert _managers() == []


def test_patch_client_serves_a_client_made_before() -> None:
    from moto.core import patch_client

    client = boto3.client(
        "bedrock-agentcore-payments-control",
        region_name=REGION,
        aws_access_key_id="FOOBARKEY",
        aws_secret_access_key="FOOBARSECRET",
    )
    with mock_aws():
        patch_client(client)
        assert client.list_payment_managers()["paymentManagers"] == []


def test_aws_own_clients_meet_the_same_service(aws: None) -> None:
    if "bedrock-agentcore-control" not in boto3.Session().get_available_services():
        pytest.skip("this botocore does not know AgentCore")
    control = boto3.client("bedrock-agentcore-control", region_name=REGION)
    if not hasattr(control, "create_payment_manager"):
        pytest.skip("this botocore's own model has no payments operations")
    made = control.create_payment_manager(name="shop", authorizerType="AWS_IAM", roleArn=ROLE)
    assert [manager["paymentManagerArn"] for manager in _managers()] == [made["paymentManagerArn"]]
    data = boto3.client("bedrock-agentcore", region_name=REGION)
    with pytest.raises(ClientError) as caught:
        data.get_payment_session(
            paymentManagerArn=made["paymentManagerArn"],
            userId="alice",
            paymentSessionId="payment-session-123456789012345",
        )
    problem = "Payment session not found: payment-session-123456789012345"
    assert error_of(caught.value) == ("ResourceNotFoundException", problem, 404)


def test_malformed_json_is_a_validation_exception(aws: None) -> None:
    import requests

    answer = requests.post(
        f"https://bedrock-agentcore.{REGION}.amazonaws.com/payments/createPaymentSession",
        data=b"{",
        timeout=5,
    )
    assert answer.status_code == 400
    assert answer.headers["x-amzn-ErrorType"] == "ValidationException"
    assert answer.json()["reason"] == "CannotParse"


def test_seed_makes_a_run_repeatable(make_world: Any) -> None:
    def run() -> tuple[str, str, str, Any]:
        requests.post(f"{BASE}/reset", timeout=5)
        requests.post(f"{BASE}/seed?a=42", timeout=5)
        world = make_world()
        arn = world.manager()
        instrument = world.instrument(arn, world.connector(arn))
        session = world.session(arn)
        paid = world.pay(arn, session, instrument)
        nonce = paid["paymentOutput"]["cryptoX402"]["payload"]["authorization"]["nonce"]
        return arn, instrument, session, nonce

    assert run() == run()


def test_recorded_requests_are_replayed(
    make_world: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from moto.moto_api import recorder

    monkeypatch.setattr(recorder, "_user_enabled", False)  # and so again at the end
    monkeypatch.setattr(recorder, "_location", str(tmp_path / "recording"))
    requests.post(f"{BASE}/recorder/start-recording", timeout=5)
    make_world().manager("recorded")
    requests.post(f"{BASE}/recorder/stop-recording", timeout=5)
    requests.post(f"{BASE}/reset", timeout=5)
    assert make_world().control.list_payment_managers()["paymentManagers"] == []
    recorder.replay_recording()
    managers = make_world().control.list_payment_managers()["paymentManagers"]
    assert [manager["name"] for manager in managers] == ["recorded"]


def test_paginators_visit_every_session_once(world: Any) -> None:
    arn = world.manager()
    made = [world.session(arn) for _ in range(230)]
    pages = world.data.get_paginator("list_payment_sessions").paginate(
        paymentManagerArn=arn, userId="alice", PaginationConfig={"PageSize": 50}
    )
    seen = [session["paymentSessionId"] for page in pages for session in page["paymentSessions"]]
    assert seen == made


def test_page_token_of_another_user_is_refused(world: Any) -> None:
    arn = world.manager()
    for _ in range(3):
        world.session(arn)
    page = world.data.list_payment_sessions(paymentManagerArn=arn, userId="alice", maxResults=1)
    with pytest.raises(ClientError) as caught:
        world.data.list_payment_sessions(
            paymentManagerArn=arn, userId="eve", nextToken=page["nextToken"]
        )
    assert error_of(caught.value) == ("ValidationException", "nextToken is invalid", 400)


def test_secrets_kept_in_secrets_manager_make_a_token(world: Any) -> None:
    kept = json.dumps(secrets.coinbase())
    keeper = world.client("secretsmanager")
    stored = keeper.create_secret(Name="coinbase", SecretString=kept)["ARN"]
    world.control.create_payment_credential_provider(
        name="external",
        credentialProviderVendor="CoinbaseCDP",
        providerConfigurationInput={
            "coinbaseCdpConfiguration": {
                "apiKeyId": "key-1",
                "apiKeySecretSource": "EXTERNAL",
                "apiKeySecretConfig": {"secretId": stored, "jsonKey": "apiKeySecret"},
                "walletSecretSource": "EXTERNAL",
                "walletSecretConfig": {"secretId": stored, "jsonKey": "walletSecret"},
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
    keeper.delete_secret(SecretId=stored, ForceDeleteWithoutRecovery=True)
    with pytest.raises(ClientError) as caught:
        world.data.get_resource_payment_token(**request)
    problem = f"The secret {stored} or its key apiKeySecret cannot be read"
    assert error_of(caught.value) == ("AccessDeniedException", problem, 403)
    assert json.loads(kept)["apiKeySecret"] not in str(caught.value.response)


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
    problem = "The workload identity token is invalid, expired or revoked"
    assert error_of(caught.value) == ("UnauthorizedException", problem, 401)


def test_shop_is_closed_in_order(world: Any) -> None:
    arn = world.manager()
    manager_id = arn.rpartition("/")[2]
    connector = world.connector(arn)
    with pytest.raises(ClientError) as caught:
        world.control.delete_payment_manager(paymentManagerId=manager_id)
    problem = f"Payment manager {manager_id} still has payment connectors"
    assert error_of(caught.value) == ("ConflictException", problem, 409)
    world.control.delete_payment_connector(
        paymentManagerId=manager_id, paymentConnectorId=connector
    )
    world.control.delete_payment_manager(paymentManagerId=manager_id)
    world.control.get_waiter("payment_manager_deleted").wait(
        paymentManagerId=manager_id, WaiterConfig={"Delay": 0, "MaxAttempts": 3}
    )
