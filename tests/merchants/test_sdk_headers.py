"""AWS's SDK answers the local merchants' 402, and they accept its headers once."""

from __future__ import annotations

import sys
from typing import Any

import pytest
import requests

from boto3_agentcore_payments import merchants

X402 = [
    pytest.param({}, "ETHEREUM", "PAYMENT-SIGNATURE", id="v2-evm"),
    pytest.param({"network": "base"}, "ETHEREUM", "PAYMENT-SIGNATURE", id="v2-base"),
    pytest.param({"permit2": True}, "ETHEREUM", "PAYMENT-SIGNATURE", id="v2-permit2"),
    pytest.param({"scheme": "upto"}, "ETHEREUM", "PAYMENT-SIGNATURE", id="v2-upto"),
    pytest.param({"network": "solana-devnet"}, "SOLANA", "PAYMENT-SIGNATURE", id="v2-solana"),
    pytest.param({"version": 1}, "ETHEREUM", "X-PAYMENT", id="v1-evm"),
    pytest.param({"version": 1, "network": "solana-devnet"}, "SOLANA", "X-PAYMENT", id="v1-solana"),
]
MPP = [
    pytest.param({}, "ETHEREUM", {}, id="evm"),
    pytest.param({"method": "tempo"}, "ETHEREUM", {"buyer_pays_gas_fees": True}, id="tempo"),
    pytest.param({"method": "solana"}, "SOLANA", {}, id="solana"),
    pytest.param({"method": "solana", "sponsor_fees": True}, "SOLANA", {}, id="solana-sponsored"),
]
TEMPO = "eip155:42431"
NEEDS_PYMPP = pytest.mark.skipif(
    sys.version_info < (3, 11), reason="pympp takes Python 3.11 or newer"
)


def fund(agent: Any, control: Any, wallet: str, settings: dict[str, Any]) -> None:
    if settings.get("method") == "tempo":
        control.fund_wallet(agent.instruments[wallet], 100_000, chain=TEMPO)
        return
    chain = "BASE" if settings.get("network") == "base" else None
    control.fund_wallet(agent.instruments[wallet], 100_000, chain=chain)


@pytest.mark.parametrize(("settings", "wallet", "name"), X402)
def test_x402_header_of_the_sdk_is_accepted_once(
    agent: Any, control: Any, settings: dict[str, Any], wallet: str, name: str
) -> None:
    fund(agent, control, wallet, settings)
    with merchants.x402_merchant(price="0.01", **settings) as shop:
        unpaid = requests.get(shop.url, timeout=10)
        assert unpaid.status_code == 402
        header = agent.header(unpaid, wallet)
        assert list(header) == [name]
        paid = requests.get(shop.url, headers=header, timeout=10)
        assert (paid.status_code, paid.json()["content"]) == (200, "The article you paid for.")
        again = requests.get(shop.url, headers=header, timeout=10)
        assert again.status_code == 402
        assert [sale.amount for sale in shop.sales] == [10_000]
    assert agent.remaining() == "0.04"
    assert [payment.status for payment in control.payments()] == ["SETTLED"]


@NEEDS_PYMPP
@pytest.mark.parametrize(("settings", "wallet", "options"), MPP)
def test_mpp_header_of_the_sdk_is_accepted_once(
    agent: Any, control: Any, settings: dict[str, Any], wallet: str, options: dict[str, Any]
) -> None:
    fund(agent, control, wallet, settings)
    with merchants.mpp_merchant(price="0.01", **settings) as shop:
        unpaid = requests.get(shop.url, timeout=10)
        assert unpaid.status_code == 402
        header = agent.header(unpaid, wallet, **options)
        assert list(header) == ["Authorization"]
        paid = requests.get(shop.url, headers=header, timeout=10)
        assert (paid.status_code, paid.json()["content"]) == (200, "The article you paid for.")
        assert paid.headers["Payment-Receipt"]
        again = requests.get(shop.url, headers=header, timeout=10)
        assert again.status_code == 403
        assert [sale.amount for sale in shop.sales] == [10_000]
    assert agent.remaining() == "0.04"


def test_agent_pays_until_its_budget_refuses(agent: Any, control: Any) -> None:
    from bedrock_agentcore.payments.manager import InsufficientBudget

    control.fund_wallet(agent.instruments["ETHEREUM"], 1_000_000)
    with merchants.x402_merchant(price="0.02") as shop:
        for _ in range(2):
            header = agent.header(requests.get(shop.url, timeout=10), "ETHEREUM")
            assert requests.get(shop.url, headers=header, timeout=10).status_code == 200
        unpaid = requests.get(shop.url, timeout=10)
        with pytest.raises(InsufficientBudget):
            agent.header(unpaid, "ETHEREUM")
        assert len(shop.sales) == 2
    assert agent.remaining() == "0.01"
    assert control.balance(agent.instruments["ETHEREUM"]) == 960_000


def test_balance_tells_what_settlement_left(agent: Any, control: Any) -> None:
    control.fund_wallet(agent.instruments["ETHEREUM"], 30_000)
    with merchants.x402_merchant(price="0.01") as shop:
        header = agent.header(requests.get(shop.url, timeout=10), "ETHEREUM")
        assert _balance(agent) == "30000"
        requests.get(shop.url, headers=header, timeout=10)
    assert _balance(agent) == "20000"


def _balance(agent: Any) -> str:
    got = agent.data.get_payment_instrument_balance(
        paymentManagerArn=agent.arn,
        paymentConnectorId=agent.connector_id,
        paymentInstrumentId=agent.instruments["ETHEREUM"],
        chain="BASE_SEPOLIA",
        token="USDC",
        userId="alice",
    )
    amount: str = got["tokenBalance"]["amount"]
    return amount
