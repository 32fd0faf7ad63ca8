"""The server's connections: clients that stop halfway, requests that are no HTTP, many at once."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from running_server import Serving

LIST = b"POST /payments/managers-list HTTP/1.1\r\nHost: localhost\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"
SOON = 10
MANY = 40
"""Well over the server's threads."""


@pytest.fixture
def connect(serving: Serving) -> Iterator[Callable[[], socket.socket]]:
    """Open a connection to the server."""
    with ExitStack() as stack:
        place = urlsplit(serving.url)
        yield lambda: stack.enter_context(
            socket.create_connection((place.hostname, place.port), timeout=SOON)
        )


def answer(connection: socket.socket) -> bytes:
    """What comes until the connection is closed or the answer's body is there."""
    got = b""
    while more := connection.recv(65536):
        got += more
        head, end, body = got.partition(b"\r\n\r\n")
        length = re.search(rb"Content-Length: (\d+)", head)
        if end and length and len(body) >= int(length[1]):
            break
    return got


def ask(connect: Callable[[], socket.socket], request: bytes) -> bytes:
    connection = connect()
    connection.sendall(request)
    return answer(connection)


@pytest.mark.parametrize(
    "beginning",
    [
        b"",
        b"POST /payments/managers-",
        LIST + b"Content-Le",
        LIST + b"Content-Length: 2\r\n\r\n",
        LIST + b"Content-Length: 2\r\n\r\n{",
    ],
    ids=["silent", "line", "headers", "no body", "half a body"],
)
def test_clients_that_stop_halfway_keep_nobody_waiting(
    connect: Callable[[], socket.socket], beginning: bytes
) -> None:
    stopped = [connect() for _ in range(MANY)]
    for connection in stopped:
        connection.sendall(beginning)
    time.sleep(0.1)
    whole = LIST + b"Content-Length: 2\r\n\r\n{}"
    assert ask(connect, whole).startswith(b"HTTP/1.1 200")
    for connection in stopped:
        connection.sendall(whole[len(beginning) :])
    assert all(answer(one).startswith(b"HTTP/1.1 200") for one in stopped)


def test_a_request_may_come_byte_by_byte(connect: Callable[[], socket.socket]) -> None:
    connection = connect()
    for byte in LIST + b"Content-Length: 2\r\n\r\n{}":
        connection.sendall(bytes([byte]))
        time.sleep(0.001)
    assert answer(connection).endswith(b'{"paymentManagers":[]}')


def test_a_body_in_chunks_reaches_payments_and_moto(connect: Callable[[], socket.socket]) -> None:
    connection = connect()
    for _ in range(2):
        connection.sendall(LIST + CHUNKED + b"2\r\n{}\r\n0\r\nX-Trailer: 1\r\n\r\n")
        assert answer(connection).startswith(b"HTTP/1.1 200")
    connection.sendall(
        b"POST / HTTP/1.1\r\nHost: localhost\r\nAuthorization: AWS4-HMAC-SHA256 "
        b"Credential=test/20260101/us-east-1/sts/aws4_request, SignedHeaders=host, Signature=0\r\n"
        b"Content-Type: application/x-www-form-urlencoded\r\n"
        + CHUNKED
        + b"9\r\nAction=Ge\r\nf\r\ntCallerIdentity\r\n0\r\n\r\n"
    )
    assert b"<Account>123456789012</Account>" in answer(connection)


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        (LIST + CHUNKED + b"zz\r\n{}\r\n", b"400 Bad Request"),
        (LIST + b"Content-Length: -2\r\n\r\n{}", b"400 Bad Request"),
        (LIST + b"Content-Length: two\r\n\r\n{}", b"400 Bad Request"),
        (LIST + b"X-Long: " + b"x" * 200_000 + b"\r\n\r\n", b"431 Request Header Fields Too Large"),
        (b"GET /" + b"x" * 200_000 + b" HTTP/1.1\r\n\r\n", b"431 Request Header Fields Too Large"),
        (b"GET / HTTP/1.1\n\n", b"400 Bad Request"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\r\n\r\n", b"400 Bad Request"),
        (b"GET / HTTP/2.0\r\n\r\n", b"505 HTTP Version Not Supported"),
    ],
    ids=["chunks", "negative", "word", "headers", "path", "line ends", "TLS", "HTTP/2"],
)
def test_what_is_no_request_is_refused_and_logged_in_one_line(
    serving: Serving, connect: Callable[[], socket.socket], request_: bytes, said: bytes
) -> None:
    before = len(serving.log)
    assert ask(connect, request_).startswith(b"HTTP/1.1 " + said)
    deadline = time.monotonic() + SOON
    lines: list[str] = []
    while not lines and time.monotonic() < deadline:
        time.sleep(0.01)
        lines = [line for line in serving.log[before:] if " 200 " not in line]  # of tests before
    assert len(lines) == 1
    assert re.fullmatch(rf"\d\d:\d\d:\d\d \S+ \S+ {said[:3].decode()} \d+\.\d ms\n", lines[0])


@pytest.mark.skipif(sys.platform != "linux", reason="limits another process's files")
def test_more_connections_than_files_are_survived(start_serving: Callable[..., Serving]) -> None:
    import resource

    serving = start_serving()
    _, most = resource.prlimit(serving.process.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(serving.process.pid, resource.RLIMIT_NOFILE, (64, most))
    place = urlsplit(serving.url)
    address = (place.hostname, place.port)
    with ExitStack() as stack:
        for _ in range(100):
            stack.enter_context(socket.create_connection(address, timeout=SOON))
        last = stack.enter_context(socket.create_connection(address, timeout=SOON))
        last.sendall(LIST + b"Content-Length: 2\r\n\r\n{}")
        assert answer(last).startswith(b"HTTP/1.1 200")
    assert serving.stop() == 0
    assert "Traceback" not in serving.logged()


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_a_signal_while_libraries_load_ends_it_with_status_0(name: str) -> None:
    code = (
        "import os, signal, sys\n"
        "from boto3_agentcore_payments.cli import main\n"
        "from boto3_agentcore_payments.cli.web import application\n"
        f"application.create = lambda *_: os.kill(os.getpid(), signal.{name})\n"
        "sys.exit(main(['serve', '--port', '0']))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")


def test_a_signal_right_after_the_introduction_stops_it_with_status_0() -> None:
    code = (
        "import os, signal, sys\n"
        "from boto3_agentcore_payments.cli import main, serve\n"
        "serve.introduction = lambda *_: os.kill(os.getpid(), signal.SIGTERM) or 'serving'\n"
        "sys.exit(main(['serve', '--port', '0']))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "serving\n", "")


def test_a_server_whose_introduction_nobody_reads_serves_and_stops() -> None:
    code = (
        "import sys\n"
        "from boto3_agentcore_payments.cli import main, serve\n"
        "serve.introduction = lambda url, _: print(url, file=sys.stderr, flush=True) or ''\n"
        "sys.exit(main(['serve', '--port', '0']))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    with process, ExitStack() as stack:
        stack.callback(process.kill)
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        place = urlsplit(process.stderr.readline().strip())
        with socket.create_connection((place.hostname, place.port), timeout=SOON) as connection:
            connection.sendall(LIST + b"Content-Length: 2\r\n\r\n{}")
            assert answer(connection).startswith(b"HTTP/1.1 200")
        process.terminate()
        assert process.wait(timeout=SOON) == 0
        assert "Traceback" not in process.stderr.read()
