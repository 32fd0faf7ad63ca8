"""The money of one state: what each wallet holds, and every payment whose proof was signed.

USDC and the dollars of the AWS bill are different currencies: each payment says which it uses, and
they are never added up. A session's limit is in US dollars, and both kinds count against it.

A wallet starts with nothing; a test funds it, and a settled payment moves money from the payer to
the recipient. Signing moves nothing ([live]: an unfunded wallet still signs).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from boto3_agentcore_payments.emulator.engine.money import USD_DECIMALS, USDC_DECIMALS

if TYPE_CHECKING:
    from datetime import datetime

_FIAT = "iso4217:"
"""Prefix of an asset that is a currency, e.g. ``iso4217:USD`` [sdk]."""
TOKEN = "USDC"  # noqa: S105 - a currency, not a secret
BILL_CURRENCY = "USD"
SIGNED = "SIGNED"
SETTLED = "SETTLED"
_EVM_PREFIX = "0x"

CHAINS = {
    "ETHEREUM": ("BASE", "BASE_SEPOLIA", "ETHEREUM"),
    "SOLANA": ("SOLANA", "SOLANA_DEVNET"),
}
"""The chains that a wallet of each network can hold money on [model: ``BlockchainChainId``]."""


def currency_of(asset: str) -> str:
    """Return the currency of an asset: ``USD`` on the AWS bill, else ``USDC``."""
    return asset[len(_FIAT) :] if asset.startswith(_FIAT) else TOKEN


class Balances:
    """Atomic USDC units (6 decimals) by address and chain.

    A chain has the model's name, or its CAIP-2 name if the model does not list it.
    """

    __slots__ = ("_amounts",)

    def __init__(self) -> None:
        self._amounts: dict[tuple[str, str], int] = {}

    def get(self, address: str, chain: str) -> int:
        """Return what a wallet holds on a chain, in atomic units; zero if it is unknown."""
        return self._amounts.get(balance_key(address, chain), 0)

    def knows(self, address: str, chain: str) -> bool:
        """Return whether the wallet ever received money, or had a balance set, on a chain."""
        return balance_key(address, chain) in self._amounts

    def set(self, address: str, chain: str, amount: int) -> None:
        """Make a wallet hold exactly ``amount`` atomic units; :class:`ValueError` below zero."""
        if amount < 0:
            raise ValueError("a balance must not be negative")
        self._amounts[balance_key(address, chain)] = amount

    def fund(self, address: str, chain: str, amount: int) -> int:
        """Add ``amount`` atomic units and return the new balance; :class:`ValueError` below 0."""
        if amount < 0:
            raise ValueError("a wallet cannot be funded with a negative amount")
        total = self.get(address, chain) + amount
        self.set(address, chain, total)
        return total

    def move(self, payer: str, pay_to: str, chain: str, amount: int) -> None:
        """Move ``amount`` atomic units; the caller has checked that the payer holds them."""
        self.set(payer, chain, self.get(payer, chain) - amount)
        self.fund(pay_to, chain, amount)

    def rows(self) -> list[tuple[str, str, int]]:
        """Return every known (address, chain, amount)."""
        return [(*key, amount) for key, amount in self._amounts.items()]


def balance_key(address: str, chain: str) -> tuple[str, str]:
    """Return what a balance is kept under: address and chain, in one spelling."""
    # The case of an EVM address is only its checksum (EIP-55); in base58 the case matters.
    return (address.lower() if address.startswith(_EVM_PREFIX) else address, chain)


@dataclass
class Payment:
    """One signed proof.

    Attributes:
        process_payment_id: The id ProcessPayment answered with.
        manager: ARN of the payment manager.
        session: Session id.
        instrument: Instrument id.
        user: The user who paid.
        amount: Atomic units of the asset; 10**-8 US dollars on the AWS bill.
        charge: Amount charged to the session, in 10**-8 US dollars.
        network: CAIP-2 name of the chain; ``aws:base`` on the AWS bill.
        chain: The model's name of the chain, or ``None`` if the model does not list it.
        asset: Token address; ``iso4217:USD`` on the AWS bill.
        payer: The wallet's address; the account on the AWS bill.
        pay_to: The recipient's address; the product id of a Marketplace seller.
        proof_id: What makes the authorization single-use for its payer on its network.
        status: ``SIGNED``, then ``SETTLED``.
        created_at: When it was signed.
        settled_amount: Atomic units moved; ``None`` until it is settled. Less than ``amount`` only
            if the authorization was for a maximum.
        connector: Id of the payment connector that paid.
        currency: Currency of the amounts: ``USD`` on the AWS bill, else ``USDC``.
    """

    process_payment_id: str
    manager: str
    session: str
    instrument: str
    user: str
    amount: int
    charge: int
    network: str
    chain: str | None
    asset: str
    payer: str
    pay_to: str
    proof_id: str
    status: str
    created_at: datetime
    settled_amount: int | None = None
    connector: str = ""
    currency: str = TOKEN

    @property
    def decimals(self) -> int:
        """The number of decimals that the units of :attr:`amount` have."""
        return USDC_DECIMALS if self.currency == TOKEN else USD_DECIMALS

    @property
    def amount_text(self) -> str:
        """The amount as decimal text in :attr:`currency`, exact: ``0.01``."""
        whole, fraction = divmod(self.amount, 10**self.decimals)
        digits = f"{fraction:0{self.decimals}d}".rstrip("0")
        return f"{whole}.{digits}" if digits else str(whole)

    @property
    def balance_chain(self) -> str:
        """The chain name under which the payer's balance is kept."""
        return self.chain or self.network

    @property
    def authorization(self) -> tuple[str, str, str]:
        """What identifies the authorization: a chain accepts it only once."""
        return (self.network, self.payer, self.proof_id)


