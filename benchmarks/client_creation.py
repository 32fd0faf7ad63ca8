"""What ``boto3.client("bedrock-agentcore-payments")`` costs beside others, in a cold process.

Each client is made in a process of its own, which has imported boto3 and made no client yet, as a
Lambda function or a command does. The services take turns, so that a busy machine is as unfair to
one as to the other. Compare the ratios, not the milliseconds; where other programs run, those of
CPU time vary less, and leave out what a process waits for while it scans directories.

    python benchmarks/client_creation.py [--rounds 25]
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys

SERVICES = (
    "bedrock-agentcore-payments",
    "bedrock-agentcore-payments-control",
    "sts",
    "bedrock-agentcore",
    "bedrock-agentcore-control",
)
TARGETS = (("sts", 0.65), ("bedrock-agentcore", 0.40))

PROBE = """
import sys, time
import boto3
started, used = time.perf_counter(), time.process_time()
boto3.client(sys.argv[1])
print(time.perf_counter() - started, time.process_time() - used)
"""

ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": "us-west-2",
    "AWS_EC2_METADATA_DISABLED": "true",
}


def milliseconds(service_name: str) -> tuple[float, float] | None:
    """Return the elapsed and the CPU time of one client, or ``None`` for an unknown service."""
    answer = subprocess.run(
        [sys.executable, "-c", PROBE, service_name],
        capture_output=True,
        check=False,
        env={**os.environ, **ENVIRONMENT},
        text=True,
    )
    if "UnknownServiceError" in answer.stderr:
        return None
    if answer.returncode:
        sys.exit(answer.stderr)
    elapsed, used = answer.stdout.split()
    return float(elapsed) * 1000, float(used) * 1000


def main() -> None:
    """Measure, and print a table and the two ratios that matter."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=25, help="processes for each service")
    rounds = parser.parse_args().rounds
    samples: dict[str, list[tuple[float, float]]] = {name: [] for name in SERVICES}
    for _ in range(rounds):
        for name, taken in samples.items():
            value = milliseconds(name)
            if value is not None:
                taken.append(value)
    medians = {
        name: [statistics.median(times) for times in zip(*taken)]
        for name, taken in samples.items()
        if taken
    }
    print(f"{'cold client (medians)':<36} {'elapsed ms':>10} {'CPU ms':>8}")
    for name, (elapsed, used) in medians.items():
        print(f"{name:<36} {elapsed:10.1f} {used:8.1f}")
    ours = medians[SERVICES[0]]
    for name, target in TARGETS:
        if name in medians:
            elapsed, used = (mine / other for mine, other in zip(ours, medians[name]))
            print(f"ratio to {name:<27} {elapsed:10.2f} {used:8.2f}  (target {target:.2f})")


if __name__ == "__main__":
    main()
