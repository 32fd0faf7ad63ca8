"""Run Solana's own programs on the balances of the emulator's wallets.

LiteSVM, which comes inside solders, has Solana's virtual machine and the code of the token, memo,
associated token account and compute budget programs. A transaction runs there as on a cluster:
that code checks signatures, accounts, decimals, balances, memos and compute units. Three things
differ from mainnet:

- blockhashes are not checked, because a proof without a merchant's blockhash uses an invented one;
- the recipient always has a token account, and the fee payer always has lamports;
- a tight compute limit may be refused here and pass on mainnet: the token program here is the
  classic one, whose transfer takes about 6,200 units; mainnet may run one that takes less.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from solders.account import Account
from solders.litesvm import LiteSVM
from solders.pubkey import Pubkey
from solders.token.state import Mint, TokenAccount, TokenAccountState
from solders.transaction_metadata import FailedTransactionMetadata

from boto3_agentcore_payments.emulator.engine.money import USDC_DECIMALS
from boto3_agentcore_payments.emulator.proofs import solana_transfer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from solders.transaction import VersionedTransaction

_LAMPORTS = 10**9
_SYSTEM_PROGRAM = Pubkey.default()
_TOKEN_PROGRAM = Pubkey.from_string(solana_transfer.TOKEN_PROGRAM)
_MOST = 2**64 - 1
"""The most that a token account can hold, in atomic units."""
_TRANSFER_CHECKED = 12
_TRANSFER_BYTES = 10
_TRANSFER_ACCOUNTS = 4

_one_at_a_time = threading.Lock()


class ProgramError(RuntimeError):
    """A program, or the cluster before running it, refused a transaction."""


@dataclass(frozen=True)
class TokenTransfer:
    """One ``TransferChecked`` of a transaction.

    Attributes:
        payer: Wallet whose tokens move; it must sign.
        source: The payer's token account.
        mint: The token.
        destination: The token account that receives.
        amount: Atomic units.
    """

    payer: str
    source: str
    mint: str
    destination: str
    amount: int


def transfers(transaction: VersionedTransaction) -> list[TokenTransfer]:
    """Return every ``TransferChecked`` of the classic token program, in order.

    Raises:
        ValueError: if an instruction is malformed for that program, or uses an account of a lookup
            table.
    """
    keys = [str(key) for key in transaction.message.account_keys]
    found = []
    for instruction in transaction.message.instructions:
        try:
            program = keys[instruction.program_id_index]
            accounts = [keys[index] for index in bytes(instruction.accounts)]
        except IndexError:
            raise ValueError("an instruction uses an account of a lookup table") from None
        if program != solana_transfer.TOKEN_PROGRAM:
            continue
        data = bytes(instruction.data)
        if (
            len(data) != _TRANSFER_BYTES
            or data[0] != _TRANSFER_CHECKED
            or data[9] != USDC_DECIMALS
            or len(accounts) < _TRANSFER_ACCOUNTS
        ):
            raise ValueError("an instruction of the token program is no transfer of USDC")
        source, mint, destination, payer = accounts[:_TRANSFER_ACCOUNTS]
        amount = int.from_bytes(data[1:9], "little")
        found.append(TokenTransfer(payer, source, mint, destination, amount))
    return found


def run(transaction: VersionedTransaction, made: Sequence[TokenTransfer], held: int) -> None:
    """Run a signed transaction, moving no money.

    Args:
        transaction: A transaction with every signature.
        made: The transfers that it makes, all by one payer in one token.
        held: Balance of the payer's token account, in atomic units.

    Raises:
        ProgramError: if the transaction fails; the text is the virtual machine's.
    """
    mint, payer = Pubkey.from_string(made[0].mint), Pubkey.from_string(made[0].payer)
    empty = _token_account(mint, _SYSTEM_PROGRAM, 0)
    accounts = {
        **{Pubkey.from_string(transfer.destination): empty for transfer in made},
        solana_transfer.associated_account(payer, mint): _token_account(mint, payer, held),
        mint: Account(_LAMPORTS, bytes(_mint()), _TOKEN_PROGRAM),
        transaction.message.account_keys[0]: Account(_LAMPORTS, b"", _SYSTEM_PROGRAM),
    }
    with _one_at_a_time:
        machine = _machine()
        for address, account in accounts.items():
            machine.set_account(address, account)
        result = machine.simulate_transaction(transaction)
    if isinstance(result, FailedTransactionMetadata):
        logs = [line for line in result.meta().logs() if "failed" in line or "Error" in line]
        raise ProgramError("; ".join([str(result.err()), *logs]))


@lru_cache(maxsize=1)
def _machine() -> LiteSVM:
    """Return the shared virtual machine; making one takes about 30 ms."""
    machine = LiteSVM().with_sigverify(True).with_blockhash_check(False)  # noqa: FBT003
    return machine.with_transaction_history(0)


def _mint() -> Mint:
    return Mint(
        mint_authority=None,
        supply=_MOST,
        decimals=USDC_DECIMALS,
        is_initialized=True,
        freeze_authority=None,
    )


def _token_account(mint: Pubkey, owner: Pubkey, amount: int) -> Account:
    state: Any = TokenAccount(
        mint=mint,
        owner=owner,
        amount=min(amount, _MOST),
        delegate=None,
        state=TokenAccountState.Initialized,
        is_native=None,
        delegated_amount=0,
        close_authority=None,
    )
    return Account(_LAMPORTS, bytes(state), _TOKEN_PROGRAM)
