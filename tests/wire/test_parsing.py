"""Bodies, headers, query strings and URI labels are read into parameters."""

from __future__ import annotations

import pytest

from boto3_agentcore_payments.emulator.wire.http import (
    WireResponse,
)

USER = "X-Amzn-Bedrock-AgentCore-Payments-User-Id"
AGENT = "X-Amzn-Bedrock-AgentCore-Payments-Agent-Name"
MANAGER_ID = "demo-0123456789"


def test_parameters_are_keyed_by_member_names(send, engine, session):
    send("CreatePaymentSession", session, headers={USER: "alice", AGENT: "researcher"})
    assert engine.params == {**session, "userId": "alice", "agentName": "researcher"}


def test_header_names_ignore_case(send, engine, session):
    send("CreatePaymentSession", session, headers={USER.lower(): "alice"})
    assert engine.params["userId"] == "alice"


def test_header_bytes_are_read(send, engine, session):
    send("CreatePaymentSession", session, headers={USER: b"alice"})
    assert engine.params["userId"] == "alice"


def test_header_whitespace_around_a_value_is_not_part_of_it(send, engine, session):
    send("CreatePaymentSession", session, headers={USER: " alice\t"})
    assert engine.params["userId"] == "alice"


@pytest.mark.parametrize("sent", ["zoé", "zoé".encode().decode("latin-1"), "zoé".encode()])
def test_a_user_is_the_same_in_latin_1_and_utf_8(send, engine, session, sent):
    send("CreatePaymentSession", session, headers={USER: sent})
    assert engine.params["userId"] == "zoé"


def test_text_beyond_latin_1_of_a_call_within_the_process_is_kept(send, engine, session):
    send("CreatePaymentSession", session, headers={USER: "日本"})
    assert engine.params["userId"] == "日本"


def test_an_absent_header_is_an_absent_member(send, engine, session):
    send("CreatePaymentSession", session)
    assert "userId" not in engine.params


def test_an_empty_user_header_is_an_empty_user(send, engine, session):
    send("CreatePaymentSession", session, headers={USER: ""})
    assert engine.params["userId"] == ""


def test_the_token_names_the_user_in_bearer_mode(send, engine, session):
    send("CreatePaymentSession", session, headers={USER: "mallory"}, user_from_token="alice")
    assert engine.params["userId"] == "alice"


def test_the_token_names_no_user_where_an_operation_has_none(send, engine):
    send("GetPaymentManager", labels={"paymentManagerId": MANAGER_ID}, user_from_token="alice")
    assert engine.params == {"paymentManagerId": MANAGER_ID}


def test_null_members_are_absent(send, engine, instrument):
    wallet = instrument["paymentInstrumentDetails"]["embeddedCryptoWallet"]
    wallet["linkedAccounts"] = [{"oAuth2": {"google": {"sub": "1", "name": None}, "x": None}}]
    assert send("CreatePaymentInstrument", instrument).status == 201
    parsed = engine.params["paymentInstrumentDetails"]["embeddedCryptoWallet"]
    assert parsed["linkedAccounts"] == [{"oAuth2": {"google": {"sub": "1"}}}]


def test_a_null_top_level_member_is_absent(send, engine, session):
    send("CreatePaymentSession", {**session, "limits": None})
    assert "limits" not in engine.params


def test_a_required_member_that_is_null_is_missing(send, session):
    reply = send("CreatePaymentSession", {**session, "expiryTimeInMinutes": None})
    assert reply.fields == {"expiryTimeInMinutes": "is required"}


def test_an_empty_body_has_no_members(send, engine):
    assert send("ListPaymentCredentialProviders").status == 200
    assert engine.params == {}


