"""The same client token gets the same answer.

A token is remembered with a digest of the whole request and with the first answer. It is kept as
long as the state lives, even if the resources are deleted ([live] for ProcessPayment, [decided] for
other operations). Errors are not remembered, so a failed call can be tried again. The caller holds
the state's lock for the whole operation, so two calls with one token cannot both be the first.

Behaviour:
    - [live] A repeated clientToken gets the first answer again: one charge, one proof, even
      after the session was deleted.
    - [decided] The same holds for every operation with a clientToken, for as long as the
      emulator's state lives.
    - [decided] All other parameters are compared, including the user. If they differ, the answer
      is a ValidationException with reason IdempotentParameterMismatchException.
    - [decided] Errors are not remembered; a failed call can be tried again with its token.
    - [decided] The same token may be used for different operations.
"""

from __future__ import annotations

import json
import marshal
from datetime import datetime, timedelta, timezone
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.emulator.engine.errors import ValidationException

if TYPE_CHECKING:
    from collections.abc import Mapping

TOKEN = "clientToken"  # noqa: S105 - a member's name, not a secret
_DIGEST_BYTES = 16
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MICROSECOND = timedelta(microseconds=1)
# No member of an answer can have this name, so the mark cannot be mistaken.
_TIME = "\0time"


class Answers:
    """First answers by operation and client token; less than half a kilobyte each.

    In memory an answer is written by :mod:`marshal`, whose format only this process reads, in a
    tenth of the time that JSON takes; :meth:`record` is JSON.
    """

    __slots__ = ("_remembered",)

    def __init__(self) -> None:
        # Digest and answer share one bytes object to save memory: an answer is kept for every call.
        self._remembered: dict[str, dict[str, bytes]] = {}

    def recall(self, operation: str, params: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return the first answer to this request, or ``None`` if it is the first.

        Raises:
            ValidationException: if the token was used with other parameters before (reason
                IdempotentParameterMismatchException) [decided].
        """
        remembered = self._remembered.get(operation)
        record = None if remembered is None else remembered.get(params[TOKEN])
        if record is None:
            return None
        if record[:_DIGEST_BYTES] != _digest(params):
            raise ValidationException.at(
                TOKEN,
                "The clientToken was used before with other parameters",
                reason="IdempotentParameterMismatchException",
            )
        return _read_answer(record)

    def remember(
        self, operation: str, params: Mapping[str, Any], answer: Mapping[str, Any]
    ) -> None:
        """Keep the first answer; it is copied, so later changes to it do not matter."""
        self._keep(operation, params[TOKEN], _digest(params), answer)

    def tokens(self) -> list[tuple[str, str]]:
        """Return the operation and the token of every answer."""
        return [(name, token) for name, answers in self._remembered.items() for token in answers]

    def record(self, operation: str, token: str) -> bytes | None:
        """Return what is kept for a token, to be put back later, in any process."""
        record = self._remembered.get(operation, {}).get(token)
        if record is None:
            return None
        return record[:_DIGEST_BYTES] + _write_json(_read_answer(record)).encode()

    def put_back(self, operation: str, token: str, record: bytes) -> None:
        """Keep again what :meth:`record` returned."""
        answer = json.loads(record[_DIGEST_BYTES:], object_hook=_revive)
        self._keep(operation, token, record[:_DIGEST_BYTES], answer)

    def _keep(self, operation: str, token: str, digest: bytes, answer: Mapping[str, Any]) -> None:
        record = digest + marshal.dumps(_plain(answer))
        self._remembered.setdefault(operation, {})[token] = record


def _read_answer(record: bytes) -> dict[str, Any]:
    answer: dict[str, Any] = _times_of(marshal.loads(record[_DIGEST_BYTES:]))  # noqa: S302 - ours
    return answer


def _plain(value: Any) -> Any:
    """Copy an answer with each time as a tuple, which nothing else in an answer is."""
    if isinstance(value, dict):
        return {
            name: member if type(member) is str else _plain(member)
            for name, member in value.items()
        }
    if isinstance(value, datetime):
        return ((value - _EPOCH) // _MICROSECOND,)
    if isinstance(value, list):
        return [_plain(member) for member in value]
    return value


def _times_of(value: Any) -> Any:
    """Return what :func:`_plain` copied."""
    if isinstance(value, dict):
        return {name: _times_of(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_times_of(member) for member in value]
    if isinstance(value, tuple):
        return _EPOCH + timedelta(microseconds=value[0])
    return value


def _digest(params: Mapping[str, Any]) -> bytes:
    """Digest the request without its token; the types of values count, the order of members not."""
    compared = dict(params)
    compared.pop(TOKEN, None)
    return blake2b(_write_request(compared).encode(), digest_size=_DIGEST_BYTES).digest()


def _preserve(value: object) -> dict[str, int]:
    if isinstance(value, datetime):
        return {_TIME: (value - _EPOCH) // _MICROSECOND}
    raise TypeError(f"an answer may not hold a {type(value).__name__}")


# Made once: json.dumps would make an encoder for every call. A request came as JSON: no circles.
_write_request = json.JSONEncoder(
    sort_keys=True, check_circular=False, separators=(",", ":"), default=repr
).encode
_write_json = json.JSONEncoder(separators=(",", ":"), default=_preserve).encode


def _revive(members: dict[str, Any]) -> Any:
    if _TIME in members:
        return _EPOCH + timedelta(microseconds=members[_TIME])
    return members
