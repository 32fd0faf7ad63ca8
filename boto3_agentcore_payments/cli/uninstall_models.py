"""``agentcore-payments uninstall-models``: remove exactly what ``install-models`` installed.

Files that somebody changed since, and files that are not ours, stay where they are. What
``install-models --force`` had moved aside comes back.
"""

from __future__ import annotations

import contextlib
import os
import sys
from typing import TYPE_CHECKING

from boto3_agentcore_payments import loader
from boto3_agentcore_payments.cli import install_models, model_copies
from boto3_agentcore_payments.cli.model_copies import HIDDEN, MANIFEST, REPLACED, Condition

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

    from boto3_agentcore_payments.cli.model_copies import Copy


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    install_models.add_directory(parser)


def run(arguments: argparse.Namespace) -> int:
    """Remove both services' copies and say what was done.

    Returns:
        1 if something of ours had to stay because it was changed, else 0.

    Raises:
        CommandError: if the path exists and is not a directory.
        OSError: if something cannot be removed.
    """
    directory = install_models.chosen_directory(arguments)
    copies = [model_copies.inspect(directory, service) for service in loader.SERVICES]
    for copy in copies:
        if copy.manifest:
            uninstall(copy)
        print(f"{copy.directory}: {_outcome(copy)}")
        for path in copy.changed:
            print(f"{copy.directory / path}: changed since it was installed, kept", file=sys.stderr)
    created = max(copy.manifest.created_directories if copy.manifest else 0 for copy in copies)
    install_models.remove_created(directory, created)
    return 1 if any(copy.changed for copy in copies) else 0


def uninstall(copy: Copy) -> None:
    """Remove one copy.

    The manifest goes last, so that an interrupted removal can be finished by another.

    Raises:
        OSError: if something cannot be removed.
    """
    if copy.manifest is None:
        return
    for path in sorted(copy.manifest.paths - set(copy.changed)):
        install_models.remove_file(copy.directory, path)
    install_models.remove_file(copy.directory, MANIFEST)
    replaced = copy.directory / REPLACED
    if os.path.lexists(replaced):
        _bring_back(copy, replaced)
    else:
        with contextlib.suppress(OSError):  # something else lies there, and stays
            copy.directory.rmdir()


def _bring_back(copy: Copy, replaced: Path) -> None:
    if any(entry.name != HIDDEN for entry in copy.directory.iterdir()):
        print(f"{replaced}: what was there before stays here", file=sys.stderr)
        return
    aside = copy.directory.with_name(f"{HIDDEN}-{os.getpid()}")
    replaced.rename(aside)
    (copy.directory / HIDDEN).rmdir()
    copy.directory.rmdir()
    aside.rename(copy.directory)


def _outcome(copy: Copy) -> str:
    if copy.condition is Condition.ABSENT:
        return "not installed"
    if copy.condition is Condition.FOREIGN:
        return "not installed by this command, left alone"
    return "removed"
