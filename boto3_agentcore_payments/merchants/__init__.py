"""Local merchants that take the emulator's payments, for tests and demonstrations.

Real server libraries on a port of this machine: an x402 resource behind the x402 library's
middleware and facilitator schemes, an MPP resource behind pympp's server. They verify as any
merchant would, and settle in the emulator's ledger instead of on a chain, so the payer's wallet
must hold the money and an authorization is good once. Extra: ``merchant``.

    from boto3_agentcore_payments import merchants

    with merchants.x402_merchant(price="0.01", network="eip155:84532") as shop:
        requests.get(shop.url)  # 402, and what would have to be paid
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from boto3_agentcore_payments.errors import MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from boto3_agentcore_payments.merchants.settlement import Sale, SettlementLedger, Till

__all__ = ["Facilitator", "Merchant", "mpp_merchant", "x402_facilitator", "x402_merchant"]


@dataclass(frozen=True)
class Merchant:
    """A merchant that is open.

    Attributes:
        url: The resource: 402 until it is paid for.
        pay_to: The merchant's address.
        sales: Every settled payment, oldest first; grows while the merchant is open.
    """

    url: str
    pay_to: str
    sales: list[Sale]


@dataclass(frozen=True)
class Facilitator:
    """An x402 facilitator that is open.

    Attributes:
        url: Where a merchant of your own asks: ``/supported``, ``/verify`` and ``/settle``.
        sales: Every settled payment, oldest first; grows while the facilitator is open.
    """

    url: str
    sales: list[Sale]


@contextmanager
def x402_facilitator(
    *,
    ledger: SettlementLedger | None = None,
    endpoint_url: str | None = None,
    account_id: str = "123456789012",
    region: str = "us-east-1",
) -> Iterator[Facilitator]:
    """Open a facilitator for an x402 merchant of your own, in whatever language it is written.

    Args:
        ledger: Where to settle, instead of the emulator in this process.
        endpoint_url: The emulator that settles, where it is a server.
        account_id: Account whose emulator settles.
        region: Region whose emulator settles.

    Raises:
        MissingExtraError: the ``merchant`` extra is not installed.
    """
    try:
        from boto3_agentcore_payments.merchants import facilitator, facilitator_service, serving
    except ImportError as error:
        raise _missing("A local x402 facilitator", error, python=(3, 10)) from error
    till = _till(ledger, endpoint_url, account_id, region)
    application = facilitator_service.service(facilitator.local_facilitator(till))
    with serving.serving(application) as base:
        yield Facilitator(url=base, sales=till.sales)


@contextmanager
def x402_merchant(
    *,
    price: str = "0.01",
    network: str = "eip155:84532",
    scheme: str = "exact",
    version: int = 2,
    permit2: bool = False,
    charge: str | None = None,
    content: str = "The article you paid for.",
    ledger: SettlementLedger | None = None,
    endpoint_url: str | None = None,
    account_id: str = "123456789012",
    region: str = "us-east-1",
) -> Iterator[Merchant]:
    """Open a merchant that is paid by x402.

    Args:
        price: USDC, e.g. ``"0.01"``; the maximum for ``upto``.
        network: Any network of the emulator, by CAIP-2 or x402 version 1 name.
        scheme: ``exact``, or ``upto`` (version 2, EVM).
        version: x402 version, 1 or 2.
        permit2: Ask for a Permit2 authorization instead of an EIP-3009 one.
        charge: What is taken in the end, in USDC, for ``upto``; all of it if not given.
        content: What the buyer gets.
        ledger: Where to settle, instead of the emulator in this process.
        endpoint_url: The emulator that settles, where it is a server.
        account_id: Account whose emulator settles.
        region: Region whose emulator settles.

    Raises:
        ValueError: no such network or price, or a combination x402 does not have.
        MissingExtraError: the ``merchant`` extra is not installed.
    """
    try:
        from boto3_agentcore_payments.merchants import (
            facilitator,
            serving,
            x402_offers,
            x402_shop,
        )
    except ImportError as error:
        raise _missing("A local x402 merchant", error, python=(3, 10)) from error
    offer = x402_offers.offer(
        price=price,
        network=network,
        scheme=scheme,
        version=version,
        permit2=permit2,
        charge=charge,
        content=content,
    )
    till = _till(ledger, endpoint_url, account_id, region)
    build = x402_shop.version_1 if version == 1 else x402_shop.version_2
    with serving.serving(build(offer, facilitator.local_facilitator(till))) as base:
        yield Merchant(url=base + x402_shop.PATH, pay_to=offer.pay_to, sales=till.sales)


@contextmanager
def mpp_merchant(
    *,
    price: str = "0.01",
    method: str = "evm",
    network: str | None = None,
    sponsor_fees: bool = False,
    content: str = "The article you paid for.",
    ledger: SettlementLedger | None = None,
    endpoint_url: str | None = None,
    account_id: str = "123456789012",
    region: str = "us-east-1",
) -> Iterator[Merchant]:
    """Open a merchant that is paid by MPP, intent ``charge``.

    Args:
        price: USDC, e.g. ``"0.01"``.
        method: ``evm``, ``tempo`` or ``solana``.
        network: CAIP-2 or x402 version 1 name; by default a test network of the method.
        sponsor_fees: Pay the network's fees for the buyer (``solana`` only).
        content: What the buyer gets.
        ledger: Where to settle, instead of the emulator in this process.
        endpoint_url: The emulator that settles, where it is a server.
        account_id: Account whose emulator settles.
        region: Region whose emulator settles.

    Raises:
        ValueError: no such network, method or price, or fees that cannot be sponsored.
        MissingExtraError: the ``merchant`` extra is not installed, or this Python is older than
            pympp supports.
    """
    try:
        from boto3_agentcore_payments.merchants import mpp_shop, serving
    except ImportError as error:
        raise _missing("A local MPP merchant", error, python=(3, 11)) from error
    till = _till(ledger, endpoint_url, account_id, region)
    offer = mpp_shop.offer(
        price=price, method=method, network=network, sponsor_fees=sponsor_fees, content=content
    )
    shop = mpp_shop.shop(offer, method=method, till=till, sponsor_fees=sponsor_fees)
    with serving.serving(shop) as base:
        yield Merchant(url=base + mpp_shop.PATH, pay_to=offer.pay_to, sales=till.sales)


def _till(
    ledger: SettlementLedger | None, endpoint_url: str | None, account_id: str, region: str
) -> Till:
    from boto3_agentcore_payments.merchants import remote, settlement

    if ledger is None and endpoint_url is not None:
        ledger = remote.RemoteLedger(endpoint_url, account_id, region)
    if ledger is None:
        from boto3_agentcore_payments.emulator import install
        from boto3_agentcore_payments.emulator.backend.models import payments_backends

        install()
        ledger = settlement.StateLedger(lambda: payments_backends[account_id][region].state)
    return settlement.Till(ledger)


def _missing(what: str, error: ImportError, *, python: tuple[int, int]) -> MissingExtraError:
    if sys.version_info < python:
        needed = ".".join(map(str, python))
        what = f"{what} (which takes Python {needed} or newer)"
    return MissingExtraError(
        what, extra="merchant", module=(error.name or "x402").partition(".")[0]
    )
