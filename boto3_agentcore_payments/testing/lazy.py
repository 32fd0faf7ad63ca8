"""An attribute that is made the first time it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Generic, Protocol, TypeVar, overload

if TYPE_CHECKING:
    from typing_extensions import Self

T = TypeVar("T")


class Makes(Protocol):
    """What has such attributes."""

    def made_once(self, name: str, make: Callable[[Any], T]) -> T:
        """Return what was made under a name, made now if it was not."""
        ...


class MadeOnce(Generic[T]):
    """An attribute that is made the first time it is asked for, whichever thread asks.

    Args:
        make: Makes it, from the instance.
    """

    def __init__(self, make: Callable[[Any], T]) -> None:
        self._make = make
        self.__doc__ = make.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        """Learn the attribute's name."""
        self._name = name

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...

    @overload
    def __get__(self, instance: Makes, owner: type) -> T: ...

    def __get__(self, instance: Makes | None, owner: type) -> Self | T:
        """Return what was made, made now if it was not."""
        __tracebackhide__ = True
        if instance is None:
            return self
        made: T = instance.made_once(self._name, self._make)
        return made
