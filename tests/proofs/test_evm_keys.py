"""Keys of EVM wallets: eth-account and eth-utils agree, whichever library signs."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from eth_account import Account
from eth_keys.datatypes import PrivateKey
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak as reference_keccak
from hypothesis import given, settings
from hypothesis import strategies as st

from boto3_agentcore_payments.emulator.proofs import evm_keys
from boto3_agentcore_payments.emulator.proofs.evm_keys import EvmKey

if TYPE_CHECKING:
    from collections.abc import Iterator

SECRETS = st.integers(1, evm_keys.ORDER - 1).map(lambda number: number.to_bytes(32, "big"))
DIGESTS = st.binary(min_size=32, max_size=32)


@pytest.fixture(params=["coincurve", "cryptography"], scope="module")
def library(request: pytest.FixtureRequest) -> Iterator[str]:
    """Sign with this library."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "cryptography":
            patch.setitem(sys.modules, "coincurve", None)
        else:
            pytest.importorskip("coincurve", reason="no wheel for this Python yet")
        yield request.param


@given(data=st.binary(max_size=300))
def test_keccak_is_ethereums(data: bytes) -> None:
    assert evm_keys.keccak(data) == reference_keccak(data)


@given(raw=st.binary(min_size=20, max_size=20))
def test_checksum_address_is_that_of_eip_55(raw: bytes) -> None:
    text = "0x" + raw.hex()
    assert evm_keys.checksum_address(text) == to_checksum_address(text)
    assert evm_keys.checksum_address("0x" + raw.hex().upper()) == to_checksum_address(text)


@settings(deadline=None, max_examples=50)
@given(secret=SECRETS)
def test_address_is_that_of_eth_account(library: str, secret: bytes) -> None:
    assert EvmKey(secret).address == Account.from_key(secret).address


@settings(deadline=None, max_examples=200)
@given(secret=SECRETS, digest=DIGESTS)
def test_signature_is_that_of_eth_account(library: str, secret: bytes, digest: bytes) -> None:
    expected = Account.unsafe_sign_hash(digest, secret).signature
    assert EvmKey(secret).sign(digest) == bytes(expected)


@settings(deadline=None, max_examples=50)
@given(digest=DIGESTS)
def test_smallest_and_largest_key_sign(library: str, digest: bytes) -> None:
    for number in (1, evm_keys.ORDER - 1):
        secret = number.to_bytes(32, "big")
        signature = EvmKey(secret).sign(digest)
        standard = signature[:64] + bytes([signature[64] - 27])
        assert PrivateKey(secret).sign_msg_hash(digest).to_bytes() == standard


def test_representation_shows_the_address_and_no_key() -> None:
    key = EvmKey(b"\7" * 32)
    assert repr(key) == f"EvmKey({key.address})"
    assert str(key) == f"EvmKey({key.address})"
