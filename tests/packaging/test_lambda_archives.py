"""The zips that tools/build_lambda.py makes; that they run is shown in tests/environments."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING, Callable

import pytest

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.packaging


@pytest.fixture
def own_checkout(checkout: Path, tmp_path: Path) -> Path:
    """Return a copy of the repository in which an earlier build left something behind."""
    copy = tmp_path / "repository"
    shutil.copytree(checkout, copy, ignore=shutil.ignore_patterns("build"))
    stale = copy / "build" / "lib" / "boto3_agentcore_payments" / "stale.py"
    stale.parent.mkdir(parents=True)
    stale.touch()
    return copy


@pytest.fixture
def build_archive(own_checkout: Path, tmp_path: Path) -> Callable[..., Path]:
    """Return a function that runs the tool of the copy and returns the zip."""

    def build_archive(name: str, *arguments: object) -> Path:
        archive = tmp_path / name
        tool = own_checkout / "tools" / "build_lambda.py"
        command = [sys.executable, tool, *arguments, "--output", archive]
        subprocess.run(command, check=True, capture_output=True)
        return archive

    return build_archive


def test_layer_is_built_from_the_sources_alone(own_checkout, build_archive):
    before = sorted(own_checkout.rglob("*"))
    archive = build_archive("layer.zip", "layer")
    with zipfile.ZipFile(archive) as opened:
        names = opened.namelist()
    assert "python/boto3_agentcore_payments/loader.py" in names
    assert "python/boto3_agentcore_payments.pth" in names
    assert not [name for name in names if "stale" in name]
    assert sorted(own_checkout.rglob("*")) == before


def test_two_builds_are_equal_byte_for_byte(build_archive, tmp_path):
    function = tmp_path / "handler.py"
    function.write_text("def handler(event, context): ...\n")
    first, second = (
        build_archive(name, "function", function) for name in ("first.zip", "second.zip")
    )
    assert first.read_bytes() == second.read_bytes()
    with zipfile.ZipFile(first) as opened:
        assert "handler.py" in opened.namelist()
