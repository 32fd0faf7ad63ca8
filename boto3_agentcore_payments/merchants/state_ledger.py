"""Settle in the emulator of this process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from boto3_agentcore_payments.emulator.backend import places
from boto3_agentcore_payments.emulator.engine.settlement import settle
from boto3_agentcore_payments.merchants import tills

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from boto3_agentcore_payments.emulator.engine.ledger import Payment
    from boto3_agentcore_payments.emulator.engine.state import PaymentsState
    from boto3_agentcore_payments.emulator.proofs.networks import Network


class StateLedger:
    """A :class:`~boto3_agentcore_payments.merchants.tills.SettlementLedger` in this process.

    Args:
        find_states: Returns the emulator's states to look in, at least one; called each time,
            because a reset replaces them.
    """

    def __init__(self, find_states: Callable[[], Sequence[PaymentsState]]) -> None:
        self._find_states = find_states

    def looked_at(self) -> str:
        """Return where this ledger looks for payments, in words."""
        return places.described(self._find_states())

    def balance(self, network: Network, address: str) -> int:
        """Return what a wallet holds on a network, in atomic USDC units."""
        chain = network.chain or network.caip2
        # Two states never share a wallet, so only one of them holds its money.
        return sum(state.balances.get(address, chain) for state in self._find_states())

    def signed_amount(self, network: Network, payer: str, proof_id: str) -> int | None:
        """Return the atomic units that a proof was signed for, or ``None`` if it is unknown."""
        found = self._located(network, payer, proof_id)
        return None if found is None else found[1].amount

    def is_settled(self, network: Network, payer: str, proof_id: str) -> bool:
        """Return whether an authorization has been used."""
        found = self._located(network, payer, proof_id)
        if found is None:
            return False
        state, payment = found
        with state.lock:
            return state.ledger.is_settled(payment)

    def settle(self, network: Network, payer: str, proof_id: str, amount: int | None = None) -> int:
        """Move an authorization's money to its recipient; see ``SettlementLedger``."""
        found = self._located(network, payer, proof_id)
        if found is None:
            raise tills.unknown_payment(self, network, proof_id)
        state, payment = found
        settled = settle(state, payment.process_payment_id, payer=payer, amount=amount)
        return settled.amount if settled.settled_amount is None else settled.settled_amount

    def _located(
        self, network: Network, payer: str, proof_id: str
    ) -> tuple[PaymentsState, Payment] | None:
        """Return a payment and the state it was signed in."""
        for state in self._find_states():
            with state.lock:
                payment = state.ledger.find(proof_id, payer=payer, network=network.caip2)
            if payment is not None:
                return state, payment
        return None
