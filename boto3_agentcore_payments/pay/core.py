"""The state of one payer, independent of any HTTP client."""

from __future__ import annotations

import dataclasses
import logging
import threading
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.pay.errors import JournalError, OutcomeUnknown
from boto3_agentcore_payments.pay.protocols import Fees
from boto3_agentcore_payments.pay.purchases import Answered, Book, Purchase
from boto3_agentcore_payments.pay.receipts import Receipt

if TYPE_CHECKING:
    from collections.abc import Callable

    from boto3_agentcore_payments.pay.demands import Quote
    from boto3_agentcore_payments.pay.journal import Journal
    from boto3_agentcore_payments.pay.policy import Policy
    from boto3_agentcore_payments.pay.protocols import Settlement
    from boto3_agentcore_payments.pay.service import Service

_LOG = logging.getLogger(__name__)


class Core:
    """One payer's service, policy, open purchases and receipts.

    Args:
        service: The service that pays.
        policy: What may be paid.
        journal: Keeps open purchases beyond the process, or ``None``.
        on_receipt: Called with each receipt when its outcome is known, or known to be lost.
        order: Sort key of the quotes of one 402, or ``None``.
    """

    def __init__(
        self,
        service: Service,
        policy: Policy,
        journal: Journal | None,
        on_receipt: Callable[[Receipt], Any] | None,
        order: Callable[[Quote], Any] | None,
    ) -> None:
        self.service = service
        self.policy = policy
        self.journal = journal
        self.order = order
        self.fees = Fees(policy.buyer_pays_gas_fees, policy.permit2_allowance_limit)
        self.book = Book(f"{service.payment_manager_arn}\n{service.user_id or ''}")
        self.receipts: list[Receipt] = []
        self._on_receipt = on_receipt
        self._lock = threading.Lock()

    def release(self, found: Purchase) -> None:
        """Release what a purchase reserved and forget the purchase: nothing was charged."""
        if found.reserved is not None:
            self.policy.total.release(found.reserved)
        found.reserved = None
        found.offer = None

    def receipt(
        self,
        found: Purchase,
        process_payment_id: str | None,
        proof_expires_at: float | None = None,
    ) -> Receipt:
        """Return the receipt of a purchase in its present state."""
        offer = found.offer
        assert offer is not None  # noqa: S101 (only what was opened can be paid)
        return Receipt(
            amount=offer.amount,
            settled=False,
            url=found.asked.url,
            method=found.asked.method,
            protocol=offer.protocol,
            payment_type=offer.payment_type,
            scheme=offer.scheme,
            network=offer.network,
            asset=offer.asset,
            pay_to=offer.pay_to,
            process_payment_id=process_payment_id,
            payment_session_id=found.payment_session_id,
            payment_instrument_id=found.payment_instrument_id,
            at=datetime.now(timezone.utc),
            purchase=found.key,
            proof_expires_at=(
                None
                if proof_expires_at is None
                else datetime.fromtimestamp(proof_expires_at, timezone.utc)
            ),
            user_id=self.service.user_id,
        )

    def paid(
        self, found: Purchase, process_payment_id: str, proof_expires_at: float | None
    ) -> None:
        """Note that the proof is signed."""
        offer = found.offer
        assert offer is not None  # noqa: S101 (only what was opened can be paid)
        ends = [each for each in (proof_expires_at, offer.expires_at) if each is not None]
        if not ends and offer.valid_seconds is not None:
            ends.append(datetime.now(timezone.utc).timestamp() + offer.valid_seconds)
        found.receipt = self.receipt(found, process_payment_id, min(ends) if ends else None)
        with self._lock:
            self.receipts.append(found.receipt)

    def settle(self, found: Purchase, settlement: Settlement | None) -> None:
        """Note what the merchant says about the payment."""
        before = found.receipt
        if before is None or settlement is None or not settlement.settled:
            return
        found.receipt = dataclasses.replace(
            before, settled=True, transaction=settlement.transaction
        )
        with self._lock:
            for index in range(len(self.receipts) - 1, -1, -1):
                if self.receipts[index] is before:
                    self.receipts[index] = found.receipt
                    break

    def lost(self, found: Purchase) -> Receipt:
        """Return the receipt of a payment that the service may have made, and report it."""
        receipt = self.receipt(found, None)
        self._hand_on(receipt)
        return receipt

    def tell(self, found: Purchase) -> None:
        """Pass the receipt to ``on_receipt``."""
        if found.receipt is not None:
            self._hand_on(found.receipt)

    def _hand_on(self, receipt: Receipt) -> None:
        """Call ``on_receipt``; its errors must not lose the content that was bought."""
        if self._on_receipt is None:
            return
        try:
            self._on_receipt(receipt)
        except Exception as error:  # noqa: BLE001 (a caller's callback may raise anything)
            _LOG.error("on_receipt raised %s", type(error).__name__)

    def unanswered(self, found: Purchase, what: str) -> OutcomeUnknown:
        """Return the error for an answer that was lost after the payment."""
        self.tell(found)
        message = f"it is paid, but the merchant's answer was lost ({what}): {found.quote}"
        advice = "the same request, or resume(receipt), goes on with the same proof"
        return OutcomeUnknown(message, quote=found.quote, receipt=found.receipt, advice=advice)

    def forget(self, found: Purchase) -> None:
        """Remove a finished purchase from the journal, ignoring errors: the content has arrived."""
        if self.journal is None:
            return
        try:
            self.journal.remove(found)
        except JournalError as error:
            _LOG.error("a finished purchase stays in the journal: %s", error)

    def close(self, found: Purchase, answered: Answered | None) -> None:
        """Close a purchase with the merchant's final answer."""
        found.unanswered = False
        if self.book.close(found, answered):
            self.tell(found)
