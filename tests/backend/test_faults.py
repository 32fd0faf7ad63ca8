"""Injected faults, as seen by a real client with real retries."""

from __future__ import annotations

import time
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError

from boto3_agentcore_payments.emulator.control import PaymentsControl

RETRIES = [
    pytest.param({"mode": "standard", "total_max_attempts": 3}, id="standard"),
    pytest.param({"mode": "legacy", "total_max_attempts": 3}, id="legacy"),
    pytest.param({"mode": "adaptive", "total_max_attempts": 3}, id="adaptive"),
]


@pytest.fixture
def control(aws: None) -> PaymentsControl:
    return PaymentsControl(region="us-west-2")


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not wait between attempts, for which botocore waits a random time."""
    monkeypatch.setattr("botocore.retryhandler.delay_exponential", lambda *_, **__: 0)
    monkeypatch.setattr("botocore.retries.standard.random.random", lambda: 0.0, raising=False)


def _retrying(make_world: Any, retries: dict[str, Any]) -> Any:
    return make_world(config=Config(retries=retries))


def test_injected_subscription_error_has_its_members(
    make_world: Any, control: PaymentsControl
) -> None:
    world = make_world()
    control.inject_fault("ListPaymentManagers", error="SubscriptionRequiredException")
    with pytest.raises(ClientError) as raised:
        world.control.list_payment_managers()
    assert raised.value.response["Error"]["Code"] == "SubscriptionRequiredException"
    assert raised.value.response["subscriptionUrl"].startswith("https://")
    assert raised.value.response["productName"] == "Injected fault"


@pytest.mark.parametrize("retries", RETRIES)
def test_dropped_create_is_made_once(
    make_world: Any, control: PaymentsControl, retries: dict[str, Any]
) -> None:
    world = _retrying(make_world, retries)
    arn = world.manager()
    control.inject_fault("CreatePaymentSession", drop_after=True)
    session = world.session(arn)
    listed = world.data.list_payment_sessions(paymentManagerArn=arn, userId="alice")
    assert [summary["paymentSessionId"] for summary in listed["paymentSessions"]] == [session]


@pytest.mark.parametrize("retries", RETRIES)
def test_dropped_payment_is_charged_once(
    make_world: Any, control: PaymentsControl, retries: dict[str, Any]
) -> None:
    world = _retrying(make_world, retries)
    arn = world.manager()
    instrument = world.instrument(arn, world.connector(arn))
    session = world.session(arn, limit="1.00")
    control.inject_fault("ProcessPayment", drop_after=True, times=2)
    answer = world.pay(arn, session, instrument, amount=250_000)
    assert answer["ResponseMetadata"]["RetryAttempts"] == 2
    found = world.data.get_payment_session(
        paymentManagerArn=arn, userId="alice", paymentSessionId=session
    )["paymentSession"]
    assert found["availableLimits"]["availableSpendAmount"]["value"] == "0.75"
    assert [payment.amount for payment in control.payments()] == [250_000]


def test_dropped_connection_without_retries_is_botocores_error(
    make_world: Any, control: PaymentsControl
) -> None:
    world = make_world()
    arn = world.manager()
    control.inject_fault("CreatePaymentSession", drop_after=True)
    with pytest.raises(ConnectionClosedError, match="Connection was closed before we received"):
        world.session(arn)
    assert (
        len(
            world.data.list_payment_sessions(paymentManagerArn=arn, userId="alice")[
                "paymentSessions"
            ]
        )
        == 1
    )


def test_application_retry_with_the_same_token_pays_once(
    world: Any, control: PaymentsControl
) -> None:
    arn = world.manager()
    instrument = world.instrument(arn, world.connector(arn))
    session = world.session(arn)
    token = "a" * 40
    control.inject_fault("ProcessPayment", drop_after=True)
    with pytest.raises(ConnectionClosedError):
        world.pay(arn, session, instrument, clientToken=token)
    world.pay(arn, session, instrument, clientToken=token)
    assert len(control.payments()) == 1


def test_injected_error_has_its_code_and_message(world: Any, control: PaymentsControl) -> None:
    control.inject_fault("ListPaymentManagers", error="ThrottlingException")
    with pytest.raises(world.control.exceptions.ThrottlingException) as caught:
        world.control.list_payment_managers()
    assert caught.value.response["Error"]["Message"] == "Rate exceeded"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 429
    assert world.control.list_payment_managers()["paymentManagers"] == []


def test_throttled_client_retries(make_world: Any, control: PaymentsControl) -> None:
    world = _retrying(make_world, {"mode": "standard", "total_max_attempts": 3})
    control.inject_fault(error="ThrottlingException", times=2)
    assert world.control.list_payment_managers()["ResponseMetadata"]["RetryAttempts"] == 2


def test_injected_error_changes_nothing(world: Any, control: PaymentsControl) -> None:
    arn = world.manager()
    control.inject_fault("CreatePaymentSession", error="InternalServerException", message="boom")
    with pytest.raises(ClientError, match="boom"):
        world.session(arn)
    assert (
        world.data.list_payment_sessions(paymentManagerArn=arn, userId="alice")["paymentSessions"]
        == []
    )


def test_latency_is_added(world: Any, control: PaymentsControl) -> None:
    control.inject_fault("ListPaymentManagers", latency=0.2)
    begin = time.perf_counter()
    world.control.list_payment_managers()
    assert time.perf_counter() - begin >= 0.2


def test_cleared_faults_do_not_happen(world: Any, control: PaymentsControl) -> None:
    control.inject_fault("ListPaymentManagers", error="ThrottlingException", times=None)
    control.clear_faults("ListPaymentManagers")
    assert world.control.list_payment_managers()["paymentManagers"] == []
