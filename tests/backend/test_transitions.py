"""Statuses follow moto's state manager, holds and the clock."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from freezegun import freeze_time
from moto.moto_api import state_manager
from ready_shop import error_of

from boto3_agentcore_payments.emulator.control import PaymentsControl

if TYPE_CHECKING:
    from collections.abc import Iterator

MODELS = (
    "agentcore::payment-manager",
    "agentcore::payment-connector",
    "agentcore::payment-instrument",
)


@pytest.fixture(autouse=True)
def _transitions() -> Iterator[None]:
    yield
    for model in MODELS:
        state_manager.unset_transition(model)


def _status(world: Any, arn: str) -> str:
    identifier = arn.rpartition("/")[2]
    status: str = world.control.get_payment_manager(paymentManagerId=identifier)["status"]
    return status


@pytest.mark.parametrize("model", MODELS)
def test_models_are_registered_as_immediate(model: str) -> None:
    assert model in state_manager.get_registered_models()
    assert state_manager.get_transition(model) == {"progression": "immediate"}


def test_create_answers_ready_without_a_setting(world: Any) -> None:
    made = world.control.create_payment_manager(
        name="shop", authorizerType="AWS_IAM", roleArn="arn:aws:iam::123456789012:role/p"
    )
    assert made["status"] == "READY"
    assert _status(world, made["paymentManagerArn"]) == "READY"


def test_create_answers_creating_where_a_test_says_so(world: Any) -> None:
    state_manager.set_transition(MODELS[0], {"progression": "manual", "times": 1})
    made = world.control.create_payment_manager(
        name="shop", authorizerType="AWS_IAM", roleArn="arn:aws:iam::123456789012:role/p"
    )
    assert made["status"] == "CREATING"
    assert _status(world, made["paymentManagerArn"]) == "READY"


def test_update_answers_ready_without_a_setting(world: Any) -> None:
    identifier = world.manager().rpartition("/")[2]
    updated = world.control.update_payment_manager(paymentManagerId=identifier, description="new")
    assert updated["status"] == "READY"


def test_manual_progression_counts_reads(world: Any) -> None:
    state_manager.set_transition(MODELS[0], {"progression": "manual", "times": 3})
    arn = world.manager()
    assert [_status(world, arn) for _ in range(4)] == ["CREATING", "CREATING", "READY", "READY"]


def test_time_progression_follows_the_clock(world: Any) -> None:
    state_manager.set_transition(MODELS[0], {"progression": "time", "seconds": 30})
    with freeze_time("2026-01-01T00:00:00Z") as clock:
        arn = world.manager()
        assert _status(world, arn) == "CREATING"
        clock.tick(timedelta(seconds=31))
        assert _status(world, arn) == "READY"


def test_resource_held_in_creating_refuses_sessions(world: Any) -> None:
    state_manager.set_transition(MODELS[0], {"progression": "manual", "times": 1000})
    arn = world.manager()
    with pytest.raises(ClientError) as caught:
        world.session(arn)
    identifier = arn.rpartition("/")[2]
    problem = f"Payment manager {identifier} is not ready. Status: CREATING"
    assert error_of(caught.value) == ("ConflictException", problem, 409)
    assert (
        caught.value.response["Error"]["Message"]
        == f"Payment manager {identifier} is not ready. Status: CREATING"
    )


def test_transition_may_be_set_over_http(world: Any) -> None:
    import requests

    requests.post(
        "http://motoapi.amazonaws.com/moto-api/state-manager/set-transition",
        json={"model_name": MODELS[0], "transition": {"progression": "manual", "times": 2}},
        timeout=5,
    )
    arn = world.manager()
    assert _status(world, arn) == "CREATING"


def test_update_passes_through_updating(world: Any) -> None:
    state_manager.set_transition(MODELS[0], {"progression": "manual", "times": 1})
    arn = world.manager()
    assert _status(world, arn) == "READY"
    identifier = arn.rpartition("/")[2]
    updated = world.control.update_payment_manager(paymentManagerId=identifier, description="new")
    assert updated["status"] == "UPDATING"
    assert _status(world, arn) == "READY"


def test_deleting_manager_is_gone_after_its_reads(world: Any) -> None:
    state_manager.set_transition(MODELS[0], {"progression": "manual", "times": 2})
    arn = world.manager()
    while _status(world, arn) != "READY":
        pass
    identifier = arn.rpartition("/")[2]
    world.control.delete_payment_manager(paymentManagerId=identifier)
    assert _status(world, arn) == "DELETING"
    with pytest.raises(ClientError) as caught:
        _status(world, arn)
    problem = f"Payment manager not found: {identifier}"
    assert error_of(caught.value) == ("ResourceNotFoundException", problem, 404)


def test_waiters_wait_for_the_transition(world: Any) -> None:
    state_manager.set_transition(MODELS[0], {"progression": "manual", "times": 2})
    arn = world.manager()
    identifier = arn.rpartition("/")[2]
    waiter = world.control.get_waiter("payment_manager_ready")
    waiter.wait(paymentManagerId=identifier, WaiterConfig={"Delay": 0, "MaxAttempts": 5})
    assert _status(world, arn) == "READY"


def test_held_status_stays_until_released(world: Any) -> None:
    control = PaymentsControl(region=world.region)
    arn = world.manager()
    control.set_status(arn, "CREATE_FAILED")
    assert [_status(world, arn) for _ in range(3)] == ["CREATE_FAILED"] * 3
    control.set_status(arn, "CREATING")
    control.release(arn)
    assert _status(world, arn) == "READY"


def test_session_expires_by_motos_clock(world: Any) -> None:
    with freeze_time("2026-01-01T00:00:00Z") as clock:
        arn = world.manager()
        instrument = world.instrument(arn, world.connector(arn))
        session = world.session(arn)
        world.pay(arn, session, instrument)
        clock.tick(timedelta(minutes=61))
        with pytest.raises(ClientError) as caught:
            world.pay(arn, session, instrument)
    problem = f"Payment session not found: {session}"
    assert error_of(caught.value) == ("ValidationException", problem, 400)


def test_freezeguns_local_time_is_not_the_services(world: Any) -> None:
    with freeze_time("2026-01-01T00:00:00.250Z", tz_offset=-8):
        arn = world.manager()
        manager = world.control.get_payment_manager(paymentManagerId=arn.rpartition("/")[2])
    assert manager["createdAt"] == datetime(2026, 1, 1, 0, 0, 0, 250_000, timezone.utc)
