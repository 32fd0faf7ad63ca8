"""The maintainers' scripts import one another without a circle, not even for types."""

from __future__ import annotations

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

TOOLS = Path(__file__).resolve().parents[2] / "tools"


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module)
    return names


def test_no_script_imports_itself_by_way_of_others() -> None:
    scripts = {path.stem: imported(path) for path in TOOLS.glob("*.py")}
    assert "model_additions" in scripts["model_files"]
    try:
        TopologicalSorter(scripts).prepare()
    except CycleError as error:
        pytest.fail(f"a circle: {' <- '.join(error.args[1])}")
