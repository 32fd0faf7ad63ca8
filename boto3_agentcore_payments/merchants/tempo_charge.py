"""pympp's ``tempo/charge``, settled in the ledger instead of sent to a node.

pympp checks the transaction: its calls, its memo's binding to the challenge, its signature. This
module checks what a node would: whether it is still valid, new, and covered by the balance.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import rlp
from eth_utils.crypto import keccak
from mpp import Receipt
from mpp.errors import VerificationFailedError
from mpp.methods.tempo import server as tempo

from boto3_agentcore_payments.emulator.engine.errors import SettlementError
from boto3_agentcore_payments.merchants.mpp_refusals import refused

if TYPE_CHECKING:
    from mpp.server.method import ServerMethod, VerifyContext

    from boto3_agentcore_payments.merchants.offers import Offer
    from boto3_agentcore_payments.merchants.tills import Till

_VALID_BEFORE = 8  # place of validBefore in a 0x76 transaction (pympp, ``fee_payer_envelope``)


def charge(offer: Offer, till: Till, *, sponsor_fees: bool) -> ServerMethod:
    """Return the server method for an offer's network and recipient.

    Args:
        offer: What is sold.
        till: Settles the payments and records the sales.
        sponsor_fees: Ignored: the buyer pays the fees.
    """
    del sponsor_fees

    async def settle(context: VerifyContext) -> Receipt:
        # pympp has already parsed the payload with this method's model.
        parsed: Any = context.credential.payload
        payload = parsed.model_dump()
        if payload["type"] != "transaction":
            raise VerificationFailedError("This merchant takes signed transactions only")
        raw = bytes.fromhex(payload["signature"][2:])
        valid_before = int.from_bytes(rlp.decode(raw[1:])[_VALID_BEFORE], "big")
        if valid_before and valid_before <= time.time():
            raise VerificationFailedError("The transaction is no longer valid")
        # pympp has checked that the source names the wallet that signed.
        payer = (context.credential.source or "").rpartition(":")[2]
        reference = "0x" + keccak(raw).hex()
        try:
            till.take(offer.network, payer, reference, transaction=reference)
        except SettlementError as error:
            raise refused(error) from error
        return Receipt.success(reference)

    methods = tempo.charge(
        recipient=offer.pay_to,
        chain_id=offer.network.chain_id,
        currencies=[offer.network.usdc],
    )
    return replace(methods[0], broadcast=settle)
