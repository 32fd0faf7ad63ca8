"""waitress, made to give a thread to whole requests only, and to close what keeps others waiting.

waitress reads every connection in one thread, and a worker thread takes a request once it is
there as a whole; an answer that a client is slow to take waits in a buffer. What is added here:

- no connection stays open for a request that does not come to its end, an answer that is not taken,
  or nothing at all, and when there are too many, the longest idle ones make room (waitress would
  accept no others);
- a refused client is heard out for a moment: closing with bytes unread would reset the connection,
  and with it the answer;
- S3's metadata headers keep their spelling in both directions;
- a failure is logged by where it happened: its text could quote the request.
"""

# waitress has no types, and what pyright infers from its code is not what it means.
# pyright: reportArgumentType=false, reportAttributeAccessIssue=false
# pyright: reportIncompatibleVariableOverride=false, reportOptionalMemberAccess=false

from __future__ import annotations

import errno
import logging
import os
import socket
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.cli.web import access_log
from boto3_agentcore_payments.cli.web.application import ERROR_CODE
from boto3_agentcore_payments.cli.web.guard import LOCAL_ADDRESS
from boto3_agentcore_payments.emulator.wire.http import ConnectionDropped
from boto3_agentcore_payments.errors import CommandError, MissingExtraError

try:
    from waitress import wasyncore
    from waitress.adjustments import Adjustments
    from waitress.channel import ClientDisconnected, HTTPChannel
    from waitress.server import TcpWSGIServer
    from waitress.task import ErrorTask, ThreadedTaskDispatcher, WSGITask

    from boto3_agentcore_payments.cli.web import parsing
except ModuleNotFoundError as error:
    _what = "the server"
    raise MissingExtraError(_what, extra="emulator", module=error.name or "waitress") from error

if TYPE_CHECKING:
    from boto3_agentcore_payments.cli.web.access_log import Log
    from boto3_agentcore_payments.cli.web.application import Application

_THREADS = 32
_BACKLOG = 512
_CONNECTIONS = 1000
_SPARE_FILES = 64
"""Files left for everything but connections."""

_REQUEST_SECONDS = 60
"""Seconds allowed from the first byte of a request to its last."""

_IDLE_SECONDS = 60
"""Seconds allowed without a request; botocore reconnects by itself."""

_UNTAKEN_SECONDS = 30
"""Seconds allowed without the client reading more of its answer."""

_FAREWELL_SECONDS = 1
_FAREWELL_BYTES = 1024 * 1024
"""How long a refused client is listened to, and how much of what it still sends is taken."""

_GRACE_SECONDS = 1
"""Seconds allowed for requests in progress when the server is stopped."""

_TICK_SECONDS = 0.5
_METADATA = "x-amz-meta-"
_PRESERVED = "moto.preserved_header_names"
"""Where moto looks for the spelling of headers that WSGI would fold."""

_FAILED = b'{"__type":"InternalFailure","message":"The server failed; its log says where"}'


class _Refusing(ErrorTask):  # type: ignore[misc]  # waitress has no types
    """Answers bytes that are not a valid request, and logs that."""

    def __init__(self, channel: Any, request: Any) -> None:
        super().__init__(channel, request)
        self.version = "1.1"  # whatever the client may have meant

    def service(self) -> None:
        super().service()
        request, server = self.request, self.channel.server
        took = (time.time() - request.began) * 1000
        access_log.write_line(
            server.log, request.command, request.request_uri, self.status[:3], took
        )
        self.channel.refused = True


