"""What listeners are told of the operations that end, and what they cannot change."""

from __future__ import annotations

import logging
import re
from dataclasses import asdict
from threading import Thread

import pytest

from boto3_agentcore_payments.emulator.engine import operations
from boto3_agentcore_payments.emulator.engine.errors import ValidationException
from boto3_agentcore_payments.emulator.engine.ports import ProofSigningError
from boto3_agentcore_payments.errors import MissingExtraError


@pytest.fixture
def events(shop):
    heard = []
    shop.state.listeners.add(heard.append)
    return heard


@pytest.fixture
def session_id(shop):
    return shop.create_session("0.10")["paymentSessionId"]


def known(event):
    """Return the members that are known, times apart."""
    members = asdict(event)
    assert members.pop("latency") >= 0
    return {name: value for name, value in members.items() if value not in (None, False)}


def test_a_payment_is_an_event_with_everything(shop, session_id, events):
    answer = shop.pay(session_id, 10_000, agentName="shopper")
    (event,) = events
    assert known(event) == {
        "operation": "ProcessPayment",
        "account_id": "123456789012",
        "region": "us-east-1",
        "started_at": shop.clock.now,
        "user": "alice",
        "agent": "shopper",
        "manager_arn": shop.arn,
        "manager_id": shop.manager_id,
        "connector_id": shop.connector_id,
        "session_id": session_id,
        "instrument_id": shop.instrument_id,
        "outcome": "succeeded",
        "payment_type": "CRYPTO_X402",
        "process_payment_id": answer["processPaymentId"],
        "amount": "0.01",
        "asset": "0xusdc",
        "network": "eip155:84532",
        "scheme": "exact",
        "pay_to": "0xShop",
        "payer": shop.address(),
        "budget_left": "0.09",
        "budget_limit": "0.10",
    }


def test_a_payment_over_budget_is_an_event_with_the_payment(shop, session_id, events, refused):
    message = (
        f"Insufficient budget for session {session_id}. Pending amount: 0.1 USD, "
        "Transaction amount: 5.000000 USD"
    )
    with refused("ValidationException", message):
        shop.pay(session_id, 5_000_000)
    (event,) = events
    assert (event.outcome, event.error_code, event.error_message) == (
        "refused",
        "ValidationException",
        message,
    )
    assert (event.amount, event.pay_to, event.network) == ("5", "0xShop", "eip155:84532")
    assert (event.budget_left, event.process_payment_id) == ("0.1", None)
    assert event.connector_id == shop.connector_id


def test_a_bad_payload_is_an_event_without_the_payment(shop, session_id, events, refused):
    with refused("ValidationException", "Payment amount is required"):
        shop.pay(session_id, None)
    (event,) = events
    assert (event.outcome, event.amount, event.pay_to) == ("refused", None, None)
    assert (event.user, event.session_id) == ("alice", session_id)


def test_a_repeated_answer_says_that_nothing_was_charged(shop, session_id, events):
    token = shop.token()
    first, again = (shop.pay(session_id, 10_000, clientToken=token) for _ in range(2))
    assert first == again
    assert [event.repeated for event in events] == [False, True]
    assert events[0].process_payment_id == events[1].process_payment_id
    assert events[1].amount == "0.01"
    assert events[1].connector_id == shop.connector_id


@pytest.mark.parametrize(
    ("failure", "text"),
    [
        (ProofSigningError("x"), "Payment proof could not be signed: EIP-712 signature"),
        (
            MissingExtraError("A proof", extra="emulator", module="solders"),
            str(MissingExtraError("A proof", extra="emulator", module="solders")),
        ),
    ],
)
def test_what_fails_is_told_from_what_is_refused(shop, session_id, events, failure, text):
    shop.prover.failure = failure
    with pytest.raises(Exception, match=re.escape(text)):
        shop.pay(session_id, 10_000)
    (event,) = events
    assert (event.outcome, event.error_code, event.error_message) == (
        "failed",
        "InternalServerException",
        text,
    )


def test_a_bug_is_an_event_that_quotes_nothing(shop, session_id, events):
    def prepare(payment_input, **_):
        raise RuntimeError(payment_input)

    shop.prover.prepare = prepare
    with pytest.raises(RuntimeError):
        shop.pay(session_id, 10_000)
    (event,) = events
    assert (event.outcome, event.error_message) == ("failed", None)


def test_every_operation_is_an_event_that_names_what_it_made(shop, events):
    session_id = shop.create_session()["paymentSessionId"]
    connector_id = shop.create_connector(shop.manager_id)["paymentConnectorId"]
    assert [(event.operation, event.session_id, event.connector_id) for event in events] == [
        ("CreatePaymentSession", session_id, None),
        ("CreatePaymentConnector", None, connector_id),
    ]


def test_the_request_id_is_the_caller_s(shop, events):
    operations.perform(shop.state, "ListPaymentManagers", {}, request_id="r1")
    error = ValidationException.at("name", "name is required")
    operations.report(shop.state, "ListPaymentManagers", {"userId": 7}, error, request_id="r2")
    assert [(event.request_id, event.outcome) for event in events] == [
        ("r1", "succeeded"),
        ("r2", "refused"),
    ]
    assert events[1].user is None


def test_no_proof_and_no_key_is_in_an_event(shop, session_id, events):
    answer = shop.pay(session_id, 10_000)
    proof = answer["paymentOutput"]["cryptoX402"]["payload"]["proof"]
    assert proof not in repr(events)


def test_a_listener_that_fails_changes_no_answer_and_is_logged_once(shop, session_id, caplog):
    heard = []

    def fail(event):
        raise RuntimeError(event.user)

    shop.state.listeners.add(fail)
    shop.state.listeners.add(heard.append)
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            assert shop.pay(session_id, 1)["status"] == "PROOF_GENERATED"
    assert len(heard) == 2
    (record,) = caplog.records
    assert "RuntimeError" in record.getMessage()
    assert "alice" not in record.getMessage()


def test_a_listener_may_ask_for_one_operation(shop, session_id):
    heard = []
    shop.state.listeners.add(heard.append, operation="CreatePaymentSession")
    shop.session(session_id)
    shop.create_session()
    assert [event.operation for event in heard] == ["CreatePaymentSession"]


def test_a_removed_listener_hears_nothing(shop, events):
    shop.state.listeners.remove(events.append)
    shop.create_session()
    assert events == []


def test_a_listener_may_call_the_emulator_from_another_thread(shop):
    seen = []

    def look(event):
        if event.operation == "CreatePaymentSession":
            thread = Thread(target=lambda: seen.append(shop.session(event.session_id)))
            thread.start()
            thread.join(10)

    shop.state.listeners.add(look)
    session = shop.create_session()
    assert seen == [session]
