"""docs/conformance.md is fresh, its tests exist, and they hold the texts that it quotes."""

from __future__ import annotations

import ast
import functools
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import conformance_page  # noqa: E402 - the maintainers' scripts are not installed

RULES = conformance_page.rules(conformance_page.RULES.read_text(encoding="utf-8"))
SHOWN = [rule for rule in RULES if rule.agrees]
QUOTED = [(rule, text) for rule in SHOWN for text in re.findall(r"`([^`]{12,})`", rule.text)]
SHORTEST = 9


@functools.cache
def functions(place: Path) -> frozenset[str]:
    tree = ast.parse(place.read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


@functools.cache
def texts(place: Path) -> str:
    """Return every text that a module's code holds, a line each."""
    nodes = ast.walk(ast.parse(place.read_text(encoding="utf-8")))
    constants = [node.value for node in nodes if isinstance(node, ast.Constant)]
    return "\n".join(value for value in constants if isinstance(value, str))


def fixed(text: str) -> list[str]:
    """Return what a text of the service always says: its parts between the values."""
    return [part for part in re.split(r"\{[^}]*\}", text) if len(part) >= SHORTEST]


def test_the_page_and_the_total_are_up_to_date() -> None:
    assert conformance_page.main(["--check"]) == 0, "run: python tools/conformance_page.py"


def test_readme_states_the_total() -> None:
    assert conformance_page.total(RULES) in conformance_page.README.read_text(encoding="utf-8")


@pytest.mark.parametrize("place", sorted({rule.shown for rule in SHOWN}))
def test_every_named_test_exists(place: str) -> None:
    path, _, function = place.partition("::")
    assert (ROOT / path).is_file()
    if function:
        assert function in functions(ROOT / path)


@pytest.mark.parametrize(
    ("rule", "text"), QUOTED, ids=[f"{rule.section}: {text[:40]}" for rule, text in QUOTED]
)
def test_a_quoted_text_is_in_its_test(rule: conformance_page.Rule, text: str) -> None:
    for part in fixed(text):
        assert part in texts(ROOT / rule.shown.partition("::")[0])


@pytest.mark.parametrize(
    "line", ["a rule", "rumour || It is said || tests/x.py::test_x", "live || It is || nowhere"]
)
def test_a_line_that_is_no_rule_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match=r"not 'source|neither a test"):
        conformance_page.rules(line)


def test_sources_are_those_of_the_coverage_page() -> None:
    import coverage_table

    assert set(conformance_page.SOURCES) == set(coverage_table.SOURCES)
