"""The data plane's metrics in moto's CloudWatch."""

from __future__ import annotations

import random
import subprocess
import sys
from collections import Counter
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from botocore.exceptions import ClientError
from freezegun import freeze_time
from moto.server import ThreadedMotoServer
from ready_shop import ACCOUNT

from boto3_agentcore_payments.emulator.backend import counting, observing
from boto3_agentcore_payments.emulator.backend.models import payments_backends
from boto3_agentcore_payments.emulator.control import PaymentsControl
from boto3_agentcore_payments.emulator.engine.events import OperationEvent

NAMESPACE = "AWS/Bedrock-AgentCore"
UNITS = {
    "OperationSuccess": "Count",
    "OperationFailure": "Count",
    "Throttles": "Count",
    "UserErrors": "Count",
    "OperationLatency": "Milliseconds",
    "ActiveSessions": "Count",
    "PaymentRequestCount": "Count",
    "PaymentSuccessCount": "Count",
    "PaymentFailureCount": "Count",
    "PaymentLatency": "Milliseconds",
    "SpendAmount": "None",
}


class Watch:
    """Asks CloudWatch about a time around now."""

    def __init__(self, world: Any) -> None:
        self.client = world.client("cloudwatch")
        if "Metrics" not in self.client.list_metrics():
            pytest.skip("this moto's CloudWatch does not speak this botocore's protocol")

    def listed(self) -> list[tuple[str, dict[str, str]]]:
        pages = self.client.get_paginator("list_metrics").paginate(Namespace=NAMESPACE)
        return [
            (metric["MetricName"], {one["Name"]: one["Value"] for one in metric["Dimensions"]})
            for page in pages
            for metric in page["Metrics"]
        ]

    def value(self, metric: str, stat: str = "Sum", unit: str = "", **dimensions: str) -> float:
        """Return a statistic over all of the time; 0 where there is no data point."""
        now = datetime.now(timezone.utc)
        named = [{"Name": name, "Value": value} for name, value in dimensions.items()]
        asked: dict[str, Any] = {
            "Metric": {"Namespace": NAMESPACE, "MetricName": metric, "Dimensions": named},
            "Period": 86_400,
            "Stat": stat,
        }
        if unit:
            asked["Unit"] = unit
        (result,) = self.client.get_metric_data(
            StartTime=now - timedelta(hours=1),
            EndTime=now + timedelta(hours=1),
            MetricDataQueries=[{"Id": "asked", "MetricStat": asked}],
        )["MetricDataResults"]
        return sum(result["Values"])


@pytest.fixture
def watch(world: Any) -> Watch:
    return Watch(world)


@pytest.fixture
def shop(world: Any) -> dict[str, str]:
    """A manager with a connector, a wallet and a session."""
    arn = world.manager()
    connector = world.connector(arn)
    return {
        "arn": arn,
        "manager": arn.rpartition("/")[2],
        "connector": connector,
        "instrument": world.instrument(arn, connector),
        "session": world.session(arn),
    }


def read(world: Any, shop: dict[str, str], session: str = "", **more: str) -> None:
    world.data.get_payment_session(
        paymentManagerArn=shop["arn"],
        paymentSessionId=session or shop["session"],
        **{"userId": "alice", **more},
    )


def test_every_metric_is_listed_with_its_unit(world, watch, shop):
    control = PaymentsControl(region="us-west-2")
    world.pay(shop["arn"], shop["session"], shop["instrument"])
    control.inject_fault("GetPaymentSession", error="ThrottlingException")
    with pytest.raises(ClientError):
        read(world, shop)
    with pytest.raises(ClientError):
        world.pay(shop["arn"], "payment-session-000000000000000", shop["instrument"])

    names = {name for name, _ in watch.listed()}
    assert names == set(UNITS)
    for name, unit in UNITS.items():
        assert watch.value(name, "SampleCount", unit=unit) >= 1, name
        other = "Seconds"
        assert watch.value(name, "SampleCount", unit=other) == 0, name


def test_dimensions_are_those_that_are_known(world, watch, shop):
    read(world, shop, agentName="shopper")

    known = {"Operation": "GetPaymentSession", "PaymentManagerId": shop["manager"]}
    assert ("OperationSuccess", {**known, "AgentName": "shopper"}) in watch.listed()
    assert watch.value("OperationSuccess", **known, AgentName="shopper") == 1


