"""Read JSON that somebody else wrote: one set of rules for requests, tokens and challenges.

The standard library's decoder goes one level of the interpreter's C stack deeper for every level
of nesting. Deep text ends in a RecursionError at best; where a program has raised the recursion
limit, or in a thread with a small stack, it ends the whole process. So the depth is known before
the decoder sees the text.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from typing import Any, NoReturn

MAX_NESTING = 128
"""Levels of objects and arrays; far more than any request or token of the service has."""

_MAX_DIGITS = 1000
"""Digits of an integer: ``int`` of a long text takes quadratic time."""

# A whole string, or an unfinished one, so that no quote is looked at twice; or a bracket.
_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)|[\[{]|[\]}]', re.DOTALL)


class NestedTooDeeplyError(ValueError):
    """JSON text is nested more than ``MAX_NESTING`` levels deep."""

    def __init__(self) -> None:
        super().__init__(f"JSON is nested more than {MAX_NESTING} levels deep")


class RepeatedKeyError(ValueError):
    """A JSON object has a key twice: two readers could see two values.

    Args:
        key: The key, which the message leaves out: it may be a secret in the wrong place.
    """

    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__("a JSON object repeats a key")


def check_nesting(text: str) -> None:
    """Refuse text that is nested too deeply; it need not be valid JSON.

    Raises:
        NestedTooDeeplyError: if more than ``MAX_NESTING`` objects and arrays are open at once.
    """
    if text.count("[") + text.count("{") <= MAX_NESTING:  # true of nearly every text
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


def read_json(text: str | bytes) -> Any:
    """Return the value of JSON text.

    Args:
        text: The text; bytes are UTF-8.

    Raises:
        NestedTooDeeplyError: if it is nested too deeply.
        RepeatedKeyError: if an object has a key twice.
        ValueError: if it is not UTF-8 (UnicodeDecodeError) or not JSON. ``NaN``, the infinities
            and numbers beyond a double or 1000 digits are not JSON.
    """
    decoded = text.decode("utf-8") if isinstance(text, bytes) else text
    check_nesting(decoded)
    try:
        return _decode(decoded)
    except RecursionError:  # the caller was already near the limit
        raise NestedTooDeeplyError from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        times = Counter(key for key, _ in pairs)
        raise RepeatedKeyError(times.most_common(1)[0][0])
    return members


def _not_json(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


def _integer(digits: str) -> int:
    if len(digits) > _MAX_DIGITS:
        raise ValueError(f"an integer has more than {_MAX_DIGITS} digits")
    return int(digits)


def _number(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise ValueError("a number is out of range")
    return value


_decode = json.JSONDecoder(
    object_pairs_hook=_unique, parse_constant=_not_json, parse_int=_integer, parse_float=_number
).decode
