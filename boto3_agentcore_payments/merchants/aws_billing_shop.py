"""Resources sold on AWS Marketplace, with AWS's own package for sellers.

Quotes are signed and payment tokens verified by ``fiat-extension-for-x402``, behind the x402
library's middleware. This module does what that package leaves to the seller: it accepts a payment
once, and where proof of possession is demanded it accepts no token without it.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime, timezone
from decimal import Decimal
from threading import Lock
from typing import TYPE_CHECKING, Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from fiat_extension_x402 import (
    AgenticCommerceVerifier,
    LocalQuoteSigner,
    StaticSellerKeyResolver,
    jwks_document,
)
from fiat_extension_x402.agentic_commerce.exact import (
    ExactAgenticCommerceFacilitatorScheme,
    ExactAgenticCommerceServerScheme,
)
from flask import Flask, jsonify
from jwt.algorithms import ECAlgorithm
from x402 import x402FacilitatorSync
from x402.http.middleware.flask import payment_middleware
from x402.http.types import PaymentOption, RouteConfig
from x402.schemas import AbortResult, AssetAmount, SettleResponse, VerifyResponse

from boto3_agentcore_payments.emulator.proofs import jose
from boto3_agentcore_payments.emulator.proofs.marketplace import JWKS_PATH
from boto3_agentcore_payments.merchants import tills
from boto3_agentcore_payments.merchants.front import METHODS
from boto3_agentcore_payments.merchants.offers import PATH, check_path
from boto3_agentcore_payments.merchants.tills import Sale
from boto3_agentcore_payments.merchants.x402_server import ResourceServer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from boto3_agentcore_payments.merchants.handlers import View

NETWORK = "aws:base"
PRODUCT = "prod-local-merchant"
"""The local merchant's product id on AWS Marketplace."""
MARKETPLACE = "/marketplace"
"""Base path of the Marketplace's keys when this merchant serves them, not an emulator's server."""

_PRICE = re.compile(r"[0-9]{1,15}(?:\.[0-9]{1,8})?")
_USD_UNITS = 10**8
_REPLAYED = "payment_already_used"


@dataclass(frozen=True)
class BillingOffer:
    """One resource and its price.

    Attributes:
        path: URL path of the resource, e.g. ``/article``.
        price: US dollars as plain decimal text, at most 8 decimals.
        pay_to: The product id that is paid.
        description: What is sold.
    """

    path: str
    price: str
    pay_to: str
    description: str = "One article"


def offers(
    *, price: str, prices: Mapping[str, str] | None = None, pay_to: str | None = None
) -> list[BillingOffer]:
    """Return the offers; see :func:`boto3_agentcore_payments.merchants.aws_billing_merchant`.

    Raises:
        ValueError: if no path is given, a path is not plain, or a price is not a positive number
            of dollars with at most 8 decimals.
    """
    wanted = {PATH: price} if prices is None else dict(prices)
    if not wanted:
        raise ValueError("A merchant sells at least one path")
    for path, text in wanted.items():
        check_path(path)
        _check_price(text)
    return [BillingOffer(path, text, pay_to or PRODUCT) for path, text in wanted.items()]


def _check_price(price: object) -> None:
    if not isinstance(price, str):
        raise ValueError(  # noqa: TRY004 - as every other price that is not right
            f"A price is text, such as {str(price)!r}, not {price!r}"
        )
    if not _PRICE.fullmatch(price) or not Decimal(price):
        raise ValueError(
            f"A price is a positive amount of USD with at most 8 decimals, not {price!r}"
        )


