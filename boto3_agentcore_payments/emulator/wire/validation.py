r"""Check requests against the model: one generic validator for all operations.

A check is compiled once for every shape of a definition, from all of the shape's traits. All
failures of a request are reported together, up to ``MAX_FAILURES``, each with the path of the
value as the caller wrote it (``limits.maxSpendAmount.value``, ``linkedAccounts[0].email``).

Behaviour:
    - [model] Required members, types, ranges, lengths, enums, unions (exactly one member), sizes
      of lists and maps are checked; a failure is a ValidationException with reason
      ``FieldValidationFailed``, whose ``fieldList`` names every wrong value by its path.
    - [model] A pattern must match the whole value; ``\d`` means the ASCII digits.
    - [model] Nothing at or below a ``sensitive`` shape is ever quoted in a message.
    - [decided] A member the model does not have is ignored at any depth: AWS's own agentcore CLI
      sends `userId` in the body too.
    - [decided] The wording of the messages; a request gets at most 20 of them.
    - [decided] JSON types are checked strictly: ``true``, ``"15"`` and ``15.0`` are not integers.
    - [decided] ``null`` is not an element of a list or a value of a map.
    - [decided] Text with lone surrogates is refused: it can be neither stored nor signed.
    - [decided] A document (any JSON) is nested at most 100 deep.
    - [decided] Text with a pattern but no maximum is at most 4096 characters long.
"""

from __future__ import annotations

import functools
import re
import sys
from collections.abc import Callable, Mapping
from typing import Any, Optional

from boto3_agentcore_payments.emulator.engine.errors import ValidationException
from boto3_agentcore_payments.emulator.wire import quirks
from boto3_agentcore_payments.errors import MissingExtraError

Failure = tuple[str, str]
"""Path below the value (``""`` for the value itself), and the problem with what is there."""

Check = Callable[[object], Optional[list[Failure]]]
"""A function that returns a value's failures, or ``None`` if the value is valid."""

ModelShape = Any
"""A botocore shape; its cached properties hide their types from static checkers."""

Traits = Mapping[str, Any]
"""A shape's traits, as the service definition has them."""

MAX_FAILURES = 20
MAX_DOCUMENT_DEPTH = 100
MAX_PATTERNED_LENGTH = 4096
MISSING = "is required"
_SURROGATES = "must not contain lone surrogates"
PATTERN_SECONDS = 1.0
_SHOWN = 64
_MASK = "***"


def invalid(failures: list[Failure]) -> ValidationException:
    """Return the error for everything found wrong with a request.

    Args:
        failures: ``(path, what is wrong)``, at least one.
    """
    shown = failures[:MAX_FAILURES]
    text = "; ".join(f"{path} {problem}" for path, problem in shown)
    if len(failures) == 1:
        counted = "1 value is"
    elif len(failures) <= MAX_FAILURES:
        counted = f"{len(failures)} values are"
    else:
        counted = f"more than {MAX_FAILURES} values are"
    return ValidationException(
        f"{counted} not valid: {text}", reason="FieldValidationFailed", fields=tuple(shown)
    )


