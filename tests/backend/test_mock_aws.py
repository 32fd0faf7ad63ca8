"""The three ways into ``mock_aws``, with nothing else done."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

REGION = "us-east-1"
ROLE = "arn:aws:iam::123456789012:role/payments"


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
    assert caught.value.response["Error"]["Code"] == "ResourceNotFoundException"
    assert (
        caught.value.response["Error"]["Message"]
        == "Payment session not found: payment-session-123456789012345"
    )


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