def test_payment_has_the_connector_of_its_instrument_and_what_was_spent(world, watch, shop):
    for amount in (10_000, 250_000):
        world.pay(shop["arn"], shop["session"], shop["instrument"], amount)

    known = {
        "Operation": "ProcessPayment",
        "PaymentManagerId": shop["manager"],
        "PaymentConnectorId": shop["connector"],
    }
    assert watch.value("PaymentRequestCount", **known) == 2
    assert watch.value("PaymentSuccessCount", **known) == 2
    assert watch.value("SpendAmount", **known, Currency="USD") == pytest.approx(0.26)
    assert watch.value("SpendAmount", "Maximum", **known, Currency="USD") == 0.25
    assert watch.value("PaymentLatency", "Minimum", **known) > 0


def test_repeated_payment_is_a_call_that_spends_nothing(world, watch, shop):
    for _ in range(2):
        world.pay(shop["arn"], shop["session"], shop["instrument"], clientToken="t" * 33)

    assert watch.value("PaymentSuccessCount") == 2
    assert watch.value("SpendAmount") == pytest.approx(0.01)


def test_refused_payment_is_a_failure_and_a_user_error(world, watch, shop):
    with pytest.raises(ClientError, match="Insufficient budget"):
        world.pay(shop["arn"], shop["session"], shop["instrument"], 6_000_000)

    known = {
        "Operation": "ProcessPayment",
        "PaymentManagerId": shop["manager"],
        "PaymentConnectorId": shop["connector"],
    }
    assert watch.value("PaymentFailureCount", **known) == 1
    assert watch.value("OperationFailure", **known) == 1
    assert watch.value("UserErrors", **known) == 1
    assert watch.value("SpendAmount") == watch.value("PaymentSuccessCount") == 0


@pytest.mark.parametrize(
    ("error", "throttles", "user_errors"),
    [
        ("ThrottlingException", 1, 0),
        ("InternalServerException", 0, 0),
        ("AccessDeniedException", 0, 1),
    ],
)
def test_error_is_counted_by_its_kind(world, watch, shop, error, throttles, user_errors):
    PaymentsControl(region="us-west-2").inject_fault("GetPaymentSession", error=error)
    with pytest.raises(ClientError):
        read(world, shop)

    known = {"Operation": "GetPaymentSession", "PaymentManagerId": shop["manager"]}
    assert watch.value("OperationFailure", **known) == 1
    assert watch.value("Throttles", **known) == throttles
    assert watch.value("UserErrors", **known) == user_errors
    assert watch.value("OperationSuccess", **known) == 0


def test_malformed_request_is_a_user_error(world, watch, shop):
    with pytest.raises(ClientError):
        read(world, shop, session="x" * 31)

    assert watch.value("UserErrors") == 1


def test_latency_is_in_milliseconds(world, watch, shop):
    PaymentsControl(region="us-west-2").inject_fault(
        "GetPaymentSession", error="ThrottlingException", latency=0.05
    )
    with pytest.raises(ClientError):
        read(world, shop)

    known = {"Operation": "GetPaymentSession", "PaymentManagerId": shop["manager"]}
    assert 50 <= watch.value("OperationLatency", "Maximum", **known) < 5_000


def test_active_sessions_are_those_that_neither_expired_nor_were_deleted(world, watch):
    with freeze_time("2026-11-27 10:00:00") as clock:
        arn = world.manager()
        for user in ("alice", "bob", "carol"):
            world.session(arn, user)
        world.data.delete_payment_session(
            paymentManagerArn=arn, paymentSessionId=world.session(arn), userId="alice"
        )
        assert watch.value("ActiveSessions", "Maximum") == 3

        clock.tick(timedelta(minutes=30))
        world.session(arn, "dora")
        clock.tick(timedelta(minutes=30))
        assert watch.value("ActiveSessions", "Maximum") == 1


def test_control_plane_and_vendor_tokens_are_not_counted(world, watch):
    world.connector(world.manager())
    with pytest.raises(ClientError):
        world.data.get_resource_payment_token(
            workloadIdentityToken="token",
            resourceCredentialProviderName="vendor",
            paymentTokenRequest={
                "coinbaseCdpTokenRequest": {"requestMethod": "GET", "requestPath": "/"}
            },
        )

    assert watch.listed() == []


def test_metrics_are_those_of_the_account_and_region_of_the_call(world, make_world, watch, shop):
    elsewhere = make_world(region="eu-west-1")
    elsewhere.session(elsewhere.manager())

    assert watch.value("OperationSuccess", Operation="CreatePaymentSession") == 0
    assert Watch(elsewhere).value("ActiveSessions") == 1
    assert Watch(make_world(region="ap-southeast-1")).listed() == []


