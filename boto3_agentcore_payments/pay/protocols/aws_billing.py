"""``AWS_BILLING_X402``: AWS Marketplace sellers, paid in dollars on the AWS bill.

x402 version 2 with fiat money, section 7 of the service's behaviour [sdk: AWS's package
fiat-extension-for-x402 1.0.0]. The price is in a quote that the seller signed; the payer compares
it with the requirement, and the service verifies the signature. The payment token is bound to a
key made for the purchase (DPoP, RFC 9449), so a stolen token is useless.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import time
import uuid
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from jwt.algorithms import ECAlgorithm
from x402.schemas import PaymentRequirements

from boto3_agentcore_payments.pay.demands import Declined, Offer, shortened
from boto3_agentcore_payments.pay.protocols import envelopes
from boto3_agentcore_payments.pay.protocols.crypto_x402 import PROTOCOL as CRYPTO

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from boto3_agentcore_payments.pay.demands import Demand, Headers
    from boto3_agentcore_payments.pay.protocols import Fees, Settlement

WALLET = "AWS_BILLING"
"""The kind of instrument that pays it: the fixed one of AWS Billing."""
_ASSET = "iso4217:USD"
_AMOUNT = re.compile(r"[0-9]{1,15}(\.[0-9]{1,8})?", re.ASCII)


class AwsBilling:
    """The row of ``AWS_BILLING_X402``."""

    def offers(self, demand: Demand, fees: Fees) -> Iterator[Offer | Declined]:
        """Yield the offers on the AWS bill, in the merchant's order."""
        del fees
        found = envelopes.envelope(demand)
        if isinstance(found, str):
            return  # the row of x402 reports it
        for raw, model in envelopes.requirements(found):
            network = raw.get("network")
            if not isinstance(network, str) or not network.startswith("aws:"):
                continue
            what = f"AWS Billing {shortened(raw.get('scheme'))} on {network[:40]}"
            if not isinstance(model, PaymentRequirements):
                yield Declined(what, "it is not a payment requirement of x402 version 2")
                continue
            yield self._offer(found, raw, model, what)

    def _offer(
        self, found: envelopes.Envelope, raw: dict[str, Any], model: PaymentRequirements, what: str
    ) -> Offer | Declined:
        if model.scheme != "exact" or model.asset != _ASSET:
            return Declined(what, f"only scheme exact in {_ASSET} is paid")
        if not _AMOUNT.fullmatch(model.amount) or not Decimal(model.amount):
            return Declined(what, "the amount is not a positive number of dollars")
        quote = _claims(model.extra.get("quoteToken"))
        price = quote.get("price")
        if not isinstance(price, dict) or not isinstance(quote.get("payTo"), str):
            return Declined(what, "it has no readable quote")
        if price.get("amount") != model.amount or price.get("currency") != "USD":
            return Declined(what, "its quote has another price than its requirement")
        expires = _end(quote)
        if expires is None or expires <= time.time():
            return Declined(what, "its quote has expired")
        return Offer(
            payment_type="AWS_BILLING_X402",
            protocol="x402",
            version=str(found.version),
            scheme=model.scheme,
            network=model.network,
            asset=model.asset,
            pay_to=quote["payTo"],
            amount=Decimal(model.amount),
            wallet=WALLET,
            requirement=raw,
            context={"resource": found.resource, "extensions": found.extensions},
            expires_at=expires,
            description=shortened(quote.get("description")),
        )

    def new_key(self) -> str | None:
        """Return a new P-256 key in PEM, to bind the payment token to."""
        key = ec.generate_private_key(ec.SECP256R1())
        return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()

    def payment_input(self, offer: Offer, fees: Fees, key: str | None) -> dict[str, Any]:
        """Return the seller's requirement unchanged, and the key to bind the token to."""
        del fees
        return {
            "awsBillingX402": {
                "version": offer.version,
                "payload": offer.requirement,
                "options": {"dpopJwk": _jwk(_key(key))},
            }
        }

    def proof(self, offer: Offer, output: Mapping[str, Any]) -> Any:
        """Return the payment token."""
        del offer
        token = output.get("awsBillingX402", {}).get("paymentToken")
        if not isinstance(token, str) or not token.isascii() or not token:
            message = "the service's answer has no payment token"
            raise ValueError(message)
        return {"paymentToken": token}

    def expires_at(self, proof: Any) -> float | None:
        """Return the token's expiry."""
        return _end(_claims(proof["paymentToken"]))

    def headers(
        self, offer: Offer, proof: Any, *, method: str, url: str, token: str, key: str | None
    ) -> dict[str, str]:
        """Return the payment header, and a DPoP proof for this request alone."""
        headers = CRYPTO.headers(offer, proof, method=method, url=url, token=token, key=None)
        private = _key(key)
        parts = urlsplit(url)
        digest = hashlib.sha256(proof["paymentToken"].encode()).digest()
        claims = {
            "jti": str(uuid.uuid4()),
            "htm": method.upper(),
            "htu": urlunsplit((parts.scheme, parts.netloc, parts.path, "", "")),
            "iat": int(time.time()),
            "ath": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        }
        headers["DPoP"] = jwt.encode(
            claims, private, algorithm="ES256", headers={"typ": "dpop+jwt", "jwk": _jwk(private)}
        )
        return headers

    def rehearse(self, offer: Offer, *, method: str, url: str) -> None:
        """Build the payment header with a placeholder token."""
        CRYPTO.rehearse(offer, method=method, url=url)

    def settlement(self, headers: Headers) -> Settlement | None:
        """Return what the settlement header says."""
        return envelopes.settlement(headers)

    def refusal(self, demand: Demand) -> str:
        """Return the reason of the settlement header or of the new 402."""
        return envelopes.refusal(demand)


def _key(pem: str | None) -> ec.EllipticCurvePrivateKey:
    key = load_pem_private_key((pem or "").encode(), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        message = "the purchase's key is not an elliptic-curve key"
        raise TypeError(message)
    return key


def _jwk(key: ec.EllipticCurvePrivateKey) -> dict[str, str]:
    found: dict[str, str] = json.loads(ECAlgorithm.to_jwk(key.public_key()))
    return {name: found[name] for name in ("kty", "crv", "x", "y")}


def _end(claims: Mapping[str, Any]) -> float | None:
    expires = claims.get("exp")
    if isinstance(expires, bool) or not isinstance(expires, (int, float)):
        return None
    return float(min(expires, 2**52))


def _claims(token: object) -> dict[str, Any]:
    """Return the claims of a token, unverified: the service and the seller verify."""
    if not isinstance(token, str):
        return {}
    try:
        claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    except (jwt.PyJWTError, ValueError, RecursionError):
        return {}
    return claims


PROTOCOL = AwsBilling()
"""The row."""
