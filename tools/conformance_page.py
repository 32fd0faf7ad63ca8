"""Write docs/conformance.md: every known rule of the service, and the test that shows it.

    python tools/conformance_page.py            write the page, and the total in README
    python tools/conformance_page.py --check    say whether both are up to date; exit code 1 if not

The rules are in ``conformance_rules.txt``, one per line.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
RULES = ROOT / "tools" / "conformance_rules.txt"
PAGE = ROOT / "docs" / "conformance.md"
README = ROOT / "README.md"
SOURCES = ("recorded", "live", "guide", "sdk", "toolkit", "model", "decided")
SAYS = ("asked", "differs")
HEAD = """\
# The emulator and the service, rule by rule

<!-- Written by tools/conformance_page.py from tools/conformance_rules.txt; change that. -->

{total}

A rule's source is the best one there is: **[recorded]** an answer of the live service, recorded by
AWS's own tests of its command line client in September 2026; **[live]** a third-party report of a
call; **[guide]** AWS's developer guide; **[sdk]** AWS's package `bedrock-agentcore`; **[toolkit]**
AWS's agent toolkit and samples; **[model]** AWS's definitions in botocore. **[decided]**: nobody
says, and this project chose.

*asked*: the emulator does it where a test asks for it, as `PaymentsControl.inject_fault` does;
*differs*: it does something else. Both say why.
"""
_TOTAL = re.compile(r"The emulator agrees with \d+ of the \d+ known rules of the service[^.]*\.")


class Rule(NamedTuple):
    """One rule.

    Attributes:
        section: Title of its section.
        source: One of ``SOURCES``.
        text: The rule; texts of the service stand in backticks.
        shown: The test that shows it, ``file::function`` or a file; or ``asked:`` or
            ``differs:`` and the reason.
    """

    section: str
    source: str
    text: str
    shown: str

    @property
    def agrees(self) -> bool:
        """Whether the emulator does as the rule says."""
        return self.shown.startswith("tests/")


def rules(text: str) -> list[Rule]:
    """Return the rules of the file's text.

    Raises:
        ValueError: if a line is not a rule, or its source or last column is unknown.
    """
    found: list[Rule] = []
    section = ""
    for line in text.splitlines():
        if line.startswith("## "):
            section = line[3:]
        elif line and not line.startswith("#"):
            parts = [part.strip() for part in line.split(" || ")]
            if len(parts) != len(("source", "rule", "test")) or parts[0] not in SOURCES:
                raise ValueError(f"not 'source || rule || test': {line!r}")
            if not parts[2].startswith(("tests/", *(f"{says}: " for says in SAYS))):
                raise ValueError(f"neither a test nor a reason: {line!r}")
            found.append(Rule(section, *parts))
    return found


def total(known: list[Rule]) -> str:
    """Return the sentence that counts them."""
    agreeing = sum(rule.agrees for rule in known)
    decided = sum(rule.agrees and rule.source == "decided" for rule in known)
    return (
        f"The emulator agrees with {agreeing} of the {len(known)} known rules of the service, "
        f"each shown by a test; {decided} of them are decisions where nobody says."
    )


def page(known: list[Rule]) -> str:
    """Return the whole page."""
    parts = [HEAD.format(total=total(known))]
    for section in dict.fromkeys(rule.section for rule in known):
        rows = ["| rule | source | shown by |", "|---|---|---|"]
        rows += [
            f"| {rule.text} | {rule.source} | {_shown(rule)} |"
            for rule in known
            if rule.section == section
        ]
        parts.append(f"## {section}\n\n" + "\n".join(rows) + "\n")
    return "\n".join(parts)


def _shown(rule: Rule) -> str:
    if not rule.agrees:
        says, _, reason = rule.shown.partition(": ")
        return f"*{says}*: {reason}"
    place, _, function = rule.shown.partition("::")
    return f"[`{function or place}`](../{place})"


def main(arguments: list[str] | None = None) -> int:
    """Write the page and README's total, or check them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="only say whether they are up to date")
    check = parser.parse_args(arguments).check
    known = rules(RULES.read_text(encoding="utf-8"))
    readme = README.read_text(encoding="utf-8")
    wanted = {PAGE: page(known), README: _TOTAL.sub(total(known), readme)}
    stale = [
        path
        for path, text in wanted.items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    if check:
        for path in stale:
            print(
                f"{path.name} is out of date; run: python tools/conformance_page.py",
                file=sys.stderr,
            )
        return 1 if stale else 0
    for path in stale:
        path.write_text(wanted[path], encoding="utf-8")
        print(f"wrote {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
