"""Choose which offer of a 402 to pay, and from which wallet.

The default is the first offer that a wallet can pay within the policy. Offers are sorted by
protocol, in the order of their table (x402, MPP, AWS Billing), then in the merchant's order. The
wallet is the first in the list that can pay the offer. ``order`` replaces this order of the quotes.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.pay import protocols
from boto3_agentcore_payments.pay.commands import Ask, Call
from boto3_agentcore_payments.pay.demands import Declined, Offer, Quote, quote_of
from boto3_agentcore_payments.pay.errors import NothingPayable, PaymentError
from boto3_agentcore_payments.pay.service import refusal_of

if TYPE_CHECKING:
    from collections.abc import Generator

    from boto3_agentcore_payments.pay.commands import Command
    from boto3_agentcore_payments.pay.core import Core
    from boto3_agentcore_payments.pay.demands import Demand
    from boto3_agentcore_payments.pay.purchases import Purchase

_SHOWN = 10
"""Most offers named in a message; the error's ``offers`` has all of them."""


def choose(core: Core, found: Purchase, demand: Demand) -> Generator[Command, Any, None]:
    """Choose the offer, reserve its amount, and have it approved.

    Raises:
        PolicyRefusal: if the policy refuses every offer that a wallet could pay.
        NothingPayable: if no wallet can pay what is offered.
    """
    candidates = yield from _candidates(core, demand)
    refusal = None
    for offer, quote in candidates:
        refused = core.policy.offer_refusal(offer, quote)
        if refused is None and not core.policy.total.reserve(offer.amount):
            refused = core.policy.over_total(quote)
        if refused is None:
            break
        refusal = refusal or refused
    else:
        assert refusal is not None  # noqa: S101 (there is at least one candidate)
        raise refusal
    try:
        core.policy.check_pre_sign(demand, quote)
        if core.policy.approve is not None:
            answer = yield Ask(core.policy.approve, quote)
            core.policy.check_approval(answer, quote)
        protocol = protocols.protocol_of(offer.payment_type)
        secret = protocol.new_key()
        payment_input = protocol.payment_input(offer, core.fees, secret)
    except BaseException:
        core.policy.total.release(offer.amount)
        raise
    found.offer, found.quote = offer, quote
    found.secret, found.payment_input, found.reserved = secret, payment_input, offer.amount
    found.payment_session_id = core.service.payment_session_id
    found.payment_instrument_id = quote.payment_instrument_id


def judge_again(core: Core, found: Purchase, demand: Demand) -> None:
    """Check a purchase of an earlier process against this payer's policy before signing again.

    It was approved then, so ``approve`` is not asked twice.

    Raises:
        PolicyRefusal: if this policy refuses it.
    """
    offer = found.offer
    assert offer is not None  # noqa: S101 (a journal holds only opened purchases)
    quote = quote_of(
        offer,
        method=found.asked.method,
        url=found.asked.url,
        payment_instrument_id=found.payment_instrument_id,
    )
    try:
        _judge(core, offer, quote, demand)
    except BaseException:
        found.offer = None  # the journal keeps it
        raise
    found.quote, found.reserved, found.recovered = quote, offer.amount, False


def _judge(core: Core, offer: Offer, quote: Quote, demand: Demand) -> None:
    refused = core.policy.offer_refusal(offer, quote)
    if refused is not None:
        raise refused
    core.policy.check_pre_sign(demand, quote)
    if not core.policy.total.reserve(offer.amount):
        raise core.policy.over_total(quote)


def quoted(core: Core, demand: Demand) -> Generator[Command, Any, Quote]:
    """Return what a 402 would cost, and whether the policy allows it.

    Raises:
        NothingPayable: if no wallet can pay what is offered.
    """
    candidates = yield from _candidates(core, demand)
    elsewhere = core.policy.destination_refusal(demand.url, demand.peer)
    judged = [
        (quote, elsewhere or core.policy.offer_refusal(offer, quote)) for offer, quote in candidates
    ]
    for quote, refused in judged:
        if refused is None:
            return quote
    quote, refused = judged[0]
    return dataclasses.replace(quote, refusal=str(refused))


def _candidates(core: Core, demand: Demand) -> Generator[Command, Any, list[tuple[Offer, Quote]]]:
    wallets, unread = yield from _wallets(core)
    candidates: list[tuple[Offer, Quote]] = []
    declined: list[Declined] = []
    for each in protocols.offers(demand, core.fees):
        found = _pairing(core, demand, each, wallets)
        if isinstance(found, Declined):
            declined.append(found)
        else:
            candidates.append(found)
    if core.order is not None:
        order = core.order
        candidates.sort(key=lambda candidate: order(candidate[1]))
    if candidates:
        return candidates
    if unread is not None:
        raise refusal_of(unread, None) from unread
    raise _nothing(demand, declined)


def _pairing(
    core: Core, demand: Demand, offer: Offer | Declined, wallets: dict[str, str]
) -> tuple[Offer, Quote] | Declined:
    if isinstance(offer, Declined):
        return offer
    what = f"{offer.protocol} {offer.scheme} on {offer.network}"
    if offer.wallet == "AWS_BILLING" and not core.service.knows("awsBillingX402"):
        return Declined(what, "this botocore does not know AWS_BILLING_X402; a newer one does")
    if not _is_presentable(offer, demand):
        return Declined(what, "no payment header can be built for it")
    for instrument_id in core.service.payment_instrument_ids:
        if wallets.get(instrument_id) == offer.wallet:
            quote = quote_of(
                offer,
                method=demand.method,
                url=demand.url,
                payment_instrument_id=instrument_id,
            )
            return offer, quote
    return Declined(what, f"no instrument of the list is for {offer.wallet}")


def _is_presentable(offer: Offer, demand: Demand) -> bool:
    """Return whether a proof of the offer could be sent, before one is signed."""
    protocol = protocols.protocol_of(offer.payment_type)
    try:
        protocol.rehearse(offer, method=demand.method, url=demand.url)
    except Exception:  # noqa: BLE001 (what a merchant wrote, read by others' libraries)
        return False
    return True


def _wallets(core: Core) -> Generator[Command, Any, tuple[dict[str, str], Exception | None]]:
    """Return each instrument's kind of wallet, and the first error of reading one, if any."""
    first = None
    for instrument_id in core.service.unknown_instruments():
        try:
            answer = yield Call(core.service.read_instrument, (instrument_id,))
        except Exception as error:  # noqa: BLE001, PERF203 (another wallet may do; else it is raised)
            first = first or error
        else:
            core.service.note_instrument(instrument_id, answer)
    return core.service.wallets(), first


def _nothing(demand: Demand, declined: list[Declined]) -> PaymentError:
    if not declined:
        message = f"the 402 of {demand.url} speaks no protocol of the payer's (x402, MPP)"
        return NothingPayable(message)
    shown = "; ".join(f"{each.what}: {each.why}" for each in declined[:_SHOWN])
    more = f"; and {len(declined) - _SHOWN} more" if len(declined) > _SHOWN else ""
    message = f"nothing that {demand.url} offers can be paid: {shown}{more}"
    return NothingPayable(message, offers=tuple((each.what, each.why) for each in declined))
