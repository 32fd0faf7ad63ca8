"""The doctor's findings."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Status(enum.Enum):
    """How much a finding matters."""

    OK = "ok"
    NOTE = "note"
    """Worth knowing, but nothing stops working because of it."""
    WRONG = "wrong"


@dataclass(frozen=True)
class Finding:
    """One line of the doctor's report.

    Attributes:
        topic: The subject, in a word or two.
        status: How much it matters.
        text: What was found.
        advice: What to do about it; empty if nothing needs to be done.
    """

    topic: str
    status: Status
    text: str
    advice: str = ""


def ok(topic: str, text: str) -> Finding:
    """Make a finding that all is well."""
    return Finding(topic, Status.OK, text)


def note(topic: str, text: str, advice: str = "") -> Finding:
    """Make a finding that is worth knowing."""
    return Finding(topic, Status.NOTE, text, advice)


def wrong(topic: str, text: str, advice: str) -> Finding:
    """Make a finding that must be fixed."""
    return Finding(topic, Status.WRONG, text, advice)
