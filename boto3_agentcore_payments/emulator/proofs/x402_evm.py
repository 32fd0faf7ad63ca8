"""x402 ``exact`` on EVM chains: an EIP-3009 ``TransferWithAuthorization``.

Times follow the x402 library's clients: version 2 is valid from 0, version 1 from ten minutes ago;
both until ``maxTimeoutSeconds`` from now.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.emulator.engine.ports import SignedProof
from boto3_agentcore_payments.emulator.proofs import eip712

if TYPE_CHECKING:
    from collections.abc import Callable

    from boto3_agentcore_payments.emulator.proofs.x402_rules import Requirements

_V1_GRACE_SECONDS = 600


def authorize(
    requirements: Requirements, account: Any, *, now: int, entropy: Callable[[int], bytes]
) -> SignedProof:
    """Sign what the requirements ask for.

    Args:
        requirements: Checked requirements on an EVM chain.
        account: eth-account ``LocalAccount`` that pays.
        now: Service time, in seconds since 1970.
        entropy: Gives the nonce its random bytes.
    """
    valid_after = now - _V1_GRACE_SECONDS if requirements.version == "1" else 0
    authorization = {
        "from": str(account.address),
        "to": requirements.pay_to,
        "value": str(requirements.amount),
        "validAfter": str(valid_after),
        "validBefore": str(now + requirements.timeout),
        "nonce": "0x" + entropy(32).hex(),
    }
    signature = eip712.sign_transfer(
        account,
        authorization,
        chain_id=requirements.network.chain_id,
        token=requirements.asset,
        domain_name=requirements.extra["name"],
        domain_version=requirements.extra["version"],
    )
    payload = {"signature": signature, "authorization": authorization}
    output = {"version": requirements.version, "payload": payload}
    return SignedProof(payment_output=output, proof_id=authorization["nonce"])
