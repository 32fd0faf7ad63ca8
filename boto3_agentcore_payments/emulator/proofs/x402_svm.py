"""x402 ``exact`` on Solana (SVM): a transaction that lacks only the fee payer's signature."""

from __future__ import annotations

from typing import TYPE_CHECKING

from boto3_agentcore_payments.emulator.engine.ports import SignedProof
from boto3_agentcore_payments.emulator.proofs import solana_transfer, wallets

if TYPE_CHECKING:
    from collections.abc import Callable

    from boto3_agentcore_payments.emulator.engine.ports import WalletKey
    from boto3_agentcore_payments.emulator.proofs.x402_requirements import Requirements

_UNITS = 20_000  # as in the x402 library's clients: a transfer and a memo of 32 ASCII characters


def authorize(
    requirements: Requirements, wallet: WalletKey, now: int, entropy: Callable[[int], bytes]
) -> SignedProof:
    """Sign the payment that the requirements ask for.

    Args:
        requirements: Checked requirements on a Solana network.
        wallet: The wallet that pays.
        now: Not used: a transaction is valid as long as its blockhash is.
        entropy: Returns that many random bytes, for the memo and the blockhash unless the
            merchant sent them; the memo makes two equal payments different transactions. A
            merchant's memo may need more compute units than x402's clients set, so the
            transaction then gets MPP's limit [decided].
    """
    del now
    keypair = wallets.solana_keypair(wallet)
    memo = requirements.extra.get("memo")
    text, units = entropy(16).hex().encode(), _UNITS
    if isinstance(memo, str) and memo:
        text, units = memo.encode(), solana_transfer.UNITS_WITH_MEMO
    unsigned = solana_transfer.message(
        keypair.pubkey(),
        mint=requirements.asset,
        legs=[solana_transfer.Leg(requirements.pay_to, requirements.amount)],
        memos=[text],
        fee_payer=requirements.extra["feePayer"],
        blockhash=solana_transfer.blockhash(requirements.extra.get("recentBlockhash"), entropy(32)),
        units=units,
    )
    signed = solana_transfer.sign(keypair, unsigned)
    payload = {"transaction": signed.transaction}
    output = {"version": requirements.version, "payload": payload}
    return SignedProof(payment_output=output, proof_id=signed.signature)
