"""Files that hold a known start, as JSON or YAML."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.errors import MissingExtraError
from boto3_agentcore_payments.json_text import read_json

if TYPE_CHECKING:
    from os import PathLike

_YAML = frozenset({".yaml", ".yml"})


def read(path: str | PathLike[str]) -> Any:
    """Return what a file says: YAML if its name ends in ``.yaml`` or ``.yml``, else JSON.

    Args:
        path: The file.

    Raises:
        OSError: if it cannot be read.
        ValueError: if it is not of its format.
        MissingExtraError: if it is YAML and PyYAML, which comes with moto's server, is missing.
    """
    text = Path(path).read_bytes()
    if Path(path).suffix in _YAML:
        return _yaml(text)
    try:
        return read_json(text)
    except ValueError as error:
        raise ValueError(f"the file is not JSON: {error}") from error


def _yaml(text: bytes) -> Any:
    try:
        yaml: Any = importlib.import_module("yaml")
    except ModuleNotFoundError as error:
        raise MissingExtraError("A start in YAML", extra="emulator", module="yaml") from error
    try:
        return yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ValueError(f"the file is not YAML: {' '.join(str(error).split())}") from error
