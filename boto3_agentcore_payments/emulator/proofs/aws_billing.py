"""The payment type AWS_BILLING_X402: verify a seller's quote and sign a payment token.

There is no wallet and no chain. Signing the token puts the price on the account's AWS bill, and the
token states that. Formats: [sdk], AWS's package ``fiat-extension-for-x402``.
"""

from __future__ import annotations

import os
import uuid
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.emulator.engine.ports import Prepared, SignedProof
from boto3_agentcore_payments.emulator.proofs import aws_billing_rules, jose, marketplace
from boto3_agentcore_payments.emulator.proofs.seller_keys import Found, SellerKeys

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from boto3_agentcore_payments.emulator.engine.ports import WalletKey

ALGORITHM_VARIABLE = "BOTO3_AGENTCORE_PAYMENTS_BILLING_ALGORITHM"
"""Environment variable that names the signing algorithm of payment tokens; default ``ES256``."""


@dataclass(frozen=True)
class AwsBilling:
    """The row of ``AWS_BILLING_X402``; implements the engine's ``PaymentType``.

    Attributes:
        account_id: The account whose bill is paid on, twelve digits.
        seed: Seed that the Marketplace's keys are derived from.
        algorithm: Signing algorithm of payment tokens, e.g. ``ES256``.
        entropy: Returns that many random bytes, for payment ids.
        seller_keys: Finds the keys that quotes are verified with.
    """

    account_id: str
    seed: str = field(repr=False)
    algorithm: str
    entropy: Callable[[int], bytes] = field(repr=False)
    seller_keys: SellerKeys = field(repr=False)

    @property
    def name(self) -> str:
        """The model's name."""
        return "AWS_BILLING_X402"

    @property
    def input_member(self) -> str:
        """Member of ``paymentInput``."""
        return "awsBillingX402"

    @property
    def output_member(self) -> str:
        """Member of ``paymentOutput``."""
        return "awsBillingX402"

    @property
    def takes_wallet(self) -> bool:
        """Return ``False``: the account's bill pays."""
        return False

    def look_up(self, payment_input: Any, *, now: datetime) -> Found:
        """Return the keys of the seller that the quote names; may fetch them."""
        token = aws_billing_rules.quote_token(payment_input)
        try:
            if token is None:
                return Found()  # prepare() refuses such an input before it needs keys
            header, claims = jose.header_of(token), jose.claims_of(token)
        except jose.BadTokenError as error:
            return Found(problem=str(error))
        issuer, kid = claims.get("iss"), header.get("kid")
        if not isinstance(issuer, str) or not issuer:
            return Found(problem="the quote names no issuer")
        if kid is not None and not isinstance(kid, str):
            return Found(problem="the quote names no key")
        return self.seller_keys.find(issuer, kid, now=now)

    def prepare(
        self,
        payment_input: Any,
        *,
        wallet: WalletKey | None,
        found: Any,
        now: datetime,
    ) -> Prepared:
        """Check a payment and return what would be signed; see ``PaymentType.prepare``."""
        del wallet
        quote = aws_billing_rules.check(payment_input, found, now)
        thumbprint = aws_billing_rules.check_key(payment_input.get("options"))
        signer = partial(self._sign, quote, thumbprint, version=payment_input["version"])
        return Prepared(
            amount=quote.units,
            charge=quote.units,
            network=quote.network,
            chain=None,
            asset=aws_billing_rules.ASSET,
            pay_to=quote.product,
            payer=self.account_id,
            scheme=aws_billing_rules.SCHEME,
            step="payment token",
            signer=signer,
            captured=True,
        )

    def _sign(
        self,
        quote: aws_billing_rules.Quote,
        thumbprint: str | None,
        *,
        version: str,
    ) -> SignedProof:
        payment_id = str(uuid.UUID(bytes=self.entropy(16), version=4))
        claims: dict[str, Any] = {
            "iss": marketplace.ISSUER,
            "aud": quote.issuer,
            "sub": self.account_id,
            "payment_id": payment_id,
            "exp": quote.expires_at,
            "quote_token": quote.token,
        }
        if thumbprint is not None:
            claims["cnf"] = {"jkt": thumbprint}
        signer = marketplace.signing_key(self.seed, self.algorithm)
        token = jose.sign(claims, signer.key, algorithm=signer.algorithm, kid=signer.kid)
        return SignedProof({"version": version, "paymentToken": token}, payment_id)


def chosen_algorithm() -> str:
    """Return the signing algorithm of payment tokens that the environment chooses.

    Raises:
        ValueError: if the environment names an unknown algorithm.
    """
    chosen = os.environ.get(ALGORITHM_VARIABLE) or marketplace.ALGORITHMS[0]
    if chosen not in marketplace.ALGORITHMS:
        known = ", ".join(marketplace.ALGORITHMS)
        raise ValueError(f"{chosen!r} signs no payment tokens here; one of {known}")
    return chosen
