"""MPP ``solana`` charges, in pull mode: a signed transaction that the seller broadcasts.

Source: draft-solana-charge-00. No Python library builds these transactions, so this module does;
solders serializes and signs them.
Confidential transfers and tokens of the Token-2022 program are refused: USDC is neither.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.emulator.engine.errors import ValidationException
from boto3_agentcore_payments.emulator.engine.money import USDC_DECIMALS
from boto3_agentcore_payments.emulator.proofs import (
    mpp_challenge,
    networks,
    payload_members,
    solana_transfer,
    wallets,
)
from boto3_agentcore_payments.emulator.proofs.mpp_charge import DETAILS, Charge, refuse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from boto3_agentcore_payments.emulator.engine.ports import SignedProof, WalletKey


def network(details: Mapping[str, Any]) -> networks.NamedNetwork:
    """Return the cluster that ``methodDetails.network`` names, by default mainnet [sdk].

    Raises:
        ValidationException: if it is neither mainnet nor devnet.
    """
    cluster = details.get("network")
    found = networks.SOLANA_CLUSTERS.get("mainnet" if cluster is None else str(cluster))
    if found is None:
        raise ValidationException.rule(
            f"{DETAILS}.network",
            "MPP Solana charge supports only the 'mainnet' and 'devnet' networks. "
            f"Received: {payload_members.shown(cluster)}",
        )
    return networks.NamedNetwork(found, found.caip2, ())


def signer(
    charge: Charge, wallet: WalletKey, now: datetime, entropy: Callable[[int], bytes]
) -> Callable[[], SignedProof]:
    """Check the rules of this method alone, and return a function that signs the charge.

    Raises:
        ValidationException: if the fee payer or its key is missing, the token program or the
            decimals are not USDC's, the transfer is confidential, or it does not fit into one
            transaction.
    """
    del now  # a transaction is valid as long as its blockhash is
    unsigned = _message(charge, wallets.solana_keypair(wallet).pubkey(), entropy(32))
    return partial(_authorize, charge, wallet, unsigned)


def _message(charge: Charge, owner: Any, blockhash: bytes) -> Any:
    details = charge.details
    if charge.flag("confidential"):
        refuse("confidential transfers are not supported")
    if details.get("tokenProgram") not in (None, solana_transfer.TOKEN_PROGRAM):
        refuse("methodDetails.tokenProgram is not the program of USDC")
    decimals = details.get("decimals")
    if decimals is not None and (decimals != USDC_DECIMALS or isinstance(decimals, (bool, float))):
        refuse(f"methodDetails.decimals must be {USDC_DECIMALS} for USDC")
    if not charge.flag("feePayer"):
        raise ValidationException.rule(
            f"{DETAILS}.feePayer",
            "MPP Solana charge currently supports only server-sponsored fees "
            "(methodDetails.feePayer=true). Client-paid fees (feePayer=false) are not yet "
            "supported.",
        )
    fee_payer = payload_members.address(
        details.get("feePayerKey"),
        charge.network,
        named=charge.network.caip2,
        name="feePayerKey",
        path=f"{DETAILS}.feePayerKey",
        missing=mpp_challenge.missing("methodDetails.feePayerKey"),
    )
    external = charge.challenge.request.get("externalId")
    if external is not None and not isinstance(external, str):
        refuse("externalId must be text")
    memos = [external, *(split.memo for split in charge.splits)]
    unsigned = solana_transfer.message(
        owner,
        mint=charge.currency,
        legs=[
            solana_transfer.Leg(charge.recipient, charge.rest),
            *(solana_transfer.Leg(split.recipient, split.amount) for split in charge.splits),
        ],
        memos=[memo.encode() for memo in memos if memo],
        fee_payer=fee_payer,
        blockhash=solana_transfer.blockhash(details.get("recentBlockhash"), blockhash),
        units=solana_transfer.UNITS_WITH_MEMO,
    )
    if solana_transfer.size(unsigned) > solana_transfer.MAXIMUM_TRANSACTION_BYTES:
        refuse("the charge does not fit a Solana transaction")
    return unsigned


def _authorize(charge: Charge, wallet: WalletKey, unsigned: Any) -> SignedProof:
    keypair = wallets.solana_keypair(wallet)
    signed = solana_transfer.sign(keypair, unsigned)
    return charge.proof(
        payload={"type": "transaction", "transaction": signed.transaction},
        payer=str(keypair.pubkey()),
        proof_id=signed.signature,
    )
