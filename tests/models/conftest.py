"""Makes the project's maintainer scripts and the shared strategies importable."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
for directory in (ROOT / "tools", ROOT / "tests" / "strategies", ROOT / "tests" / "models"):
    if str(directory) not in sys.path:
        sys.path.insert(0, str(directory))
