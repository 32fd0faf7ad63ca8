"""Resources sold by x402, behind the x402 library's own server middleware.

The library serves only version 2, so version 1 is a few lines around the same facilitator.
"""

from __future__ import annotations

import base64
import json
from functools import partial
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, jsonify, make_response, request
from x402.http.middleware.flask import payment_middleware, set_settlement_overrides
from x402.http.types import PaymentOption, RouteConfig
from x402.mechanisms import evm, svm
from x402.mechanisms.evm.exact import ExactEvmServerScheme
from x402.mechanisms.evm.upto import UptoEvmServerScheme
from x402.mechanisms.svm.exact import ExactSvmServerScheme
from x402.schemas import AssetAmount
from x402.schemas.v1 import PaymentPayloadV1, PaymentRequiredV1, PaymentRequirementsV1

from boto3_agentcore_payments.emulator.proofs import networks, wallets
from boto3_agentcore_payments.json_text import read_json
from boto3_agentcore_payments.merchants.facilitator import MALFORMED, LocalFacilitator
from boto3_agentcore_payments.merchants.front import METHODS
from boto3_agentcore_payments.merchants.offers import (
    Offer,
    atomic,
    network_named,
    price_list,
    recipient,
)
from boto3_agentcore_payments.merchants.parties import local_wallet
from boto3_agentcore_payments.merchants.x402_server import ResourceServer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from boto3_agentcore_payments.merchants.handlers import View

_PAYMENT_REQUIRED = 402
_FIRST_ERROR = 400


def offers(
    *,
    price: str,
    network: str,
    prices: Mapping[str, str] | None = None,
    scheme: str = "exact",
    version: int = 2,
    permit2: bool = False,
    charge: str | None = None,
    pay_to: str | None = None,
) -> list[Offer]:
    """Return the offers; see :func:`boto3_agentcore_payments.merchants.x402_merchant`.

    Raises:
        ValueError: if there is no such network, price, path or address, or x402 has no such
            combination.
    """
    where = network_named(network)
    solana = where.wallet_network == networks.SOLANA
    if version not in (1, 2) or scheme not in ("exact", "upto"):
        raise ValueError(f"x402 has no scheme {scheme!r} in version {version}")
    if (scheme == "upto" or permit2) and (solana or version == 1):
        raise ValueError("upto and Permit2 are x402 version 2 on EVM networks")
    if charge is not None and scheme != "upto":
        raise ValueError("only upto takes less than its price")
    if version == 1 and version_1_name(where) is None:
        raise ValueError(f"x402 version 1 has no name for {where.caip2}")
    extra = {} if solana else {"name": where.domain_name, "version": where.domain_version}
    if permit2:
        extra["assetTransferMethod"] = "permit2"
    own = wallets.address(local_wallet("merchant", where.wallet_network))
    return [
        Offer(
            path=path,
            network=where,
            scheme=scheme,
            amount=amount,
            pay_to=recipient(pay_to, where, own),
            extra=extra,
            charged=None if charge is None else atomic(charge),
        )
        for path, amount in price_list(price, prices).items()
    ]


def version_1_name(network: networks.Network) -> str | None:
    """Return a network's name in x402 version 1, or ``None`` if the library cannot verify it."""
    known = {*evm.V1_NETWORKS, *svm.V1_NETWORKS}
    return next((name for name in network.names if name in known), None)


def version_2(goods: Sequence[Offer], view: View, facilitator: LocalFacilitator) -> Flask:
    """Return an x402 version 2 merchant, with the library's Flask middleware.

    Args:
        goods: What is sold, on one network.
        view: Gives a buyer what was paid for.
        facilitator: Verifies and settles.
    """
    shop = Flask("local-x402-merchant")
    server = ResourceServer(facilitator)
    server.register(goods[0].network.caip2, server_scheme(goods[0]))
    routes = {}
    for offer in goods:
        option = PaymentOption(
            scheme=offer.scheme,
            pay_to=offer.pay_to,
            price=AssetAmount(
                amount=str(offer.amount), asset=offer.network.usdc, extra=dict(offer.extra)
            ),
            network=offer.network.caip2,
            max_timeout_seconds=offer.timeout,
        )
        routes[offer.path] = RouteConfig(accepts=[option], description=offer.description)
        _sell(shop, offer.path, partial(_charging, offer, view))
    payment_middleware(shop, routes, server)
    return shop


