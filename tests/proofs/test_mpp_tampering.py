"""An MPP credential with any one field changed is refused by pympp's server."""

from __future__ import annotations

import asyncio
import base64
import copy
import json
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from mpp.server.http import Request
from mpp.server.mpp import Mpp

from boto3_agentcore_payments.emulator.proofs import networks
from boto3_agentcore_payments.merchants import mpp_shop
from boto3_agentcore_payments.merchants.settlement import Till

UINT = st.integers(0, 2**63).map(str)
ADDRESS = st.binary(min_size=20, max_size=20).map(lambda raw: "0x" + raw.hex())
WORD = st.binary(min_size=32, max_size=32).map(lambda raw: "0x" + raw.hex())
MASK = st.integers(1, 255)


def same(one: Any, other: Any) -> bool:
    return str(one).lower() == str(other).lower()


class PayingNothing:
    """A ledger that settles anything, so that only the verification refuses."""

    def balance(self, *_: Any) -> int:
        """Return more than any payment."""
        return 2**65

    def is_settled(self, *_: Any) -> bool:
        """Know of no payment."""
        return False

    def settle(self, _network: Any, _payer: str, _proof: str, amount: int | None = None) -> int:
        """Accept anything."""
        return amount or 0


class MppShop:
    """pympp's server for one method, without a port."""

    def __init__(self, method: str) -> None:
        offer = mpp_shop.offer(
            price="0.01", method=method, network=None, sponsor_fees=False, content=""
        )
        chosen = mpp_shop._method(offer, method, Till(PayingNothing()), False)
        server = Mpp([chosen], realm=mpp_shop.REALM, secret_key="k" * 32)
        self._charge = server[f"{method}/charge"](amount="0.01")

    def ask(self, authorization: str | None = None) -> Any:
        """Return the server's result for a request."""
        headers = {} if authorization is None else {"Authorization": authorization}
        return asyncio.run(self._charge(Request("GET", "http://shop.example/", headers)))

    def challenge(self) -> str:
        """Return a fresh challenge."""
        header: str = self.ask().challenge.headers["www-authenticate"]
        return header


@pytest.fixture(scope="module")
def shops() -> dict[str, MppShop]:
    """A shop for each method."""
    return {method: MppShop(method) for method in ("evm", "tempo", "solana")}


def credential(payments: Any, shop: MppShop, method: str) -> dict[str, Any]:
    wallet = networks.SOLANA if method == "solana" else networks.ETHEREUM
    prepared = payments.prepare_mpp(shop.challenge(), wallet=wallet, buyerPaysGasFees=True)
    token = prepared.sign().payment_output["paymentCredential"].removeprefix("Payment ")
    content: dict[str, Any] = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    return content


def answered(shop: MppShop, content: dict[str, Any]) -> int:
    from mpp.errors import PaymentError

    token = base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")
    try:
        status: int = shop.ask(f"Payment {token}").status
    except PaymentError as error:
        status = error.status
    return status


@pytest.mark.parametrize("method", ["evm", "tempo", "solana"])
def test_untouched_mpp_credential_is_accepted(
    *, payments: Any, shops: dict[str, MppShop], method: str
) -> None:
    assert answered(shops[method], credential(payments, shops[method], method)) == 200


@settings(deadline=None, max_examples=60)
@given(
    field=st.sampled_from(["from", "to", "value", "validAfter", "validBefore", "nonce"]),
    data=st.data(),
)
def test_mpp_evm_payload_with_one_field_changed_is_refused(
    *, payments: Any, shops: dict[str, MppShop], field: str, data: Any
) -> None:
    content = credential(payments, shops["evm"], "evm")
    kind = {"from": ADDRESS, "to": ADDRESS, "nonce": WORD}.get(field, UINT)
    value = data.draw(kind)
    assume(not same(value, content["payload"][field]))
    content["payload"][field] = value
    assert answered(shops["evm"], content) != 200


@settings(deadline=None, max_examples=60)
@given(position=st.integers(0, 10_000), mask=MASK, method=st.sampled_from(["tempo", "solana"]))
def test_mpp_transaction_with_one_byte_changed_is_refused(
    *, payments: Any, shops: dict[str, MppShop], position: int, mask: int, method: str
) -> None:
    content = credential(payments, shops[method], method)
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
    assert answered(shops[method], content) != 200


@pytest.mark.parametrize("method", ["evm", "tempo", "solana"])
@pytest.mark.parametrize("field", ["id", "realm", "method", "intent", "request", "expires"])
def test_mpp_challenge_with_one_field_changed_is_refused(
    *, payments: Any, shops: dict[str, MppShop], method: str, field: str
) -> None:
    content = copy.deepcopy(credential(payments, shops[method], method))
    content["challenge"][field] += "x"
    assert answered(shops[method], content) != 200


@pytest.mark.parametrize("method", ["evm", "tempo", "solana"])
def test_mpp_credential_of_another_payer_is_refused(
    *, payments: Any, shops: dict[str, MppShop], method: str
) -> None:
    content = credential(payments, shops[method], method)
    content["source"] = content["source"][:-1] + ("0" if content["source"][-1] != "0" else "1")
    assert answered(shops[method], content) != 200
