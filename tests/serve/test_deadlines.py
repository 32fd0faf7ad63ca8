"""How long a connection may stay open for nothing, in a server of this process."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("waitress", reason="comes with the extra emulator")

from boto3_agentcore_payments.cli.web import connections, parsing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

WHOLE = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
BIG = 32 * 1024 * 1024


def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    body = bytes(BIG) if environ["PATH_INFO"] == "/big" else b"x"
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]


def failing(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    message = "TOPSECRET"
    raise KeyError(message)


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., connections.Server]]:
    """Start a server with other limits."""
    running: list[tuple[connections.Server, threading.Thread]] = []

    def start(application: Any = application, **limits: float) -> connections.Server:
        for name, value in {"_TICK_SECONDS": 0.05, **limits}.items():
            monkeypatch.setattr(connections, name, value)
        server = connections.Server("127.0.0.1", 0, application)
        thread = threading.Thread(target=server.run)
        thread.start()
        running.append((server, thread))
        return server

    yield start
    for server, thread in running:
        server.stop()
        thread.join()


def connect(server: connections.Server) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), timeout=10)


def drip(connection: socket.socket, seconds: float) -> float:
    """Send a byte now and then; return the seconds until that is no longer possible."""
    began = time.monotonic()
    with suppress(ConnectionError):
        while time.monotonic() - began < seconds:
            connection.sendall(b"G")
            time.sleep(0.02)
    return time.monotonic() - began


def test_a_request_that_comes_in_drops_has_to_come_to_an_end(start: Any) -> None:
    server = start(_REQUEST_SECONDS=0.5)
    with connect(server) as connection:
        assert 0.5 < drip(connection, 10) < 5


def test_a_connection_without_a_request_is_closed(start: Any) -> None:
    server = start(_IDLE_SECONDS=0.3)
    with connect(server) as connection:
        assert connection.recv(1) == b""
    with connect(server) as connection:
        connection.sendall(WHOLE)
        time.sleep(0.1)
        assert connection.recv(65536).endswith(b"x")
        assert connection.recv(1) == b""


def test_an_answer_that_is_not_taken_is_given_up(start: Any) -> None:
    server = start(_UNTAKEN_SECONDS=0.3)
    with connect(server) as connection:
        connection.sendall(WHOLE.replace(b"/", b"/big", 1))
        time.sleep(1)
        taken = 0
        with suppress(ConnectionResetError):
            while more := connection.recv(1024 * 1024):
                taken += len(more)
        assert 0 < taken < BIG


def test_an_answer_that_is_taken_slowly_arrives(start: Any) -> None:
    server = start(_UNTAKEN_SECONDS=0.5)
    with connect(server) as connection:
        connection.sendall(WHOLE.replace(b"/", b"/big", 1))
        taken = 0
        while taken < BIG:
            taken += len(connection.recv(4 * 1024 * 1024))
            time.sleep(0.02)


def test_the_longest_idle_make_room(start: Any) -> None:
    server = start(_CONNECTIONS=5)
    idle = [connect(server) for _ in range(5)]
    time.sleep(0.2)
    later = [connect(server) for _ in range(3)]
    time.sleep(0.3)
    for connection in later:
        connection.sendall(WHOLE)
        assert connection.recv(65536).startswith(b"HTTP/1.1 200")
    assert [connection.recv(1) for connection in idle[:3]] == [b""] * 3
    idle[4].sendall(WHOLE)
    assert idle[4].recv(65536).startswith(b"HTTP/1.1 200")
    for connection in (*idle, *later):
        connection.close()


def test_a_failure_gets_an_answer_and_a_log_line_without_request_data(
    start: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with connect(start(failing)) as connection:
        connection.sendall(WHOLE)
        answer = connection.recv(65536)
    assert answer.startswith(b"HTTP/1.1 500 Internal Server Error\r\n")
    assert answer.endswith(b'The server failed; its log says where"}')
    assert "a GET request failed with KeyError" in caplog.text
    assert "in failing" in caplog.text
    assert "TOPSECRET" not in caplog.text.replace('message = "TOPSECRET"', "")


def test_the_documented_limits_are_those_in_force() -> None:
    page = (Path(__file__).parents[2] / "docs" / "cli.md").read_text(encoding="utf-8")
    table = page.partition("### Limits")[2]
    for row in (
        f"| request line and headers | {parsing.LARGEST_HEAD // 1024} KiB |",
        f"| body of a payments operation | {parsing.LARGEST_PAYMENTS_BODY // 1024**2} MiB |",
        f"| any other body | {parsing.LARGEST_BODY // 1024**2} MiB |",
        f"| time for a whole request | {connections._REQUEST_SECONDS} s |",
        f"| connection without a request | {connections._IDLE_SECONDS} s |",
        f"| client that takes no more of its answer | {connections._UNTAKEN_SECONDS} s |",
        f"| open connections | {connections._CONNECTIONS:,}, or {connections._SPARE_FILES} less",
    ):
        assert row in table
