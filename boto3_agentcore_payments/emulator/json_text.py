"""Reading JSON that somebody else wrote.

The standard library's decoder goes one level of the interpreter's C stack deeper for every level
of nesting. Deep text ends in a RecursionError at best; where a program has raised the recursion
limit, or in a thread with a small stack, it ends the whole process. So the depth is known before
the decoder sees the text.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any, NoReturn

MAX_NESTING = 128
"""Levels of objects and arrays; far more than any request or token of the service has."""

# A whole string, or what there is of one, so that no quote is ever looked at twice; or a bracket.
_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)|[\[{]|[\]}]', re.DOTALL)


class NestedTooDeeplyError(ValueError):
    """JSON text is nested more than ``MAX_NESTING`` levels deep."""

    def __init__(self) -> None:
        super().__init__(f"JSON is nested more than {MAX_NESTING} levels deep")


def check_nesting(text: str) -> None:
    """Refuse text that would take a decoder too deep; it need not be JSON otherwise.

    Raises:
        NestedTooDeeplyError: more than ``MAX_NESTING`` objects and arrays are open at once.
    """
    if text.count("[") + text.count("{") <= MAX_NESTING:  # nearly every text there is
        return
    depth = 0
    for token in _TOKEN.finditer(text):
        first = text[token.start()]
        if first in "[{":
            depth += 1
            if depth > MAX_NESTING:
                raise NestedTooDeeplyError
        elif first in "]}":
            depth -= 1


def _not_json(constant: str) -> NoReturn:
    message = f"{constant} is not JSON"
    raise ValueError(message)


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        message = "a number is out of range"
        raise ValueError(message)
    return number


def read_json(text: str | bytes, **options: Any) -> Any:
    """Return what JSON text says.

    Args:
        text: The text; bytes are UTF-8.
        options: As ``json.loads`` takes them.

    Raises:
        ValueError: it is not UTF-8, not JSON (``NaN`` and the infinities are not), nested too
            deeply, or has a number no float can hold (``1e999``).
    """
    decoded = text.decode("utf-8") if isinstance(text, bytes) else text
    check_nesting(decoded)
    try:
        return json.loads(
            decoded, **{"parse_constant": _not_json, "parse_float": _finite, **options}
        )
    except RecursionError:  # the caller was near the limit already
        raise NestedTooDeeplyError from None
