"""Permit2 authorizations: x402's own verification takes them, and none that was changed."""

from __future__ import annotations

from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from boto3_agentcore_payments.emulator.proofs import networks

EVM = [network for network in networks.X402_NETWORKS if network.chain_id]

AMOUNTS = st.integers(1, 2**64 - 1).map(str)

TIMEOUTS = st.integers(30, 86_400)

# No chain pays the zero address.
EVM_ADDRESSES = st.binary(min_size=20, max_size=20).filter(any).map(lambda raw: "0x" + raw.hex())

UINT = st.integers(0, 2**63).map(str)

ADDRESS = st.binary(min_size=20, max_size=20).map(lambda raw: "0x" + raw.hex())


def same(one: Any, other: Any) -> bool:
    return str(one).lower() == str(other).lower()


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


@settings(deadline=None, max_examples=60)
@given(
    path=st.sampled_from(
        [
            ("from",),
            ("permitted", "token"),
            ("permitted", "amount"),
            ("spender",),
            ("nonce",),
            ("deadline",),
            ("witness", "to"),
            ("witness", "validAfter"),
            ("witness", "facilitator"),
        ]
    ),
    scheme=st.sampled_from(["exact", "upto"]),
    data=st.data(),
)
def test_permit2_authorization_with_one_field_changed_is_refused(
    *, payments: Any, judge: Any, path: tuple[str, ...], scheme: str, data: Any
) -> None:
    assume(scheme == "upto" or path[-1] != "facilitator")
    extra = {
        "name": "USDC",
        "version": "2",
        "assetTransferMethod": "permit2",
        "facilitatorAddress": payments.evm_facilitator,
    }
    requirements = payments.requirements(scheme=scheme, extra=extra)
    signed = payments.sign_x402(requirements)
    place = signed["permit2Authorization"]
    for name in path[:-1]:
        place = place[name]
    numeric = path[-1] in {"amount", "nonce", "deadline", "validAfter"}
    value = data.draw(UINT if numeric else ADDRESS)
    assume(not same(value, place[path[-1]]))
    place[path[-1]] = value
    assert not judge(requirements, signed).is_valid
