"""The protocols of a 402: one row and one file for each payment type.

A row's module and its library are imported when the first 402 uses the protocol.
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
    """What a merchant says about the payment in its answer.

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
    """What may be spent in addition to the price.

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
        """Return a new key for one purchase, as text, or ``None`` if the protocol needs none."""
        ...

    def payment_input(self, offer: Offer, fees: Fees, key: str | None) -> dict[str, Any]:
        """Return ``paymentInput`` of ``ProcessPayment``."""
        ...

    def proof(self, offer: Offer, output: Mapping[str, Any]) -> Any:
        """Return the signed proof from the service's ``paymentOutput``.

        Raises:
            ValueError: if it is not there.
        """
        ...

    def expires_at(self, proof: Any) -> float | None:
        """Return when a proof expires, as stated in it (seconds since the epoch), or ``None``."""
        ...

    def headers(
        self, offer: Offer, proof: Any, *, method: str, url: str, token: str, key: str | None
    ) -> dict[str, str]:
        """Return the headers that pay; called again for each request."""
        ...

    def rehearse(self, offer: Offer, *, method: str, url: str) -> None:
        """Build the headers with a placeholder proof; raise any error that this meets."""
        ...

    def settlement(self, headers: Headers) -> Settlement | None:
        """Return what the merchant says about the payment, or ``None`` if nothing is readable."""
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
        asks: Returns whether a 402 may use the protocol, without loading a library.
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
"""Every protocol; if a 402 uses several, the first ones here are tried first."""

_BY_TYPE = {row.payment_type: row for row in ROWS}


def protocol_of(payment_type: str) -> PaymentProtocol:
    """Return the protocol of a payment type.

    Raises:
        MissingExtraError: if its library is not installed.
    """
    return _BY_TYPE[payment_type].load()


def offers(demand: Demand, fees: Fees) -> Iterator[Offer | Declined]:
    """Yield what a 402 offers by each of its protocols, in the table's order."""
    for row in ROWS:
        if not row.asks(demand):
            continue
        try:
            protocol = row.load()
        except MissingExtraError as error:
            yield Declined(row.name, str(error))
            continue
        yield from protocol.offers(demand, fees)
