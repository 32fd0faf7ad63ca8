"""EIP-3009 ``TransferWithAuthorization``: x402 ``exact`` on EVM chains, and MPP's ``evm``.

Validity times follow the x402 library's clients: a version 2 proof is valid from time 0, a version
1 proof from ten minutes ago; both are valid until ``maxTimeoutSeconds`` from now.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from boto3_agentcore_payments.emulator.engine.ports import SignedProof
from boto3_agentcore_payments.emulator.proofs import eip712, wallets

if TYPE_CHECKING:
    from collections.abc import Callable

    from boto3_agentcore_payments.emulator.engine.ports import WalletKey
    from boto3_agentcore_payments.emulator.proofs.evm_keys import EvmKey
    from boto3_agentcore_payments.emulator.proofs.x402_requirements import Requirements

STEP = "EIP-3009 authorization"
"""Name of the signing step in errors."""

_V1_GRACE_SECONDS = 600
TRANSFER = eip712.Struct(
    "TransferWithAuthorization",
    {
        "from": "address",
        "to": "address",
        "value": "uint256",
        "validAfter": "uint256",
        "validBefore": "uint256",
        "nonce": "bytes32",
    },
)
"""The EIP-712 struct that is signed."""


def authorize(
    requirements: Requirements, wallet: WalletKey, now: int, entropy: Callable[[int], bytes]
) -> SignedProof:
    """Sign the payment that x402 requirements ask for.

    Args:
        requirements: Checked requirements on an EVM chain.
        wallet: Whose wallet pays.
        now: Service time, in seconds since 1970.
        entropy: Returns that many random bytes, for the nonce.
    """
    key = wallets.evm_key(wallet)
    valid_after = now - _V1_GRACE_SECONDS if requirements.version == "1" else 0
    authorization = {
        "from": key.address,
        "to": requirements.pay_to,
        "value": str(requirements.amount),
        "validAfter": str(valid_after),
        "validBefore": str(now + requirements.timeout),
        "nonce": "0x" + entropy(32).hex(),
    }
    signature = sign(
        key,
        authorization,
        chain_id=requirements.network.chain_id,
        token=requirements.asset,
        domain_name=requirements.extra["name"],
        domain_version=requirements.extra["version"],
    )
    payload = {"signature": signature, "authorization": authorization}
    output = {"version": requirements.version, "payload": payload}
    return SignedProof(payment_output=output, proof_id=authorization["nonce"])


def sign(
    key: EvmKey,
    authorization: dict[str, str],
    *,
    chain_id: int,
    token: str,
    domain_name: str,
    domain_version: str,
) -> str:
    """Return the signature of an authorization as 0x and hexadecimal digits.

    Args:
        key: The wallet's key.
        authorization: ``from``, ``to``, ``value``, ``validAfter``, ``validBefore`` and ``nonce``
            as the strings the wire carries.
        chain_id: EIP-155 chain id.
        token: Token contract that will check the signature.
        domain_name: ``name`` of the token's EIP-712 domain.
        domain_version: ``version`` of the token's EIP-712 domain.
    """
    domain = eip712.domain_separator(domain_name, domain_version, chain_id, token)
    value = {
        "from": authorization["from"],
        "to": authorization["to"],
        "value": int(authorization["value"]),
        "validAfter": int(authorization["validAfter"]),
        "validBefore": int(authorization["validBefore"]),
        "nonce": bytes.fromhex(authorization["nonce"][2:]),
    }
    return "0x" + key.sign(eip712.digest(domain, TRANSFER, value)).hex()
