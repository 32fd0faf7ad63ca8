"""``agentcore-payments doctor``: what is installed, what is in effect, what is wrong."""

from __future__ import annotations

import json
import warnings
from functools import partial
from typing import TYPE_CHECKING

from boto3_agentcore_payments.cli.diagnosis.findings import Status, wrong
from boto3_agentcore_payments.errors import AgentCorePaymentsWarning

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator

    from boto3_agentcore_payments.cli.diagnosis.findings import Finding


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def run(arguments: argparse.Namespace) -> int:
    """Print the findings.

    Returns:
        1 if something is wrong, else 0.
    """
    found = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AgentCorePaymentsWarning)  # findings say the same
        for finding in findings():
            found.append(finding)
            if not arguments.json:  # one by one, since some take a second to find out
                print(_line(finding), flush=True)
    if arguments.json:
        print(json.dumps(_document(found), indent=2))
    return _exit_status(found)


def findings() -> Iterator[Finding]:
    """Look at everything, in the order in which one depends on the other."""
    from boto3_agentcore_payments.cli.diagnosis import installation

    broken = False
    for finding in _safely("installation", installation.check):
        broken = broken or finding.status is Status.WRONG
        yield finding
    if not broken:
        yield from _with_botocore()


def _with_botocore() -> Iterator[Finding]:
    import botocore.session

    from boto3_agentcore_payments.cli.diagnosis import activation, aws_cli, configuration, models

    session = botocore.session.Session()
    yield from _safely("activation", activation.check)
    yield from _safely("models", partial(models.check, session))
    yield from _safely("configuration", partial(configuration.check, session))
    yield from _safely("aws cli", aws_cli.check)


def _safely(topic: str, check: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """Run a check; if it fails, that is a finding too, and the others go on."""
    try:
        yield from check()
    except Exception as error:  # noqa: BLE001 - whatever is broken is what the doctor is for
        text = " ".join(f"{type(error).__name__}: {error}".split())
        yield wrong(topic, text, "put that right and run doctor again")


def _line(finding: Finding) -> str:
    advice = f" -> {finding.advice}" if finding.advice else ""
    return f"{finding.status.value:<6} {finding.topic:<12} {finding.text}{advice}"


def _document(found: list[Finding]) -> dict[str, object]:
    return {
        "healthy": not _exit_status(found),
        "findings": [
            {
                "topic": finding.topic,
                "status": finding.status.value,
                "text": finding.text,
                "advice": finding.advice,
            }
            for finding in found
        ],
    }


def _exit_status(found: list[Finding]) -> int:
    return 1 if any(finding.status is Status.WRONG for finding in found) else 0
