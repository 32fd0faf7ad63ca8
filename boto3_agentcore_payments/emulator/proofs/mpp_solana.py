"""MPP ``solana`` charges, in pull mode: a signed transaction the seller broadcasts.

Source: draft-solana-charge-00. No Python library builds these; solders serializes and signs.
Confidential transfers and tokens of the Token-2022 program are refused: USDC is neither.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.emulator.proofs import (
    addresses,
    mpp_credential,
    mpp_rules,
    solana_transfer,
)

if TYPE_CHECKING:
    from boto3_agentcore_payments.emulator.engine.ports import SignedProof

_DECIMALS = 6


def check(charge: mpp_rules.Charge, keypair: Any, blockhash: bytes) -> Any:
    """Check what only this method's challenges may say.

    Args:
        charge: A checked ``solana`` charge.
        keypair: solders ``Keypair`` of the wallet that pays.
        blockhash: 32 bytes to build on where the challenge suggests none.

    Returns:
        The unsigned message.

    Raises:
        ValidationException: a fee payer without its key, another token program, other decimals, a
            confidential transfer, or more than fits a transaction.
    """
    details = charge.details
    if mpp_rules.flag(details, "confidential"):
        mpp_rules.refuse("confidential transfers are not supported")
    if details.get("tokenProgram") not in (None, solana_transfer.TOKEN_PROGRAM):
        mpp_rules.refuse("methodDetails.tokenProgram is not the program of USDC")
    decimals = details.get("decimals")
    if decimals is not None and (decimals != _DECIMALS or isinstance(decimals, (bool, float))):
        mpp_rules.refuse(f"methodDetails.decimals must be {_DECIMALS} for USDC")
    fee_payer = str(keypair.pubkey())
    if mpp_rules.flag(details, "feePayer"):
        fee_payer = addresses.checked(
            details.get("feePayerKey"),
            charge.network,
            named=charge.network.caip2,
            name="feePayerKey",
            path="paymentInput.mpp.wwwAuthenticateHeaders[0].request.methodDetails.feePayerKey",
        )
    external = charge.challenge.request.get("externalId")
    if external is not None and not isinstance(external, str):
        mpp_rules.refuse("externalId must be text")
    memos = [external, *(split.memo for split in charge.splits)]
    rest = charge.amount - sum(split.amount for split in charge.splits)
    unsigned = solana_transfer.message(
        keypair.pubkey(),
        mint=charge.currency,
        legs=[
            solana_transfer.Leg(charge.recipient, rest),
            *(solana_transfer.Leg(split.recipient, split.amount) for split in charge.splits),
        ],
        memos=[memo.encode() for memo in memos if memo],
        fee_payer=fee_payer,
        blockhash=solana_transfer.blockhash(details.get("recentBlockhash"), blockhash),
    )
    if solana_transfer.size(unsigned) > solana_transfer.MAXIMUM_TRANSACTION_BYTES:
        mpp_rules.refuse("the charge does not fit a Solana transaction")
    return unsigned


def authorize(charge: mpp_rules.Charge, keypair: Any, unsigned: Any) -> SignedProof:
    """Sign a charge.

    Args:
        charge: The charge that was checked.
        keypair: solders ``Keypair`` of the wallet that pays.
        unsigned: What :func:`check` returned.
    """
    signed = solana_transfer.sign(keypair, unsigned)
    return mpp_credential.proof(
        charge,
        payload={"type": "transaction", "transaction": signed.transaction},
        payer=str(keypair.pubkey()),
        proof_id=signed.signature,
    )
