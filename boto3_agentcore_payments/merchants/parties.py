"""Wallets of the local market: the merchant's and the facilitator's, the same in every process."""

from __future__ import annotations

from boto3_agentcore_payments.emulator.engine.ports import WalletKey

_SEED = "boto3-agentcore-payments local merchants"


def local_wallet(role: str, wallet_network: str) -> WalletKey:
    """Return the wallet of a party of the local market.

    Args:
        role: ``facilitator`` or ``merchant``.
        wallet_network: ``ETHEREUM`` or ``SOLANA``.
    """
    return WalletKey(_SEED, role, wallet_network)