class _Answering(WSGITask):  # type: ignore[misc]  # waitress has no types
    """Answers one request and logs that."""

    complete: bool
    wrote_header: bool
    content_length: int | None
    outcome = ""

    def get_environment(self) -> dict[str, Any]:
        """Return the WSGI environment, as moto's own server makes it."""
        if self.environ is None:
            environ = super().get_environment()
            environ["RAW_URI"] = environ["REQUEST_URI"]
            environ[LOCAL_ADDRESS] = self.channel.local_address
            environ[_PRESERVED] = names = {}
            for name, value in self.request.metadata.items():
                key = f"HTTP_{name.upper().replace('-', '_')}"
                if environ.setdefault(key, value) == value:
                    names[key] = name.lower()
        return self.environ  # type: ignore[no-any-return]

    def service(self) -> None:
        began = time.perf_counter()
        try:
            super().service()
        except ClientDisconnected:
            self.outcome = self.outcome or "gone"
            raise
        finally:
            environ = self.environ or {}
            outcome = self.outcome or f"{self.status[:3]} {environ.get(ERROR_CODE, '')}".rstrip()
            took = (time.perf_counter() - began) * 1000
            request = self.request
            access_log.write_line(
                self.channel.server.log, request.command, request.request_uri, outcome, took
            )

    def execute(self) -> None:
        """Run the application.

        Raises:
            ClientDisconnected: if the client is gone, or an injected fault asks for that.
        """
        try:
            super().execute()
        except ClientDisconnected:
            raise
        except Exception as error:  # noqa: BLE001 - a failure must still be an answer
            if isinstance(error, ConnectionDropped):
                self.outcome = "dropped"
                raise ClientDisconnected from None
            self._fail(error)

    def write(self, data: bytes) -> None:
        """Write a part of the body; the head goes with a body that is whole, in one packet."""
        if self.complete and not self.wrote_header:
            head = self.build_response_header()
            self.wrote_header = True
            if self.has_body and data and self.content_length == len(data):
                self.channel.write_soon(head + data)
                self.content_bytes_written = len(data)
                return
            self.channel.write_soon(head)
        super().write(data)

    def build_response_header(self) -> bytes:
        """Return status line and headers; metadata as the application spelt them."""
        names = {name for name, _ in self.response_headers if name.lower().startswith(_METADATA)}
        head: bytes = super().build_response_header()
        for name in names:
            theirs = "-".join(part.capitalize() for part in name.split("-"))
            head = head.replace(f"\r\n{theirs}: ".encode(), f"\r\n{name}: ".encode())
        return head

    def _fail(self, error: Exception) -> None:
        access_log.write_failure(f"a {self.request.command} request", error)
        self.close_on_finish = True
        if self.wrote_header:
            return
        self.status = "500 Internal Server Error"
        self.response_headers = [("Content-Type", "application/json"), ("Connection", "close")]
        self.content_length = len(_FAILED)
        self.complete = True
        self.write(_FAILED)


class _Channel(HTTPChannel):  # type: ignore[misc]  # waitress has no types
    """One connection.

    Attributes:
        local_address: The address of this end.
        refused: Whether the client was told that it sent no request.
    """

    task_class = _Answering
    error_task_class = _Refusing
    parser_class = parsing.RequestParser
    close_when_flushed: bool
    refused = False
    _leaves_at = 0.0
    _heard = 0

    def __init__(self, server: Any, sock: socket.socket, *arguments: Any, **options: Any) -> None:
        super().__init__(server, sock, *arguments, **options)
        self.local_address = sock.getsockname()[0]

    def readable(self) -> bool:
        """Return whether more bytes are wanted."""
        return bool(self._leaves_at or super().readable())

    def handle_read(self) -> None:
        """Take bytes; those of a refused client are thrown away."""
        if not self._leaves_at:
            super().handle_read()
            return
        with suppress(OSError):
            self._heard += len(self.recv(self.adj.recv_bytes))
        if self.connected and self._heard > _FAREWELL_BYTES:
            self.handle_close()

    def handle_write(self) -> None:
        """Send what there is to send; afterwards take leave of a refused client."""
        if not (self.refused and self.close_when_flushed):
            super().handle_write()
            return
        if self.total_outbufs_len:
            self._flush_exception(self._flush_some)
        if self.connected and not self.total_outbufs_len:
            self.close_when_flushed = False
            self._leaves_at = time.time() + _FAREWELL_SECONDS
            with suppress(OSError):
                self.socket.shutdown(socket.SHUT_WR)

    def is_overdue(self, now: float) -> bool:
        """Return whether the client has kept this connection for too long."""
        if self._leaves_at:
            return now > self._leaves_at
        if self.total_outbufs_len:
            return bool(now - self.last_activity > _UNTAKEN_SECONDS)
        if self.requests:
            return False
        if self.request is not None:
            return bool(now - self.request.began > _REQUEST_SECONDS)
        return bool(now - self.last_activity > _IDLE_SECONDS)

    def waits_since(self) -> float:
        """Return since when the client has asked for nothing, in seconds of ``time.time()``."""
        partial = self.request
        return float(self.last_activity if partial is None else partial.began)


