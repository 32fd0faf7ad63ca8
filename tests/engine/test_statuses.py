"""Statuses: how they move, and how a test holds them."""

from __future__ import annotations

import pytest

from boto3_agentcore_payments.emulator.engine import finding, instruments
from boto3_agentcore_payments.emulator.engine.statuses import (
    CONNECTOR_TRANSITIONS,
    ImmediateLifecycle,
)


class Slow(ImmediateLifecycle):
    """Moves one status on for every second read."""

    __slots__ = ("reads",)

    def __init__(self, model_name, transitions, initial):
        super().__init__(model_name, transitions, initial)
        self.reads = 0

    def current(self):
        return self._status

    def observe(self):
        self.reads += 1
        if self.reads % 2 == 0 and not self._held:
            self._status = dict(self._transitions).get(self._status, self._status)
        return self._status


def test_the_default_settles_at_the_next_look():
    lifecycle = ImmediateLifecycle("any", CONNECTOR_TRANSITIONS, "CREATING")
    assert lifecycle.current() == lifecycle.observe() == "READY"


@pytest.mark.parametrize("status", ["PENDING_AUTHENTICATION", "CREATE_FAILED", "READY"])
def test_a_status_that_leads_nowhere_stays(status):
    assert ImmediateLifecycle("any", CONNECTOR_TRANSITIONS, status).observe() == status


def test_a_held_status_stays_until_released():
    lifecycle = ImmediateLifecycle("any", CONNECTOR_TRANSITIONS, "CREATING")
    lifecycle.force("UPDATING")
    assert lifecycle.observe() == lifecycle.current() == "UPDATING"
    lifecycle.release()
    assert lifecycle.observe() == "READY"


def test_beginning_something_ends_a_hold():
    lifecycle = ImmediateLifecycle("any", CONNECTOR_TRANSITIONS, "CREATING")
    lifecycle.force("UPDATE_FAILED")
    lifecycle.begin("DELETING")
    assert lifecycle.current() == "DELETED"


def test_reads_move_a_slow_manager_on(new_service):
    service = new_service(lifecycles=Slow)
    manager_id = service.create_manager()["paymentManagerId"]

    def status():
        return service.call("GetPaymentManager", paymentManagerId=manager_id)["status"]

    assert [status() for _ in range(3)] == ["CREATING", "READY", "READY"]


def test_a_slow_delete_can_be_watched(new_service, refused):
    service = new_service(lifecycles=Slow)
    manager_id = service.create_manager()["paymentManagerId"]
    params = {"paymentManagerId": manager_id}
    for _ in range(2):
        service.call("GetPaymentManager", **params)
    service.call("DeletePaymentManager", **params)
    assert service.call("GetPaymentManager", **params)["status"] == "DELETING"
    with refused("ResourceNotFoundException", f"Payment manager not found: {manager_id}"):
        service.call("GetPaymentManager", **params)
    assert service.call("ListPaymentManagers") == {"paymentManagers": []}


def test_a_list_counts_as_a_read_and_leaves_out_what_it_saw_go(new_service):
    service = new_service(lifecycles=Slow)
    manager_id = service.create_manager()["paymentManagerId"]
    listed = [service.call("ListPaymentManagers")["paymentManagers"] for _ in range(2)]
    assert [page[0]["status"] for page in listed] == ["CREATING", "READY"]
    service.call("DeletePaymentManager", paymentManagerId=manager_id)
    pages = [service.call("ListPaymentManagers")["paymentManagers"] for _ in range(2)]
    assert [len(page) for page in pages] == [1, 0]


def test_creating_on_a_slow_manager_conflicts_and_does_not_hurry_it(new_service, refused):
    service = new_service(lifecycles=Slow)
    manager_id = service.create_manager()["paymentManagerId"]
    for _ in range(5):
        message = f"Payment manager {manager_id} is not ready. Status: CREATING"
        with refused("ConflictException", message):
            service.create_connector(manager_id)


def test_a_slow_instrument_cannot_pay_until_it_is_active(shop, refused):
    shop.state.lifecycles = Slow
    instrument_id = shop.create_instrument()["paymentInstrumentId"]
    session_id = shop.create_session()["paymentSessionId"]
    with refused("ValidationException", "Payment instrument is inactive. Status: INITIATED"):
        shop.pay(session_id, 1, paymentInstrumentId=instrument_id)


@pytest.mark.parametrize(
    ("kind", "attribute", "operation", "status"),
    [
        ("manager", "manager_id", "GetPaymentManager", "CREATING"),
        ("connector", "connector_id", "GetPaymentConnector", "CREATE_FAILED"),
        (
            "connector",
            "connector_id",
            "GetPaymentConnector",
            "AWS_MARKETPLACE_SUBSCRIPTION_REQUIRED",
        ),
        ("instrument", "instrument_id", "GetPaymentInstrument", "FAILED"),
    ],
)
def test_a_test_holds_any_resource_in_any_status(shop, kind, attribute, operation, status):
    params = {
        "GetPaymentManager": {"paymentManagerId": shop.manager_id},
        "GetPaymentConnector": {
            "paymentManagerId": shop.manager_id,
            "paymentConnectorId": shop.connector_id,
        },
        "GetPaymentInstrument": shop.of(paymentInstrumentId=shop.instrument_id),
    }[operation]

    def seen():
        answer = shop.call(operation, **params)
        return answer.get("paymentInstrument", answer)["status"]

    find = {
        "manager": finding.find_manager,
        "connector": finding.find_connector_anywhere,
        "instrument": finding.find_instrument_anywhere,
    }[kind]
    lifecycle = find(shop.state, getattr(shop, attribute)).lifecycle
    lifecycle.force(status)
    assert [seen(), seen()] == [status, status]
    lifecycle.release()
    assert seen() == ("READY" if status == "CREATING" else status)


@pytest.mark.parametrize("operation", ["GetPaymentInstrument", "DeletePaymentInstrument"])
def test_an_instrument_put_into_deleted_is_not_found(shop, refused, operation):
    finding.find_instrument_anywhere(shop.state, shop.instrument_id).lifecycle.force("DELETED")
    message = f"Payment instrument not found: {shop.instrument_id} for the given user and manager."
    with refused("ResourceNotFoundException", message):
        shop.call(operation, **shop.of(paymentInstrumentId=shop.instrument_id))


def test_an_instrument_put_into_deleted_is_not_listed(shop):
    finding.find_instrument_anywhere(shop.state, shop.instrument_id).lifecycle.force("DELETED")
    assert shop.call("ListPaymentInstruments", **shop.of())["paymentInstruments"] == []
    shop.create_instrument()
    assert len(shop.call("ListPaymentInstruments", **shop.of())["paymentInstruments"]) == 1


def test_a_deleted_instrument_cannot_be_brought_back(shop, refused):
    shop.call(
        "DeletePaymentInstrument",
        **shop.of(paymentConnectorId=shop.connector_id, paymentInstrumentId=shop.instrument_id),
    )
    message = f"Payment instrument not found: {shop.instrument_id}"
    with refused("ResourceNotFoundException", message):
        instruments.unblock_instrument(shop.state, shop.instrument_id)
