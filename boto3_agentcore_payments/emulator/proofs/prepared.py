"""A payment that obeys every rule and waits for its signature."""

from __future__ import annotations

from typing import TYPE_CHECKING

from boto3_agentcore_payments.emulator.engine.prover import ProofSigningError

if TYPE_CHECKING:
    from collections.abc import Callable

    from boto3_agentcore_payments.emulator.engine.prover import SignedProof
    from boto3_agentcore_payments.emulator.proofs.networks import Network


class Prepared:
    """What would be signed; implements :class:`~..engine.prover.PreparedProof`.

    Args:
        network: Chain the payment is made on.
        amount: Atomic USDC units.
        asset: Token address.
        pay_to: Recipient address.
        payer: The wallet's address.
        step: What signing is called in an error, in words fit for the caller.
        signer: Signs; holds the key, so it is never shown.
    """

    __slots__ = ("_signer", "_step", "amount", "asset", "chain", "network", "pay_to", "payer")

    def __init__(
        self,
        network: Network,
        *,
        amount: int,
        asset: str,
        pay_to: str,
        payer: str,
        step: str,
        signer: Callable[[], SignedProof],
    ) -> None:
        self.network = network.caip2
        self.chain = network.chain
        self.amount = amount
        self.asset = asset
        self.pay_to = pay_to
        self.payer = payer
        self._step = step
        self._signer = signer

    def sign(self) -> SignedProof:
        """Sign it.

        Raises:
            ProofSigningError: naming the step; neither its text nor its context holds key
                material, whatever the library put in its own error.
        """
        try:
            return self._signer()
        except Exception:  # noqa: BLE001, S110 - any library error becomes the one below
            pass
        # Raised outside the handler: a chained library error could carry the key it was given.
        raise ProofSigningError(self._step)

    def __repr__(self) -> str:
        """Show the payment and never what signs it."""
        return f"Prepared({self.amount} of {self.asset} on {self.network} to {self.pay_to})"
