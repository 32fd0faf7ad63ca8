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
    """First answers by operation and client token; about half a kilobyte each."""

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
        answer: dict[str, Any] = json.loads(record[_DIGEST_BYTES:], object_hook=_revive)
        return answer

    def remember(
        self, operation: str, params: Mapping[str, Any], answer: Mapping[str, Any]
    ) -> None:
        """Keep the first answer; it is copied, so later changes to it do not matter."""
        record = _digest(params) + _write_answer(answer).encode()
        self._remembered.setdefault(operation, {})[params[TOKEN]] = record

    def tokens(self) -> list[tuple[str, str]]:
        """Return the operation and the token of every answer."""
        return [(name, token) for name, answers in self._remembered.items() for token in answers]

    def record(self, operation: str, token: str) -> bytes | None:
        """Return what is kept for a token, to be put back later."""
        return self._remembered.get(operation, {}).get(token)

    def put_back(self, operation: str, token: str, record: bytes) -> None:
        """Keep again what :meth:`record` returned."""
        self._remembered.setdefault(operation, {})[token] = record


def _digest(params: Mapping[str, Any]) -> bytes:
    """Digest the request without its token; the types of values count, the order of members not."""
    compared = {name: value for name, value in params.items() if name != TOKEN}
    return blake2b(_write_request(compared).encode(), digest_size=_DIGEST_BYTES).digest()


def _preserve(value: object) -> dict[str, int]:
    if isinstance(value, datetime):
        return {_TIME: (value - _EPOCH) // _MICROSECOND}
    raise TypeError(f"an answer may not hold a {type(value).__name__}")


# Made once: json.dumps would make an encoder for every call.
_write_request = json.JSONEncoder(sort_keys=True, separators=(",", ":"), default=repr).encode
_write_answer = json.JSONEncoder(separators=(",", ":"), default=_preserve).encode


def _revive(members: dict[str, Any]) -> Any:
    if _TIME in members:
        return _EPOCH + timedelta(microseconds=members[_TIME])
    return members
