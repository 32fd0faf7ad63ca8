"""An EVM chain for x402's facilitator: the payment contracts on the emulator's ledger.

The facilitator schemes of the x402 library verify payments; instead of a node they read from and
write to this module.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eth_abi.abi import decode, encode
from eth_utils.crypto import keccak
from x402.mechanisms.evm import constants
from x402.mechanisms.evm.types import TransactionReceipt

from boto3_agentcore_payments.merchants.evm_contracts import (
    EvmContracts,
    RevertedError,
    Transfer,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from boto3_agentcore_payments.emulator.proofs.networks import Network
    from boto3_agentcore_payments.merchants.tills import Till

_CODE = b"\x60"
"""Code of a contract; any non-empty bytes will do, since only wallets have none."""
_UNLIMITED = 2**256 - 1
_CONTRACTS = {
    constants.PERMIT2_ADDRESS.lower(),
    constants.X402_EXACT_PERMIT2_PROXY_ADDRESS.lower(),
    constants.X402_UPTO_PERMIT2_PROXY_ADDRESS.lower(),
    constants.MULTICALL3_ADDRESS.lower(),
}
_READS: dict[str, tuple[list[str], str]] = {
    "balanceOf": (["address"], "uint256"),
    "allowance": (["address", "address"], "uint256"),
    "authorizationState": (["address", "bytes32"], "bool"),
    "name": ([], "string"),
    "version": ([], "string"),
}
"""Readable functions of the token: argument types and the type of the answer."""
_SELECTORS = {
    keccak(text=f"{name}({','.join(types)})")[:4]: name for name, (types, _) in _READS.items()
}


class LedgerEvmChain:
    """Implements x402's ``FacilitatorEvmSigner``.

    Args:
        network: The chain.
        till: Settles the payments and records the sales.
        facilitator: The facilitator's own address.
    """

    def __init__(self, network: Network, till: Till, facilitator: str) -> None:
        self._network = network
        self._till = till
        self._facilitator = facilitator
        self._contracts = EvmContracts(network, till, facilitator)

    def get_addresses(self) -> list[str]:
        """Return the facilitator's addresses."""
        return [self._facilitator]

    def get_chain_id(self) -> int:
        """Return the EIP-155 chain id."""
        return self._network.chain_id

    def get_code(self, address: str) -> bytes:
        """Return some code for a contract, empty bytes for any other address."""
        known = address.lower() in {self._network.usdc.lower(), *_CONTRACTS}
        return _CODE if known else b""

    def get_balance(self, address: str, token_address: str) -> int:
        """Return an account's balance of a token, in atomic units."""
        if token_address.lower() != self._network.usdc.lower():
            return 0
        return self._till.held(self._network, address)

    def read_contract(
        self, address: str, abi: list[dict[str, Any]], function_name: str, *args: Any
    ) -> Any:
        """Answer a read call; a transfer is only simulated.

        Raises:
            RuntimeError: if the call would revert, or the function is not supported here.
        """
        del abi
        if function_name == "tryAggregate":
            return [self._called(target, data) for target, data in args[1]]
        if function_name in _READS:
            return self._read(address, function_name, args)
        self._checked(address, function_name, args)
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
            RuntimeError: if it reverts.
        """
        del abi, data_suffix
        return self._contracts.move(self._checked(address, function_name, args))

    def wait_for_transaction_receipt(self, tx_hash: str) -> TransactionReceipt:
        """Return a receipt; every transaction is final at once."""
        return TransactionReceipt(status=1, block_number=1, tx_hash=tx_hash)

    def verify_typed_data(self, *args: Any, **kwargs: Any) -> bool:
        """Return ``False``: x402 recovers the signer itself."""
        del args, kwargs
        return False

    def send_transaction(self, to: str, data: bytes) -> str:
        """Refuse: no wallet of the emulator needs to be deployed.

        Raises:
            RuntimeError: always.
        """
        del to, data
        raise RuntimeError("This chain takes no other transactions")

    def _checked(self, contract: str, function_name: str, args: Sequence[Any]) -> Transfer:
        """Return the transfer that a call makes, checked as its contract would check it."""
        place = (contract.lower(), function_name)
        if place == (self._network.usdc.lower(), "transferWithAuthorization"):
            return self._contracts.transfer_with_authorization(*args)
        if place == (constants.X402_EXACT_PERMIT2_PROXY_ADDRESS.lower(), "settle"):
            return self._contracts.settle_exact(*args)
        if place == (constants.X402_UPTO_PERMIT2_PROXY_ADDRESS.lower(), "settle"):
            return self._contracts.settle_upto(*args)
        raise RuntimeError(f"execution reverted: {contract} has no {function_name}")

    def _read(self, contract: str, function_name: str, args: Sequence[Any]) -> Any:
        if contract.lower() != self._network.usdc.lower():
            raise RevertedError(f"{contract} has no {function_name}")
        if function_name == "balanceOf":
            return self._till.held(self._network, args[0])
        if function_name == "allowance":
            return _UNLIMITED  # an emulated wallet has always approved Permit2
        if function_name == "authorizationState":
            return self._till.used(self._network, args[0], "0x" + bytes(args[1]).hex())
        if function_name == "name":
            return self._network.domain_name
        return self._network.domain_version

    def _called(self, contract: str, data: bytes) -> tuple[bool, bytes]:
        """Answer one of several encoded calls, as Multicall3 does: success and bytes."""
        name = _SELECTORS.get(data[:4])
        if name is None:
            return False, b""
        types, answer = _READS[name]
        try:
            value = self._read(contract, name, decode(types, data[4:]))
        except RevertedError:
            return False, b""
        return True, encode([answer], [value])


class RehearsalEvmChain(LedgerEvmChain):
    """The same chain for simulations: transfers are checked, but no money moves."""

    def write_contract(
        self,
        address: str,
        abi: list[dict[str, Any]],
        function_name: str,
        *args: Any,
        data_suffix: str | None = None,
    ) -> str:
        """Check a transfer and return a placeholder id.

        Raises:
            RuntimeError: if the transfer would revert.
        """
        del abi, data_suffix
        self._checked(address, function_name, args)
        return "0x" + "11" * 32
