"""What a local merchant sells, and for how much."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.emulator.proofs import networks

if TYPE_CHECKING:
    from collections.abc import Mapping

_ATOMIC_PER_USDC = 10**6


@dataclass(frozen=True)
class Offer:
    """One resource and its price.

    Attributes:
        network: Chain it is paid on.
        scheme: ``exact`` or ``upto``.
        amount: Atomic USDC units; the maximum for ``upto``.
        pay_to: The merchant's address.
        extra: ``extra`` of the x402 requirements.
        timeout: Seconds a payment stays valid.
        charged: Atomic units taken in the end, for ``upto``; ``None`` takes all.
        description: What is sold.
        content: What the buyer gets.
    """

    network: networks.Network
    scheme: str
    amount: int
    pay_to: str
    extra: Mapping[str, Any] = field(default_factory=dict)
    timeout: int = 300
    charged: int | None = None
    description: str = "One article"
    content: str = "The article you paid for."


def network_named(name: str) -> networks.Network:
    """Return the network a caller named.

    Raises:
        ValueError: there is no such network.
    """
    network = networks.find(name)
    if network is None:
        problem = f"There is no network called {name!r} in the emulator"
        raise ValueError(problem)
    return network


def atomic(price: str) -> int:
    """Return a price in USDC, such as ``"0.01"``, as atomic units.

    Raises:
        ValueError: not a positive amount of whole atomic units.
    """
    try:
        units = Decimal(price) * _ATOMIC_PER_USDC
    except InvalidOperation:
        units = Decimal(0)
    if not units.is_finite() or units <= 0 or units != units.to_integral_value():
        problem = f"A price is a positive amount of USDC with at most 6 decimals, not {price!r}"
        raise ValueError(problem)
    return int(units)
