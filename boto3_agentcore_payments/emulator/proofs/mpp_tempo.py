"""MPP ``tempo`` charges: a signed Tempo transaction (type 0x76), built by pytempo.

As pympp's client builds it (``mpp.methods.tempo.client``), less the calls to a node: an expiring
nonce, a ``transferWithMemo`` whose memo binds it to the challenge, fees in the token charged unless
the seller sponsors them (then the 0x78 envelope awaits the seller's signature). Fees offered are
ours, within the limits pympp sets for a sponsor.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.emulator.proofs import libraries, mpp_credential, mpp_rules

if TYPE_CHECKING:
    from boto3_agentcore_payments.emulator.engine.ports import SignedProof

_GAS_LIMIT = 1_000_000  # as pympp's client
_FEE_PER_GAS = 20_000_000_000
_PRIORITY_FEE_PER_GAS = 1_000_000_000
_EXPIRING_NONCE_KEY = 2**256 - 1
_VALID_SECONDS = 60  # as pympp's client
_TRANSFER_WITH_MEMO = "95777d59"  # selector of transferWithMemo(address,uint256,bytes32)
_MEMO = re.compile(r"0x[0-9a-fA-F]{64}")
_MPP_MEMO = "0xef1ed712"  # first bytes of every attribution memo


def check(charge: mpp_rules.Charge) -> None:
    """Check what only this method's challenges may say, and that the libraries are there.

    Raises:
        ValidationException: nobody pays the network's fees, or a split's memo is malformed.
        MissingExtraError: pympp or pytempo is not installed.
    """
    if not mpp_rules.flag(charge.details, "feePayer") and not charge.buyer_pays_gas_fees:
        mpp_rules.refuse(
            "methodDetails.feePayer is false, so buyerPaysGasFees must be true to pay it"
        )
    for split in charge.splits:
        if split.memo is None:
            continue
        if not _MEMO.fullmatch(split.memo) or split.memo.lower().startswith(_MPP_MEMO):
            mpp_rules.refuse("the memo of a tempo split must be 32 bytes of its own")
    for module in ("pytempo", "mpp.methods.tempo.attribution"):
        libraries.tempo(module)


def authorize(charge: mpp_rules.Charge, account: Any, *, now: int) -> SignedProof:
    """Sign a charge.

    Args:
        charge: A checked ``tempo`` charge.
        account: eth-account ``LocalAccount`` that pays.
        now: Service time, in seconds since 1970.
    """
    pytempo = libraries.tempo("pytempo")
    sponsored = mpp_rules.flag(charge.details, "feePayer")
    until = now + _VALID_SECONDS
    expires = charge.challenge.expires
    if expires is not None:
        # validBefore is exclusive: the transaction is good for as long as the challenge is.
        until = min(until, int(expires.timestamp()) + 1)
    transaction = pytempo.TempoTransaction.create(
        chain_id=charge.network.chain_id,
        gas_limit=_GAS_LIMIT,
        max_fee_per_gas=_FEE_PER_GAS,
        max_priority_fee_per_gas=_PRIORITY_FEE_PER_GAS,
        nonce=0,
        nonce_key=_EXPIRING_NONCE_KEY,
        fee_token=None if sponsored else charge.currency,
        awaiting_fee_payer=sponsored,
        valid_before=until,
        calls=_calls(charge, pytempo.Call),
    ).sign("0x" + bytes(account.key).hex())
    if sponsored:
        envelope = libraries.tempo("mpp.methods.tempo.fee_payer_envelope")
        wire = envelope.encode_fee_payer_envelope(transaction)
    else:
        wire = transaction.encode()
    keccak = libraries.eth_utils("A Tempo payment proof").keccak
    return mpp_credential.proof(
        charge,
        payload={"type": "transaction", "signature": "0x" + bytes(wire).hex()},
        payer=str(account.address),
        proof_id="0x" + keccak(bytes(wire)).hex(),
    )


def _calls(charge: mpp_rules.Charge, call: Any) -> tuple[Any, ...]:
    memo = libraries.tempo("mpp.methods.tempo.attribution").encode(
        challenge_id=charge.challenge.id, server_id=charge.challenge.realm
    )
    rest = charge.amount - sum(split.amount for split in charge.splits)
    transfers = [(charge.recipient, rest, memo)]
    transfers += [(part.recipient, part.amount, part.memo or memo) for part in charge.splits]
    return tuple(
        call.create(to=charge.currency, value=0, data=_transfer(to, amount, text))
        for to, amount, text in transfers
    )


def _transfer(to: str, amount: int, memo: str) -> str:
    return f"0x{_TRANSFER_WITH_MEMO}{to[2:].lower():0>64}{amount:064x}{memo[2:].lower()}"
