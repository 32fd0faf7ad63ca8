"""Every payment whose proof was signed, and its settlement.

Settlement stands for what a facilitator would do on a chain: once per authorization, and only
with the money there. It is the test's business when, or whether, that happens.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from boto3_agentcore_payments.emulator.engine.errors import SettlementError

if TYPE_CHECKING:
    from datetime import datetime

    from boto3_agentcore_payments.emulator.engine.state import PaymentsState

SIGNED = "SIGNED"
SETTLED = "SETTLED"


@dataclass
class Payment:
    """One signed proof.

    Attributes:
        process_payment_id: The id ProcessPayment answered with.
        manager: ARN of the payment manager.
        session: Session id.
        instrument: Instrument id.
        user: Whose payment it is.
        amount: Atomic USDC units charged to the session.
        network: CAIP-2 name of the chain.
        chain: The model's name of the chain, or ``None`` where it has none.
        asset: Token address.
        payer: The wallet's address.
        pay_to: The recipient's address.
        proof_id: What makes the authorization single-use for its payer on its network.
        status: ``SIGNED``, then ``SETTLED``.
        created_at: When it was signed.
        settled_amount: Atomic units moved; ``None`` until then. Less than ``amount`` only where
            the authorization was for a maximum.
    """

    process_payment_id: str
    manager: str
    session: str
    instrument: str
    user: str
    amount: int
    network: str
    chain: str | None
    asset: str
    payer: str
    pay_to: str
    proof_id: str
    status: str
    created_at: datetime
    settled_amount: int | None = None

    @property
    def balance_chain(self) -> str:
        """The name the payer's balance is kept under."""
        return self.chain or self.network

    @property
    def authorization(self) -> tuple[str, str, str]:
        """What a chain would refuse to take twice."""
        return (self.network, self.payer, self.proof_id)


class Ledger:
    """The payments of one state, oldest first."""

    __slots__ = ("_by_id", "_by_proof", "_settled")

    def __init__(self) -> None:
        self._by_id: dict[str, Payment] = {}
        self._by_proof: dict[str, list[Payment]] = {}
        self._settled: set[tuple[str, str, str]] = set()

    def record(self, payment: Payment) -> None:
        """Append a payment."""
        self._by_id[payment.process_payment_id] = payment
        self._by_proof.setdefault(payment.proof_id, []).append(payment)

    def payments(self) -> list[Payment]:
        """Return every payment; the list is the caller's, the payments are live."""
        return list(self._by_id.values())

    def find(self, reference: str, *, payer: str | None = None) -> Payment | None:
        """Return the payment with this ``processPaymentId`` or proof id, the oldest if several.

        Args:
            reference: Either id.
            payer: Only this wallet's; two wallets may answer one challenge with one nonce.
        """
        by_id = self._by_id.get(reference)
        candidates = self._by_proof.get(reference, []) if by_id is None else [by_id]
        return next(
            (
                payment
                for payment in candidates
                if payer is None or payment.payer.lower() == payer.lower()
            ),
            None,
        )

    def is_settled(self, payment: Payment) -> bool:
        """Tell whether the payment's authorization has been used, by this payment or another."""
        return payment.authorization in self._settled

    def mark_settled(self, payment: Payment, amount: int) -> None:
        """Note that a payment moved ``amount`` atomic units."""
        self._settled.add(payment.authorization)
        payment.status = SETTLED
        payment.settled_amount = amount


def settle(
    state: PaymentsState,
    reference: str,
    *,
    payer: str | None = None,
    amount: int | None = None,
) -> Payment:
    """Settle a payment: its money leaves the payer's wallet and reaches the recipient's, once.

    Args:
        state: Where the payment was signed.
        reference: Its ``processPaymentId`` or its proof id.
        payer: Only a payment by this wallet.
        amount: Atomic USDC units to move, at most what was signed for (that is for a maximum,
            x402 ``upto``); all of it if not given.

    Raises:
        SettlementError: with ``reason`` one of ``unknown_payment``, ``already_settled``,
            ``invalid_amount``, ``insufficient_funds``. Nothing has moved then.
    """
    with state.lock:
        payment = state.ledger.find(reference, payer=payer)
        if payment is None:
            raise SettlementError("unknown_payment", f"No payment was signed as {reference}")
        moved = payment.amount if amount is None else amount
        if state.ledger.is_settled(payment):
            raise SettlementError("already_settled", f"Payment {reference} is settled already")
        if not 0 <= moved <= payment.amount:
            raise SettlementError(
                "invalid_amount", f"At most {payment.amount} units were signed for, not {moved}"
            )
        held = state.balances.get(payment.payer, payment.balance_chain)
        if held < moved:
            raise SettlementError(
                "insufficient_funds",
                f"Wallet {payment.payer} holds {held} units on {payment.balance_chain}, "
                f"not {moved}",
            )
        state.balances.move(payment.payer, payment.pay_to, payment.balance_chain, moved)
        state.ledger.mark_settled(payment, moved)
        return payment
