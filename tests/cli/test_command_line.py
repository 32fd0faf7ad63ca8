"""What all commands have in common."""

from __future__ import annotations

import subprocess
import sys

import pytest

from boto3_agentcore_payments.cli import COMMANDS, install_models, main
from boto3_agentcore_payments.errors import MissingExtraError


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    assert all(command in shown for command in COMMANDS)


@pytest.mark.parametrize("arguments", [[], ["nonsense"], ["install-models", "--nonsense"]])
def test_a_wrong_command_line_is_one_line_and_status_2(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    shown = capsys.readouterr().err
    assert shown.startswith("agentcore-payments")
    assert shown.endswith("--help\n")
    assert shown.count("\n") == 1


def test_a_missing_extra_is_one_line_that_names_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(_arguments: object) -> int:
        raise MissingExtraError("serve", extra="emulator", module="moto")

    monkeypatch.setattr(install_models, "run", fail)
    assert main(["install-models"]) == 1
    shown = capsys.readouterr().err
    assert "pip install 'boto3-agentcore-payments[emulator]'" in shown
    assert shown.count("\n") == 1


def test_an_interrupted_command_ends_quietly(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(_arguments: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(install_models, "run", interrupt)
    assert main(["install-models"]) == 130
    assert capsys.readouterr().err == ""


def test_running_the_package_is_running_the_command() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "boto3_agentcore_payments", "--version"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.startswith("boto3-agentcore-payments ")


def test_a_reader_that_leaves_early_causes_no_message() -> None:
    code = (
        "import sys; from boto3_agentcore_payments.cli import main, uninstall_models;"
        "uninstall_models.run = lambda _: print('x' * 1000000) or 0;"
        "sys.exit(main(['uninstall-models']))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout
    assert process.stderr
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait() == 0


def closed(redirection: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command with one of its streams closed by a shell."""
    program = [sys.executable, "-m", "boto3_agentcore_payments", *arguments]
    return subprocess.run(
        ["/bin/sh", "-c", f'exec "$@" {redirection}', "sh", *program],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.skipif(sys.platform == "win32", reason="a POSIX shell closes the stream")
def test_closed_standard_output_is_no_traceback() -> None:
    ran = closed(">&-", "receipts", "/dev/null")
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")


@pytest.mark.skipif(sys.platform == "win32", reason="a POSIX shell closes the stream")
def test_an_error_with_standard_error_closed_is_not_on_standard_output() -> None:
    ran = closed("2>&-", "receipts", "/nonexistent/receipts")
    assert (ran.returncode, ran.stdout) == (1, "")


@pytest.mark.skipif(sys.platform == "win32", reason="a POSIX shell closes the stream")
def test_closed_standard_input_is_one_line() -> None:
    ran = closed("<&-", "receipts", "-")
    said = "agentcore-payments receipts: standard input is closed, and - reads it\n"
    assert (ran.returncode, ran.stderr) == (1, said)


@pytest.mark.skipif(sys.platform != "linux", reason="/dev/full is Linux's")
def test_a_full_disk_is_one_line() -> None:
    ran = closed(">/dev/full", "receipts", "/dev/null")
    said = "agentcore-payments receipts: No space left on device\n"
    assert (ran.returncode, ran.stderr) == (1, said)
