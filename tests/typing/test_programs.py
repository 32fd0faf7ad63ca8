"""mypy and pyright accept right programs and reject wrong ones."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
PROGRAMS = Path(__file__).with_name("programs")
EXAMPLES = sorted((ROOT / "examples").rglob("*.py"))
PAGE = ROOT / "docs" / "types.md"
WRONG = {
    number: line.removesuffix("# rejected").strip()
    for number, line in enumerate((PROGRAMS / "wrong.py").read_text().splitlines(), start=1)
    if line.endswith("# rejected")
}


class Complaint(NamedTuple):
    """What a type checker says about a line."""

    file: str
    line: int
    text: str


def mypy(files: list[str]) -> list[Complaint]:
    lines = ran("mypy", "--output=json", "--no-error-summary", *files).splitlines()
    return [
        Complaint(Path(item["file"]).name, item["line"], item["message"])
        for item in map(json.loads, lines)
        if item["severity"] == "error"
    ]


def pyright(files: list[str]) -> list[Complaint]:
    answer = json.loads(ran("pyright", "--outputjson", "--pythonpath", sys.executable, *files))
    return [
        Complaint(Path(item["file"]).name, item["range"]["start"]["line"] + 1, item["message"])
        for item in answer["generalDiagnostics"]
        if item["severity"] == "error"
    ]


def ran(*command: str) -> str:
    finished = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert finished.returncode in {0, 1}, finished.stdout + finished.stderr
    return finished.stdout


@pytest.fixture(scope="module", params=[mypy, pyright], ids=lambda checker: checker.__name__)
def complaints(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> list[Complaint]:
    """Everything a checker reports on the programs, the examples and the page, in one run."""
    page = tmp_path_factory.mktemp("page") / "types_page.py"
    page.write_text("\n".join(blocks(PAGE)))
    files = [str(PROGRAMS / "right.py"), str(PROGRAMS / "wrong.py"), str(page)]
    found: list[Complaint] = request.param(files + [str(example) for example in EXAMPLES])
    return found


def blocks(page: Path) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```$", page.read_text(), re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("line", WRONG, ids=WRONG.get)
def test_wrong_program_is_rejected(complaints, line):
    assert [one for one in complaints if (one.file, one.line) == ("wrong.py", line)]


def test_nothing_else_is_rejected(complaints):
    assert [one for one in complaints if one.file != "wrong.py" or one.line not in WRONG] == []


def test_there_are_wrong_programs():
    assert len(WRONG) >= 50
