"""Connections that wait without a thread.

cheroot hands a connection to one of its threads as soon as it is accepted, and the thread waits for
the request. A few clients that connect and say nothing, or stop in the middle of a request, would
keep everybody else waiting with them. Here a connection gets a thread once the head of its request
has arrived, with the body if that is short. Until then its bytes stay in the kernel, which is told
how many there must be before it is worth looking again.
"""

from __future__ import annotations

import re
import socket
import time
from contextlib import suppress
from typing import Any

from cheroot.makefile import MakeFile
from cheroot.server import HTTPConnection

LARGEST_HEAD = 64 * 1024
"""Bytes of request line and headers together; a longer head is refused with 413 or 414."""

_SHORT = 32 * 1024
"""A request up to this size is waited for as a whole. The kernel's buffer is larger everywhere."""

_STALLED_SECONDS = 15
"""A thread waits this long for more of a long body, or for a client to take more of an answer."""

_HEAD_END = b"\r\n\r\n"
_CONTENT_LENGTH = re.compile(rb"(?i)\r\ncontent-length:[ \t]*(\d{1,9})[ \t]*(?:\r\n|\Z)")
_NEEDS_A_THREAD = re.compile(rb"(?i)\r\n(?:expect|transfer-encoding):")
"""A client that waits to be told to go on, and a body whose end is not known beforehand."""


class Connection(HTTPConnection):
    """A connection that says whether a thread would have to wait for its request.

    Attributes:
        since: When the first bytes of an incomplete request were seen, in seconds of
            :func:`time.time`; ``None`` between requests.
    """

    def __init__(self, server: Any, sock: socket.socket, makefile: Any = MakeFile) -> None:
        super().__init__(server, sock, makefile)
        sock.settimeout(_STALLED_SECONDS)
        self.since: float | None = None
        self._new = True
        self._seen = 0

    def must_wait(self) -> bool:
        """Tell whether the request is still on its way; to be asked when there is news of it."""
        if self._new:  # accepted just now, so nothing may have come yet
            self._new = False
            return True
        if self.rfile.has_data():
            return False
        there = self._peek()
        wanted = missing(there)
        # Without more bytes than last time the news is that no more will come, or that this system
        # does not count them for us.
        if wanted and len(there) != self._seen:
            self._seen = len(there)
            self.since = self.since or time.time()
            self._wake_at(wanted)
            return True
        if self._seen:
            self._seen, self.since = 0, None
            self._wake_at(1)
        return False

    def _peek(self) -> bytes:
        """Look at what has come, without waiting; empty when the client is gone."""
        self.socket.settimeout(0)
        try:
            return bytes(self.socket.recv(_SHORT, socket.MSG_PEEK))
        except OSError:
            return b""
        finally:
            self.socket.settimeout(_STALLED_SECONDS)

    def _wake_at(self, size: int) -> None:
        with suppress(OSError, AttributeError):  # not every system can
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, size)


def missing(there: bytes) -> int:
    """Count the bytes there must be for a thread to read the request without waiting.

    Args:
        there: The beginning of the request.

    Returns:
        0 if a thread should take the request now: it is complete, or so long that it is read as it
        comes, or malformed, or there is none.
    """
    head, end, _ = there.partition(_HEAD_END)
    if not there or len(there) >= _SHORT:
        return 0
    if not end:
        refused = there.count(b"\n") != there.count(b"\r\n")
        return 0 if refused else len(there) + 1
    length = _CONTENT_LENGTH.search(head)
    if length is None or _NEEDS_A_THREAD.search(head):
        return 0
    whole = len(head) + len(end) + int(length.group(1))
    return whole if len(there) < whole <= _SHORT else 0
