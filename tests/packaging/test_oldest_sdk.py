"""The wheel with the oldest botocore it takes, from the index, on the oldest CPython at hand."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from boto3_agentcore_payments import loader
from boto3_agentcore_payments.cli.diagnosis import installation

pytestmark = pytest.mark.packaging

DATA = "bedrock-agentcore-payments"
CODE = f"""
import boto3, botocore
assert botocore.__version__ == "{loader.OLDEST_BOTOCORE}"
boto3.client("sts", "us-west-2")
client = boto3.client("{DATA}", "us-west-2")
print(client.meta.endpoint_url, client.waiter_names, len(client.meta.service_model.operation_names))
"""


def oldest_python() -> str:
    """Return the oldest supported CPython on PATH, or this one."""
    for minor in range(9, sys.version_info.minor):
        path = shutil.which(f"python3.{minor}")
        works = path and subprocess.run(
            [path, "-m", "venv", "-h"], capture_output=True, check=False
        )
        if works and works.returncode == 0:
            return path
    return sys.executable


def test_oldest_botocore_has_the_client_with_no_import(wheel, tmp_path):
    subprocess.run([oldest_python(), "-m", "venv", tmp_path / "venv"], check=True)
    (python,) = (
        path for path in Path(tmp_path, "venv").glob("[bS]*/python*") if path.stem == "python"
    )
    sdk = [f"boto3=={installation.OLDEST_BOTO3}", f"botocore=={loader.OLDEST_BOTOCORE}"]
    pip = [python, "-m", "pip", "-q", "--disable-pip-version-check", "install", "--no-compile"]
    subprocess.run([*pip, *sdk, wheel], check=True)
    answer = subprocess.run(
        [python, "-W", "error", "-c", CODE], capture_output=True, text=True, check=True
    )
    assert answer.stdout == (
        "https://bedrock-agentcore.us-west-2.amazonaws.com ['payment_instrument_active'] 11\n"
    )
