"""MPP credentials of every method: their form, and that servers refuse changed ones."""

from __future__ import annotations

import base64
import copy
import json
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

MASK = st.integers(1, 255)


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


@pytest.mark.parametrize("method", ["evm", "tempo", "solana"])
def test_untouched_mpp_credential_is_accepted(
    *, payments: Any, shops: dict[str, Any], method: str
) -> None:
    assert shops[method].answered(shops[method].credential(payments)) == 200


@settings(deadline=None, max_examples=60)
@given(position=st.integers(0, 10_000), mask=MASK, method=st.sampled_from(["tempo", "solana"]))
def test_mpp_transaction_with_one_byte_changed_is_refused(
    *, payments: Any, shops: dict[str, Any], position: int, mask: int, method: str
) -> None:
    content = shops[method].credential(payments)
    payload = content["payload"]
    if method == "tempo":
        raw = bytearray(bytes.fromhex(payload["signature"][2:]))
        # The last byte says which of two keys signed: 0, 1, 27 and 28 are two ways to say it.
        assume(position % len(raw) != len(raw) - 1)
    else:
        raw = bytearray(base64.b64decode(payload["transaction"]))
    raw[position % len(raw)] ^= mask
    if method == "tempo":
        payload["signature"] = "0x" + bytes(raw).hex()
    else:
        payload["transaction"] = base64.b64encode(bytes(raw)).decode()
    assert shops[method].answered(content) != 200


@pytest.mark.parametrize("method", ["evm", "tempo", "solana"])
@pytest.mark.parametrize("field", ["id", "realm", "method", "intent", "request", "expires"])
def test_mpp_challenge_with_one_field_changed_is_refused(
    *, payments: Any, shops: dict[str, Any], method: str, field: str
) -> None:
    content = copy.deepcopy(shops[method].credential(payments))
    content["challenge"][field] += "x"
    assert shops[method].answered(content) != 200


@pytest.mark.parametrize("method", ["evm", "tempo", "solana"])
def test_mpp_credential_of_another_payer_is_refused(
    *, payments: Any, shops: dict[str, Any], method: str
) -> None:
    content = shops[method].credential(payments)
    content["source"] = content["source"][:-1] + ("0" if content["source"][-1] != "0" else "1")
    assert shops[method].answered(content) != 200
