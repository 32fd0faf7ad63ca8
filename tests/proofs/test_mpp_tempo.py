"""MPP tempo credentials: pympp's server takes them, and the fees have a payer."""

from __future__ import annotations

import asyncio
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from mpp.methods.tempo.fee_payer_envelope import decode_fee_payer_envelope
from mpp.methods.tempo.intents import ChargeIntent as TempoCharge

from boto3_agentcore_payments.emulator.proofs import networks

TEMPO = list(networks.TEMPO_NETWORKS.values())

EVM_ADDRESSES = st.binary(min_size=20, max_size=20).map(lambda raw: "0x" + raw.hex())

# Anything a header value may carry; pympp escapes what does not fit.
WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=30
).filter(lambda text: text.strip() == text)


@settings(deadline=None, max_examples=30)
@given(
    network=st.sampled_from(TEMPO),
    amount=st.integers(10, 2**64 - 1),
    recipient=EVM_ADDRESSES,
    parts=st.lists(st.tuples(EVM_ADDRESSES, st.integers(1, 9)), max_size=1),
    realm=WORDS,
)
def test_tempo_credential_is_accepted(
    *,
    payments: Any,
    pympp: Any,
    network: Any,
    amount: int,
    recipient: str,
    parts: list[tuple[str, int]],
    realm: str,
) -> None:
    details: dict[str, Any] = {"chainId": network.chain_id}
    if parts:
        details["splits"] = [{"recipient": to, "amount": str(part)} for to, part in parts]
    request = {
        "amount": str(amount),
        "currency": network.usdc,
        "recipient": recipient,
        "methodDetails": details,
    }
    credential = pympp.pay(
        payments, pympp.issue("tempo", request, realm=realm), buyerPaysGasFees=True
    )
    assert credential.payload["signature"].startswith("0x76")
    intent = TempoCharge(rpc_url="http://127.0.0.1:1")
    validation = asyncio.run(intent.validate(credential, request))
    assert validation.payer == payments.address("ETHEREUM").lower()


def test_sponsored_tempo_credential_awaits_the_sellers_signature(payments: Any, pympp: Any) -> None:
    request = {
        "amount": "10000",
        "currency": TEMPO[0].usdc,
        "recipient": "0x209693Bc6afc0C5328bA36FaF03C514EF312287C",
        "methodDetails": {"chainId": TEMPO[0].chain_id, "feePayer": True},
    }
    credential = pympp.pay(payments, pympp.issue("tempo", request))
    wire = bytes.fromhex(credential.payload["signature"][2:])
    _, sender, _, _ = decode_fee_payer_envelope(wire)
    assert bytes(sender).hex() == payments.address("ETHEREUM")[2:].lower()
    intent = TempoCharge(rpc_url="http://127.0.0.1:1")
    validation = asyncio.run(intent.validate(credential, request))
    assert validation.payer == payments.address("ETHEREUM").lower()
