"""AWS_BILLING_X402 against sellers made of AWS's own package, with its own verifier."""

from __future__ import annotations

import asyncio
import json
import threading
import time
import uuid
from decimal import Decimal
from types import SimpleNamespace

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from fastapi import FastAPI
from fiat_extension_x402 import (
    AgenticCommerceVerifier,
    LocalQuoteSigner,
    StaticSellerKeyResolver,
    compute_jwk_thumbprint,
    jwks_document,
    register_exact_agentic_commerce_facilitator,
    register_exact_agentic_commerce_server,
)
from flask import Flask, jsonify
from jwt.algorithms import ECAlgorithm
from pay_world import Service, demand, offer
from werkzeug.serving import WSGIRequestHandler, make_server
from x402 import (
    x402Facilitator,
    x402FacilitatorSync,
    x402ResourceServer,
    x402ResourceServerSync,
)
from x402.http.middleware import fastapi as fastapi_middleware
from x402.http.middleware import flask as flask_middleware
from x402.http.types import PaymentOption, RouteConfig

from boto3_agentcore_payments.pay import MerchantRefused, NotAllowed, NothingPayable, OverCeiling

INSTRUMENT = "aws.agentcorepayments.awsbilling.v1"
PRODUCT = "prod-example123"
ISSUER = "awsmp-agentpay.amazonaws.com"


def new_key(kid):
    private = ec.generate_private_key(ec.SECP256R1())
    public = ECAlgorithm.to_jwk(private.public_key(), as_dict=True)
    return private, {**public, "alg": "ES256", "kid": kid, "use": "sig"}


class Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_request(self, *_):
        """Log nothing."""


@pytest.fixture
def serve():
    running = []

    def start(application):
        server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=Quiet)
        thread = threading.Thread(
            target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )
        thread.start()
        running.append((server, thread))
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server, thread in running:
        server.shutdown()
        server.server_close()
        thread.join()


class Marketplace(Service):
    """Issues payment tokens as AWS Marketplace would, bound to ``dpopJwk``."""

    def __init__(self):
        super().__init__()
        self.private, self.public = new_key("marketplace")
        self.bind = None

    def _sign(self, asked):
        content = asked["paymentInput"]["awsBillingX402"]
        quote = content["payload"]["extra"]["quoteToken"]
        claims = {
            "iss": ISSUER,
            "aud": jwt.decode(quote, options={"verify_signature": False})["iss"],
            "sub": "123456789012",
            "payment_id": str(uuid.uuid4()),
            "exp": int(time.time()) + 60,
            "quote_token": quote,
            "cnf": {"jkt": compute_jwk_thumbprint(self.bind or content["options"]["dpopJwk"])},
        }
        token = jwt.encode(claims, self.private, algorithm="ES256", headers={"kid": "marketplace"})
        return {
            "processPaymentId": str(uuid.uuid4()),
            "paymentOutput": {
                "awsBillingX402": {"version": content["version"], "paymentToken": token}
            },
        }


@pytest.fixture
def marketplace():
    return Marketplace()


class Seen:
    """A store of DPoP ids that refuses a second use."""

    def __init__(self):
        self.ids = set()

    def has(self, jti):
        return jti in self.ids

    def add(self, jti, expires_at):
        self.ids.add(jti)


@pytest.fixture
def sellers(marketplace, serve):
    keys = Flask("keys")

    @keys.get("/.well-known/jwks.json")
    def jwks():
        return jsonify(jwks_document(marketplace.public))

    marketplace_url = serve(keys)
    private, public = new_key("seller")
    signer = LocalQuoteSigner(private, public, "http://localhost:8000")
    routes = {
        "/weather": RouteConfig(
            accepts=PaymentOption(
                scheme="exact", network="aws:base", pay_to=PRODUCT, price="$0.01"
            ),
            description="Current weather",
        )
    }

    def parts(facilitator, server):
        verifier = AgenticCommerceVerifier(
            seller_key_resolver=StaticSellerKeyResolver(public),
            payment_token_jwks_url=marketplace_url,
        )
        register_exact_agentic_commerce_facilitator(facilitator, verifier=verifier)
        built = server(facilitator)
        return register_exact_agentic_commerce_server(built, signer=signer, dpop_nonce_store=Seen())

    def flask():
        application = Flask("seller")

        @application.route("/weather", methods=["GET", "POST"])
        def weather():
            return jsonify(temperature=58)

        server = parts(x402FacilitatorSync(), x402ResourceServerSync)
        flask_middleware.payment_middleware(application, routes, server)
        return serve(application) + "/weather"

    def fastapi():
        application = FastAPI()

        @application.get("/weather")
        def weather():
            return {"temperature": 58}

        server = parts(x402Facilitator(), x402ResourceServer)
        application.middleware("http")(fastapi_middleware.payment_middleware(routes, server))
        return application

    return SimpleNamespace(flask=flask, fastapi=fastapi)


