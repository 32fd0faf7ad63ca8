"""Where the clients run: other programs, interpreters and archives, against a server of our own."""

from __future__ import annotations

import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
for place in (TESTS.parent / "tools", TESTS / "serve"):
    if str(place) not in sys.path:
        sys.path.insert(0, str(place))

from running_server import environment, serving, start_serving  # noqa: E402

__all__ = ["environment", "serving", "start_serving"]
