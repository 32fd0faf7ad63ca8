"""``agentcore-payments install-models``: service definitions for the AWS CLI v2.

A new copy is written beside its final place and renamed into it, so that a program reading the
directory meanwhile sees all of it or nothing. An update replaces file by file, each atomically.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from boto3_agentcore_payments import loader
from boto3_agentcore_payments.cli import model_copies, packaged_models
from boto3_agentcore_payments.cli.model_copies import (
    HIDDEN,
    MANIFEST,
    REPLACED,
    Condition,
    Manifest,
)
from boto3_agentcore_payments.errors import CommandError

if TYPE_CHECKING:
    import argparse

    from boto3_agentcore_payments.cli.model_copies import Copy

_DONE = {
    Condition.ABSENT: "installed",
    Condition.CURRENT: "already up to date",
    Condition.INCOMPLETE: "repaired",
    Condition.OLDER: "updated from the older copy of {version}",
    Condition.NEWER: "put back from the newer copy of {version}",
    Condition.CHANGED: "put back, with the changes to {changed} overwritten",
    Condition.FOREIGN: "installed; what was there comes back with uninstall-models",
}

_REFUSED = {
    Condition.NEWER: "holds a copy from the newer version {version}",
    Condition.CHANGED: "was changed since it was installed ({changed})",
    Condition.FOREIGN: "was not installed by this command",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    add_directory(parser)
    parser.add_argument(
        "--force",
        action="store_true",
        help="replace also files changed since they were installed, and what this command did not "
        "install; uninstall-models brings the latter back",
    )


def add_directory(parser: argparse.ArgumentParser) -> None:
    """Declare the option that the installing and the uninstalling command share."""
    parser.add_argument(
        "--directory",
        type=Path,
        metavar="DIR",
        help="where the copies are (default: ~/.aws/models, which every AWS CLI reads); "
        "another directory must be named in AWS_DATA_PATH",
    )


def run(arguments: argparse.Namespace) -> int:
    """Install both services' copies and say what was done.

    Raises:
        CommandError: if other files are in the way; nothing is written then.
        OSError: if the directory cannot be written.
    """
    directory = chosen_directory(arguments)
    if model_copies.holds_aws_models(directory):
        raise CommandError(
            f"{directory} holds AWS's own service definitions; give a directory of its own"
        )
    for service in loader.SERVICES:
        packaged_models.files(service)  # damaged ones are found before anything is written
    copies = [model_copies.inspect(directory, service) for service in loader.SERVICES]
    for copy in copies:
        if copy.condition in _REFUSED and not arguments.force:
            reason = _describe(_REFUSED[copy.condition], copy)
            raise CommandError(f"{copy.directory} {reason}; --force replaces it")
    created = _make(directory)
    for copy in copies:
        try:
            install(copy, created_directories=created)
        except OSError:
            remove_created(directory, created)
            raise
        print(f"{copy.directory}: {_describe(_DONE[copy.condition], copy)}")
    if arguments.directory:
        print(f"The AWS CLI reads them where this is set: export AWS_DATA_PATH={directory}")
    return 0


def chosen_directory(arguments: argparse.Namespace) -> Path:
    """Return the directory of copies that was asked for, absolute.

    Raises:
        CommandError: if the path exists and is not a directory.
    """
    given: Path | None = arguments.directory
    try:
        directory = _absolute(given) if given else model_copies.default_directory()
    except RuntimeError as error:
        raise CommandError("no home directory is known; set HOME, or give --directory") from error
    if directory.exists() and not directory.is_dir():
        raise CommandError(f"{directory} is not a directory")
    return directory


def install(copy: Copy, *, created_directories: int) -> None:
    """Bring one copy to this package's content, whatever is in its place.

    Args:
        copy: The present state of the copy.
        created_directories: How many directories upwards were made for it, for the manifest.

    Raises:
        OSError: if it cannot be written.
    """
    if copy.condition is Condition.CURRENT:
        return
    content = packaged_models.files(copy.service)
    before = copy.manifest
    manifest = Manifest(
        version=packaged_models.package_version(),
        files={path: model_copies.digest(data) for path, data in content.items()},
        former=_former(before) if before else {},
        created_directories=max(created_directories, before.created_directories if before else 0),
    )
    if before is None:
        _install_whole(copy, manifest, content)
    else:
        _update(copy.directory, manifest, content)


def _install_whole(copy: Copy, manifest: Manifest, content: dict[str, bytes]) -> None:
    # The staging directory holds the service's directory one level down, where botocore does not
    # take it for a service even if this process is killed halfway.
    staging = copy.directory.parent / f"{HIDDEN}-{os.getpid()}"
    staged = staging / copy.service
    try:
        for path, data in content.items():
            _write(staged / path, data)
        _write(staged / MANIFEST, manifest.to_json())
        if copy.condition is Condition.FOREIGN:
            copy.directory.rename(staged / REPLACED)
        elif copy.directory.exists():
            copy.directory.rmdir()  # it is empty, and Windows renames nothing onto it
        try:
            staged.rename(copy.directory)
        except OSError:
            if copy.condition is Condition.FOREIGN:
                (staged / REPLACED).rename(copy.directory)
            raise
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _update(directory: Path, manifest: Manifest, content: dict[str, bytes]) -> None:
    _write(directory / MANIFEST, manifest.to_json())
    for path, data in content.items():
        _write(directory / path, data)
    for path in manifest.former.keys() - manifest.files.keys():
        remove_file(directory, path)
    final = Manifest(manifest.version, manifest.files, {}, manifest.created_directories)
    _write(directory / MANIFEST, final.to_json())


def remove_file(directory: Path, path: str) -> None:
    """Remove one file of a copy, and the directories below the copy's that it leaves empty."""
    place = directory / path
    with contextlib.suppress(FileNotFoundError):
        place.unlink()
    for parent in place.parents:
        if parent == directory:
            break
        try:
            parent.rmdir()
        except OSError:  # not empty, or gone already
            break


def _write(path: Path, data: bytes) -> None:
    """Write a file so that a reader sees all of it or what was there before."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}-{os.getpid()}")
    try:
        with beside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise


def _absolute(path: Path) -> Path:
    """Make a path absolute and leave its links as they are."""
    return Path(os.path.abspath(path.expanduser()))  # noqa: PTH100 - resolve() would follow links


def _make(directory: Path) -> int:
    """Make a directory and say how many levels of it were new."""
    missing = [place for place in (directory, *directory.parents) if not place.exists()]
    directory.mkdir(parents=True, exist_ok=True)
    return len(missing)


def remove_created(directory: Path, levels: int) -> None:
    """Remove directories that were made for the copies, from the innermost up, while empty."""
    with contextlib.suppress(OSError):  # somebody else put something there
        for place in (directory, *directory.parents)[:levels]:
            place.rmdir()


def _former(manifest: Manifest) -> dict[str, str]:
    return {**manifest.former, **manifest.files}


def _describe(text: str, copy: Copy) -> str:
    version = copy.manifest.version if copy.manifest else ""
    return text.format(version=version, changed=", ".join(copy.changed))