class Validators:
    """The compiled checks of one definition's shapes.

    Args:
        service: Name of the service definition, for its quirks.
        traits: Returns every trait of a shape.
    """

    def __init__(self, service: str, traits: Callable[[ModelShape], Traits]) -> None:
        self._service = service
        self._traits = traits
        self._checks: dict[tuple[str, bool], Check] = {}

    def of(self, shape: ModelShape | None, *, secret: bool = False) -> Check:
        """Return the check for a shape.

        Args:
            shape: A shape of the definition, or ``None`` for an operation without input.
            secret: Whether the shape is used below a sensitive one.
        """
        if shape is None:
            return lambda _value: None
        traits = self._traits(shape)
        secret = secret or bool(traits.get("sensitive"))
        key = (str(shape.name), secret)
        if key not in self._checks:
            self._checks[key] = self._compile(shape, traits, secret=secret)
        return self._checks[key]

    def _compile(self, shape: ModelShape, traits: Traits, *, secret: bool) -> Check:
        kind = "document" if traits.get("document") else str(shape.type_name)
        compilers: dict[str, Callable[[], Check]] = {
            "structure": lambda: self._structure(shape, traits, secret=secret),
            "document": lambda: _document,
            "list": lambda: _sequence(
                self._member(shape, quirks.LIST_MEMBER, shape.member, secret=secret),
                traits if quirks.is_sized(self._service, str(shape.name)) else {},
            ),
            "map": lambda: _mapping(
                self.of(shape.key, secret=secret),
                self.of(shape.value, secret=secret),
                traits,
                secret=secret,
            ),
            "string": lambda: self._string(shape, traits, secret=secret),
            "integer": lambda: _integer(traits, secret=secret),
            "long": lambda: _integer(traits, secret=secret),
            "boolean": lambda: _boolean,
        }
        if kind not in compilers:
            raise NotImplementedError(f"{shape.name}: type {kind!r} is not supported in a request")
        return compilers[kind]()

    def _structure(self, shape: ModelShape, traits: Traits, *, secret: bool) -> Check:
        members = {}
        for name, member in shape.members.items():
            wire_name = member.serialization.get("name", name)
            # A member outside the body is known by its own name.
            in_body = member.serialization.get("location") is None
            check_member = self._member(shape, name, member, secret=secret)
            members[wire_name if in_body else name] = check_member
        tolerated = quirks.optional_members(self._service, shape.name)
        required = frozenset(traits.get("required", ())) - tolerated
        check = _structure(members, required)
        return _union(check, tuple(members)) if traits.get("union") else check

    def _member(self, shape: ModelShape, name: str, member: ModelShape, *, secret: bool) -> Check:
        """Return the check for a member of a structure or list, with the shape's quirks."""
        check = self.of(member, secret=secret)
        if not quirks.may_be_empty(self._service, shape.name, name):
            return check
        return lambda value: None if value == "" else check(value)

    def _string(self, shape: ModelShape, traits: Traits, *, secret: bool) -> Check:
        if traits.get("enum"):
            return _choice(tuple(traits["enum"]), secret=secret)
        pattern = quirks.pattern(self._service, shape.name, traits.get("pattern"))
        return _text(traits, pattern, secret=secret)


# The checks of single values


def shown_name(name: str) -> str:
    """Return a caller's map key in a form that is safe in a path: ASCII, and not too long."""
    return name[:_SHOWN].encode("ascii", "backslashreplace").decode("ascii")


def _structure(checks: Mapping[str, Check], required: frozenset[str]) -> Check:
    """Return the check for a structure, which also drops the members that count as absent.

    It drops members that are ``null``, and members that the model does not have.

    Args:
        checks: The members' checks, by their names in JSON.
        required: Names of members that must be there.
    """

    def check(value: object) -> list[Failure] | None:
        if type(value) is not dict:
            return [("", "must be an object")]
        failures: list[Failure] = []
        absent: list[str] = []
        for name, member in value.items():
            check_member = checks.get(name)
            if check_member is None or member is None:
                absent.append(name)
            else:
                found = check_member(member)
                if found is not None:
                    failures += [(f".{name}{path}", problem) for path, problem in found]
        for name in absent:
            del value[name]
        if not required <= value.keys():
            failures += [(f".{name}", MISSING) for name in sorted(required - value.keys())]
        return failures or None

    return check


def _union(check_members: Check, names: tuple[str, ...]) -> Check:
    """Return the check for a union: exactly one of its members must be given.

    Args:
        check_members: Check of the same shape as a structure.
        names: Names of the members.
    """
    known = frozenset(names)
    problem = f"must have exactly one of: {', '.join(names)}"

    def check(value: object) -> list[Failure] | None:
        failures = check_members(value)
        if type(value) is dict and len(value.keys() & known) != 1:
            failures = [*(failures or ()), ("", problem)]
        return failures

    return check


def _sequence(check_member: Check, traits: Traits) -> Check:
    """Return the check for a list."""
    check_size = _size(traits, "elements")

    def check(value: object) -> list[Failure] | None:
        if type(value) is not list:
            return [("", "must be a list")]
        failures = check_size(len(value))
        for index, member in enumerate(value if not failures else ()):
            found = check_member(member)
            if found is not None:
                failures += [(f"[{index}]{path}", problem) for path, problem in found]
                if len(failures) > MAX_FAILURES:
                    break
        return failures or None

    return check


def _mapping(check_key: Check, check_value: Check, traits: Traits, *, secret: bool) -> Check:
    """Return the check for a map."""
    check_size = _size(traits, "entries")

    def check(value: object) -> list[Failure] | None:
        if type(value) is not dict:
            return [("", "must be an object")]
        failures = check_size(len(value))
        for key, member in value.items() if not failures else ():
            name = _MASK if secret else shown_name(key)
            for found, subject in ((check_key(key), "key "), (check_value(member), "")):
                if found is not None:
                    failures += [(f".{name}{path}", subject + problem) for path, problem in found]
            if len(failures) > MAX_FAILURES:
                break
        return failures or None

    return check


