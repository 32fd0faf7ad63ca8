"""Settling a signed payment, as a facilitator would on a chain.

Once per authorization, and only with the money there. When, or whether, that happens is up to the
test.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from boto3_agentcore_payments.emulator.engine.errors import SettlementError

if TYPE_CHECKING:
    from boto3_agentcore_payments.emulator.engine.ledger import Payment
    from boto3_agentcore_payments.emulator.engine.state import PaymentsState


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
        SettlementError: if nothing moves; its ``reason`` is ``unknown_payment``,
            ``already_settled``, ``invalid_amount`` or ``insufficient_funds``.
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
        if state.journal is not None:
            parties = (payment.payer, payment.pay_to)
            state.journal.settled(payment.process_payment_id, payment.balance_chain, parties)
        return payment
