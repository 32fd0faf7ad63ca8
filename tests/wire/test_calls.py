"""A request is always answered, whatever goes wrong inside."""

from __future__ import annotations

import functools
import json
import logging
import threading
import uuid

import pytest

from boto3_agentcore_payments.emulator.engine import errors
from boto3_agentcore_payments.emulator.wire import calls, definitions, parsing
from boto3_agentcore_payments.emulator.wire.http import (
    CaseInsensitiveHeaders,
    ConnectionDropped,
    WireRequest,
)
from boto3_agentcore_payments.errors import MissingExtraError

USER = "X-Amzn-Bedrock-AgentCore-Payments-User-Id"


@pytest.mark.parametrize(
    ("name", "labels", "status"),
    [
        ("ListPaymentManagers", {}, 200),
        ("DeletePaymentManager", {"paymentManagerId": "demo-0123456789"}, 202),
    ],
)
def test_the_status_is_the_models(send, name, labels, status):
    assert send(name, labels=labels).status == status


def test_an_answer_is_json_with_a_request_id(send, session):
    headers = send("CreatePaymentSession", session).response.headers
    assert headers["Content-Type"] == "application/json"
    assert uuid.UUID(headers["x-amzn-RequestId"]).version == 4
    assert "x-amzn-ErrorType" not in headers


def test_every_answer_has_a_request_id_of_its_own(send, session):
    replies = [send("CreatePaymentSession", session) for _ in range(10)]
    assert len({reply.response.headers["x-amzn-RequestId"] for reply in replies}) == 10


@pytest.mark.parametrize("error", errors.subclasses_by_code().values(), ids=lambda cls: cls.code)
def test_an_error_has_the_code_and_status_of_the_model(send, engine, session, error):
    engine.error = error("No")
    reply = send("CreatePaymentSession", session)
    assert (reply.code, reply.status) == (error.code, error.status)
    assert reply.body["message"] == "No"
    modelled = [
        shape
        for operation in definitions.operations().values()
        for shape in operation.model.error_shapes
        if shape.name == error.code
    ]
    assert {shape.metadata["error"]["httpStatusCode"] for shape in modelled} == {reply.status}


def test_members_of_an_error_are_in_its_body(send, engine, session):
    engine.error = errors.ValidationException(
        "Taken", reason="ResourceConflict", fields=(("name", "is taken"),)
    )
    assert send("CreatePaymentSession", session).body == {
        "message": "Taken",
        "reason": "ResourceConflict",
        "fieldList": [{"name": "name", "message": "is taken"}],
    }


def test_absent_members_of_an_error_are_left_out(send, engine, session):
    engine.error = errors.SubscriptionRequiredException("Subscribe", productName=None)
    assert send("CreatePaymentSession", session).body == {"message": "Subscribe"}


def test_an_operation_that_only_the_definitions_have_is_unknown(send, engine, session, monkeypatch):
    monkeypatch.delitem(calls.operations.OPERATIONS, "CreatePaymentSession")
    reply = send("CreatePaymentSession", session)
    assert (reply.code, reply.status) == ("UnknownOperationException", 404)
    assert reply.body == {"message": "Operation CreatePaymentSession is not emulated"}
    assert engine.calls == []


def test_a_body_is_decoded_once_for_everyone_who_asks(send, engine, session, monkeypatch):
    decoded = []
    read = parsing.read_json
    monkeypatch.setattr(parsing, "read_json", lambda text: decoded.append(text) or read(text))
    operation = definitions.operations()["CreatePaymentSession"]
    body = json.dumps(session).encode()
    request = WireRequest("POST", operation.uri, "", CaseInsensitiveHeaders({}), body)
    call = calls.Call(definitions.Route(operation, {}), request)
    assert call.manager_arn() == session["paymentManagerArn"]
    assert call.answer(send.state).status == 201
    assert engine.params == session
    assert decoded == [body]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"paymentManagerArn": 1}'])