def version_1(goods: Sequence[Offer], view: View, facilitator: LocalFacilitator) -> Flask:
    """Return an x402 version 1 merchant.

    Args:
        goods: What is sold, on one network.
        view: Gives a buyer what was paid for.
        facilitator: Verifies and settles.
    """
    shop = Flask("local-x402-v1-merchant")
    for offer in goods:
        counter = _Version1Counter(offer, view, facilitator)
        _sell(shop, offer.path, counter.answer)
    return shop


class _Version1Counter:
    """Sells one resource by x402 version 1.

    Args:
        offer: What is sold.
        view: Gives a buyer what was paid for.
        facilitator: Verifies and settles.
    """

    def __init__(self, offer: Offer, view: View, facilitator: LocalFacilitator) -> None:
        self._offer = offer
        self._view = view
        self._facilitator = facilitator
        self._network = version_1_name(offer.network) or offer.network.caip2
        self._extra = {**offer.extra, **self._fee_payer()}

    def answer(self) -> Response:
        """Answer the current request: verify, make the content, settle, as version 2 does."""
        header = request.headers.get("X-PAYMENT")
        if header is None:
            return self._unpaid("X-PAYMENT header is required")
        requirements = self._requirements()
        try:
            payload = PaymentPayloadV1.model_validate(read_json(base64.b64decode(header)))
            verified = self._facilitator.verify(payload, requirements)
        except MALFORMED:
            return self._unpaid("invalid_payload")
        if not verified.is_valid:
            return self._unpaid(verified.invalid_reason or "invalid_payment")
        response = make_response(self._view())
        if response.status_code >= _FIRST_ERROR:
            return response  # an error is not paid for
        settled = self._facilitator.settle(payload, requirements)
        if not settled.success:
            return self._unpaid(settled.error_reason or "settlement_failed")
        receipt = json.dumps(settled.model_dump(by_alias=True, exclude_none=True))
        response.headers["X-PAYMENT-RESPONSE"] = base64.b64encode(receipt.encode()).decode()
        return response

    def _requirements(self) -> PaymentRequirementsV1:
        offer = self._offer
        return PaymentRequirementsV1(
            scheme=offer.scheme,
            network=self._network,
            max_amount_required=str(offer.amount),
            resource=request.base_url,
            description=offer.description,
            mime_type="application/json",
            pay_to=offer.pay_to,
            max_timeout_seconds=offer.timeout,
            asset=offer.network.usdc,
            extra=self._extra,
        )

    def _unpaid(self, error: str) -> Response:
        body = PaymentRequiredV1(error=error, accepts=[self._requirements()])
        response = jsonify(body.model_dump(by_alias=True, exclude_none=True))
        response.status_code = _PAYMENT_REQUIRED
        return response

    def _fee_payer(self) -> dict[str, Any]:
        if self._offer.network.wallet_network != networks.SOLANA:
            return {}
        return next(
            kind.extra or {}
            for kind in self._facilitator.get_supported().kinds
            if kind.x402_version == 1 and kind.network in self._offer.network.names
        )


def _charging(offer: Offer, view: View) -> Response:
    """Return the content, with the amount to take if it is less than the maximum."""
    response = make_response(view())
    if offer.charged is not None:
        set_settlement_overrides(response, {"amount": str(offer.charged)})
    return response


def _sell(shop: Flask, path: str, view: View) -> None:
    shop.add_url_rule(
        path, path, view, methods=METHODS, provide_automatic_options=False, strict_slashes=True
    )


def server_scheme(offer: Offer) -> Any:
    """Return the library's server scheme for an offer."""
    # Typed as Any: the schemes' annotations do not match the library's own protocol for them.
    scheme: Any = UptoEvmServerScheme if offer.scheme == "upto" else ExactEvmServerScheme
    if offer.network.wallet_network == networks.SOLANA:
        scheme = ExactSvmServerScheme
    return scheme()
