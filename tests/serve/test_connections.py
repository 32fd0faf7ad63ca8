"""The server's connections: clients that stop halfway, input that is not HTTP, many at once."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from running_server import Serving

LIST = b"POST /payments/managers-list HTTP/1.1\r\nHost: localhost\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"
SOON = 10
PROMPTLY = 2
MANY = 40
"""Many more than the server has threads."""


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
        got = (got + more).replace(b"HTTP/1.1 100 Continue\r\n\r\n", b"")
        head, end, body = got.partition(b"\r\n\r\n")
        length = re.search(rb"Content-Length: (\d+)", head)
        if end and length and len(body) >= int(length[1]):
            break
    return got


def ask(connect: Callable[[], socket.socket], request: bytes) -> bytes:
    connection = connect()
    connection.sendall(request)
    return answer(connection)


STALLS = {
    "silent": b"",
    "line": b"POST /payments/managers-",
    "headers": LIST + b"Content-Le",
    "no body": LIST + b"Content-Length: 2\r\n\r\n",
    "half a body": LIST + b"Content-Length: 2\r\n\r\n{",
    "long body": LIST + b"Content-Length: 100000\r\n\r\n{}" + b" " * 50_000,
    "expect": LIST + b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\n",
    "chunk size": LIST + CHUNKED + b"2",
    "chunk": LIST + CHUNKED + b"2\r\n{",
    "chunk end": LIST + CHUNKED + b"2\r\n{}",
    "last chunk": LIST + CHUNKED + b"2\r\n{}\r\n0\r\n",
}
"""What a client has sent when it stops."""

REST = {
    "long body": b" " * 49_998,
    "expect": b"{}",
    "chunk size": b"\r\n{}\r\n0\r\n\r\n",
    "chunk": b"}\r\n0\r\n\r\n",
    "chunk end": b"\r\n0\r\n\r\n",
    "last chunk": b"\r\n",
}
WHOLE = LIST + b"Content-Length: 2\r\n\r\n{}"


@pytest.mark.parametrize("kind", STALLS)
def test_clients_that_stop_halfway_do_not_delay_others(
    connect: Callable[[], socket.socket], kind: str
) -> None:
    stopped = [connect() for _ in range(MANY)]
    for connection in stopped:
        connection.sendall(STALLS[kind])
    time.sleep(0.1)
    began = time.monotonic()
    assert ask(connect, WHOLE).startswith(b"HTTP/1.1 200")
    assert time.monotonic() - began < PROMPTLY
    for connection in stopped:
        connection.sendall(REST.get(kind, WHOLE[len(STALLS[kind]) :]))
    for connection in stopped:
        assert answer(connection).startswith(b"HTTP/1.1 200")


def test_clients_that_send_byte_by_byte_do_not_delay_others(
    connect: Callable[[], socket.socket],
) -> None:
    slow = [connect() for _ in range(MANY)]
    for number in range(20):
        for connection in slow:
            connection.sendall(WHOLE[number : number + 1])
        began = time.monotonic()
        assert ask(connect, WHOLE).startswith(b"HTTP/1.1 200")
        assert time.monotonic() - began < PROMPTLY


def test_clients_that_take_no_answer_do_not_delay_others(
    start_serving: Callable[..., Serving],
) -> None:
    serving = start_serving()
    size = 20 * 1024 * 1024
    head = f"PUT /taken/big HTTP/1.1\r\nHost: localhost\r\nContent-Length: {size}\r\n\r\n"
    assert serving.ask("PUT", "/taken")[0] == 200
    assert serving.send(head.encode() + bytes(size)).startswith(b"HTTP/1.1 200")
    with ExitStack() as stack:
        for _ in range(MANY):
            connection = stack.enter_context(serving.connect())
            connection.sendall(b"GET /taken/big HTTP/1.1\r\nHost: localhost\r\n\r\n")
        began = time.monotonic()
        assert serving.send(WHOLE).startswith(b"HTTP/1.1 200")
        assert time.monotonic() - began < SOON
    serving.process.kill()


@pytest.mark.parametrize("expecting", [b"", b"Expect: 100-continue\r\n"])
@pytest.mark.parametrize(
    ("path", "length"),
    [(b"/payments/managers-list", 1024**2 + 1), (b"/bucket/key", 64 * 1024**2 + 1)],
)
def test_a_body_over_the_limit_is_refused_before_it_is_read(
    serving: Serving, path: bytes, length: int, expecting: bytes
) -> None:
    head = b"PUT %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n" % (path, length)
    answered = serving.send(head + expecting + b"\r\n")
    assert answered.startswith(b"HTTP/1.1 413 Request Entity Too Large\r\n")


def test_a_body_of_the_limit_is_read(serving: Serving) -> None:
    length = 1024**2
    whole = LIST + b"Content-Length: %d\r\n\r\n{}" % length + b" " * (length - 2)
    assert serving.send(whole).startswith(b"HTTP/1.1 200")


def test_a_client_that_sends_on_gets_its_refusal_and_takes_no_memory(serving: Serving) -> None:
    before = serving.memory()
    with serving.connect() as connection:
        connection.sendall(LIST + b"Content-Length: 314572800\r\n\r\n" + b" " * 200_000)
        assert answer(connection).startswith(b"HTTP/1.1 413")
        with suppress(OSError):  # at some point the server has heard enough
            for _ in range(300):
                connection.sendall(b" " * 1024**2)
    assert serving.memory() - before < 10 * 1024


def test_chunks_are_counted_together(serving: Serving) -> None:
    chunk = b"8000\r\n" + b" " * 0x8000 + b"\r\n"
    with serving.connect() as connection:
        connection.sendall(LIST + CHUNKED + chunk * 33)
        assert answer(connection).startswith(b"HTTP/1.1 413")


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
def test_malformed_request_is_refused_and_logged_in_one_line(
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


def test_sigterm_ends_injected_latency_and_stalled_uploads(
    start_serving: Callable[..., Serving],
) -> None:
    serving = start_serving()
    fault = b'{"latency": 3600, "times": null, "region": "us-west-2"}'
    place = "/moto-api/agentcore-payments/inject-fault"
    assert serving.ask("POST", place, fault)[0] == 200
    region = b"Authorization: AWS4-HMAC-SHA256 Credential=a/20260101/us-west-2/bedrock-agentcore/"
    with ExitStack() as stack:
        for beginning in STALLS.values():
            stack.enter_context(serving.connect()).sendall(beginning)
        for _ in range(MANY):
            delayed = stack.enter_context(serving.connect())
            delayed.sendall(LIST + region + b"aws4_request\r\nContent-Length: 2\r\n\r\n{}")
        time.sleep(0.3)
        began = time.monotonic()
        assert serving.stop() == 0
        assert time.monotonic() - began < PROMPTLY
    assert "Traceback" not in serving.logged()


def test_an_excessive_latency_is_refused(serving: Serving) -> None:
    place = "/moto-api/agentcore-payments/inject-fault"
    status, _, body = serving.ask("POST", place, '{"latency": 1e10}')
    assert (status, b"latency must be at most 3600 seconds" in body) == (400, True)


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


def test_a_server_with_unread_output_serves_and_stops() -> None:
    code = (
        "import sys\n"
        "from boto3_agentcore_payments.cli import main, serve\n"
        "serve.introduction = lambda url, *_, **__: print(url, file=sys.stderr, flush=True) or ''\n"
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
