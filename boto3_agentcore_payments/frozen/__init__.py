"""What PyInstaller asks this package, through the entry point ``pyinstaller40``."""

from __future__ import annotations

from pathlib import Path


def hook_directories() -> list[str]:
    """Return the directories with hooks: this one."""
    return [str(Path(__file__).parent)]
