"""A state file that cannot be used is refused in one line, and left as it is."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from boto3_agentcore_payments.cli.web.state_database import StateDatabase
from boto3_agentcore_payments.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PLACE = ("123456789012", "us-west-2")
ROWS = [(*PLACE, f'["balance", "0x{number}", "BASE"]', str(number)) for number in range(300)]
DAMAGED = "is damaged, or not a state file of agentcore-payments; it was left as it is"
EMPTY = "is empty, so it may have been cut short; remove it to begin with a new one"

Contents = dict[str, tuple[int, bytes]]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that was closed."""
    file = tmp_path_factory.mktemp("sound") / "state.db"
    with opened(file) as database:
        database.write([], ROWS)
    return file


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file whose process was killed: most of it is in the log beside it."""
    file = tmp_path_factory.mktemp("killed") / "state.db"
    child = os.fork()
    if not child:
        with opened(file) as database:
            database.write([], ROWS)
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    assert file.with_name("state.db-wal").stat().st_size > 10_000
    return file


@pytest.fixture(params=["closed", "killed"])
def file(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A file of its own, either way."""
    return copy(
        request.getfixturevalue("sound" if request.param == "closed" else "killed"), tmp_path
    )


@contextmanager
def opened(file: Path) -> Iterator[StateDatabase]:
    database = StateDatabase(file)
    database.read()
    database.open()
    try:
        yield database
    finally:
        database.close()


def copy(original: Path, directory: Path) -> Path:
    for each in original.parent.iterdir():
        shutil.copy(each, directory / each.name)
    return directory / original.name


def contents(directory: Path) -> Contents:
    """Return mode and bytes of every file."""
    return {
        str(each): (each.lstat().st_mode, each.read_bytes() if each.is_file() else b"")
        for each in directory.rglob("*")
    }


def refusal(file: Path) -> str:
    """Return why a file is refused; nothing changes."""
    before = contents(file.parent)
    with pytest.raises(CommandError) as refused:
        StateDatabase(file).read()
    assert contents(file.parent) == before
    text = str(refused.value)
    assert text.startswith(f"{file} ")
    assert "\n" not in text
    return text[len(str(file)) + 1 :]


def rows(file: Path) -> list[Any]:
    database = StateDatabase(file)
    try:
        return sorted(database.read())
    finally:
        database.close()


def test_every_row_is_read_however_the_process_ended(file: Path) -> None:
    before = contents(file.parent)
    assert rows(file) == sorted(ROWS)
    assert contents(file.parent) == before


def test_a_file_goes_on_after_its_process_was_killed(file: Path) -> None:
    with opened(file) as database:
        database.write([], [(*PLACE, "[]", "new"), (*ROWS[0][:3], None)])
    assert rows(file) == sorted([*ROWS[1:], (*PLACE, "[]", "new")])
    assert [each.name for each in file.parent.iterdir()] == ["state.db"]


def test_a_file_cut_short_is_refused_wherever_it_was_cut(sound: Path, tmp_path: Path) -> None:
    whole = sound.read_bytes()
    file = tmp_path / "state.db"
    for length in (1, 15, 16, 17, 28, 99, 100, 511, 512, *range(1024, len(whole), 1000)):
        file.write_bytes(whole[:length])
        file.chmod(0o600)
        assert refusal(file) == DAMAGED
    file.write_bytes(whole[:-1])
    assert refusal(file) == DAMAGED


def test_a_file_whose_log_has_everything_is_read_from_there(killed: Path, tmp_path: Path) -> None:
    file = copy(killed, tmp_path)
    file.write_bytes(file.read_bytes()[:4096])
    assert rows(file) == sorted(ROWS)
    file.write_bytes(b"")
    assert refusal(file) == EMPTY


def test_a_file_that_is_cut_short_is_refused_if_its_log_has_not_the_rest(
    sound: Path, tmp_path: Path
) -> None:
    file = copy(sound, tmp_path)
    child = os.fork()
    if not child:
        with opened(file) as database:
            database.write([], [(*PLACE, "[]", "last")])
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    file.write_bytes(file.read_bytes()[:-5000])
    assert refusal(file) == DAMAGED


