"""A Solana cluster as x402's facilitator sees one, kept in the emulator's ledger."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from solders.transaction import VersionedTransaction
from x402.mechanisms.svm.signers import FacilitatorKeypairSigner
from x402.mechanisms.svm.utils import extract_transaction_info

from boto3_agentcore_payments.emulator.engine.errors import SettlementError
from boto3_agentcore_payments.emulator.proofs import networks

if TYPE_CHECKING:
    from boto3_agentcore_payments.merchants.settlement import Till


class LedgerSolanaChain(FacilitatorKeypairSigner):
    """Implements x402's ``FacilitatorSvmSigner``: its own co-signing, the ledger's money.

    Args:
        keypair: The facilitator's solders ``Keypair``, which pays fees.
        till: Where the money is.
    """

    def __init__(self, keypair: Any, till: Till) -> None:
        super().__init__(keypair)
        self._till = till

    def simulate_transaction(self, tx_base64: str, network: str) -> None:
        """Try a co-signed transaction out.

        Raises:
            RuntimeError: a signature is wrong, or the transfer would fail.
        """
        info, proof_id = _opened(tx_base64)
        where = _network(network)
        if self._till.used(where, info.payer, proof_id):
            problem = "This transaction has already been processed"
            raise RuntimeError(problem)
        if self._till.held(where, info.payer) < info.amount:
            problem = "insufficient funds"
            raise RuntimeError(problem)

    def send_transaction(self, tx_base64: str, network: str) -> str:
        """Make the transfer and return the transaction's signature.

        Raises:
            RuntimeError: it failed.
        """
        info, proof_id = _opened(tx_base64)
        # A transaction goes by its first signature, the fee payer's.
        first = VersionedTransaction.from_bytes(base64.b64decode(tx_base64)).signatures[0]
        try:
            sale = self._till.take(
                _network(network), info.payer, proof_id, info.amount, transaction=str(first)
            )
        except SettlementError as error:
            raise RuntimeError(str(error)) from error
        return sale.transaction

    def confirm_transaction(self, signature: str, network: str, timeout_seconds: int = 30) -> None:
        """Confirm: what was sent is final at once."""
        del signature, network, timeout_seconds


def _network(name: str) -> networks.Network:
    network = networks.find(name)
    if network is None:
        problem = f"No such network: {name}"
        raise RuntimeError(problem)
    return network


def _opened(tx_base64: str) -> tuple[Any, str]:
    """Return what a fully signed transaction transfers, and the payer's own signature."""
    transaction = VersionedTransaction.from_bytes(base64.b64decode(tx_base64))
    info = extract_transaction_info(transaction)
    if info is None or not all(transaction.verify_with_results()):
        problem = "Transaction signature verification failure"
        raise RuntimeError(problem)
    signers = [str(key) for key in transaction.message.account_keys]
    return info, str(transaction.signatures[signers.index(info.payer)])
