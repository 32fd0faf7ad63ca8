"""The EVM chains as x402's facilitator sees them, kept in the emulator's ledger.

The facilitator schemes of the x402 library do the verifying; what they would read from or write to
a node they read from and write to this. They do not say which chain a call is for, but every call
names a token contract, and no two chains have the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from x402.mechanisms.evm.types import TransactionReceipt

from boto3_agentcore_payments.emulator.engine.errors import SettlementError
from boto3_agentcore_payments.emulator.proofs.networks import X402_NETWORKS, Network

if TYPE_CHECKING:
    from boto3_agentcore_payments.merchants.settlement import Till

_CODE = b"\x60"  # any code at all: the token is a contract, wallets are not
_UNLIMITED = 2**256 - 1
_TOKENS = {network.usdc.lower(): network for network in X402_NETWORKS if network.chain_id}

# The words x402 recognizes in a revert, by the ledger's reason (``x402...exact.eip3009_utils``).
_REVERTS = {
    "already_settled": "authorization is used or canceled; InvalidNonce",
    "insufficient_funds": "transfer amount exceeds balance",
    "invalid_amount": "InvalidAmount",
}


class LedgerEvmChains:
    """Implements x402's ``FacilitatorEvmSigner``.

    Args:
        till: Where the money is.
        facilitator: The facilitator's own address.
    """

    def __init__(self, till: Till, facilitator: str) -> None:
        self._till = till
        self._facilitator = facilitator

    def get_addresses(self) -> list[str]:
        """Return the facilitator's addresses."""
        return [self._facilitator]

    def get_chain_id(self) -> int:
        """Return 0: this stands for several chains, and x402 reads the id from the payment."""
        return 0

    def get_code(self, address: str) -> bytes:
        """Return code for a token and none for anybody else."""
        return _CODE if address.lower() in _TOKENS else b""

    def get_balance(self, address: str, token_address: str) -> int:
        """Return an account's balance of a token, in atomic units."""
        network = _TOKENS.get(token_address.lower())
        return 0 if network is None else self._till.held(network, address)

    def read_contract(
        self, address: str, abi: list[dict[str, Any]], function_name: str, *args: Any
    ) -> Any:
        """Answer a call; a transfer is only tried out.

        Raises:
            RuntimeError: the call would revert, or nothing here answers it.
        """
        del abi
        if function_name == "balanceOf":
            return self.get_balance(args[0], address)
        if function_name == "allowance":
            # A wallet of the emulator has always approved Permit2.
            return _UNLIMITED
        transfer = _transfer(address, function_name, args)
        if self._till.used(transfer.network, transfer.payer, transfer.proof_id):
            raise _reverted("already_settled")
        if self._till.held(transfer.network, transfer.payer) < transfer.amount:
            raise _reverted("insufficient_funds")
        return None

    def write_contract(
        self,
        address: str,
        abi: list[dict[str, Any]],
        function_name: str,
        *args: Any,
        data_suffix: str | None = None,
    ) -> str:
        """Make a transfer and return its transaction id.

        Raises:
            RuntimeError: it reverted.
        """
        del abi, data_suffix
        transfer = _transfer(address, function_name, args)
        try:
            sale = self._till.take(
                transfer.network, transfer.payer, transfer.proof_id, transfer.amount
            )
        except SettlementError as error:
            raise _reverted(error.reason) from error
        return sale.transaction

    def wait_for_transaction_receipt(self, tx_hash: str) -> TransactionReceipt:
        """Return a receipt: what was written is final at once."""
        return TransactionReceipt(status=1, block_number=1, tx_hash=tx_hash)

    def verify_typed_data(self, *args: Any, **kwargs: Any) -> bool:
        """Never trusted here: x402 recovers the signer itself."""
        del args, kwargs
        return False

    def send_transaction(self, to: str, data: bytes) -> str:
        """Refuse: no wallet of the emulator needs to be deployed.

        Raises:
            RuntimeError: always.
        """
        del to, data
        problem = "These chains take no other transactions"
        raise RuntimeError(problem)


@dataclass(frozen=True)
class _Transfer:
    """A contract call that moves a token."""

    network: Network
    payer: str
    proof_id: str
    amount: int


def _transfer(contract: str, function_name: str, args: tuple[Any, ...]) -> _Transfer:
    if function_name == "transferWithAuthorization":
        payer, _to, amount, _after, _before, nonce = args[:6]
        token, proof_id = contract, "0x" + nonce.hex()
    elif function_name == "settle":
        (token, permitted), number, _deadline = args[0]
        proof_id = str(number)
        # ``upto`` says how much of what was permitted is taken; ``exact`` takes all of it.
        amount, payer = (args[1], args[2]) if isinstance(args[1], int) else (permitted, args[1])
    else:
        problem = f"Nothing here answers {function_name}"
        raise RuntimeError(problem)
    network = _TOKENS.get(token.lower())
    if network is None:
        problem = f"execution reverted: no token at {token}"
        raise RuntimeError(problem)
    return _Transfer(network, payer, proof_id, amount)


def _reverted(reason: str) -> RuntimeError:
    return RuntimeError(f"execution reverted: {_REVERTS.get(reason, reason)}")
