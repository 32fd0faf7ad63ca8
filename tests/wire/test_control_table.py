"""docs/control.md says what PaymentsControl can do."""

from __future__ import annotations

import control_table


def test_the_page_is_up_to_date():
    assert control_table.main(["--check"]) == 0, "run: python tools/control_table.py"
