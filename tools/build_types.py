"""Write boto3_agentcore_payments/types from the service definitions.

    nox -s types              say whether the types are up to date
    nox -s types -- write     write them

mypy-boto3-builder, which also makes boto3-stubs, does the work, unmodified: it turns the
definitions of this checkout into types. It needs Python 3.12, so nox has an environment for it.
What comes out is then made ours:

- both services in one package, without the lists of all AWS services;
- documentation from the definitions, without links to pages that do not exist;
- members that an answer may lack are ``NotRequired``, as the definitions say;
- importable at run time on every Python of this package, without ``typing_extensions``. botocore
  makes the classes of clients, paginators and waiters while a program runs, so at run time their
  names stand for the base classes.
"""

from __future__ import annotations

import argparse
import ast
import html
import re
import shutil
import subprocess
import sys
import tempfile
import textwrap
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import botocore.session
from botocore import xform_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from botocore.model import ServiceModel

ROOT = Path(__file__).resolve().parents[1]
TARGET = Path("boto3_agentcore_payments", "types")
BUILDER = "mypy-boto3-builder"
SERVICES = {
    "payments": "bedrock-agentcore-payments",
    "control": "bedrock-agentcore-payments-control",
}
"""Package within ``types`` -> service."""
MODULES = {
    "client.pyi": "The client of ``{service}`` and its exceptions.",
    "paginator.pyi": "Paginators of ``{service}``.",
    "waiter.pyi": "Waiters of ``{service}``.",
    "type_defs.py": "Inputs and outputs of ``{service}``.",
    "literals.py": "Values that ``{service}`` enumerates.",
}
"""Each module taken from the builder, with its docstring."""
RUNTIME_BASES = {
    "client": ("botocore.client", "BaseClient"),
    "paginator": ("botocore.paginate", "Paginator"),
    "waiter": ("botocore.waiter", "Waiter"),
}
"""Each module, with where its classes' base class is and its name."""
NOT_OURS = re.compile(r"(Bedrock\w+|Resource)?ServiceName|(Paginator|Waiter)Name")
"""Literals that list what a botocore knows, or that both services would define differently."""
METHODS = {
    "can_paginate": "Return whether an operation has a paginator.",
    "exceptions": "The service's exceptions, to catch by name.",
    "generate_presigned_url": "Return a URL that makes one call with this client's credentials.",
    "get_paginator": "Return the paginator of an operation.",
    "get_waiter": "Return a waiter.",
    "paginate": "Return an iterator over the pages, each an answer of the operation.",
    "wait": "Ask again and again until it is so; raise ``WaiterError`` if it does not become so.",
}
"""Docstrings of the methods that are not operations."""
CLASSES = {
    "client": 'What ``boto3.client("{service}")`` makes.',
    "paginator": 'What ``get_paginator("{name}")`` returns.',
    "waiter": 'What ``get_waiter("{name}")`` returns.',
}
"""Docstrings of the modules with one class."""
ANSWER = "ResponseTypeDef"
BY_HAND = ("forms.py",)
"""Files that the builder does not write."""
NOTICE = f"""\
# Written by tools/build_types.py, with {BUILDER} {{version}} (MIT licence, copyright
# Vlad Emelianov), from this package's service definitions; do not edit.
"""
QUOTES = '"' * 3
WIDTH = 100
"""Longest line, in columns."""
_VERSIONS = re.compile(
    r"if sys\.version_info >= \(3, 12\):\n    from typing import ([\w, ]+)\n"
    r"else:\n    from typing_extensions import [\w, ]+\n"
)


class Edit(NamedTuple):
    """Lines of a file, counted from 1 and both included, and what to put instead."""

    first: int
    last: int
    text: str


def build(target: Path) -> None:
    """Write the types into a directory.

    Args:
        target: The directory to become ``boto3_agentcore_payments/types``.

    Raises:
        subprocess.CalledProcessError: if the builder or ruff fails.
        ValueError: if the services define a name differently.
    """
    notice = NOTICE.format(version=version(BUILDER))
    exported: dict[str, tuple[str, str]] = {}
    with tempfile.TemporaryDirectory() as place:
        run_builder(place)
        for package, service in SERVICES.items():
            name = f"mypy_boto3_{service.replace('-', '_')}"
            built = Path(place, f"{name}_package", name)
            model = botocore.session.get_session().get_service_model(service)
            made = target / package
            made.mkdir()
            made.joinpath("__init__.py").write_text(f'{notice}"""Types of ``{service}``."""\n')
            for file in MODULES:
                module = f"{'.'.join(TARGET.parts)}.{package}.{Path(file).stem}"
                text = rewritten(built.joinpath(file), model)
                made.joinpath(file).write_text(notice + text)
                for public, definition in definitions(text).items():
                    if exported.setdefault(public, (module, definition))[1] != definition:
                        raise ValueError(f"both services define {public}, and differ")
            for stem in RUNTIME_BASES:
                classes = [
                    name
                    for name, (module, _) in exported.items()
                    if module.endswith(f"{package}.{stem}")
                ]
                made.joinpath(f"{stem}.py").write_text(notice + runtime_module(stem, classes))
    target.joinpath("__init__.py").write_text(notice + flat_module(exported))
    configuration = ("--quiet", "--config", str(ROOT / "pyproject.toml"), str(target))
    for command in (("check", "--select", "F401,I,RUF022,UP", "--fix-only"), ("format",)):
        subprocess.run([sys.executable, "-m", "ruff", *command, *configuration], check=True)


