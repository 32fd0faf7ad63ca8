"""Every network a payment may name, and its canonical USDC.

Sources. Names a wallet may use, and the Base and Solana token addresses: AWS's guide
[guide]. Ethereum and Arbitrum tokens and every EIP-712 domain: the x402 library's table of default
assets (``x402.mechanisms.evm.default_assets``, 2.25). Optimism and Sepolia tokens: Circle's public
list of USDC contracts; their domains follow Circle's FiatToken 2 contracts ("USD Coin" on
mainnets, "USDC" on test networks). Solana testnet shares devnet's mint (``x402.mechanisms.svm``).
Tempo: pympp's defaults (``mpp.methods.tempo``, 0.16): bridged USDC on mainnet, and pathUSD on the
Moderato test network, which has no USDC [decided].
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

ETHEREUM = "ETHEREUM"
SOLANA = "SOLANA"


@dataclass(frozen=True)
class Network:
    """One chain a wallet can pay on.

    Attributes:
        caip2: CAIP-2 name, e.g. ``eip155:84532``.
        names: Every name a payload may use for it, the CAIP-2 name included.
        wallet_network: Kind of wallet that pays here: ``ETHEREUM`` or ``SOLANA`` (model:
            ``CryptoWalletNetwork``).
        usdc: Address of the canonical USDC token (6 decimals), checksum form on EVM chains.
        chain: The model's ``BlockchainChainId``, or ``None`` if the model does not list the chain.
        chain_id: EIP-155 chain id; 0 on Solana.
        domain_name: ``name`` of the token's EIP-712 domain; empty on Solana and Tempo.
        domain_version: ``version`` of the token's EIP-712 domain; empty on Solana and Tempo.
    """

    caip2: str
    names: tuple[str, ...]
    wallet_network: str
    usdc: str
    chain: str | None = None
    chain_id: int = 0
    domain_name: str = ""
    domain_version: str = ""


class NamedNetwork(NamedTuple):
    """The result of looking up the chain that a payload names.

    Attributes:
        network: The chain, or ``None`` if the name is unknown.
        named: The name, for a message.
        supported: Names that are known, for a message.
    """

    network: Network | None
    named: str
    supported: tuple[str, ...]


def _evm(
    chain_id: int, names: tuple[str, ...], usdc: str, domain_name: str, chain: str | None = None
) -> Network:
    return Network(
        caip2=f"eip155:{chain_id}",
        names=(f"eip155:{chain_id}", *names),
        wallet_network=ETHEREUM,
        usdc=usdc,
        chain=chain,
        chain_id=chain_id,
        domain_name=domain_name,
        domain_version="2",
    )


def _solana(genesis: str, names: tuple[str, ...], usdc: str, chain: str | None) -> Network:
    # CAIP-2 cuts the genesis hash to 32 characters; AWS's SDK also takes the whole hash.
    short = f"solana:{genesis[:32]}"
    return Network(
        caip2=short,
        names=(*names, short, f"solana:{genesis}"),
        wallet_network=SOLANA,
        usdc=usdc,
        chain=chain,
    )


X402_NETWORKS: tuple[Network, ...] = (
    _evm(8453, ("base",), "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913", "USD Coin", "BASE"),
    _evm(1, ("ethereum",), "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48", "USD Coin", "ETHEREUM"),
    _evm(42161, (), "0xaf88d065e77c8cC2239327C5EDb3A432268e5831", "USD Coin"),
    _evm(10, (), "0x0b2C639c533813f4Aa9D7837CAf62653d097Ff85", "USD Coin"),
    _evm(
        84532,
        ("base-sepolia",),
        "0x036CbD53842c5426634e7929541eC2318f3dCF7e",
        "USDC",
        "BASE_SEPOLIA",
    ),
    _evm(11155111, ("sepolia",), "0x1c7D4B196Cb0C7B01d743Fbc6116a902379C7238", "USDC"),
    _solana(
        "5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d",
        ("solana", "solana-mainnet"),
        "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v",
        "SOLANA",
    ),
    _solana(
        "EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG",
        ("solana-devnet",),
        "4zMMC9srt5Ri5X14GAgXhaHii3GnPAEERYPJgZJDncDU",
        "SOLANA_DEVNET",
    ),
    _solana(
        "4uhcVJyU9pJkvQyS88uRDiswHXSCkY3zQawwpjk2NsNY",
        ("solana-testnet",),
        "4zMMC9srt5Ri5X14GAgXhaHii3GnPAEERYPJgZJDncDU",
        None,
    ),
)
"""Networks of x402 payments, in the order the service lists them in its messages."""

TEMPO_NETWORKS: dict[int, Network] = {
    4217: Network(
        caip2="eip155:4217",
        names=("eip155:4217",),
        wallet_network=ETHEREUM,
        usdc="0x20C000000000000000000000b9537d11c60E8b50",
        chain_id=4217,
    ),
    42431: Network(
        caip2="eip155:42431",
        names=("eip155:42431",),
        wallet_network=ETHEREUM,
        usdc="0x20c0000000000000000000000000000000000000",
        chain_id=42431,
    ),
}
"""Chains of MPP ``tempo`` charges by chain id."""

_BY_NAME = {name: network for network in X402_NETWORKS for name in network.names}
_BY_CHAIN_ID = {network.chain_id: network for network in X402_NETWORKS if network.chain_id}

SOLANA_CLUSTERS: dict[str, Network] = {
    "mainnet": _BY_NAME["solana"],
    "devnet": _BY_NAME["solana-devnet"],
}
"""Solana networks that can be paid on [guide], by MPP's cluster names (draft-solana-charge-00)."""


def find(name: str) -> Network | None:
    """Return the network that a payload names, by CAIP-2 or x402 v1 name, or ``None``."""
    return _BY_NAME.get(name)


def find_chain_id(chain_id: int) -> Network | None:
    """Return the EVM network with this EIP-155 chain id (Tempo aside), or ``None``."""
    return _BY_CHAIN_ID.get(chain_id)


def names_for(wallet_network: str) -> tuple[str, ...]:
    """Return every network name a wallet of this kind may pay on, as messages list them."""
    return _NAMES[wallet_network]


def _caip2_names(wallet_network: str) -> tuple[str, ...]:
    return tuple(
        name
        for network in X402_NETWORKS
        if network.wallet_network == wallet_network
        for name in network.names
        if ":" in name
    )


# In the guide's order, which differs between the two kinds of wallet.
_NAMES = {
    ETHEREUM: (*_caip2_names(ETHEREUM), "base", "ethereum", "sepolia", "base-sepolia"),
    SOLANA: (
        "solana",
        "solana-mainnet",
        "solana-devnet",
        "solana-testnet",
        *_caip2_names(SOLANA),
    ),
}
