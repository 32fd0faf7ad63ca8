"""MPP ``evm`` charges: an EIP-3009 authorization bound to the challenge by its nonce.

As pympp's client signs them (``mpp.methods.evm``): nonce = keccak256 of the JSON array of the
challenge's id and realm, valid until the challenge expires or, without that, for five minutes.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.emulator.proofs import eip712, libraries, mpp_credential, mpp_rules

if TYPE_CHECKING:
    from boto3_agentcore_payments.emulator.engine.ports import SignedProof

_VALID_SECONDS = 300
_CREDENTIAL_TYPE = "authorization"


def check(charge: mpp_rules.Charge) -> None:
    """Check what only this method's challenges may say.

    Raises:
        ValidationException: splits, fee sponsorship, or a credential other than an authorization.
    """
    if charge.splits:
        mpp_rules.refuse("an evm charge cannot be split")
    if mpp_rules.flag(charge.details, "feePayer"):
        mpp_rules.refuse("an evm charge has no feePayer: whoever settles it pays the fees")
    types = charge.details.get("credentialTypes")
    if types is not None and (not isinstance(types, list) or _CREDENTIAL_TYPE not in types):
        mpp_rules.refuse(f"methodDetails.credentialTypes must include {_CREDENTIAL_TYPE}")


def authorize(charge: mpp_rules.Charge, account: Any, *, now: int) -> SignedProof:
    """Sign a charge.

    Args:
        charge: A checked ``evm`` charge.
        account: eth-account ``LocalAccount`` that pays.
        now: Service time, in seconds since 1970.
    """
    utilities = libraries.eth_utils("An MPP evm payment proof")
    challenge = charge.challenge
    until = now + _VALID_SECONDS
    if challenge.expires is not None:
        until = int(challenge.expires.timestamp())
    binding = json.dumps([challenge.id, challenge.realm], separators=(",", ":"), ensure_ascii=False)
    authorization = {
        "from": str(account.address),
        "to": utilities.to_checksum_address(charge.recipient),
        "value": charge.amount_text,
        "validAfter": "0",
        "validBefore": str(until),
        "nonce": "0x" + utilities.keccak(text=binding).hex(),
    }
    signature = eip712.sign_transfer(
        account,
        authorization,
        chain_id=charge.network.chain_id,
        token=charge.network.usdc,
        domain_name=charge.network.domain_name,
        domain_version=charge.network.domain_version,
    )
    payload = {"type": _CREDENTIAL_TYPE, **authorization, "signature": signature}
    return mpp_credential.proof(
        charge, payload=payload, payer=str(account.address), proof_id=authorization["nonce"]
    )
