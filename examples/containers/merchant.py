"""A merchant of your own in a container: the x402 library's middleware before a Flask application.

It asks a facilitator to verify and settle, as any x402 merchant does. This facilitator settles in
the emulator that AWS_ENDPOINT_URL names.

    python examples/containers/merchant.py
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

from flask import Flask
from waitress import serve
from x402 import x402ResourceServerSync
from x402.http import FacilitatorConfig, HTTPFacilitatorClientSync
from x402.http.middleware.flask import payment_middleware
from x402.http.types import PaymentOption, RouteConfig
from x402.mechanisms.evm.exact import ExactEvmServerScheme

from boto3_agentcore_payments import merchants

NETWORK = "eip155:84532"
PAY_TO = os.environ.get("PAY_TO", "0x209693Bc6afc0C5328bA36FaF03C514EF312287C")
PRICE = os.environ.get("PRICE", "$0.02")


def shop(facilitator_url: str) -> Flask:
    """Return an application that sells one article.

    Args:
        facilitator_url: Base URL of the facilitator that verifies and settles.
    """
    application = Flask(__name__)

    @application.get("/article")
    def article() -> str:
        return "The article you paid for."

    server = x402ResourceServerSync(
        HTTPFacilitatorClientSync(FacilitatorConfig(url=facilitator_url))
    )
    exact: Any = ExactEvmServerScheme  # its types are not those that register asks for
    server.register(NETWORK, exact())
    option = PaymentOption(scheme="exact", network=NETWORK, price=PRICE, pay_to=PAY_TO)
    payment_middleware(application, {"GET /article": RouteConfig(accepts=[option])}, server)
    return application


def main() -> None:
    """Sell until SIGTERM."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    host, port = os.environ.get("HOST", "0.0.0.0"), int(os.environ.get("PORT", "8402"))  # noqa: S104
    with merchants.x402_facilitator(endpoint_url=os.environ["AWS_ENDPOINT_URL"]) as facilitator:
        serve(shop(facilitator.url), host=host, port=port)


if __name__ == "__main__":
    main()
