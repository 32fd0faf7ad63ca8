"""A payer with an aiobotocore client, against a server of our own and a local merchant."""

from __future__ import annotations

import asyncio
import os
import re
from pathlib import Path
from typing import Any

import pytest
from ready_shop import ClientShop

from boto3_agentcore_payments import merchants
from boto3_agentcore_payments.emulator.control import PaymentsControl
from boto3_agentcore_payments.pay import NotAllowed, OverBudget, Payer, ServiceRefused

aiobotocore_session = pytest.importorskip(
    "aiobotocore.session", reason="needs aiobotocore: run nox -s aio"
)
pytest.importorskip("x402", reason="x402 takes Python 3.10")

REGION = "us-west-2"
KEYS = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}


@pytest.fixture(scope="module")
def serving():
    """The emulator behind an address, in this process, so that a test can fund a wallet."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    yield "http://{}:{}".format(*server.get_host_and_port())
    server.stop()


@pytest.fixture
def shop():
    with merchants.x402_merchant(price="0.01", region=REGION) as opened:
        yield opened


@pytest.fixture
def paying(serving, monkeypatch):
    """Run work with a payer of a session of two cents, whose client is aiobotocore's."""
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    made = ClientShop(REGION, endpoint_url=serving, **KEYS)
    arn = made.manager(f"asynchronous{os.urandom(4).hex()}")
    wallet = made.instrument(arn, made.connector(arn))
    PaymentsControl(region=REGION).fund_wallet(wallet, 1_000_000)
    session = made.session(arn, limit="0.02")

    def run(work, **options):
        async def whole():
            new_client = aiobotocore_session.get_session().create_client(
                "bedrock-agentcore-payments", region_name=REGION, endpoint_url=serving, **KEYS
            )
            async with new_client as client:
                payer = Payer(
                    client,
                    payment_manager_arn=arn,
                    payment_session_id=session,
                    payment_instrument_ids=[wallet],
                    user_id="alice",
                    **{"max_price": "0.05", "allow_private": True, **options},
                )
                return await work(payer)

        return asyncio.run(whole())

    return run


def test_asynchronous_client_pays_until_the_budget_refuses(paying, shop):
    async def work(payer):
        async with payer.async_httpx_client() as http:
            first = await http.get(shop.url)
            left = await payer.async_remaining()
            await http.get(shop.url)
            with pytest.raises(OverBudget, match="the session's budget does not cover it"):
                await http.get(shop.url)
        return first.json(), str(left), len(payer.receipts)

    assert paying(work) == ({"content": "The article you paid for."}, "0.01", 2)
    assert len(shop.sales) == 2


def test_tasks_that_ask_for_the_same_pay_once(paying, shop):
    async def work(payer):
        async with payer.async_httpx_client() as http:
            asked = [http.get(shop.url, extensions={"purchase_id": "the same"}) for _ in range(8)]
            return [answer.status_code for answer in await asyncio.gather(*asked)]

    assert paying(work) == [200] * 8
    assert len(shop.sales) == 1


def test_asynchronous_approval_is_asked(paying, shop):
    seen = []

    async def approve(quote):
        seen.append(str(quote.amount))
        return True

    async def work(payer):
        async with payer.async_httpx_client() as http:
            return (await http.get(shop.url)).status_code

    assert paying(work, approve=approve) == 200
    assert seen == ["0.01"]


def test_pympp_client_pays_with_it(paying):
    mpp_client = pytest.importorskip("mpp.client", reason="pympp takes Python 3.11")

    async def work(payer):
        async with mpp_client.Mpp(methods=[payer.mpp_method("evm")]) as client:
            return (await client.fetch(machine_shop.url)).status_code

    with merchants.mpp_merchant(price="0.01", region=REGION) as machine_shop:
        assert paying(work) == 200
        assert len(machine_shop.sales) == 1


def test_synchronous_methods_say_what_to_use_instead(paying, shop):
    async def work(payer):
        message = r"an asynchronous boto3 client pays through async_httpx_client\(\) only"
        with pytest.raises(ServiceRefused, match=message):
            payer.pay(shop.url)
        with pytest.raises(TypeError, match="an asynchronous boto3 client"):
            payer.remaining()

    paying(work)
    assert shop.sales == []


def test_page_about_async_lists_and_buys(serving, shop, monkeypatch, capsys):
    monkeypatch.setenv("AWS_ENDPOINT_URL", serving)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    made = ClientShop(REGION, endpoint_url=serving, **KEYS)
    arn = made.manager(f"page{os.urandom(4).hex()}")
    wallet = made.instrument(arn, made.connector(arn))
    PaymentsControl(region=REGION).fund_wallet(wallet, 1_000_000)
    session = made.session(arn, limit="0.02")
    page = (Path(__file__).parents[2] / "docs" / "async.md").read_text(encoding="utf-8")
    code = "\n".join(re.findall(r"^```python\n(.*?)^```$", page, re.DOTALL | re.MULTILINE))
    names: dict[str, Any] = {}

    exec(re.sub(r"arn:aws:[\w:/-]+", arn, code), names)  # noqa: S102 (the page is ours)

    assert capsys.readouterr().out == f"{session}\n"
    # Its payer pays public addresses alone, as a real one should.
    with pytest.raises(NotAllowed, match="private"):
        asyncio.run(names["buy"](shop.url, arn, session, wallet))
