"""Every client pays once and returns what it should; a proof goes nowhere else."""

from __future__ import annotations

import asyncio
import copy
import io
import json
import pickle
import socket
import threading
from decimal import Decimal

import httpx
import pytest
import requests
from pay_world import (
    FETCHERS,
    NETWORK,
    PAY_TO,
    PROOF,
    USDC,
    Reply,
    demand,
    encoded,
    offer,
    settled,
)

from boto3_agentcore_payments.pay import (
    BodyNotRepeatable,
    MerchantRefused,
    NotAllowed,
    NothingPayable,
    OverCeiling,
    PaymentError,
)


def test_a_402_is_paid_and_its_content_handed_on(fetch, new_payer, shop, service):
    payer = new_payer()

    got = fetch(payer, shop.url)

    assert (got.status, got.content) == (200, b"content")
    assert service.charged == 1
    assert len(shop.seen) == 2


def test_the_receipt_says_what_was_paid_to_whom(fetch, new_payer, shop, service):
    payer = new_payer()

    fetch(payer, shop.url)

    (receipt,) = payer.receipts
    assert receipt.amount == Decimal("0.01")
    assert receipt.settled is True
    assert (receipt.asset, receipt.pay_to, receipt.network) == (USDC, PAY_TO, NETWORK)
    assert (receipt.url, receipt.method, receipt.protocol) == (shop.url, "GET", "x402")
    assert receipt.process_payment_id == next(iter(service.answers.values()))["processPaymentId"]
    assert receipt.transaction == "0xabc"
    assert receipt.at.tzinfo is not None


def test_free_content_is_passed_on_without_payment(fetch, new_payer, shop, service):
    shop.answer = lambda seen: Reply(200, {"X-Shop": "free"}, b"free")
    payer = new_payer()

    got = fetch(payer, shop.url)

    assert (got.content, got.headers["X-Shop"]) == (b"free", "free")
    assert payer.receipts == []
    assert service.calls == []


@pytest.mark.parametrize("status", [401, 404, 500])
def test_an_error_that_asks_for_no_payment_is_handed_on(fetch, new_payer, shop, service, status):
    shop.answer = lambda seen: Reply(status, {}, b"no")

    assert fetch(new_payer(), shop.url).status == status
    assert service.calls == []


def test_the_service_is_given_the_offer_unchanged(new_payer, shop, service):
    shop.offers = [offer(extra={"name": "USDC", "version": "2", "merchant": {"own": [1, None]}})]

    new_payer().pay(shop.url)

    (call,) = service.calls
    assert call["paymentType"] == "CRYPTO_X402"
    assert call["paymentInput"] == {"cryptoX402": {"version": "2", "payload": shop.offers[0]}}
    assert call["userId"] == "alice"


def test_without_a_user_no_user_id_is_sent(new_payer, shop, service):
    new_payer(user_id=None).pay(shop.url)

    assert "userId" not in service.calls[0]


def test_a_body_is_sent_again_with_the_payment(fetch, new_payer, shop):
    got = fetch(
        new_payer(), shop.url, method="POST", body=b'{"q": 1}', headers={"Content-Type": "text/x"}
    )

    assert got.status == 200
    assert [seen.body for seen in shop.seen] == [b'{"q": 1}', b'{"q": 1}']
    assert shop.paid[0].headers["content-type"] == "text/x"


def test_a_file_is_rewound_for_the_payment(new_payer, shop):
    payer = new_payer()

    with payer.requests_session() as http:
        http.post(shop.url, data=io.BytesIO(b"a file"))

    assert [seen.body for seen in shop.seen] == [b"a file", b"a file"]


def test_a_payment_sends_the_bytes_that_were_asked_for_whatever_became_of_the_file(
    new_payer, shop, service
):
    file = io.BytesIO(b"a file")

    with new_payer(approve=lambda quote: file.close() or True).requests_session() as http:
        assert http.post(shop.url, data=file).status_code == 200

    assert [seen.body for seen in shop.seen] == [b"a file", b"a file"]
    assert service.charged == 1


def test_neither_a_payer_nor_a_session_that_pays_is_pickled_or_copied(new_payer):
    payer = new_payer()

    for copied in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="a Payer cannot be pickled or copied"):
            copied(payer)
        with pytest.raises(TypeError, match="a session that pays cannot be pickled"):
            copied(payer.requests_session())


def test_receipts_quotes_and_errors_can_be_pickled(new_payer, shop):
    payer = new_payer()
    payer.pay(shop.url)
    quote, (receipt,) = payer.quote(shop.url), payer.receipts
    with pytest.raises(OverCeiling) as caught:
        new_payer(max_price="0.001").pay(shop.url)

    error, again = pickle.loads(pickle.dumps((caught.value, [quote, receipt])))  # noqa: S301

    assert (str(error), error.quote) == (str(caught.value), caught.value.quote)
    assert again == [quote, receipt]


