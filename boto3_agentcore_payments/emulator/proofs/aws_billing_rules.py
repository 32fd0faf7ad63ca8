"""The rules of AWS_BILLING_X402: a seller's requirement, and the quote in it.

The checks cover what AWS's seller package signs and verifies [sdk: fiat_extension_x402]. Each
violation is a ValidationException, as AWS documents; the order and the texts are ours [decided].
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

from boto3_agentcore_payments.emulator.engine.errors import ValidationException
from boto3_agentcore_payments.emulator.engine.money import USD_DECIMALS, USD_UNITS
from boto3_agentcore_payments.emulator.proofs import jose
from boto3_agentcore_payments.emulator.proofs.payload_members import shown

if TYPE_CHECKING:
    from datetime import datetime

    from boto3_agentcore_payments.emulator.proofs.seller_keys import Found

AUDIENCE = "aws:marketplace"
"""``aud`` of every quote [sdk]."""
CURRENCY = "USD"
ASSET = f"iso4217:{CURRENCY}"
"""The asset of a price in US dollars [sdk]."""
SCHEME = "exact"
VERSION = "2"
"""The x402 version that AWS's package uses."""

_INPUT = "paymentInput.awsBillingX402"
_PAYLOAD = f"{_INPUT}.payload"
_QUOTE = f"{_PAYLOAD}.extra.quoteToken"
_NETWORK = re.compile(r"aws:[a-z0-9-]{1,32}")
_ASSET = re.compile(r"iso4217:([A-Z]{3})")
_AMOUNT = re.compile(rf"([0-9]{{1,15}})(?:\.([0-9]{{1,{USD_DECIMALS}}}))?")


@dataclass(frozen=True)
class Quote:
    """A requirement and its quote, both checked.

    Attributes:
        token: The quote, as the seller signed it.
        issuer: The seller's service URL.
        product: The seller's AWS Marketplace product id.
        network: E.g. ``aws:base``.
        units: The price, in 10**-8 US dollars.
        expires_at: When the quote ends, in seconds since the epoch.
    """

    token: str
    issuer: str
    product: str
    network: str
    units: int
    expires_at: int


def quote_token(billing: Any) -> str | None:
    """Return the unverified quote of an input, or ``None`` if it has none."""
    payload = billing.get("payload") if isinstance(billing, dict) else None
    extra = payload.get("extra") if isinstance(payload, dict) else None
    token = extra.get("quoteToken") if isinstance(extra, dict) else None
    return token if isinstance(token, str) and token else None


def check(billing: Any, found: Found, now: datetime) -> Quote:
    """Check a requirement and its quote, and return what is to be paid.

    Args:
        billing: The input's ``awsBillingX402`` member.
        found: The keys of the quote's issuer.
        now: Timezone-aware service time.

    Raises:
        ValidationException: if the requirement or its quote breaks a rule.
        MissingExtraError: if joserfc is not installed.
    """
    version, payload = billing.get("version"), billing.get("payload")
    if version != VERSION:
        _refuse(
            f"{_INPUT}.version",
            f"AWS Billing takes x402 version {VERSION}. Received: {shown(version)}",
        )
    if not isinstance(payload, dict):
        _refuse(_PAYLOAD, "The x402 requirement must be a JSON object")
    _check_terms(payload)
    units = _units(payload.get("amount"))
    token = quote_token(billing)
    if token is None:
        _refuse(_QUOTE, "The x402 requirement has no extra.quoteToken")
    claims = _signed_claims(token, found)
    _check_claims(claims, payload, now)
    return Quote(
        token=token,
        issuer=claims["iss"],
        product=claims["payTo"],
        network=payload["network"],
        units=units,
        expires_at=claims["exp"],
    )


def check_key(options: Any) -> str | None:
    """Return the thumbprint of the key to bind the payment token to, or ``None``.

    Args:
        options: The input's ``options`` member, or ``None``.

    Raises:
        ValidationException: if ``dpopJwk`` is not a public key on its curve.
        MissingExtraError: if joserfc is not installed.
    """
    key = (options or {}).get("dpopJwk")
    if key is None:
        return None
    try:
        jose.public_key(key)
    except jose.BadKeyError:
        _refuse(
            f"{_INPUT}.options.dpopJwk",
            f"dpopJwk is not a public key on the curve {shown(key.get('crv'))}",
        )
    return jose.thumbprint(key)


