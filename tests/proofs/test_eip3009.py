"""EIP-3009 authorizations: x402's own verification takes them, and none that was changed."""

from __future__ import annotations

import time
from datetime import datetime, timezone
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from x402.mechanisms.evm.eip712 import hash_eip3009_authorization
from x402.mechanisms.evm.types import ExactEIP3009Payload
from x402.mechanisms.evm.v1.constants import V1_NETWORK_CHAIN_IDS
from x402.mechanisms.evm.verify import verify_eoa_signature

from boto3_agentcore_payments.emulator.proofs import networks

EVM = [network for network in networks.X402_NETWORKS if network.chain_id]

AMOUNTS = st.integers(1, 2**64 - 1).map(str)

TIMEOUTS = st.integers(30, 86_400)

# No chain pays the zero address.
EVM_ADDRESSES = st.binary(min_size=20, max_size=20).filter(any).map(lambda raw: "0x" + raw.hex())

UINT = st.integers(0, 2**63).map(str)

ADDRESS = st.binary(min_size=20, max_size=20).map(lambda raw: "0x" + raw.hex())

WORD = st.binary(min_size=32, max_size=32).map(lambda raw: "0x" + raw.hex())

# Flipping bits of r or s, or exchanging the two values v has.
SIGNATURE_BYTE = st.integers(0, 63)

MASK = st.integers(1, 255)


def flipped(signature: str, position: int, mask: int) -> str:
    raw = bytearray(bytes.fromhex(signature[2:]))
    raw[position] ^= mask
    return "0x" + bytes(raw).hex()


def same(one: Any, other: Any) -> bool:
    return str(one).lower() == str(other).lower()


@settings(deadline=None, max_examples=40)
@given(network=st.sampled_from(EVM), amount=AMOUNTS, timeout=TIMEOUTS, pay_to=EVM_ADDRESSES)
def test_exact_on_evm_is_accepted(
    *, payments: Any, judge: Any, network: Any, amount: str, timeout: int, pay_to: str
) -> None:
    requirements = payments.requirements(
        network.caip2, amount=amount, maxTimeoutSeconds=timeout, payTo=pay_to
    )
    verdict = judge(requirements, payments.sign_x402(requirements))
    assert (verdict.is_valid, verdict.invalid_reason) == (True, None)
    assert verdict.payer == payments.address("ETHEREUM")


@settings(deadline=None, max_examples=30)
@given(
    named=st.sampled_from([name for net in EVM for name in net.names if ":" not in name]),
    amount=AMOUNTS,
    timeout=TIMEOUTS,
    pay_to=EVM_ADDRESSES,
)
def test_version_1_on_evm_is_accepted(
    *, payments: Any, judge: Any, named: str, amount: str, timeout: int, pay_to: str
) -> None:
    requirements = payments.requirements(
        named, amount=..., maxAmountRequired=amount, maxTimeoutSeconds=timeout, payTo=pay_to
    )
    signed = payments.sign_x402(requirements, version="1")
    if named in V1_NETWORK_CHAIN_IDS:
        verdict = judge(requirements, signed, version="1")
        assert (verdict.is_valid, verdict.invalid_reason) == (True, None)
    # The library's table of version 1 names lacks sepolia; its hash and recovery do not.
    network = networks.find(named)
    assert network is not None
    opened = ExactEIP3009Payload.from_dict(signed)
    digest = hash_eip3009_authorization(
        opened.authorization,
        network.chain_id,
        requirements["asset"],
        network.domain_name,
        network.domain_version,
    )
    signature = bytes.fromhex(signed["signature"][2:])
    assert verify_eoa_signature(digest, signature, payments.address("ETHEREUM"))


