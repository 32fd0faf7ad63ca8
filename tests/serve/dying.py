"""Kill a process before each line of the code that writes state files, and look at the file then.

    python tests/serve/dying.py FILE make|restore STEP

Every STEP-th line gets a process of its own. Prints as JSON the number of lines that were run, and
each state that was found: the managers' names and the wallets' balances.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.emulator.control import PaymentsControl  # before what needs moto

# isort: split
from boto3_agentcore_payments.cli.web import state_database, state_file
from boto3_agentcore_payments.emulator.backend import kept, models, snapshots

if TYPE_CHECKING:
    from collections.abc import Callable

FILES = {state_database.__file__, state_file.__file__, kept.__file__, snapshots.__file__}
PAID = {
    "name": "paid",
    "connectors": [{"name": "coins", "wallets": [{"user": "alice", "funds": "5.00"}]}],
}


def die_at(number: int) -> None:
    """Kill this process before the line of our files that has this number."""
    left = number

    def trace(frame: Any, event: str, _: Any) -> Any:
        nonlocal left
        if frame.f_code.co_filename not in FILES:
            return None
        if event == "line":
            left -= 1
            if not left:
                os.kill(os.getpid(), signal.SIGKILL)
        return trace

    sys.settrace(trace)


def in_a_child(work: Callable[[], object], number: int = 0) -> bytes | None:
    """Return what the work wrote to its pipe; ``None`` if it was killed."""
    reads, writes = os.pipe()
    child = os.fork()
    if not child:
        try:
            if number:
                die_at(number)
            said = work()
            sys.settrace(None)
            os.write(writes, json.dumps(said).encode())
            os._exit(0)
        except BaseException:  # noqa: BLE001 - a child must never go on as its parent
            sys.settrace(None)
            traceback.print_exc()
            os._exit(1)
    os.close(writes)
    with os.fdopen(reads, "rb") as pipe:
        said = pipe.read()
    status = os.waitpid(child, 0)[1]
    if os.WIFSIGNALED(status):
        return None
    if status:
        raise SystemExit("a child failed")
    return said


class Work:
    """What is done in children, on one file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.control = PaymentsControl("123456789012", "us-west-2")

    def look(self) -> Any:
        """Return what is in the file, and can be written again."""
        file = state_file.StateFile(self.path)
        found = self.control.overview()
        file.begin()
        file.close()
        return [
            [each["name"] for each in found["managers"]],
            [self.control.balance(each["id"]) for each in found["wallets"]],
        ]

    def nothing(self) -> None:
        """Begin with no file."""

    def make(self) -> None:
        """Make a file."""
        file = state_file.StateFile(self.path)
        file.begin()
        file.close()

    def pay(self) -> None:
        """Make a file in which there is something."""
        file = state_file.StateFile(self.path)
        self.control.seed({"managers": [PAID]})
        file.begin()
        file.close()

    def restore(self) -> None:
        """Change a state, bring it back, change it again and reset it, each as one request does."""
        file = state_file.StateFile(self.path)
        file.begin()
        for verb in (self.keep, self.change, self.bring_back, self.change, self.reset):
            with file.held():
                verb()
                file.write(everything=True)
        file.close()

    def keep(self) -> None:
        self.control.snapshot("paid")

    def change(self) -> None:
        self.control.seed({"managers": [{"name": "later"}]})
        self.control.set_balance(self.control.overview()["wallets"][0]["id"], 1)

    def bring_back(self) -> None:
        self.control.restore("paid")

    def reset(self) -> None:
        models.payments_backends.reset()


def main(path: Path, what: str, step: int) -> None:
    """Kill a process everywhere."""
    work = Work(path)
    before, then = {"make": (work.nothing, work.make), "restore": (work.pay, work.restore)}[what]
    seen: list[Any] = []
    number, ended = 0, None
    in_a_child(before)
    content = path.read_bytes() if path.exists() else None
    while ended is None:
        number += step
        for each in path.parent.iterdir():
            each.unlink()
        if content is not None:
            path.touch(0o600)
            path.write_bytes(content)
        ended = in_a_child(then, number)
        found = json.loads(in_a_child(work.look) or b"null")
        if found not in seen:
            seen.append(found)
    sys.stdout.write(json.dumps([number, seen]))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
