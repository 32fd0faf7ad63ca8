"""Which libraries there are."""

from __future__ import annotations

import importlib.util
import platform
import re
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

import boto3_agentcore_payments
from boto3_agentcore_payments.cli import definitions
from boto3_agentcore_payments.cli.findings import note, ok, wrong

if TYPE_CHECKING:
    from collections.abc import Iterator

    from boto3_agentcore_payments.cli.findings import Finding

OLDEST_BOTOCORE = "1.31.0"
OLDEST_MOTO = "5.1.0"

_EXTRA_MODULES = ("flask", "cheroot", "regex", "eth_account", "coincurve", "solders")
"""What the extra ``emulator`` brings beside moto, by the names they are imported by."""


def check() -> Iterator[Finding]:
    """Python, this package, botocore, boto3, and the emulator's libraries."""
    yield ok("python", f"{platform.python_version()} {sys.executable}")
    yield _package()
    yield _needed("botocore", OLDEST_BOTOCORE)
    yield _needed("boto3", "1.28.0")
    yield _emulator()


def _package() -> Finding:
    place = Path(boto3_agentcore_payments.__file__ or "").parent
    packaged = definitions.package_version()
    if packaged == "0":
        return note(
            "package",
            f"{place}, with no installation's metadata",
            "services are found only after: import boto3_agentcore_payments",
        )
    return ok("package", f"{packaged} {place}")


def _needed(name: str, oldest: str) -> Finding:
    found = _version(name)
    if found is None:
        return wrong(name, "not installed", f"run: pip install '{name}>={oldest}'")
    if _numbers(found) < _numbers(oldest):
        return wrong(name, f"{found} is too old", f"run: pip install '{name}>={oldest}'")
    spec = importlib.util.find_spec(name)
    return ok(name, f"{found} {Path(spec.origin).parent if spec and spec.origin else ''}".strip())


def _emulator() -> Finding:
    install = "run: pip install 'boto3-agentcore-payments[emulator]'"
    moto = _version("moto")
    if moto is None:
        return note("moto", "not installed: the clients work, the emulator does not", install)
    if _numbers(moto) < _numbers(OLDEST_MOTO):
        return wrong("moto", f"{moto} is too old for the emulator", install)
    missing = [name for name in _EXTRA_MODULES if importlib.util.find_spec(name) is None]
    if missing:
        return note(
            "moto", f"{moto}, without what the emulator needs: {', '.join(missing)}", install
        )
    return ok("moto", f"{moto}, with what the emulator needs")


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", text)[:3])
