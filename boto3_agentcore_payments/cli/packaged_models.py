"""The service definitions inside this package, as the commands need them."""

from __future__ import annotations

import functools
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from boto3_agentcore_payments import loader
from boto3_agentcore_payments.damage import damage_of
from boto3_agentcore_payments.errors import CommandError


@functools.cache
def files(service: str) -> dict[str, bytes]:
    """Read every file of one service.

    Returns:
        Path under the service's directory, with ``/``, to content.

    Raises:
        CommandError: if they are missing or damaged.
    """
    directory = root() / service
    damage = damage_of(str(directory))
    if damage:
        raise CommandError(str(damage))
    return {
        path.relative_to(directory).as_posix(): path.read_bytes()
        for path in sorted(directory.glob("*/*.json"))
    }


def root() -> Path:
    """Return the directory with one subdirectory for each service."""
    return Path(loader.data_directory())


def package_version() -> str:
    """Return this package's version, ``0`` in a checkout that was never installed."""
    try:
        return version("boto3-agentcore-payments")
    except PackageNotFoundError:
        return "0"
