"""Each rule refuses before ProcessPayment is called, and says what to change."""

from __future__ import annotations

import asyncio
import dataclasses
import socket
import threading
from decimal import Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pay_world import ARN, NETWORK, PAY_TO, SESSION, SOLANA_WALLET, WALLET, demand, offer

from boto3_agentcore_payments.errors import AgentCorePaymentsError
from boto3_agentcore_payments.pay import (
    NotAllowed,
    NotApproved,
    NothingPayable,
    OverCeiling,
    OverTotal,
    Payer,
    PolicyRefusal,
)
from boto3_agentcore_payments.pay.destinations import is_public
from boto3_agentcore_payments.pay.policy import Total, dollars


def yes(_):
    return True


def no(_):
    return False


async def later(_):
    return True


REFUSALS = {
    "ceiling": ({"max_price": "0.009"}, OverCeiling, "above max_price=0.009.*raise max_price"),
    "total": ({"max_total": "0.009"}, OverTotal, "max_total=0.009"),
    "origin": ({"allowed_origins": ["https://shop.example"]}, NotAllowed, "allowed_origins"),
    "no origin": ({"allowed_origins": []}, NotAllowed, "allowed_origins"),
    "recipient": ({"allowed_recipients": ["0x" + "0" * 40]}, NotAllowed, "allowed_recipients"),
    "network": ({"allowed_networks": ["base"]}, NotAllowed, "allowed_networks"),
    "private": ({"allow_private": False}, NotAllowed, "private address 127.0.0.1; allow_private"),
    "approve": ({"approve": no}, NotApproved, "approve did not return True"),
    "approve says 1": ({"approve": lambda _: 1}, NotApproved, "approve did not return True"),
    "pre_sign_policy": ({"pre_sign_policy": no}, NotApproved, "pre_sign_policy did not return"),
    "pre_sign_policy says yes": (
        {"pre_sign_policy": lambda _: "yes"},
        NotApproved,
        "pre_sign_policy did not return True",
    ),
    "pre_sign_policy raises": (
        {"pre_sign_policy": lambda asked: asked["no such"]},
        NotApproved,
        "pre_sign_policy raised KeyError",
    ),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_each_rule_refuses_before_anything_is_signed(fetch, new_payer, shop, service, case):
    options, error, message = REFUSALS[case]
    payer = new_payer(**options)

    with pytest.raises(error, match=message) as caught:
        fetch(payer, shop.url)

    assert isinstance(caught.value, PolicyRefusal)
    assert isinstance(caught.value, AgentCorePaymentsError)
    assert service.calls == []
    assert shop.paid == []
    assert payer.receipts == []


def test_a_refusal_by_price_carries_the_quote(new_payer, shop):
    with pytest.raises(OverCeiling) as caught:
        new_payer(max_price="0.001").pay(shop.url)

    assert caught.value.quote.amount == Decimal("0.01")
    assert caught.value.quote.url == shop.url


def test_a_price_at_the_ceiling_is_paid(new_payer, shop):
    assert new_payer(max_price=Decimal("0.010")).pay(shop.url).status_code == 200


def test_allowed_names_match_in_any_spelling(new_payer, shop):
    payer = new_payer(
        allowed_origins=[shop.origin + "/"],
        allowed_recipients=[PAY_TO.upper().replace("0X", "0x")],
        allowed_networks=["base-sepolia"],
        approve=yes,
        pre_sign_policy=yes,
    )

    assert payer.pay(shop.url).status_code == 200


def test_the_first_offer_within_the_policy_is_taken(new_payer, shop, service):
    shop.offers = [
        offer(network="eip155:1", asset="0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48"),
        offer(amount="60000"),
        offer(amount="20000"),
        offer(amount="10000"),
    ]

    new_payer(allowed_networks=[NETWORK]).pay(shop.url)

    assert service.calls[0]["paymentInput"]["cryptoX402"]["payload"]["amount"] == "20000"


def test_the_order_can_be_replaced(new_payer, shop, service):
    shop.offers = [offer(amount="20000"), offer(amount="10000")]

    new_payer(order=lambda quote: quote.amount).pay(shop.url)

    assert service.calls[0]["paymentInput"]["cryptoX402"]["payload"]["amount"] == "10000"


def test_the_wallet_that_can_pay_the_offer_pays(new_payer, shop, service):
    new_payer(payment_instrument_ids=[SOLANA_WALLET, WALLET]).pay(shop.url)

    assert service.calls[0]["paymentInstrumentId"] == WALLET


def test_a_wallet_of_another_network_cannot_pay(new_payer, shop):
    with pytest.raises(NothingPayable, match="no instrument of the list is for ETHEREUM") as caught:
        new_payer(payment_instrument_ids=[SOLANA_WALLET]).pay(shop.url)
    assert caught.value.offers[0][0] == f"x402 exact on {NETWORK}"


def test_an_unknown_wallet_in_the_list_does_not_keep_the_others_from_paying(new_payer, shop):
    payer = new_payer(payment_instrument_ids=["payment-instrument-unknownunknown1", WALLET])

    assert payer.pay(shop.url).status_code == 200


def test_approve_sees_the_quote(new_payer, shop):
    seen = []

    new_payer(approve=lambda quote: not seen.append(quote)).pay(shop.url)

    assert seen[0].amount == Decimal("0.01")
    assert seen[0].payment_instrument_id == WALLET


def test_approve_may_be_asynchronous_in_the_asynchronous_client(new_payer, shop):
    async def get():
        async with new_payer(approve=later).async_httpx_client() as http:
            return await http.get(shop.url)

    assert asyncio.run(get()).text == "content"


def test_an_asynchronous_approve_is_refused_elsewhere(new_payer, shop, service):
    with pytest.raises(NotApproved, match="only async_httpx_client"):
        new_payer(approve=later).pay(shop.url)
    assert service.calls == []


def test_an_error_of_approve_reaches_the_caller_and_reserves_nothing(new_payer, shop, service):
    def broken(_):
        raise ZeroDivisionError

    payer = new_payer(approve=broken, max_total="0.01")
    with pytest.raises(ZeroDivisionError):
        payer.pay(shop.url)

    payer._core.policy.approve = None
    assert payer.pay(shop.url).status_code == 200


def test_pre_sign_policy_is_given_what_awss_sdk_gives(new_payer, shop):
    seen = []

    new_payer(pre_sign_policy=lambda asked: seen.append(asked) or True).pay(shop.url)

    (asked,) = seen
    assert asked["statusCode"] == 402
    assert isinstance(asked["headers"], dict)
    assert asked["headers"]["Payment-Required"] == asked["headers"].get("payment-required")
    assert asked["body"] == "{}"


def test_awss_sdk_reads_what_pre_sign_policy_is_given(new_payer, shop):
    payments = pytest.importorskip("bedrock_agentcore.payments.mpp")
    new_payer(pre_sign_policy=lambda asked: payments.is_mpp_payment_required(asked) is False).pay(
        shop.url
    )


def test_nothing_of_the_total_is_lost_by_a_refusal(new_payer, shop):
    answers = [False, True]
    payer = new_payer(max_total="0.01", approve=lambda _: answers.pop(0))
    with pytest.raises(NotApproved):
        payer.pay(shop.url)

    assert payer.pay(shop.url).status_code == 200


def test_64_threads_never_pay_above_the_total(new_payer, shop, service):
    payer = new_payer(max_total="0.10")
    refused = []

    def buy(n):
        try:
            payer.pay(f"{shop.url}?{n}")
        except OverTotal as error:
            refused.append(error)

    threads = [threading.Thread(target=buy, args=(n,)) for n in range(64)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert service.charged == 10
    assert len(refused) == 54
    assert sum(receipt.amount for receipt in payer.receipts) == Decimal("0.10")


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"max_price": 0.05}, TypeError, 'max_price must be text such as "0.05"'),
        ({"max_price": True}, TypeError, "max_price must be text"),
        ({"max_price": "-1"}, ValueError, "max_price must be an amount"),
        ({"max_price": "NaN"}, ValueError, "max_price must be an amount"),
        ({"max_price": Decimal("Infinity")}, ValueError, "max_price must be an amount"),
        ({"max_price": "$1"}, ValueError, "max_price must be an amount"),
        ({"max_total": 1.0}, TypeError, "max_total must be text"),
        ({"allowed_origins": ["shop.example"]}, ValueError, "'shop.example' is not an origin"),
        ({"allowed_origins": ["https://a.example/x"]}, ValueError, "is not an origin"),
        ({"allowed_origins": "https://a.example"}, TypeError, "allowed_origins must be a list"),
        ({"allowed_recipients": [1]}, TypeError, "allowed_recipients must be a list of texts"),
        ({"allow_private": "no"}, TypeError, "allow_private must be True or False"),
        ({"approve": "yes"}, TypeError, "approve must be callable"),
        ({"pre_sign_policy": later}, TypeError, "pre_sign_policy must not be asynchronous"),
        ({"payment_instrument_ids": []}, ValueError, "at least one instrument id"),
        ({"payment_instrument_ids": WALLET}, ValueError, "must be a list"),
        ({"buyer_pays_gas_fees": 1}, TypeError, "buyer_pays_gas_fees must be True or False"),
        ({"permit2_allowance_limit": "-1"}, ValueError, "permit2_allowance_limit must be text"),
    ],
)
def test_an_argument_that_is_not_understood_is_refused(new_payer, options, error, message):
    with pytest.raises(error, match=message):
        new_payer(**options)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1::1", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),  # noqa: S104 (judged, not bound to)
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("::", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::a00:1", False),
        ("2002:a00:1::", False),
        ("/run/shop.sock", False),
    ],
)
def test_only_addresses_of_the_internet_are_public(address, public):
    assert is_public(address) is public


