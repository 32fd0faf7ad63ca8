"""The local MPP merchant: what it offers and what it refuses."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

import pytest
import requests
from counters import Counter
from mpp import Challenge, Credential, Receipt
from mpp.methods.evm import server as evm
from mpp.methods.evm.assets import BASE_SEPOLIA_USDC
from mpp.server.http import Request
from mpp.server.mpp import Mpp

from boto3_agentcore_payments import merchants
from boto3_agentcore_payments.emulator.proofs import wallets
from boto3_agentcore_payments.errors import MissingExtraError
from boto3_agentcore_payments.merchants.parties import local_wallet
from boto3_agentcore_payments.merchants.tills import Sale

SHOP = "0x209693Bc6afc0C5328bA36FaF03C514EF312287C"


@pytest.mark.parametrize(
    ("method", "details"),
    [
        ("evm", {"chainId": 84532, "credentialTypes": ["authorization"], "decimals": 6}),
        ("tempo", {"chainId": 42431}),
        (
            "solana",
            {
                "network": "devnet",
                "decimals": 6,
                "tokenProgram": "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA",
                "feePayer": True,
                "feePayerKey": wallets.address(local_wallet("facilitator", "SOLANA")),
            },
        ),
    ],
)
def test_challenge_asks_for_the_price(method: str, details: dict[str, Any]) -> None:
    with merchants.mpp_merchant(price="0.25", method=method) as shop:
        unpaid = requests.get(shop.url, timeout=10)
    assert unpaid.status_code == 402
    challenge = Challenge.from_www_authenticate(unpaid.headers["WWW-Authenticate"])
    assert (challenge.method, challenge.intent) == (method, "charge")
    assert challenge.request["amount"] == "250000"
    assert challenge.request["recipient"] == shop.pay_to
    assert challenge.request["methodDetails"] == details


@pytest.mark.parametrize(
    ("method", "wallet"), [("evm", "ETHEREUM"), ("tempo", "ETHEREUM"), ("solana", "SOLANA")]
)
def test_unfunded_wallet_is_refused(agent: Any, method: str, wallet: str) -> None:
    with merchants.mpp_merchant(method=method) as shop:
        unpaid = requests.get(shop.url, timeout=10)
        header = agent.header(unpaid, wallet, buyer_pays_gas_fees=True)
        refused = requests.get(shop.url, headers=header, timeout=10)
    assert refused.status_code == 402
    assert "holds 0 units" in refused.json()["detail"]
    assert shop.sales == []


@pytest.mark.parametrize(("method", "wallet"), [("evm", "ETHEREUM"), ("solana", "SOLANA")])
def test_credential_presented_by_many_at_once_is_sold_once(
    agent: Any, control: Any, method: str, wallet: str
) -> None:
    control.fund_wallet(agent.instruments[wallet], 1_000_000)
    with merchants.mpp_merchant(method=method) as shop:
        header = agent.header(requests.get(shop.url, timeout=10), wallet)

        def present(_: int) -> int:
            return requests.get(shop.url, headers=header, timeout=30).status_code

        with ThreadPoolExecutor(32) as threads:
            answers = sorted(threads.map(present, range(32)))
    assert answers == [200] + [403] * 31
    assert len(shop.sales) == 1
    assert control.balance(agent.instruments[wallet]) == 990_000


@pytest.mark.parametrize(
    ("method", "wallet"), [("evm", "ETHEREUM"), ("tempo", "ETHEREUM"), ("solana", "SOLANA")]
)
def test_sale_says_when_to_whom_for_what_and_by_which_proof(
    agent: Any, control: Any, method: str, wallet: str
) -> None:
    chain = "eip155:42431" if method == "tempo" else None
    control.fund_wallet(agent.instruments[wallet], 1_000_000, chain=chain)
    start = datetime.now(timezone.utc)
    with merchants.mpp_merchant(method=method) as shop:
        unpaid = requests.get(shop.url, timeout=10)
        header = agent.header(unpaid, wallet, buyer_pays_gas_fees=True)
        paid = requests.get(shop.url, headers=header, timeout=10)
    receipt = Receipt.from_payment_receipt(paid.headers["Payment-Receipt"])
    (sale,) = shop.sales
    (payment,) = control.payments()
    assert sale == Sale(
        payer=payment.payer,
        amount=10_000,
        network=payment.network,
        transaction=receipt.reference,
        time=sale.time,
        pay_to=shop.pay_to,
        scheme="charge",
        resource=shop.url,
        proof_id=payment.proof_id,
    )
    assert start <= sale.time <= datetime.now(timezone.utc)


@pytest.mark.parametrize("method", ["evm", "tempo", "solana"])
def test_paths_have_prices_of_their_own(method: str) -> None:
    prices = {"/news": "0.01", "/reports/2026": "0.25"}
    counter = Counter("mpp", method=method, prices=prices)
    cheap = counter.ask(counter.pay(path="/news"), path="/reports/2026")
    assert (cheap.status_code, counter.till.sales) == (402, [])
    for path in prices:
        assert counter.ask(counter.pay(path=path), path=path).status_code == 200
    assert len(counter.till.sales) == 2


@pytest.mark.parametrize("pay_to", ["0x" + "0" * 40, BASE_SEPOLIA_USDC.address])
def test_recipient_that_the_token_does_not_pay_is_refused(pay_to: str) -> None:
    counter = Counter("mpp", method="evm", pay_to=pay_to)
    refused = counter.ask(counter.pay())
    assert (refused.status_code, counter.till.sales) == (402, [])
    assert "execution reverted" in refused.get_json()["detail"]
    assert "WWW-Authenticate" in refused.headers


def test_high_s_is_refused_by_the_token() -> None:
    counter = Counter("mpp", method="evm")
    credential = Credential.from_authorization(counter.pay())
    raw = bytes.fromhex(credential.payload["signature"][2:])
    s = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141 - int.from_bytes(
        raw[32:64], "big"
    )
    other = raw[:32] + s.to_bytes(32, "big") + bytes([55 - raw[64]])
    payload = {**credential.payload, "signature": "0x" + other.hex()}
    refused = counter.ask(replace(credential, payload=payload).to_authorization())
    assert refused.status_code == 402
    assert "invalid signature 's' value" in refused.get_json()["detail"]


def test_answer_of_the_users_own_bears_the_receipt() -> None:
    counter = Counter("mpp", method="evm", handler=lambda request: {"path": request.path})
    paid = counter.ask(counter.pay())
    assert (paid.status_code, paid.get_json()) == (200, {"path": "/article"})
    assert Receipt.from_payment_receipt(paid.headers["Payment-Receipt"]).status == "success"


def test_credential_of_one_merchant_is_refused_by_another(agent: Any, control: Any) -> None:
    control.fund_wallet(agent.instruments["ETHEREUM"], 1_000_000)
    with merchants.mpp_merchant() as shop, merchants.mpp_merchant() as other:
        header = agent.header(requests.get(shop.url, timeout=10), "ETHEREUM")
        assert requests.get(other.url, headers=header, timeout=10).status_code == 402
        assert requests.get(shop.url, headers=header, timeout=10).status_code == 200
    assert (len(shop.sales), len(other.sales)) == (1, 0)


def test_credential_for_a_lower_price_is_refused(agent: Any, control: Any) -> None:
    control.fund_wallet(agent.instruments["SOLANA"], 1_000_000)
    with merchants.mpp_merchant(method="solana") as shop:
        header = agent.header(requests.get(shop.url, timeout=10), "SOLANA")
        content = header["Authorization"].removeprefix("Payment ")
        broken = {"Authorization": "Payment " + content[:-8] + "AAAAAAAA"}
        assert requests.get(shop.url, headers=broken, timeout=10).status_code == 402
    assert shop.sales == []


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"method": "stripe"}, "MPP method 'stripe' is not one of evm, tempo, solana"),
        ({"method": "evm", "network": "solana"}, "cannot be paid on 'solana'"),
        ({"method": "tempo", "network": "eip155:8453"}, "cannot be paid on 'eip155:8453'"),
        ({"method": "solana", "network": "base"}, "cannot be paid on 'base'"),
        ({"method": "tempo", "sponsor_fees": True}, "fees of solana charges, not of tempo"),
        ({"price": "-1"}, "positive amount of USDC"),
        ({"prices": {"news": "0.01"}}, "A path begins with /"),
        ({"pay_to": "nobody"}, "'nobody' is not an address on eip155:84532"),
        ({"method": "solana", "pay_to": "nobody"}, "is not an address on solana:EtWTRABZ"),
    ],
)
def test_impossible_offer_is_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message), merchants.mpp_merchant(**settings):
        pass


def test_own_mpp_merchant_settles_through_the_facilitator(agent: Any, control: Any) -> None:
    control.fund_wallet(agent.instruments["ETHEREUM"], 15_000)
    with merchants.x402_facilitator() as facilitator:
        method = evm.charge(currency=BASE_SEPOLIA_USDC, recipient=SHOP, facilitator=facilitator.url)
        charge = Mpp([method], realm="shop", secret_key="k" * 32).charge(amount="0.01")
        unpaid = asyncio.run(charge(Request("GET", "http://shop.example/")))
        header = unpaid.challenge.headers["www-authenticate"]
        mpp = {"mpp": {"version": "1", "wwwAuthenticateHeaders": [header]}}
        credential = agent.process("MPP", mpp)["mpp"]["paymentCredential"]
        asked = Request("GET", "http://shop.example/", {"Authorization": credential})
        assert asyncio.run(charge(asked)).status == 200
        assert [sale.amount for sale in facilitator.sales] == [10_000]


def test_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    for name in ("mpp_shop", "evm_charge"):
        monkeypatch.delitem(sys.modules, f"{merchants.__name__}.{name}", raising=False)
        monkeypatch.delattr(merchants, name, raising=False)
    monkeypatch.setitem(sys.modules, "mpp.methods.evm", None)
    with pytest.raises(MissingExtraError) as caught, merchants.mpp_merchant():
        pass
    assert "A local MPP merchant needs 'mpp', which is not installed" in str(caught.value)
    assert "boto3-agentcore-payments[merchant]" in str(caught.value)
