"""Write docs/coverage.md: what the emulator does, operation by operation, and how we know.

    python tools/coverage_table.py            write the page
    python tools/coverage_table.py --check    say whether it is up to date; exit code 1 if not

Every statement on the page stands in the code it is about, as a line of a ``Behaviour:`` section in
a docstring, with its source in brackets:

    Behaviour:
        - [live] The available amount starts as the limit, letter by letter.
        - [decided] An unknown manager is a ValidationException: the model has no 404 here.

The sections of the operations' functions make the two tables; those of the modules in ``SHARED``
hold for every operation. The tolerated differences come from the validator's own table.
"""

from __future__ import annotations

import argparse
import inspect
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from boto3_agentcore_payments import loader
from boto3_agentcore_payments.emulator.engine import faults, idempotency, operations, paging
from boto3_agentcore_payments.emulator.wire import (
    calls,
    definitions,
    parsing,
    quirks,
    serializing,
    validation,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

PAGE = Path(__file__).resolve().parents[1] / "docs" / "coverage.md"
SOURCES = ("recorded", "live", "guide", "sdk", "toolkit", "model", "decided")
DECIDED = "decided"
SHARED = (
    ("Reading a request", parsing),
    ("Validation", validation),
    ("Answers", serializing),
    ("Errors", calls),
    ("Client tokens", idempotency),
    ("Pages", paging),
    ("Injected faults", faults),
)
TITLES = {
    loader.DATA_PLANE: "Data plane",
    loader.CONTROL_PLANE: "Control plane",
}
HEAD = """\
# What the emulator covers

<!-- Written by tools/coverage_table.py from the docstrings of the code; change those. -->

All {count} operations of both services. Where each statement comes from: **[recorded]** answers of
the live service that AWS's own tests of its command line client recorded in September 2026;
**[live]** third-party reports of calls to the live service; **[guide]** AWS's developer guide for
Amazon Bedrock AgentCore; **[sdk]** AWS's package `bedrock-agentcore`; **[toolkit]** AWS's agent
toolkit and samples; **[model]** AWS's definitions in botocore. What nobody says was decided for
this project and stands in a column of its own, or is marked **[decided]**: do not take it for AWS's
word. Every known rule, with the test that shows it, is in [conformance.md](conformance.md).
"""
_FACT = re.compile(r"- \[([a-z, ]+)\] (.+)", re.DOTALL)
_SECTION = re.compile(r"[A-Z][A-Za-z ]*:")


class Fact(NamedTuple):
    """One statement about the emulator.

    Attributes:
        sources: Where it comes from, some of ``SOURCES``.
        text: One or more sentences.
    """

    sources: tuple[str, ...]
    text: str


def facts(documented: object) -> list[Fact]:
    """Return the statements of the ``Behaviour:`` section in a docstring.

    Args:
        documented: A function or module.

    Raises:
        ValueError: if a line is not a statement, or names an unknown source.
    """
    return [_fact(documented, item) for item in _items(inspect.getdoc(documented) or "")]


def _items(docstring: str) -> list[str]:
    """Return the items of the section, each on one line."""
    items: list[str] = []
    inside = False
    for line in docstring.splitlines():
        text = line.strip()
        if text == "Behaviour:":
            inside = True
        elif inside and _SECTION.fullmatch(text) and not line.startswith(" "):
            break
        elif inside and text.startswith("- "):
            items.append(text)
        elif inside and text:
            if not items or not line.startswith(" "):
                break
            items[-1] += f" {text}"
    return items


def _fact(documented: object, item: str) -> Fact:
    found = _FACT.fullmatch(item)
    sources = tuple(source.strip() for source in found[1].split(",")) if found else ()
    if found is None or not set(sources) <= set(SOURCES):
        name = getattr(documented, "__name__", documented)
        raise ValueError(
            f"{name}: not '- [source] statement', sources {', '.join(SOURCES)}: {item!r}"
        )
    return Fact(sources, found[2])


def page() -> str:
    """Return the whole page."""
    by_name = definitions.operations()
    parts = [HEAD.format(count=len(by_name))]
    for service_name, title in TITLES.items():
        names = [
            name
            for name, operation in by_name.items()
            if operation.definition.service_name == service_name
        ]
        parts.append(f"## {title}: {len(names)} operations\n\n{_operations_table(names)}")
    parts.append("## Every operation\n")
    parts += [
        f"### {title}\n\n{_fact_list(facts(module))}" for title, module in SHARED if facts(module)
    ]
    parts.append(f"## Where the service accepts what its model refuses\n\n{_quirks_table()}")
    return "\n".join(parts)


def _operations_table(names: Iterable[str]) -> str:
    rows = ["| operation | emulated | decided |", "|---|---|---|"]
    for name in names:
        known = facts(operations.OPERATIONS[name])
        if not known:
            raise ValueError(f"{name}: its function's docstring has no Behaviour section")
        emulated = "<br>".join(_marked(fact) for fact in known if fact.sources != (DECIDED,))
        decided = "<br>".join(_cell(fact.text) for fact in known if fact.sources == (DECIDED,))
        rows.append(f"| `{name}` | {emulated or '-'} | {decided or '-'} |")
    return "\n".join(rows) + "\n"


def _quirks_table() -> str:
    rows = ["| definition | shape | tolerated |", "|---|---|---|"]
    rows += [
        f"| `{quirk.service}` | `{quirk.shape}` | {_cell(quirk.reason)} |"
        for quirk in quirks.QUIRKS
    ]
    return "\n".join(rows) + "\n"


def _fact_list(known: Iterable[Fact]) -> str:
    return "\n".join(f"- {_marked(fact)}" for fact in known) + "\n"


def _marked(fact: Fact) -> str:
    return f"{_cell(fact.text)} [{', '.join(fact.sources)}]"


def _cell(text: str) -> str:
    """Return docstring text as Markdown that fits into a table cell."""
    return text.replace("``", "`").replace("|", "\\|")


def main(arguments: list[str] | None = None) -> int:
    """Write the page, or check it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="only say whether it is up to date")
    check = parser.parse_args(arguments).check
    text = page()
    if PAGE.exists() and PAGE.read_text(encoding="utf-8") == text:
        return 0
    if check:
        print(f"{PAGE.name} is out of date; run: python tools/coverage_table.py", file=sys.stderr)
        return 1
    PAGE.write_text(text, encoding="utf-8")
    print(f"wrote {PAGE}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
