"""A server of our own in a process of its own, and what its clients need in their environment."""

from __future__ import annotations

import contextlib
import http.client
import os
import queue
import re
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

START_SECONDS = 60
SOON = 10
REGION = "us-west-2"


CLOSED = b"<closed>"


def received(connection: socket.socket) -> bytes:
    """Return one answer; it ends with ``CLOSED`` if the connection is closed, or said to be."""
    got = b""
    while more := connection.recv(65536):
        got += more
        head, end, body = got.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)\r\nContent-Length: (\d+)", head)
        if end and length and len(body) >= int(length[1]) and b"Connection: close" not in head:
            return got
    return got + CLOSED


class Serving:
    """A running ``agentcore-payments serve``.

    Attributes:
        url: Its address.
        introduction: What it printed.
        process: The process.
    """

    def __init__(self, *arguments: str, environment: dict[str, str] | None = None) -> None:
        command = [sys.executable, "-m", "boto3_agentcore_payments", "serve", "--port", "0"]
        self.process = subprocess.Popen(
            [*command, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
        )
        self._lines: queue.Queue[str | None] = queue.Queue()
        self.log: list[str] = []
        threading.Thread(target=self._read_introduction, daemon=True).start()
        threading.Thread(target=self._read_log, daemon=True).start()
        self.introduction = ""
        while not self.introduction.endswith("=test\n"):
            line = self._lines.get(timeout=START_SECONDS)
            if line is None:
                raise AssertionError(f"serve ended: {''.join(self.log)}")
            self.introduction += line
        self.url = re.findall(r"http://\S+", self.introduction)[0]

    def _read_introduction(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self._lines.put(line)
        self._lines.put(None)

    def _read_log(self) -> None:
        assert self.process.stderr
        self.log.extend(self.process.stderr)

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens."""
        place = urlsplit(self.url)
        return str(place.hostname), int(place.port or 0)

    def memory(self) -> int:
        """Resident memory in KiB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        return int(status.partition("VmRSS:")[2].split()[0])

    def ask(
        self, method: str, path: str, body: bytes | str = b"", **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        """Send one request; return status, headers by lower-case name, and body.

        ``headers`` have underscores for dashes; ``host`` takes the place of the address.
        """
        connection = http.client.HTTPConnection(*self.address, timeout=SOON)
        with contextlib.closing(connection):
            given = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body or None, given)
            answer = connection.getresponse()
            content = answer.read()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, content

    def connect(self) -> socket.socket:
        """Open a connection."""
        return socket.create_connection(self.address, timeout=SOON)

    def send(self, request: bytes) -> bytes:
        """Send bytes on a connection of their own and return the answer, see :func:`received`."""
        with self.connect() as connection:
            connection.sendall(request)
            return received(connection)

    def logged(self) -> str:
        """Everything logged until now."""
        return "".join(self.log)

    def stop(self, by: signal.Signals = signal.SIGTERM) -> int:
        """Stop it and return its exit status."""
        self.process.send_signal(by)
        return self.process.wait(timeout=20)


@pytest.fixture(scope="session")
def start_serving() -> Iterator[Callable[..., Serving]]:
    """Start a server; it is stopped at the end at the latest."""
    with contextlib.ExitStack() as stack:

        def start(*arguments: str, environment: dict[str, str] | None = None) -> Serving:
            serving = Serving(*arguments, environment=environment)

            def end() -> None:
                if serving.process.poll() is None:
                    serving.stop()
                for stream in (serving.process.stdout, serving.process.stderr):
                    assert stream
                    stream.close()

            stack.callback(end)
            return serving

        yield start


@pytest.fixture(scope="session")
def serving(start_serving: Callable[..., Serving]) -> Serving:
    """One server for all tests that do not disturb each other."""
    return start_serving()


@pytest.fixture
def environment(tmp_path: Path, serving: Serving) -> dict[str, str]:
    """The environment of a program that is to use the server, with an empty home directory."""
    home = tmp_path / "home"
    home.mkdir()
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AWS_", "PYTHON", "BOTO3_")) and name != "HOME"
    }
    return {
        **kept,
        "HOME": str(home),
        "AWS_ENDPOINT_URL": serving.url,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_PAGER": "",
        "PAGER": "cat",
    }
