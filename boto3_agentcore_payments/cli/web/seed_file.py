"""``serve --seed-file FILE``: a known start, which a reset returns to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.emulator.backend import seeding
from boto3_agentcore_payments.errors import CommandError

if TYPE_CHECKING:
    from pathlib import Path


def plant(path: Path, *, go_on: bool) -> list[dict[str, Any]]:
    """Make what a file names.

    Args:
        path: The file.
        go_on: Open its merchants alone, because a state that was kept goes on. A reset still
            returns to the whole start.

    Returns:
        The merchants that are open, as ``seed_merchants.described`` returns them.

    Raises:
        CommandError: if the file cannot be read, or something in it is wrong.
        MissingExtraError: if the extra of a merchant is not installed, or PyYAML for YAML.
    """
    try:
        made = seeding.plant(path, None, None, go_on=go_on).made
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise CommandError(f"{path}: {error}") from error
    merchants: list[dict[str, Any]] = made["merchants"]
    return merchants
