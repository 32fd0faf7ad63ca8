"""The syntax of an MPP challenge: what is refused, and with which text."""

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
    assert "reason" not in caught.value.members
    return caught.value.message


@pytest.mark.parametrize("count", [0, 2])
def test_exactly_one_header_is_required(payments: Any, challenges: Any, count: int) -> None:
    assert refusal(payments, *[challenges.header()] * count) == (
        "MPP wwwAuthenticateHeaders is required and must contain exactly one "
        "WWW-Authenticate header."
    )


@pytest.mark.parametrize("name", ["id", "realm", "method", "intent", "request"])
@pytest.mark.parametrize("value", [..., ""], ids=["missing", "empty"])
def test_required_parameter_is_missing(
    payments: Any, challenges: Any, name: str, value: Any
) -> None:
    assert refusal(payments, challenges.header(**{name: value})) == (
        f"MPP challenge is missing required field: {name}"
    )


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("Payment abc", "the header must hold exactly one Payment challenge"),
        ('Payment id="a" realm="b"', "the header must hold exactly one Payment challenge"),
        ('Payment id="a, realm="b"', "the header must hold exactly one Payment challenge"),
        ('Payment id="a", Bearer realm="b"', "the header must hold exactly one Payment challenge"),
        ('Payment id="a"\r\nx: y', "the header must hold exactly one Payment challenge"),
        ('Payment id="\ud800"', "the header is not valid Unicode"),
        ('Payment id="' + "x" * 17_000 + '"', "the header exceeds 16384 bytes"),
        (7, "the header must be text"),
    ],
)
def test_malformed_header_is_refused(payments: Any, header: Any, message: str) -> None:
    assert refusal(payments, header) == f"Invalid MPP challenge: {message}"


@pytest.mark.parametrize("header", ['Bearer realm="x"', "", "Payment"])
def test_header_of_another_scheme_is_refused(payments: Any, header: str) -> None:
    assert refusal(payments, header) == "WWW-Authenticate header is not a 'Payment' challenge."


def test_repeated_parameter_is_refused_whatever_its_case(payments: Any) -> None:
    assert refusal(payments, 'Payment id="a", ID="b"') == (
        "MPP challenge WWW-Authenticate header contains a duplicate auth-param: id"
    )


@pytest.mark.parametrize(
    ("character", "code"), [("\n", "0A"), ("\x00", "00"), ("\x7f", "7F"), ("\\u000a", "0A")]
)
@pytest.mark.parametrize("name", ["id", "realm", "description"])
def test_control_character_in_a_parameter_is_refused(
    payments: Any, challenges: Any, name: str, character: str, code: str
) -> None:
    header = challenges.header(**{name: "mark"}).replace("mark", f"a{character}b")
    assert refusal(payments, header) == (
        f"MPP challenge field '{name}' contains a disallowed control character (0x{code})."
    )


def test_two_challenges_in_one_header_are_refused(payments: Any, challenges: Any) -> None:
    both = f"{challenges.header()}, {challenges.header()}"
    assert refusal(payments, both) == (
        "Invalid MPP challenge: the header must hold exactly one Payment challenge"
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"intent": "session"}, "MPP supports only the 'charge' intent. Received: session"),
        (
            {"method": "stripe"},
            "MPP supports only the 'evm', 'tempo', and 'solana' methods. Received: stripe",
        ),
        (
            {"id": "x" * 513},
            (
                "MPP challenge 'id' exceeds the maximum allowed length of 512 characters. "
                "Received length: 513."
            ),
        ),
        ({"request": "a+b/"}, "MPP challenge 'request' is not valid base64url: a+b/"),
        ({"request": "AAAAA"}, "MPP challenge 'request' is not valid base64url: AAAAA"),
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
            (
                "MPP challenge has expired ('expires' is in the past). "
                "Obtain a fresh challenge and retry."
            ),
        ),
        (
            {"expires": "2026-11-23T12:59:59.5+01:00"},
            (
                "MPP challenge has expired ('expires' is in the past). "
                "Obtain a fresh challenge and retry."
            ),
        ),
    ],
)
def test_wrong_parameter_is_refused(
    payments: Any, challenges: Any, change: dict[str, str], message: str
) -> None:
    assert refusal(payments, challenges.header(**change)) == message


@pytest.mark.parametrize(
    "text",
    [
        '{"amount":"1","amount":"2"}',
        '{"methodDetails":{"chainId":1,"chainId":84532}}',
    ],
)
def test_request_with_duplicate_keys_is_refused(payments: Any, challenges: Any, text: str) -> None:
    message = refusal(payments, challenges.header(asked=text))
    assert message.startswith(
        "MPP challenge 'request' JSON contains a duplicate key, which is not allowed "
        "(RFC 8785 JCS requires unique member names): "
    )


@pytest.mark.parametrize(
    "text",
    ["[]", "7", "null", '"text"'],
)
def test_request_that_is_not_an_object_is_refused(
    payments: Any, challenges: Any, text: str
) -> None:
    assert refusal(payments, challenges.header(asked=text)) == (
        f"MPP challenge 'request' is not valid JSON: {text}"
    )


@pytest.mark.parametrize(
    "text",
    ["{", "NaN", '{"a":NaN}', "[" * 12_000, '{"a":"\\ud800"}', "9" * 5000],
    ids=["broken", "nan", "inner-nan", "deep", "surrogate", "huge-number"],
)
def test_request_that_is_not_json_is_refused(payments: Any, challenges: Any, text: str) -> None:
    message = refusal(payments, challenges.header(asked=text))
    assert message.startswith(f"MPP challenge 'request' is not valid JSON: {text[:50]}")


def test_challenge_may_expire_later(payments: Any, challenges: Any) -> None:
    later = (NOON + timedelta(microseconds=1)).isoformat().replace("+00:00", "Z")
    assert payments.prepare_mpp(challenges.header(expires=later), now=NOON).amount == 10_000


def test_unknown_parameters_are_ignored(payments: Any, challenges: Any) -> None:
    assert payments.prepare_mpp(challenges.header(colour="blue"), now=NOON).amount == 10_000


def test_unquoted_parameters_are_understood(payments: Any, challenges: Any) -> None:
    header = challenges.header().replace('intent="charge"', "intent=charge")
    assert payments.prepare_mpp(header, now=NOON).amount == 10_000
