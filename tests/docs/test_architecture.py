"""Every place that docs/architecture.md names exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "boto3_agentcore_payments"
TABLE = (ROOT / "docs" / "architecture.md").read_text().partition("## To change X")[2]
NAMED = re.findall(r"`([\w./]+(?:\.\w+|/))[^`]*`(?: \(`(\w+)`\))?", TABLE)


@pytest.mark.parametrize(("path", "name"), sorted(set(NAMED)))
def test_what_the_table_names_is_there(path, name):
    place = next((base / path for base in (PACKAGE, ROOT) if (base / path).exists()), None)
    assert place is not None
    if name:
        assert re.search(rf"^(class |def )?{name}\b", place.read_text(), re.MULTILINE)


def test_the_table_is_read_at_all():
    assert ("emulator/engine/operations.py", "OPERATIONS") in NAMED