def _check_terms(payload: dict[str, Any]) -> None:
    """Check the requirement itself, apart from its amount."""
    scheme, network, asset = payload.get("scheme"), payload.get("network"), payload.get("asset")
    if scheme != SCHEME:
        _refuse(
            f"{_PAYLOAD}.scheme",
            f"Scheme '{shown(scheme)}' cannot be paid on the AWS bill. Supported scheme: {SCHEME}",
        )
    if not isinstance(network, str) or not _NETWORK.fullmatch(network):
        _refuse(
            f"{_PAYLOAD}.network",
            f"Network '{shown(network)}' cannot be paid on the AWS bill. Supported networks: aws:*",
        )
    currency = _ASSET.fullmatch(asset) if isinstance(asset, str) else None
    if currency is None:
        _refuse(
            f"{_PAYLOAD}.asset",
            f"The asset must be a currency such as {ASSET}. Received: {shown(asset)}",
        )
    if currency[1] != CURRENCY:
        _refuse(
            f"{_PAYLOAD}.asset",
            f"Currency '{currency[1]}' is not supported on the AWS bill. Supported currencies: "
            f"{CURRENCY}",
        )


def _units(amount: Any) -> int:
    """Return an amount in dollars as 10**-8 dollars."""
    path = f"{_PAYLOAD}.amount"
    match = _AMOUNT.fullmatch(amount) if isinstance(amount, str) else None
    if match is None:
        _refuse(
            path,
            f"The amount must be dollars as plain decimal text with at most {USD_DECIMALS} "
            f"decimals. Received: {shown(amount)}",
        )
    whole, fraction = match.groups(default="")
    units = int(whole) * USD_UNITS + int(fraction.ljust(USD_DECIMALS, "0"))
    if units == 0:
        _refuse(path, f"The amount must be positive. Received: {shown(amount)}")
    return units


def _signed_claims(token: str, found: Found) -> dict[str, Any]:
    if found.problem is not None:
        _refuse(_QUOTE, f"The seller's keys for the quote cannot be had: {found.problem}")
    try:
        return jose.verify(token, found.keys)
    except jose.BadTokenError as error:
        _refuse(_QUOTE, f"The quote is not signed by the seller: {error}")


def _check_claims(claims: dict[str, Any], payload: dict[str, Any], now: datetime) -> None:
    """Check the claims that the seller signed, and that the requirement agrees with them."""
    if claims.get("aud") != AUDIENCE:
        _refuse(
            _QUOTE,
            f"The quote is for another audience than {AUDIENCE}: {shown(claims.get('aud'))}",
        )
    ends = claims.get("exp")
    if isinstance(ends, bool) or not isinstance(ends, int):
        _refuse(_QUOTE, "The quote does not say when it expires")
    if ends <= now.timestamp():
        _refuse(_QUOTE, "The quote has expired; ask the seller for another one")
    price = claims.get("price")
    amount, currency = (
        (price.get("amount"), price.get("currency")) if isinstance(price, dict) else (None, None)
    )
    # AWS's verifier compares the texts: 0.10 is not 0.1.
    if amount != payload["amount"] or currency != CURRENCY:
        _refuse(
            _QUOTE,
            f"The quote is for {shown(amount)} {shown(currency)}, the requirement for "
            f"{payload['amount']} {CURRENCY}",
        )
    product, settlement = claims.get("payTo"), claims.get("settlement")
    if not isinstance(product, str) or not product:
        _refuse(_QUOTE, "The quote names no AWS Marketplace product")
    if not isinstance(settlement, dict) or settlement.get("product_id") != product:
        _refuse(_QUOTE, "The quote is paid to another product than it is settled for")


def _refuse(path: str, message: str) -> NoReturn:
    raise ValidationException.rule(path, message)
