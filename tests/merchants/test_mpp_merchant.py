"""The local MPP merchant: what it offers and what it refuses."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
from mpp import Challenge
from mpp.methods.evm import server as evm
from mpp.methods.evm.assets import BASE_SEPOLIA_USDC
from mpp.server.http import Request
from mpp.server.mpp import Mpp

from boto3_agentcore_payments import merchants
from boto3_agentcore_payments.errors import MissingExtraError

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

        with ThreadPoolExecutor(8) as threads:
            answers = sorted(threads.map(present, range(8)))
    assert answers == [200] + [403] * 7
    assert control.balance(agent.instruments[wallet]) == 990_000


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
        answer = agent.data.process_payment(
            paymentManagerArn=agent.arn,
            paymentSessionId=agent.session,
            paymentInstrumentId=agent.instruments["ETHEREUM"],
            paymentType="MPP",
            paymentInput=mpp,
            userId="alice",
        )
        credential = answer["paymentOutput"]["mpp"]["paymentCredential"]
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
