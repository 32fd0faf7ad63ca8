"""The SQLite file of ``serve --state``: made whole, looked at before it is touched, held alone.

A file is made under another name and gets its own once it is complete, so that a process which is
killed leaves either no file or a sound one. A file that is there is looked at before SQLite may
write to it, because opening it would already repair it, or leave files beside it: as it is, or, if
a killed process left a write-ahead log, in a copy. The copy lies beside the file for that moment,
for its owner only. From the first look until the end the file is locked against other processes by
the bytes that SQLite locks itself.

The file is in WAL mode with ``synchronous=NORMAL``. What is written survives the end of the process
at any point, because it is the kernel's by then. Only a crash of the whole machine may lose the
last writes, and leaves the file sound; ``FULL`` would wait for the disk with each answer to keep
them too.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import stat
import tempfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.errors import CommandError

try:
    import fcntl
except ImportError:  # on Windows; SQLite's own lock comes a moment later
    fcntl = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    Place = tuple[str, str]
    Row = tuple[str, str, str, str]
    Change = tuple[str, str, str, "str | None"]

VERSION = 1
"""Version of the file format; a file with a higher one is from a newer release."""
APPLICATION_ID = 0x41435031
"""Marks a SQLite file as one of these (``ACP1``)."""

_TABLE = (
    "CREATE TABLE saved (account TEXT, region TEXT, key TEXT, value TEXT, digest INTEGER,"
    " PRIMARY KEY (account, region, key)) WITHOUT ROWID"
)
_PUT_ALL = "INSERT OR REPLACE INTO saved VALUES"
_VALUES = "(?, ?, ?, ?, ?)"
_PUT = f"{_PUT_ALL} {_VALUES}"
_AT_ONCE = 100
"""Rows that one statement may write; SQLite may be built to take 999 values."""
_REMOVE = "DELETE FROM saved WHERE account = ? AND region = ? AND key = ?"
_REMOVE_ALL = "DELETE FROM saved WHERE account = ? AND region = ?"
_LOGS = ("-wal", "-journal")
"""What a killed process may have left beside the file."""
_LOCKED_FROM, _LOCKED_BYTES = 0x40000000, 512
"""The bytes that SQLite locks: of its pending, its reserved and its shared lock."""
_HEAD_BYTES = 32
_ROOM_BYTES = 64 * 1024
"""Room that must be left on the disk at the start."""


class StateDatabase:
    """A state file, used by no other process until it is closed.

    Args:
        path: The file, or a link to it.
    """

    def __init__(self, path: Path) -> None:
        self._named = path
        self._path = Path(os.path.realpath(path))
        self._file = -1
        self._database: sqlite3.Connection | None = None

    def read(self) -> list[Row]:
        """Make the file if it is not there, lock it, and return its rows; it is not changed.

        Raises:
            CommandError: if it cannot be used; it is as it was.
        """
        with self._refusing():
            self._check_directory()
            if not self._path.exists():
                self._make()
            self._check_kind()
            self._lock()
            rows = self._found()
            self._check_room()
            return rows

    def open(self) -> None:
        """Let SQLite open the file, to be written.

        Raises:
            CommandError: if it cannot be written.
        """
        with self._refusing():
            self._database = sqlite3.connect(
                self._path, timeout=0, isolation_level=None, check_same_thread=False
            )
            for statement in (
                "PRAGMA locking_mode = EXCLUSIVE",
                "PRAGMA journal_mode = WAL",
                "PRAGMA synchronous = NORMAL",
                "BEGIN EXCLUSIVE",
                "COMMIT",
            ):
                self._database.execute(statement)

    def write(self, gone: Iterable[Place], changes: Iterable[Change]) -> None:
        """Write in one transaction.

        Args:
            gone: Accounts and regions of which every row is to go first.
            changes: Account, region, key and text of rows; those without text are to go.

        Raises:
            sqlite3.Error: if it cannot be written; nothing is.
        """
        put, removed = [], []
        for account, region, key, text in changes:
            if text is None:
                removed.append((account, region, key))
            else:
                put.append((account, region, key, text, _digest(account, region, key, text)))
        database = self._database
        if database is None:
            raise sqlite3.ProgrammingError("the state file is closed")
        gone = list(gone)
        if not gone and not removed and len(put) <= _AT_ONCE:
            # One statement is one transaction, and gives up the interpreter's lock once.
            values = ", ".join([_VALUES] * len(put))
            database.execute(f"{_PUT_ALL} {values}", [each for row in put for each in row])
            return
        with database:
            database.execute("BEGIN IMMEDIATE")
            database.executemany(_REMOVE_ALL, gone)
            database.executemany(_PUT, put)
            database.executemany(_REMOVE, removed)

    def close(self) -> None:
        """Close the file and let other processes have it."""
        if self._database is not None:
            self._database.close()
            self._database = None
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    @contextlib.contextmanager
    def _refusing(self) -> Iterator[None]:
        """Close the file if it cannot be used, and say why in one line."""
        try:
            yield
        except CommandError:
            self.close()
            raise
        except sqlite3.Error as error:
            self.close()
            if "locked" in str(error) or "busy" in str(error):
                raise self._in_use() from error
            # Its subclasses are about what happened, it is about what is in the file.
            if type(error) is sqlite3.DatabaseError:
                raise self._damaged() from error
            raise self._refusal(f"cannot be used: {error}") from error
        except OSError as error:
            self.close()
            raise self._refusal(f"cannot be used: {error.strerror}") from error

    def _refusal(self, reason: str) -> CommandError:
        return CommandError(f"{self._named} {reason}")

    def _in_use(self) -> CommandError:
        return self._refusal("is in use by another process")

    def _damaged(self) -> CommandError:
        return self._refusal(
            "is damaged, or not a state file of agentcore-payments; it was left as it is"
        )

    def _check_directory(self) -> None:
        directory = self._path.parent
        mode = directory.stat().st_mode
        # The bits count for root too, who may write to what is meant to be read only.
        if not mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH) or not os.access(
            directory, os.W_OK
        ):
            raise self._refusal("is in a read-only directory; its log has to lie beside it")

    def _make(self) -> None:
        handle, name = tempfile.mkstemp(prefix=f".{self._path.name}.", dir=self._path.parent)
        os.close(handle)
        try:
            os.chmod(name, stat.S_IRUSR | stat.S_IWUSR)  # noqa: PTH101 - mkstemp's 0600, whatever the umask
            with contextlib.closing(sqlite3.connect(name, isolation_level=None)) as database:
                database.execute("PRAGMA journal_mode = WAL")
                database.execute("BEGIN")
                database.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                database.execute(f"PRAGMA user_version = {VERSION}")
                database.execute(_TABLE)
                database.execute("COMMIT")
            try:
                os.link(name, self._path)
            except FileExistsError:  # another process was faster
                pass
            except OSError:  # a file system without links
                os.rename(name, self._path)  # noqa: PTH104 - as link, which pathlib lacks
        finally:
            for suffix in ("", *_LOGS, "-shm"):
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(f"{name}{suffix}")  # noqa: PTH108 - as above

    def _check_kind(self) -> None:
        found = self._path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise self._refusal("is not a file")
        if not found.st_mode & stat.S_IWUSR or not os.access(self._path, os.W_OK):
            raise self._refusal("is read-only")
        if found.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise self._refusal(
                f"holds secrets and others may read or write it: chmod 600 {self._named}"
            )
        if not found.st_size:
            raise self._refusal(
                "is empty, so it may have been cut short; remove it to begin with a new one"
            )

    def _lock(self) -> None:
        if self._file < 0:
            self._file = os.open(self._path, os.O_RDWR)
        if fcntl is not None:
            try:
                exclusive = fcntl.LOCK_EX | fcntl.LOCK_NB
                fcntl.lockf(self._file, exclusive, _LOCKED_BYTES, _LOCKED_FROM)
            except (BlockingIOError, PermissionError):
                raise self._in_use() from None

    def _check_room(self) -> None:
        with tempfile.TemporaryFile(dir=self._path.parent) as room:
            room.write(bytes(_ROOM_BYTES))

    def _found(self) -> list[Row]:
        """Return the file's rows, without changing anything that stays."""
        logs = [suffix for suffix in _LOGS if _has_content(Path(f"{self._path}{suffix}"))]
        if not logs:
            if self._is_cut():
                raise self._damaged()
            rows = self._checked(f"{self._path.as_uri()}?mode=ro&immutable=1")
            self._lock()  # closing the file unlocked it for the whole process
            return rows
        with tempfile.TemporaryDirectory(
            prefix=f".{self._path.name}.", dir=self._path.parent
        ) as place:
            copy = Path(place, "state")
            os.lseek(self._file, 0, os.SEEK_SET)
            with open(self._file, "rb", closefd=False) as original, copy.open("wb") as copied:
                shutil.copyfileobj(original, copied)
            for suffix in logs:
                shutil.copyfile(f"{self._path}{suffix}", f"{copy}{suffix}")
            return self._checked(copy.as_uri())

    def _is_cut(self) -> bool:
        """Return whether the file is shorter than it says; to SQLite what is missing is empty."""
        os.lseek(self._file, 0, os.SEEK_SET)
        head = os.read(self._file, _HEAD_BYTES)
        if len(head) < _HEAD_BYTES:
            return True
        page = int.from_bytes(head[16:18], "big")
        said = int.from_bytes(head[28:32], "big") * (65536 if page == 1 else page)
        return said > os.fstat(self._file).st_size

    def _checked(self, uri: str) -> list[Row]:
        with contextlib.closing(sqlite3.connect(uri, uri=True, timeout=0)) as database:

            def number(pragma: str) -> Any:
                return database.execute(f"PRAGMA {pragma}").fetchone()[0]

            if number("application_id") != APPLICATION_ID:
                raise self._refusal("is not a state file of agentcore-payments")
            version = number("user_version")
            if version > VERSION:
                raise self._refusal(
                    f"is of version {version}, from a newer agentcore-payments; this one reads "
                    f"up to {VERSION}"
                )
            if version < VERSION or number("quick_check(1)") != "ok":
                raise self._damaged()
            try:
                found = database.execute(
                    "SELECT account, region, key, value, digest FROM saved"
                ).fetchall()
            except sqlite3.OperationalError:  # no such table, or text that is no text
                raise self._damaged() from None
        rows: list[Row] = []
        for *row, digest in found:
            if not all(isinstance(each, str) for each in row) or digest != _digest(*row):
                raise self._damaged()
            rows.append((row[0], row[1], row[2], row[3]))
        return rows


def _has_content(path: Path) -> bool:
    return path.is_file() and path.stat().st_size > 0


def _digest(*row: str) -> int:
    """Return a row's check sum: SQLite has none, so that damage could change an amount unseen."""
    return zlib.crc32("\0".join(row).encode("utf-8", "surrogatepass"))
