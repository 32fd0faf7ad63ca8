"""MPP tempo credentials: pympp's server takes them, and the fees have a payer."""

from __future__ import annotations

import asyncio
from typing import Any

import pytempo  # noqa: F401 - raises the recursion limit, which hypothesis would find changed
import pytest
import rlp
from hypothesis import given, settings
from hypothesis import strategies as st
from mpp import Credential
from mpp.methods.tempo.fee_payer_envelope import decode_fee_payer_envelope
from mpp.methods.tempo.intents import ChargeIntent as TempoCharge

from boto3_agentcore_payments.emulator.engine.errors import ValidationException
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


def split_charge(challenges: Any, count: int, *, sponsored: bool) -> str:
    """Return a challenge for a charge with so many splits."""
    splits = [{"recipient": f"0x{number:040x}", "amount": "1"} for number in range(1, count + 1)]
    details = {"chainId": TEMPO[0].chain_id, "feePayer": sponsored, "splits": splits}
    asked = challenges.request("tempo", currency=TEMPO[0].usdc, methodDetails=details)
    header: str = challenges.header("tempo", asked=asked)
    return header


def gas_limit(payments: Any, header: str) -> int:
    """Return the gas limit of the transaction that pays a challenge."""
    output = payments.prepare_mpp(header, buyerPaysGasFees=True).sign().payment_output
    payload = Credential.from_authorization(output["paymentCredential"]).payload
    fields: Any = rlp.decode(bytes.fromhex(payload["signature"][4:]))
    return int.from_bytes(fields[3], "big")


@pytest.mark.parametrize(
    ("count", "sponsored", "limit"),
    [
        (0, False, 1_000_000),
        (2, False, 1_000_000),
        (3, False, 1_140_000),
        (8, False, 2_490_000),
        (0, True, 1_000_000),
        (6, True, 1_950_000),
    ],
)
def test_gas_limit_is_enough_for_recipients_new_to_the_token(
    *, payments: Any, challenges: Any, count: int, sponsored: bool, limit: int
) -> None:
    header = split_charge(challenges, count, sponsored=sponsored)
    assert gas_limit(payments, header) == limit


@pytest.mark.parametrize("count", [7, 8])
def test_more_splits_than_a_sponsor_has_gas_for_are_refused(
    payments: Any, challenges: Any, count: int
) -> None:
    with pytest.raises(ValidationException) as caught:
        payments.prepare_mpp(split_charge(challenges, count, sponsored=True))
    assert caught.value.message == (
        "Invalid MPP challenge: a tempo charge with feePayer has room for at most 6 splits"
    )
