"""Read parameters from a request's JSON body, headers, query string and URI labels.

The engine gets parameters by the model's member names, like boto3's keyword arguments. Values that
can be read but do not fit the model are left to ``validation``.

Behaviour:
    - [model] A body that cannot be read is a ValidationException with reason ``CannotParse``; its
      text never quotes the body.
    - [decided] The ``fieldList`` of such an error has one entry, ``body``.
    - [model] The user and the agent are in headers, the control plane's identifiers in the path,
      its paging parameters in the query string.
    - [sdk] With a bearer token, the token's ``sub`` is the user, whatever the user header says.
    - [decided] A member that is ``null`` counts as absent; a member that the operation does not
      have is ignored.
    - [decided] A body with the same key twice in one object cannot be read: two readers could see
      two amounts.
    - [decided] ``NaN``, the infinities and numbers beyond a double or 1000 digits are not JSON.
    - [decided] A body is at most 1 MiB, nested at most 128 deep; an empty one has no members.
    - [decided] A header that is valid UTF-8 is read as UTF-8, any other as latin-1, which botocore
      sends; so a user is the same from every client.
    - [decided] A query parameter of the operation may be given only once; unknown ones, such as
      those of a pre-signed URL, are ignored.
    - [decided] A path or method that neither service has is ``UnknownOperationException``, 404.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from boto3_agentcore_payments.emulator.engine.errors import ValidationException
from boto3_agentcore_payments.json_text import (
    NestedTooDeeplyError,
    RepeatedKeyError,
    read_json,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from boto3_agentcore_payments.emulator.wire.definitions import Route
    from boto3_agentcore_payments.emulator.wire.http import WireRequest
    from boto3_agentcore_payments.emulator.wire.validation import Failure

MAX_BODY_BYTES = 1024 * 1024
_BODY = "body"
"""Path in errors about the whole body: a body that cannot be read has no members to name."""
_INTEGER = re.compile(r"-?[0-9]{1,19}", re.ASCII)


class CannotParse(ValidationException):
    """400: the request cannot be read. Its text never quotes the request."""

    def __init__(self, message: str) -> None:
        super().__init__(message, reason="CannotParse", fields=((_BODY, message),))


def parameters(
    route: Route,
    request: WireRequest,
    members: Mapping[str, Any],
    user_from_token: str | None,
) -> tuple[dict[str, Any], list[Failure]]:
    """Read a request.

    Args:
        route: The operation it is for, and its URI labels.
        request: The request, for its headers and its query string.
        members: The body's members; see :func:`body_members`.
        user_from_token: The user a bearer token names; it replaces the user header.

    Returns:
        The parameters, not validated yet, and the failures found so far.
    """
    inputs = route.operation.inputs
    failures: list[Failure] = []
    params: dict[str, Any] = {}
    body = inputs.body
    for name, value in members.items():
        member = body.get(name)
        if member is not None and value is not None:
            params[member] = value
    for label, value in route.labels.items():
        params[inputs.labels[label]] = value
    for member, header in inputs.headers:
        value = request.headers.get(header)
        if value is not None:
            params[member] = _header_text(value)
        if member == "userId" and user_from_token is not None:
            params[member] = user_from_token
    if inputs.query and request.query:
        _read_query(inputs.query, request.query, params, failures)
    return params, failures


def body_members(body: bytes) -> dict[str, Any]:
    """Return a request's body as a JSON object; an empty body has no members.

    Raises:
        CannotParse: if the body is not a JSON object.
    """
    if not body:
        return {}
    if len(body) > MAX_BODY_BYTES:
        raise CannotParse(f"The request body is larger than {MAX_BODY_BYTES} bytes")
    try:
        value = read_json(body)
    except UnicodeDecodeError:
        problem = "is not UTF-8"
    except NestedTooDeeplyError:
        problem = "is nested too deeply"
    except RepeatedKeyError:
        problem = "repeats a key of a JSON object"
    except ValueError:
        problem = "is not valid JSON"
    else:
        if isinstance(value, dict):
            return value
        problem = "is not a JSON object"
    raise CannotParse(f"The request body {problem}")


def _header_text(value: str | bytes) -> str:
    """Return a header's text.

    botocore sends header text as latin-1, most other clients send UTF-8, and servers decode both as
    latin-1. Bytes that are valid UTF-8 are read as UTF-8, so that a user is the same from every
    client; text from a call in the same process, which was never encoded, is left as it is.
    """
    text = value.decode("latin-1") if isinstance(value, bytes) else str(value)
    text = text.strip(" \t")
    if text.isascii():
        return text
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


def _read_query(
    expected: tuple[tuple[str, str, str], ...],
    query: str,
    params: dict[str, Any],
    failures: list[Failure],
) -> None:
    given: dict[str, list[str]] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        given.setdefault(name, []).append(value)
    for member, name, type_name in expected:
        values = given.get(name)
        if values is None:
            continue
        if len(values) > 1:
            failures.append((member, "must be given only once"))
            continue
        text = values[0]
        if type_name == "integer":
            if _INTEGER.fullmatch(text):
                params[member] = int(text)
            else:
                failures.append((member, "must be an integer"))
        else:
            params[member] = text
