"""Hostile and broken shops: an error names the reason and nothing is signed."""

from __future__ import annotations

import base64
import json
import logging
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pay_world import (
    FETCHERS,
    PROOF,
    SOLANA_WALLET,
    WALLET,
    Reply,
    Service,
    demand,
    encoded,
    offer,
    settled,
)

from boto3_agentcore_payments.errors import AgentCorePaymentsError
from boto3_agentcore_payments.pay import (
    MerchantRefused,
    NothingPayable,
    OutcomeUnknown,
    PaymentError,
)
from boto3_agentcore_payments.pay import protocols as rows
from boto3_agentcore_payments.pay.demands import Declined, Demand, Headers
from boto3_agentcore_payments.pay.protocols import Fees


def header(text: str) -> Reply:
    return Reply(402, {"PAYMENT-REQUIRED": text}, b"{}")


NONSENSE = {
    "not base64": header("!!!"),
    "not JSON": header(base64.b64encode(b"pay me").decode()),
    "a list": header(encoded([offer()])),
    "no version": header(encoded({"accepts": [offer()]})),
    "version 3": header(encoded({"x402Version": 3, "accepts": [offer()]})),
    "version true": header(encoded({"x402Version": True, "accepts": [offer()]})),
    "accepts no list": header(encoded({"x402Version": 2, "accepts": {"0": offer()}})),
    "accepts nothing": header(encoded({"x402Version": 2, "accepts": []})),
    "nested deeply": header(base64.b64encode(b'{"x402Version": 2, "a": ' + b"[" * 9000).decode()),
    "10000 offers": Reply(
        402, {}, json.dumps({"x402Version": 2, "accepts": [{}] * 10_000}).encode()
    ),
    "2 MiB of body": Reply(402, {}, b'{"x402Version": 2, "accepts": [' + b" " * 2 * 2**20),
    "HTML": Reply(402, {"Content-Type": "text/html"}, b"<html>x402Version</html>"),
    "no Unicode": Reply(402, {}, b'{"x402Version": 2, "accepts": "\xff"}'),
}

OFFERS = {
    "no object": "10000",
    "price a float": offer(amount=0.01),
    "price a number": offer(amount=10000),
    "price with a point": offer(amount="0.01"),
    "price negative": offer(amount="-10000"),
    "price with a sign": offer(amount="+10000"),
    "price zero": offer(amount="0"),
    "price empty": offer(amount=""),
    "price in other digits": offer(amount="\u0661\u0660\u0660\u0660\u0660"),
    "price in exponent form": offer(amount="1e4"),
    "price of 5000 digits": offer(amount="9" * 5000),
    "no price": offer(amount=None),
    "unknown asset": offer(asset="0x" + "0" * 40),
    "asset of another network": offer(asset="0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913"),
    "unknown network": offer(network="eip155:424242"),
    "Tempo by x402": offer(
        network="eip155:42431", asset="0x20c0000000000000000000000000000000000000"
    ),
    "unknown scheme": offer(scheme="batch-settlement"),
    "no recipient": offer(payTo=None),
    "no time": offer(maxTimeoutSeconds=None),
    "time a text": offer(maxTimeoutSeconds="60"),
    "time negative": offer(maxTimeoutSeconds=-1),
    "another payment flow": offer(extra={"paymentFlow": "escrow"}),
    "AWS Billing without a quote": offer(
        network="aws:base", asset="iso4217:USD", amount="0.01", extra={}
    ),
    "AWS Billing in euros": offer(network="aws:base", asset="iso4217:EUR", amount="0.01"),
}


@pytest.mark.parametrize("case", NONSENSE)
def test_a_402_of_nonsense_is_named_and_not_paid(fetch, new_payer, shop, service, case):
    shop.answer = lambda seen: NONSENSE[case]

    with pytest.raises(NothingPayable):
        fetch(new_payer(), shop.url)
    assert service.calls == []


