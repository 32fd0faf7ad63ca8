"""A Marketplace seller that trusts the keys of a running server, paid through that server."""

from __future__ import annotations

import base64
import json
import sys
from typing import TYPE_CHECKING, Any

import boto3
import botocore
import pytest
import requests

from boto3_agentcore_payments import merchants
from boto3_agentcore_payments.emulator.proofs import marketplace
from boto3_agentcore_payments.loader import takes_additions

if TYPE_CHECKING:
    from running_server import Serving

pytestmark = [
    pytest.mark.skipif(sys.version_info < (3, 10), reason="AWS's package takes Python 3.10"),
    pytest.mark.skipif(
        not takes_additions(botocore.__version__),
        reason="this botocore's own models do not know payments on the AWS bill",
    ),
]
ROLE = "arn:aws:iam::123456789012:role/payments"


@pytest.fixture
def clients(serving: Serving) -> tuple[Any, Any]:
    """Clients of the server: control plane, data plane."""
    session = boto3.Session("testing", "testing", region_name="us-east-1")
    planes = ("bedrock-agentcore-payments-control", "bedrock-agentcore-payments")
    control, data = (session.client(plane, endpoint_url=serving.url) for plane in planes)
    return control, data


def token_for(clients: tuple[Any, Any], demand: dict[str, Any]) -> str:
    """Pay a demand through the server and return the payment token."""
    control, data = clients
    manager = control.create_payment_manager(name="bill", authorizerType="AWS_IAM", roleArn=ROLE)
    control.create_payment_connector(
        paymentManagerId=manager["paymentManagerId"], name="bill", type="AwsBilling"
    )
    mine = {"paymentManagerArn": manager["paymentManagerArn"], "userId": "alice"}
    session = data.create_payment_session(
        **mine,
        expiryTimeInMinutes=60,
        limits={"maxSpendAmount": {"value": "1", "currency": "USD"}},
    )["paymentSession"]
    paid = data.process_payment(
        **mine,
        paymentSessionId=session["paymentSessionId"],
        paymentInstrumentId="aws.agentcorepayments.awsbilling.v1",
        paymentType="AWS_BILLING_X402",
        paymentInput={"awsBillingX402": {"version": "2", "payload": demand["accepts"][0]}},
    )
    token: str = paid["paymentOutput"]["awsBillingX402"]["paymentToken"]
    return token


def paying(demand: dict[str, Any], token: str) -> dict[str, str]:
    """Return the header that answers a demand with a payment token."""
    payment = {
        "x402Version": 2,
        "resource": demand["resource"],
        "accepted": demand["accepts"][0],
        "payload": {"paymentToken": token},
    }
    return {"PAYMENT-SIGNATURE": base64.b64encode(json.dumps(payment).encode()).decode()}


def demanded(answer: requests.Response) -> dict[str, Any]:
    """Return what a refused request is asked for."""
    assert answer.status_code == 402
    demand: dict[str, Any] = json.loads(base64.b64decode(answer.headers["PAYMENT-REQUIRED"]))
    return demand


def test_a_server_publishes_the_keys_of_payment_tokens(serving: Serving) -> None:
    status, headers, body = serving.ask("GET", "/.well-known/jwks.json")
    assert (status, headers["content-type"]) == (200, "application/json")
    assert headers["cache-control"] == "no-store"
    assert json.loads(body) == marketplace.key_set("boto3-agentcore-payments")


def test_a_seller_takes_what_the_server_signed(serving: Serving, clients: tuple[Any, Any]) -> None:
    with merchants.aws_billing_merchant(price="0.25", endpoint_url=serving.url) as shop:
        demand = demanded(requests.get(shop.url, timeout=5))
        token = token_for(clients, demand)
        answer = requests.get(shop.url, headers=paying(demand, token), timeout=5)
        assert (answer.status_code, answer.json()) == (
            200,
            {"content": "The article you paid for."},
        )
        (sale,) = shop.sales
        assert (sale.payer, sale.amount, sale.currency) == ("123456789012", 25_000_000, "USD")


def test_a_seller_that_trusts_the_server_serves_no_keys_of_a_marketplace(serving: Serving) -> None:
    with merchants.aws_billing_merchant(endpoint_url=serving.url) as shop:
        base = shop.url.removesuffix("/article")
        own = requests.get(f"{base}/.well-known/jwks.json", timeout=5).json()["keys"]
        assert [key["alg"] for key in own] == ["ES256"]
        assert (
            requests.get(f"{base}/marketplace/.well-known/jwks.json", timeout=5).status_code == 404
        )


def test_a_seller_that_trusts_another_server_takes_nothing(clients: tuple[Any, Any]) -> None:
    with (
        merchants.aws_billing_merchant() as other,
        # The other seller's own keys stand where a server's would.
        merchants.aws_billing_merchant(endpoint_url=other.url.removesuffix("/article")) as shop,
    ):
        demand = demanded(requests.get(shop.url, timeout=5))
        token = token_for(clients, demand)
        answer = requests.get(shop.url, headers=paying(demand, token), timeout=5)
        assert demanded(answer)["error"] == "invalid_payment"
        assert shop.sales == []
