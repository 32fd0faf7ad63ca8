"""The output of ``agentcore-payments pay`` besides the body: progress and one result."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.cli import pay_words
from boto3_agentcore_payments.pay.receipt_lines import fields

if TYPE_CHECKING:
    from boto3_agentcore_payments.pay import Quote, Receipt


class Report:
    """Writes progress to standard error, and the result to the stream that the body does not use.

    Args:
        as_json: Whether the result is a JSON object; an error is one too then.
        to_output: Whether standard output is free for the result. If it is closed, or cannot be
            written, the result goes to standard error.
        journal: Whether the payer has a journal, on which depends what a second run does.
    """

    def __init__(self, *, as_json: bool, to_output: bool, journal: bool) -> None:
        self._json = as_json
        self._to_output = to_output
        self._journal = journal
        self._heard: Receipt | None = None

    def hear(self, receipt: Receipt) -> None:
        """Note a payment, for an error that does not know of it."""
        self._heard = receipt

    def progress(self, text: str) -> None:
        """Say what is being done."""
        print(f"agentcore-payments pay: {_one_line(text)}", file=sys.stderr)

    def done(self, status: int | None, receipt: Receipt | None) -> None:
        """Give the receipt of an answer that came; without one it was free.

        Args:
            status: HTTP status of the answer; ``None`` if only the price was asked.
            receipt: What was paid.
        """
        answered = {} if status is None else {"http_status": status}
        if receipt is None:
            what = "free" if status is None else f"free, HTTP {status}"
            self._result(what, {"outcome": "free", **answered})
            return
        self._result(
            f"{_paid(receipt)}, HTTP {status}",
            {"outcome": "paid", **answered, **fields(receipt)},
        )

    def quoted(self, quote: Quote, refusal: str | None) -> None:
        """Give what it would cost, and why it would not be paid."""
        if refusal is not None:
            refusal = pay_words.options_in(refusal, quote)
        text = str(quote) if refusal is None else f"{quote}; refused: {refusal}"
        self._result(text, {"outcome": "quote", **fields(quote), "refusal": refusal})

    def use_standard_error(self) -> None:
        """Write the result to standard error: standard output has just failed."""
        self._to_output = False

    def interrupted(self, error: BaseException) -> None:
        """Show what was paid before an error that others report; nothing if nothing was."""
        if self._heard is not None:
            self.failed(error)

    def failed(self, error: BaseException) -> None:
        """Say what went wrong, with the receipt of what was paid before; as JSON with the quote."""
        quote = getattr(error, "quote", None)
        receipt = getattr(error, "receipt", None) or self._heard
        message = _one_line(pay_words.message(error, receipt, journal=self._journal))
        if not self._json:
            self.progress(message)
            if receipt is not None:
                print(_paid(receipt), file=sys.stderr)
            return
        members = {
            "outcome": "error",
            "error": type(error).__name__,
            "message": message,
            "quote": None if quote is None else fields(quote),
            "receipt": None if receipt is None else fields(receipt),
        }
        try:
            self._result("", members)
        except OSError:  # of standard output, which may be the error that is told of
            self.use_standard_error()
            self._result("", members)

    def _result(self, line: str, members: dict[str, Any]) -> None:
        text = json.dumps(members) if self._json else _one_line(line)
        if self._to_output and sys.stdout is not None:
            print(text, flush=True)
        else:
            print(text, file=sys.stderr)


def _paid(receipt: Receipt) -> str:
    settled = "settled" if receipt.settled else "not known to be settled"
    return (
        f"{receipt.amount} USD to {receipt.pay_to} for {receipt.method} {receipt.url} "
        f"({receipt.protocol} {receipt.scheme} on {receipt.network}), {settled}, "
        f"payment {receipt.process_payment_id or 'unknown'}"
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())
