"""``solana/charge`` for pympp's server, in pull mode (draft-solana-charge-00).

It makes the checks of that draft's "Pull Mode Verification": fee payer, signatures, only expected
instructions, and one ``TransferChecked`` for each part of the amount. The ledger settles.
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
from boto3_agentcore_payments.emulator.engine.money import USDC_DECIMALS
from boto3_agentcore_payments.emulator.proofs import networks, solana_transfer, wallets
from boto3_agentcore_payments.merchants.mpp_refusals import refused
from boto3_agentcore_payments.merchants.offers import atomic
from boto3_agentcore_payments.merchants.parties import local_wallet
from boto3_agentcore_payments.merchants.solana_programs import (
    ProgramError,
    TokenTransfer,
    run,
    transfers,
)

if TYPE_CHECKING:
    from mpp.server.method import RequestContext, VerifyContext

    from boto3_agentcore_payments.merchants.offers import Offer
    from boto3_agentcore_payments.merchants.tills import Till

_VERSION_0 = b"\x80"
_PROGRAMS = {
    solana_transfer.COMPUTE_BUDGET_PROGRAM,
    solana_transfer.MEMO_PROGRAM,
    solana_transfer.TOKEN_PROGRAM,
}
"""Programs that a charge may call."""


class _Request(BaseModel):
    amount: str
    currency: str
    recipient: str
    methodDetails: dict[str, Any]  # noqa: N815 - the wire's name


class _Payload(BaseModel):
    type: Literal["transaction"]
    transaction: str


_DEFINITION = Method(name="solana", intent="charge", request_model=_Request, payload_model=_Payload)


def charge(offer: Offer, till: Till, *, sponsor_fees: bool) -> ServerMethod:
    """Return the server method for an offer's cluster and recipient.

    Args:
        offer: What is sold.
        till: Settles the payments and records the sales.
        sponsor_fees: Whether the merchant pays the network's fees.
    """
    clusters = {network: name for name, network in networks.SOLANA_CLUSTERS.items()}
    sponsor = wallets.solana_keypair(local_wallet("facilitator", networks.SOLANA))
    details: dict[str, Any] = {
        "network": clusters[offer.network],
        "decimals": USDC_DECIMALS,
        "tokenProgram": solana_transfer.TOKEN_PROGRAM,
    }
    if sponsor_fees:
        details.update(feePayer=True, feePayerKey=str(sponsor.pubkey()))

    def resolve_request(context: RequestContext) -> dict[str, Any]:
        return {
            "amount": str(atomic(context.request["amount"])),
            "currency": offer.network.usdc,
            "recipient": offer.pay_to,
            "methodDetails": details,
        }

    async def verify(context: VerifyContext) -> Receipt:
        # pympp has already parsed the payload with this method's model.
        parsed: Any = context.credential.payload
        opened, transfer = checked(parsed.transaction, context.challenge.request)
        payer = transfer.payer
        # As in pympp's own methods, the source may be missing but must not name another wallet.
        if context.credential.source not in (None, f"did:pkh:{offer.network.caip2}:{payer}"):
            raise _wrong("source")
        own = opened.signatures[[str(key) for key in opened.message.account_keys].index(payer)]
        if sponsor_fees:
            opened = _co_signed(opened, sponsor)
        try:
            till.check(offer.network, payer, str(own), transfer.amount)
            run(opened, [transfer], till.held(offer.network, payer))
            sale = till.take(offer.network, payer, str(own), transaction=str(opened.signatures[0]))
        except SettlementError as error:
            raise refused(error) from error
        except ProgramError as error:
            raise VerificationFailedError(str(error)) from error
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
        InvalidPayloadError: if it is not a transaction.
        VerificationFailedError: if it does not pay the request, or a signature is wrong.
    """
    opened, transfer = checked(transaction, request)
    keys = [str(key) for key in opened.message.account_keys]
    return transfer.payer, str(opened.signatures[keys.index(transfer.payer)])


def checked(
    transaction: str, request: dict[str, Any]
) -> tuple[VersionedTransaction, TokenTransfer]:
    """Check a transaction as :func:`paid` does; return it and its transfer."""
    try:
        opened = VersionedTransaction.from_bytes(base64.b64decode(transaction, validate=True))
        opened.sanitize()
    except (binascii.Error, ValueError, SanitizeError) as error:
        raise InvalidPayloadError("The payload is not a Solana transaction") from error
    keys = [str(key) for key in opened.message.account_keys]
    transfer = _transfer(opened, keys, request)
    details = request["methodDetails"]
    fee_payer = details["feePayerKey"] if details.get("feePayer") else transfer.payer
    if keys[0] != fee_payer:
        raise _wrong("fee payer")
    signers = keys[: opened.message.header.num_required_signatures]
    if set(signers) != {transfer.payer, fee_payer}:
        raise _wrong("set of signers")
    own = opened.signatures[signers.index(transfer.payer)]
    signed = _VERSION_0 + bytes(opened.message)
    if not own.verify(Pubkey.from_string(transfer.payer), signed):
        raise _wrong("signature")
    if fee_payer != transfer.payer and opened.signatures[0] != Signature.default():
        raise _wrong("fee payer's signature")
    return opened, transfer


def _transfer(opened: Any, keys: list[str], request: dict[str, Any]) -> TokenTransfer:
    """Return the only transfer, which must pay the requested amount to the recipient."""
    try:
        found = transfers(opened)
    except ValueError as error:
        raise _wrong("instruction") from error
    programs = {keys[each.program_id_index] for each in opened.message.instructions}
    if not programs <= _PROGRAMS or opened.message.address_table_lookups:
        raise _wrong("instruction")
    if len(found) != 1:
        raise _wrong("number of transfers")
    (transfer,) = found
    mint = Pubkey.from_string(request["currency"])

    def account(owner: str) -> str:
        return str(solana_transfer.associated_account(Pubkey.from_string(owner), mint))

    if (
        transfer.source != account(transfer.payer)
        or transfer.mint != str(mint)
        or transfer.destination != account(request["recipient"])
        or transfer.amount != int(request["amount"])
    ):
        raise _wrong("transfer")
    return transfer


def _co_signed(opened: VersionedTransaction, sponsor: Any) -> VersionedTransaction:
    """Return a transaction with the fee payer's signature added in first place."""
    signed = _VERSION_0 + bytes(opened.message)
    signatures = [sponsor.sign_message(signed), *opened.signatures[1:]]
    return VersionedTransaction.populate(opened.message, signatures)


def _wrong(what: str) -> VerificationFailedError:
    return VerificationFailedError(f"The transaction has the wrong {what}")
