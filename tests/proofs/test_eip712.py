"""EIP-712 digests: the EIP's own example, and eth-account's for what payments sign."""

from __future__ import annotations

from typing import Any

import pytest
from eth_account.messages import encode_typed_data
from hypothesis import given
from hypothesis import strategies as st

from boto3_agentcore_payments.emulator.proofs import eip712, eip3009, permit2
from boto3_agentcore_payments.emulator.proofs.evm_keys import EvmKey, keccak

UINTS = st.integers(0, 2**256 - 1)
ADDRESSES = st.binary(min_size=20, max_size=20).map(lambda raw: "0x" + raw.hex())
TEXTS = st.text(max_size=40)
# The example of the EIP: a mail from Cow to Bob.
PERSON = eip712.Struct("Person", {"name": "string", "wallet": "address"})
MAIL = eip712.Struct("Mail", {"from": PERSON, "to": PERSON, "contents": "string"})
HELLO = {
    "from": {"name": "Cow", "wallet": "0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826"},
    "to": {"name": "Bob", "wallet": "0xbBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB"},
    "contents": "Hello, Bob!",
}
VERIFIER = "0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC"


def reference(domain: dict[str, Any], types: dict[str, Any], message: dict[str, Any]) -> bytes:
    """Return the digest that eth-account signs."""
    named = {
        name: [{"name": member, "type": kind} for member, kind in members.items()]
        for name, members in types.items()
    }
    signable = encode_typed_data(domain, named, message)
    return keccak(b"\x19" + signable.version + signable.header + signable.body)


def test_type_of_the_example() -> None:
    assert MAIL.type_text == (
        "Mail(Person from,Person to,string contents)Person(string name,address wallet)"
    )
    assert MAIL.type_hash.hex() == (
        "a0cedeb2dc280ba39b857546d74f5549c3a1d7bdc2dd96bf881f76108e23dac2"
    )


def test_domain_of_the_example() -> None:
    assert eip712.domain_separator("Ether Mail", "1", 1, VERIFIER).hex() == (
        "f2cee375fa42b42143804025fc449deafd50cc031ca257e0b194a650a912090f"
    )


def test_struct_and_digest_of_the_example() -> None:
    domain = eip712.domain_separator("Ether Mail", "1", 1, VERIFIER)
    assert MAIL.hash(HELLO).hex() == (
        "c52c0ee5d84264471806290a3f2c4cecfc5490626bf912d01f240d7a274b371e"
    )
    digest = eip712.digest(domain, MAIL, HELLO)
    assert digest.hex() == "be609aee343fb3c4b28e1df9e632fca64fcfaede20f02e86244efddf30957bd2"
    assert EvmKey(keccak(b"cow")).sign(digest).hex() == (
        "4355c47d63924e8a72e509b65029052eb6c299d53a04e167c5775fd466751c9d"
        "07299936d304c153f6443dfa05f40ff007d72911b6f72307f996231605b91562"
        "1c"
    )


@given(
    name=TEXTS,
    version=TEXTS,
    chain_id=UINTS,
    token=ADDRESSES,
    parties=st.tuples(ADDRESSES, ADDRESSES),
    numbers=st.tuples(UINTS, UINTS, UINTS),
    nonce=st.binary(min_size=32, max_size=32),
)
def test_transfer_with_authorization_is_eth_accounts(
    *,
    name: str,
    version: str,
    chain_id: int,
    token: str,
    parties: tuple[str, str],
    numbers: tuple[int, int, int],
    nonce: bytes,
) -> None:
    message = {
        **dict(zip(("from", "to"), parties)),
        **dict(zip(("value", "validAfter", "validBefore"), numbers)),
        "nonce": nonce,
    }
    expected = reference(
        {"name": name, "version": version, "chainId": chain_id, "verifyingContract": token},
        {
            "TransferWithAuthorization": {
                "from": "address",
                "to": "address",
                "value": "uint256",
                "validAfter": "uint256",
                "validBefore": "uint256",
                "nonce": "bytes32",
            }
        },
        message,
    )
    domain = eip712.domain_separator(name, version, chain_id, token)
    assert eip712.digest(domain, eip3009.TRANSFER, message) == expected


@pytest.mark.parametrize("upto", [False, True])
@given(
    chain_id=UINTS,
    addresses=st.tuples(ADDRESSES, ADDRESSES, ADDRESSES, ADDRESSES),
    numbers=st.tuples(UINTS, UINTS, UINTS, UINTS),
)
def test_permit_witness_transfer_from_is_eth_accounts(
    *,
    upto: bool,
    chain_id: int,
    addresses: tuple[str, str, str, str],
    numbers: tuple[int, int, int, int],
) -> None:
    token, spender, to, facilitator = addresses
    amount, nonce, deadline, valid_after = numbers
    members = {"to": "address", "facilitator": "address", "validAfter": "uint256"}
    witness = {"to": to, "facilitator": facilitator, "validAfter": valid_after}
    if not upto:
        del members["facilitator"], witness["facilitator"]
    message = {
        "permitted": {"token": token, "amount": amount},
        "spender": spender,
        "nonce": nonce,
        "deadline": deadline,
        "witness": witness,
    }
    expected = reference(
        {"name": "Permit2", "chainId": chain_id, "verifyingContract": permit2.PERMIT2},
        {
            "PermitWitnessTransferFrom": {
                "permitted": "TokenPermissions",
                "spender": "address",
                "nonce": "uint256",
                "deadline": "uint256",
                "witness": "Witness",
            },
            "TokenPermissions": {"token": "address", "amount": "uint256"},
            "Witness": members,
        },
        message,
    )
    domain = eip712.domain_separator("Permit2", None, chain_id, permit2.PERMIT2)
    permit = permit2.UPTO if upto else permit2.EXACT
    assert eip712.digest(domain, permit, message) == expected


@pytest.mark.parametrize("size", [0, 31, 33])
def test_bytes32_of_another_size_is_an_error(size: int) -> None:
    struct = eip712.Struct("One", {"nonce": "bytes32"})
    with pytest.raises(ValueError, match="bytes32 takes 32 bytes"):
        struct.hash({"nonce": bytes(size)})


@pytest.mark.parametrize("number", [-1, 2**256])
def test_number_that_is_not_a_uint256_is_an_error(number: int) -> None:
    struct = eip712.Struct("One", {"value": "uint256"})
    with pytest.raises(OverflowError):
        struct.hash({"value": number})
