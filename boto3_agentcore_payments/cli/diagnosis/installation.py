"""Check the installed libraries."""

from __future__ import annotations

import importlib.util
import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

import boto3_agentcore_payments
from boto3_agentcore_payments import loader
from boto3_agentcore_payments.cli import packaged_models
from boto3_agentcore_payments.cli.diagnosis.findings import note, ok, wrong

if TYPE_CHECKING:
    from collections.abc import Iterator

    from boto3_agentcore_payments.cli.diagnosis.findings import Finding

OLDEST_BOTO3 = "1.28.0"
OLDEST_MOTO = "5.1.0"

_SIGNER = "coincurve" if sys.version_info < (3, 14) else "cryptography"
_EXTRA_MODULES = ("flask", "waitress", "regex", "Crypto", _SIGNER, "solders")
"""Libraries that the extra ``emulator`` installs besides moto, by import name."""


def check() -> Iterator[Finding]:
    """Look at Python, this package, botocore, boto3 and the emulator's libraries."""
    yield ok("python", f"{platform.python_version()} {sys.executable}")
    yield _package()
    yield _needed("botocore", loader.OLDEST_BOTOCORE)
    yield _needed("boto3", OLDEST_BOTO3)
    yield _emulator()


def _package() -> Finding:
    place = Path(boto3_agentcore_payments.__file__ or "").parent
    packaged = packaged_models.package_version()
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
    if loader.version_numbers(found) < loader.version_numbers(oldest):
        return wrong(name, f"{found} is too old", f"run: pip install '{name}>={oldest}'")
    spec = importlib.util.find_spec(name)
    return ok(name, f"{found} {Path(spec.origin).parent if spec and spec.origin else ''}".strip())


def _emulator() -> Finding:
    install = "run: pip install 'boto3-agentcore-payments[emulator]'"
    moto = _version("moto")
    if moto is None:
        return note("moto", "not installed: the clients work, the emulator does not", install)
    if loader.version_numbers(moto) < loader.version_numbers(OLDEST_MOTO):
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
