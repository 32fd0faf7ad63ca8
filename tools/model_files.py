"""Read and write service definitions: AWS's, as botocore ships them, and ours."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import DataNotFoundError, UnknownServiceError
from botocore.loaders import Loader
from model_additions import NO_ADDITIONS, Json, additions_to, merged
from model_planes import OPERATION_MARK

if TYPE_CHECKING:
    from model_planes import Plane

SERVICE = "service-2"
ADDITIONS = "service-2.sdk-extras"
PAGINATORS = "paginators-1"
WAITERS = "waiters-2"
ENDPOINTS = "endpoint-rule-set-1"
KINDS = (SERVICE, PAGINATORS, WAITERS, ENDPOINTS)
"""The kinds of file in which we follow AWS."""
OWN_KINDS = ("examples-1",)
"""The kinds of file that are ours alone."""


class SourceError(Exception):
    """AWS's definitions cannot be read; the message says which and why."""


@dataclass
class Definitions:
    """The files of one service.

    Args:
        version: API version.
        files: Content by kind; a file that does not exist is an empty dict.
        other_kinds: Kinds of file that are there and that we do not know.
    """

    version: str
    files: dict[str, Json] = field(default_factory=dict)
    other_kinds: tuple[str, ...] = ()


def read_source(plane: Plane, botocore_data: Path | None = None) -> Definitions:
    """Read AWS's definitions of a plane's source service, newest API version.

    Args:
        plane: Which plane.
        botocore_data: A botocore ``data`` directory; by default the installed botocore's own.
            User directories (~/.aws/models) are never looked at.

    Raises:
        SourceError: if the service is not there, or is older than its payments operations:
            following it would leave nothing of ours.
    """
    directory = str(botocore_data) if botocore_data else Loader.BUILTIN_DATA_PATH
    loader = Loader(extra_search_paths=[directory], include_default_search_paths=False)
    try:
        version = loader.determine_latest_version(plane.source, SERVICE)
    except (DataNotFoundError, UnknownServiceError):
        raise SourceError(
            f"{directory} has no service {plane.source}: is botocore new enough?"
        ) from None
    # A kind may be stored as x.json or x.json.gz, with additions in x.sdk-extras.json.
    stored = (Path(directory) / plane.source / version).iterdir()
    others = {path.name.split(".")[0] for path in stored}.difference(KINDS, OWN_KINDS)
    found = Definitions(version, other_kinds=tuple(sorted(others)))
    found.files = {kind: _load(loader, plane.source, kind, version) for kind in KINDS}
    if not any(OPERATION_MARK in name for name in found.files[SERVICE]["operations"]):
        raise SourceError(f"{plane.source} in {directory} has no payments operations yet")
    return found


def _load(loader: Loader, service: str, kind: str, version: str) -> Json:
    try:
        return dict(loader.load_service_model(service, kind, version))
    except (DataNotFoundError, UnknownServiceError):
        return {}


def read_ours(data: Path, plane: Plane, *, additions: bool = True) -> Definitions:
    """Read our definitions of a plane.

    Args:
        data: The project's data directory.
        plane: Which plane.
        additions: Whether to merge what AWS has added into service-2, as botocore does.
    """
    found = Definitions(plane.version)
    found.files = {kind: _read(data, plane, kind) or {} for kind in KINDS}
    if additions and found.files[SERVICE]:
        added = _read(data, plane, ADDITIONS) or NO_ADDITIONS
        found.files[SERVICE] = merged(found.files[SERVICE], added)
    return found


def write_ours(data: Path, plane: Plane, ours: Definitions) -> list[Path]:
    """Write our definitions of a plane where they differ from what is there.

    Changes to service-2 are written as additions if they can be; otherwise service-2 is rewritten.

    Args:
        data: The project's data directory.
        plane: Which plane.
        ours: The files to be.

    Returns:
        The files that changed.
    """
    contents = dict(ours.files)
    present = _read(data, plane, SERVICE)
    added = None if present is None else additions_to(present, contents[SERVICE])
    if present is not None and added is not None:
        contents[SERVICE] = present
    contents[ADDITIONS] = added or NO_ADDITIONS
    changed = []
    for kind, content in contents.items():
        path = _path(data, plane, kind)
        text = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
        if not path.exists() or path.read_text("utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
            changed.append(path)
    return changed


def _read(data: Path, plane: Plane, kind: str) -> Json | None:
    path = _path(data, plane, kind)
    return dict(json.loads(path.read_text("utf-8"))) if path.exists() else None


def _path(data: Path, plane: Plane, kind: str) -> Path:
    return data / plane.service / plane.version / f"{kind}.json"
