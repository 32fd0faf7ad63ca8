"""pympp's server accepts evm and tempo credentials; Solana transactions pay what was asked."""

from __future__ import annotations

import asyncio
import base64
import json
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mpp import Challenge, Credential
from mpp.methods.evm._eip3009 import challenge_hash
from mpp.methods.evm.intents import ChargeIntent as EvmCharge
from mpp.methods.tempo.fee_payer_envelope import decode_fee_payer_envelope
from mpp.methods.tempo.intents import ChargeIntent as TempoCharge
from solders.keypair import Keypair
from solders.pubkey import Pubkey
from solders.transaction import VersionedTransaction
from x402.mechanisms.svm.utils import derive_ata

from boto3_agentcore_payments.emulator.proofs import networks
from boto3_agentcore_payments.merchants import solana_charge

EVM = [network for network in networks.X402_NETWORKS if network.chain_id]
TEMPO = list(networks.TEMPO_NETWORKS.values())
CLUSTERS = sorted(networks.SOLANA_CLUSTERS)
AMOUNTS = st.integers(1, 2**64 - 1).map(str)
EVM_ADDRESSES = st.binary(min_size=20, max_size=20).map(lambda raw: "0x" + raw.hex())
SOLANA_ADDRESSES = st.binary(min_size=32, max_size=32).map(
    lambda seed: str(Keypair.from_seed(seed).pubkey())
)
# Anything a header value may carry; pympp escapes what does not fit.
WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=30
).filter(lambda text: text.strip() == text)


def issue(
    method: str, request: dict[str, Any], *, realm: str = "shop.example", **more: Any
) -> Challenge:
    expires = (datetime.now(timezone.utc) + timedelta(minutes=5)).isoformat()
    return Challenge.create(
        secret_key="k",
        realm=realm,
        method=method,
        intent="charge",
        request=request,
        expires=expires.replace("+00:00", "Z"),
        **more,
    )


def pay(payments: Any, challenge: Challenge, **options: Any) -> Credential:
    header = challenge.to_www_authenticate(challenge.realm)
    output = payments.prepare_mpp(header, **options).sign().payment_output
    assert output["selectedPaymentId"] == challenge.id
    assert output["version"] == "1"
    credential = Credential.from_authorization(output["paymentCredential"])
    assert credential.challenge == challenge.to_echo()
    return credential


async def refuse_to_settle(_: Any) -> str:
    raise AssertionError


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
    challenge = issue("evm", request, realm=realm, description=description, meta={"order": "7"})
    credential = pay(payments, challenge)
    assert credential.payload["nonce"] == challenge_hash(challenge.id, realm)
    intent = EvmCharge(
        name=network.domain_name, version=network.domain_version, settle=refuse_to_settle
    )
    validation = asyncio.run(intent.validate(credential, request))
    assert validation.payer == payments.address("ETHEREUM")


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
    credential = pay(payments, issue("tempo", request, realm=realm), buyerPaysGasFees=True)
    assert credential.payload["signature"].startswith("0x76")
    intent = TempoCharge(rpc_url="http://127.0.0.1:1")
    validation = asyncio.run(intent.validate(credential, request))
    assert validation.payer == payments.address("ETHEREUM").lower()


def test_sponsored_tempo_credential_awaits_the_sellers_signature(payments: Any) -> None:
    request = {
        "amount": "10000",
        "currency": TEMPO[0].usdc,
        "recipient": "0x209693Bc6afc0C5328bA36FaF03C514EF312287C",
        "methodDetails": {"chainId": TEMPO[0].chain_id, "feePayer": True},
    }
    credential = pay(payments, issue("tempo", request))
    wire = bytes.fromhex(credential.payload["signature"][2:])
    _, sender, _, _ = decode_fee_payer_envelope(wire)
    assert bytes(sender).hex() == payments.address("ETHEREUM")[2:].lower()
    intent = TempoCharge(rpc_url="http://127.0.0.1:1")
    validation = asyncio.run(intent.validate(credential, request))
    assert validation.payer == payments.address("ETHEREUM").lower()


@settings(deadline=None, max_examples=40)
@given(
    cluster=st.sampled_from(CLUSTERS),
    amount=AMOUNTS,
    recipient=SOLANA_ADDRESSES,
    sponsored=st.booleans(),
    realm=WORDS,
    order=st.none() | WORDS,
)
def test_solana_transaction_pays_what_was_asked(
    *,
    payments: Any,
    cluster: str,
    amount: str,
    recipient: str,
    sponsored: bool,
    realm: str,
    order: str | None,
) -> None:
    network = networks.SOLANA_CLUSTERS[cluster]
    details: dict[str, Any] = {"network": cluster, "decimals": 6}
    if sponsored:
        details.update(feePayer=True, feePayerKey=payments.facilitator)
    request = {
        "amount": amount,
        "currency": network.usdc,
        "recipient": recipient,
        "methodDetails": details,
    }
    if order is not None:
        request["externalId"] = order
    credential = pay(payments, issue("solana", request, realm=realm), wallet="SOLANA")
    assert credential.payload["type"] == "transaction"
    payer = payments.address("SOLANA")
    opened = VersionedTransaction.from_bytes(base64.b64decode(credential.payload["transaction"]))
    assert opened.verify_with_results() == ([False, True] if sponsored else [True])
    assert solana_charge.paid(credential.payload["transaction"], request)[0] == payer
    keys = [str(key) for key in opened.message.account_keys]
    assert keys[0] == (payments.facilitator if sponsored else payer)
    transfer = opened.message.instructions[2]
    accounts = [keys[index] for index in bytes(transfer.accounts)]
    assert accounts == [
        derive_ata(payer, network.usdc),
        network.usdc,
        derive_ata(recipient, network.usdc),
        payer,
    ]
    assert bytes(transfer.data) == bytes([12]) + int(amount).to_bytes(8, "little") + bytes([6])
    memos = [bytes(each.data).decode() for each in opened.message.instructions[3:]]
    assert memos == ([] if order is None else [order])


