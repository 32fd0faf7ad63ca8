"""PyInstaller, pex and shiv: a program is built, and run where nothing of ours is installed."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest
from build_lambda import copy_checkout

if TYPE_CHECKING:
    from pathlib import Path

    from running_server import Serving

pytestmark = pytest.mark.skipif(
    not all(find_spec(name) for name in ("PyInstaller", "pex", "shiv")),
    reason="needs PyInstaller, pex and shiv: run nox -s frozen",
)

IMPORT_LINE = "import boto3_agentcore_payments\n"
PROGRAM = """
import sys
import boto3
control = boto3.client("bedrock-agentcore-payments-control", endpoint_url=sys.argv[1])
role = "arn:aws:iam::123456789012:role/payments"
made = control.create_payment_manager(name="frozen", authorizerType="AWS_IAM", roleArn=role)
control.get_waiter("payment_manager_ready").wait(paymentManagerId=made["paymentManagerId"])
payments = boto3.client("bedrock-agentcore-payments", endpoint_url=sys.argv[1])
session = payments.create_payment_session(
    paymentManagerArn=made["paymentManagerArn"], userId="alice", expiryTimeInMinutes=60
)
print(session["paymentSession"]["paymentSessionId"])
"""


def run(
    command: list[str], environment: dict[str, str], **options: str
) -> subprocess.CompletedProcess[str]:
    ran = subprocess.run(
        command,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        **options,  # type: ignore[call-overload]
    )
    assert ran.returncode == 0, ran.stdout[-3000:] + ran.stderr[-3000:]
    return ran


def program(tmp_path: Path, *, importing: bool) -> Path:
    path = tmp_path / "program.py"
    path.write_text(IMPORT_LINE * importing + PROGRAM)
    return path


def outside(tmp_path: Path) -> str:
    """A directory with nothing in it, to run in."""
    place = tmp_path / "outside"
    place.mkdir()
    return str(place)


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The distribution as it is published, built from a copy: two builds in one place fail."""
    place = tmp_path_factory.mktemp("wheel")
    checkout = copy_checkout(tmp_path_factory.mktemp("checkout") / "repository")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir"]
    subprocess.run([*command, str(place), str(checkout)], check=True, capture_output=True)
    (built,) = place.glob("*.whl")
    return built


def test_pyinstaller_with_the_import_line(
    tmp_path: Path, environment: dict[str, str], serving: Serving
) -> None:
    source = program(tmp_path, importing=True)
    command = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "ERROR"]
    run([*command, str(source)], environment, cwd=str(tmp_path))
    frozen = str(tmp_path / "dist" / "program" / "program")
    ran = run([frozen, serving.url], environment, cwd=outside(tmp_path))
    assert ran.stdout.startswith("payment-session-")


def test_pex_without_the_import_line(
    tmp_path: Path, environment: dict[str, str], serving: Serving, wheel: Path
) -> None:
    archive = str(tmp_path / "program.pex")
    run([sys.executable, "-m", "pex", str(wheel), "--output-file", archive], environment)
    source = str(program(tmp_path, importing=False))
    ran = run(
        [sys.executable, "-S", archive, source, serving.url], environment, cwd=outside(tmp_path)
    )
    assert ran.stdout.startswith("payment-session-")


def test_shiv_without_the_import_line(
    tmp_path: Path, environment: dict[str, str], serving: Serving, wheel: Path
) -> None:
    archive = str(tmp_path / "program.pyz")
    command = [sys.executable, "-m", "shiv", "--output-file", archive, str(wheel)]
    run(command, {**environment, "SHIV_ROOT": str(tmp_path / "shiv")})
    source = str(program(tmp_path, importing=False))
    ran = run(
        [sys.executable, "-S", archive, source, serving.url],
        {**environment, "SHIV_ROOT": str(tmp_path / "shiv")},
        cwd=outside(tmp_path),
    )
    assert ran.stdout.startswith("payment-session-")
