"""Check whether a fresh interpreter finds the services without an import, and if not, why."""

from __future__ import annotations

import json
import os
import site
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3_agentcore_payments
from boto3_agentcore_payments import loader
from boto3_agentcore_payments.cli.diagnosis.findings import note, ok, wrong
from boto3_agentcore_payments.damage import REINSTALL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from boto3_agentcore_payments.cli.diagnosis.findings import Finding

TOPIC = "activation"
HOOK = "_boto3_agentcore_payments_startup"
OPT_OUT = "BOTO3_AGENTCORE_PAYMENTS_AUTOLOAD"

# Models in ~/.aws/models are found without any activation, so they are left out of the question.
_PROBE = """
import json, sys
import botocore.loaders
botocore.loaders.Loader.CUSTOMER_DATA_PATH = ""
hook = sys.modules.get("_boto3_agentcore_payments_startup")
print(json.dumps({
    "services": botocore.loaders.Loader().list_available_services("service-2"),
    "state": getattr(hook, "state", "not run"),
    "problems": {name: repr(error) for name, error in getattr(hook, "problems", {}).items()},
}))
"""
_SECONDS = 30
_IMPORT_LINE = "add the line: import boto3_agentcore_payments"


def check() -> Iterator[Finding]:
    """Find out how a fresh interpreter finds the services."""
    if getattr(sys, "frozen", False):
        yield ok(TOPIC, "a frozen program: by the import that is frozen with it")
        return
    answer = _ask_a_fresh_interpreter()
    files = startup_files()
    for module, problem in answer["problems"].items():
        yield wrong(TOPIC, f"failed on {module}: {problem}", REINSTALL)
    if set(loader.SERVICES) <= set(answer["services"]):
        yield ok(TOPIC, f"at interpreter start{f' by {files[0]}' if files else ''}")
    elif answer["state"] == "opted out":
        yield note(TOPIC, f"switched off by {OPT_OUT}=0", f"where you need it, {_IMPORT_LINE}")
    elif files:
        yield wrong(
            TOPIC,
            f"{files[0]} has no effect in {sys.executable}",
            f"start Python without -S, or {_IMPORT_LINE}",
        )
    else:
        place = Path(boto3_agentcore_payments.__file__ or "").parent.parent
        yield wrong(
            TOPIC,
            f"Python reads no start-up file in {place}, which is no site-packages directory",
            f"install with pip into the environment, or {_IMPORT_LINE}",
        )


def startup_files() -> list[Path]:
    """Return the files in this interpreter's site-packages that name the start-up hook."""
    pattern = "*.start" if sys.version_info >= (3, 15) else "*.pth"
    places = [*site.getsitepackages(), site.getusersitepackages()]
    return [
        path
        for place in places
        for path in sorted(Path(place).glob(pattern))
        if HOOK in _text(path)
    ]


def _ask_a_fresh_interpreter() -> dict[str, Any]:
    places = [place for place in os.environ.get("PYTHONPATH", "").split(os.pathsep) if place]
    path = os.pathsep.join(str(Path(place).absolute()) for place in places)
    ran = subprocess.run(  # noqa: S603 - this interpreter, and a program of ours
        [sys.executable, "-c", _PROBE],
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
        cwd=os.sep,  # so that a checkout in the current directory is not imported
        env={**os.environ, "PYTHONPATH": path},
    )
    if ran.returncode:
        last = ran.stderr.strip().rpartition("\n")[2]
        return {"services": [], "state": "not run", "problems": {"a fresh interpreter": last}}
    answer: dict[str, Any] = json.loads(ran.stdout.strip().rpartition("\n")[2])
    return answer


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