def test_a_manager_that_is_not_named_is_none(body):
    route = definitions.find("POST", "/payments/createPaymentSession")
    request = WireRequest("POST", "/", "", CaseInsensitiveHeaders({}), body)
    assert calls.Call(route, request).manager_arn() is None


def test_an_answered_request_shares_nothing_with_the_next_answer(send, engine, session):
    for _ in range(2):
        assert send("CreatePaymentSession", session).status == 201
    (_, first), (_, second) = engine.calls
    assert first == second
    assert first["limits"] is not second["limits"]


@pytest.mark.parametrize(
    ("name", "labels"),
    [
        ("DeletePaymentManager", {"paymentManagerId": "?"}),
        ("DeletePaymentConnector", {"paymentManagerId": "?", "paymentConnectorId": "?"}),
    ],
)
def test_a_delete_without_a_modelled_validation_error_still_has_one(send, name, labels):
    assert "ValidationException" not in definitions.operations()[name].error_shapes
    reply = send(name, labels=labels)
    assert (reply.code, reply.status) == ("ValidationException", 400)
    assert list(reply.fields) == list(labels)


def test_a_bug_is_answered_and_logged_without_the_request(send, engine, session, caplog):
    session["limits"]["maxSpendAmount"]["value"] = "hunter2"
    engine.error = KeyError("hunter2")
    with caplog.at_level(logging.DEBUG):
        reply = send("CreatePaymentSession", session)
    assert (reply.code, reply.status) == ("InternalServerException", 500)
    assert reply.body == {"message": "The emulator failed; its log says where"}
    assert "hunter2" not in caplog.text
    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert record.getMessage().startswith("CreatePaymentSession failed with KeyError, request id ")
    assert "conftest.py" in record.getMessage()


def test_an_output_that_cannot_be_written_is_a_bug(send, engine, session):
    engine.result = {"paymentSession": {"userId": object()}}
    assert send("CreatePaymentSession", session).code == "InternalServerException"


def test_a_missing_extra_is_named(send, engine, session, caplog):
    engine.error = MissingExtraError("A Solana proof", extra="emulator", module="solders")
    reply = send("CreatePaymentSession", session)
    assert (reply.code, reply.status) == ("InternalServerException", 500)
    assert "pip install 'boto3-agentcore-payments[emulator]'" in reply.body["message"]
    assert not caplog.records


def test_an_injected_error_comes_before_the_change(send, engine, session):
    send.state.faults.inject("CreatePaymentSession", error="ThrottlingException")
    reply = send("CreatePaymentSession", session)
    assert (reply.code, reply.status) == ("ThrottlingException", 429)
    assert reply.body == {"message": "Rate exceeded"}
    assert engine.calls == []
    assert send("CreatePaymentSession", session).status == 201


def test_an_injected_drop_comes_after_the_change(send, engine, session):
    send.state.faults.inject("CreatePaymentSession", drop_after=True)
    with pytest.raises(ConnectionDropped, match="/payments/createPaymentSession"):
        send("CreatePaymentSession", session)
    assert len(engine.calls) == 1
    assert send("CreatePaymentSession", session).status == 201


def test_an_injected_drop_loses_an_error_too(send, engine, session):
    engine.error = errors.ConflictException("No")
    send.state.faults.inject("CreatePaymentSession", drop_after=True)
    with pytest.raises(ConnectionDropped):
        send("CreatePaymentSession", session)


def test_injected_latency_delays_the_answer(send, session, monkeypatch):
    waited = []
    monkeypatch.setattr(calls.time, "sleep", waited.append)
    send.state.faults.inject("CreatePaymentSession", latency=1.5)
    assert send("CreatePaymentSession", session).status == 201
    assert waited == [1.5]


def test_a_malformed_request_does_not_use_up_a_fault(send, session):
    send.state.faults.inject("CreatePaymentSession", error="ThrottlingException")
    assert send("CreatePaymentSession", {}).code == "ValidationException"
    assert send("CreatePaymentSession", session).code == "ThrottlingException"


