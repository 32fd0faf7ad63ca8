"""Receipts as JSON Lines in a file, one line each time an outcome is known or changes."""

from __future__ import annotations

import dataclasses
import json
import os
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.json_text import check_nesting
from boto3_agentcore_payments.pay.receipts import Receipt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from boto3_agentcore_payments.pay.demands import Quote

_MODE = 0o600
_TIMES = ("at", "proof_expires_at")


def append_to(path: str | os.PathLike[str]) -> Callable[[Receipt], None]:
    """Return a function for ``on_receipt=`` that appends each receipt to a file, as a JSON line.

    The file has mode 0600. Threads, payers and processes may share it: a line is one write. A
    payment whose outcome changed has several lines, of which the last counts, as for
    ``agentcore-payments receipts``.

    Args:
        path: The file; it is made if it is not there.

    Raises:
        OSError: if the file cannot be opened for writing.
    """
    place = os.fspath(path)

    def append(receipt: Receipt) -> None:
        line = (json.dumps(fields(receipt)) + "\n").encode()
        handle = _open(place)
        try:
            # A line that a crash cut short must not spoil the next one.
            if _is_cut(place):
                line = b"\n" + line
            written = 0
            while written < len(line):
                written += os.write(handle, line[written:])
            os.fsync(handle)
        finally:
            os.close(handle)

    os.close(_open(place))
    return append


def fields(what: Receipt | Quote) -> dict[str, Any]:
    """Return a receipt or a quote for JSON: amounts as text, times in ISO 8601."""
    return {
        field.name: _plain(getattr(what, field.name))
        for field in dataclasses.fields(what)
        if field.name != "refusal"  # of a quote: it is said beside it
    }


def read_receipts(lines: Iterable[str]) -> Iterator[tuple[int, Receipt | None]]:
    """Read lines written by :func:`append_to`.

    Returns:
        Each line's number, from 1, and its receipt; ``None`` for one that is not a receipt.
    """
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield number, _receipt(line)


def _receipt(line: str) -> Receipt | None:
    try:
        check_nesting(line)
        members = json.loads(line)
        known = {field.name for field in dataclasses.fields(Receipt)}
        values = {name: value for name, value in members.items() if name in known}
        amount = Decimal(values["amount"])
        for name in _TIMES:
            if values.get(name) is not None:
                values[name] = datetime.fromisoformat(values[name])
        if not amount.is_finite() or amount < 0 or values["at"].tzinfo is None:
            return None
        return Receipt(**{**values, "amount": amount})
    except (ValueError, TypeError, KeyError, AttributeError, InvalidOperation, RecursionError):
        return None


def _open(place: str) -> int:
    return os.open(place, os.O_WRONLY | os.O_APPEND | os.O_CREAT, _MODE)


def _is_cut(place: str) -> bool:
    with open(place, "rb") as file:  # noqa: PTH123 (text or path, as it came)
        size = file.seek(0, os.SEEK_END)
        if not size:
            return False
        file.seek(size - 1)
        return file.read(1) != b"\n"


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.isoformat() if isinstance(value, datetime) else value
