"""The x402 library's own verification accepts what is signed, on every network and scheme."""

from __future__ import annotations

import base64
import time
from datetime import datetime, timezone
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from solders.keypair import Keypair
from solders.transaction import VersionedTransaction
from x402.mechanisms.evm.eip712 import hash_eip3009_authorization
from x402.mechanisms.evm.types import ExactEIP3009Payload
from x402.mechanisms.evm.v1.constants import V1_NETWORK_CHAIN_IDS
from x402.mechanisms.evm.verify import verify_eoa_signature
from x402.mechanisms.svm.utils import extract_transaction_info

from boto3_agentcore_payments.emulator.proofs import networks

EVM = [network for network in networks.X402_NETWORKS if network.chain_id]
SOLANA = [network for network in networks.X402_NETWORKS if not network.chain_id]
AMOUNTS = st.integers(1, 2**64 - 1).map(str)
TIMEOUTS = st.integers(30, 86_400)
EVM_ADDRESSES = st.binary(min_size=20, max_size=20).map(lambda raw: "0x" + raw.hex())
SOLANA_ADDRESSES = st.binary(min_size=32, max_size=32).map(
    lambda seed: str(Keypair.from_seed(seed).pubkey())
)


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
@given(network=st.sampled_from(EVM), amount=AMOUNTS, timeout=TIMEOUTS, pay_to=EVM_ADDRESSES)
def test_permit2_for_exact_is_accepted(
    *, payments: Any, judge: Any, network: Any, amount: str, timeout: int, pay_to: str
) -> None:
    extra = {"name": "USDC", "version": "2", "assetTransferMethod": "permit2"}
    requirements = payments.requirements(
        network.caip2, amount=amount, maxTimeoutSeconds=timeout, payTo=pay_to, extra=extra
    )
    verdict = judge(requirements, payments.sign_x402(requirements))
    assert (verdict.is_valid, verdict.invalid_reason) == (True, None)
    assert verdict.payer == payments.address("ETHEREUM")


@settings(deadline=None, max_examples=30)
@given(network=st.sampled_from(EVM), amount=AMOUNTS, timeout=TIMEOUTS, pay_to=EVM_ADDRESSES)
def test_upto_is_accepted(
    *, payments: Any, judge: Any, network: Any, amount: str, timeout: int, pay_to: str
) -> None:
    requirements = payments.requirements(
        network.caip2,
        scheme="upto",
        amount=amount,
        maxTimeoutSeconds=timeout,
        payTo=pay_to,
        extra={
            "name": "USDC",
            "version": "2",
            "facilitatorAddress": payments.evm_facilitator,
        },
    )
    signed = payments.sign_x402(requirements, permit2AllowanceLimit="1")
    verdict = judge(requirements, signed)
    assert (verdict.is_valid, verdict.invalid_reason) == (True, None)
    assert verdict.payer == payments.address("ETHEREUM")


@settings(deadline=None, max_examples=40)
@given(
    network=st.sampled_from(SOLANA),
    amount=AMOUNTS,
    pay_to=SOLANA_ADDRESSES,
    memo=st.none() | st.text(st.characters(codec="ascii"), max_size=256),
    blockhash=st.none() | st.binary(min_size=32, max_size=32),
)
def test_exact_on_solana_is_accepted(
    *,
    payments: Any,
    judge: Any,
    network: Any,
    amount: str,
    pay_to: str,
    memo: str | None,
    blockhash: bytes | None,
) -> None:
    extra: dict[str, Any] = {"feePayer": payments.facilitator}
    if memo is not None:
        extra["memo"] = memo
    if blockhash is not None:
        extra["recentBlockhash"] = str(Keypair.from_seed(blockhash).pubkey())
    requirements = payments.requirements(network.caip2, amount=amount, payTo=pay_to, extra=extra)
    signed = payments.sign_x402(requirements)
    verdict = judge(requirements, signed)
    assert (verdict.is_valid, verdict.invalid_reason) == (True, None)
    assert verdict.payer == payments.address("SOLANA")
    opened = VersionedTransaction.from_bytes(base64.b64decode(signed["transaction"]))
    info = extract_transaction_info(opened)
    assert info is not None
    assert (info.amount, info.mint) == (int(amount), network.usdc)


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


@settings(deadline=None, max_examples=20)
@given(
    named=st.sampled_from(["solana", "solana-devnet", "solana-testnet"]),
    amount=AMOUNTS,
    pay_to=SOLANA_ADDRESSES,
)
def test_version_1_on_solana_is_accepted(
    *, payments: Any, judge: Any, named: str, amount: str, pay_to: str
) -> None:
    requirements = payments.requirements(named, amount=..., maxAmountRequired=amount, payTo=pay_to)
    verdict = judge(requirements, payments.sign_x402(requirements, version="1"), version="1")
    assert (verdict.is_valid, verdict.invalid_reason) == (True, None)
    assert verdict.payer == payments.address("SOLANA")


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


def test_solana_transaction_lacks_only_the_fee_payers_signature(payments: Any) -> None:
    signed = payments.sign_x402(payments.requirements("solana-devnet"))
    opened = VersionedTransaction.from_bytes(base64.b64decode(signed["transaction"]))
    assert opened.version() == 0
    assert opened.verify_with_results() == [False, True]
    assert bytes(opened.signatures[0]) == bytes(64)
    assert len(opened.message.instructions) == 4


def test_two_equal_payments_are_two_authorizations(payments: Any) -> None:
    for named in ("eip155:84532", "solana-devnet"):
        requirements = payments.requirements(named)
        ids = {payments.prepare_x402(requirements).sign().proof_id for _ in range(5)}
        assert len(ids) == 5
