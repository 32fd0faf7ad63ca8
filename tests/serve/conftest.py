"""A server of our own, and what its clients need in their environment."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = str(Path(__file__).resolve().parent)
if HERE not in sys.path:
    sys.path.insert(0, HERE)

from running_server import environment, serving, start_serving  # noqa: E402

__all__ = ["environment", "serving", "start_serving"]
