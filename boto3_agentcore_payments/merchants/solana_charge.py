"""``solana/charge`` for pympp's server, in pull mode (draft-solana-charge-00).

The checks of that draft's "Pull Mode Verification": fee payer, signatures, nothing but expected
instructions, and one ``TransferChecked`` for each part of the amount. Settled in the ledger.
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any, Literal

from mpp import Receipt
from mpp.errors import InvalidPayloadError, VerificationFailedError
from mpp.methods import Method
from mpp.server.method import ServerMethod
from pydantic import BaseModel
from solders.pubkey import Pubkey
from solders.signature import Signature
from solders.transaction import SanitizeError, VersionedTransaction

from boto3_agentcore_payments.emulator.engine.errors import SettlementError
from boto3_agentcore_payments.emulator.proofs import networks, solana_transfer, wallets
from boto3_agentcore_payments.merchants.mpp_refusals import refused
from boto3_agentcore_payments.merchants.offers import Offer, atomic
from boto3_agentcore_payments.merchants.parties import local_wallet

if TYPE_CHECKING:
    from mpp.server.method import RequestContext, VerifyContext

    from boto3_agentcore_payments.merchants.settlement import Till

_TRANSFER_CHECKED = 12
_TRANSFER_BYTES = 10
_DECIMALS = 6
_VERSION_0 = b"\x80"
_OTHER_PROGRAMS = {solana_transfer.COMPUTE_BUDGET_PROGRAM, solana_transfer.MEMO_PROGRAM}


class _Request(BaseModel):
    amount: str
    currency: str
    recipient: str
    methodDetails: dict[str, Any]  # noqa: N815 - the wire's name


class _Payload(BaseModel):
    type: Literal["transaction"]
    transaction: str


_DEFINITION = Method(name="solana", intent="charge", request_model=_Request, payload_model=_Payload)


def charge(what: Offer, till: Till, *, sponsor_fees: bool) -> ServerMethod:
    """Return the server method for this offer.

    Args:
        what: What is sold.
        till: Where the money is.
        sponsor_fees: Whether the merchant pays the network's fees.
    """
    clusters = {network: name for name, network in networks.SOLANA_CLUSTERS.items()}
    details: dict[str, Any] = {
        "network": clusters[what.network],
        "decimals": _DECIMALS,
        "tokenProgram": solana_transfer.TOKEN_PROGRAM,
    }
    if sponsor_fees:
        fee_payer = wallets.address(local_wallet("facilitator", networks.SOLANA))
        details.update(feePayer=True, feePayerKey=fee_payer)

    def resolve_request(context: RequestContext) -> dict[str, Any]:
        return {
            "amount": str(atomic(context.request["amount"])),
            "currency": what.network.usdc,
            "recipient": what.pay_to,
            "methodDetails": details,
        }

    async def verify(context: VerifyContext) -> Receipt:
        # pympp has parsed it with the method's payload model.
        parsed: Any = context.credential.payload
        payer, signature = paid(parsed.transaction, context.challenge.request)
        # As pympp's own methods: the source may be missing, but not name another wallet.
        if context.credential.source not in (None, f"did:pkh:{what.network.caip2}:{payer}"):
            raise _wrong("source")
        try:
            sale = till.take(what.network, payer, signature, transaction=signature)
        except SettlementError as error:
            raise refused(error) from error
        return Receipt.success(sale.transaction, method="solana")

    return ServerMethod(method=_DEFINITION, verify=verify, resolve_request=resolve_request)


def paid(transaction: str, request: dict[str, Any]) -> tuple[str, str]:
    """Check that a transaction pays a challenge's request.

    Args:
        transaction: Base64 of the wire bytes.
        request: The challenge's request object, without splits.

    Returns:
        The paying wallet and its own signature, both base58.

    Raises:
        InvalidPayloadError: not a transaction.
        VerificationFailedError: it pays something else, or a signature is wrong.
    """
    try:
        opened = VersionedTransaction.from_bytes(base64.b64decode(transaction, validate=True))
        opened.sanitize()
    except (binascii.Error, ValueError, SanitizeError) as error:
        problem = "The payload is not a Solana transaction"
        raise InvalidPayloadError(problem) from error
    keys = [str(key) for key in opened.message.account_keys]
    payer = _transferred(opened, keys, request)
    details = request["methodDetails"]
    fee_payer = details["feePayerKey"] if details.get("feePayer") else payer
    if keys[0] != fee_payer:
        raise _wrong("fee payer")
    signed = _VERSION_0 + bytes(opened.message)
    signers = keys[: opened.message.header.num_required_signatures]
    if payer not in signers or set(signers) != {payer, fee_payer}:
        raise _wrong("set of signers")
    own = opened.signatures[signers.index(payer)]
    if not own.verify(Pubkey.from_string(payer), signed):
        raise _wrong("signature")
    if fee_payer != payer and opened.signatures[0] != Signature.default():
        raise _wrong("fee payer's signature")
    return payer, str(own)


def _transferred(opened: Any, keys: list[str], request: dict[str, Any]) -> str:
    """Return who pays the amount asked for to the recipient asked for."""
    mint = Pubkey.from_string(request["currency"])
    recipient = Pubkey.from_string(request["recipient"])
    destination = str(solana_transfer.associated_account(recipient, mint))
    payers = []
    for instruction in opened.message.instructions:
        program = keys[instruction.program_id_index]
        if program in _OTHER_PROGRAMS:
            continue
        data, accounts = bytes(instruction.data), [keys[i] for i in bytes(instruction.accounts)]
        if program != solana_transfer.TOKEN_PROGRAM or len(data) != _TRANSFER_BYTES:
            raise _wrong("instruction")
        source = str(solana_transfer.associated_account(Pubkey.from_string(accounts[3]), mint))
        amount = int.from_bytes(data[1:9], "little")
        if data[0] != _TRANSFER_CHECKED or data[9] != _DECIMALS:
            raise _wrong("instruction")
        if accounts[:3] != [source, str(mint), destination] or amount != int(request["amount"]):
            raise _wrong("transfer")
        payers.append(accounts[3])
    if len(payers) != 1:
        raise _wrong("number of transfers")
    return payers[0]


def _wrong(what: str) -> VerificationFailedError:
    return VerificationFailedError(f"The transaction has the wrong {what}")
