"""A purchase from the first request to the merchant's final answer, as one generator.

``docs/paying.md`` has a table of the rules, each with the case that it is for.
"""

from __future__ import annotations

import logging
import time
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from botocore.exceptions import ClientError

from boto3_agentcore_payments.pay import destinations, protocols
from boto3_agentcore_payments.pay.choice import choose, judge_again, quoted
from boto3_agentcore_payments.pay.commands import (
    Call,
    Close,
    Outcome,
    ReadDemand,
    ReadRaw,
    Send,
    Wait,
)
from boto3_agentcore_payments.pay.demands import MAX_BODY, Demand, Quote
from boto3_agentcore_payments.pay.errors import (
    BodyNotRepeatable,
    MerchantRefused,
    NothingPayable,
    OutcomeUnknown,
    PaymentError,
    ProofExpired,
    SettledWithoutContent,
)
from boto3_agentcore_payments.pay.purchases import Answered, Asked, Purchase
from boto3_agentcore_payments.pay.service import (
    is_definite,
    needs_wallet_hub,
    refusal_of,
    wallet_hub_url,
)
from boto3_agentcore_payments.pay.tracing import PROCESS_PAYMENT, PURCHASE, traced

if TYPE_CHECKING:
    from collections.abc import Generator

    from boto3_agentcore_payments.pay.commands import Answer, Command
    from boto3_agentcore_payments.pay.core import Core
    from boto3_agentcore_payments.pay.protocols import PaymentProtocol, Settlement

_PAYMENT_REQUIRED = 402
_SHARED_BYTES = 1024 * 1024
"""Longest paid answer, in bytes, that is read at once, so that waiting requests can share it."""
_LOG = logging.getLogger(__name__)


@dataclass
class Chain:
    """One call of the HTTP client's user, redirects included.

    Attributes:
        purchase_id: The caller's own name for the purchase.
        redirected: Set once a paid request of this call is redirected; nothing more is paid then.
        quoting: Whether to stop at the price.
    """

    purchase_id: str | None = None
    redirected: bool = False
    quoting: bool = False


class Quoted(Exception):
    """Carries a quote out of an HTTP client that was used only to ask the price."""

    def __init__(self, quote: Quote) -> None:
        super().__init__(str(quote))
        self.quote = quote


def purchase(core: Core, asked: Asked, chain: Chain) -> Generator[Command, Any, Outcome]:
    """Send a request, and pay if it is answered with 402.

    Raises:
        PaymentError: if the purchase fails; see its subclasses.
    """
    key = core.book.key(asked)
    since = core.book.arrive(key)
    try:
        answer: Answer = yield Send({})
        if answer.status != _PAYMENT_REQUIRED:
            return Outcome(answer)
        if chain.redirected:
            yield Close(answer)
            message = (
                f"{asked.url} asks for a payment after the request was paid; nothing more is paid"
            )
            raise MerchantRefused(message)
        body: bytes = yield ReadDemand(answer, MAX_BODY)
        if len(body) > MAX_BODY:
            message = f"the 402 of {asked.url} is longer than {MAX_BODY} bytes"
            raise NothingPayable(message)
        demand = Demand(
            method=asked.method,
            url=asked.url,
            headers=answer.headers,
            body=body,
            sent=asked.body or b"",
            peer=answer.peer,
        )
        if chain.quoting:
            raise Quoted((yield from quoted(core, demand)))
        return (yield from _buy(core, asked, demand, chain, key=key, since=since))
    finally:
        core.book.depart(key)


