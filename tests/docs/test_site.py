"""The site of docs/ has every page, and Sphinx builds it without a warning."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"


def test_every_page_is_reachable_from_the_first_one():
    index = (DOCS / "index.md").read_text().splitlines()
    pages = {page.stem for page in DOCS.glob("*.md")} - {"index"}
    assert pages <= set(index)


def test_the_site_is_built_without_a_warning(tmp_path):
    pytest.importorskip("furo", reason="the site's generator needs Python 3.10")
    options = ["--quiet", "--fail-on-warning", "-d", str(tmp_path / "doctrees")]
    built = subprocess.run(
        [sys.executable, "-m", "sphinx", *options, str(DOCS), str(tmp_path / "html")],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    assert (tmp_path / "html" / "search.html").exists()
