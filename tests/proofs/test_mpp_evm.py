"""MPP evm credentials: pympp's server takes them, and none that was changed."""

from __future__ import annotations

import asyncio
from datetime import datetime, timezone
from typing import Any

import pytest
from eth_utils.crypto import keccak
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from mpp import Credential
from mpp.methods.evm._eip3009 import challenge_hash
from mpp.methods.evm.intents import ChargeIntent as EvmCharge

from boto3_agentcore_payments.emulator.engine.ports import WalletKey
from boto3_agentcore_payments.emulator.proofs import LocalProver, networks

EVM = [network for network in networks.X402_NETWORKS if network.chain_id]

AMOUNTS = st.integers(1, 2**64 - 1).map(str)

EVM_ADDRESSES = st.binary(min_size=20, max_size=20).map(lambda raw: "0x" + raw.hex())

# Anything a header value may carry; pympp escapes what does not fit.
WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=30
).filter(lambda text: text.strip() == text)


async def refuse_to_settle(_: Any) -> str:
    raise AssertionError


UINT = st.integers(0, 2**63).map(str)

ADDRESS = st.binary(min_size=20, max_size=20).map(lambda raw: "0x" + raw.hex())

WORD = st.binary(min_size=32, max_size=32).map(lambda raw: "0x" + raw.hex())


def same(one: Any, other: Any) -> bool:
    return str(one).lower() == str(other).lower()


@settings(deadline=None, max_examples=40)
@given(
    network=st.sampled_from(EVM),
    amount=AMOUNTS,
    recipient=EVM_ADDRESSES,
    realm=WORDS,
    description=st.none() | WORDS,
)
def test_evm_credential_is_accepted(
    *,
    payments: Any,
    pympp: Any,
    network: Any,
    amount: str,
    recipient: str,
    realm: str,
    description: str | None,
) -> None:
    request = {
        "amount": amount,
        "currency": network.usdc,
        "recipient": recipient,
        "methodDetails": {
            "chainId": network.chain_id,
            "credentialTypes": ["authorization"],
            "decimals": 6,
        },
    }
    challenge = pympp.issue(
        "evm", request, realm=realm, description=description, meta={"order": "7"}
    )
    credential = pympp.pay(payments, challenge)
    assert credential.payload["nonce"] == challenge_hash(challenge.id, realm)
    intent = EvmCharge(
        name=network.domain_name, version=network.domain_version, settle=refuse_to_settle
    )
    validation = asyncio.run(intent.validate(credential, request))
    assert validation.payer == payments.address("ETHEREUM")


def nonce(challenges: Any, prover: LocalProver) -> str:
    """Return the nonce that pays the usual challenge."""
    prepared = prover.payment_types["MPP"].prepare(
        {"version": "1", "wwwAuthenticateHeaders": [challenges.header(realm="sh\u00f6p")]},
        wallet=WalletKey("seed", "i", "ETHEREUM"),
        found=None,
        now=datetime(2026, 11, 23, 12, tzinfo=timezone.utc),
    )
    return prepared.sign().proof_id


def test_nonce_is_pympps_hash_of_the_challenge(challenges: Any) -> None:
    expected = challenge_hash("challenge-1", "sh\u00f6p")
    assert nonce(challenges, LocalProver()) == expected
    assert nonce(challenges, LocalProver(evm_challenge_hash="pympp")) == expected


def test_nonce_can_be_the_hash_of_mppx(challenges: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    # mppx 0.11, dist/evm/Types.js: keccak256 of `${id}${realm}`.
    expected = "0x" + keccak(text="challenge-1sh\u00f6p").hex()
    assert nonce(challenges, LocalProver(evm_challenge_hash="mppx")) == expected
    monkeypatch.setenv("BOTO3_AGENTCORE_PAYMENTS_EVM_CHALLENGE_HASH", "mppx")
    assert nonce(challenges, LocalProver()) == expected


def test_unknown_hash_of_challenges_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    message = "'sha256' is not a hash of EVM challenges; it is pympp or mppx"
    with pytest.raises(ValueError, match=message):
        LocalProver(evm_challenge_hash="sha256")
    monkeypatch.setenv("BOTO3_AGENTCORE_PAYMENTS_EVM_CHALLENGE_HASH", "sha256")
    with pytest.raises(ValueError, match=message):
        LocalProver()


def test_evm_authorization_lasts_as_long_as_its_challenge(payments: Any, challenges: Any) -> None:
    noon = datetime(2026, 11, 23, 12, tzinfo=timezone.utc)
    header = challenges.header(expires="2026-11-23T12:01:00Z")
    for text, seconds in ((header, 60), (challenges.header(), 300)):
        output = payments.prepare_mpp(text, now=noon).sign().payment_output
        payload = Credential.from_authorization(output["paymentCredential"]).payload
        assert payload["validBefore"] == str(int(noon.timestamp()) + seconds)
        assert payload["validAfter"] == "0"


@settings(deadline=None, max_examples=60)
@given(
    field=st.sampled_from(["from", "to", "value", "validAfter", "validBefore", "nonce"]),
    data=st.data(),
)
def test_mpp_evm_payload_with_one_field_changed_is_refused(
    *, payments: Any, shops: dict[str, Any], field: str, data: Any
) -> None:
    content = shops["evm"].credential(payments)
    kind = {"from": ADDRESS, "to": ADDRESS, "nonce": WORD}.get(field, UINT)
    value = data.draw(kind)
    assume(not same(value, content["payload"][field]))
    content["payload"][field] = value
    assert shops["evm"].answered(content) != 200
