"""``agentcore-payments demo`` where the merchants' libraries are missing."""

from __future__ import annotations

import subprocess
import sys

WITHOUT = """
import sys
sys.modules["x402"] = None
from boto3_agentcore_payments.__main__ import main
sys.exit(main(["demo"]))
"""


def test_demo_says_what_is_missing_before_it_begins() -> None:
    ended = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", WITHOUT],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.count("\n") == 1
    assert "needs 'x402', which is not installed" in ended.stderr
    assert "pip install 'boto3-agentcore-payments[merchant]'" in ended.stderr
