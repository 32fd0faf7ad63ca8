"""What the engine asks of whatever signs proofs.

The engine decides *whether* a payment happens (ownership, budget, idempotency, expiry); a prover
decides *what* the payment is (payload rules) and signs it. ``emulator.proofs`` implements this
with the field's libraries; a test may pass any other object of the same shape.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from boto3_agentcore_payments.errors import AgentCorePaymentsError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


@dataclass(frozen=True)
class WalletKey:
    """Names one deterministic test wallet; holds no key material.

    Attributes:
        seed: The emulator's seed.
        identity: What tells this wallet from every other one of the seed.
        network: ``ETHEREUM`` or ``SOLANA`` (model: ``CryptoWalletNetwork``).
    """

    seed: str = field(repr=False)
    identity: str
    network: str


@dataclass(frozen=True)
class SignedProof:
    """A proof as ProcessPayment returns it, and what the ledger keeps of it.

    Attributes:
        payment_output: The operation's ``paymentOutput`` union.
        proof_id: What makes this authorization single-use where it is settled: the EIP-3009
            nonce, the Permit2 nonce, the Solana transaction's signature.
    """

    payment_output: dict[str, Any]
    proof_id: str


class PreparedProof(Protocol):
    """A payment whose payload obeys every rule but which is not signed yet.

    Attributes:
        amount: Atomic USDC units (6 decimals) charged to the session when it is signed.
        network: CAIP-2 name of the chain, e.g. ``eip155:84532``.
        chain: The model's ``BlockchainChainId`` where it has one for this network, else ``None``.
        asset: Token address on that chain.
        pay_to: Recipient address.
        payer: The wallet's own address.
    """

    @property
    def amount(self) -> int:
        """Atomic USDC units."""
        ...

    @property
    def network(self) -> str:
        """CAIP-2 name."""
        ...

    @property
    def chain(self) -> str | None:
        """The model's name of the chain, if any."""
        ...

    @property
    def asset(self) -> str:
        """Token address."""
        ...

    @property
    def pay_to(self) -> str:
        """Recipient address."""
        ...

    @property
    def payer(self) -> str:
        """The wallet's own address."""
        ...

    def sign(self) -> SignedProof:
        """Sign it.

        Raises:
            ProofSigningError: naming the step that failed and no key material; the engine gives
                the reserved budget back.
        """
        ...


class PaymentProver(Protocol):
    """Checks payloads, knows wallet addresses, signs."""

    def wallet_address(self, wallet: WalletKey) -> str:
        """Return the wallet's public address: EVM checksum form or Solana base58."""
        ...

    def prepare(
        self,
        *,
        payment_type: str,
        payment_input: Mapping[str, Any],
        wallet: WalletKey,
        now: datetime,
    ) -> PreparedProof:
        """Check the payload and return what would be signed; changes nothing.

        Args:
            payment_type: ``CRYPTO_X402`` or ``MPP``.
            payment_input: The request's ``paymentInput`` union.
            wallet: Whose wallet pays.
            now: Timezone-aware service time; validity windows are counted from it.

        Raises:
            ValidationException: in the documented order and wording.
        """
        ...


class ProofSigningError(AgentCorePaymentsError):
    """Signing failed after the payload was accepted.

    Args:
        step: What was being done, in words fit for the caller; never key material.
    """

    def __init__(self, step: str) -> None:
        self.step = step
        super().__init__(f"Payment proof could not be signed: {step}")
