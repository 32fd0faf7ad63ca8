"""PyInstaller's hooks for this package, found through the entry point ``pyinstaller40``."""

from __future__ import annotations

from pathlib import Path


def hook_directories() -> list[str]:
    """Return the directories that hold hooks: only this one."""
    return [str(Path(__file__).parent)]
