"""The syntax of an MPP challenge: what is refused, and in which words."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from boto3_agentcore_payments.emulator.engine.errors import ValidationException

NOON = datetime(2026, 11, 23, 12, tzinfo=timezone.utc)


def refusal(payments: Any, *headers: Any, **options: Any) -> str:
    options.setdefault("now", NOON)
    with pytest.raises(ValidationException) as caught:
        payments.prepare_mpp(*headers, **options)
    assert caught.value.members["reason"] == "FieldValidationFailed"
    return caught.value.message


@pytest.mark.parametrize("count", [0, 2])
def test_exactly_one_header_is_required(payments: Any, challenges: Any, count: int) -> None:
    assert refusal(payments, *[challenges.header()] * count) == (
        f"Exactly one MPP WWW-Authenticate header is required. Received: {count}"
    )


@pytest.mark.parametrize("name", ["id", "realm", "method", "intent", "request"])
@pytest.mark.parametrize("value", [..., ""], ids=["missing", "empty"])
def test_required_parameter_is_missing(
    payments: Any, challenges: Any, name: str, value: Any
) -> None:
    assert refusal(payments, challenges.header(**{name: value})) == (
        f"Invalid MPP challenge: Required field '{name}' is missing or null"
    )


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ('Bearer realm="x"', "the authentication scheme must be Payment"),
        ("", "the authentication scheme must be Payment"),
        ("Payment", "the authentication scheme must be Payment"),
        ("Payment abc", "the header must hold exactly one Payment challenge"),
        ('Payment id="a" realm="b"', "the header must hold exactly one Payment challenge"),
        ('Payment id="a, realm="b"', "the header must hold exactly one Payment challenge"),
        ('Payment id="a", Bearer realm="b"', "the header must hold exactly one Payment challenge"),
        ('Payment id="a", ID="b"', "parameter 'id' is repeated"),
        ('Payment id="a\r\nx: y"', "the header contains control characters"),
        ('Payment id="\ud800"', "the header is not valid Unicode"),
        ('Payment id="' + "x" * 17_000 + '"', "the header exceeds 16384 bytes"),
        (7, "the header must be text"),
    ],
)
def test_malformed_header_is_refused(payments: Any, header: Any, message: str) -> None:
    assert refusal(payments, header) == f"Invalid MPP challenge: {message}"


def test_two_challenges_in_one_header_are_refused(payments: Any, challenges: Any) -> None:
    both = f"{challenges.header()}, {challenges.header()}"
    assert refusal(payments, both) == (
        "Invalid MPP challenge: the header must hold exactly one Payment challenge"
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"intent": "session"}, "MPP intent 'session' not supported. Supported intent: charge"),
        (
            {"method": "stripe"},
            "MPP method 'stripe' not supported. Supported methods: evm, tempo, solana",
        ),
        ({"id": "x" * 513}, "Invalid MPP challenge: id exceeds 512 characters"),
        ({"request": "a+b/"}, "Invalid MPP challenge: request is not base64url"),
        ({"request": "AAAAA"}, "Invalid MPP challenge: request is not base64url-encoded JSON"),
        (
            {"expires": "tomorrow"},
            "Invalid MPP challenge: expires is not an RFC 3339 time. Received: tomorrow",
        ),
        (
            {"expires": "2026-11-23T12:00:00"},
            "Invalid MPP challenge: expires is not an RFC 3339 time. Received: 2026-11-23T12:00:00",
        ),
        (
            {"expires": "2026-11-23T12:00:00Z"},
            "MPP challenge is no longer payable: it expires at 2026-11-23T12:00:00Z",
        ),
        (
            {"expires": "2026-11-23T12:59:59.5+01:00"},
            "MPP challenge is no longer payable: it expires at 2026-11-23T12:59:59.5+01:00",
        ),
    ],
)
def test_wrong_parameter_is_refused(
    payments: Any, challenges: Any, change: dict[str, str], message: str
) -> None:
    assert refusal(payments, challenges.header(**change)) == message


def test_no_refusal_says_what_the_sdk_takes_for_a_session_problem(
    payments: Any, challenges: Any
) -> None:
    late = challenges.header(expires="2020-01-01T00:00:00Z")
    text = refusal(payments, late).lower()
    assert not any(word in text for word in ("expired", "budget", "insufficient", "instrument"))


@pytest.mark.parametrize(
    "text",
    [
        '{"amount":"1","amount":"2"}',
        '{"methodDetails":{"chainId":1,"chainId":84532}}',
    ],
)
def test_request_with_duplicate_keys_is_refused(payments: Any, challenges: Any, text: str) -> None:
    message = refusal(payments, challenges.header(asked=text))
    assert message.startswith("Invalid MPP challenge: request repeats the key '")


@pytest.mark.parametrize(
    "text",
    ["[]", "7", "null", '"text"'],
)
def test_request_that_is_no_object_is_refused(payments: Any, challenges: Any, text: str) -> None:
    assert refusal(payments, challenges.header(asked=text)) == (
        "Invalid MPP challenge: request is not a JSON object"
    )


@pytest.mark.parametrize(
    "text",
    ["{", "NaN", '{"a":NaN}', "[" * 12_000, '{"a":"\\ud800"}', "9" * 5000],
    ids=["broken", "nan", "inner-nan", "deep", "surrogate", "huge-number"],
)
def test_request_that_is_no_json_is_refused(payments: Any, challenges: Any, text: str) -> None:
    message = refusal(payments, challenges.header(asked=text))
    assert message in (
        "Invalid MPP challenge: request is not base64url-encoded JSON",
        "Invalid MPP challenge: request is not a JSON object",  # where big numbers can be read
    )


def test_challenge_may_expire_later(payments: Any, challenges: Any) -> None:
    later = (NOON + timedelta(microseconds=1)).isoformat().replace("+00:00", "Z")
    assert payments.prepare_mpp(challenges.header(expires=later), now=NOON).amount == 10_000


def test_unknown_parameters_are_ignored(payments: Any, challenges: Any) -> None:
    assert payments.prepare_mpp(challenges.header(colour="blue"), now=NOON).amount == 10_000


def test_unquoted_parameters_are_understood(payments: Any, challenges: Any) -> None:
    header = challenges.header().replace('intent="charge"', "intent=charge")
    assert payments.prepare_mpp(header, now=NOON).amount == 10_000
