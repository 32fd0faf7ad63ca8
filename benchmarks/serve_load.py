"""Compare ``agentcore-payments serve`` with ``moto_server``: requests a second, stalled clients.

Several client processes with raw keep-alive connections (``http.client``) create sessions and read
them, a fixed number of times, on loopback only. Each server logs every request, to a file. Says how
many requests failed or got no answer (none should) and how much memory the server took on. Then 40
clients stop at the same point of a request, for each of nine points, and another client is timed.

    python benchmarks/serve_load.py [--clients 4] [--requests 1000] [--seconds 60] [--cheroot]
    python benchmarks/serve_load.py --state [--rounds 5]

``--cheroot`` measures serve's own application under cheroot too, which has to be installed.
``--state`` compares serve with ``serve --state FILE`` instead: both run all the time and take turns
in each round, and clients pay too. The ratio of each kind is the median of the rounds' ratios.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import multiprocessing
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

REGION = "us-west-2"
HEADERS = {
    "Authorization": "AWS4-HMAC-SHA256 "
    "Credential=test/20260101/us-west-2/bedrock-agentcore/aws4_request, "
    "SignedHeaders=host, Signature=0",
    "Content-Type": "application/json",
    "X-Amzn-Bedrock-AgentCore-Payments-User-Id": "alice",
}
KINDS = ("create", "get", "pay")
PAY = {
    "paymentType": "CRYPTO_X402",
    "paymentInput": {
        "cryptoX402": {
            "version": "2",
            "payload": {
                "scheme": "exact",
                "network": "eip155:84532",
                "amount": "1",
                "asset": "0x036CbD53842c5426634e7929541eC2318f3dCF7e",
                "payTo": "0x209693Bc6afc0C5328bA36FaF03C514EF312287C",
                "maxTimeoutSeconds": 60,
                "extra": {"name": "USDC", "version": "2"},
            },
        }
    },
}
START_SECONDS = 60
PATIENCE_SECONDS = 5
STALLED_CLIENTS = 40
_POST = b"POST /payments/managers-list HTTP/1.1\r\nHost: localhost\r\n"
STALLS = {
    "nothing": b"",
    "half a line": b"POST /payments/man",
    "half a header": _POST + b"Content-Le",
    "no body": _POST + b"Content-Length: 2\r\n\r\n",
    "half a body": _POST + b"Content-Length: 2\r\n\r\n{",
    "half a long body": _POST + b"Content-Length: 100000\r\n\r\n" + b" " * 50_000,
    "Expect: 100-continue": _POST + b"Content-Length: 2\r\nExpect: 100-continue\r\n\r\n",
    "half a chunk": _POST + b"Transfer-Encoding: chunked\r\n\r\n9\r\n{",
    "no last chunk": _POST + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",
}
"""What a client has sent by the time it stops."""

CHEROOT = """
import sys
from cheroot import wsgi
from boto3_agentcore_payments.cli.web import access_log, application, guard
create = application.create(guard.Guard("127.0.0.1"))
def logged(environ, start_response):
    access_log.write_line(sys.stderr.write, environ["REQUEST_METHOD"], environ["PATH_INFO"], "", 0)
    return create(environ, start_response)
wsgi.Server(("127.0.0.1", int(sys.argv[-1])), logged, numthreads=16).safe_start()
"""


@dataclass(frozen=True)
class Server:
    """A running server."""

    port: int
    pid: int

    def processor_seconds(self) -> float:
        """Processor time until now, 0 where the system does not say."""
        with contextlib.suppress(OSError):
            status = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii")
            user, system = status.rpartition(")")[2].split()[11:13]
            return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
        return 0

    def memory(self) -> int:
        """Resident memory in KiB, 0 where the system does not say."""
        with contextlib.suppress(OSError):
            status = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii")
            found = re.search(r"VmRSS:\s+(\d+) kB", status)
            return int(found.group(1)) if found else 0
        return 0


@dataclass(frozen=True)
class Result:
    """Totals of several clients."""

    requests: int
    failed: int
    seconds: float

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.requests / self.seconds


@contextlib.contextmanager
def running(*arguments: str) -> Iterator[Server]:
    """Run a server, by arguments of the interpreter, on a free port until the block ends."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryFile() as log:
        command = [sys.executable, *arguments, "--port", str(port)]
        process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            deadline = time.monotonic() + START_SECONDS
            while True:
                with contextlib.suppress(OSError):
                    socket.create_connection(("127.0.0.1", port), timeout=1).close()
                    break
                if process.poll() is not None or time.monotonic() > deadline:
                    log.seek(0)
                    raise SystemExit(log.read().decode(errors="replace"))
                time.sleep(0.05)
            yield Server(port, process.pid)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait()


