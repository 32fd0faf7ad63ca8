"""A Lambda function's cold start: the payments client against sts, in fresh interpreters.

As in Lambda: a task root with the package in it, whose start-up file ``site.addsitedir`` reads, and
a boto3 that is there already. Each run is a new process that imports boto3 and makes one client;
the two kinds alternate, and medians are compared. Interpreter start is taken off, which no function
can change.

    python benchmarks/lambda_cold_start.py [--runs 15]
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import boto3

CHECKOUT = Path(__file__).resolve().parents[1]
PROGRAM = """
import time
began = time.perf_counter()
import site, sys
sys.path.append(sys.argv[3])
sys.path.insert(0, sys.argv[1])
site.addsitedir(sys.argv[1])
import boto3
imported = time.perf_counter()
boto3.client(sys.argv[2], region_name="us-west-2")
print(imported - began, time.perf_counter() - imported)
"""
LIBRARIES = str(Path(boto3.__file__).parents[1])
SERVICES = ("sts", "bedrock-agentcore-payments", "bedrock-agentcore")


def main() -> int:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(
        description="Compare a Lambda function's cold start with that of sts."
    )
    parser.add_argument("--runs", type=int, default=15)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as directory:
        archive, task = Path(directory, "layer.zip"), str(Path(directory, "python"))
        command = [sys.executable, str(CHECKOUT / "tools" / "build_lambda.py"), "layer"]
        subprocess.run([*command, "--output", str(archive)], check=True, capture_output=True)
        shutil.unpack_archive(archive, directory)
        for service in SERVICES:  # warms bytecode and the page cache; does not count
            start(task, service)
        measured: dict[str, list[tuple[float, float]]] = {service: [] for service in SERVICES}
        for _ in range(runs):
            for service in SERVICES:
                measured[service].append(start(task, service))
    totals = {}
    for service, times in measured.items():
        imports, clients = (statistics.median(kind) * 1000 for kind in zip(*times))
        totals[service] = imports + clients
        print(f"{service:<28} import {imports:6.1f} ms  client {clients:6.1f} ms")
    ratio = totals["bedrock-agentcore-payments"] / totals["sts"]
    print(f"cold start of the payments client: {ratio:.2f} times that of sts")
    return 0


def start(task: str, service: str) -> tuple[float, float]:
    """Return the seconds of one cold start: the imports, and the client."""
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "HOME": task,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }
    ran = subprocess.run(
        # -S: what is installed in this environment stays out of it, but for boto3.
        [sys.executable, "-S", "-c", PROGRAM, task, service, LIBRARIES],
        env=environment,
        cwd=task,
        capture_output=True,
        text=True,
        check=True,
    )
    imports, client = ran.stdout.split()
    return float(imports), float(client)


if __name__ == "__main__":
    sys.exit(main())