def shop(
    goods: list[BillingOffer],
    view: View,
    sales: list[Sale],
    *,
    url: str,
    dpop: bool,
    marketplace_url: str,
    marketplace_keys: Callable[[], Mapping[str, Any]] | None,
) -> Flask:
    """Return the application of a merchant that is paid on the AWS bill.

    Args:
        goods: What is sold.
        view: Gives a buyer what was paid for.
        sales: List to add the sales to.
        url: Base URL of the merchant, the issuer named in its quotes.
        dpop: Whether tokens must be bound to a key (DPoP) that the buyer proves to hold.
        marketplace_url: Base URL of the Marketplace's keys.
        marketplace_keys: Returns those keys, if this merchant must serve them itself.
    """
    private = ec.generate_private_key(ec.SECP256R1())
    public = json.loads(ECAlgorithm.to_jwk(private.public_key()))
    public = {**public, "alg": "ES256", "kid": jose.thumbprint(public), "use": "sig"}
    verifier = AgenticCommerceVerifier(
        seller_key_resolver=StaticSellerKeyResolver(public), payment_token_jwks_url=marketplace_url
    )
    facilitator = x402FacilitatorSync()
    facilitator.register([NETWORK], _Facilitator(verifier, sales))
    server = ResourceServer(facilitator)
    # Typed as Any: AWS's annotations do not match the protocol that x402 declares for schemes.
    scheme: Any = _Seller(LocalQuoteSigner(private, public, url), dpop=dpop)
    server.register(NETWORK, scheme)
    application = Flask("local-aws-billing-merchant")
    routes = {}
    for offer in goods:
        option = PaymentOption(
            scheme="exact",
            pay_to=offer.pay_to,
            price=AssetAmount(amount=offer.price, asset="iso4217:USD"),
            network=NETWORK,
        )
        routes[offer.path] = RouteConfig(accepts=[option], description=offer.description)
        application.add_url_rule(
            offer.path, offer.path, view, methods=METHODS, provide_automatic_options=False
        )
    application.add_url_rule(JWKS_PATH, "keys", lambda: jsonify(jwks_document(public)))
    if marketplace_keys is not None:
        application.add_url_rule(
            MARKETPLACE + JWKS_PATH, "marketplace", lambda: jsonify(marketplace_keys())
        )
    payment_middleware(application, routes, server)
    return application


class _Seen:
    """Used ids of DPoP proofs; a lookup also records the id, so two threads cannot share one."""

    def __init__(self) -> None:
        self._ids: set[str] = set()
        self._lock = Lock()

    def has(self, jti: str) -> bool:
        """Record a proof as used; return whether it was used before."""
        with self._lock:
            used = jti in self._ids
            self._ids.add(jti)
            return used

    def add(self, jti: str, expires_at: int) -> None:
        """Do nothing: :meth:`has` has recorded the proof."""


class _Seller(ExactAgenticCommerceServerScheme):
    """AWS's server scheme, refusing bearer tokens if the merchant demands proof of possession."""

    def __init__(self, signer: LocalQuoteSigner, *, dpop: bool) -> None:
        super().__init__(signer=signer, dpop_nonce_store=_Seen())
        self._dpop = dpop

    def before_verify(self, context: Any) -> AbortResult | None:
        """Check the DPoP proof, which must be present if the merchant demands it."""
        if self._dpop and "cnf" not in _claims(context.payment_payload):
            return AbortResult(reason="dpop_required")
        return super().before_verify(context)


class _Facilitator(ExactAgenticCommerceFacilitatorScheme):
    """AWS's facilitator scheme, accepting each payment once and recording the sale."""

    def __init__(self, verifier: AgenticCommerceVerifier, sales: list[Sale]) -> None:
        super().__init__(verifier=verifier)
        self._sales = sales
        self._used: set[str] = set()
        self._lock = Lock()

    def verify(self, payload: Any, requirements: Any, context: Any = None) -> VerifyResponse:
        """Verify a payment token, refusing one already used."""
        answer = super().verify(payload, requirements, context)
        if answer.is_valid and _claims(payload).get("payment_id") in self._used:
            return VerifyResponse(is_valid=False, invalid_reason=_REPLAYED, payer=answer.payer)
        return answer

    def settle(self, payload: Any, requirements: Any, context: Any = None) -> SettleResponse:
        """Record the sale; the Marketplace captured the price when it signed the token."""
        answer = super().settle(payload, requirements, context)
        quote = _unverified(str(_claims(payload).get("quote_token")))
        with self._lock:
            if answer.transaction in self._used:
                return SettleResponse(
                    success=False,
                    error_reason=_REPLAYED,
                    transaction="",
                    network=str(requirements.network),
                )
            self._used.add(answer.transaction)
            self._sales.append(
                Sale(
                    payer=answer.payer or "",
                    amount=int(Decimal(requirements.amount) * _USD_UNITS),
                    network=str(requirements.network),
                    transaction=answer.transaction,
                    time=datetime.now(timezone.utc),
                    pay_to=str(quote.get("payTo")),
                    scheme="exact",
                    resource=tills.resource(),
                    proof_id=answer.transaction,
                    currency="USD",
                    decimals=8,
                )
            )
        return answer


def _claims(payload: Any) -> dict[str, Any]:
    """Return the claims of a payment's token; the verifier checks them."""
    content = getattr(payload, "payload", None) or {}
    return _unverified(str(content.get("paymentToken", "")))


def _unverified(token: str) -> dict[str, Any]:
    try:
        claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    except jwt.PyJWTError:
        return {}
    return claims
