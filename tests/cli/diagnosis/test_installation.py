"""Which libraries there are, and which are too old."""

from __future__ import annotations

import sys
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

import botocore
from doctor_findings import only

from boto3_agentcore_payments.cli.diagnosis import installation
from boto3_agentcore_payments.cli.diagnosis.findings import note, wrong

if TYPE_CHECKING:
    import pytest


def test_versions_are_named() -> None:
    found = list(installation.check())
    assert only(found, "botocore").text.startswith(botocore.__version__)
    assert only(found, "python").text.endswith(sys.executable)


def test_a_botocore_that_is_too_old_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "boto3_agentcore_payments.cli.diagnosis.installation.version", lambda _: "1.30.9"
    )
    found = only(installation.check(), "botocore")
    assert found == wrong("botocore", "1.30.9 is too old", "run: pip install 'botocore>=1.31.0'")


def test_without_moto_there_is_no_emulator_and_nothing_wrong(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def without_moto(name: str) -> str:
        if name == "moto":
            raise PackageNotFoundError(name)
        return version(name)

    monkeypatch.setattr("boto3_agentcore_payments.cli.diagnosis.installation.version", without_moto)
    assert only(installation.check(), "moto") == note(
        "moto",
        "not installed: the clients work, the emulator does not",
        "run: pip install 'boto3-agentcore-payments[emulator]'",
    )
