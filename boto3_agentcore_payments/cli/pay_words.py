"""The payer's messages in a shell's words: options in place of Python's arguments and calls."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from boto3_agentcore_payments.pay import MerchantRefused, OutcomeUnknown, PaymentError

if TYPE_CHECKING:
    from boto3_agentcore_payments.pay import Quote, Receipt

OPTION_OF = {
    "max_price": "--max-price",
    "allow_private": "--allow-private",
    "journal": "--journal",
    "user_id": "--user",
    "payment_manager_arn": "--manager",
    "payment_session_id": "--session",
    "payment_instrument_ids": "--instrument",
}
"""Arguments of ``Payer`` and the options that set them."""

_ARGUMENT = re.compile(
    rf"(?<![\w./?&=-])(?P<name>{'|'.join(OPTION_OF)})(?!\w)(?:=(?P<value>[^\s;:,]+))?"
)


def options_in(text: str, quote: Quote | None) -> str:
    """Return a message with options in place of arguments; the quote in it stays as it is.

    Args:
        text: The message.
        quote: What it is about: a merchant's URL in it may have such a word too.
    """
    parts = [text] if quote is None else text.split(str(quote))
    return ("" if quote is None else str(quote)).join(
        _ARGUMENT.sub(_option, part) for part in parts
    )


def message(error: BaseException, receipt: Receipt | None, *, journal: bool) -> str:
    """Return what to say of an error, and what to do then.

    Args:
        error: The error.
        receipt: What was paid, or may have been, before it.
        journal: Whether the command had ``--journal``.
    """
    text, quote = _what(error), None
    if isinstance(error, PaymentError):
        quote = error.quote
        if receipt is not None:  # what to do then differs in a shell
            text = text.removesuffix(f"; {error.advice}") if error.advice else text
    text = options_in(text, quote)
    return text if receipt is None else f"{text}; {_advice(error, receipt, journal=journal)}"


def _what(error: BaseException) -> str:
    if isinstance(error, KeyboardInterrupt):
        return "interrupted"
    if isinstance(error, SystemExit):
        return "ended by a signal"
    return str(error) or type(error).__name__


def _advice(error: BaseException, receipt: Receipt, *, journal: bool) -> str:
    """Return what a second run of the command would do."""
    if isinstance(error, OutcomeUnknown):
        if journal:
            return "the same command, with the same --journal, goes on with the same payment"
        made = "the payment may have been made, and " if receipt.process_payment_id is None else ""
        return (
            f"{made}running the command again pays again; --journal FILE, given from the first "
            "run on, makes a repeat safe"
        )
    maybe = "may be paid" if receipt.process_payment_id is None else "is paid"
    if not journal:
        return f"it {maybe}, and running the command again pays again"
    if isinstance(error, MerchantRefused):
        return (
            "the same command, with the same --journal, does not pay again; "
            "without it, or with another, it pays again"
        )
    return f"it {maybe}, and running the command again may pay again"


def _option(found: re.Match[str]) -> str:
    option, value = OPTION_OF[found["name"]], found["value"]
    return option if value in (None, "True") else f"{option} {value}"