def test_a_file_with_any_byte_changed_is_refused_or_says_the_same(
    sound: Path, tmp_path: Path
) -> None:
    whole, file = sound.read_bytes(), tmp_path / "state.db"
    refused = 0
    for position in [*range(100), *range(100, len(whole), 97)]:
        file.write_bytes(whole[:position] + bytes([whole[position] ^ 0x15]) + whole[position + 1 :])
        file.chmod(0o600)
        try:
            assert rows(file) == sorted(ROWS)
        except CommandError:
            refused += 1
            refusal(file)
    assert refused > 100


def test_an_amount_that_was_changed_in_the_file_is_refused(file: Path) -> None:
    with closing(sqlite3.connect(file)) as database:
        database.execute("UPDATE saved SET value = '9' WHERE value = '7'")
        database.commit()
    assert refusal(file) == DAMAGED


def change(*statements: str) -> Callable[[Path], None]:
    def run(file: Path) -> None:
        with closing(sqlite3.connect(file)) as database:
            for statement in statements:
                database.execute(statement)
            database.commit()

    return run


def be_another_program_s(file: Path) -> None:
    file.unlink()
    change("CREATE TABLE notes (text TEXT)", "INSERT INTO notes VALUES ('dear diary')")(file)
    file.chmod(0o600)


def be_a_directory(file: Path) -> None:
    file.unlink()
    file.mkdir()


def lead_in_a_circle(file: Path) -> None:
    file.unlink()
    file.symlink_to(file)


