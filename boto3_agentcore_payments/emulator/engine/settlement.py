"""Settle a signed payment, as a facilitator would on a chain.

An authorization settles once, and only if its wallet holds the money. The test decides when, or
whether, a payment settles.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from boto3_agentcore_payments.emulator.engine.errors import (
    AMBIGUOUS_PAYMENT,
    UNKNOWN_PAYMENT,
    SettlementError,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from boto3_agentcore_payments.emulator.engine.ledger import Payment
    from boto3_agentcore_payments.emulator.engine.state import PaymentsState


def only_one(reference: str, payments: Iterable[Payment]) -> Payment | None:
    """Return the payment that a reference names, the oldest of one authorization, or ``None``.

    Raises:
        SettlementError: if there are several authorizations; its ``reason`` is
            ``ambiguous_payment``.
    """
    by_authorization: dict[tuple[str, str, str], Payment] = {}
    for payment in payments:
        by_authorization.setdefault(payment.authorization, payment)
    if len(by_authorization) > 1:
        listed = ", ".join(
            f"{found.process_payment_id} on {found.network} by {found.payer}"
            for found in by_authorization.values()
        )
        raise SettlementError(
            AMBIGUOUS_PAYMENT,
            f"Several payments were signed as {reference}: {listed}. "
            "Give a processPaymentId, or the network and the payer too",
        )
    return next(iter(by_authorization.values()), None)


def settle(
    state: PaymentsState,
    reference: str,
    *,
    payer: str | None = None,
    network: str | None = None,
    amount: int | None = None,
) -> Payment:
    """Settle a payment once: move its money from the payer's wallet to the recipient's.

    Args:
        state: Where the payment was signed.
        reference: Its ``processPaymentId`` or its proof id.
        payer: Only a payment by this wallet.
        network: Only a payment on this network, by its CAIP-2 name.
        amount: Atomic USDC units to move: at most the amount that was signed for, which is also
            the default. A payment for a maximum (x402 ``upto``) may move less.

    Raises:
        SettlementError: if nothing moves; its ``reason`` is ``unknown_payment``,
            ``ambiguous_payment``, ``already_settled``, ``invalid_amount`` or
            ``insufficient_funds``.
    """
    with state.lock:
        payment = only_one(
            reference, state.ledger.matching(reference, payer=payer, network=network)
        )
        if payment is None:
            raise SettlementError(UNKNOWN_PAYMENT, f"No payment was signed as {reference}")
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
