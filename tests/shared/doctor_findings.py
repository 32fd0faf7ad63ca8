"""What the tests of the doctor share: an empty home directory, and ways to look at findings."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import botocore.loaders
import botocore.session
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from boto3_agentcore_payments.cli.diagnosis.findings import Finding

SERVICE = "bedrock-agentcore-payments"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home directory and no AWS configuration."""
    for name in list(os.environ):
        if name.startswith("AWS_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("HOME", str(tmp_path))
    users = tmp_path / ".aws" / "models"
    monkeypatch.setattr(botocore.loaders.Loader, "CUSTOMER_DATA_PATH", str(users))
    return tmp_path


def only(findings: Iterable[Finding], topic: str, text: str = "") -> Finding:
    """The one finding about a topic that contains a text."""
    (found,) = (one for one in findings if one.topic == topic and text in one.text)
    return found


def session() -> botocore.session.Session:
    return botocore.session.Session()