UNUSABLE: dict[str, tuple[Callable[[Path], Any], str]] = {
    "text": (lambda file: file.write_text("dear diary\n" * 100), DAMAGED),
    "nothing": (lambda file: file.write_bytes(b""), EMPTY),
    "no-page": (lambda file: file.write_bytes(bytes(4096)), DAMAGED),
    "newer": (
        change("PRAGMA user_version = 99"),
        "is of version 99, from a newer agentcore-payments; this one reads up to 1",
    ),
    "newer-otherwise": (
        change("PRAGMA user_version = 2", "DROP TABLE saved", "CREATE TABLE other (a)"),
        "is of version 2, from a newer agentcore-payments; this one reads up to 1",
    ),
    "no-version": (change("PRAGMA user_version = 0"), DAMAGED),
    "no-table": (change("DROP TABLE saved"), DAMAGED),
    "another-table": (
        change("DROP TABLE saved", "CREATE TABLE saved (account TEXT)"),
        DAMAGED,
    ),
    "another-mark": (
        change("PRAGMA application_id = 7"),
        "is not a state file of agentcore-payments",
    ),
    "another-program": (be_another_program_s, "is not a state file of agentcore-payments"),
    "read-only": (lambda file: file.chmod(0o400), "is read-only"),
    "readable": (
        lambda file: file.chmod(0o644),
        "holds secrets and others may read or write it: chmod 600 ",
    ),
    "directory": (be_a_directory, "is not a file"),
    "pipe": (lambda file: (file.unlink(), os.mkfifo(file, 0o600)), "is not a file"),
    "circle": (lead_in_a_circle, "cannot be used: Too many levels of symbolic links"),
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_what_cannot_be_used_is_refused_and_left_alone(
    sound: Path, tmp_path: Path, name: str
) -> None:
    spoil, text = UNUSABLE[name]
    file = copy(sound, tmp_path)
    spoil(file)
    said = refusal(file)
    assert said == text or (text.endswith(" ") and said == f"{text}{file}")


@pytest.mark.parametrize("name", ["newer", "another-mark", "no-table"])
def test_what_a_killed_process_left_is_left_alone_too(
    killed: Path, tmp_path: Path, name: str
) -> None:
    file = copy(killed, tmp_path)

    def spoil() -> None:
        UNUSABLE[name][0](file)
        os.kill(os.getpid(), signal.SIGKILL)

    # A child, so that SQLite does not tidy up.
    child = os.fork()
    if not child:
        database = sqlite3.connect(file)
        database.execute("PRAGMA wal_autocheckpoint = 0")
        database.execute("SELECT count(*) FROM saved").fetchone()
        spoil()
    os.waitpid(child, 0)
    file.with_name("state.db-shm").unlink()
    assert file.with_name("state.db-wal").stat().st_size > 0
    assert refusal(file) == UNUSABLE[name][1]


def test_a_file_in_a_read_only_directory_is_refused(file: Path) -> None:
    file.parent.chmod(0o500)
    try:
        file.parent.chmod(0o555)
        text = "is in a read-only directory; its log has to lie beside it"
        assert refusal(file) == text
        assert refusal(file.with_name("other.db")) == text
    finally:
        file.parent.chmod(0o700)


def test_a_directory_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be used: No such file or directory"):
        StateDatabase(tmp_path / "missing" / "state.db").read()


def test_a_link_is_followed_and_stays(sound: Path, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    target = copy(sound, tmp_path / "there")
    link = tmp_path / "link.db"
    link.symlink_to(target)
    with opened(link) as database:
        database.write([PLACE], [])
        assert sorted(each.name for each in tmp_path.iterdir()) == ["link.db", "there"]
    assert link.is_symlink()
    assert rows(target) == []


def test_a_link_to_nothing_has_the_file_made(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    link = tmp_path / "link.db"
    link.symlink_to(tmp_path / "there" / "state.db")
    assert rows(link) == []
    assert (tmp_path / "there" / "state.db").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o777])
def test_the_file_and_its_log_are_their_owner_s_only(tmp_path: Path, mask: int) -> None:
    file = tmp_path / "state.db"
    before = os.umask(mask)
    try:
        with opened(file) as database:
            database.write([], ROWS)
            modes = {each.name: each.stat().st_mode & 0o777 for each in tmp_path.iterdir()}
    finally:
        os.umask(before)
    assert modes == {"state.db": 0o600, "state.db-wal": 0o600}
    assert [each.name for each in tmp_path.iterdir()] == ["state.db"]


def test_another_process_is_kept_out_from_the_first_look(file: Path) -> None:
    database = StateDatabase(file)
    database.read()
    program = """
import sys
from pathlib import Path
from boto3_agentcore_payments.cli.web.state_database import StateDatabase
try:
    StateDatabase(Path(sys.argv[1])).read()
except Exception as error:
    print(error)
"""
    command = [sys.executable, "-c", program, str(file)]
    try:
        for open_it in (lambda: None, database.open):
            open_it()
            before = sorted(each.name for each in file.parent.iterdir())
            ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
            assert ran.stdout == f"{file} is in use by another process\n"
            assert sorted(each.name for each in file.parent.iterdir()) == before
    finally:
        database.close()


def test_a_full_disk_is_refused_before_anything_is_written(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # /dev/full is a disk without room.
    full = Path("/dev/full")
    monkeypatch.setattr(tempfile, "TemporaryFile", lambda **_: full.open("wb"))
    assert refusal(file) == "cannot be used: No space left on device"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 256 KiB."""
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(tmp_path)]
    if shutil.which("mount") is None or subprocess.run(mount, check=False).returncode:
        pytest.skip("this user may not mount a file system")
    yield tmp_path
    subprocess.run(["umount", str(tmp_path)], check=True)


def test_a_disk_that_is_full_is_refused_and_one_that_fills_up_loses_nothing(
    small_disk: Path,
) -> None:
    file, filler = small_disk / "state.db", small_disk / "filler"
    with pytest.raises(OSError, match="No space"), filler.open("wb") as filling:
        filling.write(bytes(1 << 20))
    assert refusal(file) == "cannot be used: database or disk is full"
    filler.unlink()
    with opened(file) as database:
        database.write([], ROWS[:100])
        with pytest.raises(sqlite3.OperationalError, match="full"):
            database.write([], [(*PLACE, f"[{number}]", "x" * 4000) for number in range(100)])
        database.write([], [(*PLACE, "[]", "small")])
    # What SQLite could not copy out of its log for want of room is still there.
    (small_disk.parent / "larger").mkdir()
    moved = copy(file, small_disk.parent / "larger")
    assert rows(moved) == sorted([*ROWS[:100], (*PLACE, "[]", "small")])