def test_metrics_equal_a_count_of_calls_in_a_random_run(world, watch, shop):
    chosen = random.Random(20)
    calls: Counter[tuple[str, ...]] = Counter()
    spent = 0
    control = PaymentsControl(region="us-west-2")
    for _ in range(200):
        agent = {"agentName": chosen.choice(["a", "b"])} if chosen.random() < 0.5 else {}
        operation = chosen.choice(["GetPaymentSession", "ProcessPayment", "ListPaymentSessions"])
        fault = chosen.random() < 0.2
        if fault:
            control.inject_fault(operation, error="ThrottlingException")
        try:
            if operation == "GetPaymentSession":
                read(world, shop, **agent)
            elif operation == "ListPaymentSessions":
                world.data.list_payment_sessions(
                    paymentManagerArn=shop["arn"], userId="alice", **agent
                )
            else:
                amount = chosen.choice([10_000, 70_000])
                world.pay(shop["arn"], shop["session"], shop["instrument"], amount, **agent)
                spent += amount
            calls[operation, "OperationSuccess", agent.get("agentName", "")] += 1
        except ClientError as error:
            code = error.response["Error"]["Code"]
            kind = "Throttles" if code == "ThrottlingException" else "UserErrors"
            calls[operation, "OperationFailure", agent.get("agentName", "")] += 1
            calls[operation, kind, agent.get("agentName", "")] += 1

    assert len(calls) > 10
    for (operation, metric, agent_name), expected in calls.items():
        dimensions = {"Operation": operation, "PaymentManagerId": shop["manager"]}
        if operation == "ProcessPayment":
            dimensions["PaymentConnectorId"] = shop["connector"]
        if agent_name:
            dimensions["AgentName"] = agent_name
        assert watch.value(metric, **dimensions) == expected, dimensions
    assert watch.value("SpendAmount") == pytest.approx(spent / 1_000_000)


def test_metric_statistics_say_the_same(world, watch, shop):
    for _ in range(3):
        read(world, shop)

    now = datetime.now(timezone.utc)
    (point,) = watch.client.get_metric_statistics(
        Namespace=NAMESPACE,
        MetricName="OperationSuccess",
        Dimensions=[{"Name": "Operation", "Value": "GetPaymentSession"}],
        StartTime=now - timedelta(hours=1),
        EndTime=now + timedelta(hours=1),
        Period=86_400,
        Statistics=["Sum"],
        Unit="Count",
    )["Datapoints"]
    assert (point["Sum"], point["Unit"]) == (3, "Count")


def test_calls_beyond_those_that_are_kept_are_counted_all_the_same(world, watch, shop, monkeypatch):
    monkeypatch.setattr(observing, "MANY", 5)
    for _ in range(23):
        read(world, shop)

    assert len(payments_backends[ACCOUNT][world.region].observer._kept) < 5
    assert (
        watch.value(
            "OperationSuccess", Operation="GetPaymentSession", PaymentManagerId=shop["manager"]
        )
        == 23
    )


def test_what_is_stored_is_bounded(monkeypatch):
    monkeypatch.setattr(counting, "MOST", 10)
    counts = counting.Counts()
    began = datetime(2026, 11, 27, tzinfo=timezone.utc)
    for second in range(50):
        event = OperationEvent.of(
            {
                "operation": "GetPaymentSession",
                "started_at": began + timedelta(seconds=second),
                "latency": 0.001,
                "manager_id": "shop",
                "agent": None,
                "outcome": "succeeded",
            }
        )
        counts.add(event, None)

    seconds = {point.second for point in counts.points()}
    assert seconds == {began + timedelta(seconds=second) for second in range(40, 50)}


def test_reset_of_moto_forgets_them(world, watch, shop):
    payments_backends.reset()

    assert watch.listed() == []


def test_server_has_the_same_metrics(world_at):
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    try:
        world = world_at(
            endpoint_url=f"http://{host}:{port}",
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
        )
        world.session(world.manager())
        assert Watch(world).value("OperationSuccess") == 1
    finally:
        server.stop()


def test_process_that_never_asks_imports_nothing_for_it():
    code = """
import sys
import boto3
from moto import mock_aws
with mock_aws():
    control = boto3.client("bedrock-agentcore-payments-control", region_name="us-west-2")
    payments = boto3.client("bedrock-agentcore-payments", region_name="us-west-2")
    role = "arn:aws:iam::123456789012:role/payments"
    manager = control.create_payment_manager(
        name="shop", authorizerType="AWS_IAM", roleArn=role
    )
    payments.create_payment_session(
        paymentManagerArn=manager["paymentManagerArn"], userId="alice", expiryTimeInMinutes=60
    )
ours = "boto3_agentcore_payments.emulator.backend."
names = ("counting", "delivery_sources", "metrics", "spans", "vended_logs")
never = [f"{ours}{name}" for name in names]
never += ["moto.cloudwatch.models", "moto.logs.models", "opentelemetry"]
print([name for name in never if name in sys.modules])
"""
    ran = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)

    assert ran.stdout == "[]\n"