def test_escaped_text_is_decoded(send, engine, payment):
    payment["paymentInput"]["cryptoX402"]["payload"] = {"name": "USD\u20ac \U0001f600"}
    assert send("ProcessPayment", payment).status == 200
    assert engine.params == payment


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"{", "The request body is not valid JSON"),
        (b" ", "The request body is not valid JSON"),
        (b"{'a': 1}", "The request body is not valid JSON"),
        (b'{"a": 1} {}', "The request body is not valid JSON"),
        (b'{"expiryTimeInMinutes": NaN}', "The request body is not valid JSON"),
        (b'{"expiryTimeInMinutes": -Infinity}', "The request body is not valid JSON"),
        (b'{"expiryTimeInMinutes": 1e999}', "The request body is not valid JSON"),
        (b'{"expiryTimeInMinutes": 1' + b"0" * 5000 + b"}", "The request body is not valid JSON"),
        (b'{"a": 1, "a": 1}', "The request body repeats a key of a JSON object"),
        (
            b'{"limits": {"maxSpendAmount": {"value": "1", "value": "2"}}}',
            "The request body repeats a key of a JSON object",
        ),
        (b"\xef\xbb\xbf{}", "The request body is not valid JSON"),
        (b'{"a": "\xff"}', "The request body is not UTF-8"),
        ('{"a": 1}'.encode("utf-16"), "The request body is not UTF-8"),
        (b"[" * 100_000, "The request body is nested too deeply"),
        (b'{"a":' * 100_000, "The request body is nested too deeply"),
        (b"[]", "The request body is not a JSON object"),
        (b"null", "The request body is not a JSON object"),
        (b'"text"', "The request body is not a JSON object"),
        (b"3", "The request body is not a JSON object"),
        (b" " * (1024 * 1024 + 1), "The request body is larger than 1048576 bytes"),
    ],
    ids=lambda value: repr(value[:30]) if isinstance(value, bytes) else "",
)
def test_a_body_that_cannot_be_read_is_refused(send, engine, body, message):
    reply = send("CreatePaymentSession", body)
    assert (reply.status, reply.code) == (400, "ValidationException")
    fields = [{"name": "body", "message": message}]
    assert reply.body == {"message": message, "reason": "CannotParse", "fieldList": fields}
    assert engine.calls == []


def test_uri_labels_are_percent_decoded(send, engine):
    send(
        "GetPaymentConnector",
        labels={"paymentManagerId": MANAGER_ID, "paymentConnectorId": "my_wallets-0123456789"},
    )
    assert engine.params == {
        "paymentManagerId": MANAGER_ID,
        "paymentConnectorId": "my_wallets-0123456789",
    }


@pytest.mark.parametrize("label", ["a/b", "../managers", "é-0123456789", "a b-0123456789", ""])
def test_a_label_no_identifier_allows_is_refused(send, engine, label):
    reply = send("GetPaymentManager", labels={"paymentManagerId": label})
    assert (reply.status, reply.code, reply.reason) == (
        400,
        "ValidationException",
        "FieldValidationFailed",
    )
    assert list(reply.fields) == ["paymentManagerId"]
    assert engine.calls == []


def test_query_parameters_are_typed(send, engine):
    send("ListPaymentManagers", query="maxResults=5&nextToken=a%2Fb")
    assert engine.params == {"maxResults": 5, "nextToken": "a/b"}


@pytest.mark.parametrize("text", ["abc", "", "1.0", "1e1", "0x1", "+1", "1_0", "\u0663", "9" * 30])
def test_a_query_parameter_that_is_no_integer_is_refused(send, engine, text):
    reply = send("ListPaymentManagers", query=f"maxResults={text}")
    assert reply.code == "ValidationException"
    assert reply.fields == {"maxResults": "must be an integer"}
    assert engine.calls == []


def test_a_query_parameter_out_of_range_is_refused(send):
    reply = send("ListPaymentManagers", query="maxResults=101")
    assert reply.fields == {"maxResults": "must be at most 100; received: 101"}


def test_a_query_parameter_given_twice_is_refused(send):
    reply = send("ListPaymentManagers", query="maxResults=1&maxResults=2")
    assert reply.fields == {"maxResults": "must be given only once"}


def test_foreign_query_parameters_are_ignored(send, engine):
    assert send("ListPaymentManagers", query="X-Amz-Signature=abc&maxResults=2").status == 200
    assert engine.params == {"maxResults": 2}


def test_members_of_the_query_are_ignored_in_the_body(send, engine):
    assert send("ListPaymentManagers", {"maxResults": 5}).status == 200
    assert engine.params == {}


def test_members_of_a_header_are_ignored_in_the_body(send, engine, session):
    reply = send("CreatePaymentSession", {**session, "userId": "mallory"}, headers={USER: "alice"})
    assert reply.status == 201
    assert engine.params["userId"] == "alice"


def test_a_response_shows_nothing_of_its_body():
    assert repr(WireResponse(200, {}, b'{"secret": 1}')) == "WireResponse(status=200, 13 bytes)"
