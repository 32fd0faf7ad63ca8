"""Write the README's table of supported versions from what the version matrix passed with.

    nox && python tools/support_table.py
    python tools/support_table.py --check     say whether the README names what passed; 1 if not

Every session of the matrix notes its versions in .nox/results when its tests pass. Sessions whose
notes are missing (a CPython that is not on the machine) are left out, so that the table never
promises what was not run. Without any, as in a fresh clone, the table stays as it is.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / ".nox" / "results"
README = ROOT / "README.md"
BEGIN = "<!-- support table: begin (make docs) -->"
END = "<!-- support table: end -->"
LIBRARIES: dict[str, tuple[str, tuple[str, ...]]] = {
    "agents": ("AWS's SDK and its agents", ("bedrock-agentcore", "strands-agents", "langgraph")),
    "aws_cdk": ("AWS CDK", ("aws-cdk-lib", "moto")),
    "frozen": ("frozen and packed", ("pyinstaller", "pex", "shiv")),
}
"""Each session of the matrix, with its row's title and the libraries it noted."""


def main() -> int:
    """Write or check the table."""
    parser = argparse.ArgumentParser(description="Write the README's table of supported versions.")
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    notes = {path.stem: json.loads(path.read_text("utf-8")) for path in RESULTS.glob("*.json")}
    if not notes:
        print("nox has not run here: the README's table stays as it is", file=sys.stderr)
        return int(check)
    before = README.read_text("utf-8")
    head, found, rest = before.partition(BEGIN)
    _, ended, tail = rest.partition(END)
    if not (found and ended):
        print(f"{README} lacks the marks {BEGIN} and {END}", file=sys.stderr)
        return 1
    after = f"{head}{BEGIN}\n{table(notes)}{END}{tail}"
    if check:
        if after != before:
            print(f"{README} does not name what passed; run {Path(__file__).name}", file=sys.stderr)
        return int(after != before)
    README.write_text(after, "utf-8")
    return 0


def table(notes: dict[str, dict[str, str]]) -> str:
    """Return the rows, in the order of the matrix.

    Args:
        notes: What each session noted, by its name.
    """
    lines = ["| tested with | Python | versions |", "| --- | --- | --- |"]
    matrix = [note for name, note in sorted(notes.items(), key=number) if "versions" in name]
    for note in matrix:
        named = f"botocore {note['botocore']}, boto3 {note['boto3']}, moto {note['moto']}"
        lines.append(f"| clients and emulator | {note['python']} | {named} |")
    compared = [notes[name] for name in sorted(notes) if name.startswith("definitions")]
    if compared:
        named = " and ".join(note["botocore"] for note in compared)
        lines.append(f"| every fact of AWS's models | {compared[0]['python']} | botocore {named} |")
    if "aws_cli" in notes:
        note = notes["aws_cli"]
        lines.append(f"| AWS CLI v1 | {note['python']} | {note['awscli']} |")
        if second := note.get("awscli v2"):
            program, python = (word.partition("/")[2] for word in second.split()[:2])
            lines.append(f"| AWS CLI v2 | {python} | {program}, Debian's |")
    for session in ("aio", "aioboto3"):
        if session in notes:
            note = notes[session]
            libraries = ("aioboto3", "aiobotocore", "botocore")
            named = ", ".join(f"{name} {note[name]}" for name in libraries if name in note)
            lines.append(f"| async clients | {note['python']} | {named} |")
    if "aws_lambda" in notes:
        note = notes["aws_lambda"]
        lines.append(f"| AWS Lambda | {note['pythons']} | awslambdaric {note['awslambdaric']} |")
    for row, (title, names) in LIBRARIES.items():
        if row in notes:
            note = notes[row]
            named = ", ".join(f"{name} {note[name]}" for name in names)
            lines.append(f"| {title} | {note['python']} | {named} |")
    return "\n".join(lines) + "\n"


def number(item: tuple[str, object]) -> list[int]:
    """Order versions-3.9 before versions-3.10."""
    return [int(digits) for digits in item[0].rpartition("-")[2].split(".") if digits.isdigit()]


if __name__ == "__main__":
    sys.exit(main())
