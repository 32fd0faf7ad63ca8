"""An x402-protected resource, behind the x402 library's own server middleware.

The library serves version 2 only, so a version 1 shop is a few lines around the same facilitator.
"""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, jsonify, make_response, request
from x402 import x402ResourceServerSync
from x402.http.middleware.flask import payment_middleware, set_settlement_overrides
from x402.http.types import PaymentOption, RouteConfig
from x402.mechanisms.evm.exact import ExactEvmServerScheme
from x402.mechanisms.evm.upto import UptoEvmServerScheme
from x402.mechanisms.svm.exact import ExactSvmServerScheme
from x402.schemas import AssetAmount
from x402.schemas.v1 import PaymentPayloadV1, PaymentRequiredV1, PaymentRequirementsV1

from boto3_agentcore_payments.emulator.proofs.networks import SOLANA
from boto3_agentcore_payments.merchants.facilitator import MALFORMED
from boto3_agentcore_payments.merchants.x402_offers import version_1_name

if TYPE_CHECKING:
    from x402 import x402FacilitatorSync

    from boto3_agentcore_payments.merchants.offers import Offer

PATH = "/article"


def version_2(offer: Offer, facilitator: x402FacilitatorSync) -> Flask:
    """Return a shop that speaks x402 version 2, with the library's Flask middleware."""
    shop = Flask("local-x402-merchant")
    server = x402ResourceServerSync(facilitator)
    # The schemes' annotations do not fit the protocol the same library declares for them.
    scheme: Any = ExactEvmServerScheme
    if offer.network.wallet_network == SOLANA:
        scheme = ExactSvmServerScheme
    elif offer.scheme == "upto":
        scheme = UptoEvmServerScheme
    server.register(offer.network.caip2, scheme())
    option = PaymentOption(
        scheme=offer.scheme,
        pay_to=offer.pay_to,
        price=AssetAmount(
            amount=str(offer.amount), asset=offer.network.usdc, extra=dict(offer.extra)
        ),
        network=offer.network.caip2,
        max_timeout_seconds=offer.timeout,
    )
    routes = {f"GET {PATH}": RouteConfig(accepts=[option], description=offer.description)}

    @shop.get(PATH)
    def article() -> Response:
        response = make_response(jsonify(content=offer.content))
        if offer.charged is not None:
            set_settlement_overrides(response, {"amount": str(offer.charged)})
        return response

    payment_middleware(shop, routes, server)
    return shop


def version_1(offer: Offer, facilitator: x402FacilitatorSync) -> Flask:
    """Return a shop that speaks x402 version 1."""
    shop = Flask("local-x402-v1-merchant")
    fee_payer = _fee_payer(offer, facilitator)
    network = version_1_name(offer.network) or offer.network.caip2

    def requirements() -> PaymentRequirementsV1:
        return PaymentRequirementsV1(
            scheme=offer.scheme,
            network=network,
            max_amount_required=str(offer.amount),
            resource=request.url,
            description=offer.description,
            mime_type="application/json",
            pay_to=offer.pay_to,
            max_timeout_seconds=offer.timeout,
            asset=offer.network.usdc,
            extra={**offer.extra, **fee_payer},
        )

    def unpaid(error: str) -> tuple[Response, int]:
        body = PaymentRequiredV1(error=error, accepts=[requirements()])
        return jsonify(body.model_dump(by_alias=True, exclude_none=True)), 402

    @shop.get(PATH)
    def article() -> Response | tuple[Response, int]:
        header = request.headers.get("X-PAYMENT")
        if header is None:
            return unpaid("X-PAYMENT header is required")
        try:
            payload = PaymentPayloadV1.model_validate_json(base64.b64decode(header))
            verified = facilitator.verify(payload, requirements())
        except MALFORMED:
            return unpaid("invalid_payload")
        if not verified.is_valid:
            return unpaid(verified.invalid_reason or "invalid_payment")
        settled = facilitator.settle(payload, requirements())
        if not settled.success:
            return unpaid(settled.error_reason or "settlement_failed")
        response = jsonify(content=offer.content)
        receipt = json.dumps(settled.model_dump(by_alias=True, exclude_none=True))
        response.headers["X-PAYMENT-RESPONSE"] = base64.b64encode(receipt.encode()).decode()
        return response

    return shop


def _fee_payer(offer: Offer, facilitator: x402FacilitatorSync) -> dict[str, Any]:
    if offer.network.wallet_network != SOLANA:
        return {}
    kinds = facilitator.get_supported().kinds
    return next(
        kind.extra or {}
        for kind in kinds
        if kind.x402_version == 1 and kind.network in offer.network.names
    )
