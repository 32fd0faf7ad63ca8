"""Snapshots bring everything back by name, in Python and over HTTP."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import requests
from botocore.exceptions import ClientError

from boto3_agentcore_payments.emulator.backend import models, places, snapshots
from boto3_agentcore_payments.emulator.control import PaymentsControl
from boto3_agentcore_payments.emulator.engine import saved

if TYPE_CHECKING:
    from collections.abc import Callable

REGION = "us-west-2"
URL = "http://motoapi.amazonaws.com/moto-api/agentcore-payments"


@pytest.fixture(autouse=True)
def _no_snapshots(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "_snapshots", {})


@pytest.fixture
def control(aws: None) -> PaymentsControl:
    return PaymentsControl()


class Paying:
    def __init__(self, world: Any) -> None:
        self.world = world
        self.arn = world.manager()
        self.instrument = world.instrument(self.arn, world.connector(self.arn))
        self.session = world.session(self.arn)

    def pay(self) -> str:
        answer = self.world.pay(self.arn, self.session, self.instrument, 10_000)
        payment: str = answer["processPaymentId"]
        return payment


def post(verb: str, **arguments: Any) -> tuple[int, Any]:
    answer = requests.post(f"{URL}/{verb}", data=json.dumps(arguments), timeout=5)
    return answer.status_code, answer.json()


def test_everything_is_as_it_was(world: Any, control: PaymentsControl) -> None:
    paying = Paying(world)
    first = paying.pay()
    control.fund_wallet(paying.instrument, 50_000)
    control.settle(first)
    grant = control.give_grant(paying.instrument, days=7)
    control.set_quota("maxManagers", 3)
    overview = control.overview()
    control.snapshot("start")

    paying.pay()
    control.set_balance(paying.instrument, 0)
    control.revoke_grant(paying.instrument)
    control.set_quota("maxManagers", 1)
    control.inject_fault("ProcessPayment", error="ThrottlingException")
    assert control.overview() != overview
    control.restore("start")

    assert control.overview() == overview
    assert control.balance(paying.instrument) == 40_000
    assert [each.process_payment_id for each in control.payments()] == [first]
    assert control.grant(paying.instrument) == grant
    assert control.account().quotas == {"maxManagers": 3}
    paying.pay()


def test_it_is_restored_as_often_as_wanted(world: Any, control: PaymentsControl) -> None:
    paying = Paying(world)
    control.snapshot("start")
    for _ in range(3):
        paying.pay()
        assert len(control.payments()) == 1
        control.restore("start")
        assert control.payments() == []


def test_what_came_into_being_since_is_gone(
    world: Any, make_world: Any, control: PaymentsControl
) -> None:
    control.snapshot("nothing")
    world.manager()
    elsewhere = make_world(region="eu-central-1")
    arn = elsewhere.manager()
    control.restore("nothing")
    assert control.overview()["managers"] == []
    with pytest.raises(ClientError, match="Payment manager not found"):
        elsewhere.session(arn)


def test_a_region_s_snapshot_leaves_the_others_alone(world: Any, make_world: Any) -> None:
    PaymentsControl(region=REGION).snapshot("here")
    elsewhere = make_world(region="eu-central-1")
    arn = elsewhere.manager()
    world.manager()
    PaymentsControl().restore("here")
    elsewhere.session(arn)
    assert PaymentsControl(region=REGION).overview()["managers"] == []


def test_a_control_of_one_region_restores_that_alone(world: Any, make_world: Any) -> None:
    PaymentsControl().snapshot("all")
    elsewhere = make_world(region="eu-central-1")
    arn = elsewhere.manager()
    world.manager()
    PaymentsControl(region=REGION).restore("all")
    elsewhere.session(arn)
    assert PaymentsControl(region=REGION).overview()["managers"] == []


def test_it_outlives_moto_s_reset(world: Any, control: PaymentsControl) -> None:
    paying = Paying(world)
    control.snapshot("start")
    requests.post("http://motoapi.amazonaws.com/moto-api/reset", timeout=5)
    assert control.overview()["managers"] == []
    control.restore("start")
    paying.pay()


def test_over_http(world: Any, control: PaymentsControl) -> None:
    paying = Paying(world)
    assert post("snapshot", name="start") == (200, {"result": None})
    paying.pay()
    assert post("restore", name="start") == (200, {"result": None})
    assert control.payments() == []


@pytest.mark.parametrize("verb", ["restore", "reset"])
def test_calls_that_run_meanwhile_never_see_a_part(
    world: Any, control: PaymentsControl, monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    paying = Paying(world)
    paying.pay()
    control.snapshot("start")
    backend = places.chosen(region=REGION)
    manager_id = paying.arn.rpartition("/")[2]
    seen = []

    def look() -> None:  # as another thread does, at each step of the verb
        seen.append(backend.state.managers.get(manager_id) is not None)

    for module, name in ((saved, "put_back"), (models, "PaymentsState"), (models, "Observer")):
        monkeypatch.setattr(module, name, _looking(look, getattr(module, name)))
    control.restore("start") if verb == "restore" else control.reset()

    assert seen
    assert all(seen)


def _looking(look: Callable[[], None], inner: Callable[..., Any]) -> Callable[..., Any]:
    def looked_at(*args: Any, **kwargs: Any) -> Any:
        look()
        result = inner(*args, **kwargs)
        look()
        return result

    return looked_at


@pytest.mark.parametrize(("taken", "known"), [((), "none was taken"), (("b", "a"), "one of a, b")])
def test_an_unknown_name_is_refused_and_changes_nothing(
    world: Any, control: PaymentsControl, taken: tuple[str, ...], known: str
) -> None:
    for name in taken:
        control.snapshot(name)
    paying = Paying(world)
    message = f"unknown snapshot 'c'; {known}"
    with pytest.raises(ValueError, match=message):
        control.restore("c")
    assert post("restore", name="c") == (400, {"error": "BadRequest", "message": message})
    paying.pay()


def test_an_empty_name_is_refused(control: PaymentsControl) -> None:
    with pytest.raises(ValueError, match="a snapshot needs a name"):
        control.snapshot("")