def test_a_stream_that_cannot_be_sent_again_is_refused_before_paying(new_payer, shop, service):
    def chunks():
        yield b"a "
        yield b"stream"

    shop.answer = lambda seen: demand()
    with new_payer().httpx_client() as http, pytest.raises(BodyNotRepeatable, match="stream"):
        http.post(shop.url, content=chunks())
    assert service.calls == []


def test_version_1_is_paid_by_its_own_header(fetch, new_payer, shop, service):
    requirement = {
        "scheme": "exact",
        "network": "base-sepolia",
        "maxAmountRequired": "10000",
        "resource": shop.url,
        "description": "A report",
        "mimeType": "text/plain",
        "payTo": PAY_TO,
        "maxTimeoutSeconds": 60,
        "asset": USDC,
        "extra": {"name": "USDC", "version": "2"},
    }
    body = json.dumps({"x402Version": 1, "error": "pay", "accepts": [requirement]}).encode()
    shop.answer = lambda seen: settled() if seen.proof else Reply(402, {}, body)
    payer = new_payer()

    assert fetch(payer, shop.url).content == b"content"
    proof = shop.paid[0].proof
    assert (proof["x402Version"], proof["scheme"], proof["network"]) == (
        1,
        "exact",
        "base-sepolia",
    )
    assert "x-payment" in shop.paid[0].headers
    assert payer.receipts[0].network == NETWORK
    assert service.calls[0]["paymentInput"]["cryptoX402"]["version"] == "1"


def test_version_2_in_a_body_is_paid(fetch, new_payer, shop):
    body = json.dumps({"x402Version": 2, "accepts": [offer()]}).encode()
    shop.answer = lambda seen: settled() if seen.proof else Reply(402, {}, body)

    assert fetch(new_payer(), shop.url).content == b"content"


def test_a_payment_identifier_is_sent_where_it_is_announced(new_payer, shop, service):
    shop.extensions = {
        "payment-identifier": {"info": {"required": False}, "schema": {"type": "object"}}
    }

    new_payer().pay(shop.url)

    info = shop.paid[0].proof["extensions"]["payment-identifier"]["info"]
    assert info == {"required": False, "id": service.calls[0]["clientToken"]}


def test_a_402_after_a_redirect_is_judged_by_its_own_origin(fetch, new_payer, shops, service):
    first, second = shops(), shops()
    first.answer = lambda seen: Reply(302, {"Location": second.url}, b"")
    payer = new_payer(allowed_origins=[second.origin])

    assert fetch(payer, first.url).content == b"content"
    assert payer.receipts[0].url == second.url
    assert [seen.proof for seen in first.seen] == [None]


@pytest.mark.parametrize("status", [302, 307, 308])
def test_a_proof_is_not_sent_to_where_the_merchant_redirects(
    fetch, new_payer, shops, service, status
):
    merchant, thief = shops(), shops()
    merchant.answer = lambda seen: (
        Reply(status, {"Location": thief.url}, b"") if seen.proof else demand()
    )

    with pytest.raises(MerchantRefused, match="redirected the paid request to " + thief.origin):
        fetch(new_payer(), merchant.url)
    assert thief.seen == []
    assert service.charged == 1


def test_a_merchant_that_settled_may_send_the_buyer_elsewhere(fetch, new_payer, shops, service):
    merchant, store = shops(), shops()
    merchant.answer = lambda seen: settled(b"", 303, Location=store.url) if seen.proof else demand()
    store.answer = lambda seen: Reply(200, {}, b"the file")

    assert fetch(new_payer(), merchant.url).content == b"the file"
    assert store.seen[0].proof is None
    assert PROOF.encode() not in json.dumps(store.seen[0].headers).encode()


def test_a_402_behind_a_paid_redirect_is_not_paid(fetch, new_payer, shops, service):
    merchant, other = shops(), shops()
    merchant.answer = lambda seen: settled(b"", 303, Location=other.url) if seen.proof else demand()

    with pytest.raises(MerchantRefused, match="after the request was paid"):
        fetch(new_payer(), merchant.url)
    assert service.charged == 1


def test_a_streamed_answer_is_handed_on_as_it_comes(new_payer, shop):
    chunked = {"Transfer-Encoding": "chunked"}
    shop.settling = [settled(b"a stream", **chunked), settled(b"another", **chunked)]
    payer = new_payer()

    with payer.requests_session() as http, http.get(shop.url, stream=True) as got:
        assert b"".join(got.iter_content(3)) == b"a stream"
    with payer.httpx_client() as http, http.stream("GET", shop.url) as got:
        assert b"".join(got.iter_bytes()) == b"another"
    assert [receipt.settled for receipt in payer.receipts] == [True, True]


def test_an_asynchronous_stream_is_handed_on_as_it_comes(new_payer, shop):
    shop.settling = [settled(b"a stream", **{"Transfer-Encoding": "chunked"})]

    async def get(payer):
        async with payer.async_httpx_client() as http, http.stream("GET", shop.url) as got:
            return b"".join([chunk async for chunk in got.aiter_bytes()])

    assert asyncio.run(get(new_payer())) == b"a stream"


