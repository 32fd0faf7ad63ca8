"""What was paid."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal


@dataclass(frozen=True)
class Receipt:
    """A payment that the service made, or may have made.

    Attributes:
        amount: US dollars charged to the session.
        settled: Whether the merchant says that it took the payment.
        url: What was bought.
        method: By which HTTP method.
        protocol: ``x402`` or ``mpp``.
        payment_type: ``CRYPTO_X402``, ``MPP`` or ``AWS_BILLING_X402``.
        scheme: The x402 scheme, or the MPP method and intent.
        network: CAIP-2 name.
        asset: Token address, or ``iso4217:USD``.
        pay_to: Recipient; for AWS Billing the seller's product id.
        process_payment_id: The service's id of the payment; ``None`` while its answer is lost.
        payment_session_id: The session that was charged.
        payment_instrument_id: The wallet that signed.
        at: When it was paid, in UTC.
        transaction: The merchant's reference of the settlement, e.g. a transaction hash.
        purchase: Key of its purchase, for :meth:`Payer.resume`; not secret.
        proof_expires_at: When the proof expires, in UTC; ``None`` if unknown.
        user_id: The user who paid; ``None`` if the client's bearer token identifies the user.
    """

    amount: Decimal
    settled: bool
    url: str
    method: str
    protocol: str
    payment_type: str
    scheme: str
    network: str
    asset: str
    pay_to: str
    process_payment_id: str | None
    payment_session_id: str
    payment_instrument_id: str
    at: datetime
    transaction: str | None = None
    purchase: str = field(default="", repr=False)
    proof_expires_at: datetime | None = None
    user_id: str | None = None
