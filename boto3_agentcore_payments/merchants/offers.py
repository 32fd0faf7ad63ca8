"""The resources that a local merchant sells, and their prices."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.emulator.engine.money import USDC_DECIMALS
from boto3_agentcore_payments.emulator.proofs import networks

if TYPE_CHECKING:
    from collections.abc import Mapping

PATH = "/article"
"""Path of the resource of a merchant that has only one."""

_PRICE = re.compile(r"([0-9]{1,15})(?:\.([0-9]{1,6})0*)?", re.ASCII)
_PLAIN_PATH = re.compile(r"/[A-Za-z0-9._~/-]*")
_EVM_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")


@dataclass(frozen=True)
class Offer:
    """One resource and its price.

    Attributes:
        path: URL path of the resource, e.g. ``/article``.
        network: Chain it is paid on.
        scheme: The x402 scheme, ``exact`` or ``upto``, or MPP's intent ``charge``.
        amount: Atomic USDC units (6 decimals); the maximum for ``upto``.
        pay_to: The merchant's address.
        extra: ``extra`` of the x402 requirements.
        timeout: Seconds a payment stays valid.
        charged: For ``upto``, the atomic units finally taken; ``None`` takes the maximum.
        description: What is sold.
    """

    path: str
    network: networks.Network
    scheme: str
    amount: int
    pay_to: str
    extra: Mapping[str, Any] = field(default_factory=dict)
    timeout: int = 300
    charged: int | None = None
    description: str = "One article"


def price_list(price: str, prices: Mapping[str, str] | None) -> dict[str, int]:
    """Return the price of each path in atomic USDC units.

    Args:
        price: USDC, for a merchant of one resource.
        prices: USDC by path, for a merchant of several.

    Raises:
        ValueError: if no path is given, a path is not plain, or a price is not a positive amount
            of whole atomic units.
    """
    wanted = {PATH: price} if prices is None else dict(prices)
    if not wanted:
        raise ValueError("A merchant sells at least one path")
    for path in wanted:
        check_path(path)
    return {path: atomic(text) for path, text in wanted.items()}


def check_path(path: str) -> None:
    """Check that a resource can be sold at a path.

    Raises:
        ValueError: if it is not plain.
    """
    if not _PLAIN_PATH.fullmatch(path):
        raise ValueError(
            f"A path begins with / and has letters, digits and ._~/- alone, not {path!r}"
        )


def network_named(name: str) -> networks.Network:
    """Return the network that a caller named.

    Raises:
        ValueError: if there is no such network.
    """
    network = networks.find(name)
    if network is None:
        raise ValueError(f"There is no network called {name!r} in the emulator")
    return network


def atomic(price: object) -> int:
    """Return a price in USDC, such as ``"0.01"``, as atomic units.

    Raises:
        ValueError: if it is a float, or not a positive amount of whole atomic units.
    """
    if isinstance(price, float):
        raise ValueError(  # noqa: TRY004 - as every other price that is not right
            f"A price is text, such as {str(price)!r}: the float {price} is not exactly that amount"
        )
    matched = _PRICE.fullmatch(str(price))
    units = int(matched[1] + (matched[2] or "").ljust(USDC_DECIMALS, "0")) if matched else 0
    if units <= 0:
        raise ValueError(
            f"A price is a positive amount of USDC with at most 6 decimals, not {price!r}"
        )
    return units


def recipient(pay_to: str | None, network: networks.Network, default: str) -> str:
    """Return the address to pay a merchant at.

    Only its form is checked. An address that a chain would not pay, such as the zero address, is
    refused when a payment arrives.

    Args:
        pay_to: The address a caller asked for, if any.
        network: The address's chain.
        default: The local merchant's own address.

    Raises:
        ValueError: if it does not have the form of an address on that network.
    """
    if pay_to is None:
        return default
    if network.wallet_network == networks.SOLANA:
        from solders.pubkey import Pubkey

        try:
            Pubkey.from_string(pay_to)
        except ValueError:
            pass
        else:
            return pay_to
    elif _EVM_ADDRESS.fullmatch(pay_to):
        return pay_to
    raise ValueError(f"{pay_to!r} is not an address on {network.caip2}")
