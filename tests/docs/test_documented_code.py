"""The Python blocks of README and docs run as they are printed."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NEEDS_AN_ACCOUNT = "111122223333"
"""The account in blocks that speak to AWS itself; these only have to compile."""


def blocks(page: str) -> list[str]:
    return re.findall(
        r"^```python\n(.*?)^```$", (ROOT / page).read_text(), re.DOTALL | re.MULTILINE
    )


def run(code: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr


@pytest.mark.parametrize("code", [b for b in blocks("README.md") if NEEDS_AN_ACCOUNT not in b])
def test_readme_block_runs(code):
    run(code)


@pytest.mark.parametrize("code", [b for b in blocks("README.md") if NEEDS_AN_ACCOUNT in b])
def test_readme_block_for_a_real_account_compiles(code):
    compile(code, "README.md", "exec")


def test_emulator_page_runs_from_top_to_bottom():
    pytest.importorskip("x402", reason="the merchants' x402 library needs Python 3.10")
    code = blocks("docs/emulator.md")

    assert len(code) >= 5
    run("\n".join(code))


def test_types_page_runs_from_top_to_bottom():
    code = blocks("docs/types.md")

    assert len(code) >= 3
    run("\n".join(code))


@pytest.mark.parametrize(
    ("page", "target"),
    [
        (page.relative_to(ROOT).as_posix(), target)
        for page in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text())
    ],
)
def test_link_leads_somewhere(page, target):
    assert (ROOT / page).parent.joinpath(target).exists()
