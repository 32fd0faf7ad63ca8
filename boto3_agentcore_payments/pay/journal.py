"""The journal: what a new process needs to continue a purchase that an earlier one began.

It is an SQLite file of mode 0600. A purchase is written and synced before ``ProcessPayment`` is
called, and removed when it closes. The client token, the request's body and the purchase's DPoP key
are written. The proof is not: the service returns it again for the same client token.
"""

from __future__ import annotations

import base64
import dataclasses
import json
import os
import sqlite3
from contextlib import closing, contextmanager
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.pay.demands import Offer
from boto3_agentcore_payments.pay.errors import JournalError
from boto3_agentcore_payments.pay.purchases import Asked, Purchase

if TYPE_CHECKING:
    from collections.abc import Iterator

_MODE = 0o600
_TABLE = "CREATE TABLE IF NOT EXISTS purchases (key TEXT PRIMARY KEY, record TEXT NOT NULL)"
_SECONDS_TO_WAIT = 30


class Journal:
    """A journal file; several payers and processes may share it.

    Args:
        path: The file; created if it is missing, and made private if it is not.

    Raises:
        JournalError: if the file cannot be used.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = Path(path)
        try:
            os.close(os.open(self._path, os.O_CREAT | os.O_RDWR, _MODE))
            self._path.chmod(_MODE)
        except OSError as error:
            message = f"the journal {self._path} cannot be used: {error.strerror}"
            raise JournalError(message) from error
        with closing(self._connect()) as database, _as_journal_error(self._path), database:
            database.execute(_TABLE)

    def _connect(self) -> sqlite3.Connection:
        with _as_journal_error(self._path):
            return sqlite3.connect(self._path, timeout=_SECONDS_TO_WAIT)

    def write(self, purchase: Purchase) -> Purchase:
        """Write a purchase, unless another process has opened it; return the one in the journal.

        Raises:
            JournalError: if it cannot be written.
        """
        record = json.dumps(_to_json(purchase))
        with closing(self._connect()) as database, _as_journal_error(self._path):
            with database:
                database.execute(
                    "INSERT OR IGNORE INTO purchases VALUES (?, ?)", (purchase.key, record)
                )
            kept = self._read(database, purchase.key)
        return purchase if kept is None or kept.token == purchase.token else kept

    def read(self, key: str) -> Purchase | None:
        """Return the purchase of a key that an earlier process left open, or ``None``.

        Raises:
            JournalError: if the journal cannot be read.
        """
        with closing(self._connect()) as database, _as_journal_error(self._path):
            return self._read(database, key)

    def remove(self, purchase: Purchase) -> None:
        """Forget a purchase.

        Raises:
            JournalError: if the journal cannot be written.
        """
        with closing(self._connect()) as database, _as_journal_error(self._path), database:
            database.execute("DELETE FROM purchases WHERE key = ?", (purchase.key,))

    def _read(self, database: sqlite3.Connection, key: str) -> Purchase | None:
        row = database.execute("SELECT record FROM purchases WHERE key = ?", (key,)).fetchone()
        if row is None:
            return None
        try:
            return _from_json(key, json.loads(row[0]))
        except (ValueError, KeyError, TypeError, ArithmeticError) as error:
            message = f"the journal {self._path} has a record that cannot be read"
            raise JournalError(message) from error


@contextmanager
def _as_journal_error(path: Path) -> Iterator[None]:
    """Turn an error of SQLite into one of the journal."""
    try:
        yield
    except sqlite3.Error as error:
        message = f"the journal {path} cannot be used: {error}"
        raise JournalError(message) from error


def _to_json(purchase: Purchase) -> dict[str, Any]:
    asked, offer = purchase.asked, purchase.offer
    return {
        "token": purchase.token,
        "session": purchase.payment_session_id,
        "instrument": purchase.payment_instrument_id,
        "secret": purchase.secret,
        "input": purchase.payment_input,
        "asked": {
            "method": asked.method,
            "url": asked.url,
            "body": base64.b64encode(asked.body or b"").decode(),
            "headers": dict(asked.headers),
            "purchase_id": asked.purchase_id,
        },
        "offer": offer and {**dataclasses.asdict(offer), "amount": str(offer.amount)},
    }


def _from_json(key: str, record: dict[str, Any]) -> Purchase:
    asked = record["asked"]
    offer = dict(record["offer"])
    offer["amount"] = Decimal(offer["amount"])
    offer["recipients"] = tuple(offer["recipients"])
    return Purchase(
        key=key,
        asked=Asked(
            method=asked["method"],
            url=asked["url"],
            body=base64.b64decode(asked["body"]),
            headers=asked["headers"],
            purchase_id=asked["purchase_id"],
        ),
        token=record["token"],
        offer=Offer(**offer),
        payment_session_id=record["session"],
        payment_instrument_id=record["instrument"],
        secret=record["secret"],
        payment_input=record["input"],
        recovered=True,
    )
