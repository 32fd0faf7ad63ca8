"""What every merchant does with HTTP."""

from __future__ import annotations

import socket
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from counters import Counter

from boto3_agentcore_payments import merchants

KINDS = [
    pytest.param("x402", {}, id="x402"),
    pytest.param("x402", {"version": 1}, id="x402-v1"),
    pytest.param("mpp", {"method": "evm"}, id="mpp"),
]
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("protocol", "settings"), KINDS)
def test_every_method_is_402_until_it_is_paid_for(
    protocol: str, settings: dict[str, Any], method: str
) -> None:
    counter = Counter(protocol, **settings)
    unpaid = counter.ask(method=method)
    like_get = counter.ask()
    assert unpaid.status_code == 402
    assert list(unpaid.headers.keys()) == list(like_get.headers.keys())
    assert bool(unpaid.get_data()) == (method != "HEAD")
    # MPP's challenge is for one method; x402 version 1 says what it asks in the body alone.
    payment = counter.pay(method="GET" if protocol == "x402" else method)
    paid = counter.ask(payment, method=method)
    assert paid.status_code == 200
    assert bool(paid.get_data()) == (method != "HEAD")
    assert len(counter.till.sales) == 1


@pytest.mark.parametrize(("protocol", "settings"), KINDS)
def test_preflight_of_a_browser_is_answered(protocol: str, settings: dict[str, Any]) -> None:
    counter = Counter(protocol, **settings)
    answer = counter.ask(method="OPTIONS")
    assert answer.status_code == 204
    assert answer.get_data() == b""
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    allowed = answer.headers["Access-Control-Allow-Methods"].split(", ")
    assert allowed == [*METHODS, "OPTIONS"]
    assert counter.header_name in answer.headers["Access-Control-Allow-Headers"]


def test_preflight_allows_the_headers_it_is_asked_for() -> None:
    with merchants.x402_merchant() as shop:
        answer = requests.options(
            shop.url,
            headers={
                "Origin": "https://app.example",
                "Access-Control-Request-Method": "POST",
                "Access-Control-Request-Headers": "payment-signature, x-mine",
            },
            timeout=10,
        )
    assert answer.headers["Access-Control-Allow-Headers"] == "payment-signature, x-mine"


@pytest.mark.parametrize(("protocol", "settings"), KINDS)
def test_scripts_may_read_what_they_have_to_pay(protocol: str, settings: dict[str, Any]) -> None:
    unpaid = Counter(protocol, **settings).ask()
    readable = unpaid.headers["Access-Control-Expose-Headers"]
    assert {"PAYMENT-REQUIRED", "WWW-Authenticate"} <= set(readable.split(", "))
    assert unpaid.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("payment", [None, "!!"])
@pytest.mark.parametrize(("protocol", "settings"), KINDS)
def test_there_is_one_content_type(
    protocol: str, settings: dict[str, Any], payment: str | None
) -> None:
    counter = Counter(protocol, **settings)
    assert len(counter.ask(payment).headers.getlist("Content-Type")) == 1
    assert len(counter.ask(counter.pay()).headers.getlist("Content-Type")) == 1


@pytest.mark.parametrize(
    "line",
    [
        b"Authorization: Payment \xe9",
        b"Authorization: \xff\xfe",
        b"PAYMENT-SIGNATURE: \xe9",
        b"X-PAYMENT: \xe9",
        b"Cookie: \xe9",
        b"Authorization: Payment " + b"W1tb" * 12_000,
    ],
)
@pytest.mark.parametrize("kind", ["x402_merchant", "mpp_merchant"])
def test_bytes_of_any_kind_are_answered_over_a_socket(kind: str, line: bytes) -> None:
    with getattr(merchants, kind)() as shop:
        place = urlsplit(shop.url)
        with socket.create_connection((place.hostname, place.port), timeout=10) as connection:
            connection.sendall(
                b"GET /article HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n" + line + b"\r\n\r\n"
            )
            status = connection.makefile("rb").readline()
    assert status.split()[1] == b"402"
