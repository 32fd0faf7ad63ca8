"""Hypothesis strategies drawn from botocore shapes: random values that satisfy a service model.

What is honoured: types, required and optional members, enums, ranges, lengths, patterns (over the
whole value), unions (exactly one member), document types, timestamps. Values are what boto3 takes
and returns; `json_value` turns one into what stands in a rest-json body.

    from shape_strategies import input_values, json_value, output_values
    @given(data=st.data())
    def test_...(data):
        params = data.draw(input_values(operation_model))
"""

from __future__ import annotations

import functools
import re
import string
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape

Values = st.SearchStrategy[Any]

# Characters that survive in an HTTP header at any position, without trimming or re-coding.
_HEADER_CHARACTERS = string.ascii_letters + string.digits + "-_.:/@+=|~"
_INTEGER_BITS = {"integer": 31, "long": 63}
_MOST_ITEMS = 3

# Classes on which regular expression engines differ, narrowed to characters on which they agree.
# Printable Latin characters are enough to tell encodings apart.
_NARROWED = {
    r"[^\p{C}]": "[ -~\u00a1-\u00ac\u00ae-\u024f]",
    r"\S*": "[!-~\u00a1-\u00ac\u00ae-\u024f]*",
    r"[^\s?#]": '[!-"$->@-~]',
}


@functools.cache  # made once for an operation, not once for an example
def input_values(operation: OperationModel) -> Values:
    """Keyword arguments that are valid for an operation.

    Args:
        operation: The operation's model.

    Returns:
        A strategy of dicts; idempotency tokens are sometimes left out, like any optional member.
    """
    return shape_values(operation.input_shape) if operation.input_shape else st.just({})


@functools.cache
def output_values(operation: OperationModel) -> Values:
    """Answers that an operation may give, as boto3 returns them, without ``ResponseMetadata``.

    Args:
        operation: The operation's model.
    """
    return shape_values(operation.output_shape) if operation.output_shape else st.just({})


def shape_values(shape: Shape) -> Values:
    """Values that satisfy a shape with everything nested in it.

    Args:
        shape: Any botocore shape.

    Raises:
        NotImplementedError: The shape is of a type that the payments models do not use.
    """
    if getattr(shape, "is_document_type", False):
        return documents()
    try:
        strategy = _BY_TYPE[shape.type_name]
    except KeyError:
        raise NotImplementedError(shape.type_name) from None
    return strategy(shape)


def documents() -> Values:
    """JSON objects of any content, a few levels deep."""
    scalars = (
        st.none()
        | st.booleans()
        | st.integers(-(2**53), 2**53)
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(max_size=8)
    )
    nested = st.recursive(
        scalars,
        lambda inner: (
            st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2)
        ),
        max_leaves=4,
    )
    return st.dictionaries(st.text(min_size=1, max_size=8), nested, max_size=_MOST_ITEMS)


def json_value(shape: Shape, value: Any) -> Any:
    """What a value of this shape looks like in a rest-json body.

    Args:
        shape: The shape of the value.
        value: A value as drawn from `shape_values`.

    Returns:
        The same with wire names as keys and timestamps as ISO 8601 text.
    """
    if getattr(shape, "is_document_type", False):
        return value
    if shape.type_name == "structure":
        members = shape.members
        return {
            members[name].serialization.get("name", name): json_value(members[name], member)
            for name, member in value.items()
        }
    if shape.type_name == "list":
        return [json_value(shape.member, item) for item in value]
    if shape.type_name == "map":
        return {key: json_value(shape.value, item) for key, item in value.items()}
    if shape.type_name == "timestamp":
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    return value


def _structures(shape: StructureShape) -> Values:
    if getattr(shape, "is_tagged_union", False):
        return st.one_of(
            [st.fixed_dictionaries({name: shape_values(m)}) for name, m in shape.members.items()]
        )
    required = {name: shape_values(shape.members[name]) for name in shape.required_members}
    optional = {name: shape_values(m) for name, m in shape.members.items() if name not in required}
    return st.fixed_dictionaries(required, optional=optional)


