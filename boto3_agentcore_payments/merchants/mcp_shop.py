"""Tools sold over MCP, behind x402's own payment wrapper or pympp's own verification.

The server is that of the MCP package, with its streamable HTTP transport. What is sold, and the
till, are the ones of the other merchants.
"""

from __future__ import annotations

import re
import secrets
import socket
import threading
import time
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import anyio.to_thread
import uvicorn
from mcp import types
from mcp.server.lowlevel import Server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.shared.exceptions import McpError
from starlette.applications import Starlette
from starlette.routing import Mount

from boto3_agentcore_payments.merchants.tills import selling

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence

    from boto3_agentcore_payments.merchants.offers import Offer
    from boto3_agentcore_payments.merchants.tills import Till

    Answer = Callable[[dict[str, Any], dict[str, Any]], Awaitable[types.CallToolResult]]

PATH = "/mcp"
"""Where the server listens."""
TOOL = "article"
"""The tool of a merchant of one."""

_HOST = "127.0.0.1"
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
_START_SECONDS = 10
_STOP_SECONDS = 1
_POLL_SECONDS = 0.01


@dataclass(frozen=True)
class Tool:
    """A tool and its price.

    Attributes:
        name: What it is called.
        offer: What it costs.
        answer: Takes the call's arguments and its ``_meta``, and answers it.
    """

    name: str
    offer: Offer
    answer: Answer


def paths(price: str, prices: Mapping[str, str] | None) -> dict[str, str]:
    """Return prices by the path that stands for each tool.

    Raises:
        ValueError: if there is no tool, or a name is not of letters, digits, ``_`` and ``-``.
    """
    wanted = {TOOL: price} if prices is None else dict(prices)
    if not wanted:
        raise ValueError("A merchant sells at least one tool")
    for name in wanted:
        if not _NAME.fullmatch(name):
            raise ValueError(f"A tool's name has letters, digits, _ and - alone, not {name!r}")
    return {f"/{name}": each for name, each in wanted.items()}


def x402_tools(goods: Sequence[Offer], content: str, till: Till) -> list[Tool]:
    """Return tools that are paid by x402 version 2, by the library's payment wrapper.

    Args:
        goods: What is sold, on one network; each path is a tool's name.
        content: What a buyer gets.
        till: Settles the payments and records the sales.
    """
    from x402.mcp.server_sync import create_payment_wrapper_sync
    from x402.mcp.types import MCPToolResult, ResourceInfo, SyncPaymentWrapperConfig
    from x402.schemas import AssetAmount, ResourceConfig

    from boto3_agentcore_payments.merchants.facilitator import LocalFacilitator
    from boto3_agentcore_payments.merchants.x402_server import ResourceServer
    from boto3_agentcore_payments.merchants.x402_shop import server_scheme

    server = ResourceServer(LocalFacilitator(till))
    server.register(goods[0].network.caip2, server_scheme(goods[0]))
    server.initialize()

    def hand_over(arguments: Any, context: Any) -> MCPToolResult:
        del arguments, context
        return MCPToolResult(content=[{"type": "text", "text": content}])

    async def answer(
        offer: Offer, sell: Callable[..., Any], arguments: dict[str, Any], meta: dict[str, Any]
    ) -> types.CallToolResult:
        extra = {"_meta": meta, "toolName": offer.path[1:]}
        with selling(resource=f"mcp://tool{offer.path}", pay_to=offer.pay_to, scheme=offer.scheme):
            result = await anyio.to_thread.run_sync(sell, arguments, extra)
        return types.CallToolResult.model_validate(
            {
                "content": result.content,
                "isError": result.is_error,
                "structuredContent": result.structured_content,
                "_meta": result.meta or None,
            }
        )

    tools = []
    for offer in goods:
        accepts = server.build_payment_requirements(
            ResourceConfig(
                scheme=offer.scheme,
                pay_to=offer.pay_to,
                price=AssetAmount(
                    amount=str(offer.amount), asset=offer.network.usdc, extra=dict(offer.extra)
                ),
                network=offer.network.caip2,
                max_timeout_seconds=offer.timeout,
            )
        )
        resource = ResourceInfo(url=f"mcp://tool{offer.path}", description=offer.description)
        config = SyncPaymentWrapperConfig(accepts=accepts, resource=resource)
        sell = create_payment_wrapper_sync(server, config)(hand_over)
        tools.append(Tool(offer.path[1:], offer, partial(answer, offer, sell)))
    return tools


