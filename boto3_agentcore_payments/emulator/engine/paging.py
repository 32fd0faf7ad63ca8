"""Ordered collections and the tokens that walk them.

Every resource gets a number when it is created, in rising order. A page token says which number
the last page ended with, so that the next page starts behind it whatever was created or deleted
in between, and the last page costs what the first does. A token is sealed for one operation, one
owner and one set of filters; any other is refused.

Behaviour:
    - [decided] A list is in order of creation. What is there all the time is seen exactly
      once, whatever is created or deleted during the walk.
    - [decided] A nextToken is valid for its operation, owner and filters only; any other is a
      ValidationException. It does not expire.
"""

from __future__ import annotations

import binascii
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from bisect import bisect_left, bisect_right
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from boto3_agentcore_payments.emulator.engine.errors import ValidationException

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

DATA_PLANE_PAGE = 100
DATA_PLANE_LARGEST_PAGE = 1000
CONTROL_PLANE_PAGE = 100
PROVIDERS_PAGE = 20
_NUMBER_BYTES = 8
_SEAL_BYTES = 16


class Numbered(Protocol):
    """Anything that carries the number it was created under."""

    @property
    def sequence(self) -> int:
        """Rising with every creation in one state."""
        ...


T = TypeVar("T", bound=Numbered)


class Collection(Generic[T]):
    """Resources by id, in order of creation."""

    __slots__ = ("_by_id", "_numbers", "_order")

    def __init__(self) -> None:
        self._by_id: dict[str, T] = {}
        self._order: list[T] = []
        # The numbers of _order: bisect takes a key only from Python 3.10 on.
        self._numbers: list[int] = []

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._order)

    def __iter__(self) -> Iterator[T]:
        """Walk a copy, oldest first: what is walked may be removed meanwhile."""
        return iter(tuple(self._order))

    def __contains__(self, identifier: object) -> bool:
        """Return whether a resource with this id is here."""
        return identifier in self._by_id

    def get(self, identifier: str) -> T | None:
        """Return the resource with this id, if there is one."""
        return self._by_id.get(identifier)

    def add(self, identifier: str, item: T) -> None:
        """Append a resource newer than every other one here."""
        self._by_id[identifier] = item
        self._order.append(item)
        self._numbers.append(item.sequence)

    def remove(self, identifier: str) -> None:
        """Take a resource out; :class:`KeyError` if it is not here."""
        item = self._by_id.pop(identifier)
        position = bisect_left(self._numbers, item.sequence)
        del self._order[position], self._numbers[position]

    def after(self, sequence: int) -> Iterator[T]:
        """Walk the resources created after the one numbered ``sequence``, oldest first."""
        order = self._order
        for position in range(bisect_right(self._numbers, sequence), len(order)):
            yield order[position]


class PageTokens:
    """Issues and reads the tokens of one state.

    Args:
        secret: What the seals are made with; the same seed, account and region give the same
            tokens, so that a recorded run can be replayed.
    """

    __slots__ = ("_key",)

    def __init__(self, secret: str) -> None:
        self._key = blake2b(secret.encode(), digest_size=32, person=b"page-tokens").digest()

    def issue(self, scope: tuple[str, ...], sequence: int) -> str:
        """Return the token for what follows number ``sequence`` in ``scope``."""
        number = sequence.to_bytes(_NUMBER_BYTES, "big")
        return urlsafe_b64encode(number + self._seal(scope, number)).decode()

    def read(self, scope: tuple[str, ...], token: str) -> int:
        """Return the number a token was issued for.

        Raises:
            ValidationException: if the token was not issued here, for this very scope.
        """
        try:
            raw = urlsafe_b64decode(token.encode("ascii"))
        except (UnicodeEncodeError, binascii.Error, ValueError):
            raw = b""
        number, seal = raw[:_NUMBER_BYTES], raw[_NUMBER_BYTES:]
        # Decoding forgives stray characters; only the one true spelling is accepted.
        if not hmac.compare_digest(seal, self._seal(scope, number)) or (
            urlsafe_b64encode(raw).decode() != token
        ):
            raise ValidationException.at("nextToken", "nextToken is invalid")
        return int.from_bytes(number, "big")

    def _seal(self, scope: tuple[str, ...], number: bytes) -> bytes:
        # repr keeps the parts apart whatever characters they hold.
        text = repr(scope).encode()
        return blake2b(text + number, key=self._key, digest_size=_SEAL_BYTES).digest()


def page_size(params: Mapping[str, Any], *, default: int, largest: int) -> int:
    """Return how many resources the caller asked for.

    Raises:
        ValidationException: if it is less than 1 or more than ``largest`` (our decision on the
            data plane, [model] on the control plane).
    """
    size: int = params.get("maxResults", default)
    if not 1 <= size <= largest:
        raise ValidationException.at(
            "maxResults", f"maxResults must be between 1 and {largest}. Received: {size}"
        )
    return size


def take_page(
    tokens: PageTokens,
    params: Mapping[str, Any],
    items: Collection[T] | None,
    *,
    scope: tuple[str, ...],
    size: int,
    keep: Callable[[T], bool] | None = None,
) -> tuple[list[T], dict[str, str]]:
    """Return one page, and the ``nextToken`` member where more follows.

    Args:
        tokens: The state's tokens.
        params: The request; ``nextToken`` is read from it.
        items: The collection, or ``None`` for an owner who has nothing.
        scope: Operation, owner and filters the token is sealed for.
        size: Resources on a page.
        keep: Leaves out what it answers false for.

    Raises:
        ValidationException: if the token is of another scope or not ours.
    """
    token = params.get("nextToken")
    start = 0 if token is None else tokens.read(scope, token)
    page: list[T] = []
    for item in items.after(start) if items is not None else ():
        if keep is not None and not keep(item):
            continue
        if len(page) == size:
            return page, {"nextToken": tokens.issue(scope, page[-1].sequence)}
        page.append(item)
    return page, {}
