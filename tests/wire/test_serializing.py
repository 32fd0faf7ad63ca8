"""Answers have the form that the model describes."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone

import pytest

from boto3_agentcore_payments.emulator.wire import definitions, serializing

MOMENT = datetime(2026, 7, 1, 12, 30, 15, 250000, tzinfo=timezone.utc)
SESSION = {
    "paymentSessionId": "payment-session-0123456789abcde",
    "userId": "alice",
    "expiryTimeInMinutes": 60,
    "createdAt": MOMENT,
}


def written(operation_name, output):
    """Return an operation's output as written."""
    return json.loads(definitions.operations()[operation_name].serialize(output))


def test_a_time_is_iso_8601_where_the_model_says_so():
    body = written("GetPaymentSession", {"paymentSession": SESSION})
    assert body["paymentSession"]["createdAt"] == "2026-07-01T12:30:15.250Z"


def test_a_time_is_seconds_since_the_epoch_where_the_model_says_nothing():
    body = written("GetPaymentCredentialProvider", {"createdTime": MOMENT})
    assert body == {"createdTime": 1782909015.25}


def test_a_whole_second_has_a_fraction_only_as_text():
    moment = MOMENT.replace(microsecond=0)
    assert serializing.iso8601(moment) == "2026-07-01T12:30:15.000Z"
    assert json.dumps(serializing.epoch(moment)) == "1782909015"


def test_what_is_finer_than_a_millisecond_is_cut_off():
    moment = MOMENT.replace(microsecond=999_999)
    assert serializing.iso8601(moment) == "2026-07-01T12:30:15.999Z"
    assert serializing.epoch(moment) == 1782909015.999


def test_a_time_of_another_zone_is_written_in_utc():
    moment = MOMENT.astimezone(timezone(timedelta(hours=-7)))
    assert serializing.iso8601(moment) == "2026-07-01T12:30:15.250Z"
    assert serializing.epoch(moment) == 1782909015.25


@pytest.mark.parametrize("write", [serializing.iso8601, serializing.epoch])
def test_a_time_without_a_zone_is_a_bug(write):
    with pytest.raises(ValueError, match="has no time zone"):
        write(MOMENT.replace(tzinfo=None))


def test_absent_members_are_left_out():
    body = written("GetPaymentSession", {"paymentSession": {**SESSION, "limits": None}})
    assert "limits" not in body["paymentSession"]
    assert "availableLimits" not in body["paymentSession"]


def test_empty_lists_and_text_are_not_absent():
    body = written("ListPaymentSessions", {"paymentSessions": [], "nextToken": ""})
    assert body == {"paymentSessions": [], "nextToken": ""}


def test_members_the_model_does_not_have_stay_inside():
    session = {**SESSION, "lock": object()}
    body = written("GetPaymentSession", {"paymentSession": session, "state": object()})
    assert "lock" not in body["paymentSession"]
    assert list(body) == ["paymentSession"]


def test_elements_of_lists_are_written_like_structures():
    body = written("ListPaymentSessions", {"paymentSessions": [SESSION, SESSION]})
    assert [item["createdAt"] for item in body["paymentSessions"]] == [
        "2026-07-01T12:30:15.250Z"
    ] * 2


def test_a_document_is_written_as_it_is():
    document = {"signature": "0x00", "authorization": {"value": "1", "none": None}}
    output = {"paymentOutput": {"cryptoX402": {"version": "1", "payload": document}}}
    body = written("ProcessPayment", output)
    assert body["paymentOutput"]["cryptoX402"]["payload"] == document


def test_a_number_that_is_no_json_is_a_bug():
    output = {"paymentOutput": {"cryptoX402": {"version": "1", "payload": float("nan")}}}
    with pytest.raises(ValueError, match="not JSON compliant"):
        written("ProcessPayment", output)


def test_a_status_without_a_body_has_none():
    operation = definitions.operations()["DeletePaymentCredentialProvider"]
    assert operation.status == 204
    assert operation.serialize({}) == b""
    answer = serializing.success(204, b"", "id")
    assert answer.headers == {"x-amzn-RequestId": "id"}
