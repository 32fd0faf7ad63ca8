"""Copies of botocore's loader module, so that tests change a copy and leave botocore alone."""

from __future__ import annotations

import importlib.util
import itertools
import json
import shutil
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Callable

import botocore.loaders
import pytest

from boto3_agentcore_payments import loader as hook

if TYPE_CHECKING:
    from pathlib import Path

DATA = "bedrock-agentcore-payments"
CONTROL = "bedrock-agentcore-payments-control"

_numbers = itertools.count()


def copy_loaders(version: str = "1.99.0") -> ModuleType:
    """Return a fresh copy of ``botocore.loaders``, unchanged by the hook, in a made-up package."""
    package = ModuleType(f"botocore_copy_{next(_numbers)}")
    package.__version__ = version
    spec = importlib.util.spec_from_file_location(
        f"{package.__name__}.loaders", botocore.loaders.__file__
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    sys.modules[package.__name__] = package
    sys.modules[module.__name__] = module
    return module


@pytest.fixture
def copy_of_loaders() -> Callable[[str], ModuleType]:
    """Return a function that makes a loader module of one botocore's."""
    return copy_loaders


@pytest.fixture
def pristine() -> ModuleType:
    """Return a loader module as botocore ships it."""
    return copy_loaders()


@pytest.fixture
def extend(monkeypatch: pytest.MonkeyPatch) -> Callable[[ModuleType], None]:
    """Return a function that extends one loader module, by the public way."""

    def extend(module: ModuleType) -> None:
        monkeypatch.setattr(hook, "MODULES", (module.__name__,))
        hook.extend()

    monkeypatch.setattr(hook, "_warned", set())
    return extend


@pytest.fixture
def extended(extend: Callable[[ModuleType], None]) -> ModuleType:
    """Return a loader module that the hook has extended."""
    module = copy_loaders()
    extend(module)
    return module


@pytest.fixture
def old(extend: Callable[[ModuleType], None]) -> ModuleType:
    """Return the loader module of a botocore that is too old, after the hook has run."""
    module = copy_loaders("1.30.99")
    extend(module)
    return module


@pytest.fixture
def models(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes definitions into a directory as users have them."""

    def write(name: str = DATA, version: str = "2024-02-28", **types: object) -> Path:
        directory = tmp_path / "models"
        target = directory / name / version
        target.mkdir(parents=True, exist_ok=True)
        for type_name, content in types.items():
            text = content if isinstance(content, str) else json.dumps(content)
            (target / f"{type_name.replace('__', '.').replace('_', '-')}.json").write_text(text)
        return directory

    return write


@pytest.fixture
def own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of the shipped definitions, to be damaged, that the hook uses."""
    copy = tmp_path / "shipped"
    shutil.copytree(hook.data_directory(), copy)
    monkeypatch.setattr(hook, "data_directory", lambda: str(copy))
    return copy
