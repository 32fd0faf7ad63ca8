"""The convention for ``Raises:`` sections, for which ruff has no rule."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WRITTEN_BY_HAND = [
    path
    for directory in ("boto3_agentcore_payments", "tools")
    for path in sorted((ROOT / directory).rglob("*.py"))
    if "types" not in path.parts
]
DOCUMENTED = (ast.AsyncFunctionDef, ast.ClassDef, ast.FunctionDef, ast.Module)


def raises(path: Path) -> list[str]:
    """Return every line of a ``Raises:`` section that begins with an error."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, DOCUMENTED):
            section = re.search(
                r"^Raises:\n((?:    .*\n?)+)", ast.get_docstring(node) or "", re.MULTILINE
            )
            found += re.findall(r"^    (\S.*)", section[1], re.MULTILINE) if section else []
    return found


@pytest.mark.parametrize("path", [path for path in WRITTEN_BY_HAND if raises(path)])
def test_raises_says_if_or_always(path: Path) -> None:
    assert [line for line in raises(path) if not re.match(r"[\w.]+: (if |always\b)", line)] == []
