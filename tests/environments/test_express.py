"""Pay a seller made of Express and x402's npm packages, which settles at a local facilitator."""

from __future__ import annotations

import asyncio
import os
import subprocess
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from moto import mock_aws
from ready_shop import PAY_TO, ClientShop

from boto3_agentcore_payments.emulator.control import PaymentsControl

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

APP = Path(__file__).with_name("express_app.js")
MODULES = os.environ.get("EXPRESS_MODULES", "")
REGION = "us-east-1"
SELLER_ON_SOLANA = "9xQeWvG816bUx9EPjHmaT23yvVM2ZWbrrpZb9PusVFin"

pytestmark = pytest.mark.skipif(not MODULES, reason="needs npm's @x402/express: run nox -s express")


@pytest.fixture(scope="module")
def shop() -> Iterator[tuple[str, list[Any]]]:
    """Open the seller and its facilitator; yield its URL and what the facilitator settled."""
    from boto3_agentcore_payments import merchants

    with mock_aws(), merchants.x402_facilitator(region=REGION) as facilitator:
        command = ["node", str(APP), facilitator.url, PAY_TO, SELLER_ON_SOLANA]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, env={**os.environ, "NODE_PATH": MODULES}
        ) as process:
            try:
                assert process.stdout is not None
                port = process.stdout.readline().strip()
                assert port, "the seller did not start"
                yield f"http://127.0.0.1:{port}", facilitator.sales
            finally:
                process.terminate()


@pytest.fixture(scope="module")
def new_payer(shop: tuple[str, list[Any]]) -> Callable[..., Any]:
    """Make payers with a session of a dollar each, and a wallet on EVM and one on Solana."""
    from boto3_agentcore_payments.pay import Payer

    made = ClientShop(REGION)
    arn = made.manager()
    connector = made.connector(arn)
    wallets = [made.instrument(arn, connector, network=name) for name in ("ETHEREUM", "SOLANA")]
    for wallet in wallets:
        PaymentsControl(region=REGION).fund_wallet(wallet, 10_000_000)

    def new(**options: Any) -> Any:
        return Payer(
            made.data,
            payment_manager_arn=arn,
            payment_session_id=made.session(arn, limit="1.00"),
            user_id="alice",
            **{
                "payment_instrument_ids": wallets,
                "max_price": "0.05",
                "allow_private": True,
                **options,
            },
        )

    return new


def by_requests(payer: Any, url: str) -> Any:
    with payer.requests_session() as http:
        return http.get(url)


def by_httpx(payer: Any, url: str) -> Any:
    with payer.httpx_client() as http:
        return http.get(url)


def by_async_httpx(payer: Any, url: str) -> Any:
    async def get() -> Any:
        async with payer.async_httpx_client() as http:
            return await http.get(url)

    return asyncio.run(get())


@pytest.mark.parametrize("get", [by_requests, by_httpx, by_async_httpx])
@pytest.mark.parametrize("path", ["/exact", "/upto", "/solana"])
def test_an_express_seller_is_paid_once(shop, new_payer, path, get):
    url, sales = shop
    before = len(sales)
    payer = new_payer()

    answer = get(payer, url + path)

    assert (answer.status_code, answer.json()["path"]) == (200, path)
    assert [sale.amount for sale in sales[before:]] == [10_000]
    (receipt,) = payer.receipts
    assert (receipt.amount, receipt.settled) == (Decimal("0.01"), True)
    assert receipt.pay_to == (SELLER_ON_SOLANA if path == "/solana" else PAY_TO)
    assert receipt.transaction == sales[-1].transaction
    assert payer.remaining() == Decimal("0.99")


def test_a_body_reaches_the_seller_with_the_payment(shop, new_payer):
    url, _ = shop

    answer = new_payer().pay(url + "/exact", method="POST", json={"question": "why"})

    assert answer.json() == {"path": "/exact", "body": {"question": "why"}}


def test_of_two_offers_the_one_is_paid_that_the_policy_allows(shop, new_payer):
    url, sales = shop
    payer = new_payer(allowed_networks=["base-sepolia"])

    assert payer.pay(url + "/both").ok

    assert (payer.receipts[0].network, sales[-1].network) == ("eip155:84532", "eip155:84532")


def test_too_dear_a_price_is_refused_and_not_settled(shop, new_payer):
    from boto3_agentcore_payments.pay import OverCeiling

    url, sales = shop
    before, payer = len(sales), new_payer(max_price="0.009")

    with pytest.raises(OverCeiling):
        payer.pay(url + "/exact")

    assert (len(sales), payer.remaining()) == (before, Decimal(1))


def test_a_seller_that_cannot_settle_is_a_refusal_with_its_reason(shop, new_payer):
    from boto3_agentcore_payments.pay import MerchantRefused

    url, sales = shop
    before, payer = len(sales), new_payer()
    wallet = payer.quote(url + "/exact").payment_instrument_id
    control = PaymentsControl(region=REGION)
    held = control.balance(wallet)
    control.set_balance(wallet, 9_999)
    try:
        with pytest.raises(MerchantRefused, match="insufficient"):
            payer.pay(url + "/exact")
    finally:
        control.set_balance(wallet, held)
    assert len(sales) == before
