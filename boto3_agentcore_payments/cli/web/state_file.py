"""``serve --state FILE``: every change is in a SQLite file before its answer is sent.

A row of the file is a row of :mod:`~boto3_agentcore_payments.emulator.engine.saved`, for an account
and a region. The engine notes what an operation changed while it holds the state's lock; before any
answer leaves the server, everything noted by then is written in one transaction, also what other
requests noted. So no answer reports a change that is not in the file.

A verb that replaces a whole state (a reset, a restore, a seed) keeps other requests from writing
until it is done, so that the file never has a part of it.

If a write fails, such as on a full disk, the request is answered with an error and its rows are
written with the next one.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import sys
from threading import Lock, RLock
from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.cli.web import access_log
from boto3_agentcore_payments.cli.web.application import refuse
from boto3_agentcore_payments.cli.web.state_database import StateDatabase
from boto3_agentcore_payments.emulator.backend import kept, models
from boto3_agentcore_payments.emulator.engine import attempts, faults, saved
from boto3_agentcore_payments.emulator.engine.errors import SavedStateError
from boto3_agentcore_payments.emulator.engine.ledger import balance_key
from boto3_agentcore_payments.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from boto3_agentcore_payments.cli.web.application import Application, StartResponse
    from boto3_agentcore_payments.cli.web.state_database import Change, Place, Row
    from boto3_agentcore_payments.emulator.backend.models import PaymentsBackend
    from boto3_agentcore_payments.emulator.engine.saved import Key

_VERBS = ("/moto-api/agentcore-payments/", "/agentcore-payments/")
"""What may change a state other than by an operation, and asks nothing of this server meanwhile."""
_RESET = "/moto-api/reset"
_MOTO_S_OWN = "/moto-api/"
_SETTLING = "/moto-api/agentcore-payments/settle"
"""The verb that notes what it changes, as an operation does."""
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_written = json.JSONEncoder().encode
_BEGUN = ("", "", '["begun"]', "true")
"""A row that says that something was written, even if it was an empty state."""


class _Notes:
    """What changed in one state since it was last written; a ``Journal`` of the engine.

    Attributes:
        pending: Texts of the rows that are to be written; ``None`` for those that are to go.
    """

    def __init__(self, backend: PaymentsBackend) -> None:
        self.backend = backend
        self.state = backend.state
        self.pending: dict[Key, str | None] = {}
        self.all = True
        self._changed: dict[Key, None] = {}
        self._attempts = 0
        self._faults = -1
        self._known: dict[Key, int] = {}

    def knows(self, rows: Iterable[tuple[Key, str]]) -> None:
        """Take rows as written already."""
        self._known = {key: hash(text) for key, text in rows}
        self._attempts = self.state.attempts.heard

    def performed(
        self, operation: str, params: Mapping[str, Any], answer: Mapping[str, Any]
    ) -> None:
        """Note an operation's rows."""
        touched = saved.touched(self.state, operation, params, answer)
        if touched is None:
            self.all = True
            touched = [("answer", operation, params["clientToken"])] if _has_token(params) else []
        self._changed.update(dict.fromkeys(touched))

    def settled(self, process_payment_id: str, chain: str, addresses: tuple[str, str]) -> None:
        """Note the rows of a payment whose money moved."""
        for address, where in (balance_key(each, chain) for each in addresses):
            self._changed["balance", address, where] = None
        self._changed["payment", process_payment_id] = None

    def collect(self) -> bool:
        """Add to :attr:`pending` what changed since the last call; return whether any is."""
        if (
            self._changed
            or self.all
            or self._attempts != self.state.attempts.heard
            or self._faults != faults.changes()
        ):
            self._take()
        return bool(self.pending)

    def _take(self) -> None:
        state = self.state
        with state.lock:
            wanted = self._changed
            if self.all:
                first = not self._known
                now = dict.fromkeys(saved.keys(state, appended=first))
                stays = {*saved.APPENDED, *(key[0] for key in kept.OWN)}
                gone = (key for key in self._known if key[0] not in stays and key not in now)
                wanted = {**wanted, **now, **dict.fromkeys(gone)}
            if self._faults != faults.changes():
                self._faults = faults.changes()
                wanted["faults",] = None
            numbers = state.attempts.numbers()
            heard = range(max(self._attempts, numbers.start), numbers.stop)
            old = range(self._attempts and max(0, self._attempts - attempts.LONGEST), numbers.start)
            wanted.update(dict.fromkeys(map(saved.attempt_key, heard)))
            wanted.update((saved.attempt_key(number), None) for number in old)
            found = [(key, saved.row(state, key)) for key in wanted]
            if self.all:
                found += kept.own_rows(self.backend).items()
            self._changed, self.all, self._attempts = {}, False, numbers.stop
        self.pending.update(pair for pair in found if self._is_news(*pair))

    def _is_news(self, key: Key, text: str | None) -> bool:
        if text is None:
            return self._known.pop(key, None) is not None
        digest = hash(text)
        if self._known.get(key) == digest:
            return False
        self._known[key] = digest
        return True


