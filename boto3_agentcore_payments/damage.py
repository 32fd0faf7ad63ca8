"""What is wrong with the service definitions that came with this package, if anything.

Looked at only after botocore has failed to load one.
"""

from __future__ import annotations

import json
from pathlib import Path

TYPES = (
    "service-2",
    "service-2.sdk-extras",
    "endpoint-rule-set-1",
    "paginators-1",
    "waiters-2",
    "examples-1",
)
"""The files that each API version of our services has, without ``.json``."""


def damage_of(directory: str) -> str | None:
    """Return what is wrong with the definitions of one service.

    Args:
        directory: The directory of the service, which holds one directory for each API version.

    Returns:
        A sentence without its full stop, or ``None`` when everything is there and readable.
    """
    try:
        versions = [path for path in Path(directory).iterdir() if path.is_dir()]
    except OSError as error:
        return f"The service definitions in {directory} cannot be read: {error.strerror}"
    if not versions:
        return f"The service definitions in {directory} are missing"
    for version in versions:
        for type_name in TYPES:
            path = version / f"{type_name}.json"
            try:
                content = json.loads(path.read_text(encoding="utf-8"))
            except OSError as error:
                return f"The service definition {path} cannot be read: {error.strerror}"
            except ValueError:
                return f"The service definition {path} is damaged"
            if not isinstance(content, dict) or not content:
                return f"The service definition {path} is damaged"
    return None
