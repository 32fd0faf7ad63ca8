"""The tool for a model: what it returns in each case."""

from __future__ import annotations

import inspect

import pytest
from pay_world import PROOF, Reply, demand, offer, service_error

from boto3_agentcore_payments.pay import fetch_tool


def test_content_is_returned(new_payer, shop):
    assert fetch_tool(new_payer())(shop.url) == "content"


def test_long_content_is_cut(new_payer, shop):
    shop.answer = lambda _: Reply(body=b"x" * 100)
    assert fetch_tool(new_payer(), max_characters=10)(shop.url) == (
        "xxxxxxxxxx\n[cut after 10 characters]"
    )


def test_policy_refusal_says_that_nothing_was_paid(new_payer, shop):
    said = fetch_tool(new_payer(max_price="0.001"))(shop.url)
    assert said.startswith("Refused: ")
    assert said.endswith("Nothing was paid. Only a person can change this; tell the user.")


@pytest.mark.parametrize(
    "message", ["Insufficient budget for session s", "Payment session not found: s"]
)
def test_refusal_of_the_session_is_for_a_person(new_payer, shop, service, message):
    service.before.append(service_error("ValidationException", message))
    said = fetch_tool(new_payer())(shop.url)
    assert said.startswith("Refused: ")
    assert message in said


def test_lost_answer_says_that_the_same_url_goes_on(new_payer, shop, service):
    service.after.append(service_error("InternalServerException", status=500))
    fetch = fetch_tool(new_payer())
    said = fetch(shop.url)
    assert said.startswith("Unknown: ")
    assert said.endswith("goes on with the same payment and does not pay twice.")
    assert fetch(shop.url) == "content"
    assert service.charged == 1


def test_merchant_that_asks_again_is_not_to_be_paid_again(new_payer, shop):
    shop.answer = lambda _: demand(offer())
    said = fetch_tool(new_payer())(shop.url)
    assert said.startswith("Failed: ")
    assert said.endswith("Do not buy it again; tell the user.")


def test_error_of_the_merchant_is_its_status(new_payer, shop):
    shop.answer = lambda _: Reply(404, body=b"no such page")
    assert fetch_tool(new_payer())(shop.url) == "Failed: HTTP 404. no such page"


@pytest.mark.parametrize("url", ["", "nonsense", "ftp://shop.example/", "http://", "http://[::"])
def test_invalid_url_is_explained_in_words(new_payer, url):
    assert fetch_tool(new_payer())(url).endswith("Nothing was paid.")


def test_no_proof_is_returned(new_payer, shop):
    shop.answer = lambda seen: demand(offer(), error=f"bad {PROOF}")
    assert PROOF not in fetch_tool(new_payer())(shop.url)


def test_frameworks_find_a_name_a_schema_and_a_description(new_payer):
    fetch = fetch_tool(new_payer())
    assert fetch.__name__ == "fetch"
    assert list(inspect.signature(fetch).parameters) == ["url"]
    assert inspect.getdoc(fetch).startswith("Fetch a URL.")
