"""What each wallet holds: whole atomic USDC units (6 decimals) by address and chain.

A wallet starts with nothing; a test funds it, and a settled payment moves money from the payer to
the recipient. Signing moves nothing ([live]: an unfunded wallet still signs).
"""

from __future__ import annotations

_EVM_PREFIX = "0x"

CHAINS = {
    "ETHEREUM": ("BASE", "BASE_SEPOLIA", "ETHEREUM"),
    "SOLANA": ("SOLANA", "SOLANA_DEVNET"),
}
"""The chains a wallet of each network can hold money on (model: ``BlockchainChainId``)."""


class Balances:
    """Amounts by (address, chain); a chain is the model's name, or CAIP-2 where it has none."""

    __slots__ = ("_amounts",)

    def __init__(self) -> None:
        self._amounts: dict[tuple[str, str], int] = {}

    def get(self, address: str, chain: str) -> int:
        """Return what a wallet holds on a chain, in atomic units; zero for an unknown one."""
        return self._amounts.get(_key(address, chain), 0)

    def set(self, address: str, chain: str, amount: int) -> None:
        """Make a wallet hold exactly ``amount`` atomic units; :class:`ValueError` below zero."""
        if amount < 0:
            problem = "a balance must not be negative"
            raise ValueError(problem)
        self._amounts[_key(address, chain)] = amount

    def fund(self, address: str, chain: str, amount: int) -> int:
        """Add ``amount`` atomic units and return the new balance; :class:`ValueError` below 0."""
        if amount < 0:
            problem = "a wallet cannot be funded with a negative amount"
            raise ValueError(problem)
        total = self.get(address, chain) + amount
        self.set(address, chain, total)
        return total

    def move(self, payer: str, pay_to: str, chain: str, amount: int) -> None:
        """Move ``amount`` atomic units between wallets; the caller has checked the payer's."""
        self.set(payer, chain, self.get(payer, chain) - amount)
        self.fund(pay_to, chain, amount)

    def rows(self) -> list[tuple[str, str, int]]:
        """Return every known (address, chain, amount)."""
        return [(*key, amount) for key, amount in self._amounts.items()]


def _key(address: str, chain: str) -> tuple[str, str]:
    # Upper and lower case in an EVM address are only its checksum (EIP-55); in base58 they count.
    return (address.lower() if address.startswith(_EVM_PREFIX) else address, chain)
