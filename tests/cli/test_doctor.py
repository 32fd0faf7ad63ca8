"""The doctor's report: what it prints, and its exit status."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

from doctor_findings import home, only

from boto3_agentcore_payments.cli import doctor, main
from boto3_agentcore_payments.cli.diagnosis import activation, aws_cli
from boto3_agentcore_payments.cli.diagnosis.findings import Finding, Status, note, ok, wrong

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pytest


__all__ = ["home"]


def pretend(monkeypatch: pytest.MonkeyPatch, *findings: Finding) -> None:
    monkeypatch.setattr(doctor, "findings", lambda: iter(findings))


def test_status_is_0_when_nothing_is_wrong(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pretend(monkeypatch, ok("one", "fine"), note("two", "so so", "do this"))
    assert main(["doctor"]) == 0
    assert capsys.readouterr().out == (
        "ok     one          fine\nnote   two          so so -> do this\n"
    )


def test_status_is_1_when_something_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, wrong("one", "broken", "mend it"), ok("two", "fine"))
    assert main(["doctor"]) == 1


def test_json_holds_the_same(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pretend(monkeypatch, wrong("one", "broken", "mend it"))
    assert main(["doctor", "--json"]) == 1
    assert json.loads(capsys.readouterr().out) == {
        "healthy": False,
        "findings": [{"topic": "one", "status": "wrong", "text": "broken", "advice": "mend it"}],
    }


def test_a_check_that_fails_is_a_finding_and_the_others_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail() -> Iterable[Finding]:
        raise RuntimeError("out of\norder")

    monkeypatch.setattr(activation, "check", fail)
    monkeypatch.setattr(aws_cli, "check", lambda: iter([ok("aws cli", "fine")]))
    found = list(doctor.findings())
    assert only(found, "activation").text == "RuntimeError: out of order"
    assert only(found, "aws cli").status is Status.OK


def test_the_whole_report_runs_as_a_program() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "boto3_agentcore_payments", "doctor", "--json"],
        capture_output=True,
        text=True,
        check=False,
    )
    report = json.loads(ran.stdout)
    topics = {finding["topic"] for finding in report["findings"]}
    assert {"python", "package", "botocore", "boto3", "moto", "activation", "models"} <= topics
    assert {"region", "credentials", "endpoint", "aws cli"} <= topics
    assert ran.returncode == (0 if report["healthy"] else 1)
    assert ran.stderr == ""