def _size(traits: Traits, noun: str) -> Callable[[int], list[Failure]]:
    low, high = traits.get("min"), traits.get("max")

    def check(size: int) -> list[Failure]:
        if low is not None and size < low:
            return [("", f"must have at least {low} {noun}, has {size}")]
        if high is not None and size > high:
            return [("", f"must have at most {high} {noun}, has {size}")]
        return []

    return check


def _boolean(value: object) -> list[Failure] | None:
    """Check a boolean."""
    return None if type(value) is bool else [("", "must be a boolean")]


def _integer(traits: Traits, *, secret: bool) -> Check:
    """Return the check for an integer; booleans are rejected, although bool is an int."""
    low, high = traits.get("min"), traits.get("max")

    def check(value: object) -> list[Failure] | None:
        if type(value) is not int:
            return [("", "must be an integer")]
        if low is not None and value < low:
            return [("", f"must be at least {low}{_received(value, secret=secret)}")]
        if high is not None and value > high:
            return [("", f"must be at most {high}{_received(value, secret=secret)}")]
        return None

    return check


def _choice(values: tuple[str, ...], *, secret: bool) -> Check:
    """Return the check for an enum."""
    allowed = frozenset(values)

    def check(value: object) -> list[Failure] | None:
        if type(value) is not str:
            return [("", "must be a string")]
        if value in allowed:
            return None
        return [("", f"must be one of: {', '.join(values)}{_received(value, secret=secret)}")]

    return check


def _text(traits: Traits, pattern: str | None, *, secret: bool) -> Check:
    """Return the check for text.

    Args:
        traits: The shape's traits, for the bounds on its length.
        pattern: Pattern that the whole text must match, if any.
        secret: Whether messages must not quote the text.
    """
    low: int = traits.get("min", 0)
    high: int | None = traits.get("max", MAX_PATTERNED_LENGTH if pattern else None)
    longest = sys.maxsize if high is None else high
    matches = _matcher(pattern) if pattern else None

    def find_problem(value: str) -> str | None:
        if len(value) < low:
            return f"must be at least {low} characters long"
        if high is not None and len(value) > high:
            return f"must be at most {high} characters long"
        if _has_surrogate(value):
            return _SURROGATES
        # Only text of bounded length is matched against the pattern.
        if matches is None or matches(value):
            return None
        return f"must match the pattern {pattern}{_received(value, secret=secret)}"

    def check(value: object) -> list[Failure] | None:
        if type(value) is not str:
            return [("", "must be a string")]
        # Nearly every text is plain and right; only then is nothing more to be called.
        if value.isascii() and low <= len(value) <= longest and (matches is None or matches(value)):
            return None
        problem = find_problem(value)
        return None if problem is None else [("", problem)]

    return check


def _document(value: object) -> list[Failure] | None:
    """Check a value that may be any JSON: depth and text only."""
    level = [value]
    depth = 0
    while level:
        depth += 1
        below: list[object] = []
        for item in level:
            if type(item) is str:
                if _has_surrogate(item):
                    return [("", _SURROGATES)]
            elif type(item) is dict:
                below += item
                below += item.values()
            elif type(item) is list:
                below += item
        if below and depth > MAX_DOCUMENT_DEPTH:
            return [("", f"must not be nested more than {MAX_DOCUMENT_DEPTH} deep")]
        level = below
    return None


def _has_surrogate(value: str) -> bool:
    if value.isascii():
        return False
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return True
    return False


def _received(value: str | int, *, secret: bool) -> str:
    if secret:
        return f"; received: {_MASK}"
    shown = shown_name(str(value))
    return f"; received: {shown}" if len(shown) < _SHOWN else f"; received: {shown[:_SHOWN]}..."


@functools.cache
def _matcher(pattern: str) -> Callable[[str], object]:
    r"""Compile one of the models' patterns, to match against a whole text.

    Only ``regex`` supports Unicode classes such as ``\p{C}``; ``re`` handles all other patterns and
    is several times as fast. Matching cannot take long: the length of every text is bounded, a test
    tries every pattern of the models on its worst texts, and ``regex`` has a time limit.
    """
    ascii_digits = pattern.replace(r"\d", "[0-9]")
    if r"\p{" not in pattern:
        return re.compile(ascii_digits).fullmatch
    try:
        import regex
    except ImportError as error:
        what = "The emulator"
        raise MissingExtraError(what, extra="emulator", module="regex") from error
    fullmatch = regex.compile(ascii_digits).fullmatch

    def matches(text: str) -> bool:
        try:
            return fullmatch(text, timeout=PATTERN_SECONDS) is not None
        except TimeoutError:
            return False

    return matches
