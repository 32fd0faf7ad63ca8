"""A Solana cluster for x402's facilitator: its programs on the emulator's ledger."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from solders.transaction import VersionedTransaction
from x402.mechanisms.svm.signers import FacilitatorKeypairSigner

from boto3_agentcore_payments.emulator.engine.errors import SettlementError
from boto3_agentcore_payments.merchants.solana_programs import run, transfers

if TYPE_CHECKING:
    from boto3_agentcore_payments.emulator.proofs.networks import Network
    from boto3_agentcore_payments.merchants.solana_programs import TokenTransfer
    from boto3_agentcore_payments.merchants.tills import Till


class LedgerSolanaChain(FacilitatorKeypairSigner):
    """Implements x402's ``FacilitatorSvmSigner``: co-signs as x402 does, settles in the ledger.

    Args:
        keypair: solders ``Keypair`` of the facilitator, which pays the fees.
        network: The cluster.
        till: Settles the payments and records the sales.
    """

    def __init__(self, keypair: Any, network: Network, till: Till) -> None:
        super().__init__(keypair)
        self._network = network
        self._till = till

    def simulate_transaction(self, tx_base64: str, network: str) -> None:
        """Simulate a co-signed transaction.

        Raises:
            RuntimeError: if a program or the ledger would refuse it.
        """
        del network  # x402 has one signer for all clusters; here each cluster has its own
        self._checked(tx_base64)

    def send_transaction(self, tx_base64: str, network: str) -> str:
        """Make the transfer and return the transaction's signature.

        Raises:
            RuntimeError: if it fails.
        """
        del network
        transaction, transfer, proof_id = self._checked(tx_base64)
        try:
            sale = self._till.take(
                self._network,
                transfer.payer,
                proof_id,
                amount=transfer.amount,
                # A transaction's id is its first signature, the fee payer's.
                transaction=str(transaction.signatures[0]),
            )
        except SettlementError as error:
            raise RuntimeError(str(error)) from error
        return sale.transaction

    def confirm_transaction(self, signature: str, network: str, timeout_seconds: int = 30) -> None:
        """Do nothing: every transaction is final at once."""
        del signature, network, timeout_seconds

    def _checked(self, tx_base64: str) -> tuple[VersionedTransaction, TokenTransfer, str]:
        """Check a transaction as the cluster would; return it, its transfer and its proof's id."""
        transaction = VersionedTransaction.from_bytes(base64.b64decode(tx_base64))
        try:
            (transfer,) = transfers(transaction)
        except ValueError as error:
            raise RuntimeError(f"Not one transfer: {error}") from error
        signers = [str(key) for key in transaction.message.account_keys]
        proof_id = str(transaction.signatures[signers.index(transfer.payer)])
        held = self._till.held(self._network, transfer.payer)
        run(transaction, [transfer], held)
        try:
            self._till.check(self._network, transfer.payer, proof_id, transfer.amount)
        except SettlementError as error:
            raise RuntimeError(str(error)) from error
        return transaction, transfer, proof_id
