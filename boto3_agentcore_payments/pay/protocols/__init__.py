"""The protocols a 402 may speak: one row and one file for each payment type.

A row's module is imported when the first 402 speaks its protocol, and its library with it.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

from boto3_agentcore_payments.errors import MissingExtraError
from boto3_agentcore_payments.pay.demands import Declined

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from boto3_agentcore_payments.pay.demands import Demand, Headers, Offer


@dataclass(frozen=True)
class Settlement:
    """What a merchant says of the payment in its answer.

    Attributes:
        settled: Whether it took the money.
        transaction: Its reference, e.g. a transaction hash.
        reason: Why it did not, in its own words.
    """

    settled: bool
    transaction: str | None = None
    reason: str = ""


@dataclass(frozen=True)
class Fees:
    """What may be spent beside the price.

    Attributes:
        buyer_pays_gas_fees: Whether the wallet may pay network fees (MPP).
        permit2_allowance_limit: Allowance to approve for Permit2, in atomic units, or ``None``.
    """

    buyer_pays_gas_fees: bool = False
    permit2_allowance_limit: str | None = None


class PaymentProtocol(Protocol):
    """One payment type, seen from the payer."""

    def offers(self, demand: Demand, fees: Fees) -> Iterator[Offer | Declined]:
        """Yield what a 402 offers, in the merchant's order."""
        ...

    def new_key(self) -> str | None:
        """Return a key of the purchase's own, as text, where the payment is bound to one."""
        ...

    def payment_input(self, offer: Offer, fees: Fees, key: str | None) -> dict[str, Any]:
        """Return ``paymentInput`` of ``ProcessPayment``."""
        ...

    def proof(self, offer: Offer, output: Mapping[str, Any]) -> Any:
        """Return what the service signed out of its ``paymentOutput``.

        Raises:
            ValueError: if it is not there.
        """
        ...

    def expires_at(self, proof: Any) -> float | None:
        """Return until when a proof is valid by its own words (seconds since the epoch)."""
        ...

    def headers(
        self, offer: Offer, proof: Any, *, method: str, url: str, token: str, key: str | None
    ) -> dict[str, str]:
        """Return the headers that pay; made again for each request."""
        ...

    def rehearse(self, offer: Offer, *, method: str, url: str) -> None:
        """Build the headers for a proof that does not exist; raise whatever is in the way."""
        ...

    def settlement(self, headers: Headers) -> Settlement | None:
        """Return what the merchant says of the payment; ``None`` if nothing readable."""
        ...

    def refusal(self, demand: Demand) -> str:
        """Return why a merchant answered 402 to a payment, in its own words."""
        ...


def _asks_x402(demand: Demand) -> bool:
    return demand.headers.get("PAYMENT-REQUIRED") is not None or b"x402Version" in demand.body


def _asks_mpp(demand: Demand) -> bool:
    return any("payment" in value.lower() for value in demand.headers.all("WWW-Authenticate"))


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Attributes:
        payment_type: As ``ProcessPayment`` names it.
        name: For messages.
        module: Where the protocol is.
        asks: Return whether a 402 may speak it, without loading a library.
        python: The oldest Python its library takes.
    """

    payment_type: str
    name: str
    module: str
    asks: Callable[[Demand], bool]
    python: tuple[int, int]

    def load(self) -> PaymentProtocol:
        """Import the protocol and its library.

        Raises:
            MissingExtraError: if the library is not installed, or this Python is too old for it.
        """
        if sys.version_info < self.python:
            needed = ".".join(map(str, self.python))
            what = f"Paying by {self.name} (which takes Python {needed} or newer)"
        else:
            what = f"Paying by {self.name}"
        try:
            module = import_module(f"{__name__}.{self.module}")
        except ImportError as error:
            library = (error.name or self.name).partition(".")[0]
            raise MissingExtraError(what, extra="pay", module=library) from error
        protocol: PaymentProtocol = module.PROTOCOL
        return protocol


ROWS: tuple[Row, ...] = (
    Row("CRYPTO_X402", "x402", "crypto_x402", _asks_x402, (3, 10)),
    Row("MPP", "MPP", "mpp_charge", _asks_mpp, (3, 11)),
    Row("AWS_BILLING_X402", "AWS Billing", "aws_billing", _asks_x402, (3, 10)),
)
"""Every protocol; of several that a 402 speaks, those further up are tried first."""

_BY_TYPE = {row.payment_type: row for row in ROWS}


def protocol_of(payment_type: str) -> PaymentProtocol:
    """Return the protocol of a payment type.

    Raises:
        MissingExtraError: if its library is not there.
    """
    return _BY_TYPE[payment_type].load()


def offers(demand: Demand, fees: Fees) -> Iterator[Offer | Declined]:
    """Yield what a 402 offers by every protocol it speaks, in the table's order."""
    for row in ROWS:
        if not row.asks(demand):
            continue
        try:
            protocol = row.load()
        except MissingExtraError as error:
            yield Declined(row.name, str(error))
            continue
        yield from protocol.offers(demand, fees)