def run_builder(place: str) -> None:
    """Let the builder write its packages into a directory."""
    command = (sys.executable, "-m", "mypy_boto3_builder", place)
    options = (
        "--product",
        "boto3-services",
        "--no-smart-version",
        "--services",
        *SERVICES.values(),
    )
    subprocess.run([*command, *options], check=True, stderr=subprocess.DEVNULL)


def rewritten(path: Path, model: ServiceModel) -> str:
    """Return a module of the builder's as ours."""
    source = path.read_text()
    lines = source.splitlines()
    for edit in sorted(edits(ast.parse(source), path.name, model), reverse=True):
        lines[edit.first - 1 : edit.last] = edit.text.splitlines()
    text = "\n".join(lines) + "\n"
    forms = "typing_extensions" if path.suffix == ".pyi" else f"{'.'.join(TARGET.parts)}.forms"
    text = _VERSIONS.sub(
        lambda found: "".join(
            f"from {'typing' if name == 'Literal' else forms} import {name}\n"
            for name in found[1].split(", ")
        ),
        text,
    )
    package = next(name for name, service in SERVICES.items() if service == model.service_name)
    return text.replace("from .", f"from {'.'.join(TARGET.parts)}.{package}.")


def edits(tree: ast.Module, file: str, model: ServiceModel) -> Iterator[Edit]:
    """Say what to put for docstrings, other services' names and members that may be absent."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and ast.get_docstring(
            node
        ):
            text = documentation(node, file, model)
            there = node.body[0]
            yield Edit(there.lineno, there.end_lineno or 0, quoted(text, there.col_offset))
    parents: dict[str, str] = {}
    for statement in tree.body:
        first, last = statement.lineno, statement.end_lineno or 0
        if isinstance(statement, ast.If) and isinstance(base := statement.body[0], ast.Assign):
            # A generic class on one side, for type checkers, and a plain one on the other.
            parents[ast.unparse(base.targets[0])] = ast.unparse(base.value)
            yield Edit(first, last, "")
        elif isinstance(statement, ast.ImportFrom) and statement.module == "__future__":
            # Python knows which members are required only if it evaluates the annotations.
            yield Edit(first, last, "")
        elif isinstance(statement, ast.Assign):
            yield from assignment_edits(statement, model)
        elif isinstance(statement, ast.ClassDef) and statement.name.endswith(ANSWER):
            members = {
                item.target.id: ast.unparse(item.annotation)
                for item in statement.body
                if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name)
            }
            yield Edit(first, last, typed_dict(statement.name, members, model))
        elif (
            isinstance(statement, ast.ClassDef)
            and (bases := ast.unparse(statement.bases[0])) in parents
        ):
            yield Edit(first, first, f"class {statement.name}({parents[bases]}):")


def assignment_edits(statement: ast.Assign, model: ServiceModel) -> Iterator[Edit]:
    """Say what to put for an assignment: a list of names, a literal, a TypedDict."""
    (target,) = statement.targets
    name = ast.unparse(target)
    last = statement.end_lineno or 0
    if name == "__all__":
        names = [item for item in ast.literal_eval(statement.value) if not NOT_OURS.fullmatch(item)]
        yield Edit(statement.lineno, last, f"__all__ = {names!r}")
    elif NOT_OURS.fullmatch(name):
        yield Edit(statement.lineno, last, "")
    elif isinstance(statement.value, ast.Call) and isinstance(statement.value.args[1], ast.Dict):
        # The builder's way around a member named like a type, which would be evaluated at once.
        pairs = statement.value.args[1]
        members = {
            str(ast.literal_eval(key)): ast.unparse(value)
            for key, value in zip(pairs.keys, pairs.values)
            if key is not None
        }
        yield Edit(statement.lineno, last, typed_dict(name, members, model))


def typed_dict(name: str, members: dict[str, str], model: ServiceModel) -> str:
    """Return the class of a TypedDict.

    The builder takes every member of an answer for required, because AWS's definitions often do
    not say. Ours do.
    """
    operation = name.removesuffix(ANSWER)
    if name.endswith(ANSWER) and operation in model.operation_names:
        shape = model.operation_model(operation).output_shape
        required = {"ResponseMetadata", *(shape.required_members if shape else ())}
        for member, annotation in members.items():
            if member not in required and not annotation.startswith("NotRequired["):
                members[member] = f"NotRequired[{annotation}]"
    lines = [f"    {member}: {annotation}" for member, annotation in members.items()]
    return "\n".join([f"class {name}(TypedDict):", *lines])


def documentation(
    node: ast.Module | ast.ClassDef | ast.FunctionDef, file: str, model: ServiceModel
) -> str:
    """Return the docstring of a module, class or method."""
    if isinstance(node, ast.Module):
        return MODULES[file].format(service=model.service_name)
    if isinstance(node, ast.ClassDef):
        kind = Path(file).stem
        name = xform_name(node.name.removesuffix(kind.title()))
        return CLASSES[kind].format(name=name, service=model.service_name)
    operations = {xform_name(name): name for name in model.operation_names}
    if node.name not in operations:
        return METHODS[node.name]
    told = model.operation_model(operations[node.name]).documentation
    first = re.split(r"</p>", told, maxsplit=1)[0]
    return html.unescape(re.sub(r"<[^>]+>", lambda tag: "``" if "code" in tag[0] else "", first))


def quoted(text: str, indent: int) -> str:
    """Return a docstring, indented."""
    margin = " " * indent
    lines = textwrap.wrap(" ".join(text.split()), WIDTH - indent - 2 * len(QUOTES))
    closing = f"\n{margin}" if len(lines) > 1 else ""
    return f"{margin}{QUOTES}" + f"\n{margin}".join(lines) + f"{closing}{QUOTES}"


def definitions(text: str) -> dict[str, str]:
    """Return what a module exports: name -> its definition."""
    found: dict[str, str] = {}
    public: list[str] = []
    for statement in ast.parse(text).body:
        if isinstance(statement, ast.ClassDef):
            found[statement.name] = ast.unparse(statement)
        elif isinstance(statement, ast.Assign):
            name = ast.unparse(statement.targets[0])
            found[name] = ast.unparse(statement)
            if name == "__all__":
                public = ast.literal_eval(statement.value)
    return {name: found[name] for name in public}


def runtime_module(stem: str, classes: list[str]) -> str:
    """Return what a stub's module is at run time."""
    module, base = RUNTIME_BASES[stem]
    lines = [
        f'"""What the names of ``{stem}.pyi`` stand for at run time."""',
        f"from {module} import {base}",
        *(f"{name} = {base}" for name in classes),
        f"__all__ = {classes!r}",
    ]
    return "\n".join(lines) + "\n"


