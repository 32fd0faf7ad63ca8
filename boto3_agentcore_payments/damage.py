"""Find out what is wrong with the service definitions that came with this package.

Used only after botocore has failed to load one.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

TYPES = (
    "service-2",
    "service-2.sdk-extras",
    "endpoint-rule-set-1",
    "paginators-1",
    "waiters-2",
    "examples-1",
)
"""The files that each API version of our services has, without ``.json``."""

REINSTALL = "install boto3-agentcore-payments again"
UNPACK = "install it with pip, or unpack the archive and put the directory on sys.path in its place"


class Damage(NamedTuple):
    """Why the definitions of a service cannot be loaded.

    Attributes:
        text: What is wrong, without a full stop.
        advice: What to do about it, in lower case and without a full stop.
    """

    text: str
    advice: str = REINSTALL

    def __str__(self) -> str:
        """Return the text and the advice as one line."""
        return f"{self.text}; {self.advice}"


def damage_of(directory: str) -> Damage | None:
    """Return what is wrong with the definitions of one service.

    Args:
        directory: The directory of the service, which holds one directory for each API version.

    Returns:
        ``None`` if every file is there and readable.
    """
    archive = next((path for path in Path(directory).parents if path.is_file()), None)
    if archive:
        return Damage(
            f"boto3-agentcore-payments was imported from within {archive}, "
            "and botocore reads service definitions from directories only",
            UNPACK,
        )
    try:
        versions = [path for path in Path(directory).iterdir() if path.is_dir()]
    except OSError as error:
        return Damage(f"The service definitions in {directory} cannot be read: {error.strerror}")
    if not versions:
        return Damage(f"The service definitions in {directory} are missing")
    paths = (version / f"{type_name}.json" for version in versions for type_name in TYPES)
    return next(filter(None, map(_damage_of_file, paths)), None)


def _damage_of_file(path: Path) -> Damage | None:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        return Damage(f"The service definition {path} cannot be read: {error.strerror}")
    except ValueError:
        content = None
    if not isinstance(content, dict) or not content:
        return Damage(f"The service definition {path} is damaged")
    return None
