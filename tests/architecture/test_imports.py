"""Imports go in one direction, without circles (docs/architecture.md).

Every import counts, those in functions and those for types too.
"""

from __future__ import annotations

import ast
import importlib.util
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import boto3_agentcore_payments

PACKAGE = "boto3_agentcore_payments"
ROOT = Path(boto3_agentcore_payments.__file__).parent
HTTP = {"asyncio", "http", "socket", "socketserver", "ssl", "urllib", "wsgiref"}
# What each part may import of this package; the longest matching part counts.
MAY_IMPORT = {
    "": ("", "-cli", "-emulator", "-merchants", "-pay", "-testing"),
    "__main__": ("cli",),
    "emulator.engine": ("emulator.engine", "json_text", "errors"),
    "emulator.engine.ports": ("emulator.engine.errors", "errors"),
    "emulator.proofs": (
        "emulator.engine.errors",
        "emulator.engine.money",
        "emulator.engine.ports",
        "json_text",
        "emulator.proofs",
        "errors",
    ),
    "emulator.wire": (
        "damage",
        "emulator.engine",
        "json_text",
        "emulator.wire",
        "errors",
        "loader",
    ),
    "emulator.backend.seeding": ("emulator", "testing.secrets"),
    "emulator.backend": ("", "-cli", "-merchants", "-pay", "-testing"),
    "emulator": ("", "-cli", "-merchants", "-pay", "-testing"),
    "merchants": ("", "-cli", "-pay", "-testing"),
    "pay": ("errors", "json_text", "pay"),
    "testing": ("", "-cli"),
    "testing.server": ("cli.web", "emulator", "testing"),
    "cli": ("",),
}


def module_of(path: Path) -> str:
    """Return a module's name without the package's own."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


MODULES = {module_of(path): path for path in sorted(ROOT.rglob("*.py")) if "-" not in path.stem}


def imported(module: str) -> set[str]:
    """Return every module a module imports, ours without the package's name.

    ``from package import module`` is an import of the module; the packages around it are not
    counted, because Python always runs them first.
    """
    names = set()
    for node in ast.walk(ast.parse(MODULES[module].read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} has a relative import"
            whole = {f"{node.module}.{alias.name}" for alias in node.names}
            ours = {name for name in whole if ours_of(name) in MODULES}
            names |= ours
            if len(ours) < len(whole):
                names.add(node.module or "")
    return names


def ours_of(name: str) -> str | None:
    """Return the name within the package, or ``None`` for another package's module."""
    head, _, rest = name.partition(".")
    return rest if head == PACKAGE else None


def our_imports(module: str) -> set[str]:
    """Return the modules of this package that a module imports."""
    found = {ours_of(name) for name in imported(module)}
    return {name for name in found if name is not None and name in MODULES}


def is_part(module: str, part: str) -> bool:
    """Return whether a module is in a part of the package."""
    return not part or module == part or module.startswith(f"{part}.")


def test_no_module_imports_itself_by_way_of_others() -> None:
    graph = {module: our_imports(module) - {module} for module in MODULES}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"a circle: {' <- '.join(error.args[1])}")


@pytest.mark.parametrize("module", MODULES)
def test_a_module_knows_only_what_is_below_it(module: str) -> None:
    part = max((part for part in MAY_IMPORT if is_part(module, part)), key=len)
    allowed = [rule for rule in MAY_IMPORT[part] if not rule.startswith("-")]
    denied = [rule[1:] for rule in MAY_IMPORT[part] if rule.startswith("-")]
    wrong = {
        name
        for name in our_imports(module)
        if not any(is_part(name, rule) for rule in allowed)
        or any(is_part(name, rule) for rule in denied)
    }
    assert not wrong


@pytest.mark.parametrize(
    "module", [module for module in MODULES if is_part(module, "emulator.engine")]
)
def test_the_engine_knows_the_standard_library_alone_and_no_http(module: str) -> None:
    for name in imported(module):
        top = name.partition(".")[0]
        if top == PACKAGE:
            continue
        spec = importlib.util.find_spec(top)
        assert spec is not None
        assert "site-packages" not in (spec.origin or ""), name
        assert top not in HTTP, name
