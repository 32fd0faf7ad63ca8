"""Find the installed AWS CLIs, and check whether each finds the services."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from boto3_agentcore_payments import loader
from boto3_agentcore_payments.cli.diagnosis.activation import OPT_OUT
from boto3_agentcore_payments.cli.diagnosis.findings import note, ok

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from boto3_agentcore_payments.cli.diagnosis.findings import Finding

TOPIC = "aws cli"
_SECONDS = 60
_VERSION_1 = (
    "install this package where that CLI is installed, or run: agentcore-payments install-models"
)
_VERSION_1_OPTED_OUT = (
    f"unset {OPT_OUT}, or put under [plugins] in ~/.aws/config: "
    "agentcore-payments = boto3_agentcore_payments.cli.aws_plugin"
)
_VERSION_2 = "run: agentcore-payments install-models"
_FIRST_WITH_ENDPOINT_URL = {"1": (1, 29), "2": (2, 13)}
"""The version of each AWS CLI that began to read ``AWS_ENDPOINT_URL``."""


def check() -> Iterator[Finding]:
    """Look at every ``aws`` on PATH."""
    programs = _programs()
    if not programs:
        yield ok(TOPIC, "not installed")
    for program in programs:
        match = re.search(r"aws-cli/((\d+)\S*)", _output([str(program), "--version"]) or "")
        if not match:
            yield note(TOPIC, f"{program} does not run")
            continue
        version, major = match.groups()
        yield _services(program, version, major)
        if loader.version_numbers(version) < _FIRST_WITH_ENDPOINT_URL.get(major, ()):
            yield note(
                TOPIC,
                f"{version} {program}, ignores AWS_ENDPOINT_URL",
                "give it --endpoint-url for the emulator",
            )


def _services(program: Path, version: str, major: str) -> Finding:
    about = f"{version} {program}"
    # A skeleton needs the service's definition and nothing else: no region, credentials, network.
    question = [
        str(program),
        loader.DATA_PLANE,
        "get-payment-session",
        "--generate-cli-skeleton",
    ]
    if _output(question) is not None:
        return ok(TOPIC, f"{about}, finds the services")
    if major != "1":
        advice = _VERSION_2
    else:
        advice = _VERSION_1_OPTED_OUT if os.environ.get(OPT_OUT) == "0" else _VERSION_1
    return note(TOPIC, f"{about}, does not find the services", advice)


def _programs() -> list[Path]:
    found = (Path(place) / "aws" for place in os.environ.get("PATH", "").split(os.pathsep) if place)
    runnable = (path for path in found if path.is_file() and os.access(path, os.X_OK))
    return list({path.resolve(): path for path in runnable}.values())


def _output(command: Sequence[str]) -> str | None:
    """Return a command's output, or ``None`` if it fails."""
    try:
        ran = subprocess.run(  # noqa: S603 - the programs on PATH are what is asked about
            command,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
            stdin=subprocess.DEVNULL,
            env={**os.environ, "AWS_PAGER": "", "AWS_CLI_AUTO_PROMPT": "off"},
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return None if ran.returncode else ran.stdout + ran.stderr
