"""The service's side of a payment: the wallets, ``ProcessPayment``, and what its errors mean."""

from __future__ import annotations

import threading
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from boto3_agentcore_payments.pay.errors import (
    OverBudget,
    PaymentError,
    ServiceRefused,
    SessionUnavailable,
    WalletUnavailable,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from boto3_agentcore_payments.pay.demands import Quote

AWS_BILLING_INSTRUMENT = "aws.agentcorepayments.awsbilling.v1"
"""The fixed instrument of AWS Billing [model]; it exists without being created or read."""

# After these errors this call, or an earlier attempt of it, may still have made the payment.
_OUTCOME_UNKNOWN = frozenset(
    {"ConflictException", "InternalServerException", "ThrottlingException", "TooManyRequests"}
)
_SERVER_ERROR = 500
_THROTTLED = 429


class Service:
    """One user's session and wallets behind a boto3 client.

    Args:
        client: Any client with the operations.
        payment_manager_arn: The payment manager.
        payment_session_id: The session whose budget is spent.
        payment_instrument_ids: The wallets, the preferred one first.
        user_id: The user who pays; ``None`` with a CUSTOM_JWT manager, whose client has a token.
        agent_name: For logs and metrics of the service, or ``None``.
    """

    def __init__(
        self,
        client: Any,
        *,
        payment_manager_arn: str,
        payment_session_id: str,
        payment_instrument_ids: Sequence[str],
        user_id: str | None,
        agent_name: str | None = None,
    ) -> None:
        self.client = client
        self.payment_manager_arn = payment_manager_arn
        self.payment_session_id = payment_session_id
        self.payment_instrument_ids = tuple(payment_instrument_ids)
        self.user_id = user_id
        self.agent_name = agent_name
        self._who: dict[str, str] = {"paymentManagerArn": payment_manager_arn}
        if user_id is not None:
            self._who["userId"] = user_id
        if agent_name is not None:
            self._who["agentName"] = agent_name
        self._wallets: dict[str, str] = {}
        self._lock = threading.Lock()

    def wallets(self) -> dict[str, str]:
        """Return the kind of wallet of each instrument that was read."""
        with self._lock:
            return dict(self._wallets)

    def unknown_instruments(self) -> list[str]:
        """Return the instruments whose kind of wallet is still to be read."""
        with self._lock:
            for each in self.payment_instrument_ids:
                if each == AWS_BILLING_INSTRUMENT:
                    self._wallets[each] = "AWS_BILLING"
            return [each for each in self.payment_instrument_ids if each not in self._wallets]

    def read_instrument(self, instrument_id: str) -> Any:
        """Return the answer of GetPaymentInstrument; awaitable with an asynchronous client."""
        return self.client.get_payment_instrument(**self._who, paymentInstrumentId=instrument_id)

    def note_instrument(self, instrument_id: str, answer: Mapping[str, Any]) -> None:
        """Keep the kind of wallet that GetPaymentInstrument answered."""
        details = answer.get("paymentInstrument", {}).get("paymentInstrumentDetails", {})
        network = details.get("embeddedCryptoWallet", {}).get("network")
        with self._lock:
            self._wallets[instrument_id] = network if isinstance(network, str) else ""

    def process(
        self,
        *,
        payment_session_id: str,
        payment_instrument_id: str,
        payment_type: str,
        payment_input: Mapping[str, Any],
        client_token: str,
    ) -> Any:
        """Return the answer of ProcessPayment; awaitable with an asynchronous client."""
        return self.client.process_payment(
            **self._who,
            paymentSessionId=payment_session_id,
            paymentInstrumentId=payment_instrument_id,
            paymentType=payment_type,
            paymentInput=payment_input,
            clientToken=client_token,
        )

    def read_session(self) -> Any:
        """Return the answer of GetPaymentSession; awaitable with an asynchronous client."""
        return self.client.get_payment_session(
            **self._who, paymentSessionId=self.payment_session_id
        )

    def knows(self, member: str) -> bool:
        """Return whether the client's models know a member of ``paymentInput``.

        Older botocore lacks ``awsBillingX402``. A client without models is assumed to know it.
        """
        models = getattr(getattr(self.client, "meta", None), "service_model", None)
        try:
            shape = models.operation_model("ProcessPayment").input_shape  # type: ignore[union-attr]
            members = shape.members["paymentInput"].members
        except (AttributeError, KeyError, TypeError, BotoCoreError):
            return True
        try:
            return member in members
        except TypeError:
            return True


def left_of(answer: Mapping[str, Any]) -> Decimal:
    """Return what GetPaymentSession says is left, in US dollars; infinite without a limit."""
    limits = answer["paymentSession"].get("availableLimits") or {}
    left = limits.get("availableSpendAmount", {}).get("value")
    return Decimal("Infinity") if left is None else Decimal(left)


def is_definite(error: Exception) -> bool:
    """Return whether an error of a service call proves that nothing was charged.

    A refused request is definite. A lost answer or a throttled or failed call is not, because an
    earlier attempt of the same call, perhaps a retry by botocore, may have succeeded.
    """
    if isinstance(error, ParamValidationError):
        return True
    if not isinstance(error, ClientError):
        return False
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    code = error.response.get("Error", {}).get("Code", "")
    return code not in _OUTCOME_UNKNOWN and status < _SERVER_ERROR and status != _THROTTLED


def refusal_of(
    error: Exception, quote: Quote | None, wallet_hub_url: str | None = None
) -> PaymentError:
    """Return the error for a definite refusal of the service.

    The texts are those of section 6 of the service's behaviour [live 2026-10], [guide].
    """
    if not isinstance(error, ClientError):
        return ServiceRefused(f"the request was not sent, {error}: {quote}", quote=quote)
    said = error.response.get("Error", {}).get("Message", "")
    text = said.lower()
    if "insufficient budget" in text:
        return OverBudget(
            f"the session's budget does not cover it ({said}): {quote}; "
            "open a session with a higher limit",
            quote=quote,
        )
    if "payment session" in text:
        return SessionUnavailable(
            f"the session is expired or unknown ({said}): {quote}; open a new session", quote=quote
        )
    if any(
        words in text
        for words in (
            "instrument",
            "grant is not active",
            "connector is not active",
            "insufficient",
        )
    ):
        hint = (
            f"let its user grant signing at {wallet_hub_url}"
            if wallet_hub_url
            else "the wallet must be active, funded and granted"
        )
        refused = WalletUnavailable(f"the wallet cannot pay ({said}): {quote}; {hint}", quote=quote)
        refused.wallet_hub_url = wallet_hub_url
        return refused
    code = error.response.get("Error", {}).get("Code", "")
    return ServiceRefused(f"the service refused with {code} ({said}): {quote}", quote=quote)


def needs_wallet_hub(error: Exception) -> bool:
    """Return whether a grant is missing, which the user can give in the WalletHub."""
    return isinstance(error, ClientError) and "grant is not active" in str(error).lower()


def wallet_hub_url(answer: Mapping[str, Any]) -> str | None:
    """Return the WalletHub address of a GetPaymentInstrument answer, if it has one."""
    details = answer.get("paymentInstrument", {}).get("paymentInstrumentDetails", {})
    url = details.get("embeddedCryptoWallet", {}).get("redirectUrl")
    return url if isinstance(url, str) else None
