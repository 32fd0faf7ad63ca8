"""Messages of the payer as a shell shows them."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timezone
from decimal import Decimal

import pytest

pytest.importorskip("x402", reason="x402 takes Python 3.10")

from boto3_agentcore_payments.cli import pay, pay_words
from boto3_agentcore_payments.pay import (
    OutcomeUnknown,
    Payer,
    ProofExpired,
    Quote,
    Receipt,
    SettledWithoutContent,
)
from boto3_agentcore_payments.pay.policy import Policy

QUOTE = Quote(
    url="https://shop.example/?max_price=1",
    method="GET",
    amount=Decimal("0.01"),
    protocol="x402",
    payment_type="CRYPTO_X402",
    scheme="exact",
    network="eip155:84532",
    asset="0x0",
    pay_to="0x1",
)
RECEIPT = Receipt(
    amount=QUOTE.amount,
    settled=False,
    url=QUOTE.url,
    method=QUOTE.method,
    protocol=QUOTE.protocol,
    payment_type=QUOTE.payment_type,
    scheme=QUOTE.scheme,
    network=QUOTE.network,
    asset=QUOTE.asset,
    pay_to=QUOTE.pay_to,
    process_payment_id="p",
    payment_session_id="s",
    payment_instrument_id="i",
    at=datetime(2026, 11, 1, tzinfo=timezone.utc),
)
RESUME = "the same request, or resume(receipt), goes on with the same proof"
ABANDON = "it is not paid again: abandon(receipt) or another purchase_id begins a new purchase"


def test_every_argument_of_the_table_is_one_of_payer_and_every_option_one_of_the_command() -> None:
    assert set(pay_words.OPTION_OF) <= set(Payer.__init__.__kwdefaults__) | set(
        Payer.__init__.__annotations__
    )
    assert set(pay_words.OPTION_OF.values()) <= {f"--{option.name}" for option in pay.OPTIONS}


@pytest.mark.parametrize("url", ["https://shop.example/", "https://shop.example/?allow_private=1"])
@pytest.mark.parametrize("peer", [None, "10.0.0.1"])
def test_refusal_of_an_address_names_the_option(url, peer) -> None:
    refused = _policy().destination_refusal(url, peer)
    assert refused is not None
    said = pay_words.message(refused, None, journal=False)
    assert "; --allow-private pays " in said
    assert "allow_private" not in said


def test_the_quote_in_a_message_stays_as_it_is() -> None:
    text = f"the price is above max_price=0.005: {QUOTE}; raise max_price to pay"
    assert pay_words.options_in(text, QUOTE) == (
        f"the price is above --max-price 0.005: {QUOTE}; raise --max-price to pay"
    )


@pytest.mark.parametrize(
    ("journal", "advice"),
    [
        (True, "the same command, with the same --journal, goes on with the same payment"),
        (
            False,
            (
                "running the command again pays again; --journal FILE, given from the first run "
                "on, makes a repeat safe"
            ),
        ),
    ],
)
def test_lost_answer_of_the_merchant_is_advised_on_by_the_journal(journal, advice) -> None:
    error = OutcomeUnknown(f"it is paid: {QUOTE}", quote=QUOTE, receipt=RECEIPT, advice=RESUME)
    assert pay_words.message(error, RECEIPT, journal=journal) == f"it is paid: {QUOTE}; {advice}"


@pytest.mark.parametrize("kind", [ProofExpired, SettledWithoutContent])
@pytest.mark.parametrize(
    ("journal", "advice"),
    [
        (
            True,
            (
                "the same command, with the same --journal, does not pay again; without it, or "
                "with another, it pays again"
            ),
        ),
        (False, "it is paid, and running the command again pays again"),
    ],
)
def test_purchase_that_cannot_go_on_is_advised_on_by_the_journal(kind, journal, advice) -> None:
    error = kind(f"the proof has expired: {QUOTE}", quote=QUOTE, receipt=RECEIPT, advice=ABANDON)
    said = pay_words.message(error, RECEIPT, journal=journal)
    assert said == f"the proof has expired: {QUOTE}; {advice}"


def test_error_after_a_payment_that_was_perhaps_made_says_so() -> None:
    unknown = dataclasses.replace(RECEIPT, process_payment_id=None)
    assert pay_words.message(KeyboardInterrupt(), unknown, journal=False) == (
        "interrupted; it may be paid, and running the command again pays again"
    )
    assert pay_words.message(SystemExit(143), unknown, journal=True) == (
        "ended by a signal; it may be paid, and running the command again may pay again"
    )


def _policy() -> Policy:
    return Policy(
        max_price="0.05",
        max_total=None,
        allowed_origins=None,
        allowed_recipients=None,
        allowed_networks=None,
        approve=None,
        pre_sign_policy=None,
        allow_private=False,
        buyer_pays_gas_fees=False,
        permit2_allowance_limit=None,
    )