def test_solana_splits_are_paid_out_of_the_amount(payments: Any, challenges: Any) -> None:
    shares = [str(Keypair.from_seed(bytes([n]) * 32).pubkey()) for n in (1, 2)]
    request = challenges.request(
        "solana",
        methodDetails={
            "network": "devnet",
            "splits": [
                {"recipient": shares[0], "amount": "1000", "memo": "platform"},
                {"recipient": shares[1], "amount": "500"},
            ],
        },
    )
    prepared = payments.prepare_mpp(challenges.header("solana", asked=request), wallet="SOLANA")
    assert prepared.amount == 10_000
    token = prepared.sign().payment_output["paymentCredential"]
    opened = VersionedTransaction.from_bytes(
        base64.b64decode(Credential.from_authorization(token).payload["transaction"])
    )
    paid = {
        str(opened.message.account_keys[bytes(each.accounts)[2]]): int.from_bytes(
            bytes(each.data)[1:9], "little"
        )
        for each in opened.message.instructions
        if bytes(each.data)[:1] == bytes([12])
    }
    mint = request["currency"]
    assert paid == {
        derive_ata(request["recipient"], mint): 8500,
        derive_ata(shares[0], mint): 1000,
        derive_ata(shares[1], mint): 500,
    }


@pytest.mark.parametrize("suggested", ["", "soon", "0OIl", "1" * 45, 7, None])
def test_blockhash_that_is_none_is_not_used(payments: Any, challenges: Any, suggested: Any) -> None:
    details = {"network": "devnet", "recentBlockhash": suggested}
    header = challenges.header("solana", asked=challenges.request("solana", methodDetails=details))
    assert payments.prepare_mpp(header, wallet="SOLANA").sign().proof_id
    extra = {"feePayer": payments.facilitator, "recentBlockhash": suggested}
    assert payments.sign_x402(payments.requirements("solana-devnet", extra=extra))["transaction"]


def test_solana_transaction_uses_the_suggested_blockhash(payments: Any, challenges: Any) -> None:
    blockhash = str(Pubkey.from_bytes(b"h" * 32))
    request = challenges.request(
        "solana", methodDetails={"network": "devnet", "recentBlockhash": blockhash}
    )
    header = challenges.header("solana", asked=request)
    output = payments.prepare_mpp(header, wallet="SOLANA").sign().payment_output
    credential = Credential.from_authorization(output["paymentCredential"])
    opened = VersionedTransaction.from_bytes(base64.b64decode(credential.payload["transaction"]))
    assert str(opened.message.recent_blockhash) == blockhash


@pytest.mark.parametrize(
    ("kind", "wallet", "prefix"),
    [
        ("evm", "ETHEREUM", "did:pkh:eip155:84532:"),
        ("tempo", "ETHEREUM", "did:pkh:eip155:42431:"),
        ("solana", "SOLANA", "did:pkh:solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1:"),
    ],
)
def test_credential_is_unpadded_base64url_of_three_members(
    *, payments: Any, challenges: Any, kind: str, wallet: str, prefix: str
) -> None:
    output = payments.prepare_mpp(challenges.header(kind), wallet=wallet).sign().payment_output
    scheme, _, token = output["paymentCredential"].partition(" ")
    assert scheme == "Payment"
    assert "=" not in token
    content = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    assert set(content) == {"challenge", "payload", "source"}
    assert content["source"] == prefix + payments.address(wallet)


def test_evm_authorization_lasts_as_long_as_its_challenge(payments: Any, challenges: Any) -> None:
    noon = datetime(2026, 11, 23, 12, tzinfo=timezone.utc)
    header = challenges.header(expires="2026-11-23T12:01:00Z")
    for text, seconds in ((header, 60), (challenges.header(), 300)):
        output = payments.prepare_mpp(text, now=noon).sign().payment_output
        payload = Credential.from_authorization(output["paymentCredential"]).payload
        assert payload["validBefore"] == str(int(noon.timestamp()) + seconds)
        assert payload["validAfter"] == "0"


@pytest.mark.parametrize("kind", ["evm", "tempo", "solana"])
def test_header_of_the_largest_size_fits_the_answer(
    *, payments: Any, challenges: Any, kind: str
) -> None:
    header = challenges.header(kind, description="")
    padding = "é" * ((16_384 - len(header)) // 2)
    wallet = "SOLANA" if kind == "solana" else "ETHEREUM"
    whole = challenges.header(kind, description=padding)
    output = payments.prepare_mpp(whole, wallet=wallet).sign().payment_output
    assert len(output["paymentCredential"]) <= 32_768
