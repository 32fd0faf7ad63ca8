"""MPP solana credentials: transactions that pay what the challenge asks."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mpp import Credential
from solders.keypair import Keypair
from solders.pubkey import Pubkey
from solders.transaction import VersionedTransaction
from x402.mechanisms.svm.utils import derive_ata

from boto3_agentcore_payments.emulator.proofs import networks
from boto3_agentcore_payments.merchants import solana_charge

CLUSTERS = sorted(networks.SOLANA_CLUSTERS)

AMOUNTS = st.integers(1, 2**64 - 1).map(str)

SOLANA_ADDRESSES = st.binary(min_size=32, max_size=32).map(
    lambda seed: str(Keypair.from_seed(seed).pubkey())
)

# Anything a header value may carry; pympp escapes what does not fit.
WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=30
).filter(lambda text: text.strip() == text)


SPONSORED = {
    "network": "devnet",
    "feePayer": True,
    "feePayerKey": str(Keypair.from_seed(b"f" * 32).pubkey()),
}


@settings(deadline=None, max_examples=40)
@given(
    cluster=st.sampled_from(CLUSTERS),
    amount=AMOUNTS,
    recipient=SOLANA_ADDRESSES,
    realm=WORDS,
    order=st.none() | WORDS,
)
def test_solana_transaction_pays_what_was_asked(
    *,
    payments: Any,
    pympp: Any,
    cluster: str,
    amount: str,
    recipient: str,
    realm: str,
    order: str | None,
) -> None:
    network = networks.SOLANA_CLUSTERS[cluster]
    sponsor = {"feePayer": True, "feePayerKey": payments.facilitator}
    details = {"network": cluster, "decimals": 6, **sponsor}
    request = {
        "amount": amount,
        "currency": network.usdc,
        "recipient": recipient,
        "methodDetails": details,
    }
    if order is not None:
        request["externalId"] = order
    credential = pympp.pay(payments, pympp.issue("solana", request, realm=realm), wallet="SOLANA")
    assert credential.payload["type"] == "transaction"
    payer = payments.address("SOLANA")
    opened = VersionedTransaction.from_bytes(base64.b64decode(credential.payload["transaction"]))
    assert opened.verify_with_results() == [False, True]
    assert solana_charge.paid(credential.payload["transaction"], request)[0] == payer
    keys = [str(key) for key in opened.message.account_keys]
    assert keys[0] == payments.facilitator
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
            **SPONSORED,
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
def test_invalid_blockhash_is_not_used(payments: Any, challenges: Any, suggested: Any) -> None:
    details = {**SPONSORED, "recentBlockhash": suggested}
    header = challenges.header("solana", asked=challenges.request("solana", methodDetails=details))
    assert payments.prepare_mpp(header, wallet="SOLANA").sign().proof_id
    extra = {"feePayer": payments.facilitator, "recentBlockhash": suggested}
    assert payments.sign_x402(payments.requirements("solana-devnet", extra=extra))["transaction"]


def test_solana_transaction_uses_the_suggested_blockhash(payments: Any, challenges: Any) -> None:
    blockhash = str(Pubkey.from_bytes(b"h" * 32))
    request = challenges.request(
        "solana", methodDetails={**SPONSORED, "recentBlockhash": blockhash}
    )
    header = challenges.header("solana", asked=request)
    output = payments.prepare_mpp(header, wallet="SOLANA").sign().payment_output
    credential = Credential.from_authorization(output["paymentCredential"])
    opened = VersionedTransaction.from_bytes(base64.b64decode(credential.payload["transaction"]))
    assert str(opened.message.recent_blockhash) == blockhash