def _buy(
    core: Core, asked: Asked, demand: Demand, chain: Chain, *, key: str, since: int
) -> Generator[Command, Any, Outcome]:
    if asked.body is None:
        message = (
            f"{asked.url} wants to be paid, but the request's body is a stream that cannot be "
            "sent again; send bytes, or a file that can be rewound"
        )
        raise BodyNotRepeatable(message)
    refused = core.policy.destination_refusal(asked.url, demand.peer)
    if refused is not None:
        raise refused
    while True:
        mine = Purchase(key=key, asked=asked, token=str(uuid.uuid4()))
        found, turn, answered = core.book.take_turn(mine, since)
        if answered is not None:
            return Outcome(answered=answered)
        if turn is None:
            break
        try:
            yield Wait(turn)
        finally:
            core.book.stop_waiting(found)
    try:
        if found.asked.fingerprint != asked.fingerprint:
            message = (
                f"purchase_id {asked.purchase_id!r} is open for {found.asked.method} "
                f"{found.asked.url}; finish that, or use another purchase_id"
            )
            raise PaymentError(message)
        with traced(PURCHASE, core, found):
            if found.declined and _expired(found):
                # The merchant answered and can no longer take the money: this is a new purchase.
                yield from _drop(core, found)
            yield from _open(core, found, demand)
            if found.proof is None:
                yield from process(core, found)
            return (yield from _spend(core, found, demand.peer, chain))
    finally:
        core.book.leave_turn(found)


def _open(core: Core, found: Purchase, demand: Demand) -> Generator[Command, Any, None]:
    """Choose what to pay, or read it from the journal; journal it before it is paid."""
    if found.offer is None and core.journal is not None:
        earlier: Purchase | None = yield Call(core.journal.read, (found.key,))
        if earlier is not None:
            found.adopt(earlier)
    if found.offer is None:
        yield from choose(core, found, demand)
        if core.journal is None:
            return
        try:
            kept: Purchase = yield Call(core.journal.write, (found,))
        except BaseException:
            core.release(found)
            raise
        if kept is not found:  # another process opened the same purchase in the meantime
            core.release(found)
            found.adopt(kept)
    if found.recovered:
        judge_again(core, found, demand)


def _drop(core: Core, found: Purchase) -> Generator[Command, Any, None]:
    """Reset a purchase, so that it can be opened again."""
    if core.journal is not None:
        yield Call(core.journal.remove, (found,))
    found.reset(str(uuid.uuid4()))


def process(core: Core, found: Purchase) -> Generator[Command, Any, None]:
    """Have the proof signed, once: every call uses the purchase's own client token."""
    with traced(PROCESS_PAYMENT, core, found):
        yield from _process(core, found)


def _process(core: Core, found: Purchase) -> Generator[Command, Any, None]:
    offer, quote = found.offer, found.quote
    assert offer is not None  # noqa: S101 (opened above)
    protocol = protocols.protocol_of(offer.payment_type)
    uncertain, found.unprocessed = found.unprocessed, True
    try:
        answer = yield Call(
            core.service.process,
            kwargs={
                "payment_session_id": found.payment_session_id,
                "payment_instrument_id": found.payment_instrument_id,
                "payment_type": offer.payment_type,
                "payment_input": found.payment_input,
                "client_token": found.token,
            },
        )
    except Exception as error:
        if not _not_charged(error, uncertain=uncertain):
            receipt = core.lost(found)
            message = (
                f"the answer of ProcessPayment was lost ({type(error).__name__}), so it may be "
                f"paid: {quote}"
            )
            advice = "the same request goes on with the same payment"
            raise OutcomeUnknown(message, quote=quote, receipt=receipt, advice=advice) from error
        hub = yield from _hub(core, found, error)
        refused = refusal_of(error, quote, hub)
        yield Call(core.forget, (found,))
        core.release(found)
        raise refused from error
    except BaseException:  # interrupted or cancelled: the service may have paid
        core.lost(found)
        raise
    try:
        found.proof = protocol.proof(offer, answer["paymentOutput"])
        process_payment_id = str(answer["processPaymentId"])
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        receipt = core.lost(found)
        message = f"the service's answer holds no usable proof ({error}): {quote}"
        raise OutcomeUnknown(message, quote=quote, receipt=receipt) from error
    found.unprocessed = False
    core.paid(found, process_payment_id, protocol.expires_at(found.proof))


