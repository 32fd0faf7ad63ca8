"""The facilitator over HTTP, asked by the x402 library's client."""

from __future__ import annotations

import time
from datetime import datetime, timezone
from typing import Any

import pytest
import requests
from x402.http import FacilitatorConfig, HTTPFacilitatorClientSync
from x402.schemas import PaymentPayload, PaymentRequirements

from boto3_agentcore_payments import merchants

SHOP = "0x209693Bc6afc0C5328bA36FaF03C514EF312287C"
REQUIREMENTS = {
    "scheme": "exact",
    "network": "eip155:84532",
    "amount": "10000",
    "asset": "0x036CbD53842c5426634e7929541eC2318f3dCF7e",
    "payTo": SHOP,
    "maxTimeoutSeconds": 60,
    "extra": {"name": "USDC", "version": "2"},
}


def pay(agent: Any, payment_type: str, payment_input: dict[str, Any]) -> dict[str, Any]:
    answer = agent.data.process_payment(
        paymentManagerArn=agent.arn,
        paymentSessionId=agent.session,
        paymentInstrumentId=agent.instruments["ETHEREUM"],
        paymentType=payment_type,
        paymentInput=payment_input,
        userId="alice",
    )
    output: dict[str, Any] = answer["paymentOutput"]
    return output


def test_own_x402_merchant_verifies_and_settles_over_http(agent: Any, control: Any) -> None:
    control.fund_wallet(agent.instruments["ETHEREUM"], 15_000)
    x402 = {"cryptoX402": {"version": "2", "payload": REQUIREMENTS}}
    accepted = PaymentRequirements.model_validate(REQUIREMENTS)
    signed = pay(agent, "CRYPTO_X402", x402)["cryptoX402"]["payload"]
    payload = PaymentPayload(x402_version=2, payload=signed, accepted=accepted)
    with (
        merchants.x402_facilitator() as facilitator,
        HTTPFacilitatorClientSync(FacilitatorConfig(url=facilitator.url)) as client,
    ):
        assert client.verify(payload, accepted).is_valid
        settled = client.settle(payload, accepted)
        assert settled.success
        again = client.settle(payload, accepted)
        assert (again.success, again.error_reason) == (
            False,
            "invalid_exact_evm_nonce_already_used",
        )
        assert [sale.transaction for sale in facilitator.sales] == [settled.transaction]
    assert control.balance(agent.instruments["ETHEREUM"]) == 5000


def test_supported_lists_every_network_and_scheme() -> None:
    with (
        merchants.x402_facilitator() as facilitator,
        HTTPFacilitatorClientSync(FacilitatorConfig(url=facilitator.url)) as client,
    ):
        kinds = client.get_supported().kinds
    second = {(kind.scheme, kind.network) for kind in kinds if kind.x402_version == 2}
    evm_networks = [8453, 1, 42161, 10, 84532, 11155111]
    assert {("exact", f"eip155:{number}") for number in evm_networks} <= second
    assert {("upto", f"eip155:{number}") for number in evm_networks} <= second
    assert ("exact", "solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1") in second
    first = {(kind.scheme, kind.network) for kind in kinds if kind.x402_version == 1}
    assert {("exact", "base-sepolia"), ("exact", "solana-devnet")} <= first


@pytest.mark.parametrize("body", ["", "{", "[]", "{}", '{"x402Version": 2}', '"text"', "7"])
@pytest.mark.parametrize("verb", ["verify", "settle"])
def test_malformed_request_is_a_bad_request(verb: str, body: str) -> None:
    with merchants.x402_facilitator() as facilitator:
        answer = requests.post(f"{facilitator.url}/{verb}", data=body, timeout=10)
    assert answer.status_code == 400


@pytest.mark.parametrize("verb", ["verify", "settle"])
def test_payment_of_an_unknown_kind_is_a_bad_request(verb: str) -> None:
    asked = {
        "x402Version": 1,
        "paymentPayload": {"x402Version": 1, "scheme": "exact", "network": "moon", "payload": {}},
        "paymentRequirements": {
            **REQUIREMENTS,
            "network": "moon",
            "maxAmountRequired": "1",
            "resource": "http://shop.example/",
        },
    }
    with merchants.x402_facilitator() as facilitator:
        answer = requests.post(f"{facilitator.url}/{verb}", json=asked, timeout=10)
    assert (answer.status_code, answer.json()) == (400, {"error": "SchemeNotFoundError"})


def test_late_payment_is_refused(agent: Any, control: Any) -> None:
    from boto3_agentcore_payments.emulator.engine.ports import WalletKey
    from boto3_agentcore_payments.emulator.proofs import LocalProver

    proof = (
        LocalProver()
        .payment_types["CRYPTO_X402"]
        .prepare(
            {"version": "2", "payload": REQUIREMENTS},
            wallet=WalletKey("s", "i", "ETHEREUM"),
            found=None,
            now=datetime.fromtimestamp(time.time() - 120, timezone.utc),
        )
        .sign()
    )
    body = {
        "x402Version": 2,
        "paymentPayload": {
            "x402Version": 2,
            "accepted": REQUIREMENTS,
            "payload": proof.payment_output["payload"],
        },
        "paymentRequirements": REQUIREMENTS,
    }
    with merchants.x402_facilitator() as facilitator:
        answer = requests.post(f"{facilitator.url}/verify", json=body, timeout=10).json()
    assert answer["isValid"] is False
    assert answer["invalidReason"] == "invalid_exact_evm_payload_authorization_valid_before"