@pytest.mark.parametrize("case", OFFERS)
def test_an_offer_that_is_not_understood_is_not_paid(new_payer, shop, service, case):
    shop.offers = [OFFERS[case]]

    with pytest.raises(NothingPayable) as caught:
        new_payer(max_price=10**30).pay(shop.url)
    assert len(caught.value.offers) == 1
    assert len(str(caught.value)) < 1000
    assert service.calls == []


@pytest.mark.parametrize("case", OFFERS)
def test_a_good_offer_beside_a_bad_one_is_paid(new_payer, shop, service, case):
    shop.offers = [OFFERS[case], offer()]

    assert new_payer().pay(shop.url).status_code == 200
    assert service.calls[0]["paymentInput"]["cryptoX402"]["payload"] == offer()


def test_a_price_without_end_is_above_the_ceiling(new_payer, shop, service):
    shop.offers = [offer(amount="9" * 24)]

    with pytest.raises(PaymentError, match="above max_price"):
        new_payer().pay(shop.url)
    assert service.calls == []


def test_the_error_lists_the_offers_and_why_each_was_not_taken(new_payer, shop):
    shop.offers = [offer(network="eip155:7"), offer(scheme="deferred")]

    with pytest.raises(NothingPayable) as caught:
        new_payer().pay(shop.url)
    assert caught.value.offers == (
        ("x402 exact on eip155:7", "the service does not pay x402 on this network"),
        ("x402 deferred on eip155:84532", "the service does not pay this scheme here"),
    )


@pytest.mark.parametrize("length", [100_000, 2**20])
def test_a_header_without_end_is_an_error(fetch, new_payer, shop, service, length):
    shop.answer = lambda seen: header("A" * length)

    with pytest.raises((AgentCorePaymentsError, requests.RequestException, httpx.HTTPError)):
        fetch(new_payer(), shop.url)
    assert service.calls == []


def test_a_header_of_a_mebibyte_is_refused_where_the_transport_lets_it_in():
    found = Demand(
        "GET", "https://a.example", Headers([("PAYMENT-REQUIRED", "A" * 2**20)]), b"", b""
    )

    (declined,) = rows.offers(found, Fees())

    assert isinstance(declined, Declined)
    assert "longer than 65536 characters" in declined.why


def test_another_price_after_payment_is_not_paid(fetch, new_payer, shop, service):
    shop.answer = lambda seen: demand(offer(amount="20000")) if seen.proof else demand()

    with pytest.raises(MerchantRefused, match="asks again"):
        fetch(new_payer(), shop.url)
    assert service.charged == 1


def test_another_price_on_a_retry_changes_nothing(new_payer, shop, service):
    replies = [Reply(drop=True), settled()]
    prices = iter(["10000", "40000"])
    shop.answer = lambda seen: replies.pop(0) if seen.proof else demand(offer(amount=next(prices)))
    payer = new_payer()
    with pytest.raises(OutcomeUnknown):
        payer.pay(shop.url)

    assert payer.pay(shop.url).status_code == 200
    assert shop.paid[1].proof["accepted"]["amount"] == "10000"


def test_a_merchant_that_never_settles_is_named(fetch, new_payer, shop, service):
    shop.answer = lambda seen: Reply(500) if seen.proof else demand()
    payer = new_payer()

    for _ in range(3):
        with pytest.raises(OutcomeUnknown, match="HTTP 500"):
            fetch(payer, shop.url)
    assert service.charged == 1


def test_a_failed_settlement_is_named_with_its_reason(fetch, new_payer, shop):
    failed = {
        "success": False,
        "errorReason": "insufficient_funds",
        "transaction": "",
        "network": "eip155:84532",
    }
    shop.answer = lambda seen: (
        Reply(402, {"PAYMENT-RESPONSE": encoded(failed)}, b"{}") if seen.proof else demand()
    )
    payer = new_payer()

    with pytest.raises(MerchantRefused, match="insufficient_funds"):
        fetch(payer, shop.url)
    assert payer.receipts[0].settled is False


@pytest.mark.parametrize("value", ["!!!", encoded([]), encoded({"success": "maybe"})])
def test_a_malformed_settlement_does_not_count_as_settled(new_payer, shop, value):
    shop.answer = lambda seen: Reply(200, {"PAYMENT-RESPONSE": value}) if seen.proof else demand()
    payer = new_payer()

    assert payer.pay(shop.url).content == b"content"
    assert payer.receipts[0].settled is False


