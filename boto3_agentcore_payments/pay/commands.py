"""The commands that a purchase gives to its HTTP client, and the drivers that carry them out.

The purchase itself (``flow``) is a generator that does no input or output. It yields these
commands; a synchronous or an asynchronous driver carries them out.
"""

from __future__ import annotations

import asyncio
import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, Union

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator, Mapping
    from concurrent.futures import Future

    from boto3_agentcore_payments.pay.demands import Headers
    from boto3_agentcore_payments.pay.errors import PaymentError
    from boto3_agentcore_payments.pay.purchases import Answered


class Answer(Protocol):
    """An HTTP answer whose body is still to be read."""

    @property
    def status(self) -> int:
        """HTTP status."""
        ...

    @property
    def headers(self) -> Headers:
        """Headers as they came."""
        ...

    @property
    def peer(self) -> str | None:
        """IP address that sent it; ``None`` behind a proxy or without a socket."""
        ...


class Watch(Protocol):
    """Is told how the body of an answer that was passed on unread ends."""

    def complete(self) -> None:
        """Note that the body was read to its end, or is no longer wanted."""
        ...

    def failed(self, error: BaseException) -> PaymentError | None:
        """Note that the body broke off; return what to raise instead, if anything."""
        ...


@dataclass(frozen=True)
class Send:
    """Send the request, with more headers, and to a given address if there is one."""

    headers: Mapping[str, str]
    peer: str | None = None


@dataclass(frozen=True)
class ReadDemand:
    """Read the decoded body of a 402 up to a limit, and close the answer."""

    answer: Answer
    limit: int


@dataclass(frozen=True)
class ReadRaw:
    """Read the body of an answer to its end, undecoded."""

    answer: Answer


@dataclass(frozen=True)
class Close:
    """Close an answer that no one will read."""

    answer: Answer


@dataclass(frozen=True)
class Call:
    """Call something that blocks, or is asynchronous where the boto3 client is."""

    function: Callable[..., Any]
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Ask:
    """Ask the caller's ``approve``."""

    function: Callable[..., Any]
    quote: Any


@dataclass(frozen=True)
class Wait:
    """Wait until another request's turn is over."""

    turn: Future[None]


Command = Union[Send, ReadDemand, ReadRaw, Close, Call, Ask, Wait]


@dataclass(frozen=True)
class Outcome:
    """What the client returns to its caller.

    Attributes:
        answer: The answer as it came, to be passed on unread.
        answered: A whole answer, to be passed on instead.
        watch: Is told how the unread body ends; ``None`` if nothing depends on it.
    """

    answer: Answer | None = None
    answered: Answered | None = None
    watch: Watch | None = None


class Sender(Protocol):
    """One request of a synchronous client."""

    def send(self, headers: Mapping[str, str], peer: str | None) -> Answer:
        """Send the request."""
        ...

    def read_demand(self, answer: Any, limit: int) -> bytes:
        """Read a decoded body, at most one byte more than the limit; let go of the answer."""
        ...

    def read_raw(self, answer: Any) -> bytes:
        """Read an undecoded body to its end."""
        ...

    def close(self, answer: Any) -> None:
        """Let go of an answer."""
        ...


class AsyncSender(Protocol):
    """One request of an asynchronous client; as :class:`Sender`."""

    def send(self, headers: Mapping[str, str], peer: str | None) -> Awaitable[Answer]:
        """Send the request."""
        ...

    def read_demand(self, answer: Any, limit: int) -> Awaitable[bytes]:
        """Read a decoded body, at most one byte more than the limit; let go of the answer."""
        ...

    def read_raw(self, answer: Any) -> Awaitable[bytes]:
        """Read an undecoded body to its end."""
        ...

    def close(self, answer: Any) -> Awaitable[None]:
        """Let go of an answer."""
        ...


def drive(flow: Generator[Command, Any, Outcome], sender: Sender | None) -> Any:
    """Carry out a purchase's commands one after the other; return its outcome.

    Args:
        flow: The purchase.
        sender: The request; ``None`` for a purchase that sends none.
    """
    try:
        command = next(flow)
        while True:
            try:
                result = carry_out(command, sender)
            except BaseException as error:  # noqa: BLE001, PERF203 (the flow decides)
                command = flow.throw(error)
            else:
                command = flow.send(result)
    except StopIteration as done:
        return done.value
    finally:
        flow.close()


def carry_out(command: Command, sender: Sender | None) -> Any:  # noqa: PLR0911 (one a command)
    """Carry out one command.

    Raises:
        TypeError: if a call is of an asynchronous client.
    """
    if isinstance(command, Call):
        result = command.function(*command.args, **(command.kwargs or {}))
        if inspect.isawaitable(result):
            if inspect.iscoroutine(result):
                result.close()
            message = "an asynchronous boto3 client pays through async_httpx_client() only"
            raise TypeError(message)
        return result
    if isinstance(command, Ask):
        return command.function(command.quote)
    if isinstance(command, Wait):
        return command.turn.result()
    assert sender is not None  # noqa: S101 (only flows that send yield the others)
    if isinstance(command, Send):
        return sender.send(command.headers, command.peer)
    if isinstance(command, ReadDemand):
        return sender.read_demand(command.answer, command.limit)
    if isinstance(command, ReadRaw):
        return sender.read_raw(command.answer)
    return sender.close(command.answer)


async def drive_async(flow: Generator[Command, Any, Outcome], sender: AsyncSender | None) -> Any:
    """Carry out a purchase's commands on the event loop; as :func:`drive`.

    Blocking calls (boto3, the journal, a synchronous ``approve``) run in a thread.
    """
    try:
        command = next(flow)
        while True:
            try:
                result = await carry_out_async(command, sender)
            except BaseException as error:  # noqa: BLE001, PERF203 (the flow decides)
                command = flow.throw(error)
            else:
                command = flow.send(result)
    except StopIteration as done:
        return done.value
    finally:
        flow.close()


async def carry_out_async(  # noqa: PLR0911 (one a command)
    command: Command, sender: AsyncSender | None
) -> Any:
    """Carry out one command on the event loop."""
    if isinstance(command, Call):
        kwargs = command.kwargs or {}
        return await _settled(await asyncio.to_thread(command.function, *command.args, **kwargs))
    if isinstance(command, Ask):
        if inspect.iscoroutinefunction(command.function):
            return await command.function(command.quote)
        return await _settled(await asyncio.to_thread(command.function, command.quote))
    if isinstance(command, Wait):
        # Shielded: cancelling this task must not cancel another task's turn.
        return await asyncio.shield(asyncio.wrap_future(command.turn))
    assert sender is not None  # noqa: S101 (only flows that send yield the others)
    if isinstance(command, Send):
        return await sender.send(command.headers, command.peer)
    if isinstance(command, ReadDemand):
        return await sender.read_demand(command.answer, command.limit)
    if isinstance(command, ReadRaw):
        return await sender.read_raw(command.answer)
    return await sender.close(command.answer)


async def _settled(result: Any) -> Any:
    return await result if inspect.isawaitable(result) else result
