"""What Solana's own programs say of a transaction."""

from __future__ import annotations

from typing import Any

import pytest
from solders.hash import Hash
from solders.instruction import AccountMeta, Instruction
from solders.keypair import Keypair
from solders.message import MessageV0
from solders.pubkey import Pubkey
from solders.transaction import VersionedTransaction

from boto3_agentcore_payments.emulator.proofs import solana_transfer
from boto3_agentcore_payments.merchants.solana_programs import ProgramError, run, transfers

MINT = Pubkey.from_string("4zMMC9srt5Ri5X14GAgXhaHii3GnPAEERYPJgZJDncDU")
PAYER, FEE_PAYER, SHOP = (Keypair.from_seed(bytes([number]) * 32) for number in (1, 2, 3))
TOKEN = Pubkey.from_string(solana_transfer.TOKEN_PROGRAM)
BUDGET = Pubkey.from_string(solana_transfer.COMPUTE_BUDGET_PROGRAM)
MEMO = Pubkey.from_string(solana_transfer.MEMO_PROGRAM)


def instruction(**changes: Any) -> Instruction:
    """Return a TransferChecked of 10,000 units, with some of its parts changed."""
    data = changes.get("data", bytes([12]) + (10_000).to_bytes(8, "little") + bytes([6]))
    accounts = [
        AccountMeta(solana_transfer.associated_account(PAYER.pubkey(), MINT), False, True),
        AccountMeta(MINT, False, False),
        AccountMeta(solana_transfer.associated_account(SHOP.pubkey(), MINT), False, True),
        AccountMeta(PAYER.pubkey(), True, False),
    ]
    return Instruction(TOKEN, data, accounts[: changes.get("accounts", 4)])


def transaction(
    *instructions: Instruction, signers: Any = (FEE_PAYER, PAYER)
) -> VersionedTransaction:
    """Return a signed transaction of one transfer, or of these instructions."""
    steps = list(instructions) or [instruction()]
    message = MessageV0.try_compile(FEE_PAYER.pubkey(), steps, [], Hash.default())
    return VersionedTransaction(message, list(signers))


def units(limit: int) -> Instruction:
    return Instruction(BUDGET, bytes([2]) + limit.to_bytes(4, "little"), [])


@pytest.mark.parametrize("held", [10_000, 2**64 - 10_000, 2**70])
def test_transfer_that_is_covered_runs(held: int) -> None:
    signed = transaction()
    run(signed, transfers(signed), held)


def test_transfer_that_is_not_covered_fails() -> None:
    signed = transaction()
    with pytest.raises(ProgramError, match="insufficient funds"):
        run(signed, transfers(signed), 9_999)


def test_transaction_out_of_compute_units_fails() -> None:
    memo = Instruction(MEMO, b"9f1c2a34-5b6d-4e7f-8a9b-0c1d2e3f4a5b", [])
    enough = transaction(units(60_000), instruction(), memo)
    run(enough, transfers(enough), 10_000)
    short = transaction(units(20_000), instruction(), memo)
    with pytest.raises(ProgramError, match="exceeded CUs meter"):
        run(short, transfers(short), 10_000)


def test_memo_that_is_not_text_fails() -> None:
    signed = transaction(instruction(), Instruction(MEMO, b"\xff", []))
    with pytest.raises(ProgramError, match="InvalidInstructionData"):
        run(signed, transfers(signed), 10_000)


def test_signature_by_another_key_fails() -> None:
    signed = transaction()
    forged = VersionedTransaction.populate(
        signed.message, [signed.signatures[0], signed.signatures[0]]
    )
    with pytest.raises(ProgramError, match="SignatureFailure"):
        run(forged, transfers(forged), 10_000)


@pytest.mark.parametrize(
    "changes",
    [
        {"accounts": 3},
        {"accounts": 0},
        {"data": b""},
        {"data": bytes([3]) + (10_000).to_bytes(8, "little")},
        {"data": bytes([12]) + (10_000).to_bytes(8, "little") + bytes([9])},
    ],
)
def test_transaction_that_is_not_a_usdc_transfer_is_refused(changes: dict[str, Any]) -> None:
    signers = (FEE_PAYER,) if changes.get("accounts", 4) < 4 else (FEE_PAYER, PAYER)
    signed = transaction(instruction(**changes), signers=signers)
    with pytest.raises(ValueError, match="no transfer of USDC"):
        transfers(signed)


def test_account_of_a_lookup_table_is_refused() -> None:
    plain = transaction().message
    step = plain.instructions[0]
    far = type(step)(step.program_id_index, step.data, bytes([200, 201, 202, 203]))
    message = MessageV0(plain.header, plain.account_keys, plain.recent_blockhash, [far], [])
    signed = VersionedTransaction.populate(message, transaction().signatures)
    with pytest.raises(ValueError, match="lookup table"):
        transfers(signed)