def _lists(shape: ListShape) -> Values:
    smallest = shape.metadata.get("min", 0)
    largest = min(shape.metadata.get("max", _MOST_ITEMS), smallest + _MOST_ITEMS)
    return st.lists(shape_values(shape.member), min_size=smallest, max_size=largest)


def _maps(shape: MapShape) -> Values:
    smallest = shape.metadata.get("min", 0)
    return st.dictionaries(
        shape_values(shape.key),
        shape_values(shape.value),
        min_size=smallest,
        max_size=smallest + _MOST_ITEMS,
    )


def _integers(shape: Shape) -> Values:
    bits = _INTEGER_BITS[shape.type_name]
    return st.integers(
        shape.metadata.get("min", -(2**bits)), shape.metadata.get("max", 2**bits - 1)
    )


def _timestamps(_shape: Shape) -> Values:
    seconds = st.integers(0, int(datetime(2100, 1, 1, tzinfo=timezone.utc).timestamp()))
    return seconds.map(lambda moment: datetime.fromtimestamp(moment, timezone.utc))


def _strings(shape: Shape) -> Values:
    if getattr(shape, "enum", None):
        return st.sampled_from(list(shape.enum))
    shortest, longest = shape.metadata.get("min", 0), shape.metadata.get("max")
    if shape.metadata.get("idempotencyToken"):
        # Of the length the pattern asks for without drawing each character.
        return st.uuids().map(str) | st.uuids().map(lambda token: token.hex * 2)
    if "pattern" in shape.metadata:
        return _matching(shape.metadata["pattern"], shortest, longest)
    # Long limits are met by botocore and the service alike; drawing such values teaches nothing.
    largest = shortest + 24 if longest is None else min(longest, shortest + 24)
    if shape.serialization.get("location") == "header":
        return st.text(alphabet=_HEADER_CHARACTERS, min_size=shortest, max_size=largest)
    return st.text(
        alphabet=st.characters(blacklist_categories=("C",)), min_size=shortest, max_size=largest
    )


@functools.cache
def _matching(pattern: str, shortest: int, longest: int | None) -> Values:
    for whole, part in _NARROWED.items():
        pattern = pattern.replace(whole, part)
    fits = st.from_regex(re.compile(_stretched(pattern, shortest), re.ASCII), fullmatch=True)
    return fits.filter(
        lambda value: shortest <= len(value) and (longest is None or len(value) <= longest)
    )


def _stretched(pattern: str, shortest: int) -> str:
    """Raise the last repetition of a pattern so that matches reach the shortest length allowed.

    ``[a-z](-*[a-z]){0,256}`` with a shortest length of 33 becomes ``[a-z](-*[a-z]){32,256}``: few
    random matches of the former are long enough to be of use.
    """
    last = re.search(r"(?:\+|\*|\{(\d+),(\d*)\})$", pattern)
    if last is None:
        return pattern
    least = int(last[1] or 0) if last[1] else int(last[0] == "+")
    rest = pattern[: last.start()]
    missing = shortest - _least_width(rest + f"{{{least}}}")
    if missing <= 0:
        return pattern
    return f"{rest}{{{least + missing},{last[2] or ''}}}"


def _least_width(pattern: str) -> int:
    try:
        from re import _parser as parser
    except ImportError:
        import sre_parse as parser  # type: ignore[no-redef]
    return int(parser.parse(pattern).getwidth()[0])


_BY_TYPE: dict[str, Callable[[Any], Values]] = {
    "structure": _structures,
    "list": _lists,
    "map": _maps,
    "string": _strings,
    "integer": _integers,
    "long": _integers,
    "boolean": lambda _shape: st.booleans(),
    "timestamp": _timestamps,
}
