"""The local Marketplace seller, paid through the emulator by boto3 and by the payer."""

from __future__ import annotations

import base64
import hashlib
import json
import time
import uuid

import boto3
import botocore
import pytest
import requests
from moto import mock_aws

pytest.importorskip("fiat_extension_x402", reason="AWS's package takes Python 3.10")

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from boto3_agentcore_payments import merchants
from boto3_agentcore_payments.emulator.control import PaymentsControl
from boto3_agentcore_payments.loader import takes_additions
from boto3_agentcore_payments.pay import Payer

pytestmark = pytest.mark.skipif(
    not takes_additions(botocore.__version__),
    reason="this botocore's own models do not know payments on the AWS bill",
)
INSTRUMENT = "aws.agentcorepayments.awsbilling.v1"


@pytest.fixture(autouse=True)
def aws(monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws(config={"core": {"passthrough": {"urls": [r"http://127\.0\.0\.1.*"]}}}):
        yield


class Buyer:
    """Pays on the bill of moto's account."""

    def __init__(self):
        session = boto3.Session(region_name="us-east-1")
        control = session.client("bedrock-agentcore-payments-control")
        self.client = session.client("bedrock-agentcore-payments")
        role = "arn:aws:iam::123456789012:role/payments"
        manager = control.create_payment_manager(
            name="shop", authorizerType="AWS_IAM", roleArn=role
        )
        control.create_payment_connector(
            paymentManagerId=manager["paymentManagerId"], name="bill", type="AwsBilling"
        )
        self.mine = {"paymentManagerArn": manager["paymentManagerArn"], "userId": "alice"}
        self.session = self.client.create_payment_session(
            **self.mine,
            expiryTimeInMinutes=60,
            limits={"maxSpendAmount": {"value": "1", "currency": "USD"}},
        )["paymentSession"]["paymentSessionId"]
        self.key = ec.generate_private_key(ec.SECP256R1())
        public = json.loads(ECAlgorithm.to_jwk(self.key.public_key()))
        self.jwk = {name: public[name] for name in ("kty", "crv", "x", "y")}

    def token(self, url, *, bound=False):
        """Return the headers that pay for a URL, and the payment token in them."""
        asked = requests.get(url, timeout=5)
        assert asked.status_code == 402
        demand = json.loads(base64.b64decode(asked.headers["PAYMENT-REQUIRED"]))
        (requirement,) = demand["accepts"]
        content = {"version": "2", "payload": requirement}
        if bound:
            content["options"] = {"dpopJwk": self.jwk}
        token = self.client.process_payment(
            **self.mine,
            paymentSessionId=self.session,
            paymentInstrumentId=INSTRUMENT,
            paymentType="AWS_BILLING_X402",
            paymentInput={"awsBillingX402": content},
        )["paymentOutput"]["awsBillingX402"]["paymentToken"]
        payment = {
            "x402Version": 2,
            "resource": demand["resource"],
            "accepted": requirement,
            "payload": {"paymentToken": token},
        }
        header = base64.b64encode(json.dumps(payment).encode()).decode()
        return {"PAYMENT-SIGNATURE": header}, token

    def proof(self, url, token, key=None, jwk=None, jti=None):
        digest = hashlib.sha256(token.encode()).digest()
        claims = {
            "jti": jti or str(uuid.uuid4()),
            "htm": "GET",
            "htu": url,
            "iat": int(time.time()),
            "ath": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        }
        headers = {"typ": "dpop+jwt", "jwk": jwk or self.jwk}
        return jwt.encode(claims, key or self.key, algorithm="ES256", headers=headers)


@pytest.fixture
def buyer():
    return Buyer()


def reason(answer):
    assert answer.status_code == 402
    return json.loads(base64.b64decode(answer.headers["PAYMENT-REQUIRED"]))["error"]


def test_a_buyer_gets_what_was_paid_for(buyer):
    with merchants.aws_billing_merchant(price="0.00000001") as shop:
        headers, token = buyer.token(shop.url)
        answer = requests.get(shop.url, headers=headers, timeout=5)
        assert (answer.status_code, answer.json()) == (
            200,
            {"content": "The article you paid for."},
        )
        (sale,) = shop.sales
    claims = jwt.decode(token, options={"verify_signature": False})
    assert (sale.amount, sale.currency, sale.decimals) == (1, "USD", 8)
    assert (sale.payer, sale.pay_to) == ("123456789012", "prod-local-merchant")
    assert (sale.transaction, sale.resource) == (claims["payment_id"], shop.url)
    assert PaymentsControl().billed() == "0.00000001"
    (payment,) = PaymentsControl().payments()
    assert (payment.status, payment.proof_id) == ("SETTLED", sale.transaction)


def test_a_payment_of_another_x402_version_is_refused():
    payment = {"x402Version": 1, "scheme": "exact", "network": "aws:base", "payload": {}}
    headers = {"PAYMENT-SIGNATURE": base64.b64encode(json.dumps(payment).encode()).decode()}
    with merchants.aws_billing_merchant() as shop:
        answer = requests.get(shop.url, headers=headers, timeout=5)
        assert reason(answer) == "No matching payment requirements"


def test_a_payment_is_taken_once(buyer):
    with merchants.aws_billing_merchant() as shop:
        headers, _ = buyer.token(shop.url)
        assert requests.get(shop.url, headers=headers, timeout=5).status_code == 200
        assert reason(requests.get(shop.url, headers=headers, timeout=5)) == "payment_already_used"
        assert len(shop.sales) == 1


def test_a_token_for_another_merchant_is_refused(buyer):
    with merchants.aws_billing_merchant() as shop, merchants.aws_billing_merchant() as other:
        headers, _ = buyer.token(other.url)
        assert reason(requests.get(shop.url, headers=headers, timeout=5)) == "invalid_quote"
        assert shop.sales == []


def test_a_token_that_is_not_bound_is_refused_where_proof_is_demanded(buyer):
    with merchants.aws_billing_merchant(dpop=True) as shop:
        headers, _ = buyer.token(shop.url)
        assert reason(requests.get(shop.url, headers=headers, timeout=5)) == "dpop_required"


def test_a_bound_token_needs_its_keys_proof(buyer):
    with merchants.aws_billing_merchant(dpop=True) as shop:
        headers, token = buyer.token(shop.url, bound=True)
        assert reason(requests.get(shop.url, headers=headers, timeout=5)) == "dpop_required"
        thief = ec.generate_private_key(ec.SECP256R1())
        own = json.loads(ECAlgorithm.to_jwk(thief.public_key()))
        own = {name: own[name] for name in ("kty", "crv", "x", "y")}
        for stolen in (
            buyer.proof(shop.url, token, thief, own),
            buyer.proof(shop.url, token, thief),
            buyer.proof(shop.url + "x", token),
        ):
            answer = requests.get(shop.url, headers={**headers, "DPoP": stolen}, timeout=5)
            assert reason(answer) == "dpop_invalid"
        good = {**headers, "DPoP": buyer.proof(shop.url, token)}
        assert requests.get(shop.url, headers=good, timeout=5).status_code == 200


def test_a_proofs_id_is_good_once_whatever_token_it_is_for(buyer):
    with merchants.aws_billing_merchant(dpop=True) as shop:
        for expected in (200, 402):
            headers, token = buyer.token(shop.url, bound=True)
            headers["DPoP"] = buyer.proof(shop.url, token, jti="used-twice")
            answer = requests.get(shop.url, headers=headers, timeout=5)
            assert answer.status_code == expected
        assert reason(answer) == "dpop_invalid"
        headers["DPoP"] = buyer.proof(shop.url, token)
        assert requests.get(shop.url, headers=headers, timeout=5).status_code == 200
        assert len(shop.sales) == 2


def test_a_used_token_is_refused_with_a_fresh_proof_too(buyer):
    with merchants.aws_billing_merchant(dpop=True) as shop:
        headers, token = buyer.token(shop.url, bound=True)
        answers = [
            requests.get(
                shop.url, headers={**headers, "DPoP": buyer.proof(shop.url, token)}, timeout=5
            )
            for _ in range(2)
        ]
        assert answers[0].status_code == 200
        assert reason(answers[1]) == "payment_already_used"
        assert len(shop.sales) == 1


def test_the_payer_pays_it(buyer):
    payer = Payer(
        buyer.client,
        payment_manager_arn=buyer.mine["paymentManagerArn"],
        payment_session_id=buyer.session,
        payment_instrument_ids=[INSTRUMENT],
        user_id="alice",
        max_price="0.02",
        allow_private=True,
    )
    with merchants.aws_billing_merchant(dpop=True, prices={"/a": "0.01", "/b": "0.02"}) as shop:
        for url in shop.urls.values():
            assert payer.pay(url).json() == {"content": "The article you paid for."}
        assert [sale.amount for sale in shop.sales] == [1_000_000, 2_000_000]
    assert PaymentsControl().billed() == "0.030000"


@pytest.mark.parametrize("price", ["0", "0.000000001", "1e2", "-1", "$1", ""])
def test_a_price_is_a_positive_number_of_dollars(price):
    with (
        pytest.raises(ValueError, match="A price is a positive amount of USD"),
        merchants.aws_billing_merchant(price=price),
    ):
        pass
