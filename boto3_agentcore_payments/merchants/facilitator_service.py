"""The local facilitator over HTTP, as x402 servers in any language speak to one.

``GET /supported``, ``POST /verify`` and ``POST /settle`` with {x402Version, paymentPayload,
paymentRequirements}, as the x402 library's own HTTP client sends them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Flask, Response, jsonify, request
from x402.schemas import PaymentPayload, PaymentRequirements
from x402.schemas.v1 import PaymentPayloadV1, PaymentRequirementsV1

from boto3_agentcore_payments.merchants.facilitator import MALFORMED

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import BaseModel
    from x402 import x402FacilitatorSync

_BAD_REQUEST = 400


def service(facilitator: x402FacilitatorSync) -> Flask:
    """Return the facilitator as a Flask application."""
    application = Flask("local-x402-facilitator")

    @application.get("/supported")
    def supported() -> Response:
        return _json(facilitator.get_supported())

    @application.post("/verify")
    def verify() -> Response | tuple[Response, int]:
        return _asked(facilitator.verify)

    @application.post("/settle")
    def settle() -> Response | tuple[Response, int]:
        return _asked(facilitator.settle)

    return application


def _asked(answer: Callable[[Any, Any], BaseModel]) -> Response | tuple[Response, int]:
    try:
        body = request.get_json(force=True)
        first = body["x402Version"] == 1
        payload = PaymentPayloadV1 if first else PaymentPayload
        requirements = PaymentRequirementsV1 if first else PaymentRequirements
        result = answer(
            payload.model_validate(body["paymentPayload"]),
            requirements.model_validate(body["paymentRequirements"]),
        )
    except MALFORMED as error:
        return jsonify(error=type(error).__name__), _BAD_REQUEST
    return _json(result)


def _json(result: BaseModel) -> Response:
    return jsonify(result.model_dump(mode="json", by_alias=True, exclude_none=True))