class StateFile:
    """The file, and the states that are kept in it.

    Args:
        path: The file; it is made if it is not there, for its owner only.

    Attributes:
        is_new: Whether nothing was ever written to it; an empty state may have been.

    Raises:
        CommandError: if it cannot be used; it is then as it was.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = RLock()
        # moto's reset may replace states at any moment, even while one is being written.
        self._noting = Lock()
        self._notes: dict[Place, _Notes] = {}
        self._gone: set[Place] = set()
        self._fails = False
        self._database = StateDatabase(path)
        rows = self._database.read()
        self.is_new = not rows
        try:
            self._fill(rows)
        except (SavedStateError, ValueError, TypeError) as error:
            self._database.close()
            raise CommandError(
                f"{path} is damaged, or not a state file of agentcore-payments; it was left as it "
                "is"
            ) from error
        self._database.open()
        models.made.append(self._watch)
        for account, region, _ in models.payments_backends.iter_backends():
            if (account, region) not in self._notes:
                self._watch(models.payments_backends[account][region])

    def begin(self) -> None:
        """Write everything as it is now.

        Raises:
            CommandError: if it cannot be written.
        """
        try:
            self.write(everything=True)
        except sqlite3.Error as error:
            self.close()
            raise CommandError(f"{self._path} cannot be written: {error}") from error

    def close(self) -> None:
        """Close the file."""
        with contextlib.suppress(ValueError):
            models.made.remove(self._watch)
        with self._lock:
            self._database.close()

    def held(self) -> contextlib.AbstractContextManager[Any]:
        """Return a context manager in which nobody else writes."""
        return self._lock

    def write(self, *, everything: bool = False) -> None:
        """Write what changed.

        Args:
            everything: Whether it may have changed without a note: by the control surface, or
                because moto was reset.

        Raises:
            sqlite3.Error: if it cannot be written; it is tried again with the next call.
        """
        with self._lock:
            gone, watched = self._watched(everything=everything)
            changed = [(place, notes) for place, notes in watched if notes.collect()]
            if not gone and not changed and not self.is_new:
                return
            rows: list[Change] = [
                (*place, _written(key), text)
                for place, notes in changed
                for key, text in notes.pending.items()
            ]
            try:
                self._database.write(gone, [_BEGUN, *rows] if self.is_new else rows)
            except sqlite3.Error as error:
                with self._noting:
                    self._gone |= gone
                if not self._fails:
                    access_log.to_standard_error(f"{self._path} cannot be written: {error}\n")
                self._fails = True
                raise
            self._fails = self.is_new = False
            for _, notes in changed:
                notes.pending.clear()

    def _watched(self, *, everything: bool) -> tuple[set[Place], list[tuple[Place, _Notes]]]:
        """Return the places whose rows are to go, and what was noted of all that there are."""
        there = (
            {(account, region) for account, region, _ in models.payments_backends.iter_backends()}
            if everything
            else set()
        )
        with self._noting:
            if everything:
                for place, notes in list(self._notes.items()):
                    if place in there:
                        notes.all = True
                    else:
                        del self._notes[place]
                        self._gone.add(place)
            gone, self._gone = self._gone, set()
            return gone, list(self._notes.items())

    def _watch(self, backend: PaymentsBackend) -> None:
        place = (backend.account_id, backend.region_name)
        notes = _Notes(backend)
        with self._noting:
            if place in self._notes:  # moto was reset
                self._gone.add(place)
            self._notes[place] = notes
        backend.state.journal = notes

    def _fill(self, read: list[Row]) -> None:
        found: dict[Place, list[tuple[Key, str]]] = {}
        for account, region, key, text in read:
            if (account, region, key, text) == _BEGUN:
                continue
            found.setdefault((account, region), []).append((tuple(json.loads(key)), text))
        shared: dict[str, faults.Fault] = {}
        for (account, region), rows in found.items():
            try:
                backend = models.payments_backends[account][region]
            except KeyError:
                raise SavedStateError(region) from None
            kept.put_back(backend, rows, shared=shared)
            self._watch(backend)
            self._notes[account, region].knows(rows)


def keeping(file: StateFile, application: Application) -> Application:
    """Return an application that sends an answer only after its changes are in the file.

    Args:
        file: The file.
        application: What answers.
    """

    def keep(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if environ["REQUEST_METHOD"] in _READING or path == _SETTLING:
            return answer(environ, start_response, everything=False)
        if path == _RESET or path.startswith(_VERBS):
            with file.held():
                return answer(environ, start_response, everything=True)
        return answer(environ, start_response, everything=path.startswith(_MOTO_S_OWN))

    def answer(
        environ: dict[str, Any], start_response: StartResponse, *, everything: bool
    ) -> Iterable[bytes]:
        try:
            body = application(environ, start_response)
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
        return body

    return keep


def _has_token(params: Mapping[str, Any]) -> bool:
    return params.get("clientToken") is not None