def test_a_proof_that_the_merchant_sends_back_is_in_no_message_log_or_repr(
    fetch, new_payer, shop, caplog
):
    caplog.set_level(logging.DEBUG)

    def echo(seen):
        if seen.proof is None:
            return demand()
        sent = seen.headers["payment-signature"]
        return demand(error=f"bad proof {PROOF} {sent}\x1b[31m")

    shop.answer = echo
    payer = new_payer(journal=None)

    with pytest.raises(MerchantRefused) as caught:
        fetch(payer, shop.url)
    sent = shop.paid[0].headers["payment-signature"]
    shown = [
        str(caught.value),
        repr(caught.value),
        repr(payer.receipts),
        repr(payer),
        repr(payer._core.book._open),
        caplog.text,
        caught.value.reason,
    ]
    for text in shown:
        assert PROOF not in text
        assert sent not in text
        assert "\x1b" not in text


def test_a_password_in_the_url_is_in_no_message_receipt_or_journal(
    fetch, new_payer, shop, tmp_path
):
    shop.answer = lambda seen: Reply(503) if seen.proof else demand()
    payer = new_payer(journal=tmp_path / "journal")
    url = shop.url.replace("://", "://alice:hunter2@")

    with pytest.raises(OutcomeUnknown) as caught:
        fetch(payer, url)

    assert shop.paid[0].headers["authorization"] == "Basic YWxpY2U6aHVudGVyMg=="
    shown = [str(caught.value), repr(caught.value.quote), repr(payer.receipts)]
    assert "hunter2" not in "".join(shown)
    assert payer.receipts[0].url == shop.url
    assert b"hunter2" not in (tmp_path / "journal").read_bytes()


def test_a_lost_answers_cause_holds_no_proof(new_payer, shop):
    shop.answer = lambda seen: Reply(drop=True) if seen.proof else demand()

    with pytest.raises(OutcomeUnknown) as caught:
        FETCHERS["requests"](new_payer(), shop.url)
    assert "PAYMENT-SIGNATURE" not in caught.value.__cause__.request.headers


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
        max_leaves=12,
    ),
    st.sampled_from(sorted(offer())),
)
def test_no_value_of_any_member_breaks_the_reading(value, member):
    changed = {**offer(), member: value}
    found = Demand(
        "GET",
        "https://shop.example/",
        Headers([("PAYMENT-REQUIRED", encoded({"x402Version": 2, "accepts": [changed]}))]),
        b"",
        b"",
    )

    for each in rows.offers(found, Fees()):
        if not isinstance(each, Declined):
            assert each.amount > 0
            assert each.network == "eip155:84532"


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200), st.text(st.characters(min_codepoint=32, max_codepoint=255)))
def test_no_bytes_break_the_reading(body, text):
    for name in ("PAYMENT-REQUIRED", "WWW-Authenticate"):
        found = Demand(
            "GET", "https://shop.example/", Headers([(name, text)]), b"x402Version" + body, b""
        )
        for each in rows.offers(found, Fees()):
            assert isinstance(each, Declined)


def test_importing_pay_loads_neither_x402_nor_pympp_nor_a_client():
    code = (
        "import sys; from boto3_agentcore_payments.pay import Payer; "
        "print(sorted({'x402', 'mpp', 'requests', 'httpx', 'pydantic', 'jwt'} & set(sys.modules)))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert ran.stdout.strip() == "[]"


def test_a_free_request_loads_neither_x402_nor_pympp(shop):
    code = f"""
import sys
from pathlib import Path
from boto3_agentcore_payments.pay import Payer
payer = Payer(
    object(), payment_manager_arn="arn", payment_session_id="s", payment_instrument_ids=["i"],
    max_price="0.05",
)
print(payer.pay({shop.url!r}).status_code, sorted({{"x402", "mpp"}} & set(sys.modules)))
"""
    shop.answer = lambda seen: Reply()
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert ran.stdout.strip() == "200 []"


def test_a_protocol_whose_library_is_missing_is_named(new_payer, shop, monkeypatch):
    for name in list(sys.modules):
        if name.startswith("boto3_agentcore_payments.pay.protocols."):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "x402", None)

    with pytest.raises(NothingPayable, match=r"pip install 'boto3-agentcore-payments\[pay\]'"):
        new_payer().pay(shop.url)


