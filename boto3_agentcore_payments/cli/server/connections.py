"""cheroot, made to treat requests as moto's own server does, and to log them."""

from __future__ import annotations

import re
import socket
import sys
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

from boto3_agentcore_payments.errors import CommandError, MissingExtraError

try:
    from cheroot import wsgi
except ModuleNotFoundError as error:  # pragma: no cover - exercised in an environment without it
    _what = "the server"
    raise MissingExtraError(_what, extra="emulator", module=error.name or "cheroot") from error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_THREADS = 16
_IDLE_CONNECTIONS = 1000
_BACKLOG = 512
_IDLE_SECONDS = 60
"""After this long without a request a connection is closed; botocore opens another unasked."""

_METADATA = b"x-amz-meta-"
_PRESERVED = "moto.preserved_header_names"
"""Where moto looks for the spelling of headers that WSGI would fold."""


class Gateway(wsgi.Gateway_10):
    """One request: its environment as moto's server makes it, its log line, its end."""

    def get_environ(self) -> dict[str, Any]:  # type: ignore[override]  # cheroot's stubs say None
        """Make the WSGI environment.

        cheroot leaves ``%2F`` in the path as it is and lets ``_`` and ``-`` in header names be one;
        werkzeug's server, which moto's application is written for, does neither.
        """
        environ: dict[str, Any] = super().get_environ()  # type: ignore[no-untyped-call]
        environ["RAW_URI"] = environ["REQUEST_URI"]
        if "%" in environ["PATH_INFO"]:
            environ["PATH_INFO"] = unquote_to_bytes(environ["PATH_INFO"]).decode("latin-1")
        environ[_PRESERVED] = {
            f"HTTP_{name.decode('latin-1').upper().replace('-', '_')}": name.decode(
                "latin-1"
            ).lower()
            for name in self.req.inheaders
            if b"_" in name and name.lower().startswith(_METADATA)
        }
        return environ

    def respond(self) -> None:
        """Answer the request and log it."""
        began = time.perf_counter()
        try:
            super().respond()
        except Exception as error:
            if not _is_drop(error):
                raise
            self._drop()
            outcome = "dropped"
        else:
            outcome = self.req.status[:3].decode("latin-1")
        if self.req.server.log is not None:
            took = (time.perf_counter() - began) * 1000
            self.req.server.log(
                f"{time.strftime('%H:%M:%S')} {self.env['REQUEST_METHOD']} "
                f"{_shown_path(self.env['REQUEST_URI'])} {outcome} {took:.1f} ms\n"
            )

    def _drop(self) -> None:
        """Close the connection without an answer."""
        self.req.ready = False
        self.req.sent_headers = True
        self.req.close_connection = True
        self.req.conn.socket.shutdown(socket.SHUT_RDWR)


class Server(wsgi.Server):
    """A threaded HTTP server with keep-alive.

    Args:
        host: Name or address to listen on.
        port: Port number; 0 takes a free one.
        application: The WSGI application.
        log: Called with each line, which ends with a newline; ``None`` for no log.
    """

    keep_alive_conn_limit = _IDLE_CONNECTIONS

    def __init__(
        self,
        host: str,
        port: int,
        application: Callable[[dict[str, Any], Any], Iterable[bytes]],
        log: Callable[[str], object] | None = None,
    ) -> None:
        super().__init__(
            (host, port),
            application,
            numthreads=_THREADS,
            server_name="agentcore-payments",
            request_queue_size=_BACKLOG,
            timeout=_IDLE_SECONDS,
        )
        self.gateway = Gateway
        self.log = log

    def listen(self) -> None:
        """Begin to listen; requests are answered once :meth:`serve` runs.

        Raises:
            CommandError: If that is not possible.
        """
        host, port = self.bind_addr
        try:
            self.prepare()
        except OSError as error:
            reason = re.search(r"\[Errno -?\d+\] ([^\])]*)", str(error))
            said = reason.group(1) if reason else str(error)
            message = f"cannot listen on {host} port {port}: {said}"
            raise CommandError(message) from error

    @property
    def url(self) -> str:
        """The address to give to clients on this machine."""
        host, port = self.bind_addr[:2]
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(str(host), str(host))  # noqa: S104 - a comparison
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    def error_log(self, msg: str = "", level: int = 20, traceback: bool = False) -> None:  # noqa: FBT001, FBT002 - cheroot's signature
        """Log a failure of the server itself; a client that went away is none."""
        if level >= _ERROR or traceback:
            super().error_log(msg, level, traceback)


_ERROR = 40


def _is_drop(error: Exception) -> bool:
    """Whether an error is an injected fault that asks for the connection to be closed.

    The backend raises one class of its own where moto's application carried the request, another
    where it did not.
    """
    return type(error).__name__ in {"ConnectionDropped", "DroppedConnection"}


def _shown_path(sent: str) -> str:
    """The path as it was sent, without the query, which may hold a signature or a token."""
    path = sent.partition("?")[0]
    return path if path.isascii() and path.isprintable() else ascii(path)


def log_to_standard_error(line: str) -> None:
    """Write a line of the log; a reader that went away does not disturb the server."""
    try:
        sys.stderr.write(line)
    except (OSError, ValueError):
        return