def test_evm_times_are_counted_from_the_service_clock(payments: Any) -> None:
    noon = datetime(2026, 11, 23, 12, tzinfo=timezone.utc)
    seconds = int(noon.timestamp())
    second = payments.sign_x402(payments.requirements(), now=noon)["authorization"]
    assert (second["validAfter"], second["validBefore"]) == ("0", str(seconds + 300))
    requirements = payments.requirements("base-sepolia", amount=..., maxAmountRequired="1")
    first = payments.sign_x402(requirements, version="1", now=noon)["authorization"]
    assert (first["validAfter"], first["validBefore"]) == (str(seconds - 600), str(seconds + 300))


def test_proof_is_refused_once_its_time_is_over(payments: Any, judge: Any) -> None:
    requirements = payments.requirements()
    early = datetime.fromtimestamp(time.time() - 3600, timezone.utc)
    verdict = judge(requirements, payments.sign_x402(requirements, now=early))
    assert verdict.invalid_reason == "invalid_exact_evm_payload_authorization_valid_before"


def test_output_repeats_the_version_and_holds_only_strings(payments: Any) -> None:
    output = payments.prepare_x402(payments.requirements()).sign().payment_output
    assert output["version"] == "2"
    payload = output["payload"]
    assert set(payload) == {"signature", "authorization"}
    assert set(payload["authorization"]) == {
        "from",
        "to",
        "value",
        "validAfter",
        "validBefore",
        "nonce",
    }
    assert all(isinstance(value, str) for value in payload["authorization"].values())
    assert len(bytes.fromhex(payload["signature"][2:])) == 65


def test_two_equal_payments_are_two_authorizations(payments: Any) -> None:
    for named in ("eip155:84532", "solana-devnet"):
        requirements = payments.requirements(named)
        ids = {payments.prepare_x402(requirements).sign().proof_id for _ in range(5)}
        assert len(ids) == 5


@settings(deadline=None, max_examples=60)
@given(
    field=st.sampled_from(["from", "to", "value", "validAfter", "validBefore", "nonce"]),
    data=st.data(),
)
def test_eip3009_authorization_with_one_field_changed_is_refused(
    *, payments: Any, judge: Any, field: str, data: Any
) -> None:
    requirements = payments.requirements()
    signed = payments.sign_x402(requirements)
    kind = {"from": ADDRESS, "to": ADDRESS, "nonce": WORD}.get(field, UINT)
    value = data.draw(kind)
    assume(not same(value, signed["authorization"][field]))
    signed["authorization"][field] = value
    assert not judge(requirements, signed).is_valid


@settings(deadline=None, max_examples=60)
@given(position=SIGNATURE_BYTE, mask=MASK, permit2=st.booleans())
def test_signature_with_one_byte_changed_is_refused(
    *, payments: Any, judge: Any, position: int, mask: int, permit2: bool
) -> None:
    extra = {"name": "USDC", "version": "2"}
    if permit2:
        extra["assetTransferMethod"] = "permit2"
    requirements = payments.requirements(extra=extra)
    signed = payments.sign_x402(requirements)
    signed["signature"] = flipped(signed["signature"], position, mask)
    assert not judge(requirements, signed).is_valid


def test_signature_with_the_other_recovery_bit_is_refused(payments: Any, judge: Any) -> None:
    requirements = payments.requirements()
    signed = payments.sign_x402(requirements)
    signed["signature"] = flipped(signed["signature"], 64, 27 ^ 28)
    assert not judge(requirements, signed).is_valid


@pytest.mark.parametrize(
    "change",
    [
        {"amount": "10001"},
        {"payTo": "0x000000000000000000000000000000000000dEaD"},
        {"network": "eip155:8453", "asset": "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913"},
        {"network": "eip155:8453"},
        {"asset": "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913"},
        {"extra": {"name": "USD Coin", "version": "2"}},
        {"extra": {"name": "USDC", "version": "1"}},
    ],
)
def test_authorization_is_good_for_its_own_requirements_only(
    *, payments: Any, judge: Any, change: dict[str, Any]
) -> None:
    requirements = payments.requirements()
    signed = payments.sign_x402(requirements)
    assert not judge({**requirements, **change}, signed).is_valid
