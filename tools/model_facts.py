"""Derive what our definitions should be from AWS's definitions of a larger service.

Facts are AWS's, documentation is ours: `expected` takes the payments operations and every shape
they reach out of AWS's files and puts the documentation of our present files back in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from model_files import ENDPOINTS, PAGINATORS, SERVICE, WAITERS, Definitions
from model_planes import OPERATION_MARK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from model_additions import Json
    from model_planes import Plane

DOCUMENTATION = "documentation"

# AWS writes an element's documentation after these and before its other keys.
_BEFORE_DOCUMENTATION = frozenset(
    [
        "name",
        "http",
        "input",
        "output",
        "errors",
        "type",
        "required",
        "members",
        "member",
        "key",
        "value",
        "shape",
        "timestampFormat",
    ],
)


def expected(plane: Plane, source: Definitions, ours: Definitions) -> Definitions:
    """Return what our files should be: AWS's facts, our documentation, declared differences.

    Args:
        plane: Which plane.
        source: AWS's files.
        ours: Our present files, for their documentation and our own waiters.
    """
    theirs = source.files
    operations = payments_operations(theirs[SERVICE])
    waiters = _waiters(plane, theirs[WAITERS], ours.files[WAITERS], operations)
    return Definitions(
        source.version,
        {
            SERVICE: _service(plane, theirs[SERVICE], ours.files[SERVICE], operations),
            PAGINATORS: _paginators(theirs[PAGINATORS], operations),
            WAITERS: {"version": 2, "waiters": waiters},
            ENDPOINTS: graft(theirs[ENDPOINTS], ours.files[ENDPOINTS], in_order=False),
        },
    )


def payments_operations(service: Json) -> Json:
    """Return the operations of a service-2 file that are about payments, sorted by name."""
    operations = service.get("operations", {})
    return {name: operations[name] for name in sorted(operations) if OPERATION_MARK in name}


def reachable(service: Json, operations: Json) -> list[str]:
    """Return the names of all shapes that operations refer to, directly or not, sorted."""
    shapes, seen = service.get("shapes", {}), set()
    waiting = [name for operation in operations.values() for name in _references(operation)]
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting.extend(_references(shapes[name]))
    return sorted(seen)


def facts(element: Any) -> Any:
    """Return an element without its documentation, at every depth."""
    if isinstance(element, dict):
        return {key: facts(value) for key, value in element.items() if not _is_text(key, value)}
    if isinstance(element, list):
        return [facts(value) for value in element]
    return element


def graft(theirs: Any, ours: Any, *, in_order: bool = True) -> Any:
    """Put our documentation into AWS's element in place of AWS's.

    Args:
        theirs: AWS's element.
        ours: Our counterpart, or None.
        in_order: Put documentation where AWS's service-2 files have it; otherwise keep its place.
    """
    if not isinstance(theirs, dict):
        return facts(theirs)
    counterpart = ours if isinstance(ours, dict) else {}
    documentation = counterpart.get(DOCUMENTATION)
    grafted: Json = {}
    for key, value in theirs.items():
        if not _is_text(key, value):
            grafted[key] = graft(value, counterpart.get(key), in_order=in_order)
        elif isinstance(documentation, str):
            grafted[key] = documentation
    if in_order and isinstance(documentation, str):
        first = {k: v for k, v in grafted.items() if k in _BEFORE_DOCUMENTATION}
        rest = {k: v for k, v in grafted.items() if k not in first and k != DOCUMENTATION}
        return {**first, DOCUMENTATION: documentation, **rest}
    return grafted


def undocumented(service: Json) -> Iterator[str]:
    """Return the paths of what our service-2 file must document and does not.

    The service, every operation, every structure and every member must; scalars, lists and maps
    show through the members that use them.
    """
    if not service.get(DOCUMENTATION):
        yield DOCUMENTATION
    for name, operation in service.get("operations", {}).items():
        if not operation.get(DOCUMENTATION):
            yield f"operations.{name}"
    for name, shape in service.get("shapes", {}).items():
        if shape["type"] == "structure" and not shape.get(DOCUMENTATION):
            yield f"shapes.{name}"
        for member, reference in shape.get("members", {}).items():
            if not reference.get(DOCUMENTATION):
                yield f"shapes.{name}.members.{member}"


def _service(plane: Plane, theirs: Json, ours: Json, operations: Json) -> Json:
    shapes = {name: theirs["shapes"][name] for name in reachable(theirs, operations)}
    chosen: Json = {
        **theirs,
        "metadata": {**theirs["metadata"], **plane.metadata},
        "operations": operations,
        "shapes": shapes,
    }
    chosen.pop(DOCUMENTATION, None)
    service = {
        key: _graft_each(value, ours.get(key, {})) if key in ("operations", "shapes") else value
        for key, value in chosen.items()
    }
    return {**service, DOCUMENTATION: ours.get(DOCUMENTATION, "")}


def _graft_each(theirs: Json, ours: Json) -> Json:
    return {name: graft(element, ours.get(name)) for name, element in theirs.items()}


def _paginators(theirs: Json, operations: Json) -> Json:
    pagination = theirs.get("pagination", {})
    return {"pagination": {name: pagination[name] for name in pagination if name in operations}}


def _waiters(plane: Plane, theirs: Json, ours: Json, operations: Json) -> Json:
    present = ours.get("waiters", {})
    added = {
        name: waiter
        for name, waiter in theirs.get("waiters", {}).items()
        if waiter["operation"] in operations
    }
    own = {name: waiter for name, waiter in present.items() if name in plane.own_waiters}
    return {**own, **added}


def _references(element: Any) -> Iterator[str]:
    if isinstance(element, dict):
        if isinstance(element.get("shape"), str):
            yield element["shape"]
        for value in element.values():
            yield from _references(value)
    elif isinstance(element, list):
        for value in element:
            yield from _references(value)


def _is_text(key: str, value: Any) -> bool:
    return key == DOCUMENTATION and isinstance(value, str)
