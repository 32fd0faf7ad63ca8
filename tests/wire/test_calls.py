"""A request is answered, whatever happens on the way."""

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
