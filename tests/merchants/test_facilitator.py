"""The facilitator over HTTP, asked by the x402 library's client."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
import requests
from counters import Counter, OpenLedger
from werkzeug.test import Client
from x402.http import FacilitatorConfig, HTTPFacilitatorClientSync
from x402.schemas import PaymentPayload, PaymentRequirements

from boto3_agentcore_payments import merchants
from boto3_agentcore_payments.merchants.facilitator import LocalFacilitator, service
from boto3_agentcore_payments.merchants.tills import Till

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


def test_own_x402_merchant_verifies_and_settles_over_http(agent: Any, control: Any) -> None:
    control.fund_wallet(agent.instruments["ETHEREUM"], 15_000)
    x402 = {"cryptoX402": {"version": "2", "payload": REQUIREMENTS}}
    accepted = PaymentRequirements.model_validate(REQUIREMENTS)
    signed = agent.process("CRYPTO_X402", x402)["cryptoX402"]["payload"]
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


SIGNATURE = "invalid_exact_evm_payload_signature"
WOULD_REVERT = "invalid_exact_evm_transaction_simulation_failed"
ZERO = "0x" + "0" * 40
USDC = REQUIREMENTS["asset"]
KINDS = [
    pytest.param({}, id="eip3009"),
    pytest.param({"version": 1}, id="eip3009-v1"),
    pytest.param({"permit2": True}, id="permit2"),
    pytest.param({"scheme": "upto"}, id="upto"),
    pytest.param({"network": "solana-devnet"}, id="solana"),
    pytest.param({"network": "solana-devnet", "version": 1}, id="solana-v1"),
]


def high_s(content: dict[str, Any]) -> dict[str, Any]:
    """Return a payment with the other of its two signatures, which no wallet makes."""
    raw = bytes.fromhex(content["payload"]["signature"][2:])
    s = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141 - int.from_bytes(
        raw[32:64], "big"
    )
    other = raw[:32] + s.to_bytes(32, "big") + bytes([55 - raw[64]])
    content["payload"]["signature"] = "0x" + other.hex()
    return content


@pytest.mark.parametrize("kind", KINDS)
def test_valid_payment_passes_verify_and_settle(kind: dict[str, Any]) -> None:
    counter = Counter(**kind)
    terms = counter.terms()
    assert counter.judged(counter.content(terms), terms) == (None, None)


@pytest.mark.parametrize("kind", [{}, {"version": 1}])
@pytest.mark.parametrize(
    "domain", [{"name": "USD Coin", "version": "2"}, {"name": "USDC", "version": "1"}]
)
def test_domain_is_the_tokens_own_whatever_the_402_says(
    kind: dict[str, Any], domain: dict[str, str]
) -> None:
    counter = Counter(**kind)
    terms = {**counter.terms(), "extra": domain}
    assert counter.judged(counter.content(terms), terms) == (SIGNATURE, SIGNATURE)


@pytest.mark.parametrize("kind", [{}, {"version": 1}])
def test_domain_of_another_chain_is_refused(kind: dict[str, Any]) -> None:
    elsewhere = Counter(**{**kind, "network": "base"})
    counter = Counter(**kind)
    terms = counter.terms()
    content = counter.content(terms)
    content["payload"] = elsewhere.content(elsewhere.terms())["payload"]
    assert counter.judged(content, terms) == (SIGNATURE, SIGNATURE)


def test_high_s_is_refused_by_the_token() -> None:
    counter = Counter()
    terms = counter.terms()
    content = high_s(counter.content(terms))
    assert counter.judged(content, terms) == (SIGNATURE, SIGNATURE)


def test_high_s_of_version_1_is_refused() -> None:
    counter = Counter(version=1)
    terms = counter.terms()
    verified, settled = counter.judged(high_s(counter.content(terms)), terms)
    assert (verified, settled) == (SIGNATURE, SIGNATURE)


def test_high_s_is_taken_by_permit2_once() -> None:
    counter = Counter(permit2=True)
    terms = counter.terms()
    content = counter.content(terms)
    assert counter.judged(high_s(content), terms) == (None, None)
    assert counter.judged(high_s(content), terms) == ("permit2_invalid_nonce",) * 2


@pytest.mark.parametrize("pay_to", [ZERO, USDC])
@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ({}, WOULD_REVERT),
        ({"version": 1}, WOULD_REVERT),
        ({"permit2": True}, None),
        ({"scheme": "upto"}, "invalid_upto_evm_transaction_failed"),
    ],
)
def test_recipient_that_the_contracts_do_not_pay_is_refused(
    kind: dict[str, Any], reason: str | None, pay_to: str
) -> None:
    counter = Counter(**kind, pay_to=pay_to)
    terms = counter.terms()
    if reason is None:
        # The proxy is given the address; the token is asked directly.
        reason = "invalid_permit2_destination" if pay_to == ZERO else "transaction_failed"
    assert counter.judged(counter.content(terms), terms) == (reason, reason)


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ({}, WOULD_REVERT),
        ({"version": 1}, WOULD_REVERT),
        ({"permit2": True}, "transaction_failed"),
        ({"scheme": "upto"}, "invalid_upto_evm_transaction_failed"),
        ({"network": "solana-devnet"}, "transaction_simulation_failed"),
    ],
)
def test_proof_that_the_emulator_did_not_sign_is_refused(kind: dict[str, Any], reason: str) -> None:
    counter = Counter(**kind, ledger=OpenLedger(known=False))
    terms = counter.terms()
    assert counter.judged(counter.content(terms), terms) == (reason, reason)


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ({}, "invalid_exact_evm_insufficient_balance"),
        ({"version": 1}, "invalid_exact_evm_insufficient_balance"),
        ({"permit2": True}, "invalid_exact_evm_insufficient_balance"),
        ({"scheme": "upto"}, "permit2_insufficient_balance"),
        ({"network": "solana-devnet"}, "transaction_simulation_failed"),
        ({"network": "solana-devnet", "version": 1}, "transaction_simulation_failed"),
    ],
)
def test_wallet_with_one_unit_too_few_is_refused(kind: dict[str, Any], reason: str) -> None:
    counter = Counter(**kind, ledger=OpenLedger(held=9_999))
    terms = counter.terms()
    content = counter.content(terms)
    assert counter.judged(content, terms) == (reason, reason)
    counter.ledger.held = 10_000
    assert counter.judged(content, terms) == (None, None)


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ({}, "invalid_exact_evm_nonce_already_used"),
        ({"version": 1}, "invalid_exact_evm_nonce_already_used"),
        ({"permit2": True}, "permit2_invalid_nonce"),
        ({"scheme": "upto"}, "invalid_upto_evm_transaction_failed"),
        ({"network": "solana-devnet"}, "transaction_simulation_failed"),
        ({"network": "solana-devnet", "version": 1}, "transaction_simulation_failed"),
    ],
)
def test_used_proof_is_refused(kind: dict[str, Any], reason: str) -> None:
    counter = Counter(**kind)
    terms = counter.terms()
    content = counter.content(terms)
    assert counter.judged(content, terms) == (None, None)
    assert counter.judged(content, terms) == (reason, reason)


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ({}, "invalid_exact_evm_payload_authorization_valid_before"),
        ({"version": 1}, "invalid_exact_evm_payload_authorization_valid_before"),
        ({"permit2": True}, "permit2_deadline_expired"),
        ({"scheme": "upto"}, "permit2_deadline_expired"),
    ],
)
def test_late_payment_is_refused(kind: dict[str, Any], reason: str) -> None:
    counter = Counter(**kind)
    terms = counter.terms()
    late = datetime.now(timezone.utc) - timedelta(seconds=400)
    assert counter.judged(counter.content(terms, now=late), terms) == (reason, reason)


def test_early_payment_is_refused() -> None:
    counter = Counter(version=1)  # version 1 counts its window from the time of signing
    terms = counter.terms()
    early = datetime.now(timezone.utc) + timedelta(seconds=900)
    reason = "invalid_exact_evm_payload_authorization_valid_after"
    assert counter.judged(counter.content(terms, now=early), terms) == (reason, reason)


@pytest.mark.parametrize("kind", [{}, {"permit2": True}, {"network": "solana-devnet"}])
def test_payment_for_another_network_of_the_family_is_refused(kind: dict[str, Any]) -> None:
    other = "solana" if kind.get("network") else "eip155:8453"
    counter, elsewhere = Counter(**kind), Counter(**{**kind, "network": other})
    content = elsewhere.content(elsewhere.terms())
    assert counter.judged(content, counter.terms()) == ("network_mismatch", "network_mismatch")


def test_token_without_a_contract_on_the_network_is_refused() -> None:
    counter, elsewhere = Counter(), Counter(network="base")
    terms = counter.terms()
    content = counter.content(terms)
    terms["asset"] = content["accepted"]["asset"] = elsewhere.network.usdc
    # The signature is for the token on its own chain, so it is wrong before the token is missing.
    assert counter.judged(content, terms) == (SIGNATURE, SIGNATURE)


@pytest.mark.parametrize("depth", [129, 200_000])
@pytest.mark.parametrize("verb", ["verify", "settle"])
def test_deeply_nested_request_is_a_bad_request(verb: str, depth: int) -> None:
    asker = Client(service(LocalFacilitator(Till(OpenLedger()))))
    answer = asker.post(f"/{verb}", data="[" * depth + "]" * depth)
    assert (answer.status_code, answer.get_json()) == (400, {"error": "NestedTooDeeplyError"})
