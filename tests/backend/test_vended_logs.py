"""A payment manager's vended logs in moto's CloudWatch Logs."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import datetime, timezone
from typing import Any

import pytest
from botocore.exceptions import ClientError
from ready_shop import PAY_TO, error_of

from boto3_agentcore_payments.emulator.backend.models import payments_backends
from boto3_agentcore_payments.emulator.control import PaymentsControl

MILLISECONDS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
GROUP = "/bedrock-agentcore/payments"
NO_DELIVERIES = "this botocore's CloudWatch Logs does not have deliveries"
LOG_GROUP = f"arn:aws:logs:us-west-2:123456789012:log-group:{GROUP}"


@pytest.fixture
def logs(world: Any) -> Any:
    client = world.client("logs")
    if not hasattr(client, "put_delivery_source"):
        pytest.skip(NO_DELIVERIES)
    client.create_log_group(logGroupName=GROUP)
    return client


@pytest.fixture
def arn(world: Any) -> str:
    return world.manager()


def deliver(logs: Any, arn: str, destination: str = LOG_GROUP, name: str = "shop") -> None:
    logs.put_delivery_source(name=name, resourceArn=arn, logType="APPLICATION_LOGS")
    made = logs.put_delivery_destination(
        name=name, deliveryDestinationConfiguration={"destinationResourceArn": destination}
    )["deliveryDestination"]
    logs.create_delivery(deliverySourceName=name, deliveryDestinationArn=made["arn"])


def entries(logs: Any) -> list[dict[str, Any]]:
    found = logs.filter_log_events(logGroupName=GROUP)["events"]
    return [json.loads(event["message"]) for event in found]


@pytest.mark.parametrize("destination", [LOG_GROUP, f"{LOG_GROUP}:*"])
def test_call_is_one_entry(world, logs, arn, destination):
    deliver(logs, arn, destination)

    answer = world.data.create_payment_session(
        paymentManagerArn=arn, userId="alice", agentName="shopper", expiryTimeInMinutes=60
    )

    (entry,) = entries(logs)
    assert entry.pop("latency_ms") >= 0
    created = answer["paymentSession"]["createdAt"]
    time = entry.pop("timestamp")
    assert MILLISECONDS.fullmatch(time)
    assert time[:16] == created.strftime("%Y-%m-%dT%H:%M")
    assert entry == {
        "request_id": answer["ResponseMetadata"]["RequestId"],
        "operation": "CreatePaymentSession",
        "outcome": "succeeded",
        "account_id": "123456789012",
        "region": "us-west-2",
        "resource_arn": arn,
        "payment_manager_id": arn.rpartition("/")[2],
        "user_id": "alice",
        "agent_name": "shopper",
    }


@pytest.mark.parametrize("microsecond", [0, 1, 999, 123_456, 999_999])
def test_time_of_an_entry_has_milliseconds_and_is_the_log_events(
    world, logs, arn, monkeypatch, microsecond
):
    deliver(logs, arn)
    began = datetime.now(timezone.utc).replace(microsecond=microsecond)
    state = payments_backends["123456789012"]["us-west-2"].state
    monkeypatch.setattr(state, "clock", lambda: began)
    world.session(arn)

    (event,) = logs.filter_log_events(logGroupName=GROUP)["events"]
    written = f"{began:%Y-%m-%dT%H:%M:%S}.{microsecond // 1000:03}Z"
    assert json.loads(event["message"])["timestamp"] == written
    assert event["timestamp"] % 1000 == microsecond // 1000


def test_refused_call_is_an_entry_with_its_error(world, logs, arn):
    deliver(logs, arn)
    with pytest.raises(ClientError):
        world.data.get_payment_session(
            paymentManagerArn=arn, paymentSessionId="payment-session-000000000000000", userId="a"
        )

    (entry,) = entries(logs)
    assert (entry["outcome"], entry["error_code"]) == ("refused", "ResourceNotFoundException")


def test_throttled_call_is_an_entry(world, logs, arn):
    deliver(logs, arn)
    PaymentsControl(region="us-west-2").inject_fault(
        "CreatePaymentSession", error="ThrottlingException"
    )
    with pytest.raises(ClientError):
        world.session(arn)

    assert [entry["error_code"] for entry in entries(logs)] == ["ThrottlingException"]


def test_payment_leaves_no_proof_and_no_secret(world, logs, arn):
    deliver(logs, arn)
    instrument = world.instrument(arn, world.connector(arn))
    paid = world.pay(arn, world.session(arn), instrument)

    proof = paid["paymentOutput"]["cryptoX402"]["payload"]
    text = json.dumps(entries(logs))
    assert [entry["operation"] for entry in entries(logs)] == [
        "CreatePaymentInstrument",
        "CreatePaymentSession",
        "ProcessPayment",
    ]
    for secret in (
        proof["signature"],
        proof["authorization"]["nonce"],
        PAY_TO,
        "api-key-secret",
        "alice@example.com",
    ):
        assert secret not in text


def test_control_plane_has_no_entries(world, logs, arn):
    deliver(logs, arn)
    world.connector(arn)

    assert entries(logs) == []


def test_other_managers_have_no_entries(world, logs, arn):
    deliver(logs, arn)
    world.session(world.manager("other"))

    assert entries(logs) == []


def test_entries_end_with_the_delivery(world, logs, arn):
    deliver(logs, arn)
    world.session(arn)
    (delivery,) = logs.describe_deliveries()["deliveries"]
    logs.delete_delivery(id=delivery["id"])
    world.session(arn)

    assert len(entries(logs)) == 1


def test_log_group_that_does_not_exist_gets_nothing_and_the_call_goes_on(world, logs, arn):
    deliver(logs, arn, f"{LOG_GROUP}-elsewhere")

    assert world.session(arn)
    assert entries(logs) == []


def test_delivery_to_s3_is_accepted(world, logs, arn):
    world.client("s3").create_bucket(
        Bucket="payment-logs", CreateBucketConfiguration={"LocationConstraint": "us-west-2"}
    )
    deliver(logs, arn, "arn:aws:s3:::payment-logs")

    assert world.session(arn)


def test_delivery_source_is_the_manager(logs, arn):
    made = logs.put_delivery_source(
        name="shop", resourceArn=arn, logType="APPLICATION_LOGS", tags={"team": "shop"}
    )["deliverySource"]

    assert (made["service"], made["resourceArns"], made["logType"]) == (
        "bedrock-agentcore",
        [arn],
        "APPLICATION_LOGS",
    )
    assert logs.get_delivery_source(name="shop")["deliverySource"]["resourceArns"] == [arn]
    assert logs.list_tags_for_resource(resourceArn=made["arn"])["tags"] == {"team": "shop"}


def refusal(logs: Any, **source: Any) -> tuple[str, str, int]:
    with pytest.raises(ClientError) as refused:
        logs.put_delivery_source(**{"name": "shop", "logType": "APPLICATION_LOGS", **source})
    return error_of(refused.value)


def test_other_log_type_is_refused(logs, arn):
    assert refusal(logs, resourceArn=arn, logType="EVENT_LOGS") == (
        "ValidationException",
        " This service is not allowed for this LogSource.",
        400,
    )


def test_unknown_manager_is_refused(logs, arn):
    unknown = arn.replace("shop-", "nobody-")

    assert refusal(logs, resourceArn=unknown) == (
        "ResourceNotFoundException",
        f"Resource {unknown} does not exist.",
        400,
    )


def test_source_of_another_manager_is_not_changed(world, logs, arn):
    logs.put_delivery_source(name="shop", resourceArn=arn, logType="APPLICATION_LOGS")

    code, message, _ = refusal(logs, resourceArn=world.manager("other"))

    assert code == "ConflictException"
    assert message.startswith("Delivery source shop belongs to another resource")


def test_tags_belong_to_the_creation(logs, arn):
    logs.put_delivery_source(name="shop", resourceArn=arn, logType="APPLICATION_LOGS")

    code, message, _ = refusal(logs, resourceArn=arn, tags={"team": "shop"})

    assert code == "ConflictException"
    assert message == ("Tags can only be provided when a resource is being created, not updated.")


@pytest.mark.usefixtures("logs")  # skips where there are no deliveries
def test_moto_whose_logs_are_imported_first_takes_managers_too():
    code = """
import moto.logs.models
import boto3
from moto import mock_aws
with mock_aws():
    control = boto3.client("bedrock-agentcore-payments-control", region_name="us-west-2")
    role = "arn:aws:iam::123456789012:role/payments"
    made = control.create_payment_manager(name="shop", authorizerType="AWS_IAM", roleArn=role)
    logs = boto3.client("logs", region_name="us-west-2")
    logs.put_delivery_source(
        name="shop", resourceArn=made["paymentManagerArn"], logType="APPLICATION_LOGS"
    )
"""
    ran = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)

    assert (ran.returncode, ran.stderr) == (0, "")


def test_sources_of_other_services_are_motos(logs):
    made = logs.put_delivery_source(
        name="base",
        resourceArn="arn:aws:bedrock:us-west-2:123456789012:knowledge-base/one",
        logType="APPLICATION_LOGS",
    )["deliverySource"]

    assert made["service"] == "bedrock"
    assert refusal(logs, resourceArn="arn:aws:sqs:us-west-2:123456789012:queue") == (
        "ResourceNotFoundException",
        "Cannot access provided service.",
        400,
    )
