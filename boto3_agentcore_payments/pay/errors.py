"""The errors of a purchase, each with the quote and a hint about what to change.

The service's or the HTTP client's own error is the ``__cause__``. No message contains a proof, a
token or a key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from boto3_agentcore_payments.errors import AgentCorePaymentsError

if TYPE_CHECKING:
    from boto3_agentcore_payments.pay.demands import Quote
    from boto3_agentcore_payments.pay.receipts import Receipt


class PaymentError(AgentCorePaymentsError):
    """Base of every error of a purchase.

    Attributes:
        quote: What was to be paid, or ``None`` if no price was known yet.
        receipt: What was paid, or ``None`` if no payment is known.
        advice: The end of the message, which says what to call or set in Python; empty if there is
            no such end.
    """

    def __init__(
        self,
        message: str,
        *,
        quote: Quote | None = None,
        receipt: Receipt | None = None,
        advice: str = "",
    ) -> None:
        super().__init__(f"{message}; {advice}" if advice else message)
        self.advice = advice
        self.quote = quote
        self.receipt = receipt


class PolicyRefusal(PaymentError):
    """The payer's own policy refused; nothing was signed."""


class OverCeiling(PolicyRefusal):
    """The price is above ``max_price``."""


class OverTotal(PolicyRefusal):
    """The price would take the payer above ``max_total``."""


class NotAllowed(PolicyRefusal):
    """The origin, the address, the recipient or the network is not allowed."""


class NotApproved(PolicyRefusal):
    """``approve`` or ``pre_sign_policy`` did not return ``True``."""


class NothingPayable(PaymentError):
    """The 402 offers nothing that a listed wallet can pay.

    Attributes:
        offers: What was offered, and why each was not taken.
    """

    def __init__(self, message: str, *, offers: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(message)
        self.offers = offers


class BodyNotRepeatable(PaymentError):
    """The request's body is a stream already read, so it cannot be sent again with the payment."""


class ServiceRefused(PaymentError):
    """``ProcessPayment`` refused for a reason not listed below; nothing was charged."""


class OverBudget(ServiceRefused):
    """The session has less left than the price."""


class SessionUnavailable(ServiceRefused):
    """The session is expired or unknown."""


class WalletUnavailable(ServiceRefused):
    """The wallet is unknown, inactive, empty or without its user's grant.

    Attributes:
        wallet_hub_url: Where the user of a Coinbase wallet grants signing; else ``None``.
    """

    wallet_hub_url: str | None = None


class MerchantRefused(PaymentError):
    """The merchant rejected a valid proof, or demanded another payment after it.

    Attributes:
        reason: The merchant's reason in its own words, shortened; empty if it gave none.
    """

    reason: str = ""


class ProofExpired(MerchantRefused):
    """The proof is no longer valid; the session was charged for it and nothing more is paid."""


class SettledWithoutContent(MerchantRefused):
    """The payment was settled, or very likely was, but the content did not arrive."""


class OutcomeUnknown(PaymentError):
    """An answer was lost after the payment began, so the outcome is unknown.

    Sending the same request again, or calling :meth:`Payer.resume`, continues with the same proof.
    """


class JournalError(PaymentError):
    """The journal could not be read or written; nothing was signed."""
