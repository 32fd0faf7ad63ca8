"""Report exactly where our service definitions differ from what they should be."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from model_facts import expected, facts, undocumented
from model_files import SERVICE, WAITERS, Definitions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from model_additions import Json
    from model_planes import Plane

_ABSENT = object()
# Elements whose order matters: it is the order of members on the wire.
_ORDERED = frozenset(("members",))


@dataclass(frozen=True)
class Drift:
    """One difference.

    Args:
        service: Our service.
        kind: The kind of file, such as ``service-2``.
        path: Where in the file, keys joined by dots.
        text: What is different, for a person.
    """

    service: str
    kind: str
    path: str
    text: str

    def __str__(self) -> str:
        """Return one line for the terminal."""
        return f"{self.service} {self.kind} {self.path}: {self.text}"


def drifts(plane: Plane, source: Definitions, ours: Definitions) -> list[Drift]:
    """Return every fact of ours that is not AWS's, except for the declared differences.

    Args:
        plane: Which plane.
        source: AWS's files.
        ours: Our files.
    """
    found = []
    if source.version != plane.version:
        text = f"AWS's newest API version is {source.version}, ours {plane.version}"
        found.append(Drift(plane.service, SERVICE, "version", text))
    for kind in source.other_kinds:
        text = "AWS has files of this kind now: add it to the kinds in tools/model_files.py"
        found.append(Drift(plane.service, kind, "file", text))
    wanted = expected(plane, source, ours)
    for kind, content in wanted.files.items():
        present = ours.files[kind]
        if not present:
            found.append(Drift(plane.service, kind, "file", "missing"))
            continue
        found += [
            Drift(plane.service, kind, path, text)
            for path, text in _differences(facts(content), facts(present), "")
        ]
    return found + list(_waiter_drifts(plane, source, ours))


def missing_documentation(plane: Plane, ours: Definitions) -> list[Drift]:
    """Return everything that must be documented and is not.

    Args:
        plane: Which plane.
        ours: Our files.
    """
    return [
        Drift(plane.service, SERVICE, path, "undocumented")
        for path in undocumented(ours.files[SERVICE])
    ]


def _waiter_drifts(plane: Plane, source: Definitions, ours: Definitions) -> Iterator[Drift]:
    theirs = source.files[WAITERS].get("waiters", {})
    present = ours.files[WAITERS].get("waiters", {})
    for name in plane.own_waiters:
        if name in theirs:
            text = "AWS has this waiter now: take it off own_waiters in tools/model_planes.py"
            yield Drift(plane.service, WAITERS, f"waiters.{name}", text)
        elif ours.files[WAITERS] and name not in present:
            yield Drift(plane.service, WAITERS, f"waiters.{name}", "declared as our own, missing")


def _differences(theirs: Any, ours: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(theirs, dict) and isinstance(ours, dict):
        yield from _differing_members(theirs, ours, path)
    elif isinstance(theirs, list) and isinstance(ours, list):
        yield from _differing_items(theirs, ours, path)
    elif theirs is _ABSENT:
        yield path, f"only ours: {_short(ours)}"
    elif ours is _ABSENT:
        yield path, f"only AWS's: {_short(theirs)}"
    # 1 == True in Python, not in JSON.
    elif theirs != ours or type(theirs) is not type(ours):
        yield path, f"ours {_short(ours)}, AWS's {_short(theirs)}"


def _differing_members(theirs: Json, ours: Json, path: str) -> Iterator[tuple[str, str]]:
    for key in list(theirs) + [key for key in ours if key not in theirs]:
        yield from _differences(
            theirs.get(key, _ABSENT),
            ours.get(key, _ABSENT),
            f"{path}.{key}" if path else key,
        )
    same_keys = theirs.keys() == ours.keys()
    if same_keys and list(theirs) != list(ours) and path.rpartition(".")[2] in _ORDERED:
        yield path, f"order: ours {_short(list(ours))}, AWS's {_short(list(theirs))}"


def _differing_items(theirs: list[Any], ours: list[Any], path: str) -> Iterator[tuple[str, str]]:
    if len(theirs) == len(ours):
        for index, (their_item, our_item) in enumerate(zip(theirs, ours)):
            yield from _differences(their_item, our_item, f"{path}[{index}]")
        return
    for item in theirs:
        if item not in ours:
            yield path, f"only AWS's: {_short(item)}"
    for item in ours:
        if item not in theirs:
            yield path, f"only ours: {_short(item)}"


def _short(value: Any, longest: int = 160) -> str:
    text = json.dumps(value)
    return text if len(text) <= longest else f"{text[:longest]} ..."
