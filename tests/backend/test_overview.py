"""The overview: what the API answers about each resource, and what only the emulator knows."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.moto_api import state_manager
from ready_shop import EMAIL, PAY_TO, SECRETS

from boto3_agentcore_payments.emulator.backend import overview
from boto3_agentcore_payments.emulator.control import PaymentsControl
from boto3_agentcore_payments.emulator.engine.statuses import MANAGER_MODEL

REGION = "us-west-2"


@pytest.fixture
def control() -> PaymentsControl:
    return PaymentsControl()


class Ready:
    """A manager, a connector, a wallet and a session."""

    def __init__(self, world: Any, **manager: Any) -> None:
        self.world = world
        self.arn = world.manager(**manager)
        self.connector = world.connector(self.arn)
        self.instrument = world.instrument(self.arn, self.connector)
        self.session = world.session(self.arn)

    def pay(self, amount: int) -> str:
        made = self.world.pay(self.arn, self.session, self.instrument, amount)
        identifier: str = made["processPaymentId"]
        return identifier


@pytest.fixture
def ready(world: Any) -> Ready:
    return Ready(world, description="sells books", tags={"team": "books"})


def values(document: Any) -> set[str]:
    """Return every value in a document as text, but for times, which are cut on the wire."""
    if isinstance(document, dict):
        return set().union(*(values(each) for each in document.values()))
    if isinstance(document, list):
        return set().union(*(values(each) for each in document))
    return set() if isinstance(document, datetime) else {str(document)}


def get_manager(ready: Ready) -> Any:
    return ready.world.control.get_payment_manager(paymentManagerId=ready.arn.rpartition("/")[2])


def get_connector(ready: Ready) -> Any:
    return ready.world.control.get_payment_connector(
        paymentManagerId=ready.arn.rpartition("/")[2], paymentConnectorId=ready.connector
    )


def get_provider(ready: Ready) -> Any:
    control = ready.world.control
    name = control.list_payment_credential_providers()["credentialProviders"][0]["name"]
    return control.get_payment_credential_provider(name=name)


def get_instrument(ready: Ready) -> Any:
    return ready.world.data.get_payment_instrument(
        paymentManagerArn=ready.arn, paymentInstrumentId=ready.instrument, userId="alice"
    )


@pytest.mark.parametrize(
    ("kind", "get"),
    [
        ("managers", get_manager),
        ("connectors", get_connector),
        ("credential_providers", get_provider),
        ("wallets", get_instrument),
    ],
)
def test_a_row_has_every_value_that_the_api_answers(
    ready: Ready, control: PaymentsControl, kind: str, get: Any
) -> None:
    answer = get(ready)
    answer.pop("ResponseMetadata")
    (row,) = control.overview()[kind]
    assert values(answer) <= values(row)
    assert row["created_at"] <= row["updated_at"]


def test_a_session_s_row_has_limit_spent_left_and_end(
    ready: Ready, control: PaymentsControl
) -> None:
    ready.pay(125_000)
    (row,) = control.overview()["sessions"]
    assert (row["limit"], row["spent"], row["left"]) == ("5.00", "0.125", "4.875")
    assert (row["ends_at"] - row["created_at"]).total_seconds() == row["expiry_minutes"] * 60
    assert row["expired"] is False


def test_a_wallet_s_row_has_its_grant(ready: Ready, control: PaymentsControl) -> None:
    def shown() -> Any:
        (row,) = control.overview()["wallets"]
        return row["granted"], row["grant_ends"]

    assert shown() == (True, None)
    ends = control.give_grant(ready.instrument, days=7).ends
    assert shown() == (True, ends)
    control.revoke_grant(ready.instrument)
    assert shown() == (False, None)


def test_payees_add_up_what_is_signed_and_what_has_moved(
    ready: Ready, control: PaymentsControl
) -> None:
    control.fund_wallet(ready.instrument, 1_000_000)
    control.settle(ready.pay(100_000))
    ready.pay(20_000)
    ready.pay(3_000)
    (row,) = control.overview()["payees"]
    assert (row["payee"], row["user"], row["payments"]) == (PAY_TO, "alice", 3)
    assert (row["settled"], row["signed"]) == ("0.10", "0.023")


def test_the_authorization_url_is_there_while_consent_is_awaited(
    world: Any, control: PaymentsControl
) -> None:
    connector = world.quick_connector(world.manager())
    (row,) = control.overview()["connectors"]
    assert row["status"] == "PENDING_AUTHENTICATION"
    assert "/identities/oauth2/authorize?request_uri=" in row["authorization_url"]
    control.approve_authorization(connector)
    (row,) = control.overview()["connectors"]
    assert (row["authorization_url"], row["authorization_ends"]) == (None, None)


def test_it_has_what_holds_for_each_account(world: Any, control: PaymentsControl) -> None:
    control.unsubscribe()
    (row,) = control.overview()["accounts"]
    assert (row["account_id"], row["subscribed"], row["mpp_access"]) == (
        "123456789012",
        False,
        True,
    )


def test_a_fault_planned_for_several_regions_is_one_row(
    make_world: Any, control: PaymentsControl
) -> None:
    for region in ("us-west-2", "eu-central-1"):
        make_world(region=region).manager()
    control.inject_fault("ProcessPayment", error="ThrottlingException", times=None)
    (row,) = control.overview()["faults"]
    assert {place["region"] for place in row["places"]} >= {"us-west-2", "eu-central-1"}
    (only,) = PaymentsControl(region="eu-central-1").overview()["faults"]
    assert [place["region"] for place in only["places"]] == ["eu-central-1"]


def test_a_cancelled_fault_is_not_in_force(world: Any, control: PaymentsControl) -> None:
    control.inject_fault("ProcessPayment", error="ThrottlingException").cancel()
    assert control.overview()["faults"] == []


def test_looking_moves_no_status_on(world: Any, control: PaymentsControl) -> None:
    state_manager.set_transition(MANAGER_MODEL, {"progression": "manual", "times": 2})
    try:
        world.manager()
        for _ in range(5):
            (row,) = control.overview()["managers"]
            assert row["status"] == "CREATING"
    finally:
        state_manager.unset_transition(MANAGER_MODEL)


def test_what_was_deleted_is_gone(world: Any, control: PaymentsControl) -> None:
    arn = world.manager()
    world.control.delete_payment_manager(paymentManagerId=arn.rpartition("/")[2])
    found = control.overview()
    assert (found["managers"], found["totals"]["managers"]) == ([], 0)


def test_totals_count_what_is_left_out(
    ready: Ready, control: PaymentsControl, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(overview, "LONGEST", 2)
    amounts = [ready.pay(amount) for amount in (10_000, 20_000, 30_000)]
    found = control.overview()
    assert [row["amount"] for row in found["attempts"]] == ["0.03", "0.02"]
    assert found["totals"]["attempts"] == len(amounts)


def test_a_refused_attempt_has_a_number_of_its_own(ready: Ready, control: PaymentsControl) -> None:
    ready.pay(10_000)
    for _ in range(2):
        with pytest.raises(ClientError, match="Insufficient budget"):
            ready.pay(90_000_000)
    rows = control.overview()["attempts"]
    assert [(row["number"], row["outcome"]) for row in rows] == [
        (2, "refused"),
        (1, "refused"),
        (0, "signed"),
    ]


def test_a_settled_attempt_says_what_moved(ready: Ready, control: PaymentsControl) -> None:
    control.fund_wallet(ready.instrument, 1_000_000)
    control.settle(ready.pay(250_000))
    (row,) = control.overview()["attempts"]
    assert (row["outcome"], row["settled_amount"], row["currency"]) == ("settled", "0.25", "USDC")


def test_secrets_are_masked(ready: Ready, control: PaymentsControl) -> None:
    text = json.dumps(control.overview(), default=str)
    assert SECRETS["apiKeyId"] in text
    assert SECRETS["apiKeySecret"] not in text
    assert SECRETS["walletSecret"] not in text
    assert EMAIL["email"]["emailAddress"] not in text
