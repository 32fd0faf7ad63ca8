"""Local merchants that accept the emulator's payments, for tests and demonstrations.

They run real server libraries on a port of this machine: the x402 library's middleware and
facilitator schemes, pympp's server, and AWS's package for Marketplace sellers. They verify payments
as any merchant would. x402 and MPP payments settle in the emulator's ledger instead of on a chain,
so the payer's wallet must hold the money and an authorization can be used once. Extra:
``merchant``.

    from boto3_agentcore_payments import merchants

    with merchants.x402_merchant(price="0.01", network="eip155:84532") as shop:
        requests.get(shop.url)  # 402, with the payment that it asks for

These modules are independent of the protocol: ``offers`` (what is sold), ``handlers`` (what a buyer
gets), ``tills`` (what was paid), ``front`` and ``serving`` (HTTP). A new kind of merchant is one
module that combines them into an application, and one function here.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from boto3_agentcore_payments.errors import MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from _typeshed.wsgi import WSGIApplication

    from boto3_agentcore_payments.merchants.handlers import Handler
    from boto3_agentcore_payments.merchants.offers import Offer
    from boto3_agentcore_payments.merchants.tills import Sale, SettlementLedger, Till

__all__ = [
    "Facilitator",
    "Merchant",
    "aws_billing_merchant",
    "mpp_merchant",
    "x402_facilitator",
    "x402_merchant",
]


@dataclass(frozen=True)
class Merchant:
    """An open merchant.

    Attributes:
        url: URL of the resource, or of the first of several; it answers 402 until it is paid for.
        pay_to: The address that is paid.
        sales: Every settled payment, oldest first; grows while the merchant is open.
        urls: URL of each resource by its path.
    """

    url: str
    pay_to: str
    sales: list[Sale]
    urls: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Facilitator:
    """An open x402 facilitator.

    Attributes:
        url: Base URL for your own merchant: it has ``/supported``, ``/verify`` and ``/settle``.
        sales: Every settled payment, oldest first; grows while the facilitator is open.
    """

    url: str
    sales: list[Sale]


@contextmanager
def x402_facilitator(
    *,
    ledger: SettlementLedger | None = None,
    endpoint_url: str | None = None,
    account_id: str | None = None,
    region: str | None = None,
) -> Iterator[Facilitator]:
    """Open a facilitator for your own x402 merchant, written in any language.

    Args:
        ledger: The ledger to settle in, instead of the emulator in this process.
        endpoint_url: URL of the emulator that settles, if it runs as a server.
        account_id: Account whose payments are settled; every account if not given.
        region: Region whose payments are settled; every region if not given.

    Raises:
        MissingExtraError: if the ``merchant`` extra is not installed.
    """
    try:
        from boto3_agentcore_payments.merchants import facilitator, serving
    except ImportError as error:
        raise _missing("A local x402 facilitator", error, python=(3, 10)) from error
    till = _till(ledger, endpoint_url, account_id, region)
    application = facilitator.service(facilitator.LocalFacilitator(till))
    with serving.serving(application) as base:
        yield Facilitator(url=base, sales=till.sales)


@contextmanager
def x402_merchant(
    *,
    price: str = "0.01",
    prices: Mapping[str, str] | None = None,
    network: str = "eip155:84532",
    scheme: str = "exact",
    version: int = 2,
    permit2: bool = False,
    charge: str | None = None,
    pay_to: str | None = None,
    content: str = "The article you paid for.",
    handler: Handler | None = None,
    ledger: SettlementLedger | None = None,
    endpoint_url: str | None = None,
    account_id: str | None = None,
    region: str | None = None,
) -> Iterator[Merchant]:
    """Open a merchant that accepts x402 payments.

    Args:
        price: USDC, e.g. ``"0.01"``; the maximum for ``upto``.
        prices: USDC by path, e.g. ``{"/news": "0.01", "/report": "0.25"}``, instead of one price.
        network: Any network of the emulator, by CAIP-2 or x402 version 1 name.
        scheme: ``exact``, or ``upto`` (version 2, EVM).
        version: x402 version, 1 or 2.
        permit2: Ask for a Permit2 authorization instead of an EIP-3009 one.
        charge: For ``upto``, the amount finally taken, in USDC; the maximum if not given.
        pay_to: Address that receives the money; the local merchant's own if not given.
        content: What the buyer gets.
        handler: Answers a buyer instead: a WSGI application, or a callable that takes the
            ``flask.Request`` or no argument and returns what a Flask view may. It runs once a
            payment is verified; an answer of 400 or more is not paid for.
        ledger: The ledger to settle in, instead of the emulator in this process.
        endpoint_url: URL of the emulator that settles, if it runs as a server.
        account_id: Account whose payments are settled; every account if not given.
        region: Region whose payments are settled; every region if not given.

    Raises:
        ValueError: if there is no such network, price, path or address, or x402 has no such
            combination.
        TypeError: if the handler is not a valid handler.
        MissingExtraError: if the ``merchant`` extra is not installed.
    """
    try:
        from boto3_agentcore_payments.merchants import facilitator, handlers, x402_shop
    except ImportError as error:
        raise _missing("A local x402 merchant", error, python=(3, 10)) from error
    goods = x402_shop.offers(
        price=price,
        prices=prices,
        network=network,
        scheme=scheme,
        version=version,
        permit2=permit2,
        charge=charge,
        pay_to=pay_to,
    )
    till = _till(ledger, endpoint_url, account_id, region)
    build = x402_shop.version_1 if version == 1 else x402_shop.version_2
    shop = build(goods, handlers.view(content, handler), facilitator.LocalFacilitator(till))
    with _opened(shop, goods, till) as merchant:
        yield merchant


@contextmanager
def mpp_merchant(
    *,
    price: str = "0.01",
    prices: Mapping[str, str] | None = None,
    method: str = "evm",
    network: str | None = None,
    sponsor_fees: bool | None = None,
    pay_to: str | None = None,
    content: str = "The article you paid for.",
    handler: Handler | None = None,
    ledger: SettlementLedger | None = None,
    endpoint_url: str | None = None,
    account_id: str | None = None,
    region: str | None = None,
) -> Iterator[Merchant]:
    """Open a merchant that accepts MPP payments, intent ``charge``.

    Args:
        price: USDC, e.g. ``"0.01"``.
        prices: USDC by path, e.g. ``{"/news": "0.01", "/report": "0.25"}``, instead of one price.
        method: ``evm``, ``tempo`` or ``solana``.
        network: CAIP-2 or x402 version 1 name; by default a test network of the method.
        sponsor_fees: Whether to pay the network's fees for the buyer. Only ``solana`` can, and
            does by default, because the service pays only such charges on Solana [guide].
        pay_to: Address that receives the money; the local merchant's own if not given.
        content: What the buyer gets.
        handler: Answers a buyer instead: a WSGI application, or a callable that takes the
            ``flask.Request`` or no argument and returns what a Flask view may. It runs once a
            payment is settled.
        ledger: The ledger to settle in, instead of the emulator in this process.
        endpoint_url: URL of the emulator that settles, if it runs as a server.
        account_id: Account whose payments are settled; every account if not given.
        region: Region whose payments are settled; every region if not given.

    Raises:
        ValueError: if there is no such network, method, price, path or address, or fees cannot be
            sponsored.
        TypeError: if the handler is not a valid handler.
        MissingExtraError: if the ``merchant`` extra is not installed, or this Python is older
            than pympp supports.
    """
    try:
        from boto3_agentcore_payments.merchants import handlers, mpp_shop
    except ImportError as error:
        raise _missing("A local MPP merchant", error, python=(3, 11)) from error
    goods = mpp_shop.offers(
        price=price,
        prices=prices,
        method=method,
        network=network,
        sponsor_fees=sponsor_fees,
        pay_to=pay_to,
    )
    till = _till(ledger, endpoint_url, account_id, region)
    view = handlers.view(content, handler)
    shop = mpp_shop.shop(goods, view, method=method, till=till, sponsor_fees=sponsor_fees)
    with _opened(shop, goods, till) as merchant:
        yield merchant


@contextmanager
def aws_billing_merchant(
    *,
    price: str = "0.01",
    prices: Mapping[str, str] | None = None,
    dpop: bool = False,
    pay_to: str | None = None,
    content: str = "The article you paid for.",
    handler: Handler | None = None,
    endpoint_url: str | None = None,
) -> Iterator[Merchant]:
    """Open an AWS Marketplace seller that accepts x402 payments on the AWS bill.

    It publishes the keys that verify its quotes at ``/.well-known/jwks.json``, where the emulator
    fetches them. Nothing is settled, because the price is captured when the payment token is
    signed. Each payment is accepted once.

    Args:
        price: US dollars, at most 8 decimals, e.g. ``"0.01"``.
        prices: US dollars by path, e.g. ``{"/news": "0.01"}``, instead of one price.
        dpop: Whether to accept only tokens bound to a key of the buyer. A bound token always needs
            a DPoP proof, which can be used once.
        pay_to: Product id on AWS Marketplace; the local merchant's own if not given.
        content: What the buyer gets.
        handler: Answers a buyer instead; see :func:`x402_merchant`.
        endpoint_url: URL of the emulator that signs payment tokens, if it is a server.

    Raises:
        ValueError: if a price or a path is not valid.
        TypeError: if the handler is not a valid handler.
        MissingExtraError: if the ``merchant`` extra is not installed, or this Python is older
            than AWS's package supports.
    """
    try:
        from boto3_agentcore_payments.merchants import aws_billing_shop, front, handlers, serving
    except ImportError as error:
        raise _missing("A local AWS Marketplace seller", error, python=(3, 10)) from error
    from boto3_agentcore_payments.emulator.engine.ports import DEFAULT_SEED
    from boto3_agentcore_payments.emulator.proofs import marketplace

    goods = aws_billing_shop.offers(price=price, prices=prices, pay_to=pay_to)
    view = handlers.view(content, handler)
    sales: list[Sale] = []
    # The quotes contain the merchant's URL, which is known only once it is served.
    opened: list[WSGIApplication] = []
    with serving.serving(lambda environ, start: opened[0](environ, start)) as base:  # noqa: PLW0108
        shop = aws_billing_shop.shop(
            goods,
            view,
            sales,
            url=base,
            dpop=dpop,
            marketplace_url=endpoint_url or base + aws_billing_shop.MARKETPLACE,
            marketplace_keys=None if endpoint_url else lambda: marketplace.key_set(DEFAULT_SEED),
        )
        opened.append(front.Front(shop))
        urls = {offer.path: base + offer.path for offer in goods}
        first = goods[0]
        yield Merchant(url=urls[first.path], pay_to=first.pay_to, sales=sales, urls=urls)


@contextmanager
def mcp_merchant(
    *,
    protocol: str = "x402",
    price: str = "0.01",
    prices: Mapping[str, str] | None = None,
    network: str | None = None,
    scheme: str = "exact",
    method: str = "evm",
    pay_to: str | None = None,
    content: str = "The article you paid for.",
    ledger: SettlementLedger | None = None,
    endpoint_url: str | None = None,
    account_id: str = "123456789012",
    region: str = "us-east-1",
) -> Iterator[Merchant]:
    """Open an MCP server whose tools are paid for, by streamable HTTP.

    Args:
        protocol: ``x402`` (version 2) or ``mpp``.
        price: USDC for one call of the tool ``article``, e.g. ``"0.01"``.
        prices: USDC by tool, e.g. ``{"search": "0.01", "report": "0.25"}``, instead of one price.
        network: CAIP-2 or x402 version 1 name; by default a test network.
        scheme: The x402 scheme, ``exact`` or ``upto``.
        method: The MPP method, ``evm``, ``tempo`` or ``solana``.
        pay_to: Address that receives the money; the local merchant's own if not given.
        content: What the buyer gets.
        ledger: The ledger to settle in, instead of the emulator in this process.
        endpoint_url: URL of the emulator that settles, if it runs as a server.
        account_id: Account whose emulator settles.
        region: Region whose emulator settles.

    Raises:
        ValueError: if there is no such protocol, network, method, price, tool or address.
        MissingExtraError: if the extras ``merchant`` and ``mcp`` are not installed, or this Python
            is older than they support.
    """
    if protocol not in ("x402", "mpp"):
        raise ValueError(f"An MCP merchant is paid by x402 or mpp, not by {protocol!r}")
    try:
        from boto3_agentcore_payments.merchants import mcp_shop, mpp_shop, x402_shop
    except ImportError as error:
        raise _missing(
            "A local MCP merchant", error, python=(3, 11), extra="merchant,mcp"
        ) from error
    paths = mcp_shop.paths(price, prices)
    till = _till(ledger, endpoint_url, account_id, region)
    if protocol == "x402":
        goods = x402_shop.offers(
            price=price,
            prices=paths,
            network=network or "eip155:84532",
            scheme=scheme,
            pay_to=pay_to,
        )
        tools = mcp_shop.x402_tools(goods, content, till)
    else:
        goods = mpp_shop.offers(
            price=price, prices=paths, network=network, method=method, pay_to=pay_to
        )
        tools = mcp_shop.mpp_tools(goods, content, till, method=method)
    with mcp_shop.serving(mcp_shop.application(tools)) as base:
        url = f"{base}{mcp_shop.PATH}/"
        yield Merchant(url=url, pay_to=goods[0].pay_to, sales=till.sales, urls={mcp_shop.PATH: url})


@contextmanager
def _opened(shop: WSGIApplication, goods: Sequence[Offer], till: Till) -> Iterator[Merchant]:
    """Serve a shop behind the common front."""
    from boto3_agentcore_payments.merchants import front, serving

    with serving.serving(front.Front(shop)) as base:
        urls = {offer.path: base + offer.path for offer in goods}
        first = goods[0]
        yield Merchant(url=urls[first.path], pay_to=first.pay_to, sales=till.sales, urls=urls)


def _till(
    ledger: SettlementLedger | None,
    endpoint_url: str | None,
    account_id: str | None,
    region: str | None,
) -> Till:
    from boto3_agentcore_payments.merchants import tills

    if ledger is None and endpoint_url is not None:
        from boto3_agentcore_payments.merchants.remote_ledger import RemoteLedger

        ledger = RemoteLedger(endpoint_url, account_id, region)
    if ledger is None:
        from boto3_agentcore_payments.emulator import install
        from boto3_agentcore_payments.emulator.backend import places
        from boto3_agentcore_payments.merchants.state_ledger import StateLedger

        install()
        ledger = StateLedger(lambda: places.states(account_id, region))
    return tills.Till(ledger)


def _missing(
    what: str, error: ImportError, *, python: tuple[int, int], extra: str = "merchant"
) -> MissingExtraError:
    if sys.version_info < python:
        needed = ".".join(map(str, python))
        what = f"{what} (which takes Python {needed} or newer)"
    return MissingExtraError(what, extra=extra, module=(error.name or "x402").partition(".")[0])
