"""``agentcore-payments receipts``: what was paid, by user, payee and day."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from decimal import Context, Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from boto3_agentcore_payments.cli import PROGRAM
from boto3_agentcore_payments.errors import CommandError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable, Iterator

    from boto3_agentcore_payments.pay import Receipt

BY: dict[str, Callable[[Receipt], str]] = {
    "user": lambda receipt: receipt.user_id or "(of the token)",
    "payee": lambda receipt: receipt.pay_to,
    "day": lambda receipt: receipt.at.date().isoformat(),
}
"""Keys that receipts can be grouped by."""
_EXACT = Context(prec=100)
"""No sum is rounded."""


@dataclass
class Sum:
    """The totals of receipts.

    Attributes:
        payments: How many were paid.
        charged: US dollars charged to sessions.
        settled: US dollars of them that merchants say they took.
        unknown: How many more may have been paid: their ProcessPayment was not answered.
    """

    payments: int = 0
    charged: Decimal = Decimal(0)
    settled: Decimal = Decimal(0)
    unknown: int = 0

    def add(self, receipt: Receipt) -> None:
        """Count a receipt."""
        if receipt.process_payment_id is None:
            self.unknown += 1
            return
        self.payments += 1
        self.charged = _EXACT.add(self.charged, receipt.amount)
        if receipt.settled:
            self.settled = _EXACT.add(self.settled, receipt.amount)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("files", metavar="FILE", nargs="+", help="receipts; - is standard input")
    parser.add_argument("--by", choices=BY, help="add up by this alone")
    parser.add_argument("--json", action="store_true", help="one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Add up receipts; return 1 if a line is not one."""
    receipts, unread = [], False
    for file in arguments.files:
        for number, receipt in _read(file):
            if receipt is None:
                unread = True
                print(f"{PROGRAM} receipts: {file}:{number} is not a receipt", file=sys.stderr)
            else:
                receipts.append(receipt)
    counted = last_lines(receipts)
    kinds = [arguments.by] if arguments.by else list(BY)
    sums = {kind: _sums(counted, BY[kind]) for kind in kinds}
    total = Sum()
    for receipt in counted:
        total.add(receipt)
    if arguments.json:
        print(json.dumps(_as_json(sums, total)))
    else:
        _print(sums, total)
    return 1 if unread else 0


def last_lines(receipts: Iterable[Receipt]) -> list[Receipt]:
    """Return each payment once, as its last line has it.

    A line without the service's id, of a purchase that may have been paid, is answered by the next
    line of the same purchase.
    """
    paid: dict[str, Receipt] = {}
    unknown: dict[str, Receipt] = {}
    for receipt in receipts:
        unknown.pop(receipt.purchase, None)
        if receipt.process_payment_id is None:
            unknown[receipt.purchase] = receipt
        else:
            paid[receipt.process_payment_id] = receipt
    return [*paid.values(), *unknown.values()]


def _read(file: str) -> Iterator[tuple[int, Receipt | None]]:
    from boto3_agentcore_payments.pay.receipt_lines import read_receipts

    if file == "-":
        if sys.stdin is None:
            raise CommandError("standard input is closed, and - reads it")
        yield from read_receipts(sys.stdin)
        return
    with Path(file).open(encoding="utf-8", errors="replace") as lines:
        yield from read_receipts(lines)


def _sums(receipts: Iterable[Receipt], key: Callable[[Receipt], str]) -> dict[str, Sum]:
    sums: dict[str, Sum] = {}
    for receipt in receipts:
        sums.setdefault(key(receipt), Sum()).add(receipt)
    return dict(sorted(sums.items()))


def _cells(each: Sum) -> dict[str, str | int]:
    return {
        "payments": each.payments,
        "charged": format(each.charged, "f"),
        "settled": format(each.settled, "f"),
        "unknown": each.unknown,
    }


def _as_json(sums: dict[str, dict[str, Sum]], total: Sum) -> dict[str, object]:
    return {
        **{kind: {key: _cells(each) for key, each in of.items()} for kind, of in sums.items()},
        "total": _cells(total),
    }


def _print(sums: dict[str, dict[str, Sum]], total: Sum) -> None:
    for kind, of in sums.items():
        rows = [[kind, "payments", "charged (USD)", "settled (USD)", "unknown"]]
        rows += [
            [key, *map(str, _cells(each).values())]
            for key, each in [*((_printable(key), each) for key, each in of.items()), ("", total)]
        ]
        widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
        for row in rows:
            first = row[0].ljust(widths[0])
            print("  ".join([first, *(cell.rjust(w) for cell, w in zip(row[1:], widths[1:]))]))
        print()


def _printable(text: str) -> str:
    """Return a merchant's or user's text without what would move a terminal's cursor."""
    return "".join(c if c.isprintable() else "?" for c in text)
