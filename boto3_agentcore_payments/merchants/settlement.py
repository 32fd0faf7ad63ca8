"""Where local merchants settle: the emulator's ledger and balances, in place of a chain."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from boto3_agentcore_payments.emulator.engine import ledger as engine_ledger
from boto3_agentcore_payments.emulator.engine.errors import SettlementError

if TYPE_CHECKING:
    from collections.abc import Callable

    from boto3_agentcore_payments.emulator.engine.state import PaymentsState
    from boto3_agentcore_payments.emulator.proofs.networks import Network


class SettlementLedger(Protocol):
    """What a merchant needs of whoever keeps the wallets' money."""

    def balance(self, network: Network, address: str) -> int:
        """Return what a wallet holds on a network, in atomic USDC units."""
        ...

    def is_settled(self, network: Network, payer: str, proof_id: str) -> bool:
        """Tell whether an authorization has been used."""
        ...

    def settle(self, network: Network, payer: str, proof_id: str, amount: int | None = None) -> int:
        """Move an authorization's money to its recipient, once, and return the units moved.

        Args:
            network: Chain of the authorization.
            payer: Wallet that signed it.
            proof_id: Its nonce or transaction signature.
            amount: Atomic units to move, at most what was signed for; all of it if ``None``.

        Raises:
            SettlementError: unknown, used already, too much, or not enough money.
        """
        ...


class StateLedger:
    """Settles in a state of the emulator in this process.

    Args:
        find_state: Returns the state; called every time, because a reset replaces it.
    """

    def __init__(self, find_state: Callable[[], PaymentsState]) -> None:
        self._find_state = find_state

    def balance(self, network: Network, address: str) -> int:
        """Return what a wallet holds on a network, in atomic USDC units."""
        state = self._find_state()
        with state.lock:
            return state.balances.get(address, network.chain or network.caip2)

    def is_settled(self, network: Network, payer: str, proof_id: str) -> bool:
        """Tell whether an authorization has been used."""
        state = self._find_state()
        with state.lock:
            payment = state.ledger.find(proof_id, payer=payer)
            return (
                payment is not None
                and payment.network == network.caip2
                and state.ledger.is_settled(payment)
            )

    def settle(self, network: Network, payer: str, proof_id: str, amount: int | None = None) -> int:
        """Move an authorization's money to its recipient; see :class:`SettlementLedger`."""
        state = self._find_state()
        with state.lock:
            payment = state.ledger.find(proof_id, payer=payer)
            if payment is None or payment.network != network.caip2:
                raise SettlementError(
                    "unknown_payment", f"No payment was signed as {proof_id} on {network.caip2}"
                )
            settled = engine_ledger.settle(state, proof_id, payer=payer, amount=amount)
            return settled.amount if settled.settled_amount is None else settled.settled_amount


@dataclass(frozen=True)
class Sale:
    """Money a merchant received.

    Attributes:
        payer: Wallet it came from.
        amount: Atomic USDC units.
        network: CAIP-2 name.
        transaction: What stands for the chain's transaction id.
    """

    payer: str
    amount: int
    network: str
    transaction: str


class Till:
    """A merchant's own book: settles in the ledger and keeps what came in.

    Args:
        ledger: Where the money is.

    Attributes:
        sales: Every settled payment, oldest first.
    """

    def __init__(self, ledger: SettlementLedger) -> None:
        self._ledger = ledger
        self.sales: list[Sale] = []

    def held(self, network: Network, payer: str) -> int:
        """Return what a wallet holds, in atomic USDC units."""
        return self._ledger.balance(network, payer)

    def used(self, network: Network, payer: str, proof_id: str) -> bool:
        """Tell whether an authorization has been used."""
        return self._ledger.is_settled(network, payer, proof_id)

    def take(
        self,
        network: Network,
        payer: str,
        proof_id: str,
        amount: int | None = None,
        *,
        transaction: str | None = None,
    ) -> Sale:
        """Settle a payment and note the sale.

        Args:
            network: Chain of the authorization.
            payer: Wallet that signed it.
            proof_id: Its nonce or transaction signature.
            amount: Atomic units to move; all that was signed for if ``None``.
            transaction: The transaction's id, where the authorization itself is one.

        Raises:
            SettlementError: unknown, used already, too much, or not enough money.
        """
        moved = self._ledger.settle(network, payer, proof_id, amount)
        reference = transaction or transaction_id(network, payer, proof_id)
        sale = Sale(payer, moved, network.caip2, reference)
        self.sales.append(sale)
        return sale


def transaction_id(network: Network, payer: str, proof_id: str) -> str:
    """Return what stands for a settled authorization's transaction: a hash, as on EVM chains."""
    text = f"{network.caip2}/{payer.lower()}/{proof_id}"
    return "0x" + hashlib.sha256(text.encode()).hexdigest()
