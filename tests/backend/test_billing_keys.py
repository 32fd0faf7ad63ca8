"""The Marketplace's keys, in Python and over HTTP, and sellers' keys that a test registers."""

from __future__ import annotations

import json

import pytest
import requests
from moto import mock_aws
from moto.server import ThreadedMotoServer

from boto3_agentcore_payments.emulator.backend.wsgi import answer_wsgi
from boto3_agentcore_payments.emulator.control import PaymentsControl
from boto3_agentcore_payments.emulator.proofs import marketplace

PATH = "/.well-known/jwks.json"


@pytest.fixture(scope="module")
def server():
    moto = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    yield f"http://{host}:{port}"
    moto.stop()


@mock_aws
def test_the_keys_are_the_same_in_every_account_and_region():
    keys = PaymentsControl().billing_keys()
    assert PaymentsControl("210987654321", "eu-west-1").billing_keys() == keys
    assert keys["keys"][0]["alg"] == "ES256"


def test_motos_server_has_them_at_the_well_known_path(server):
    answer = requests.get(server + PATH, timeout=5)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json() == PaymentsControl().billing_keys()


def test_motos_server_has_them_on_the_control_surface(server):
    base = f"{server}/moto-api/agentcore-payments"
    assert requests.get(f"{base}/billing-keys", timeout=5).json() == {
        "result": PaymentsControl().billing_keys()
    }
    assert requests.get(f"{base}/billed", timeout=5).json() == {"result": "0.000000"}


def test_a_seller_is_registered_over_http(server):
    answer = requests.post(
        f"{server}/moto-api/agentcore-payments/trust-seller-keys",
        json={"issuer": "https://shop.example.com", "jwks": {"keys": []}},
        timeout=5,
    )
    assert (answer.status_code, answer.json()["error"]) == (400, "BadRequest")
    answer = requests.post(
        f"{server}/moto-api/agentcore-payments/trust-seller-keys",
        json={"issuer": "https://shop.example.com", "jwks": marketplace.key_set("shop")},
        timeout=5,
    )
    assert answer.json() == {"result": None}


@mock_aws
def test_a_mocked_host_has_them_too():
    url = "https://bedrock-agentcore.us-east-1.amazonaws.com" + PATH
    assert requests.get(url, timeout=5).json() == PaymentsControl().billing_keys()
    assert requests.post(url, timeout=5).status_code == 405


@pytest.mark.parametrize(("method", "length"), [("GET", True), ("HEAD", False)])
def test_serve_answers_without_moto(method, length):
    answer = answer_wsgi({"REQUEST_METHOD": method, "PATH_INFO": PATH})
    assert answer is not None
    assert (answer.status, bool(answer.body)) == (200, length)
    if length:
        assert json.loads(answer.body) == marketplace.key_set("boto3-agentcore-payments")


@pytest.mark.parametrize(("method", "path"), [("POST", PATH), ("GET", PATH + "x"), ("GET", "/")])
def test_serve_leaves_other_requests_to_moto(method, path):
    assert answer_wsgi({"REQUEST_METHOD": method, "PATH_INFO": path}) is None


@mock_aws
def test_a_private_key_of_a_seller_is_refused():
    key = {**marketplace.key_set("shop")["keys"][0], "d": "c2VjcmV0"}
    with pytest.raises(ValueError, match="a key has private members") as caught:
        PaymentsControl().trust_seller_keys("https://shop.example.com", key)
    assert "c2VjcmV0" not in str(caught.value)
