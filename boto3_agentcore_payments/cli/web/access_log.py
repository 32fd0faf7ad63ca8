"""The log of requests: one line each, with no header, no query and no body."""

from __future__ import annotations

import logging
import re
import sys
import time
import traceback
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Log = Callable[[str], object]

_CODE = re.compile(
    rb'(?:<Code>|"(?:__type|error|code|Code)"\s*:\s*")(?:[\w.]+#)?([A-Za-z]\w{2,80})[<":]'
)
_LOOKED_AT = 2048
_A_LOOK = ("GET", "/moto-api/agentcore-payments/overview", "200")
"""What an open page asks each second: in the log it would hide everything else."""
_FRAMES = -4
"""How much of a failure's way is logged: where it ended."""

_log = logging.getLogger(__name__)


def error_code(headers: Iterable[tuple[str, str]], body: bytes) -> str:
    """Return the error code of a refusal, as AWS's protocols carry it, or an empty string.

    Args:
        headers: The answer's headers; JSON protocols have the code in ``x-amzn-ErrorType``.
        body: The answer's body, or its beginning.
    """
    for name, value in headers:
        if name.lower() == "x-amzn-errortype":
            return re.split(r"[:#]", value)[0][:80]
    found = _CODE.search(body[:_LOOKED_AT])
    return found[1].decode("ascii", "ignore") if found else ""


def write_line(log: Log | None, method: str, uri: str, outcome: str, milliseconds: float) -> None:
    """Log one request.

    Args:
        log: Called with the line, which ends with a newline; ``None`` for no log.
        method: The method, ``-`` if none could be read.
        uri: The request's target as it was sent.
        outcome: The status, followed by the error code if the request was refused; or a word.
        milliseconds: How long it took.
    """
    if log is not None and (method, uri, outcome) != _A_LOOK:
        now = time.strftime("%H:%M:%S")
        log(f"{now} {method} {_shown_path(uri)} {outcome} {milliseconds:.1f} ms\n")


def write_failure(what: str, error: BaseException) -> None:
    """Log where something failed; an error's text may quote the request, so it stays out."""
    where = "".join(traceback.format_tb(error.__traceback__, _FRAMES))
    _log.error("%s failed with %s\n%s", what, type(error).__name__, where)


def _shown_path(sent: str) -> str:
    """Return the path as it was sent, without the query, which may hold a signature or a token."""
    path = sent.partition("?")[0]
    return path if path.isascii() and path.isprintable() else ascii(path)


def to_standard_error(line: str) -> None:
    """Write a line of the log; a reader that went away does not disturb the server."""
    try:
        sys.stderr.write(line)
    except (OSError, ValueError):
        return
