"""Paid tools over MCP: x402's and pympp's own MCP clients, with a payer, at local MCP merchants."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import pytest
from moto import mock_aws
from ready_shop import ClientShop

pytest.importorskip("mcp", reason="needs the extra mcp")

from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client
from mpp.extensions.mcp import McpClient
from x402 import x402Client
from x402.mcp import x402MCPSession

from boto3_agentcore_payments import merchants
from boto3_agentcore_payments.emulator.control import PaymentsControl
from boto3_agentcore_payments.pay import NotAllowed, OverBudget, OverCeiling, Payer

REGION = "us-east-1"


@pytest.fixture
def new_payer():
    """Make payers of one session of 2 cents, with a wallet on EVM and one on Solana."""
    with mock_aws():
        made = ClientShop(REGION)
        arn = made.manager()
        connector = made.connector(arn)
        wallets = [made.instrument(arn, connector, network=n) for n in ("ETHEREUM", "SOLANA")]
        for wallet in wallets:
            PaymentsControl(region=REGION).fund_wallet(wallet, 1_000_000)
        session = made.session(arn, limit="0.02")

        def new(**options):
            return Payer(
                made.data,
                payment_manager_arn=arn,
                payment_session_id=session,
                payment_instrument_ids=wallets,
                user_id="alice",
                **{"max_price": "0.05", **options},
            )

        yield new


@asynccontextmanager
async def session_with(url):
    async with (
        streamable_http_client(url) as (reading, writing, _),
        ClientSession(reading, writing) as session,
    ):
        await session.initialize()
        yield session


def x402_client(session, payer):
    client = x402Client()
    client.register("eip155:*", payer.x402_scheme())
    client.register("solana:*", payer.x402_scheme())
    return x402MCPSession(session, client)


def mpp_client(session, payer):
    return McpClient(session, methods=[payer.mpp_method("evm"), payer.mpp_method("tempo")])


CLIENTS = {"x402": x402_client, "mpp": mpp_client}


def call(protocol, url, payer, *tools):
    """Call tools one after the other; return the texts they give."""

    async def calls():
        async with session_with(url) as session:
            client = CLIENTS[protocol](session, payer)
            answers = [await client.call_tool(tool, {}) for tool in tools]
            return [_text(answer) for answer in answers]

    return asyncio.run(calls())


def _text(answer):
    (content,) = answer.content
    return content["text"] if isinstance(content, dict) else content.text


def failure(protocol, url, payer):
    """Return the payer's error of a call, out of whatever groups the libraries put it in."""
    with pytest.raises(BaseException) as caught:  # noqa: PT011 (groups of tasks)
        call(protocol, url, payer, "article")
    error = caught.value
    while isinstance(error, BaseExceptionGroup):  # noqa: F821 (pympp takes Python 3.11)
        (error,) = error.exceptions
    return error


@pytest.fixture(params=CLIENTS)
def protocol(request):
    return request.param


def test_tool_is_paid_once_a_call(new_payer, protocol):
    payer = new_payer()
    with merchants.mcp_merchant(protocol=protocol) as shop:
        texts = call(protocol, shop.url, payer, "article", "article")
        assert texts == ["The article you paid for."] * 2
        assert [sale.amount for sale in shop.sales] == [10_000] * 2
        assert [sale.resource for sale in shop.sales] == ["mcp://tool/article"] * 2
    assert [str(receipt.amount) for receipt in payer.receipts] == ["0.01"] * 2
    assert payer.remaining() == 0


def test_each_tool_has_its_price(new_payer, protocol):
    payer = new_payer()
    prices = {"news": "0.001", "report": "0.015"}
    with merchants.mcp_merchant(protocol=protocol, prices=prices) as shop:
        call(protocol, shop.url, payer, "report", "news")
        assert [sale.amount for sale in shop.sales] == [15_000, 1_000]


def test_tools_are_listed_without_a_payment(new_payer, protocol):
    async def names(url):
        async with session_with(url) as session:
            return [tool.name for tool in (await session.list_tools()).tools]

    with merchants.mcp_merchant(protocol=protocol, prices={"news": "1", "report": "2"}) as shop:
        assert asyncio.run(names(shop.url)) == ["news", "report"]


def test_ceiling_stops_a_call_before_anything_is_signed(new_payer, protocol):
    payer = new_payer(max_price="0.005")
    with merchants.mcp_merchant(protocol=protocol) as shop:
        error = failure(protocol, shop.url, payer)
        assert isinstance(error, OverCeiling)
        assert str(error.quote.amount) == "0.01"
        assert shop.sales == []
    assert str(payer.remaining()) == "0.02"


def test_budget_stops_a_call(new_payer, protocol):
    with merchants.mcp_merchant(protocol=protocol, price="0.03") as shop:
        assert isinstance(failure(protocol, shop.url, new_payer()), OverBudget)
        assert shop.sales == []


def test_allowed_origins_refuse_because_the_origin_is_not_known(new_payer, protocol):
    payer = new_payer(allowed_origins=["https://shop.example"])
    with merchants.mcp_merchant(protocol=protocol) as shop:
        assert isinstance(failure(protocol, shop.url, payer), NotAllowed)


def test_x402_tool_is_paid_on_solana(new_payer):
    with merchants.mcp_merchant(network="solana-devnet") as shop:
        assert call("x402", shop.url, new_payer(), "article") == ["The article you paid for."]
        assert len(shop.sales) == 1


def test_unknown_tool_is_an_error_of_the_protocol(new_payer, protocol):
    from mcp.shared.exceptions import McpError

    async def ask(url):
        async with session_with(url) as session:
            with pytest.raises(McpError, match="there is no tool 'nothing'"):
                await session.call_tool("nothing", {})

    with merchants.mcp_merchant(protocol=protocol) as shop:
        asyncio.run(ask(shop.url))


def test_proof_is_good_for_one_call(new_payer):
    """A second call with the first one's proof is asked to pay."""
    seen = []

    class Spy:
        def __init__(self, session):
            self._session = session

        async def call_tool(self, *args, **options):
            seen.append(options.get("meta"))
            return await self._session.call_tool(*args, **options)

    async def twice(url, payer):
        from mcp.shared.exceptions import McpError

        async with session_with(url) as session:
            await mpp_client(Spy(session), payer).call_tool("article", {})
            with pytest.raises(McpError) as refused:
                await session.call_tool("article", {}, meta=seen[-1])
            return refused.value.error.code

    with merchants.mcp_merchant(protocol="mpp") as shop:
        assert asyncio.run(twice(shop.url, new_payer())) in {-32042, -32043}
        assert len(shop.sales) == 1


def test_protocol_that_is_not_there_is_refused():
    opened = merchants.mcp_merchant(protocol="l402")
    with pytest.raises(ValueError, match="paid by x402 or mpp, not by 'l402'"):
        opened.__enter__()


@pytest.mark.parametrize("prices", [{}, {"a b": "1"}, {"": "1"}])
def test_malformed_tools_are_refused(prices):
    opened = merchants.mcp_merchant(prices=prices)
    with pytest.raises(ValueError, match="tool"):
        opened.__enter__()
