"""Which account and region a request reaches, by moto's rules."""

from __future__ import annotations

from typing import Any

import boto3
import pytest

OTHER = "111122223333"


def _account_of(world: Any, **members: Any) -> str:
    arn: str = world.manager(**members)
    return arn.split(":")[4]


def test_default_account_is_motos(world: Any) -> None:
    assert _account_of(world) == "123456789012"


def test_environment_variable_chooses_the_account(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOTO_ACCOUNT_ID", OTHER)
    assert _account_of(world, roleArn=f"arn:aws:iam::{OTHER}:role/payments") == OTHER


def test_header_chooses_the_account(world: Any) -> None:
    def add(request: Any, **_: Any) -> None:
        request.headers["x-moto-account-id"] = OTHER

    world.control.meta.events.register("before-send.*.*", add)
    assert _account_of(world, roleArn=f"arn:aws:iam::{OTHER}:role/payments") == OTHER


def test_assumed_role_reaches_its_own_account(make_world: Any) -> None:
    role = f"arn:aws:iam::{OTHER}:role/payments"
    credentials = boto3.client("sts", region_name="us-east-1").assume_role(
        RoleArn=role, RoleSessionName="session"
    )["Credentials"]
    world = make_world(
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
    )
    assert _account_of(world, roleArn=role) == OTHER
    assert make_world().control.list_payment_managers()["paymentManagers"] == []


def test_use_of_an_access_key_is_noted(make_world: Any) -> None:
    iam = boto3.client("iam", region_name="us-east-1")
    iam.create_user(UserName="agent")
    key = iam.create_access_key(UserName="agent")["AccessKey"]
    world = make_world(
        aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"]
    )
    world.manager()
    used = iam.get_access_key_last_used(AccessKeyId=key["AccessKeyId"])["AccessKeyLastUsed"]
    assert (used["ServiceName"], used["Region"]) == ("bedrock-agentcore", "us-west-2")


def test_external_secret_is_read_from_secrets_manager(world: Any) -> None:
    from boto3_agentcore_payments.emulator.backend.secrets_manager import read_secret

    secrets = world.client("secretsmanager")
    arn = secrets.create_secret(Name="cdp", SecretString='{"key": "value", "n": 1}')["ARN"]
    assert read_secret("123456789012", world.region, arn, "key") == "value"
    assert read_secret("123456789012", world.region, "cdp", "key") == "value"


@pytest.mark.parametrize(("name", "key"), [("cdp", "other"), ("cdp", "n"), ("none", "key")])
def test_unreadable_external_secret_quotes_no_secret(world: Any, name: str, key: str) -> None:
    from boto3_agentcore_payments.emulator.backend.secrets_manager import read_secret

    world.client("secretsmanager").create_secret(
        Name="cdp", SecretString='{"key": "s3cret", "n": 1}'
    )
    with pytest.raises(LookupError) as caught:
        read_secret("123456789012", world.region, name, key)
    assert "s3cret" not in str(caught.value)
    assert caught.value.__cause__ is None