def _not_charged(error: Exception, *, uncertain: bool) -> bool:
    """Return whether a failed ProcessPayment certainly charged nothing.

    If the answer of an earlier call, or of a retry by botocore, was lost, only a refusal made after
    the client token was looked up proves that. Any other error may precede that look-up.
    """
    if not is_definite(error):
        return False
    if not isinstance(error, ClientError):
        return not uncertain
    if error.response.get("ResponseMetadata", {}).get("RetryAttempts", 0):
        uncertain = True
    return not uncertain or error.response.get("Error", {}).get("Code") == "ValidationException"


def _hub(core: Core, found: Purchase, error: Exception) -> Generator[Command, Any, str | None]:
    """Return where the wallet's user can grant signing, if that is what is missing."""
    if not needs_wallet_hub(error):
        return None
    try:
        answer = yield Call(core.service.read_instrument, (found.payment_instrument_id,))
    except Exception as unread:  # noqa: BLE001 (the URL is optional; the refusal matters)
        _LOG.info("the WalletHub address could not be read: %s", type(unread).__name__)
        return None
    return wallet_hub_url(answer)


def _expired(found: Purchase) -> bool:
    receipt = found.receipt
    expires = receipt.proof_expires_at if receipt is not None else None
    return expires is not None and expires.timestamp() <= time.time()


def _spend(
    core: Core, found: Purchase, peer: str | None, chain: Chain
) -> Generator[Command, Any, Outcome]:
    """Present the proof; pass the receipt on even if that is interrupted or cancelled."""
    try:
        return (yield from _present(core, found, peer, chain))
    except PaymentError:
        raise
    except BaseException:
        core.tell(found)
        raise


def _present(
    core: Core, found: Purchase, peer: str | None, chain: Chain
) -> Generator[Command, Any, Outcome]:
    """Send the request with the proof, and handle the merchant's answer."""
    offer, quote, receipt = found.offer, found.quote, found.receipt
    assert offer is not None  # noqa: S101 (opened above)
    assert receipt is not None  # noqa: S101 (paid above)
    if _expired(found):
        message = f"the proof has expired, and the session was charged for it: {quote}"
        advice = (
            "it is not paid again: abandon(receipt) or another purchase_id begins a new purchase"
        )
        raise ProofExpired(message, quote=quote, receipt=receipt, advice=advice)
    protocol = protocols.protocol_of(offer.payment_type)
    headers = protocol.headers(
        offer,
        found.proof,
        method=found.asked.method,
        url=found.asked.url,
        token=found.token,
        key=found.secret,
    )
    uncertain, found.unanswered = found.unanswered, True
    found.declined = False
    try:
        answer: Answer = yield Send(headers, peer)
    except Exception as error:
        raise core.unanswered(found, type(error).__name__) from error
    core.settle(found, _said(protocol, answer))
    if answer.status == _PAYMENT_REQUIRED:
        yield from _refused(core, found, answer, uncertain=uncertain)
    elsewhere = _elsewhere(found, answer)
    if elsewhere is not None:
        yield Close(answer)
        core.tell(found)
        message = (
            f"the merchant redirected the paid request to {elsewhere}; the proof is not sent "
            f"there: {quote}"
        )
        raise MerchantRefused(message, quote=quote, receipt=found.receipt)
    if answer.status >= 500:  # noqa: PLR2004 (HTTP)
        yield Close(answer)
        raise core.unanswered(found, f"HTTP {answer.status}")
    if answer.status >= 400 and not found.receipt_settled:  # noqa: PLR2004 (HTTP)
        found.unanswered = uncertain
        found.declined = True
        core.tell(found)
        return Outcome(answer)
    chain.redirected = 300 <= answer.status < 400  # noqa: PLR2004 (HTTP)
    if not _is_kept(answer, waiting=found.waiting):
        return Outcome(answer, watch=_Watch(core, found))
    try:
        content: bytes = yield ReadRaw(answer)
    except Exception as error:
        raise core.unanswered(found, type(error).__name__) from error
    answered = Answered(answer.status, answer.headers, content)
    if core.journal is not None:
        yield Call(core.forget, (found,))
    core.close(found, answered)
    return Outcome(answered=answered)