def test_first_requests_at_the_same_time_are_answered(send, session, monkeypatch):
    monkeypatch.setattr(definitions, "definition", functools.cache(definitions.Definition))
    replies = []
    threads = [
        threading.Thread(target=lambda: replies.append(send("CreatePaymentSession", session)))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [reply.status for reply in replies] == [201] * 8


@pytest.fixture
def events(world):
    """What a listener is told of the requests to a state with one resource of every kind."""
    told = []
    world.send.state.listeners.add(told.append)
    return told


def ended(event, reply):
    """Return how an event says a request ended, checked against the request's answer."""
    assert event.request_id == reply.response.headers["x-amzn-RequestId"]
    return event.outcome, event.error_code, event.error_message


def test_a_performed_request_is_one_event_with_its_answer_s_id(world, events):
    manager = {"paymentManagerArn": world.known["paymentManagerArn"]}
    reply = world.send("ListPaymentSessions", manager, headers={USER: "alice"})
    (event,) = events
    assert ended(event, reply) == ("succeeded", None, None)
    assert (event.operation, event.user) == ("ListPaymentSessions", "alice")
    assert event.manager_arn == world.known["paymentManagerArn"]


def test_a_request_that_the_engine_refuses_is_one_event(world, events):
    reply = world.send("GetPaymentManager", labels={"paymentManagerId": "nobody-0123456789"})
    (event,) = events
    message = "Payment manager not found: nobody-0123456789"
    assert ended(event, reply) == ("refused", "ResourceNotFoundException", message)
    assert reply.body["message"] == message
    assert event.manager_id == "nobody-0123456789"


@pytest.mark.parametrize("body", [b"{", {"expiryTimeInMinutes": "soon"}])
def test_a_malformed_request_is_one_event(world, events, body):
    reply = world.send("CreatePaymentSession", body, headers={USER: "alice"})
    (event,) = events
    assert ended(event, reply) == ("refused", "ValidationException", reply.body["message"])
    assert (event.operation, event.user) == ("CreatePaymentSession", "alice")


def test_a_request_that_a_fault_throttles_is_one_event(world, events, monkeypatch):
    monkeypatch.setattr(calls.time, "sleep", lambda _seconds: None)
    faults = world.send.state.faults
    faults.inject("ListPaymentManagers", error="ThrottlingException", latency=1)
    reply = world.send("ListPaymentManagers")
    (event,) = events
    assert ended(event, reply) == ("refused", "ThrottlingException", "Rate exceeded")
    assert event.latency >= 0


def test_a_request_whose_answer_is_lost_is_one_event_of_what_was_done(world, events):
    world.send.state.faults.inject("ListPaymentManagers", drop_after=True)
    with pytest.raises(ConnectionDropped):
        world.send("ListPaymentManagers")
    (event,) = events
    assert (event.outcome, event.error_code) == ("succeeded", None)


def test_a_failure_before_the_operation_is_one_event_without_its_text(world, events, monkeypatch):
    def broken(_params):
        raise KeyError("hunter2")

    operation = definitions.operations()["ListPaymentManagers"]
    monkeypatch.setitem(vars(operation), "validate", broken)
    reply = world.send("ListPaymentManagers")
    (event,) = events
    assert ended(event, reply) == ("failed", "InternalServerException", None)
    assert reply.body == {"message": "The emulator failed; its log says where"}


def test_latency_is_waited_for_without_the_state_s_lock(world, monkeypatch):
    state = world.send.state
    free = []

    def look_at_the_lock():
        free.append(state.lock.acquire(timeout=1))
        if free[0]:
            state.lock.release()

    def sleep(_seconds):
        other = threading.Thread(target=look_at_the_lock)
        other.start()
        other.join()

    monkeypatch.setattr(calls.time, "sleep", sleep)
    state.faults.inject("ListPaymentManagers", latency=1)
    assert world.send("ListPaymentManagers").status == 200
    assert free == [True]