def flat_module(exported: dict[str, tuple[str, str]]) -> str:
    """Return the module from which everything can be imported."""
    lines = [
        '"""Types of both services: clients, inputs, outputs, literals, paginators, waiters."""'
    ]
    lines += [f"from {module} import {name}" for name, (module, _) in exported.items()]
    lines.append(f"__all__ = {list(exported)!r}")
    return "\n".join(lines) + "\n"


def differences(target: Path, present: Path) -> list[str]:
    """Return the files of two directories that are not the same."""

    def content(place: Path) -> dict[str, str]:
        files = (path for path in place.rglob("*.py*") if path.suffix in {".py", ".pyi"})
        return {str(path.relative_to(place)): path.read_text() for path in files}

    made, there = content(target), content(present)
    kept = {name for name in there if name in BY_HAND}
    names = sorted((made.keys() | there.keys()) - kept)
    return [name for name in names if made.get(name) != there.get(name)]


def main(arguments: list[str] | None = None) -> int:
    """Write the types, or check them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="only say whether they are up to date")
    check = parser.parse_args(arguments).check
    present = ROOT / TARGET
    with tempfile.TemporaryDirectory() as place:
        build(Path(place))
        different = differences(Path(place), present)
        if check and different:
            print(
                f"out of date; run nox -s types -- write: {', '.join(different)}", file=sys.stderr
            )
            return 1
        if different:
            for package in SERVICES:
                shutil.rmtree(present / package, ignore_errors=True)
            shutil.copytree(place, present, dirs_exist_ok=True)
            print(f"wrote {', '.join(different)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
