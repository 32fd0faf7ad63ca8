"""What a buyer gets."""

from __future__ import annotations

from typing import Any

import pytest
from counters import Counter
from flask import Flask

from boto3_agentcore_payments.merchants.handlers import view

KINDS = [
    pytest.param("x402", {}, id="x402"),
    pytest.param("x402", {"version": 1}, id="x402-v1"),
    pytest.param("mpp", {"method": "evm"}, id="mpp"),
]


def wsgi(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    start_response("201 Created", [("Content-Type", "text/plain"), ("X-Mine", "1")])
    return [environ["PATH_INFO"].encode(), b"!"]


@pytest.mark.parametrize(("protocol", "settings"), KINDS)
def test_wsgi_application_stands_behind_the_paywall(
    protocol: str, settings: dict[str, Any]
) -> None:
    counter = Counter(protocol, **settings, handler=wsgi)
    assert counter.ask().status_code == 402
    paid = counter.ask(counter.pay())
    assert (paid.status_code, paid.text, paid.headers["X-Mine"]) == (201, "/article!", "1")
    assert len(counter.till.sales) == 1


def test_flask_application_stands_behind_the_paywall() -> None:
    application = Flask("mine")
    application.add_url_rule("/article", view_func=lambda: {"mine": True})
    counter = Counter(handler=application)
    assert counter.ask(counter.pay()).get_json() == {"mine": True}


@pytest.mark.parametrize(("protocol", "settings"), KINDS)
def test_callable_of_the_request_stands_behind_the_paywall(
    protocol: str, settings: dict[str, Any]
) -> None:
    counter = Counter(protocol, **settings, handler=lambda request: f"{request.method} it")
    assert counter.ask(counter.pay(method="POST"), method="POST").text == "POST it"


def test_callable_of_nothing_stands_behind_the_paywall() -> None:
    counter = Counter(handler=lambda: {"fresh": 1})
    assert counter.ask(counter.pay()).get_json() == {"fresh": 1}


def test_unpaid_request_does_not_reach_the_handler() -> None:
    seen: list[str] = []
    counter = Counter(handler=lambda request: seen.append(request.path) or "text")
    counter.ask()
    counter.ask("!!")
    assert seen == []


def test_what_cannot_be_a_handler_is_refused() -> None:
    with pytest.raises(TypeError, match="a WSGI application or a callable, not 'text'"):
        view("", "text")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"takes 3 arguments"):
        view("", lambda one, two, three: None)
