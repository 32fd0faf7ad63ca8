"""Keep what AWS has added to our service-2 files since they were first written in its own file.

botocore merges `service-2.sdk-extras.json` into `service-2.json`; what a merge cannot say
(something taken away, members in another order) has to go into `service-2.json` itself.
"""

from __future__ import annotations

import copy
import json
from typing import Any

from botocore.loaders import ExtrasProcessor

Json = dict[str, Any]

NO_ADDITIONS: Json = {"version": 1.0, "merge": {}}


def merged(service: Json, additions: Json) -> Json:
    """Merge additions into a service-2 file, as botocore does.

    Args:
        service: The content of `service-2.json`; it is not changed.
        additions: The content of `service-2.sdk-extras.json`.
    """
    both = copy.deepcopy(service)
    ExtrasProcessor().process(both, [copy.deepcopy(additions)])
    return both


def additions_to(service: Json, wanted: Json) -> Json | None:
    """Return the additions that turn one service-2 file into another; None if no merge can.

    Args:
        service: The file as it stands.
        wanted: The file as it should be.
    """
    difference = _difference(service, wanted)
    additions = {**NO_ADDITIONS, "merge": difference}
    # The order of members is their order on the wire.
    same = _text(_with_order(merged(service, additions))) == _text(_with_order(wanted))
    return additions if same else None


def _difference(present: Json, wanted: Json) -> Json:
    difference: Json = {}
    for key, value in wanted.items():
        if key not in present:
            difference[key] = value
        elif isinstance(value, dict) and isinstance(present[key], dict):
            below = _difference(present[key], value)
            if below:
                difference[key] = below
        elif _text(value) != _text(present[key]):
            difference[key] = value
    return difference


def _text(element: Any) -> str:
    """Return JSON text, in which 1 and true differ; in Python they are equal."""
    return json.dumps(element, sort_keys=True)


def _with_order(element: Any) -> Any:
    if isinstance(element, dict):
        ordered = {key: _with_order(value) for key, value in element.items()}
        members = element.get("members")
        return {**ordered, "": list(members)} if isinstance(members, dict) else ordered
    return element