class Ledger:
    """The payments of one state, oldest first."""

    __slots__ = ("_by_id", "_by_proof", "_settled")

    def __init__(self) -> None:
        self._by_id: dict[str, Payment] = {}
        self._by_proof: dict[str, list[Payment]] = {}
        self._settled: set[tuple[str, str, str]] = set()

    def record(self, payment: Payment) -> None:
        """Append a payment."""
        self._by_id[payment.process_payment_id] = payment
        self._by_proof.setdefault(payment.proof_id, []).append(payment)

    def payments(self) -> list[Payment]:
        """Return every payment, in a new list of the ledger's own ``Payment`` objects."""
        return list(self._by_id.values())

    def billed(self) -> int:
        """Return the total on the AWS bill, in 10**-8 US dollars."""
        return sum(pay.amount for pay in self._by_id.values() if pay.currency == BILL_CURRENCY)

    def find(
        self, reference: str, *, payer: str | None = None, network: str | None = None
    ) -> Payment | None:
        """Return the payment with this ``processPaymentId`` or proof id, the oldest if several.

        See :meth:`matching` for the arguments.
        """
        found = self.matching(reference, payer=payer, network=network)
        return found[0] if found else None

    def matching(
        self, reference: str, *, payer: str | None = None, network: str | None = None
    ) -> list[Payment]:
        """Return the payments with this ``processPaymentId`` or proof id, oldest first.

        Args:
            reference: Either id.
            payer: Only payments by this wallet; two wallets may answer one challenge with the same
                nonce.
            network: Only payments on this network, by its CAIP-2 name. An MPP nonce follows from
                the challenge alone, so a wallet may have it on two networks.
        """
        by_id = self._by_id.get(reference)
        candidates = self._by_proof.get(reference, []) if by_id is None else [by_id]
        return [
            payment
            for payment in candidates
            if (payer is None or payment.payer.lower() == payer.lower())
            and (network is None or payment.network == network)
        ]

    def is_settled(self, payment: Payment) -> bool:
        """Return whether the payment's authorization has been used, by this payment or another."""
        return payment.authorization in self._settled

    def mark_settled(self, payment: Payment, amount: int) -> None:
        """Record that a payment moved ``amount`` atomic units."""
        self._settled.add(payment.authorization)
        payment.status = SETTLED
        payment.settled_amount = amount