def _said(protocol: PaymentProtocol, answer: Answer) -> Settlement | None:
    """Return what the merchant says about the payment; a bad header must not lose the content."""
    try:
        return protocol.settlement(answer.headers)
    except Exception as error:  # noqa: BLE001 (a merchant's header, read by others' libraries)
        _LOG.info("the merchant's settlement could not be read: %s", type(error).__name__)
        return None


def _refused(
    core: Core, found: Purchase, answer: Answer, *, uncertain: bool
) -> Generator[Command, Any, None]:
    """Raise the error for a 402 after a payment; the open purchase prevents paying again."""
    offer, quote = found.offer, found.quote
    assert offer is not None  # noqa: S101 (opened above)
    try:
        body: bytes = yield ReadDemand(answer, MAX_BODY)
    except Exception as error:
        raise core.unanswered(found, type(error).__name__) from error
    demand = Demand(found.asked.method, found.asked.url, answer.headers, body, b"")
    reason = protocols.protocol_of(offer.payment_type).refusal(demand)
    found.unanswered = uncertain
    core.tell(found)
    said = f" ({reason})" if reason else ""
    refused: MerchantRefused
    if "expired" in reason.lower() and _expired(found):
        message = f"the merchant says the proof has expired{said}; it is not paid again: {quote}"
        refused = ProofExpired(message, quote=quote, receipt=found.receipt)
    elif uncertain or found.receipt_settled:
        message = (
            f"the merchant takes the proof no more{said}; the answer that was lost most likely "
            f"settled it, and it is not paid again: {quote}"
        )
        refused = SettledWithoutContent(message, quote=quote, receipt=found.receipt)
    else:
        message = (
            f"the merchant asks again after payment, refusing a valid proof{said}; nothing more "
            f"is paid: {quote}"
        )
        refused = MerchantRefused(message, quote=quote, receipt=found.receipt)
    refused.reason = reason
    raise refused


def _elsewhere(found: Purchase, answer: Answer) -> str | None:
    """Return the other origin that a paid request is redirected to, if that must be refused.

    A merchant that has settled may send the buyer elsewhere for the content (301, 302, 303).
    """
    location = answer.headers.get("Location")
    if location is None or not 300 <= answer.status < 400:  # noqa: PLR2004 (HTTP)
        return None
    try:
        target = destinations.origin(urljoin(found.asked.url, location))
    except ValueError:
        return "what is no http URL"
    if target == destinations.origin(found.asked.url):
        return None
    if found.receipt_settled and answer.status in (301, 302, 303):
        return None
    return target


def _is_kept(answer: Answer, *, waiting: int) -> bool:
    """Return whether to read an answer at once instead of passing it on as a stream."""
    if (answer.headers.get("Content-Type") or "").lower().startswith("text/event-stream"):
        return False
    length = answer.headers.get("Content-Length") or ""
    if length.isascii() and length.isdigit():
        return len(length) <= len(str(_SHARED_BYTES)) and int(length) <= _SHARED_BYTES
    return waiting > 0


class _Watch:
    """Closes a purchase when its streamed body ends, once."""

    def __init__(self, core: Core, found: Purchase) -> None:
        self._core = core
        self._found: Purchase | None = found

    def complete(self) -> None:
        """Close the purchase: the content has arrived, or is no longer wanted."""
        found, self._found = self._found, None
        if found is not None:
            self._core.forget(found)
            self._core.close(found, None)

    def failed(self, error: BaseException) -> PaymentError | None:
        """Keep the purchase open: the content was cut short."""
        found, self._found = self._found, None
        if found is None:
            return None
        if not isinstance(error, Exception):  # interrupted or cancelled: it is paid all the same
            self._core.tell(found)
            return None
        return self._core.unanswered(found, type(error).__name__)
