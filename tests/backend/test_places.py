"""Where the control surface, merchants and their facilitator look for what a test names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import boto3
import pytest
import requests

from boto3_agentcore_payments.emulator.backend import places
from boto3_agentcore_payments.emulator.control import PaymentsControl
from boto3_agentcore_payments.emulator.engine.errors import (
    ResourceNotFoundException,
    SettlementError,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

URL = "http://motoapi.amazonaws.com/moto-api/agentcore-payments"
ELSEWHERE = "eu-central-1"


@pytest.fixture(autouse=True)
def _no_region(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)


class Paid:
    """A payment in a region that nothing else names."""

    def __init__(self, make_world: Callable[..., Any], region: str = ELSEWHERE) -> None:
        self.world = make_world(region)
        self.arn = self.world.manager()
        self.connector = self.world.connector(self.arn)
        self.instrument = self.world.instrument(self.arn, self.connector)
        session = self.world.session(self.arn)
        self.payment = self.world.pay(self.arn, session, self.instrument)["processPaymentId"]


@pytest.fixture
def paid(make_world: Callable[..., Any]) -> Paid:
    return Paid(make_world)


@pytest.fixture
def control(paid: Paid) -> PaymentsControl:
    return PaymentsControl()


def test_a_wallet_is_funded_wherever_it_is(paid: Paid, control: PaymentsControl) -> None:
    assert control.fund_wallet(paid.instrument, 10_000) == 10_000
    assert control.balance(paid.instrument) == 10_000
    assert PaymentsControl(region=ELSEWHERE).balance(paid.instrument) == 10_000


def test_a_wallets_address_is_found_wherever_it_is(paid: Paid, control: PaymentsControl) -> None:
    (payment,) = control.payments()
    control.fund_wallet(payment.payer, 7, chain="BASE_SEPOLIA")
    assert PaymentsControl(region=ELSEWHERE).balance(paid.instrument) == 7
    assert control.balance(payment.payer, chain="BASE_SEPOLIA") == 7


def test_a_payment_is_settled_wherever_it_is(paid: Paid, control: PaymentsControl) -> None:
    control.fund_wallet(paid.instrument, 10_000)
    settled = control.settle(paid.payment)
    assert settled.status == "SETTLED"
    assert control.balance(settled.pay_to, chain="BASE_SEPOLIA") == 10_000


def test_payments_without_a_region_are_those_of_all(
    paid: Paid, control: PaymentsControl, make_world: Callable[..., Any]
) -> None:
    other = Paid(make_world, "us-west-2")
    assert [each.process_payment_id for each in control.payments()] == [paid.payment, other.payment]
    (there,) = PaymentsControl(region="us-west-2").payments()
    assert there.process_payment_id == other.payment


@pytest.mark.parametrize("kind", ["arn", "connector", "instrument"])
def test_statuses_are_held_wherever_the_resource_is(
    paid: Paid, control: PaymentsControl, kind: str
) -> None:
    resource = getattr(paid, kind)
    assert control.hold(resource) in {"READY", "ACTIVE"}
    control.set_status(resource, "FAILED" if kind == "instrument" else "CREATE_FAILED")
    control.release(resource)


def test_consent_is_given_wherever_the_connector_is(paid: Paid, control: PaymentsControl) -> None:
    connector = paid.world.quick_connector(paid.arn)
    control.approve_authorization(connector)
    answer = paid.world.control.get_payment_connector(
        paymentManagerId=paid.arn.rpartition("/")[2], paymentConnectorId=connector
    )
    assert answer["status"] == "READY"


def test_a_region_that_is_given_is_the_only_one_looked_at(paid: Paid) -> None:
    with pytest.raises(ResourceNotFoundException, match=paid.instrument):
        PaymentsControl(region="us-west-2").fund_wallet(paid.instrument, 1)


def test_an_unknown_payment_says_where_it_was_looked_for(
    paid: Paid, control: PaymentsControl
) -> None:
    with pytest.raises(SettlementError) as caught:
        control.settle("nothing")
    assert caught.value.reason == "unknown_payment"
    assert str(caught.value) == (
        "No payment was signed as nothing; looked in us-east-1 of account 123456789012, "
        "eu-central-1 of account 123456789012"
    )


def test_a_fault_without_a_region_is_met_once_in_any(paid: Paid, control: PaymentsControl) -> None:
    control.inject_fault("ListPaymentManagers", error="ThrottlingException")
    with pytest.raises(paid.world.control.exceptions.ThrottlingException):
        paid.world.control.list_payment_managers()
    control_there = boto3.client("bedrock-agentcore-payments-control", region_name="us-east-1")
    assert control_there.list_payment_managers()["paymentManagers"] == []


def test_faults_without_a_region_are_cleared_in_all(paid: Paid, control: PaymentsControl) -> None:
    PaymentsControl(region=ELSEWHERE).inject_fault("ListPaymentManagers", error="ConflictException")
    control.clear_faults()
    assert len(paid.world.control.list_payment_managers()["paymentManagers"]) == 1


def test_the_chosen_region_is_boto3s(monkeypatch: pytest.MonkeyPatch) -> None:
    assert places.chosen_region() == "us-east-1"
    boto3.setup_default_session(region_name="eu-west-3")
    assert places.chosen_region() == "eu-west-3"
    monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-southeast-1")
    assert places.chosen_region() == "ap-southeast-1"


def test_a_profile_that_does_not_exist_chooses_no_region(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    assert places.chosen_region() == "us-east-1"


@pytest.mark.parametrize("variable", ["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"])
def test_an_edited_profile_is_noticed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str
) -> None:
    profile = tmp_path / "profile"
    monkeypatch.setenv(variable, str(profile))
    assert places.chosen_region() == "us-east-1"
    for region in ("eu-west-1", "ap-southeast-2"):
        profile.write_text(f"[default]\nregion = {region}\n")
        assert places.chosen_region() == region


@pytest.mark.usefixtures("paid")
def test_over_http_ids_and_lists_need_no_region(paid: Paid) -> None:
    answer = requests.post(
        f"{URL}/fund-wallet", json={"wallet": paid.instrument, "amount": 5}, timeout=5
    )
    assert answer.json() == {"result": 5}
    (payment,) = requests.get(f"{URL}/payments", timeout=5).json()["result"]
    assert payment["process_payment_id"] == paid.payment
