"""cheroot, made to treat requests as moto's own server does, and to log them."""

from __future__ import annotations

import errno
import io
import re
import socket
import sys
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

from boto3_agentcore_payments.emulator.wire.http import ConnectionDropped
from boto3_agentcore_payments.errors import CommandError, MissingExtraError

try:
    from cheroot import wsgi
    from cheroot.server import HTTPRequest
    from cheroot.workers.threadpool import WorkerThread

    from boto3_agentcore_payments.cli.server.waiting import LARGEST_HEAD, Connection
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

_SPARED_SECONDS = 1
"""When no more connections can be opened, those that have waited for longer than this make room."""

_FAREWELL_SECONDS = 0.1
_FAREWELL_BYTES = 1024 * 1024
"""How long a refused client is listened to, and how much of what it still sends is taken: closing
with bytes unread would reset the connection, and with it the answer."""

_METADATA = b"x-amz-meta-"
_PRESERVED = "moto.preserved_header_names"
"""Where moto looks for the spelling of headers that WSGI would fold."""


class Request(HTTPRequest):
    """A request, which may be refused before there is anything to answer it."""

    def read_request_headers(self) -> bool:
        """Read the headers; false if the request was refused."""
        if not super().read_request_headers():  # type: ignore[no-untyped-call]
            return False
        length = self.inheaders.get(b"Content-Length", b"0")
        if not length.isdigit():  # int() understands -1 and 1_0 too
            self.simple_response("400 Bad Request", "Malformed Content-Length Header.")
            return False
        return True

    def simple_response(self, status: str, msg: str = "") -> None:
        """Refuse the request, log that, and hear the client out."""
        super().simple_response(status, msg)
        self.sent_headers = True
        self.close_connection = True
        method, uri = getattr(self, "method", b"-"), getattr(self, "uri", b"-")
        log_request(self.server, method.decode("latin-1"), uri.decode("latin-1"), status[:3], 0)
        with suppress(OSError):
            self.conn.socket.shutdown(socket.SHUT_WR)
            self.conn.socket.settimeout(_FAREWELL_SECONDS)
            taken = 0
            while taken < _FAREWELL_BYTES and (more := len(self.conn.socket.recv(65536))):
                taken += more


class _Connection(Connection):
    RequestHandlerClass = Request


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
        if self.req.chunked_read and not self._read_chunks():
            return
        try:
            super().respond()
        except Exception as error:
            if not isinstance(error, ConnectionDropped):
                raise
            self._drop()
            outcome = "dropped"
        else:
            outcome = self.req.status[:3].decode("latin-1")
        took = (time.perf_counter() - began) * 1000
        log_request(
            self.req.server, self.env["REQUEST_METHOD"], self.env["REQUEST_URI"], outcome, took
        )

    def _read_chunks(self) -> bool:
        """Read a chunked body as a whole; false if it was refused.

        What is wrong with its coding would otherwise look like a fault of the application.
        """
        try:
            body = self.req.rfile.read()
            for _trailer in self.req.rfile.read_trailer_lines():
                pass
        except ValueError:
            self.req.ready = False
            self.req.simple_response("400 Bad Request", "Malformed chunked body.")
            return False
        self.env["wsgi.input"] = io.BytesIO(body)
        self.env["CONTENT_LENGTH"] = str(len(body))
        return True

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

    ConnectionClass = _Connection
    keep_alive_conn_limit = _IDLE_CONNECTIONS
    max_request_header_size = LARGEST_HEAD

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
        except (OSError, UnicodeError) as error:  # a name no resolver is asked for is the latter
            reason = re.search(r"\[Errno -?\d+\] ([^\])]*)", str(error))
            said = reason.group(1) if reason else str(error)
            message = f"cannot listen on {host} port {port}: {said}"
            raise CommandError(message) from error

    def process_conn(self, conn: Connection) -> None:
        """Give a connection a thread, unless its request is still on its way."""
        if conn.must_wait():
            self.put_conn(conn)
            if conn.since is not None:  # a trickle of bytes does not keep it open
                conn.last_used = conn.since
        else:
            super().process_conn(conn)

    @property
    def url(self) -> str:
        """The address to give to clients on this machine."""
        host, port = self.bind_addr[:2]
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(str(host), str(host))  # noqa: S104 - a comparison
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    def error_log(self, msg: str = "", level: int = 20, traceback: bool = False) -> None:  # noqa: FBT001, FBT002 - cheroot's signature
        """Log a failure of the server itself; a client that went away is none."""
        error = sys.exc_info()[1]
        accepting = not isinstance(threading.current_thread(), WorkerThread)
        if accepting and getattr(error, "errno", None) in {errno.EMFILE, errno.ENFILE}:
            self._make_room()
        elif level >= _ERROR or traceback:
            super().error_log(msg, level, traceback)

    def _make_room(self) -> None:
        """Close connections that wait, so that others can be accepted.

        cheroot would try again and again, and answer nobody meanwhile. Called in its own thread.
        """
        self._connections._expire(time.time() - _SPARED_SECONDS)  # type: ignore[attr-defined]  # noqa: SLF001 - nothing else closes them
        time.sleep(_FAREWELL_SECONDS)


_ERROR = 40


def log_request(server: Any, method: str, uri: str, outcome: str, took: float) -> None:
    """Log one request: no header, no query, no body.

    Args:
        server: The server, whose ``log`` takes the line.
        method: The method, ``-`` where none could be read.
        uri: What was asked for, as it was sent.
        outcome: The status, or a word.
        took: Milliseconds.
    """
    if server.log is not None:
        now = time.strftime("%H:%M:%S")
        server.log(f"{now} {method} {_shown_path(uri)} {outcome} {took:.1f} ms\n")


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
