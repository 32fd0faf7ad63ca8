"""x402 payments through Permit2: ``exact`` when the merchant asks for it, ``upto`` always.

What is signed is Permit2's ``PermitWitnessTransferFrom`` with x402's proxy contract as spender and
the recipient (and, for ``upto``, the facilitator) as witness. Contract addresses and struct types
are those of the x402 library (``x402.mechanisms.evm.constants``, 2.25); they are the same on every
chain.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from boto3_agentcore_payments.emulator.engine.ports import SignedProof
from boto3_agentcore_payments.emulator.proofs import eip712, libraries, wallets

if TYPE_CHECKING:
    from collections.abc import Callable

    from boto3_agentcore_payments.emulator.engine.ports import WalletKey
    from boto3_agentcore_payments.emulator.proofs.x402_requirements import Requirements

STEP = "Permit2 authorization"
"""What signing is called in an error."""

PERMIT2 = "0x000000000022D473030F116dDEE9F6B43aC78BA3"
EXACT_PROXY = "0x402085c248EeA27D92E8b30b2C58ed07f9E20001"
UPTO_PROXY = "0x4020A4f3b7b90ccA423B9fabCc0CE57C6C240002"

_PERMIT = [
    {"name": "permitted", "type": "TokenPermissions"},
    {"name": "spender", "type": "address"},
    {"name": "nonce", "type": "uint256"},
    {"name": "deadline", "type": "uint256"},
    {"name": "witness", "type": "Witness"},
]
_PERMITTED = [{"name": "token", "type": "address"}, {"name": "amount", "type": "uint256"}]
_TO = {"name": "to", "type": "address"}
_FACILITATOR = {"name": "facilitator", "type": "address"}
_VALID_AFTER = {"name": "validAfter", "type": "uint256"}


def authorize(
    requirements: Requirements, wallet: WalletKey, now: int, entropy: Callable[[int], bytes]
) -> SignedProof:
    """Sign what the requirements ask for.

    Args:
        requirements: Checked requirements on an EVM chain, of x402 version 2.
        wallet: Whose wallet pays.
        now: Service time, in seconds since 1970.
        entropy: Gives the nonce its random bytes.
    """
    account = wallets.evm_account(wallet)
    checksum = libraries.load("eth_utils", "A Permit2 payment proof").to_checksum_address
    witness = {"to": checksum(requirements.pay_to), "validAfter": "0"}
    fields = [_TO, _VALID_AFTER]
    spender = EXACT_PROXY
    if requirements.scheme == "upto":
        witness["facilitator"] = checksum(requirements.extra["facilitatorAddress"])
        fields = [_TO, _FACILITATOR, _VALID_AFTER]
        spender = UPTO_PROXY
    nonce = int.from_bytes(entropy(32), "big")
    deadline = now + requirements.timeout
    token = checksum(requirements.asset)
    signature = eip712.sign(
        account,
        # Permit2's domain has no version.
        domain={
            "name": "Permit2",
            "chainId": requirements.network.chain_id,
            "verifyingContract": PERMIT2,
        },
        types={
            "PermitWitnessTransferFrom": _PERMIT,
            "TokenPermissions": _PERMITTED,
            "Witness": fields,
        },
        message={
            "permitted": {"token": token, "amount": requirements.amount},
            "spender": spender,
            "nonce": nonce,
            "deadline": deadline,
            "witness": {**witness, "validAfter": 0},
        },
    )
    authorization = {
        "from": str(account.address),
        "permitted": {"token": token, "amount": str(requirements.amount)},
        "spender": spender,
        "nonce": str(nonce),
        "deadline": str(deadline),
        "witness": witness,
    }
    payload = {"permit2Authorization": authorization, "signature": signature}
    output = {"version": requirements.version, "payload": payload}
    return SignedProof(payment_output=output, proof_id=str(nonce))