def mpp_tools(goods: Sequence[Offer], content: str, till: Till, *, method: str) -> list[Tool]:
    """Return tools that are paid by MPP, by pympp's verification.

    Args:
        goods: What is sold, on one network; each path is a tool's name.
        content: What a buyer gets.
        till: Settles the payments and records the sales.
        method: ``evm``, ``tempo`` or ``solana``.
    """
    from mpp.extensions.mcp import PaymentRequiredError, verify_or_challenge
    from mpp.server.mpp import Mpp

    from boto3_agentcore_payments.merchants import mpp_shop

    chosen = mpp_shop.server_method(goods[0], method, till)
    mpp = Mpp([chosen], realm="local-mcp-merchant", secret_key=secrets.token_hex(32))

    async def answer(
        offer: Offer, charge: Any, arguments: dict[str, Any], meta: dict[str, Any]
    ) -> types.CallToolResult:
        del arguments
        with selling(resource=f"mcp://tool{offer.path}", pay_to=offer.pay_to, scheme=offer.scheme):
            result = await verify_or_challenge(charge, tool=offer.path[1:], meta=meta)
        if isinstance(result, list):
            raise PaymentRequiredError(challenges=result)
        _, receipt = result
        return types.CallToolResult.model_validate(
            {"content": [{"type": "text", "text": content}], "_meta": receipt.to_meta()}
        )

    return [
        Tool(
            offer.path[1:],
            offer,
            partial(answer, offer, mpp[f"{method}/charge"](amount=mpp_shop.display(offer.amount))),
        )
        for offer in goods
    ]


def application(tools: Sequence[Tool]) -> Starlette:
    """Return the tools as an ASGI application that speaks MCP at :data:`PATH`."""
    server: Any = Server("local-mcp-merchant")
    by_name = {tool.name: tool for tool in tools}

    @server.list_tools()  # type: ignore[untyped-decorator]
    async def list_tools() -> list[types.Tool]:
        return [
            types.Tool(
                name=tool.name,
                description=tool.offer.description,
                inputSchema={"type": "object"},
            )
            for tool in tools
        ]

    async def call_tool(request: types.CallToolRequest) -> types.ServerResult:
        asked = request.params
        tool = by_name.get(asked.name)
        if tool is None:
            message = f"there is no tool {asked.name!r}"
            raise McpError(types.ErrorData(code=types.INVALID_PARAMS, message=message))
        meta = asked.meta.model_dump(by_alias=True, exclude_none=True) if asked.meta else {}
        return types.ServerResult(await tool.answer(asked.arguments or {}, meta))

    # Not by the decorator, which makes a tool's result of the error that asks for a payment.
    server.request_handlers[types.CallToolRequest] = call_tool
    manager = StreamableHTTPSessionManager(server, json_response=True, stateless=True)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with manager.run():
            yield

    return Starlette(routes=[Mount(PATH, app=manager.handle_request)], lifespan=lifespan)


@contextmanager
def serving(shop: Starlette) -> Iterator[str]:
    """Serve an ASGI application on a free port of the loopback interface; give its base URL."""
    with socket.create_server((_HOST, 0)) as listening:
        # No log: bodies and headers carry payments.
        config = uvicorn.Config(
            shop, log_config=None, access_log=False, timeout_graceful_shutdown=1
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(
            target=server.run, args=([listening],), name="local-mcp-merchant", daemon=True
        )
        thread.start()
        try:
            _wait(server, thread)
            yield f"http://{_HOST}:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


def _wait(server: uvicorn.Server, thread: threading.Thread) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise RuntimeError("the MCP merchant did not start")
        time.sleep(_POLL_SECONDS)
