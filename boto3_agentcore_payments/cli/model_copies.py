"""Copies of our service definitions for programs that carry a botocore of their own.

The AWS CLI v2 does not see this package; it reads ``~/.aws/models`` and the directories named in
``AWS_DATA_PATH``, and of those only plain JSON. A *copy* is one service's directory there,
complete, with a manifest in its hidden subdirectory that says which files are ours::

    <directory>/<service>/<API version>/*.json
    <directory>/<service>/.agentcore-payments/manifest.json
    <directory>/<service>/.agentcore-payments/replaced      what --force moved aside, if anything

botocore takes a subdirectory for an API version only when it holds a service definition, so it does
not see the hidden one. Everything about a copy lies inside it: taking it away leaves nothing.
"""

from __future__ import annotations

import enum
import hashlib
import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments import loader
from boto3_agentcore_payments.cli import packaged_models

if TYPE_CHECKING:
    from collections.abc import Mapping

HIDDEN = ".agentcore-payments"
MANIFEST = f"{HIDDEN}/manifest.json"
REPLACED = f"{HIDDEN}/replaced"

_FORMAT = 1
_AWS_OWN_FILES = ("endpoints.json", "partitions.json", "_retry.json")
"""Files beside the services in botocore's own data directory, and in the CLI's."""


class Condition(enum.Enum):
    """How what lies in a copy's place compares with this package."""

    ABSENT = "absent"
    CURRENT = "current"
    INCOMPLETE = "incomplete"
    OLDER = "older"
    NEWER = "newer"
    CHANGED = "changed"
    FOREIGN = "foreign"


@dataclass(frozen=True)
class Manifest:
    """What an installation wrote.

    Attributes:
        version: This package's version at that time.
        files: Path under the service's directory, with ``/``, to the SHA-256 of its content in hex.
        former: The same for files of the copy before it, while one replaces the other; empty
            otherwise, so that an interrupted update still knows all its files.
        created_directories: How many directories from the copies' directory upwards did not exist
            and were made for it: 0, 1 (``models``), 2 (also ``.aws``), ...
    """

    version: str
    files: Mapping[str, str]
    former: Mapping[str, str] = field(default_factory=dict)
    created_directories: int = 0

    def owns(self, path: str, digest: str) -> bool:
        """Return whether an installation wrote a file with this content."""
        return digest in (self.files.get(path), self.former.get(path))

    @property
    def paths(self) -> set[str]:
        """Return every path that an installation may have written."""
        return {*self.files, *self.former}

    def to_json(self) -> bytes:
        """Return the manifest as it lies on the disk."""
        document = {
            "comment": "Written by agentcore-payments install-models, for uninstall-models.",
            "format": _FORMAT,
            "version": self.version,
            "files": dict(self.files),
            "former": dict(self.former),
            "created_directories": self.created_directories,
        }
        return json.dumps(document, indent=1, sort_keys=True).encode() + b"\n"

    @classmethod
    def read(cls, service_directory: Path) -> Manifest | None:
        """Read the manifest of a copy.

        Returns:
            ``None`` if it is missing or unreadable; then no file there counts as ours.
        """
        try:
            document: dict[str, Any] = json.loads((service_directory / MANIFEST).read_bytes())
            if document["format"] != _FORMAT:
                return None
            return cls(
                version=str(document["version"]),
                files=_inside(document["files"]),
                former=_inside(document["former"]),
                created_directories=int(document["created_directories"]),
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None


@dataclass(frozen=True)
class Copy:
    """What lies in the place of one service's copy.

    Attributes:
        service: The service's name.
        directory: The service's directory; it need not exist.
        condition: How it compares with this package.
        manifest: The manifest of an installation, or ``None``.
        changed: Files that an installation wrote and that were changed since.
    """

    service: str
    directory: Path
    condition: Condition
    manifest: Manifest | None = None
    changed: tuple[str, ...] = ()


def default_directory() -> Path:
    """Return the directory that botocore and every AWS CLI search without being told."""
    return Path("~").expanduser() / ".aws" / "models"


def holds_aws_models(directory: Path) -> bool:
    """Return whether a directory is botocore's or the CLI's own: nothing of ours may go there."""
    return any((directory / name).exists() for name in _AWS_OWN_FILES)


def inspect(directory: Path, service: str) -> Copy:
    """Compare what lies under a directory of copies with this package's own files.

    Raises:
        OSError: if it cannot be read.
    """
    place = directory / service
    manifest = None if place.is_symlink() else Manifest.read(place)
    if manifest is None:
        return Copy(service, place, Condition.FOREIGN if _occupied(place) else Condition.ABSENT)
    found = {path: digest_of(place / path) for path in manifest.paths}
    changed = tuple(
        sorted(path for path, digest in found.items() if digest and not manifest.owns(path, digest))
    )
    return Copy(service, place, _condition(service, manifest, found, changed), manifest, changed)


def digest(content: bytes) -> str:
    """Return the SHA-256 of a content in hex."""
    return hashlib.sha256(content).hexdigest()


def digest_of(path: Path) -> str | None:
    """Return the SHA-256 of a file in hex, or ``None`` if there is no file."""
    try:
        return digest(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return None
    except IsADirectoryError:
        return "a directory"


def _condition(
    service: str,
    manifest: Manifest,
    found: Mapping[str, str | None],
    changed: tuple[str, ...],
) -> Condition:
    if changed:
        return Condition.CHANGED
    packaged = packaged_models.package_version()
    if loader.version_numbers(manifest.version) > loader.version_numbers(packaged):
        return Condition.NEWER
    own = {path: digest(content) for path, content in packaged_models.files(service).items()}
    if manifest.version != packaged or dict(manifest.files) != own:
        return Condition.OLDER
    complete = not manifest.former and all(found[path] for path in own)
    return Condition.CURRENT if complete else Condition.INCOMPLETE


def _occupied(place: Path) -> bool:
    if place.is_dir() and not place.is_symlink():
        return any(place.iterdir())
    return os.path.lexists(place)


def _inside(files: Mapping[str, str]) -> dict[str, str]:
    """Return the files of a manifest; refuse one that names a file outside its own directory."""
    for path in files:
        parts = Path(path).parts
        if Path(path).is_absolute() or ".." in parts:
            raise ValueError(f"{path!r} leads out of the service's directory")
    return {str(path): str(known) for path, known in files.items()}
