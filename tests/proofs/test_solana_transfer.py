"""Transactions as Solana's own runtime, token and memo programs execute them."""

from __future__ import annotations

import base64
import json
import uuid
from typing import Any

import pytest
from solders.keypair import Keypair

AMOUNT = 10_000
UUID = str(uuid.UUID(int=2**127))
MEMOS = {"none": None, "uuid": UUID, "chinese": "中" * 12, "emoji": "😀" * 6, "long": "a" * 256}


def wallet(number: int) -> str:
    return str(Keypair.from_seed(bytes([number]) * 32).pubkey())


def charge(payments: Any, challenges: Any, chain: Any, **changes: Any) -> str:
    """Return the transaction that pays an MPP charge."""
    sponsor = {"feePayer": True, "feePayerKey": payments.facilitator}
    details = {"network": "devnet", "recentBlockhash": chain.blockhash, **sponsor}
    details.update(changes.pop("methodDetails", {}))
    asked = challenges.request("solana", methodDetails=details, **changes)
    prepared = payments.prepare_mpp(challenges.header("solana", asked=asked), wallet="SOLANA")
    token = prepared.sign().payment_output["paymentCredential"].removeprefix("Payment ")
    content = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    transaction: str = content["payload"]["transaction"]
    return transaction


@pytest.fixture
def payer(payments: Any, solana_chain: Any) -> str:
    """A buyer with twice the amount; the facilitator has SOL for fees."""
    address: str = payments.address("SOLANA")
    solana_chain.open_account(address, 2 * AMOUNT)
    solana_chain.fund_fees(payments.facilitator)
    return address


@pytest.fixture
def seller(challenges: Any, solana_chain: Any) -> str:
    """A recipient with an empty token account."""
    address: str = challenges.request("solana")["recipient"]
    solana_chain.open_account(address)
    return address


@pytest.mark.parametrize("memo", MEMOS.values(), ids=MEMOS)
def test_mpp_charge_settles_with_any_usual_memo(
    *, payments: Any, challenges: Any, solana_chain: Any, payer: str, seller: str, memo: str | None
) -> None:
    more = {} if memo is None else {"externalId": memo}
    assert solana_chain.send(charge(payments, challenges, solana_chain, **more)) is None
    assert (solana_chain.balance(payer), solana_chain.balance(seller)) == (AMOUNT, AMOUNT)


def test_mpp_charge_with_the_most_splits_settles(
    *, payments: Any, challenges: Any, solana_chain: Any, payer: str, seller: str
) -> None:
    splits = [{"recipient": wallet(number), "amount": "1000"} for number in range(1, 9)]
    for split in splits:
        solana_chain.open_account(split["recipient"])
    splits[0]["memo"] = UUID
    transaction = charge(payments, challenges, solana_chain, methodDetails={"splits": splits})
    assert solana_chain.send(transaction) is None
    assert solana_chain.balance(seller) == AMOUNT - 8000
    assert [solana_chain.balance(split["recipient"]) for split in splits] == [1000] * 8


@pytest.mark.parametrize("memo", MEMOS.values(), ids=MEMOS)
def test_x402_payment_settles_with_any_usual_memo(
    *, payments: Any, solana_chain: Any, payer: str, seller: str, memo: str | None
) -> None:
    extra = {"feePayer": payments.facilitator, "recentBlockhash": solana_chain.blockhash}
    if memo is not None:
        extra["memo"] = memo
    requirements = payments.requirements("solana-devnet", payTo=seller, extra=extra)
    assert solana_chain.send(payments.sign_x402(requirements)["transaction"]) is None
    assert (solana_chain.balance(payer), solana_chain.balance(seller)) == (AMOUNT, AMOUNT)


def test_payment_to_a_wallet_without_a_token_account_fails(
    *, payments: Any, challenges: Any, solana_chain: Any, payer: str
) -> None:
    error = solana_chain.send(charge(payments, challenges, solana_chain))
    assert error is not None
    assert "InvalidAccountData" in error
    assert solana_chain.balance(payer) == 2 * AMOUNT


def test_payment_on_an_invented_blockhash_fails(
    *, payments: Any, challenges: Any, solana_chain: Any, payer: str, seller: str
) -> None:
    details = {"recentBlockhash": None}
    error = solana_chain.send(charge(payments, challenges, solana_chain, methodDetails=details))
    assert error is not None
    assert "BlockhashNotFound" in error
    assert solana_chain.balance(payer) == 2 * AMOUNT


def test_challenges_alike_but_for_the_id_are_one_transaction(
    *, payments: Any, challenges: Any, solana_chain: Any, payer: str, seller: str
) -> None:
    sponsor = {"feePayer": True, "feePayerKey": payments.facilitator}
    details = {"network": "devnet", "recentBlockhash": solana_chain.blockhash, **sponsor}
    asked = challenges.request("solana", methodDetails=details)
    ids = {
        payments.prepare_mpp(challenges.header("solana", asked=asked, id=name), wallet="SOLANA")
        .sign()
        .proof_id
        for name in ("challenge-1", "challenge-2")
    }
    assert len(ids) == 1
