"""IAM as moto has it: enforced only when a test asks for it."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto.core import set_initial_no_auth_action_count
from ready_shop import error_of

ALLOW = {"Effect": "Allow", "Action": "bedrock-agentcore:*", "Resource": "*"}
DENY = {"Effect": "Deny", "Action": "bedrock-agentcore:ProcessPayment", "Resource": "*"}


def _user_keys(*statements: dict[str, Any]) -> dict[str, str]:
    iam = boto3.client("iam", region_name="us-east-1")
    iam.create_user(UserName="agent")
    document = {"Version": "2012-10-17", "Statement": statements or [DENY]}
    iam.put_user_policy(UserName="agent", PolicyName="p", PolicyDocument=json.dumps(document))
    key = iam.create_access_key(UserName="agent")["AccessKey"]
    return {
        "aws_access_key_id": key["AccessKeyId"],
        "aws_secret_access_key": key["SecretAccessKey"],
    }


def test_allowed_operations_are_answered(make_world: Any) -> None:
    world = make_world(**_user_keys(ALLOW))

    @set_initial_no_auth_action_count(0)
    def act() -> None:
        arn = world.manager()
        world.session(arn)
        world.control.get_payment_manager(paymentManagerId=arn.rpartition("/")[2])
        world.control.delete_payment_manager(paymentManagerId=arn.rpartition("/")[2])

    act()


def test_explicit_deny_of_process_payment_is_access_denied(make_world: Any) -> None:
    world = make_world(**_user_keys(ALLOW, DENY))

    @set_initial_no_auth_action_count(0)
    def act() -> None:
        world.pay(
            "arn:aws:bedrock-agentcore:us-west-2:123456789012:payment-manager/shop-abcdefghij",
            "payment-session-123456789012345",
            "payment-instrument-123456789012345",
        )

    with pytest.raises(ClientError) as caught:
        act()
    assert error_of(caught.value) == (
        "AccessDeniedException",
        (
            "User: arn:aws:iam::123456789012:user/agent is not authorized to perform: "
            "bedrock-agentcore:ProcessPayment"
        ),
        403,
    )
    assert isinstance(caught.value, world.data.exceptions.AccessDeniedException)


def test_denied_by_an_assumed_role(make_world: Any) -> None:
    iam = boto3.client("iam", region_name="us-east-1")
    iam.create_role(RoleName="manage", AssumeRolePolicyDocument="{}")
    document = {"Version": "2012-10-17", "Statement": [ALLOW, DENY]}
    iam.put_role_policy(RoleName="manage", PolicyName="p", PolicyDocument=json.dumps(document))
    keys = boto3.client("sts", region_name="us-east-1").assume_role(
        RoleArn="arn:aws:iam::123456789012:role/manage", RoleSessionName="agent"
    )["Credentials"]
    world = make_world(
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    )

    @set_initial_no_auth_action_count(0)
    def act() -> None:
        arn = world.manager()
        world.pay(arn, "payment-session-123456789012345", "payment-instrument-123456789012345")

    with pytest.raises(ClientError) as caught:
        act()
    problem = (
        "User: arn:aws:sts::123456789012:assumed-role/manage/agent is not authorized to perform: "
        "bedrock-agentcore:ProcessPayment"
    )
    assert error_of(caught.value) == ("AccessDeniedException", problem, 403)


def test_policy_may_name_the_manager(make_world: Any) -> None:
    one = make_world().manager()
    other = make_world().manager("other")
    only_one = {**ALLOW, "Resource": one}
    world = make_world(**_user_keys(only_one))

    @set_initial_no_auth_action_count(0)
    def act(arn: str) -> None:
        world.session(arn)

    act(one)
    with pytest.raises(ClientError) as caught:
        act(other)
    problem = (
        "User: arn:aws:iam::123456789012:user/agent is not authorized to perform: "
        "bedrock-agentcore:CreatePaymentSession"
    )
    assert error_of(caught.value) == ("AccessDeniedException", problem, 403)


def test_wrong_secret_is_a_signature_mismatch(make_world: Any) -> None:
    keys = _user_keys(ALLOW)
    world = make_world(**{**keys, "aws_secret_access_key": "wrong"})

    @set_initial_no_auth_action_count(0)
    def act() -> None:
        world.control.list_payment_managers()

    with pytest.raises(ClientError) as caught:
        act()
    problem = (
        "The request signature we calculated does not match the signature you provided. Check your "
        "AWS Secret Access Key and signing method. Consult the service documentation for details."
    )
    assert error_of(caught.value) == ("SignatureDoesNotMatch", problem, 403)


def test_unknown_key_is_refused(make_world: Any) -> None:
    world = make_world(aws_access_key_id="AKIAZZZZZZZZZZZZZZZZ", aws_secret_access_key="x")

    @set_initial_no_auth_action_count(0)
    def act() -> None:
        world.control.list_payment_managers()

    with pytest.raises(ClientError) as caught:
        act()
    assert error_of(caught.value) == (
        "InvalidClientTokenId",
        "The security token included in the request is invalid.",
        403,
    )


def test_unsigned_request_is_refused_where_iam_is_enforced(aws: None) -> None:
    import requests

    @set_initial_no_auth_action_count(0)
    def act() -> Any:
        return requests.post(
            "https://bedrock-agentcore.us-east-1.amazonaws.com/payments/managers-list", timeout=5
        )

    answer = act()
    assert answer.status_code == 403
    assert answer.headers["x-amzn-ErrorType"] == "MissingAuthenticationTokenException"
    assert answer.json() == {"message": "Missing Authentication Token"}


def test_refused_request_changes_nothing(make_world: Any) -> None:
    world = make_world(**_user_keys())

    @set_initial_no_auth_action_count(0)
    def act() -> None:
        world.manager()

    with pytest.raises(ClientError):
        act()
    assert make_world().control.list_payment_managers()["paymentManagers"] == []
