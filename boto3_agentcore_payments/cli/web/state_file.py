"""``serve --state FILE``: every change is in a SQLite file before its answer is sent.

A row of the file is a row of :mod:`~boto3_agentcore_payments.emulator.engine.saved`, for an account
and a region. The engine notes what an operation changed while it holds the state's lock; before any
answer leaves the server, everything noted by then is written in one transaction. So no answer
reports a change that is not in the file. The file is in WAL mode with ``synchronous=NORMAL``: what
was written survives the end of the process at any point; a crash of the whole machine may lose the
last writes but leaves the file sound.

A file that cannot be used (damaged, of a newer version, in use, read-only) is refused in one line,
and left as it is. If a write fails later, such as on a full disk, the request is answered with an
error and the rows are written with the next one.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import stat
import sys
from threading import Lock
from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.cli.web import access_log
from boto3_agentcore_payments.cli.web.application import refuse
from boto3_agentcore_payments.emulator.backend import kept, models
from boto3_agentcore_payments.emulator.engine import attempts, saved
from boto3_agentcore_payments.emulator.engine.errors import SavedStateError
from boto3_agentcore_payments.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from boto3_agentcore_payments.cli.web.application import Application, StartResponse
    from boto3_agentcore_payments.emulator.backend.models import PaymentsBackend
    from boto3_agentcore_payments.emulator.engine.saved import Key

    Place = tuple[str, str]
    Change = tuple[str, str, str, "str | None"]

VERSION = 1
"""Version of the file format; a file with a higher one is from a newer release."""
APPLICATION_ID = 0x41435031
"""Marks a SQLite file as one of these (``ACP1``)."""

_MOTO_S_OWN = "/moto-api/"
_TABLE = (
    "CREATE TABLE saved (account TEXT, region TEXT, key TEXT, value TEXT,"
    " PRIMARY KEY (account, region, key)) WITHOUT ROWID"
)
_PUT = "INSERT OR REPLACE INTO saved VALUES (?, ?, ?, ?)"
_REMOVE = "DELETE FROM saved WHERE account = ? AND region = ? AND key = ?"


class _Notes:
    """What changed in one state since it was last written; a ``Journal`` of the engine."""

    def __init__(self, backend: PaymentsBackend) -> None:
        self.backend = backend
        self.state = backend.state
        self.changed: dict[Key, None] = {}
        self.all = True
        self.attempts = 0
        self.faults = 0
        self.written: dict[Key, int] = {}

    def performed(
        self, operation: str, params: Mapping[str, Any], answer: Mapping[str, Any]
    ) -> None:
        """Note an operation's rows."""
        touched = saved.touched(self.state, operation, params, answer)
        if touched is None:
            self.all = True
            touched = [("answer", operation, params["clientToken"])] if _has_token(params) else []
        self.changed.update(dict.fromkeys(touched))

    def settled(self, process_payment_id: str, chain: str, addresses: tuple[str, str]) -> None:
        """Note the rows of a payment whose money moved."""
        self.changed.update(dict.fromkeys(("balance", each, chain) for each in addresses))
        self.changed["payment", process_payment_id] = None

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to write."""
        return not (
            self.changed
            or self.all
            or self.attempts != self.state.attempts.heard
            or self.faults != self.state.faults.taken
        )

    def take(self) -> list[tuple[Key, str | None]]:
        """Return the rows to write and forget that they are; a row without text is to go."""
        state = self.state
        with state.lock:
            wanted = self.changed
            if self.all:
                first = not self.written
                now = dict.fromkeys(saved.keys(state, appended=first))
                stays = {*saved.APPENDED, *(key[0] for key in kept.OWN)}
                gone = (key for key in self.written if key[0] not in stays and key not in now)
                wanted = {**wanted, **now, **dict.fromkeys(gone)}
            if self.faults != state.faults.taken:
                self.faults = state.faults.taken
                wanted["faults",] = None
            numbers = state.attempts.numbers()
            heard = range(max(self.attempts, numbers.start), numbers.stop)
            old = range(self.attempts and max(0, self.attempts - attempts.LONGEST), numbers.start)
            wanted.update(dict.fromkeys(map(saved.attempt_key, heard)))
            wanted.update((saved.attempt_key(number), None) for number in old)
            found = [(key, saved.row(state, key)) for key in wanted]
            if self.all:
                found += kept.own_rows(self.backend).items()
            self.changed, self.all, self.attempts = {}, False, numbers.stop
        return [pair for pair in found if self._is_news(*pair)]

    def _is_news(self, key: Key, text: str | None) -> bool:
        if text is None:
            return self.written.pop(key, None) is not None
        digest = hash(text)
        if self.written.get(key) == digest:
            return False
        self.written[key] = digest
        return True


class StateFile:
    """The file, and the states that are kept in it.

    Args:
        path: The file; it is made if it is not there, for its owner only.

    Raises:
        CommandError: if it cannot be used.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()
        self._notes: dict[Place, _Notes] = {}
        self._unwritten: list[Change] = []
        self._fails = False
        made = _made(path)
        try:
            self._fill([] if made else _read(path))
        except (SavedStateError, ValueError, TypeError) as error:
            raise _damaged(path) from error
        self._database = _opened(path, new=made)
        models.made.append(self._watch)
        self.write(everything=True)

    def close(self) -> None:
        """Close the file."""
        with contextlib.suppress(ValueError):
            models.made.remove(self._watch)
        with self._lock:
            self._database.close()

    def write(self, *, everything: bool = False) -> None:
        """Write what changed.

        Args:
            everything: Whether it may have changed without a note: by the control surface, or
                because moto was reset.

        Raises:
            sqlite3.Error: if it cannot be written; it is tried again with the next call.
        """
        with self._lock:
            if everything:
                self._look_around()
            changes = self._unwritten
            for (account, region), notes in list(self._notes.items()):
                if not notes.is_empty:
                    changes += [(account, region, json.dumps(k), text) for k, text in notes.take()]
            if changes:
                self._write(changes)

    def _write(self, changes: list[Change]) -> None:
        last = {change[:3]: change[3] for change in changes}
        put = [(*row, text) for row, text in last.items() if text is not None]
        try:
            with self._database:
                self._database.execute("BEGIN IMMEDIATE")
                self._database.executemany(_PUT, put)
                self._database.executemany(_REMOVE, [row for row in last if last[row] is None])
        except sqlite3.Error as error:
            if not self._fails:
                access_log.to_standard_error(f"{self._path} cannot be written: {error}\n")
            self._fails = True
            raise
        self._fails = False
        self._unwritten = []

    def _look_around(self) -> None:
        """Note everything of every state, and that all is gone where there is no state now."""
        there = {
            (account, region) for account, region, _ in models.payments_backends.iter_backends()
        }
        for place, notes in list(self._notes.items()):
            if place in there:
                notes.all = True
            else:
                del self._notes[place]
                self._forget(place, notes)

    def _forget(self, place: Place, notes: _Notes) -> None:
        self._unwritten += [(*place, json.dumps(key), None) for key in notes.written]

    def _watch(self, backend: PaymentsBackend) -> None:
        place = (backend.account_id, backend.region_name)
        notes = _Notes(backend)
        before = self._notes.get(place)
        if before is not None:  # moto was reset
            self._forget(place, before)
        self._notes[place] = notes
        backend.state.journal = notes

    def _fill(self, read: list[tuple[str, str, str, str]]) -> None:
        found: dict[Place, list[tuple[Key, str]]] = {}
        for account, region, key, text in read:
            found.setdefault((account, region), []).append((tuple(json.loads(key)), text))
        for (account, region), rows in found.items():
            try:
                backend = models.payments_backends[account][region]
            except KeyError:
                raise SavedStateError(region) from None
            kept.put_back(backend, rows)
            self._watch(backend)
            notes = self._notes[account, region]
            notes.written = {key: hash(text) for key, text in rows}
            notes.attempts = backend.state.attempts.heard