def test_the_answers_request_holds_no_proof(new_payer, shop):
    with new_payer().requests_session() as http:
        got = http.get(shop.url)

    assert "PAYMENT-SIGNATURE" not in got.request.headers


def test_a_compressed_answer_is_decoded(fetch, new_payer, shop):
    import gzip

    packed = gzip.compress(b"content")
    shop.settling = [settled(packed, **{"Content-Encoding": "gzip"})]

    assert fetch(new_payer(), shop.url).content == b"content"


def test_cookies_of_the_shop_reach_the_session(new_payer, shop):
    shop.settling = [settled(**{"Set-Cookie": "customer=7"})]

    with new_payer().requests_session() as http:
        http.get(shop.url)
        assert http.cookies["customer"] == "7"


def test_pay_takes_the_arguments_of_requests(new_payer, shop):
    got = new_payer().pay(shop.url, method="POST", json={"q": 1}, timeout=5)

    assert got.status_code == 200
    assert json.loads(shop.paid[0].body) == {"q": 1}


def test_a_quote_states_the_price_and_pays_nothing(new_payer, shop, service):
    quote = new_payer().quote(shop.url)

    assert (quote.amount, quote.pay_to, quote.network) == (Decimal("0.01"), PAY_TO, NETWORK)
    assert quote.refusal is None
    assert service.calls == []
    assert shop.paid == []


def test_a_quote_over_the_ceiling_says_so(new_payer, shop):
    quote = new_payer(max_price="0.001").quote(shop.url)

    assert quote.amount == Decimal("0.01")
    assert "above max_price=0.001" in quote.refusal


def test_the_quote_of_free_content_is_none(new_payer, shop):
    shop.answer = lambda seen: Reply()

    assert new_payer().quote(shop.url) is None


def test_remaining_asks_the_service(new_payer):
    assert new_payer().remaining() == Decimal("0.97")


def test_a_402_that_speaks_no_protocol_is_named(fetch, new_payer, shop):
    shop.answer = lambda seen: Reply(402, {}, b"Pay at the desk.")

    with pytest.raises(NothingPayable, match="speaks no protocol"):
        fetch(new_payer(), shop.url)


def test_a_plain_wsgi_or_asgi_shop_is_paid_where_private_ones_are_allowed(new_payer, service):
    def shop(environ, start):
        if environ.get("HTTP_PAYMENT_SIGNATURE"):
            start("200 OK", [("Content-Type", "text/plain")])
            return [b"content"]
        document = {"x402Version": 2, "accepts": [offer()]}
        start("402 Payment Required", [("PAYMENT-REQUIRED", encoded(document))])
        return [b"{}"]

    with new_payer().httpx_client(transport=httpx.WSGITransport(app=shop)) as http:
        assert http.get("http://shop.example/").text == "content"
    assert service.charged == 1


def test_one_purchase_id_is_not_for_two_requests(new_payer, shop, service):
    shop.answer = lambda seen: Reply(drop=True) if seen.proof else demand()
    payer = new_payer()
    with pytest.raises(PaymentError):
        payer.pay(shop.url, purchase_id="order-1")

    with pytest.raises(PaymentError, match="purchase_id 'order-1' is open for GET"):
        payer.pay(shop.origin + "/other", purchase_id="order-1")
    assert service.charged == 1


@pytest.mark.parametrize("name", FETCHERS)
def test_many_threads_may_share_a_payer(new_payer, shop, service, name):
    payer = new_payer()
    got = []
    threads = [
        threading.Thread(target=lambda n=n: got.append(FETCHERS[name](payer, f"{shop.url}?{n}")))
        for n in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [each.content for each in got] == [b"content"] * 8
    assert service.charged == 8


def test_a_connection_that_was_reset_has_no_address_to_check(new_payer, service):
    class Reset:
        def get_extra_info(self, name):
            raise OSError(107, "Transport endpoint is not connected")

    def answer(request):
        document = {"x402Version": 2, "accepts": [offer()]}
        return httpx.Response(
            402,
            headers={"PAYMENT-REQUIRED": encoded(document)},
            extensions={"network_stream": Reset()},
        )

    transport = httpx.MockTransport(answer)
    with (
        new_payer(allow_private=False).httpx_client(transport=transport) as http,
        pytest.raises(NotAllowed, match="cannot be checked"),
    ):
        http.get("https://shop.example/")
    assert service.calls == []


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_connection_error_names_urllib3s_own_classes(new_payer, scheme):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        with pytest.raises(requests.ConnectionError) as raised:
            new_payer().pay(f"{scheme}://127.0.0.1:{port}/")

    pool = f"{scheme.upper()}ConnectionPool(host='127.0.0.1', port={port})"
    assert str(raised.value).startswith(f"{pool}: Max retries exceeded with url: / ")
    assert f"{scheme.upper()}Connection" in str(raised.value).removeprefix(pool)
    assert "_Peer" not in str(raised.value)
