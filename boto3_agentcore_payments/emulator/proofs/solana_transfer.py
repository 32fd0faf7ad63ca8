"""Signed Solana transactions that move a token, of the shape that x402 and MPP share.

A version 0 transaction of: compute-unit limit, compute-unit price, one ``TransferChecked`` for each
recipient, memos. Only the wallet's signature is filled in. If another account pays the fees, its
signature stays zero until it co-signs. Program addresses and the compute-unit price are those of
the x402 library (``x402.mechanisms.svm.constants``, 2.25).
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.emulator.engine.money import USDC_DECIMALS
from boto3_agentcore_payments.emulator.proofs import libraries

if TYPE_CHECKING:
    from collections.abc import Sequence

TOKEN_PROGRAM = "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA"  # noqa: S105 - an address
ASSOCIATED_TOKEN_PROGRAM = "ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL"  # noqa: S105 - an address
COMPUTE_BUDGET_PROGRAM = "ComputeBudget111111111111111111111111111111"
MEMO_PROGRAM = "MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr"
MAXIMUM_TRANSACTION_BYTES = 1232
"""Largest serialized transaction, in bytes (Solana's packet size less headers)."""
UNITS_WITH_MEMO = 200_000
"""Compute units that MPP's reference clients set.

A transfer takes 6,200 of them; a memo takes 2,000 and about 350 for each ASCII character. A Chinese
character takes 11,000, an emoji more.
"""
STEP = "signature of the Solana transaction"
"""Name of the signing step in errors."""

_SIGNATURE_BYTES = 64
_UNIT_PRICE_MICROLAMPORTS = 1
_SET_UNIT_LIMIT, _SET_UNIT_PRICE, _TRANSFER_CHECKED = 2, 3, 12
_VERSION_0 = b"\x80"
_WHAT = "A Solana payment proof"


@dataclass(frozen=True)
class Leg:
    """One transfer.

    Attributes:
        owner: Wallet that receives; its associated token account is the destination.
        amount: Atomic units.
    """

    owner: str
    amount: int


@dataclass(frozen=True)
class SignedTransfer:
    """A serialized transaction.

    Attributes:
        transaction: Base64 of the wire bytes.
        signature: The wallet's own signature, base58; the chain accepts it only once.
    """

    transaction: str
    signature: str


def message(
    owner: Any,
    *,
    mint: str,
    legs: Sequence[Leg],
    memos: Sequence[bytes],
    fee_payer: str,
    blockhash: Any,
    units: int,
) -> Any:
    """Return the solders ``MessageV0`` to sign.

    Args:
        owner: solders ``Pubkey`` of the paying wallet.
        mint: Token address; the token must belong to the original token program.
        legs: Transfers, in order.
        memos: Memo texts.
        fee_payer: Account that pays the fees; may be the wallet itself.
        blockhash: solders ``Hash``.
        units: Most compute units the transaction may use.
    """
    pubkey = libraries.load("solders.pubkey", _WHAT).Pubkey
    instruction = libraries.load("solders.instruction", _WHAT)
    token = pubkey.from_string(mint)
    program = pubkey.from_string(TOKEN_PROGRAM)
    budget = pubkey.from_string(COMPUTE_BUDGET_PROGRAM)
    memo_program = pubkey.from_string(MEMO_PROGRAM)
    account = instruction.AccountMeta
    limit = bytes([_SET_UNIT_LIMIT]) + units.to_bytes(4, "little")
    price = bytes([_SET_UNIT_PRICE]) + _UNIT_PRICE_MICROLAMPORTS.to_bytes(8, "little")
    instructions = [
        instruction.Instruction(budget, limit, []),
        instruction.Instruction(budget, price, []),
    ]
    source = associated_account(owner, token)
    for leg in legs:
        data = (
            bytes([_TRANSFER_CHECKED]) + leg.amount.to_bytes(8, "little") + bytes([USDC_DECIMALS])
        )
        destination = associated_account(pubkey.from_string(leg.owner), token)
        accounts = [
            account(source, is_signer=False, is_writable=True),
            account(token, is_signer=False, is_writable=False),
            account(destination, is_signer=False, is_writable=True),
            account(owner, is_signer=True, is_writable=False),
        ]
        instructions.append(instruction.Instruction(program, data, accounts))
    instructions += [instruction.Instruction(memo_program, memo, []) for memo in memos]
    return libraries.load("solders.message", _WHAT).MessageV0.try_compile(
        pubkey.from_string(fee_payer), instructions, [], blockhash
    )


def size(unsigned: Any) -> int:
    """Return the size of a message once it is signed, in bytes."""
    signatures = int(unsigned.header.num_required_signatures)
    return 1 + _SIGNATURE_BYTES * signatures + len(_VERSION_0) + len(bytes(unsigned))


def sign(keypair: Any, unsigned: Any) -> SignedTransfer:
    """Sign a message for one wallet and serialize the transaction.

    Args:
        keypair: solders ``Keypair`` of the paying wallet.
        unsigned: The message that :func:`message` returned.
    """
    own = keypair.sign_message(_VERSION_0 + bytes(unsigned))
    empty = libraries.load("solders.signature", _WHAT).Signature.default()
    owner = keypair.pubkey()
    signers = list(unsigned.account_keys)[: unsigned.header.num_required_signatures]
    signatures = [own if signer == owner else empty for signer in signers]
    versioned = libraries.load("solders.transaction", _WHAT).VersionedTransaction
    wire = bytes(versioned.populate(unsigned, signatures))
    return SignedTransfer(base64.b64encode(wire).decode(), str(own))


def associated_account(owner: Any, mint: Any) -> Any:
    """Return the associated token account of an owner for a token, both as ``Pubkey``."""
    pubkey = libraries.load("solders.pubkey", _WHAT).Pubkey
    seeds = [bytes(owner), bytes(pubkey.from_string(TOKEN_PROGRAM)), bytes(mint)]
    address, _ = pubkey.find_program_address(seeds, pubkey.from_string(ASSOCIATED_TOKEN_PROGRAM))
    return address


def blockhash(given: Any, fallback: bytes) -> Any:
    """Return the blockhash for a transaction.

    Args:
        given: The merchant's suggestion; used if it is a valid blockhash.
        fallback: 32 bytes to use otherwise, since there is no chain to ask.
    """
    hashes = libraries.load("solders.hash", _WHAT)
    if isinstance(given, str):
        try:
            return hashes.Hash.from_string(given)
        except hashes.ParseHashError:
            pass
    return hashes.Hash.from_bytes(fallback)
