"""x402 payments through Permit2: ``exact`` if the merchant asks for it, ``upto`` always.

The wallet signs Permit2's ``PermitWitnessTransferFrom`` with x402's proxy contract as spender and
the recipient (for ``upto`` also the facilitator) as witness. Contract addresses and struct types
are those of the x402 library (``x402.mechanisms.evm.constants``, 2.25); they are the same on every
chain.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from boto3_agentcore_payments.emulator.engine.ports import SignedProof
from boto3_agentcore_payments.emulator.proofs import eip712, wallets
from boto3_agentcore_payments.emulator.proofs.evm_keys import checksum_address

if TYPE_CHECKING:
    from collections.abc import Callable

    from boto3_agentcore_payments.emulator.engine.ports import WalletKey
    from boto3_agentcore_payments.emulator.proofs.x402_requirements import Requirements

STEP = "Permit2 authorization"
"""Name of the signing step in errors."""

PERMIT2 = "0x000000000022D473030F116dDEE9F6B43aC78BA3"
EXACT_PROXY = "0x402085c248EeA27D92E8b30b2C58ed07f9E20001"
UPTO_PROXY = "0x4020A4f3b7b90ccA423B9fabCc0CE57C6C240002"


def _permit(witness: dict[str, str]) -> eip712.Struct:
    """Return ``PermitWitnessTransferFrom`` with the given witness members."""
    token = eip712.Struct("TokenPermissions", {"token": "address", "amount": "uint256"})
    return eip712.Struct(
        "PermitWitnessTransferFrom",
        {
            "permitted": token,
            "spender": "address",
            "nonce": "uint256",
            "deadline": "uint256",
            "witness": eip712.Struct("Witness", witness),
        },
    )


EXACT = _permit({"to": "address", "validAfter": "uint256"})
UPTO = _permit({"to": "address", "facilitator": "address", "validAfter": "uint256"})
"""The EIP-712 struct that each scheme signs."""


def authorize(
    requirements: Requirements, wallet: WalletKey, now: int, entropy: Callable[[int], bytes]
) -> SignedProof:
    """Sign the payment that the requirements ask for.

    Args:
        requirements: Checked requirements on an EVM chain, of x402 version 2.
        wallet: The wallet that pays.
        now: Service time, in seconds since 1970.
        entropy: Returns that many random bytes, for the nonce.
    """
    key = wallets.evm_key(wallet)
    witness = {"to": checksum_address(requirements.pay_to), "validAfter": "0"}
    permit, spender = EXACT, EXACT_PROXY
    if requirements.scheme == "upto":
        witness["facilitator"] = checksum_address(requirements.extra["facilitatorAddress"])
        permit, spender = UPTO, UPTO_PROXY
    nonce = int.from_bytes(entropy(32), "big")
    deadline = now + requirements.timeout
    token = checksum_address(requirements.asset)
    # Permit2's domain has no version.
    domain = eip712.domain_separator("Permit2", None, requirements.network.chain_id, PERMIT2)
    value = {
        "permitted": {"token": token, "amount": requirements.amount},
        "spender": spender,
        "nonce": nonce,
        "deadline": deadline,
        "witness": {**witness, "validAfter": 0},
    }
    signature = key.sign(eip712.digest(domain, permit, value))
    authorization = {
        "from": key.address,
        "permitted": {"token": token, "amount": str(requirements.amount)},
        "spender": spender,
        "nonce": str(nonce),
        "deadline": str(deadline),
        "witness": witness,
    }
    payload = {"permit2Authorization": authorization, "signature": "0x" + signature.hex()}
    output = {"version": requirements.version, "payload": payload}
    return SignedProof(payment_output=output, proof_id=str(nonce))