@pytest.fixture
def billed_payer(new_payer, marketplace):
    def new(**options):
        return new_payer(marketplace, payment_instrument_ids=[INSTRUMENT], **options)

    return new


def test_a_seller_of_awss_package_is_paid_with_proof_of_possession(
    fetch, billed_payer, marketplace, sellers
):
    payer = billed_payer()

    got = fetch(payer, sellers.flask() + "?city=Oslo")

    assert json.loads(got.content) == {"temperature": 58}
    (receipt,) = payer.receipts
    assert (receipt.amount, receipt.asset, receipt.pay_to) == (
        Decimal("0.01"),
        "iso4217:USD",
        PRODUCT,
    )
    assert (receipt.payment_type, receipt.network) == ("AWS_BILLING_X402", "aws:base")
    assert receipt.settled is True
    call = marketplace.calls[0]
    assert call["paymentInstrumentId"] == INSTRUMENT
    assert call["paymentInput"]["awsBillingX402"]["options"]["dpopJwk"]["crv"] == "P-256"


def test_a_post_is_paid_too(billed_payer, sellers):
    assert billed_payer().pay(sellers.flask(), method="POST", data=b"x").status_code == 200


def test_a_fastapi_seller_is_paid_over_asgi(billed_payer, marketplace, sellers):
    async def get():
        transport = httpx.ASGITransport(app=sellers.fastapi())
        async with billed_payer().async_httpx_client(transport=transport) as http:
            return await http.get("http://seller.example/weather")

    assert asyncio.run(get()).json() == {"temperature": 58}
    assert marketplace.charged == 1


def test_each_purchase_has_its_own_key(billed_payer, marketplace, sellers):
    payer, url = billed_payer(), sellers.flask()
    payer.pay(url)
    payer.pay(url)

    first, second = (
        call["paymentInput"]["awsBillingX402"]["options"]["dpopJwk"]["x"]
        for call in marketplace.calls
    )
    assert first != second


def test_a_token_bound_to_another_key_is_refused_and_named(billed_payer, marketplace, sellers):
    marketplace.bind = new_key("thief")[1]

    with pytest.raises(MerchantRefused, match="dpop_invalid"):
        billed_payer().pay(sellers.flask())
    assert marketplace.charged == 1


def test_a_recipient_is_the_product_of_the_quote(billed_payer, marketplace, sellers):
    url = sellers.flask()
    with pytest.raises(NotAllowed, match=PRODUCT):
        billed_payer(allowed_recipients=["prod-other"]).pay(url)
    with pytest.raises(OverCeiling):
        billed_payer(max_price="0.009").pay(url)
    assert marketplace.calls == []

    assert billed_payer(allowed_recipients=[PRODUCT]).pay(url).status_code == 200


@pytest.mark.parametrize(
    "claims",
    [
        {"price": {"amount": "5.00", "currency": "USD"}},
        {"price": {"amount": "0.01", "currency": "EUR"}},
        {"price": "0.01"},
        {"payTo": None},
        {"exp": 1},
        {"exp": None},
    ],
)
def test_a_quote_that_does_not_fit_its_requirement_is_not_paid(
    billed_payer, marketplace, shop, claims
):
    quote = {
        "price": {"amount": "0.01", "currency": "USD"},
        "payTo": PRODUCT,
        "exp": int(time.time()) + 300,
        **claims,
    }
    token = jwt.encode(quote, new_key("seller")[0], algorithm="ES256")
    shop.answer = lambda seen: demand(
        offer(network="aws:base", asset="iso4217:USD", amount="0.01", extra={"quoteToken": token})
    )

    with pytest.raises(NothingPayable, match="quote"):
        billed_payer().pay(shop.url)
    assert marketplace.calls == []


def test_a_new_process_has_the_key_that_the_token_is_bound_to(
    billed_payer, marketplace, sellers, tmp_path
):
    url = sellers.flask()
    from botocore.exceptions import ReadTimeoutError

    marketplace.after.append(ReadTimeoutError(endpoint_url="https://service.example"))
    with pytest.raises(Exception, match="may be paid"):
        billed_payer(journal=tmp_path / "journal").pay(url)

    assert billed_payer(journal=tmp_path / "journal").pay(url).status_code == 200
    assert marketplace.charged == 1


def test_a_client_whose_models_lack_the_type_is_named(billed_payer, marketplace, sellers):
    union = SimpleNamespace(members={"cryptoX402": None, "mpp": None})
    shape = SimpleNamespace(members={"paymentInput": union})
    models = SimpleNamespace(operation_model=lambda name: SimpleNamespace(input_shape=shape))
    marketplace.meta = SimpleNamespace(service_model=models)

    with pytest.raises(NothingPayable, match="does not know AWS_BILLING_X402"):
        billed_payer().pay(sellers.flask())
    assert marketplace.calls == []
