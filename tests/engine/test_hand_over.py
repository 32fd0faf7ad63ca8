"""Addresses for a person: they lead nowhere, or to the pages of the server that has them."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from boto3_agentcore_payments.emulator.engine import hand_over, quick_create, saved

HERE, THERE = "http://127.0.0.1:5005", "https://payments.test"
QUICK = {"provisionMode": "QUICK_CREATE", "credentialProviderConfigurations": []}


def redirect_url(instrument):
    url: str = instrument["paymentInstrumentDetails"]["embeddedCryptoWallet"]["redirectUrl"]
    return url


def get_instrument(shop, instrument_id):
    params = shop.of("alice", paymentInstrumentId=instrument_id)
    return shop.call("GetPaymentInstrument", **params)["paymentInstrument"]


def get_connector(shop, connector_id):
    ids = {"paymentManagerId": shop.manager_id, "paymentConnectorId": connector_id}
    return shop.call("GetPaymentConnector", **ids)


def request_uri(url):
    (found,) = parse_qs(urlsplit(url).query)["request_uri"]
    return found


def test_a_wallet_s_address_leads_to_the_server_s_wallet_hub(shop):
    shop.state.pages.address = HERE
    made = shop.create_instrument()
    assert re.fullmatch(rf"{HERE}/agentcore-payments/wallet-hub/[0-9a-f]{{12}}", redirect_url(made))
    assert redirect_url(get_instrument(shop, made["paymentInstrumentId"])) == redirect_url(made)


def test_a_quick_create_s_address_leads_to_the_server_s_consent(shop):
    known = shop.create_connector(shop.manager_id, **QUICK)
    shop.state.pages.address = HERE
    url = get_connector(shop, known["paymentConnectorId"])["authorizationUrl"]
    recorded = urlsplit(known["authorizationUrl"])
    assert url == f"{HERE}{recorded.path}?{recorded.query}"
    made = shop.create_connector(shop.manager_id, **QUICK)["authorizationUrl"]
    assert made.startswith(f"{HERE}/identities/oauth2/authorize?request_uri=urn%3Aietf%3A")


def test_an_answer_that_is_repeated_leads_to_where_the_pages_are_now(shop):
    shop.state.pages.address = HERE
    asked = {"clientToken": shop.token()}
    first = redirect_url(shop.create_instrument(**asked))
    shop.state.pages.address = THERE
    assert redirect_url(shop.create_instrument(**asked)) == first.replace(HERE, THERE)
    shop.state.pages.address = None
    assert redirect_url(shop.create_instrument(**asked)).startswith("https://hub.cdp.coinbase.inv")


def test_what_is_kept_of_a_state_does_not_name_the_server(shop):
    shop.state.pages.address = HERE
    shop.create_instrument()
    shop.create_connector(shop.manager_id, **QUICK)
    rows = saved.rows(shop.state)
    assert [key for key, text in rows.items() if "127.0.0.1" in text] == []
    answers = [bytes.fromhex(kept_bytes(text)) for key, text in rows.items() if key[0] == "answer"]
    assert [answer for answer in answers if b"127.0.0.1" in answer] == []
    assert any(b"hub.cdp.coinbase.invalid" in answer for answer in answers)


def kept_bytes(text):
    (content,) = re.findall(r'"of":"([0-9a-f]+)"', text)
    return content


def test_a_wallet_is_found_by_its_link(shop):
    made = shop.create_instrument()
    link = redirect_url(made).rpartition("/")[2]
    found = hand_over.require_wallet(shop.state, link)
    assert found.identifier == made["paymentInstrumentId"]


def test_a_deleted_wallet_has_no_link(shop, refused):
    made = shop.create_instrument()
    link = redirect_url(made).rpartition("/")[2]
    shop.call(
        "DeletePaymentInstrument",
        **shop.of("alice", paymentInstrumentId=made["paymentInstrumentId"]),
    )
    with refused("ResourceNotFoundException", "No wallet has this link"):
        hand_over.require_wallet(shop.state, link)


@pytest.mark.parametrize("link", ["", "0" * 12])
def test_an_unknown_link_is_not_found(shop, refused, link):
    with refused("ResourceNotFoundException", "No wallet has this link"):
        hand_over.require_wallet(shop.state, link)


def test_a_consent_is_found_by_its_request_also_once_it_was_given(shop):
    made = shop.create_connector(shop.manager_id, **QUICK)
    asked = request_uri(made["authorizationUrl"])
    assert asked.startswith("urn:ietf:params:oauth:request_uri:")
    for _ in range(2):
        found = hand_over.require_consent(shop.state, asked)
        assert found.identifier == made["paymentConnectorId"]
        if found.authorization_ends is not None:
            quick_create.approve_authorization(shop.state, found.identifier)


@pytest.mark.parametrize("asked", ["", "urn:ietf:params:oauth:request_uri:", "request_uri"])
def test_an_unknown_request_is_not_found(shop, refused, asked):
    shop.create_connector(shop.manager_id, **QUICK)
    with refused("ResourceNotFoundException", "No connector waits for this consent"):
        hand_over.require_consent(shop.state, asked)
