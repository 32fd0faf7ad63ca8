"""The table of x402 transfer methods: one row for each, with the function that signs it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from boto3_agentcore_payments.emulator.proofs import eip3009, permit2, solana_transfer, x402_svm
from boto3_agentcore_payments.emulator.proofs.networks import ETHEREUM, SOLANA

if TYPE_CHECKING:
    from collections.abc import Callable

    from boto3_agentcore_payments.emulator.engine.ports import SignedProof, WalletKey
    from boto3_agentcore_payments.emulator.proofs.x402_requirements import Requirements


@dataclass(frozen=True)
class TransferMethod:
    """One x402 transfer method.

    Attributes:
        name: ``extra.assetTransferMethod`` on EVM chains; Solana's has no name in x402.
        versions: x402 versions that have it.
        wallet_network: Kind of wallet that signs.
        step: Name of the signing step in errors.
        authorize: Signs requirements; given a wallet, the time in seconds since 1970, and a
            source of random bytes.
    """

    name: str
    versions: tuple[str, ...]
    wallet_network: str
    step: str
    authorize: Callable[[Requirements, WalletKey, int, Callable[[int], bytes]], SignedProof]


SVM = "svm"
"""Name of the row for Solana."""

TRANSFER_METHODS = {
    method.name: method
    for method in (
        TransferMethod("eip3009", ("1", "2"), ETHEREUM, eip3009.STEP, eip3009.authorize),
        TransferMethod("permit2", ("2",), ETHEREUM, permit2.STEP, permit2.authorize),
        TransferMethod(SVM, ("1", "2"), SOLANA, solana_transfer.STEP, x402_svm.authorize),
    )
}
"""The transfer methods by name."""