class Server(TcpWSGIServer):  # type: ignore[misc]  # waitress has no types
    """An HTTP server that listens from its creation on.

    Args:
        host: Name or address to listen on.
        port: Port number; 0 takes a free one.
        application: The WSGI application.
        log: Called with each line of the log; ``None`` for no log.

    Raises:
        CommandError: if the address cannot be listened on.
    """

    channel_class = _Channel

    def __init__(
        self, host: str, port: int, application: Application, log: Log | None = None
    ) -> None:
        listening = _listen(host, port)
        adjustments = Adjustments(
            sockets=[listening],
            threads=_THREADS,
            backlog=_BACKLOG,
            connection_limit=sys.maxsize,  # _close_overdue has a better answer
            outbuf_high_watermark=sys.maxsize,  # so that no thread waits for a client
            max_request_header_size=parsing.LARGEST_HEAD,
            max_request_body_size=1 << 4096,  # the parser has limits of its own
            asyncore_use_poll=True,  # select() knows no file above 1023
            clear_untrusted_proxy_headers=False,  # nothing behind here reads them
            log_socket_errors=False,
            ident=None,
        )
        logging.getLogger("waitress").setLevel(logging.ERROR)  # it warns of every busy moment
        workers = ThreadedTaskDispatcher()
        workers.set_thread_count(_THREADS)
        family, kind, protocol = listening.family, listening.type, listening.proto
        super().__init__(
            application,
            {},
            _sock=listening,
            dispatcher=workers,
            adj=adjustments,
            sockinfo=(family, kind, protocol, listening.getsockname()),
            bind_socket=False,
        )
        self.log = log
        self._most_connections = max(1, min(_CONNECTIONS, _file_limit() - _SPARE_FILES))
        self._out_of_files = False
        self._stopping = False

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self.effective_port)

    @property
    def url(self) -> str:
        """The address to give to clients on this machine."""
        host, port = str(self.effective_host), self.port
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - a comparison
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    def run(self) -> None:
        """Serve until :meth:`stop` is called."""
        looked = 0.0
        while not self._stopping:
            self._turn(_TICK_SECONDS)
            if time.time() - looked > _TICK_SECONDS or self._out_of_files:
                self._close_overdue()
                looked = time.time()
        self._finish()

    def stop(self) -> None:
        """End :meth:`run`; may be called by a signal handler."""
        self._stopping = True
        self.pull_trigger()

    def accept(self) -> Any:
        """Accept a connection, if there is a file for it.

        Raises:
            OSError: if there is not.
        """
        try:
            return super().accept()
        except OSError as error:
            self._out_of_files = error.errno in {errno.EMFILE, errno.ENFILE}
            raise

    def maintenance(self, now: float) -> None:
        """Do nothing: waitress's own would leave clients alone that take no answer."""

    def _turn(self, seconds: float) -> None:
        wasyncore.loop(seconds, use_poll=self.adj.asyncore_use_poll, map=self._map, count=1)

    def _close_overdue(self) -> None:
        """Close connections that have waited too long; if there are too many, the next longest.

        Only between two turns: a closed connection's number may be another's within the same one.
        """
        now = time.time()
        waiting = []
        for channel in list(self.active_channels.values()):
            if channel.is_overdue(now):
                channel.handle_close()
            elif not channel.requests:
                waiting.append(channel)
        surplus = len(self.active_channels) - self._most_connections
        if self._out_of_files:
            surplus = max(surplus, len(waiting) // 10, 1)
            self._out_of_files = False
        if surplus > 0:
            waiting.sort(key=_Channel.waits_since)
            for channel in waiting[:surplus]:
                channel.handle_close()

    def _finish(self) -> None:
        """Give requests that are being answered a moment, then close every connection."""
        self.del_channel()
        self.socket.close()
        workers = self.task_dispatcher
        workers.set_thread_count(0)
        end = time.time() + _GRACE_SECONDS
        while time.time() < end and (
            workers.threads or any(one.total_outbufs_len for one in self.active_channels.values())
        ):
            self._turn(0.02)
        wasyncore.close_all(self._map, ignore_all=True)


def _listen(host: str, port: int) -> socket.socket:
    """Return a socket that is bound to an address.

    Raises:
        CommandError: if that is not possible.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listening = socket.socket(family, kind, protocol)
        try:
            if os.name == "posix":  # elsewhere it lets two servers share a port
                listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6 and address[0] == "::":
                listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
            listening.bind(address)
            listening.listen(_BACKLOG)
        except OSError:
            listening.close()
            raise
    except (OSError, UnicodeError) as error:  # a name no resolver is asked for is the latter
        reason = getattr(error, "strerror", None) or str(error)
        message = f"cannot listen on {host} port {port}: {reason}"
        raise CommandError(message) from error
    return listening


def _file_limit() -> int:
    try:
        import resource
    except ImportError:  # not on Windows
        return sys.maxsize
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return sys.maxsize if soft == resource.RLIM_INFINITY else soft
