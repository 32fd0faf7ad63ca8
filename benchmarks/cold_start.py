"""What the first payment of a process costs, beside one SQS call in moto; and a server's start.

Each process is a new interpreter that imports boto3 and moto, mocks AWS and makes its calls: one
``create_queue``, or everything up to a first payment (manager, credential provider, connector,
wallet, session, ProcessPayment). They take turns, so that what else the machine does falls on all
alike. Prints the medians of the processes' own processor time and wall time, and the ratio to SQS.
Then the same of ``agentcore-payments serve`` until it has answered its first request, beside
``moto_server`` until it takes connections.

    python benchmarks/cold_start.py [--rounds 9]

Exits with 1 if a ratio is above its limit.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import os
import resource
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path

from market import CREDENTIALS, KINDS, Buyer

SQS = "one SQS call"
ALLOWED = {SQS: 1.0, "x402 EIP-3009": 1.1, "MPP evm": 1.1, "x402 Solana": 1.0, "MPP solana": 1.0}
"""What a process does, and how many times the processor time of the first one it may take."""
SERVERS = {
    "moto_server": ["-m", "moto.server"],
    "serve": ["-m", "boto3_agentcore_payments", "serve", "--quiet"],
}
SERVER_ALLOWED = 1.2
"""How many times the processor time of moto_server's start serve's first answer may take."""


def pay(kind: str) -> None:
    """Make a wallet and pay once, in this process."""
    import boto3
    from moto import mock_aws

    with mock_aws():
        if kind == SQS:
            boto3.client("sqs", **CREDENTIALS).create_queue(QueueName="queue")
        else:
            Buyer(KINDS[kind].wallet, KINDS[kind].vendor).pay(KINDS[kind])


def seconds(kind: str) -> tuple[float, float]:
    """Return processor and wall time of a new process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    subprocess.run([sys.executable, Path(__file__), "--once", kind], check=True)
    wall = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return spent, wall


def server_seconds(name: str) -> tuple[float, float]:
    """Return processor and wall time until a server has started or, if it is ours, answered."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, *SERVERS[name], "--port", str(port)]
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while True:
            with contextlib.suppress(OSError):
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
                connection.connect()
                break
            if process.poll() is not None:
                sys.exit(f"{name} ended with {process.returncode}")
            time.sleep(0.01)
        if name == "serve":
            connection.request("POST", "/payments/managers-list", b"{}")
            answer = connection.getresponse()
            if answer.status >= 300:  # noqa: PLR2004 - the first status that is not a success
                sys.exit(f"serve answered {answer.status}: {answer.read()!r}")
        wall = time.perf_counter() - started
        status = Path(f"/proc/{process.pid}/stat").read_text(encoding="ascii")
        ticks = map(int, status.rpartition(")")[2].split()[11:13])
        return sum(ticks) / os.sysconf("SC_CLK_TCK"), wall
    finally:
        process.kill()
        process.wait()


def main() -> None:
    """Measure and print; exit with 1 if a first payment costs more than it may."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--once", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.once:
        pay(chosen.once)
        return
    for kind in ALLOWED:
        seconds(kind)
    runs = [{kind: seconds(kind) for kind in ALLOWED} for _ in range(chosen.rounds)]
    print(f"{'process':<14}{'processor':>10}{'wall':>8}   s{'ratio':>9}{'at most':>9}")
    above = False
    for kind, allowed in ALLOWED.items():
        spent = statistics.median(run[kind][0] for run in runs)
        wall = statistics.median(run[kind][1] for run in runs)
        # Of each round, so that a slow moment falls on both.
        ratio = statistics.median(run[kind][0] / run[SQS][0] for run in runs)
        above = above or ratio > allowed
        print(f"{kind:<14}{spent:10.2f}{wall:8.2f}{ratio:13.2f}{allowed:9.2f}")
    starts = [{name: server_seconds(name) for name in SERVERS} for _ in range(chosen.rounds)]
    ratio = statistics.median(run["serve"][0] / run["moto_server"][0] for run in starts)
    for name in SERVERS:
        spent, wall = (statistics.median(run[name][each] for run in starts) for each in (0, 1))
        limit = f"{ratio:13.2f}{SERVER_ALLOWED:9.2f}" if name == "serve" else ""
        print(f"{name:<14}{spent:10.2f}{wall:8.2f}{limit}")
    if above or ratio > SERVER_ALLOWED:
        sys.exit(1)


if __name__ == "__main__":
    main()
