"""An EVM chain in a real virtual machine, as x402's facilitator asks one.

revm runs contracts that vyper compiles from ``tests/chain/contracts``, at the addresses that the
real ones have.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eth_abi import decode
from eth_utils import keccak
from pyrevm import EVM, AccountInfo, BlockEnv, CfgEnv, Env
from vyper import compile_code
from x402.mechanisms.evm import constants
from x402.mechanisms.evm.multicall import encode_contract_call
from x402.mechanisms.evm.types import TransactionReceipt

if TYPE_CHECKING:
    from boto3_agentcore_payments.emulator.proofs.networks import Network

SOURCES = Path(__file__).parent.parent / "chain" / "contracts"
PROXIES = {
    constants.X402_EXACT_PERMIT2_PROXY_ADDRESS: {
        "@FACILITATOR@": "",
        "@WITNESS@": "Witness(address to,uint256 validAfter)",
        "@AMOUNT@": "",
        "@CHECKS@": "",
        "@TAKEN@": "permit.permitted.amount",
    },
    constants.X402_UPTO_PERMIT2_PROXY_ADDRESS: {
        "@FACILITATOR@": "facilitator: address",
        "@WITNESS@": "Witness(address to,address facilitator,uint256 validAfter)",
        "@AMOUNT@": "amount: uint256,",
        "@CHECKS@": (
            "if msg.sender != witness.facilitator:\n"
            '        raw_revert(method_id("UnauthorizedFacilitator()"))\n'
            "    if amount > permit.permitted.amount:\n"
            '        raw_revert(method_id("AmountExceedsPermitted()"))'
        ),
        "@TAKEN@": "amount",
    },
}
ERRORS = {
    keccak(text=f"{name}()")[:4]: name
    for name in (
        "AmountExceedsPermitted", "InvalidAmount", "InvalidDestination", "InvalidNonce",
        "InvalidOwner", "InvalidSignature", "InvalidSignatureLength", "InvalidSigner",
        "PaymentTooEarly", "SignatureExpired", "UnauthorizedFacilitator",
    )
}  # fmt: skip
ERROR_TEXT = bytes.fromhex("08c379a0")
OUTPUT = re.compile("output: 0x([0-9a-f]*)")
DEPLOYER = "0x" + "d" * 40


@cache
def compiled(name: str, **parts: str) -> bytes:
    """Return the code that runs of a contract, with its placeholders filled in."""
    source = (SOURCES / f"{name}.vy").read_text()
    for place, text in parts.items():
        source = source.replace(place, text)
    code = compile_code(source, output_formats=["bytecode_runtime"])["bytecode_runtime"]
    return bytes.fromhex(code.removeprefix("0x"))


class EvmMachine:
    """Implements x402's ``FacilitatorEvmSigner`` on a chain of its own.

    Args:
        network: Whose chain id, token address and token name it has.
        facilitator: Address that calls the contracts.
        now: Time of the next block, in seconds since 1970.
    """

    def __init__(self, network: Network, facilitator: str, now: int) -> None:
        self._network = network
        self._facilitator = facilitator
        self._evm = EVM(Env(cfg=CfgEnv(chain_id=network.chain_id)))
        self._evm.set_block_env(BlockEnv(number=1, timestamp=now))
        contracts = {
            network.usdc: compiled("token", **{"@NAME@": network.domain_name}),
            constants.PERMIT2_ADDRESS: compiled("permit2"),
            constants.MULTICALL3_ADDRESS: compiled("multicall"),
            **{address: compiled("proxy", **parts) for address, parts in PROXIES.items()},
        }
        for address, code in contracts.items():
            self._evm.insert_account_info(address, AccountInfo(code=code))
        self._sent = 0

    def fund(self, wallet: str, amount: int) -> None:
        """Fund a wallet, and approve Permit2 to spend the funds."""
        mint = {"type": "function", "name": "mint", "inputs": _inputs("address", "uint256")}
        approve = {"type": "function", "name": "approve", "inputs": _inputs("address", "uint256")}
        token = self._network.usdc
        self._call(DEPLOYER, token, encode_contract_call([mint], "mint", wallet, amount))
        data = encode_contract_call([approve], "approve", constants.PERMIT2_ADDRESS, 2**256 - 1)
        self._call(wallet, token, data)

    def get_addresses(self) -> list[str]:
        return [self._facilitator]

    def get_chain_id(self) -> int:
        return self._network.chain_id

    def get_code(self, address: str) -> bytes:
        return bytes(self._evm.get_code(address) or b"")

    def get_balance(self, address: str, token_address: str) -> int:
        return self.read_contract(token_address, constants.BALANCE_OF_ABI, "balanceOf", address)

    def read_contract(self, address: str, abi: Any, function_name: str, *args: Any) -> Any:
        before = self._evm.snapshot()
        try:
            answer = self._call(
                self._facilitator, address, encode_contract_call(abi, function_name, *args)
            )
        finally:
            self._evm.revert(before)
        outputs = next(entry for entry in abi if entry["name"] == function_name)["outputs"]
        if not outputs:
            return None
        types = [_canonical(each) for each in outputs]
        values = decode(types, answer)
        return values[0] if len(values) == 1 else values

    def write_contract(
        self, address: str, abi: Any, function_name: str, *args: Any, data_suffix: Any = None
    ) -> str:
        assert data_suffix is None
        self._call(self._facilitator, address, encode_contract_call(abi, function_name, *args))
        self._sent += 1
        return "0x" + keccak(text=f"transaction {self._sent}").hex()

    def wait_for_transaction_receipt(self, tx_hash: str) -> TransactionReceipt:
        return TransactionReceipt(status=1, block_number=1, tx_hash=tx_hash)

    def verify_typed_data(self, *args: Any) -> bool:
        raise NotImplementedError("x402 recovers the signer itself")

    def send_transaction(self, to: str, data: bytes) -> str:
        raise NotImplementedError("no wallet needs to be deployed")

    def _call(self, caller: str, to: str, data: bytes) -> bytes:
        before = self._evm.snapshot()
        try:
            answer = self._evm.message_call(caller=caller, to=to, calldata=data)
        except RuntimeError as error:
            self._evm.revert(before)
            found = OUTPUT.search(str(error))
            output = bytes.fromhex(found[1]) if found else b""
            raise RuntimeError(f"execution reverted: {_reason(output) or error}") from error
        return bytes(answer)


def _reason(output: bytes) -> str:
    """Return what a node shows of a revert: its text, or the name of its error."""
    if output[:4] == ERROR_TEXT:
        return str(decode(["string"], output[4:])[0])
    return ERRORS.get(output[:4], "")


def _inputs(*types: str) -> list[dict[str, str]]:
    return [{"name": f"argument{index}", "type": each} for index, each in enumerate(types)]


def _canonical(entry: dict[str, Any]) -> str:
    kind: str = entry["type"]
    if not kind.startswith("tuple"):
        return kind
    inner = ",".join(_canonical(each) for each in entry["components"])
    return f"({inner}){kind[len('tuple') :]}"
