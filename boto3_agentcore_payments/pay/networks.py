"""The networks that the service pays on and their USDC, for checking an offer before signing.

Names and addresses: section 5.1 of the service's behaviour [guide], [sdk]; addresses without a
guide entry are those of the issuer's contracts, as x402 2.25 and pympp 0.16 have them. Any other
asset is refused: its atomic units would not be dollars.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

ETHEREUM = "ETHEREUM"
"""Wallet network of EVM chains (model: ``CryptoWalletNetwork``)."""
SOLANA = "SOLANA"
"""Wallet network of Solana (model: ``CryptoWalletNetwork``)."""
USDC_DECIMALS = 6


@dataclass(frozen=True)
class Network:
    """One chain.

    Attributes:
        caip2: CAIP-2 name, e.g. ``eip155:84532``.
        wallet: Kind of wallet that pays there: ``ETHEREUM`` or ``SOLANA``.
        usdc: Address of its USDC.
        names: Its other names: x402 version 1 labels and whole genesis hashes.
        tempo: Whether it is a Tempo chain, which only MPP's method ``tempo`` pays on.
    """

    caip2: str
    wallet: str
    usdc: str
    names: tuple[str, ...] = ()
    tempo: bool = False

    def is_usdc(self, asset: object) -> bool:
        """Return whether an address is this chain's USDC; letter case counts on Solana only."""
        if not isinstance(asset, str):
            return False
        if self.wallet == SOLANA:
            return asset == self.usdc
        return asset.lower() == self.usdc.lower()


_DEVNET_USDC = "4zMMC9srt5Ri5X14GAgXhaHii3GnPAEERYPJgZJDncDU"

NETWORKS: tuple[Network, ...] = (
    Network("eip155:8453", ETHEREUM, "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913", ("base",)),
    Network("eip155:1", ETHEREUM, "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48", ("ethereum",)),
    Network("eip155:42161", ETHEREUM, "0xaf88d065e77c8cC2239327C5EDb3A432268e5831"),
    Network("eip155:10", ETHEREUM, "0x0b2C639c533813f4Aa9D7837CAf62653d097Ff85"),
    Network(
        "eip155:84532", ETHEREUM, "0x036CbD53842c5426634e7929541eC2318f3dCF7e", ("base-sepolia",)
    ),
    Network(
        "eip155:11155111", ETHEREUM, "0x1c7D4B196Cb0C7B01d743Fbc6116a902379C7238", ("sepolia",)
    ),
    Network(
        "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp",
        SOLANA,
        "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v",
        ("solana", "solana-mainnet", "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d"),
    ),
    Network(
        "solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1",
        SOLANA,
        _DEVNET_USDC,
        ("solana-devnet", "solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG"),
    ),
    Network(
        "solana:4uhcVJyU9pJkvQyS88uRDiswHXSCkY3z",
        SOLANA,
        _DEVNET_USDC,
        ("solana-testnet", "solana:4uhcVJyU9pJkvQyS88uRDiswHXSCkY3zQawwpjk2NsNY"),
    ),
    Network("eip155:4217", ETHEREUM, "0x20C000000000000000000000b9537d11c60E8b50", tempo=True),
    Network("eip155:42431", ETHEREUM, "0x20c0000000000000000000000000000000000000", tempo=True),
)
"""Every network, in no order of preference."""

_BY_NAME = {name: each for each in NETWORKS for name in (each.caip2, *each.names)}


def find(name: object) -> Network | None:
    """Return the network of a CAIP-2 name or an x402 version 1 label, or ``None``."""
    return _BY_NAME.get(name) if isinstance(name, str) else None


def caip2(name: str) -> str:
    """Return the CAIP-2 name of a network; an unknown name is returned unchanged."""
    found = find(name)
    return name if found is None else found.caip2


def usd(units: int) -> Decimal:
    """Return atomic USDC units as US dollars, exactly and without trailing zeros.

    The decimal point is placed in the text: arithmetic would round to the caller's precision.
    """
    digits = str(units).rjust(USDC_DECIMALS + 1, "0")
    whole, part = digits[:-USDC_DECIMALS], digits[-USDC_DECIMALS:].rstrip("0")
    return Decimal(f"{whole}.{part}" if part else whole)
