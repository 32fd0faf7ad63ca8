"""Ordered collections and the page tokens to list them.

A collection is ordered by its resources' ids, or by the numbers they got when they were created. A
page token says what the last page ended with. The next page starts right after it, whatever was
created or deleted in between, and the last page costs no more than the first. A token is sealed
for one operation, one owner and one set of filters; any other use is refused.

Behaviour:
    - [recorded] Managers and connectors are listed in the order of their ids, credential
      providers by name, byte by byte: capital letters first.
    - [recorded] A nextToken is returned only if more follows; it is base64 of a JSON object.
    - [decided] Instruments and sessions are listed oldest first.
    - [decided] A resource that exists all the time is listed exactly once, whatever is created or
      deleted between the pages.
    - [decided] A nextToken is valid only for its operation, owner and filters; any other use is
      a ValidationException. It does not expire.
"""

from __future__ import annotations

import binascii
import hmac
import json
from base64 import b64decode, b64encode
from bisect import bisect_left, bisect_right
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar, Union

from boto3_agentcore_payments.emulator.engine.errors import ValidationException

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

DATA_PLANE_PAGE = 100
DATA_PLANE_LARGEST_PAGE = 1000
CONTROL_PLANE_PAGE = 100
PROVIDERS_PAGE = 20
_SEAL_BYTES = 16

Place = Union[int, str]
"""Where a resource stands in its collection: its number, or its id."""


class Numbered(Protocol):
    """Anything that carries the number it was created under."""

    @property
    def sequence(self) -> int:
        """The resource's number, which rises with every creation in one state."""
        ...


T = TypeVar("T", bound=Numbered)


class Collection(Generic[T]):
    """Resources by id, in an order of their own.

    Args:
        by_id: Whether to order by id, byte by byte; else the order of creation.
    """

    __slots__ = ("_by_id", "_order", "_places", "_sorted_by_id")

    def __init__(self, *, by_id: bool = False) -> None:
        self._sorted_by_id = by_id
        self._by_id: dict[str, T] = {}
        self._order: list[T] = []
        # The places of _order: bisect takes a key only from Python 3.10 on.
        self._places: list[Any] = []

    def __len__(self) -> int:
        """Return the number of resources."""
        return len(self._order)

    def __iter__(self) -> Iterator[T]:
        """Iterate over a copy in order, so resources may be removed meanwhile."""
        return iter(tuple(self._order))

    def __contains__(self, identifier: object) -> bool:
        """Return whether a resource with this id is here."""
        return identifier in self._by_id

    def get(self, identifier: str) -> T | None:
        """Return the resource with this id, if there is one."""
        return self._by_id.get(identifier)

    def add(self, identifier: str, item: T) -> None:
        """Add a resource that is not in the collection yet."""
        place = self._place(identifier, item)
        self._by_id[identifier] = item
        places = self._places
        if not places or places[-1] < place:  # always, in the order of creation
            self._order.append(item)
            places.append(place)
            return
        position = bisect_right(places, place)
        self._order.insert(position, item)
        places.insert(position, place)

    def remove(self, identifier: str) -> None:
        """Remove a resource; :class:`KeyError` if it is not in the collection."""
        item = self._by_id.pop(identifier)
        position = bisect_left(self._places, self._place(identifier, item))
        del self._order[position], self._places[position]

    def after(self, place: Place | None) -> Iterator[tuple[Place, T]]:
        """Iterate over the resources after a place, or over all; each comes with its place."""
        start = 0 if place is None else bisect_right(self._places, place)
        for position in range(start, len(self._order)):
            yield self._places[position], self._order[position]

    def page(self, place: Place | None, size: int) -> tuple[list[T], Place | None]:
        """Return up to ``size`` resources after a place, and the last one's if more follow."""
        start = 0 if place is None else bisect_right(self._places, place)
        end = start + size
        return self._order[start:end], self._places[end - 1] if end < len(self._order) else None

    def _place(self, identifier: str, item: T) -> Place:
        return identifier if self._sorted_by_id else item.sequence


class PageTokens:
    """Issues and reads the tokens of one state.

    Args:
        secret: Key of the seals; it follows from seed, account and region, so that a recorded run
            can be replayed.
    """

    __slots__ = ("_key",)

    def __init__(self, secret: str) -> None:
        self._key = blake2b(secret.encode(), digest_size=32, person=b"page-tokens").digest()

    def issue(self, scope: tuple[str, ...], place: Place) -> str:
        """Return the token for what follows ``place`` in ``scope``."""
        said = {"last": place, "seal": self._seal(scope, place)}
        return b64encode(json.dumps(said, separators=(",", ":")).encode()).decode()

    def read(self, scope: tuple[str, ...], token: str) -> Place:
        """Return the place a token was issued for.

        Raises:
            ValidationException: if the token was not issued here, for this very scope.
        """
        try:
            place: Place = json.loads(b64decode(token.encode("ascii")))["last"]
        except (UnicodeError, binascii.Error, ValueError, TypeError, LookupError, RecursionError):
            place = ""
        # Decoding ignores stray characters; only the exact text that was issued is accepted.
        if not isinstance(place, (int, str)) or not hmac.compare_digest(
            self.issue(scope, place).encode(), token.encode("utf-8", "surrogatepass")
        ):
            raise ValidationException.at("nextToken", "nextToken is invalid")
        return place

    def _seal(self, scope: tuple[str, ...], place: Place) -> str:
        # repr keeps the parts apart whatever characters they hold.
        text = repr((scope, place)).encode("utf-8", "surrogatepass")
        return blake2b(text, key=self._key, digest_size=_SEAL_BYTES).hexdigest()


def page_size(params: Mapping[str, Any], *, default: int, largest: int) -> int:
    """Return how many resources the caller asked for.

    Raises:
        ValidationException: if it is less than 1 or more than ``largest`` ([decided] on the
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
    """Return one page, and the ``nextToken`` member if more follows.

    Args:
        tokens: The state's tokens.
        params: The request; ``nextToken`` is read from it.
        items: The collection, or ``None`` for an owner who has nothing.
        scope: Operation, owner and filters that the token is sealed for.
        size: Resources on a page.
        keep: Returns whether to list a resource.

    Raises:
        ValidationException: if the token was not issued here for this scope.
    """
    token = params.get("nextToken")
    start = None if token is None else tokens.read(scope, token)
    if items is None:
        return [], {}
    if keep is None:
        page, end = items.page(start, size)
        return page, {} if end is None else {"nextToken": tokens.issue(scope, end)}
    page = []
    last: Place = ""
    for place, item in items.after(start):
        if not keep(item):
            continue
        if len(page) == size:
            return page, {"nextToken": tokens.issue(scope, last)}
        page.append(item)
        last = place
    return page, {}
