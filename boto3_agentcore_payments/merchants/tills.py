"""A merchant's record of sales, and the ledger in which the money moves."""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Protocol

from boto3_agentcore_payments.emulator.engine.errors import UNKNOWN_PAYMENT, SettlementError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from boto3_agentcore_payments.emulator.proofs.networks import Network


@dataclass(frozen=True)
class Purchase:
    """The sale of the current request, as far as the merchant or the payment describe it.

    Attributes:
        resource: URL of what is sold.
        pay_to: Address that is paid.
        scheme: The x402 scheme, or MPP's intent.
    """

    resource: str = ""
    pay_to: str = ""
    scheme: str = ""


_purchase: ContextVar[Purchase] = ContextVar("purchase", default=Purchase())  # noqa: B039 - frozen


class SettlementLedger(Protocol):
    """What a merchant needs from the emulator that holds the wallets' money.

    An optional method ``looked_at`` returns a text that says where the ledger looks for payments;
    the error for an unknown payment contains it.
    """

    def balance(self, network: Network, address: str) -> int:
        """Return what a wallet holds on a network, in atomic USDC units."""
        ...

    def signed_amount(self, network: Network, payer: str, proof_id: str) -> int | None:
        """Return the atomic units that a proof was signed for, ``None`` without such a proof.

        Args:
            network: Chain of the authorization; the same proof on another chain does not count.
            payer: Wallet that signed it.
            proof_id: Its nonce or transaction signature.
        """
        ...

    def is_settled(self, network: Network, payer: str, proof_id: str) -> bool:
        """Return whether an authorization has been used."""
        ...

    def settle(self, network: Network, payer: str, proof_id: str, amount: int | None = None) -> int:
        """Move an authorization's money to its recipient, once, and return the units moved.

        Args:
            network: Chain of the authorization.
            payer: Wallet that signed it.
            proof_id: Its nonce or transaction signature.
            amount: Atomic units to move, at most the signed amount; all of it if ``None``.

        Raises:
            SettlementError: if it is unknown, used already, for less, or the wallet holds too
                little.
        """
        ...


@dataclass(frozen=True)
class Sale:
    """Money a merchant received.

    Attributes:
        payer: Wallet it came from.
        amount: Atomic units of the currency: of USDC 10**-6, on the AWS bill 10**-8 US dollars.
        network: CAIP-2 name.
        transaction: What stands for the chain's transaction id.
        time: When it was settled, in UTC.
        pay_to: Address it went to.
        scheme: The x402 scheme, or MPP's intent.
        resource: URL of what was sold; empty where a facilitator was not told.
        proof_id: The authorization's nonce, or the signature of a Solana or Tempo transaction.
        currency: ``USDC``, or ``USD`` on the AWS bill; amounts of the two do not add up.
        decimals: Decimals of the currency that the units of ``amount`` have.
    """

    payer: str
    amount: int
    network: str
    transaction: str
    time: datetime
    pay_to: str
    scheme: str
    resource: str
    proof_id: str
    currency: str = "USDC"
    decimals: int = 6


class Till:
    """Settles in a ledger and keeps a list of sales.

    Args:
        ledger: The ledger that holds the money.

    Attributes:
        sales: Every settled payment, oldest first.
    """

    def __init__(self, ledger: SettlementLedger) -> None:
        self._ledger = ledger
        self.sales: list[Sale] = []

    def held(self, network: Network, payer: str) -> int:
        """Return what a wallet holds, in atomic USDC units."""
        return self._ledger.balance(network, payer)

    def used(self, network: Network, payer: str, proof_id: str) -> bool:
        """Return whether an authorization has been used."""
        return self._ledger.is_settled(network, payer, proof_id)

    def check(self, network: Network, payer: str, proof_id: str, amount: int) -> None:
        """Check that :meth:`take` would succeed, moving no money.

        Raises:
            SettlementError: if :meth:`take` would fail.
        """
        if self.used(network, payer, proof_id):
            raise SettlementError("already_settled", f"Payment {proof_id} is settled already")
        held = self.held(network, payer)
        if held < amount:
            raise SettlementError(
                "insufficient_funds",
                f"Wallet {payer} holds {held} units on {network.chain or network.caip2}, "
                f"not {amount}",
            )
        signed = self._ledger.signed_amount(network, payer, proof_id)
        if signed is None:
            raise unknown_payment(self._ledger, network, proof_id)
        if amount > signed:
            raise SettlementError(
                "invalid_amount", f"At most {signed} units were signed for, not {amount}"
            )

    def take(
        self,
        network: Network,
        payer: str,
        proof_id: str,
        *,
        amount: int | None = None,
        transaction: str | None = None,
    ) -> Sale:
        """Settle a payment and record the sale, as described by :func:`selling`.

        Args:
            network: Chain of the authorization.
            payer: Wallet that signed it.
            proof_id: Its nonce or transaction signature.
            amount: Atomic units to move; the signed amount if ``None``.
            transaction: The transaction's id, if the authorization itself is a transaction.

        Raises:
            SettlementError: if the payment is unknown, already used or for less, or its wallet
                holds too little.
        """
        moved = self._ledger.settle(network, payer, proof_id, amount)
        purchase = _purchase.get()
        sale = Sale(
            payer=payer,
            amount=moved,
            network=network.caip2,
            transaction=transaction or transaction_id(network, payer, proof_id),
            time=datetime.now(timezone.utc),
            pay_to=purchase.pay_to,
            scheme=purchase.scheme,
            resource=purchase.resource,
            proof_id=proof_id,
        )
        self.sales.append(sale)
        return sale


@contextmanager
def selling(*, resource: str = "", pay_to: str = "", scheme: str = "") -> Iterator[None]:
    """Describe every sale within a ``with`` block, in this thread or task.

    An outer block takes precedence: a merchant knows its own resource better than a payment does.

    Args:
        resource: URL of what is sold.
        pay_to: Address that is paid.
        scheme: The x402 scheme, or MPP's intent.
    """
    outer = _purchase.get()
    token = _purchase.set(
        Purchase(outer.resource or resource, outer.pay_to or pay_to, outer.scheme or scheme)
    )
    try:
        yield
    finally:
        _purchase.reset(token)


def unknown_payment(ledger: SettlementLedger, network: Network, proof_id: str) -> SettlementError:
    """Return the error for a payment that a ledger does not know."""
    message = f"No payment was signed as {proof_id} on {network.caip2}"
    looked_at = getattr(ledger, "looked_at", None)
    if looked_at is not None:
        message += f"; looked in {looked_at()}"
    return SettlementError(UNKNOWN_PAYMENT, message)


def resource() -> str:
    """Return the URL of what is being sold in this request; see :func:`selling`."""
    return _purchase.get().resource


def transaction_id(network: Network, payer: str, proof_id: str) -> str:
    """Return a transaction id for a settled authorization: a hash, as on EVM chains."""
    text = f"{network.caip2}/{payer.lower()}/{proof_id}"
    return "0x" + hashlib.sha256(text.encode()).hexdigest()
