"""The command ``agentcore-payments``: one module for each of its commands.

A command's module is imported only when that command is run, so that no command needs the
libraries of another. It has two functions: ``add_arguments(parser)`` and
``run(arguments) -> exit status``.

An error is one line on standard error and a non-zero exit status, never a traceback: 2 for an
invalid command line, 1 for everything else.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import os
import sys
from typing import TYPE_CHECKING, NoReturn

from boto3_agentcore_payments.errors import AgentCorePaymentsError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PROGRAM = "agentcore-payments"
DISTRIBUTION = "boto3-agentcore-payments"

COMMANDS = {
    "pay": "fetch a URL, paying for it if it costs no more than you allow",
    "receipts": "say what was paid, by user, payee and day",
    "demo": "an agent pays for web resources under a budget, on the embedded emulator",
    "serve": "run the emulator as a server for the AWS CLI, boto3 and other languages",
    "install-models": "put the service definitions where the AWS CLI v2 finds them",
    "uninstall-models": "remove what install-models installed",
    "doctor": "say what is installed, what is in effect, and what is wrong",
}

_INTERRUPTED = 130
"""Exit status of a program ended by SIGINT, as shells count it."""


class _Parser(argparse.ArgumentParser):
    """An argument parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}; see {self.prog} --help\n")


class _Version(argparse.Action):
    """Looks the version up only if it is asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object, **__: object) -> NoReturn:
        print(f"{DISTRIBUTION} {_version()}")
        parser.exit()


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        argv: The arguments after the program's name; by default those of this process.

    Returns:
        The exit status: 0 on success.

    Raises:
        SystemExit: if ``--help`` or ``--version`` is asked for, or the command line cannot be
            understood.
    """
    arguments = sys.argv[1:] if argv is None else list(argv)
    with _standard_error():
        return _run(parse(arguments))


def _run(parsed: argparse.Namespace) -> int:
    try:
        status = int(importlib.import_module(_module(parsed.command)).run(parsed))
        if sys.stdout is not None:
            sys.stdout.flush()
    except AgentCorePaymentsError as error:
        return _fail(parsed.command, str(error))
    except BrokenPipeError:
        drop_output()  # the reader (head, a pager) has closed the pipe
        return 0
    except OSError as error:
        drop_output()
        return _fail(parsed.command, _describe(error))
    except KeyboardInterrupt:
        return _INTERRUPTED
    return status


def drop_output() -> bool:
    """Discard what standard output does not take; return whether it took all.

    Without this, the interpreter would print an error when it flushes standard output at exit.
    """
    if sys.stdout is None:
        return True
    try:
        sys.stdout.flush()
    except OSError:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, sys.stdout.fileno())
        os.close(null)
        return False
    return True


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Return what a command line asks for; ``command`` is the command's name.

    Args:
        arguments: The arguments after the program's name.

    Raises:
        SystemExit: if ``--help`` or ``--version`` is asked for, or it cannot be understood.
    """
    return _parser(arguments).parse_args(arguments)


@contextlib.contextmanager
def _standard_error() -> Iterator[None]:
    """Replace a closed standard error: ``print(file=None)`` prints to standard output."""
    if sys.stderr is not None:
        yield
        return
    with open(os.devnull, "w", encoding="utf-8") as null:  # noqa: PTH123 (one of the standard three)
        sys.stderr = null
        try:
            yield
        finally:
            sys.stderr = None  # as it was


def _parser(arguments: Sequence[str]) -> argparse.ArgumentParser:
    parser = _Parser(
        prog=PROGRAM,
        description="Amazon Bedrock AgentCore payments: the emulator, and help with the clients.",
    )
    parser.add_argument(
        "--version", action=_Version, nargs=0, help="show program's version number and exit"
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    chosen = next((word for word in arguments if not word.startswith("-")), None)
    for name, summary in COMMANDS.items():
        command = commands.add_parser(name, help=summary, description=f"{summary.capitalize()}.")
        if name == chosen:
            importlib.import_module(_module(name)).add_arguments(command)
    return parser


def _module(command: str) -> str:
    return f"{__name__}.{command.replace('-', '_')}"


def _fail(command: str, message: str) -> int:
    print(f"{PROGRAM} {command}: {' '.join(message.split())}", file=sys.stderr)
    return 1


def _describe(error: OSError) -> str:
    reason = error.strerror or str(error)
    return f"{error.filename}: {reason}" if error.filename else reason


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(DISTRIBUTION)
    except PackageNotFoundError:  # a plain checkout on PYTHONPATH
        return "(not installed)"