def test_a_solana_offer_is_paid_by_the_solana_wallet(new_payer, shop):
    signed = Service()
    signed.wallets = {WALLET: "ETHEREUM", SOLANA_WALLET: "SOLANA"}
    shop.offers = [
        offer(
            network="solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1",
            asset="4zMMC9srt5Ri5X14GAgXhaHii3GnPAEERYPJgZJDncDU",
            payTo="9xQeWvG816bUx9EPjHmaT23yvVM2ZWbrrpZb9PusVFin",
            extra={"feePayer": "9xQeWvG816bUx9EPjHmaT23yvVM2ZWbrrpZb9PusVFin"},
        )
    ]
    payer = new_payer(signed, payment_instrument_ids=[WALLET, SOLANA_WALLET])

    payer.pay(shop.url)

    assert signed.calls[0]["paymentInstrumentId"] == SOLANA_WALLET


@pytest.mark.parametrize(
    "extensions",
    [
        {"payment-identifier": {"info": {"required": True}, "schema": "\ud800"}},
        {"payment-identifier": "yes", "odd": "\ud800"},
    ],
)
def test_offer_that_no_payment_header_can_carry_is_refused_before_paying(
    new_payer, shop, service, extensions
):
    shop.extensions = extensions

    with pytest.raises(NothingPayable, match="no payment header can be built"):
        new_payer().pay(shop.url)
    assert service.calls == []


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.dictionaries(
        st.sampled_from(["payment-identifier", "mppx", "bazaar"]),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=8),
            lambda inner: st.dictionaries(
                st.sampled_from(["info", "schema", "required", "id"]), inner, max_size=3
            ),
            max_leaves=6,
        ),
    ),
    st.dictionaries(st.sampled_from(["url", "description", "mimeType"]), st.text() | st.integers()),
)
def test_a_402_is_refused_before_paying_or_its_proof_can_be_sent(extensions, resource):
    from boto3_agentcore_payments.pay import choice

    document = {
        "x402Version": 2,
        "accepts": [offer()],
        "extensions": extensions,
        "resource": resource,
    }
    found = Demand(
        "GET",
        "https://shop.example/",
        Headers([("PAYMENT-REQUIRED", encoded(document))]),
        b"",
        b"",
    )
    for each in rows.offers(found, Fees()):
        if isinstance(each, Declined) or not choice._is_presentable(each, found):
            continue
        proof = {"signature": PROOF, "authorization": {"from": "0x1"}}
        headers = rows.protocol_of(each.payment_type).headers(
            each, proof, method="GET", url=found.url, token="t" * 36, key=None
        )
        assert PROOF in base64.b64decode(headers["PAYMENT-SIGNATURE"]).decode()


def test_the_libraries_of_the_extra_are_enough_for_every_402(shop):
    """A merchant's extension must not need what only the other extras bring."""
    code = f"""
import sys
from pathlib import Path
for name in ("web3", "eth_account", "eth_abi", "solders", "flask", "fastapi", "nacl", "siwe"):
    sys.modules[name] = None
sys.path.insert(0, {str(Path(__file__).parent)!r})
from pay_world import ARN, SESSION, WALLET, Service
from boto3_agentcore_payments.pay import Payer
with Payer(
    Service(), payment_manager_arn=ARN, payment_session_id=SESSION, payment_instrument_ids=[WALLET],
    max_price="0.05", allow_private=True,
) as payer:
    print(payer.pay({shop.url!r}).status_code)
"""
    shop.extensions = {"payment-identifier": {"info": {"required": True}, "schema": {}}}
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert ran.stdout.strip() == "200", ran.stderr
    assert shop.paid[0].proof["extensions"]["payment-identifier"]["info"]["id"]
