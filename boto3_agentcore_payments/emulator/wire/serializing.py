"""Serialize answers as rest-json; every shape's serializer is compiled once.

A serializer writes JSON text right away: values converted first and then encoded would be gone
through twice.

Behaviour:
    - [model] The HTTP status is the operation's; members are written in the model's order, absent
      ones are left out.
    - [model] Times are ISO 8601 in UTC if the shape says so, else seconds since the epoch.
    - [model] An error's code is in the header ``x-amzn-ErrorType``, its members are in the body.
    - [recorded] Times have milliseconds.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from json.encoder import encode_basestring_ascii
from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.emulator.wire.http import WireResponse

if TYPE_CHECKING:
    from boto3_agentcore_payments.emulator.wire.validation import ModelShape

Write = Callable[[Any], str]
"""Turns a value of one shape into JSON text."""

_encode = json.JSONEncoder(separators=(",", ":"), allow_nan=False).encode
_NO_BODY_STATUS = 204
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MILLISECOND = timedelta(milliseconds=1)
_TIMES_KEPT = 16


@functools.lru_cache(_TIMES_KEPT)  # an answer has the same time two or three times
def iso8601(moment: datetime) -> str:
    """Write an aware time in UTC, with milliseconds: ``2026-11-02T09:12:30.005Z``."""
    return _utc(moment).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def epoch(moment: datetime) -> float:
    """Write an aware time as seconds since the epoch, to the millisecond; an integer if whole.

    Anything finer is cut off, as in :func:`iso8601`.
    """
    milliseconds = (_utc(moment) - _EPOCH) // _MILLISECOND
    seconds, rest = divmod(milliseconds, 1000)
    return milliseconds / 1000 if rest else seconds


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("the engine answered with a time that has no time zone")
    return moment if moment.tzinfo is timezone.utc else moment.astimezone(timezone.utc)


class Serializers:
    """Compiled serializers of one definition's shapes."""

    def __init__(self) -> None:
        self._writers: dict[str, Write] = {}

    def body(self, shape: ModelShape | None, status: int) -> Callable[[Mapping[str, Any]], bytes]:
        """Return a function that turns output members into a response body.

        Args:
            shape: Output or error structure, or ``None`` for an operation without output.
            status: HTTP status of the answer; 204 has no body.
        """
        if status == _NO_BODY_STATUS:
            return lambda _members: b""
        if shape is None:
            return lambda _members: b"{}"
        write = self._of(shape)
        return lambda members: write(members).encode("ascii")

    def _of(self, shape: ModelShape) -> Write:
        if shape.name not in self._writers:
            self._writers[shape.name] = self._compile(shape)
        return self._writers[shape.name]

    def _compile(self, shape: ModelShape) -> Write:
        kind = "document" if getattr(shape, "is_document_type", False) else str(shape.type_name)
        if kind in _SCALARS:
            return _SCALARS[kind]
        compilers: dict[str, Callable[[], Write]] = {
            "structure": lambda: self._structure(shape),
            "list": lambda: _each(self._of(shape.member)),
            "map": lambda: _each_value(self._of(shape.value)),
            "timestamp": lambda: _time(shape.serialization.get("timestampFormat")),
        }
        if kind not in compilers:
            raise NotImplementedError(f"{shape.name}: type {kind!r} is not supported in an answer")
        return compilers[kind]()

    def _structure(self, shape: ModelShape) -> Write:
        members: list[tuple[str, str, Write]] = []
        for name, member in shape.members.items():
            if "location" in member.serialization:
                raise NotImplementedError(
                    f"{shape.name}.{name}: answers hold nothing outside the body"
                )
            key = _encode(member.serialization.get("name", name))
            members.append((name, f"{key}:", self._of(member)))

        def write(values: Mapping[str, Any]) -> str:
            parts = []
            for name, key, write_member in members:
                value = values.get(name)
                if value is not None:
                    parts.append(key + write_member(value))
            return f"{{{','.join(parts)}}}"

        return write


_SCALARS: dict[str, Write] = {
    "string": encode_basestring_ascii,
    **dict.fromkeys(("boolean", "integer", "long", "float", "double", "document"), _encode),
}
"""Types whose values are JSON already, and what writes them."""


def _each(write: Write) -> Write:
    return lambda values: f"[{','.join([write(value) for value in values])}]"


def _each_value(write: Write) -> Write:
    def write_entries(entries: Mapping[str, Any]) -> str:
        written = [f"{_encode(key)}:{write(value)}" for key, value in entries.items()]
        return f"{{{','.join(written)}}}"

    return write_entries


def _time(form: str | None) -> Write:
    if form == "iso8601":
        return lambda moment: f'"{iso8601(moment)}"'
    return lambda moment: _encode(epoch(moment))


def success(status: int, body: bytes, request_id: str) -> WireResponse:
    """Return a successful answer."""
    headers = {"x-amzn-RequestId": request_id}
    if body:
        headers["Content-Type"] = "application/json"
    return WireResponse(status, headers, body)


def failure(code: str, status: int, members: Mapping[str, Any], request_id: str) -> WireResponse:
    """Return an error answer.

    Args:
        code: What a client sees as ``Error.Code``; sent as ``x-amzn-ErrorType``.
        status: HTTP status.
        members: The error shape's members, ``message`` included; all JSON values.
        request_id: Identifier of this answer.
    """
    present = {name: value for name, value in members.items() if value is not None}
    headers = {
        "Content-Type": "application/json",
        "x-amzn-ErrorType": code,
        "x-amzn-RequestId": request_id,
    }
    return WireResponse(status, headers, _encode(present).encode("ascii"))
