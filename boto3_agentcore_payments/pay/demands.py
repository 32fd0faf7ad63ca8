"""A 402 as received, its offers, and the quote that a caller sees."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from decimal import Decimal

MAX_BODY = 1024 * 1024
"""Largest body of a 402, in bytes; a larger one is refused."""
MAX_HEADER = 64 * 1024
"""Longest payment header, in characters; a longer one is refused."""
MAX_OFFERS = 100
"""Most offers of one 402; more are refused."""

ATOMIC = re.compile(r"[0-9]{1,24}", re.ASCII)
"""Pattern of an amount in atomic units, as the protocols write it."""
_OPAQUE = re.compile(r"[^\s]{48,}")
_WORDS = 300


def shortened(text: object) -> str:
    """Return a merchant's text made safe for a message: short, printable, without any proof."""
    if not isinstance(text, str):
        return ""
    printable = "".join(c if c.isprintable() else " " for c in text[: 4 * _WORDS])
    return _OPAQUE.sub("[...]", printable)[:_WORDS].strip()


class Headers:
    """Response headers by name, case-insensitive, with repeated headers kept apart."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self.pairs = tuple(pairs)

    def get(self, name: str) -> str | None:
        """Return the first value of a header, or ``None``."""
        found = self.all(name)
        return found[0] if found else None

    def all(self, name: str) -> list[str]:
        """Return every value of a header, in the order they came."""
        wanted = name.lower()
        return [value for key, value in self.pairs if key.lower() == wanted]


class AnyCase(dict[str, str]):
    """A case-insensitive dictionary of headers, as AWS's SDK gives to a policy."""

    def __init__(self, headers: Headers) -> None:
        super().__init__(headers.pairs)
        self._values = {name.lower(): value for name, value in headers.pairs}

    def __getitem__(self, name: str) -> str:
        """Return a header's value."""
        return self._values[name.lower()]

    def __contains__(self, name: object) -> bool:
        """Return whether a header is there."""
        return isinstance(name, str) and name.lower() in self._values

    def get(self, name: str, default: Any = None) -> Any:
        """Return a header's value or the default."""
        return self._values.get(name.lower(), default)


@dataclass
class Demand:
    """A 402.

    Attributes:
        method: The HTTP method that was refused.
        url: The URL, without a fragment.
        headers: The answer's headers.
        body: The answer's body.
        sent: The body of the request.
        peer: IP address that sent it, or ``None`` if that cannot be known.
        parsed: A cache shared by the protocol rows.
    """

    method: str
    url: str
    headers: Headers
    body: bytes
    sent: bytes
    peer: str | None = None
    parsed: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Offer:
    """One supported way to pay a 402; all values are plain JSON, for the journal.

    Attributes:
        payment_type: ``CRYPTO_X402``, ``MPP`` or ``AWS_BILLING_X402``.
        protocol: ``x402`` or ``mpp``.
        version: The protocol's version, as digits.
        scheme: The x402 scheme, or the MPP method and intent, e.g. ``evm/charge``.
        network: CAIP-2 name.
        asset: Token address, or ``iso4217:USD``.
        pay_to: Recipient.
        amount: US dollars, exact.
        wallet: Kind of wallet that can pay it: ``ETHEREUM``, ``SOLANA`` or ``AWS_BILLING``.
        requirement: Input of ``ProcessPayment``: x402's requirement or MPP's header.
        context: Data that the protocol needs to build the header.
        recipients: All addresses that receive a part: the recipient and those of MPP's splits.
        valid_seconds: How long a proof is valid, from when it is signed; ``None`` if not said.
        expires_at: Until when a proof can be valid (seconds since the epoch), or ``None``.
        description: The merchant's words for what is sold.
    """

    payment_type: str
    protocol: str
    version: str
    scheme: str
    network: str
    asset: str
    pay_to: str
    amount: Decimal
    wallet: str
    requirement: Any
    context: Mapping[str, Any] = field(default_factory=dict)
    recipients: tuple[str, ...] = ()
    valid_seconds: int | None = None
    expires_at: float | None = None
    description: str = ""


@dataclass(frozen=True)
class Declined:
    """An offer that is not taken.

    Attributes:
        what: What it is, for a message.
        why: Why it is not taken.
    """

    what: str
    why: str


@dataclass(frozen=True)
class Quote:
    """What a URL would cost.

    Attributes:
        url: What is sold.
        method: By which HTTP method.
        amount: US dollars.
        protocol: ``x402`` or ``mpp``.
        payment_type: ``CRYPTO_X402``, ``MPP`` or ``AWS_BILLING_X402``.
        scheme: The x402 scheme, or the MPP method and intent.
        network: CAIP-2 name.
        asset: Token address, or ``iso4217:USD``.
        pay_to: Recipient; for AWS Billing the seller's product id.
        payment_instrument_id: The wallet that would pay; empty if none of the list can.
        description: The merchant's words for what is sold.
        refusal: Why the policy would not pay it, or ``None``; set by :meth:`Payer.quote`.
    """

    url: str
    method: str
    amount: Decimal
    protocol: str
    payment_type: str
    scheme: str
    network: str
    asset: str
    pay_to: str
    payment_instrument_id: str = ""
    description: str = ""
    refusal: str | None = None

    def __str__(self) -> str:
        """Return the quote in one line."""
        return (
            f"{self.amount} USD to {self.pay_to} for {self.method} {self.url} "
            f"({self.protocol} {self.scheme} on {self.network})"
        )


def quote_of(offer: Offer, *, method: str, url: str, payment_instrument_id: str) -> Quote:
    """Return the quote of an offer."""
    return Quote(
        url=url,
        method=method,
        amount=offer.amount,
        protocol=offer.protocol,
        payment_type=offer.payment_type,
        scheme=offer.scheme,
        network=offer.network,
        asset=offer.asset,
        pay_to=offer.pay_to,
        payment_instrument_id=payment_instrument_id,
        description=offer.description,
    )
