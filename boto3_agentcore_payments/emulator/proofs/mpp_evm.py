"""MPP ``evm`` charges: an EIP-3009 authorization bound to the challenge by its nonce.

They are signed as pympp's client does (``mpp.methods.evm``): valid until the challenge expires or,
if it does not expire, for five minutes. The nonce is keccak256 of the challenge's id and realm.
pympp (0.16) hashes a JSON array of the two, mppx (npm, 0.11) the two texts concatenated. Which one
the service uses is not known, so it can be chosen; pympp's is the default [decided].
"""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.emulator.proofs import eip3009, networks, wallets
from boto3_agentcore_payments.emulator.proofs.evm_keys import checksum_address, keccak
from boto3_agentcore_payments.emulator.proofs.mpp_charge import Charge, chain_id, refuse
from boto3_agentcore_payments.emulator.proofs.payload_members import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from boto3_agentcore_payments.emulator.engine.ports import SignedProof, WalletKey

_VALID_SECONDS = 300
_CREDENTIAL_TYPE = "authorization"


def network(details: Mapping[str, Any]) -> networks.NamedNetwork:
    """Return the EVM chain that ``methodDetails.chainId`` names.

    Raises:
        ValidationException: if it is missing or not an integer.
    """
    number = chain_id(details)
    return networks.NamedNetwork(
        networks.find_chain_id(number),
        f"eip155:{shown(number)}",
        networks.names_for(networks.ETHEREUM),
    )


def _pympp(challenge_id: str, realm: str) -> str:
    return json.dumps([challenge_id, realm], separators=(",", ":"), ensure_ascii=False)


def _mppx(challenge_id: str, realm: str) -> str:
    return f"{challenge_id}{realm}"


CHALLENGE_HASHES = {"pympp": _pympp, "mppx": _mppx}
"""Library -> function that returns the bytes of a challenge to hash."""
DEFAULT_CHALLENGE_HASH = "pympp"
"""The default key of :data:`CHALLENGE_HASHES` [decided]."""


def signer(
    charge: Charge,
    wallet: WalletKey,
    now: datetime,
    entropy: Callable[[int], bytes],
    *,
    challenge_hash: str,
) -> Callable[[], SignedProof]:
    """Check the rules of this method alone, and return a function that signs the charge.

    Args:
        charge: A charge that obeys the rules of all methods.
        wallet: The wallet that pays.
        now: Timezone-aware service time.
        entropy: Not used: the nonce is derived from the challenge.
        challenge_hash: A key of :data:`CHALLENGE_HASHES`.

    Raises:
        ValidationException: if there are splits, fee sponsorship, or a credential type other than
            an authorization.
    """
    del entropy
    if charge.splits:
        refuse("an evm charge cannot be split")
    if charge.flag("feePayer"):
        refuse("an evm charge has no feePayer: the account that settles it pays the fees")
    types = charge.details.get("credentialTypes")
    if types is not None and (not isinstance(types, list) or _CREDENTIAL_TYPE not in types):
        refuse(f"methodDetails.credentialTypes must include {_CREDENTIAL_TYPE}")
    binding = CHALLENGE_HASHES[challenge_hash](charge.challenge.id, charge.challenge.realm)
    return partial(_authorize, charge, wallet, int(now.timestamp()), binding)


def _authorize(charge: Charge, wallet: WalletKey, now: int, binding: str) -> SignedProof:
    key = wallets.evm_key(wallet)
    challenge = charge.challenge
    until = now + _VALID_SECONDS
    if challenge.expires is not None:
        until = int(challenge.expires.timestamp())
    authorization = {
        "from": key.address,
        "to": checksum_address(charge.recipient),
        "value": charge.amount_text,
        "validAfter": "0",
        "validBefore": str(until),
        "nonce": "0x" + keccak(binding.encode()).hex(),
    }
    signature = eip3009.sign(
        key,
        authorization,
        chain_id=charge.network.chain_id,
        token=charge.network.usdc,
        domain_name=charge.network.domain_name,
        domain_version=charge.network.domain_version,
    )
    payload = {"type": _CREDENTIAL_TYPE, **authorization, "signature": signature}
    return charge.proof(payload=payload, payer=key.address, proof_id=authorization["nonce"])
