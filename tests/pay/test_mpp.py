"""MPP challenges: which are paid, which are not and why, and what the service is sent."""

from __future__ import annotations

import json
import time
from datetime import datetime, timezone
from decimal import Decimal

import mpp
import pytest
from pay_world import SOLANA_WALLET, USDC, WALLET, Reply, Service, demand, offer

from boto3_agentcore_payments.pay import MerchantRefused, NotAllowed, NothingPayable
from boto3_agentcore_payments.pay.demands import Declined, Demand, Headers
from boto3_agentcore_payments.pay.protocols import Fees, offers
from boto3_agentcore_payments.pay.protocols.mpp_charge import challenges

RECIPIENT = "0x2B5AD5c4795c026514f8317c7a215E218DcCD6cF"
PATH_USD = "0x20c0000000000000000000000000000000000000"
DEVNET_USDC = "4zMMC9srt5Ri5X14GAgXhaHii3GnPAEERYPJgZJDncDU"
CREDENTIAL = "Payment " + "c3VwZXJzZWNyZXQ" * 5


def challenge(*, method="evm", intent="charge", details=None, **changes):
    named = {name: changes.pop(name) for name in ("expires", "header", "digest") if name in changes}
    request = {
        "amount": "10000",
        "currency": USDC,
        "recipient": RECIPIENT,
        "methodDetails": {"chainId": 84532} if details is None else details,
        **changes,
    }
    made = mpp.Challenge.create(
        secret_key="key", realm="shop", method=method, intent=intent, request=request, **named
    )
    return made.to_www_authenticate("shop")


def read(*headers, fees=None, sent=b""):
    pairs = [("WWW-Authenticate", each) for each in headers]
    found = Demand("GET", "https://shop.example/", Headers(pairs), b"", sent)
    return list(offers(found, fees or Fees()))


def in_future(seconds):
    return datetime.fromtimestamp(time.time() + seconds, timezone.utc).isoformat()


class Mpp(Service):
    """Answers with a credential for the challenge it was given."""

    def _sign(self, asked):
        (header,) = asked["paymentInput"]["mpp"]["wwwAuthenticateHeaders"]
        selected = mpp.Challenge.from_www_authenticate(header).id
        output = {"version": "1", "selectedPaymentId": selected, "paymentCredential": CREDENTIAL}
        return {"processPaymentId": "1", "paymentOutput": {"mpp": output}}


def test_a_charge_is_read_with_its_price():
    (found,) = read(challenge(expires=in_future(60)))

    assert (found.amount, found.network, found.pay_to) == (
        Decimal("0.01"),
        "eip155:84532",
        RECIPIENT,
    )
    assert (found.scheme, found.wallet) == ("evm/charge", "ETHEREUM")
    assert found.expires_at == pytest.approx(time.time() + 60, abs=5)