def behind(fetch, proxy):
    """Return how to tell a client of a proxy."""
    if fetch.__name__ == "_requests":
        return {"proxies": {"http": proxy.origin}}
    return {"proxy": proxy.origin}


def test_behind_a_proxy_nothing_is_paid_unless_allowed(fetch, new_payer, shops, service):
    proxy = shops()
    payer = new_payer(allow_private=False)

    with pytest.raises(NotAllowed, match=r"cannot be checked.*allow_private=True"):
        fetch(payer, "http://shop.example/report", **behind(fetch, proxy))
    assert service.calls == []


def test_behind_a_proxy_is_paid_where_that_is_allowed(fetch, new_payer, shops, service):
    proxy = shops()

    got = fetch(new_payer(), "http://shop.example/report", **behind(fetch, proxy))

    assert got.content == b"content"
    assert [seen.path for seen in proxy.seen] == ["http://shop.example/report"] * 2


def test_the_paid_request_goes_to_the_address_that_sent_the_402(
    fetch, new_payer, shops, service, monkeypatch
):
    """A name that leads to another address a moment later does not get the proof."""
    shop = shops()
    shop.answer = lambda seen: (
        shop.honest(seen)
        if seen.proof
        else dataclasses.replace(demand(), headers={**demand().headers, "Connection": "close"})
    )
    real, asked = socket.getaddrinfo, []

    def rebinding(host, *args, **options):
        name = host.decode() if isinstance(host, bytes) else host
        if name != "shop.test":
            return real(host, *args, **options)
        asked.append(name)
        # First the shop, then an address where nobody listens.
        return real("127.0.0.1" if len(asked) == 1 else "127.0.0.2", *args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    got = fetch(new_payer(), shop.url.replace("127.0.0.1", "shop.test"))

    assert got.content == b"content"
    assert shop.paid[0].headers["host"] == shop.origin.replace("http://127.0.0.1", "shop.test")


@given(st.lists(st.integers(0, 10**12), max_size=30), st.integers(0, 10**13))
def test_a_total_is_exact_in_any_precision_of_the_caller(amounts, most):
    total = Total(Decimal(most).scaleb(-6))
    taken = 0
    with localcontext() as context:
        context.prec = 3
        for units in amounts:
            amount = Decimal(f"{units}E-6")
            fits = taken + units <= most
            assert total.reserve(amount) is fits
            taken += units if fits else 0
    assert int(total.spent.scaleb(6)) == taken


@given(st.integers(0, 10**24))
def test_an_amount_is_read_as_it_is_written(units):
    from boto3_agentcore_payments.pay.networks import usd

    with localcontext() as context:
        context.prec = 3
        found = usd(units)
    with localcontext() as context:
        context.prec = 60
        assert found == Decimal(units).scaleb(-6)
        assert dollars(format(found, "f"), "price") == found


def test_a_payer_shows_no_secret(service):
    payer = Payer(
        service,
        payment_manager_arn=ARN,
        payment_session_id=SESSION,
        payment_instrument_ids=[WALLET],
        max_price="0.05",
        max_total="1",
    )

    assert repr(payer) == (f"<Payer session='{SESSION}' max_price=0.05 max_total=1 spent=0>")
