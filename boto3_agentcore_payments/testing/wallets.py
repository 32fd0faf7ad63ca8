"""The kinds of wallets of a test's account, and the chains they can hold money on."""

from __future__ import annotations

from boto3_agentcore_payments.emulator.proofs import networks

ETHEREUM = networks.ETHEREUM
SOLANA = networks.SOLANA


def chains_of(kind: str) -> list[str]:
    """Return every chain a wallet of this kind can hold money on, as the control surface names it.

    Args:
        kind: ``ETHEREUM`` or ``SOLANA``.
    """
    payable = (*networks.X402_NETWORKS, *networks.TEMPO_NETWORKS.values())
    return [each.chain or each.caip2 for each in payable if each.wallet_network == kind]
