"""x402 ``exact`` on Solana (SVM): a transaction that lacks only the fee payer's signature."""

from __future__ import annotations

from typing import TYPE_CHECKING

from boto3_agentcore_payments.emulator.engine.ports import SignedProof
from boto3_agentcore_payments.emulator.proofs import solana_transfer, wallets

if TYPE_CHECKING:
    from collections.abc import Callable

    from boto3_agentcore_payments.emulator.engine.ports import WalletKey
    from boto3_agentcore_payments.emulator.proofs.x402_requirements import Requirements


def authorize(
    requirements: Requirements, wallet: WalletKey, now: int, entropy: Callable[[int], bytes]
) -> SignedProof:
    """Sign what the requirements ask for.

    Args:
        requirements: Checked requirements on a Solana network.
        wallet: Whose wallet pays.
        now: Not used: a transaction is good as long as its blockhash.
        entropy: Gives the memo and, unless the merchant sent one, the blockhash their random
            bytes; the memo is what makes two equal payments two transactions.
    """
    del now
    keypair = wallets.solana_keypair(wallet)
    memo = requirements.extra.get("memo")
    text = memo.encode() if isinstance(memo, str) and memo else entropy(16).hex().encode()
    unsigned = solana_transfer.message(
        keypair.pubkey(),
        mint=requirements.asset,
        legs=[solana_transfer.Leg(requirements.pay_to, requirements.amount)],
        memos=[text],
        fee_payer=requirements.extra["feePayer"],
        blockhash=solana_transfer.blockhash(requirements.extra.get("recentBlockhash"), entropy(32)),
    )
    signed = solana_transfer.sign(keypair, unsigned)
    payload = {"transaction": signed.transaction}
    output = {"version": requirements.version, "payload": payload}
    return SignedProof(payment_output=output, proof_id=signed.signature)
