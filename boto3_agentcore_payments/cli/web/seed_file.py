"""``serve --seed-file FILE``: a known start, which a reset returns to."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.emulator.backend.verbs import Verbs
from boto3_agentcore_payments.errors import CommandError
from boto3_agentcore_payments.json_text import read_json

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from boto3_agentcore_payments.cli.web.application import Application, StartResponse

_RESET = "/moto-api/reset"


def read(path: Path) -> Any:
    """Return what a file says: YAML if its name ends in .yaml or .yml, else JSON.

    Raises:
        CommandError: if it cannot be read.
    """
    try:
        text = path.read_bytes()
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}") from error
    if path.suffix in {".yaml", ".yml"}:
        return _yaml(path, text)
    try:
        return read_json(text)
    except ValueError as error:
        raise CommandError(f"{path} is not JSON: {error}") from error


def _yaml(path: Path, text: bytes) -> Any:
    try:
        yaml: Any = importlib.import_module("yaml")
    except ImportError:
        raise CommandError(f"{path}: YAML needs PyYAML; run: pip install pyyaml") from None
    try:
        return yaml.safe_load(text)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise CommandError(f"{path} is not YAML: {' '.join(str(error).split())}") from error


def plant(path: Path, start: Any) -> None:
    """Make what the file names.

    Raises:
        CommandError: if something in it is wrong.
    """
    try:
        Verbs().seed(start)
    except ValueError as error:
        raise CommandError(f"{path}: {error}") from error


def beginning(path: Path, application: Application, *, fresh: bool) -> Application:
    """Make the start, and return an application whose reset makes it.

    Raises:
        CommandError: if the file cannot be read, or something in it is wrong.
    """
    start = read(path)
    if fresh:  # a state that was kept goes on
        plant(path, start)

    def answer(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        body = application(environ, start_response)
        if environ["PATH_INFO"] == _RESET and environ["REQUEST_METHOD"] == "POST":
            plant(path, start)
        return body

    return answer
