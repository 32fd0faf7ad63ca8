"""The AWS CLIs on PATH: which find the services, and which ignore AWS_ENDPOINT_URL."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from boto3_agentcore_payments.cli.diagnosis import aws_cli
from boto3_agentcore_payments.cli.diagnosis.findings import note, ok

if TYPE_CHECKING:
    from pathlib import Path


def program(directory: Path, script: str) -> Path:
    directory.mkdir(exist_ok=True)
    path = directory / "aws"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def test_an_aws_cli_without_the_services_gets_advice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = program(
        tmp_path / "bin", '[ "$1" = --version ] && echo aws-cli/2.13.0 Python || exit 252'
    )
    monkeypatch.setenv("PATH", str(path.parent))
    assert list(aws_cli.check()) == [
        note(
            "aws cli",
            f"2.13.0 {path}, does not find the services",
            "run: agentcore-payments install-models",
        )
    ]


def test_an_aws_cli_of_version_1_gets_advice_on_the_opt_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = program(
        tmp_path / "bin", '[ "$1" = --version ] && echo aws-cli/1.46.3 Python || exit 252'
    )
    monkeypatch.setenv("PATH", str(path.parent))
    (found,) = aws_cli.check()
    assert found.advice.startswith("install this package where that CLI is installed")
    monkeypatch.setenv("BOTO3_AGENTCORE_PAYMENTS_AUTOLOAD", "0")
    (found,) = aws_cli.check()
    assert found.advice == (
        "unset BOTO3_AGENTCORE_PAYMENTS_AUTOLOAD, or put under [plugins] in ~/.aws/config: "
        "agentcore-payments = boto3_agentcore_payments.cli.aws_plugin"
    )


def test_an_aws_cli_with_the_services_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = program(tmp_path / "bin", "echo aws-cli/1.46.3 Python")
    monkeypatch.setenv("PATH", str(path.parent))
    assert list(aws_cli.check()) == [ok("aws cli", f"1.46.3 {path}, finds the services")]


@pytest.mark.parametrize(
    ("version", "ignores"),
    [
        ("1.28.85", True),
        ("1.29.0", False),
        ("1.46.3", False),
        ("2.9.19", True),
        ("2.12.7", True),
        ("2.13.0", False),
    ],
)
def test_an_aws_cli_that_ignores_the_endpoint_variable_is_noted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, *, ignores: bool
) -> None:
    path = program(tmp_path / "bin", f"echo aws-cli/{version} Python/3.11.2 Linux/6.1")
    monkeypatch.setenv("PATH", str(path.parent))
    noted = note(
        "aws cli",
        f"{version} {path}, ignores AWS_ENDPOINT_URL",
        "give it --endpoint-url for the emulator",
    )
    assert (noted in list(aws_cli.check())) is ignores


def test_an_aws_cli_that_does_not_run_is_noted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = program(tmp_path / "bin", "exit 127")
    monkeypatch.setenv("PATH", str(path.parent))
    assert list(aws_cli.check()) == [note("aws cli", f"{path} does not run")]


def test_without_an_aws_cli_nothing_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert list(aws_cli.check()) == [ok("aws cli", "not installed")]