def keeping(file: StateFile, application: Application) -> Application:
    """Return an application that sends an answer only after its changes are in the file.

    Args:
        file: The file.
        application: What answers.
    """

    def keep(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        own = environ["PATH_INFO"].startswith(_MOTO_S_OWN) and environ["REQUEST_METHOD"] != "GET"
        everything = own and not environ["PATH_INFO"].endswith("/settle")
        try:
            answer = application(environ, start_response)
        except BaseException:
            # The connection is lost; the change may have been made.
            file.write(everything=everything)
            raise
        try:
            file.write(everything=everything)
        except sqlite3.Error:
            message = "The state file cannot be written; the server's log says why"
            again = lambda *started: start_response(*started, sys.exc_info())  # noqa: E731
            return refuse(environ, again, 500, "InternalServerException", message)
        return answer

    return keep


def _has_token(params: Mapping[str, Any]) -> bool:
    return params.get("clientToken") is not None


def _opened(path: Path, *, new: bool) -> sqlite3.Connection:
    """Open the file and keep every other process out."""
    try:
        database = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
    except (OSError, sqlite3.Error) as error:
        raise _unusable(path, error) from error
    try:
        database.execute("PRAGMA locking_mode = EXCLUSIVE")
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")
        database.execute("BEGIN EXCLUSIVE")
        if new:
            database.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            database.execute(f"PRAGMA user_version = {VERSION}")
            database.execute(_TABLE)
        database.execute("COMMIT")
    except sqlite3.Error as error:
        database.close()
        raise _unusable(path, error) from error
    return database


def _made(path: Path) -> bool:
    """Make the file if it is not there; an empty one counts as not there."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        return path.is_file() and not path.stat().st_size
    except OSError as error:
        raise _unusable(path, error) from error
    return True


def _read(path: Path) -> list[tuple[str, str, str, str]]:
    """Return the rows of a file, without touching it; refuse one that is not ours."""
    _check_permissions(path)
    if _is_cut(path):
        raise _damaged(path)
    try:
        place = f"{path.resolve().as_uri()}?mode=ro"
        with contextlib.closing(sqlite3.connect(place, uri=True, timeout=0)) as database:
            _check(path, database)
            return list(database.execute("SELECT * FROM saved"))
    except sqlite3.Error as error:
        raise _unusable(path, error) from error


def _is_cut(path: Path) -> bool:
    """Return whether the file is shorter than it says; SQLite may take what is missing as empty."""
    log = path.with_name(f"{path.name}-wal")
    if log.is_file() and log.stat().st_size:  # it has what the file lacks
        return False
    with path.open("rb") as file:
        head = file.read(32)
    page = int.from_bytes(head[16:18], "big")
    return int.from_bytes(head[28:32], "big") * (65536 if page == 1 else page) > path.stat().st_size


def _check_permissions(path: Path) -> None:
    if not path.is_file():
        raise CommandError(f"{path} is not a file")
    mode = path.stat().st_mode
    if not mode & stat.S_IWUSR or not os.access(path, os.W_OK):
        raise CommandError(f"{path} is read-only")
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise CommandError(
            f"{path} holds secrets and others may read or write it: chmod 600 {path}"
        )


def _check(path: Path, database: sqlite3.Connection) -> None:
    (application,) = database.execute("PRAGMA application_id").fetchone()
    (version,) = database.execute("PRAGMA user_version").fetchone()
    if application != APPLICATION_ID:
        raise CommandError(f"{path} is not a state file of agentcore-payments")
    if version > VERSION:
        raise CommandError(
            f"{path} is of version {version}, from a newer agentcore-payments; this one reads "
            f"up to {VERSION}"
        )
    (sound,) = database.execute("PRAGMA quick_check(1)").fetchone()
    if sound != "ok":
        raise _damaged(path)


def _unusable(path: Path, error: Exception) -> CommandError:
    text = str(error)
    if "locked" in text or "busy" in text:
        return CommandError(f"{path} is in use by another process")
    if isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError):
        return _damaged(path)
    reason = getattr(error, "strerror", None) or text
    return CommandError(f"{path} cannot be used: {reason}")


def _damaged(path: Path) -> CommandError:
    return CommandError(
        f"{path} is damaged, or not a state file of agentcore-payments; it was left as it is"
    )
