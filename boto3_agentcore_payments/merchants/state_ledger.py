"""Settling in the emulator of this process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from boto3_agentcore_payments.emulator.engine.errors import SettlementError
from boto3_agentcore_payments.emulator.engine.settlement import settle

if TYPE_CHECKING:
    from collections.abc import Callable

    from boto3_agentcore_payments.emulator.engine.ledger import Payment
    from boto3_agentcore_payments.emulator.engine.state import PaymentsState
    from boto3_agentcore_payments.emulator.proofs.networks import Network


class StateLedger:
    """A :class:`~boto3_agentcore_payments.merchants.tills.SettlementLedger` in this process.

    Args:
        find_state: Returns the emulator's state; called each time, because a reset replaces it.
    """

    def __init__(self, find_state: Callable[[], PaymentsState]) -> None:
        self._find_state = find_state

    def balance(self, network: Network, address: str) -> int:
        """Return what a wallet holds on a network, in atomic USDC units."""
        state = self._find_state()
        with state.lock:
            return state.balances.get(address, network.chain or network.caip2)

    def signed_amount(self, network: Network, payer: str, proof_id: str) -> int | None:
        """Return the atomic units that a proof was signed for, ``None`` without such a proof."""
        state = self._find_state()
        with state.lock:
            payment = _find(state, network, payer, proof_id)
            return None if payment is None else payment.amount

    def is_settled(self, network: Network, payer: str, proof_id: str) -> bool:
        """Return whether an authorization has been used."""
        state = self._find_state()
        with state.lock:
            payment = _find(state, network, payer, proof_id)
            return payment is not None and state.ledger.is_settled(payment)

    def settle(self, network: Network, payer: str, proof_id: str, amount: int | None = None) -> int:
        """Move an authorization's money to its recipient; see ``SettlementLedger``."""
        state = self._find_state()
        with state.lock:
            payment = _find(state, network, payer, proof_id)
            if payment is None:
                raise SettlementError(
                    "unknown_payment", f"No payment was signed as {proof_id} on {network.caip2}"
                )
            settled = settle(state, payment.process_payment_id, payer=payer, amount=amount)
            return settled.amount if settled.settled_amount is None else settled.settled_amount


def _find(state: PaymentsState, network: Network, payer: str, proof_id: str) -> Payment | None:
    """Return the oldest payment with this authorization on this network."""
    first = state.ledger.find(proof_id, payer=payer)
    if first is None or first.network == network.caip2:
        return first
    # An MPP nonce is of the challenge alone, so one wallet may have it on two networks.
    return next(
        (
            payment
            for payment in state.ledger.payments()
            if payment.proof_id == proof_id
            and payment.network == network.caip2
            and payment.payer.lower() == payer.lower()
        ),
        None,
    )