def ask(connection: http.client.HTTPConnection, method: str, path: str, body: Any) -> Any:
    """Send a request; return the answer's document, or raise ``OSError`` on any other status."""
    connection.request(method, path, body=json.dumps(body), headers=HEADERS)
    answer = connection.getresponse()
    content = answer.read()
    if answer.status >= http.HTTPStatus.BAD_REQUEST:
        message = f"{answer.status}: {content[:200]!r}"
        raise OSError(message)
    return json.loads(content)


def make_manager(port: int) -> str:
    """Create a payment manager and return its ARN."""
    body = {
        "name": "load",
        "authorizerType": "AWS_IAM",
        "roleArn": "arn:aws:iam::123456789012:role/load",
        "clientToken": uuid.uuid4().hex + uuid.uuid4().hex,
    }
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    arn: str = ask(connection, "POST", "/payments/managers", body)["paymentManagerArn"]
    manager = arn.rpartition("/")[2]
    while ask(connection, "GET", f"/payments/managers/{manager}", {})["status"] != "READY":
        time.sleep(0.05)
    return arn


@dataclass(frozen=True)
class Work:
    """What each client does: ``count`` requests of one kind, within a number of seconds."""

    kind: str
    count: int
    seconds: float


def client(port: int, arn: str, work: Work, results: Any) -> None:
    """One client process, with one connection."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    create = {
        "paymentManagerArn": arn,
        "expiryTimeInMinutes": 60,
        "limits": {"maxSpendAmount": {"value": "5.00", "currency": "USD"}},
    }
    made = failed = 0
    ids: dict[str, Any] = payer(connection) if work.kind == "pay" else {}
    deadline = time.monotonic() + work.seconds
    first = ask(
        connection, "POST", "/payments/createPaymentSession", {**create, "clientToken": token()}
    )
    read = {
        "paymentManagerArn": arn,
        "paymentSessionId": first["paymentSession"]["paymentSessionId"],
    }
    while made < work.count and time.monotonic() < deadline:
        made += 1
        try:
            if work.kind == "pay":
                ask(
                    connection,
                    "POST",
                    "/payments/processPayment",
                    {**PAY, **ids, "clientToken": token()},
                )
            elif work.kind == "create":
                body = {**create, "clientToken": token()}
                ask(connection, "POST", "/payments/createPaymentSession", body)
            else:
                ask(connection, "POST", "/payments/getPaymentSession", read)
        except (OSError, http.client.HTTPException, ValueError):
            failed += 1
            connection.close()
    results.put((made, failed))


def payer(connection: http.client.HTTPConnection) -> dict[str, Any]:
    """Make a wallet and a session to pay with, and return their ids."""
    wallet = {"user": "alice", "funds": "1000.00"}
    start = {
        "managers": [
            {
                "name": f"payer{os.getpid()}",
                "connectors": [{"name": "coins", "wallets": [wallet]}],
                "sessions": [{"user": "alice", "minutes": 480}],
            }
        ]
    }
    place = "/moto-api/agentcore-payments/seed"
    body = {"start": start, "region": REGION}
    (manager,) = ask(connection, "POST", place, body)["result"]["managers"]
    return {
        "paymentManagerArn": manager["paymentManagerArn"],
        "paymentSessionId": manager["sessions"][0]["paymentSessionId"],
        "paymentInstrumentId": manager["connectors"][0]["wallets"][0]["paymentInstrumentId"],
    }


def token() -> str:
    """Return a fresh client token."""
    return str(uuid.uuid4())


def measure(port: int, arn: str, clients: int, work: Work) -> Result:
    """Let several client processes work at once."""
    results: Any = multiprocessing.Queue()
    began = time.monotonic()
    workers = [
        multiprocessing.Process(target=client, args=(port, arn, work, results))
        for _ in range(clients)
    ]
    for worker in workers:
        worker.start()
    answers = [results.get(timeout=work.seconds + 60) for _ in workers]
    for worker in workers:
        worker.join()
    took = time.monotonic() - began
    return Result(sum(made for made, _ in answers), sum(failed for _, failed in answers), took)


def compare_with_state(arguments: argparse.Namespace) -> int:
    """Measure serve without and with ``--state`` in turn; status 1 if a request failed."""
    with contextlib.ExitStack() as stack:
        directory = stack.enter_context(tempfile.TemporaryDirectory())
        command = ("-m", "boto3_agentcore_payments", "serve")
        servers = {
            "without": stack.enter_context(running(*command)),
            "with": stack.enter_context(running(*command, "--state", f"{directory}/state.db")),
        }
        arns = {name: make_manager(server.port) for name, server in servers.items()}
        for name, server in servers.items():
            for kind in KINDS:
                measure(server.port, arns[name], 1, Work(kind, 50, 60))  # warm-up
        failures = 0
        for kind in KINDS:
            rates: dict[str, list[float]] = {name: [] for name in servers}
            for number in range(arguments.rounds):
                for name in sorted(servers, reverse=bool(number % 2)):
                    work = Work(kind, arguments.requests, arguments.seconds)
                    port, clients = servers[name].port, arguments.clients
                    result = measure(port, arns[name], clients, work)
                    rates[name].append(result.rate)
                    failures += result.failed
            ratios = sorted(had / lacked for had, lacked in zip(rates["with"], rates["without"]))
            each = "  ".join(
                f"{name} --state {statistics.median(rates[name]):5.0f} requests/s"
                for name in servers
            )
            print(
                f"{kind:<7} {each}  ratio {statistics.median(ratios):.2f} "
                f"({ratios[0]:.2f} to {ratios[-1]:.2f} in {arguments.rounds} rounds)"
            )
    print(f"{failures} requests failed")
    return 1 if failures else 0


def longest_wait(port: int, beginning: bytes) -> float:
    """Return the seconds a client waits for its answer while others have stopped in a request."""
    with contextlib.ExitStack() as stack:
        for _ in range(STALLED_CLIENTS):
            stopped = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
            stopped.sendall(beginning)
        time.sleep(0.2)
        began = time.monotonic()
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
        stack.callback(connection.close)
        with contextlib.suppress(OSError):
            ask(connection, "POST", "/payments/managers-list", {})
        return time.monotonic() - began


def main() -> int:
    """Measure the servers and print a table; status 1 if a request of ours failed."""
    parser = argparse.ArgumentParser(description="Compare serve with moto_server under load.")
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--requests", type=int, default=1000, help="of each client and kind")
    parser.add_argument("--seconds", type=float, default=60, help="at most, for each kind")
    parser.add_argument("--cheroot", action="store_true", help="measure it under cheroot too")
    parser.add_argument("--state", action="store_true", help="compare serve with serve --state")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of --state")
    arguments = parser.parse_args()
    if arguments.state:
        return compare_with_state(arguments)
    servers = {
        "serve": ("-m", "boto3_agentcore_payments", "serve"),
        **({"cheroot": ("-c", CHEROOT)} if arguments.cheroot else {}),
        "moto_server": ("-m", "moto.server"),
    }
    rates: dict[tuple[str, str], float] = {}
    failures = 0
    for name, command in servers.items():
        with running(*command) as server:
            arn = make_manager(server.port)
            measure(server.port, arn, 1, Work("create", 50, 60))  # warm-up
            for kind in ("create", "get"):
                before, worked = server.memory(), server.processor_seconds()
                work = Work(kind, arguments.requests, arguments.seconds)
                result = measure(server.port, arn, arguments.clients, work)
                grown = server.memory() - before
                each = (server.processor_seconds() - worked) * 1000 / result.requests
                rates[name, kind] = result.rate
                failures += result.failed if name == "serve" else 0
                print(
                    f"{name:<12} {kind:<7} {result.rate:7.0f} requests/s, {each:.2f} ms of CPU "
                    f"each  {result.requests} sent, {result.failed} failed  memory {grown:+} KiB"
                )
            for stall, beginning in STALLS.items():
                waited = longest_wait(server.port, beginning)
                print(f"{name:<12} {STALLED_CLIENTS} stopped at {stall:<21} {waited:6.3f} s waited")
    for kind in ("create", "get"):
        ratio = rates["serve", kind] / rates["moto_server", kind]
        print(f"{kind}: {ratio:.2f} times moto_server's rate")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
