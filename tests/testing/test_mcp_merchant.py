"""The fixture ``mcp_merchant``, paid by x402's and pympp's own MCP clients."""

from __future__ import annotations

import asyncio

import pytest

pytest.importorskip("mcp", reason="needs the extra mcp")
pytest.importorskip("mpp", reason="the pympp library takes Python 3.11")

from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client
from mpp.extensions.mcp import McpClient
from x402 import x402Client
from x402.mcp import x402MCPSession


def x402_client(session, payer):
    client = x402Client()
    client.register("eip155:*", payer.x402_scheme())
    return x402MCPSession(session, client)


def mpp_client(session, payer):
    return McpClient(session, methods=[payer.mpp_method("evm")])


CLIENTS = {"x402": x402_client, "mpp": mpp_client}


@pytest.mark.parametrize("protocol", CLIENTS)
def test_tool_is_paid_in_the_account_of_the_test(agentcore_payments, mcp_merchant, protocol):
    shop = mcp_merchant(protocol=protocol, price="0.02")
    payer = agentcore_payments.payer

    async def buy():
        async with (
            streamable_http_client(shop.url) as (reading, writing, _),
            ClientSession(reading, writing) as session,
        ):
            await session.initialize()
            (tool,) = (await session.list_tools()).tools
            await CLIENTS[protocol](session, payer).call_tool(tool.name, {})

    asyncio.run(buy())
    agentcore_payments.assert_paid("0.02", to=shop.pay_to, times=1, settled=True)
    assert [sale.amount for sale in shop.sales] == [20_000]
    assert [str(receipt.amount) for receipt in payer.receipts] == ["0.02"]


@pytest.mark.agentcore_payments(budget="0.01")
@pytest.mark.parametrize("protocol", CLIENTS)
def test_tool_over_the_budget_is_not_paid(agentcore_payments, mcp_merchant, protocol):
    shop = mcp_merchant(protocol=protocol, price="0.02")

    async def buy():
        async with (
            streamable_http_client(shop.url) as (reading, writing, _),
            ClientSession(reading, writing) as session,
        ):
            await session.initialize()
            await CLIENTS[protocol](session, agentcore_payments.payer).call_tool("article", {})

    with pytest.raises(BaseException):  # noqa: B017, PT011 (groups of tasks)
        asyncio.run(buy())
    agentcore_payments.assert_refused(reason="over budget", times=1)
    agentcore_payments.assert_nothing_paid()
    assert shop.sales == []