REFUSED = {
    "session intent": (challenge(intent="session"), "only the intent charge"),
    "stripe": (challenge(method="stripe"), "does not pay this method"),
    "no chain": (challenge(details={}), "does not pay this method on this network"),
    "chain a text": (challenge(details={"chainId": "84532"}), "on this network"),
    "chain true": (challenge(details={"chainId": True}), "on this network"),
    "unknown chain": (challenge(details={"chainId": 7}), "on this network"),
    "evm on Tempo": (challenge(details={"chainId": 42431}, currency=PATH_USD), "on this network"),
    "tempo on Base": (challenge(method="tempo"), "on this network"),
    "solana localnet": (
        challenge(method="solana", details={"network": "localnet", "feePayer": True}),
        "on this network",
    ),
    "unknown token": (challenge(currency=RECIPIENT), "not this network's USDC"),
    "price a number": (challenge(amount=10000), "positive number of atomic units"),
    "price a float": (challenge(amount="0.01"), "positive number of atomic units"),
    "price negative": (challenge(amount="-1"), "positive number of atomic units"),
    "price zero": (challenge(amount="0"), "positive number of atomic units"),
    "no recipient": (challenge(recipient=None), "names no recipient"),
    "splits no list": (
        challenge(details={"chainId": 84532, "splits": {"a": 1}}),
        "splits are not a list",
    ),
    "split to nobody": (
        challenge(details={"chainId": 84532, "splits": [{"amount": "1"}]}),
        "names no recipient",
    ),
    "expired": (challenge(expires=in_future(-1)), "it has expired"),
    "expiry no time": (challenge(expires="soon"), "its expiry is not a time"),
    "another body": (challenge(digest=mpp.BodyDigest.compute(b"other")), "another request body"),
    "credential as a cookie": (challenge(header="Cookie"), "not one for credentials"),
    "no request": ('Payment id="1", realm="shop", method="evm", intent="charge"', "cannot be read"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_challenge_that_is_not_understood_is_not_paid(case):
    header, why = REFUSED[case]

    (found,) = read(header)

    assert isinstance(found, Declined)
    assert why in found.why


def test_a_challenge_for_this_body_is_taken():
    (found,) = read(challenge(digest=mpp.BodyDigest.compute(b"body")), sent=b"body")

    assert not isinstance(found, Declined)


def test_fees_are_paid_where_that_was_asked_for():
    tempo = challenge(method="tempo", details={"chainId": 42431}, currency=PATH_USD)

    assert isinstance(read(tempo)[0], Declined)
    assert not isinstance(read(tempo, fees=Fees(buyer_pays_gas_fees=True))[0], Declined)


def test_a_sponsored_tempo_charge_needs_no_consent():
    details = {"chainId": 42431, "feePayer": True}
    (found,) = read(challenge(method="tempo", details=details, currency=PATH_USD))

    assert found.network == "eip155:42431"


def test_several_challenges_in_one_line_and_in_several_are_all_read():
    first, second, third = (challenge(amount=str(units)) for units in (1, 2, 3))

    found = read(f'Bearer realm="a, b", {first}, {second}', third, 'Basic realm="x"')

    assert [each.amount for each in found] == [
        Decimal("0.000001"),
        Decimal("0.000002"),
        Decimal("0.000003"),
    ]
    assert found[2].requirement == third


def test_one_challenge_stays_as_it_came_character_by_character():
    header = challenge().replace(", ", ",   ")

    assert challenges(header) == [header]


def test_the_service_is_given_the_challenge_and_the_shop_the_credential(fetch, new_payer, shop):
    service, header = Mpp(), challenge()
    receipt = mpp.Receipt.success("0xabc", method="evm").to_payment_receipt()
    shop.answer = lambda seen: (
        Reply(200, {"Payment-Receipt": receipt})
        if seen.headers.get("authorization") == CREDENTIAL
        else Reply(402, {"WWW-Authenticate": header}, b"{}")
    )
    payer = new_payer(service)

    assert fetch(payer, shop.url, headers={"Authorization": "Bearer own"}).content == b"content"
    (call,) = service.calls
    assert call["paymentType"] == "MPP"
    assert call["paymentInput"] == {"mpp": {"version": "1", "wwwAuthenticateHeaders": [header]}}
    assert (payer.receipts[0].settled, payer.receipts[0].transaction) == (True, "0xabc")
    assert CREDENTIAL not in repr(payer.receipts)


def test_a_credential_goes_into_the_header_that_the_challenge_names(new_payer, shop):
    header = challenge(header="Payment-Authorization")
    shop.answer = lambda seen: (
        Reply()
        if "payment-authorization" in seen.headers
        else Reply(402, {"WWW-Authenticate": header}, b"{}")
    )

    new_payer(Mpp()).pay(shop.url, headers={"Authorization": "Bearer own"})

    assert shop.seen[1].headers["authorization"] == "Bearer own"
    assert shop.seen[1].headers["payment-authorization"] == CREDENTIAL


def test_a_refusal_quotes_the_problem_document(new_payer, shop):
    problem = json.dumps({"title": "Verification Failed", "detail": "wrong amount"}).encode()
    shop.answer = lambda seen: Reply(402, {"WWW-Authenticate": challenge()}, problem)

    with pytest.raises(MerchantRefused, match="Verification Failed: wrong amount"):
        new_payer(Mpp()).pay(shop.url)


def test_every_recipient_of_a_split_must_be_allowed(new_payer, shop):
    service, other = Mpp(), "0x" + "5" * 40
    details = {"chainId": 84532, "splits": [{"recipient": other, "amount": "1"}]}
    header = challenge(details=details)
    shop.answer = lambda seen: Reply(402, {"WWW-Authenticate": header}, b"{}")

    with pytest.raises(NotAllowed, match=f"recipient {other}"):
        new_payer(service, allowed_recipients=[RECIPIENT]).pay(shop.url)
    assert service.calls == []


def test_a_sponsored_solana_charge_is_paid_by_the_solana_wallet(new_payer, shop):
    service = Mpp()
    header = challenge(
        method="solana",
        details={"network": "devnet", "feePayer": True},
        currency=DEVNET_USDC,
        recipient="9xQeWvG816bUx9EPjHmaT23yvVM2ZWbrrpZb9PusVFin",
    )
    shop.answer = lambda seen: (
        Reply()
        if "authorization" in seen.headers
        else Reply(402, {"WWW-Authenticate": header}, b"{}")
    )

    new_payer(service, payment_instrument_ids=[WALLET, SOLANA_WALLET]).pay(shop.url)

    assert service.calls[0]["paymentInstrumentId"] == SOLANA_WALLET


def test_x402_comes_before_mpp_where_both_are_offered(new_payer, shop, service):
    both = demand()
    both.headers["WWW-Authenticate"] = challenge()
    shop.answer = lambda seen: Reply() if seen.proof else both

    new_payer().pay(shop.url)

    assert service.calls[0]["paymentType"] == "CRYPTO_X402"


def test_mpp_is_taken_where_x402_wants_a_nonce_of_its_own(new_payer, shop):
    service = Mpp()
    both = demand(
        offer(), extensions={"mppx": {"info": {"method": "GET", "_mppx_scope": "x"}, "schema": {}}}
    )
    both.headers["WWW-Authenticate"] = challenge()
    shop.answer = lambda seen: Reply() if "authorization" in seen.headers else both

    new_payer(service).pay(shop.url)

    assert service.calls[0]["paymentType"] == "MPP"


def test_too_many_challenges_are_refused(new_payer, shop):
    many = ", ".join(f'Payment id="{n}"' for n in range(200))
    shop.answer = lambda seen: Reply(402, {"WWW-Authenticate": many}, b"{}")

    with pytest.raises(NothingPayable, match="more than 100"):
        new_payer(Mpp()).pay(shop.url)
