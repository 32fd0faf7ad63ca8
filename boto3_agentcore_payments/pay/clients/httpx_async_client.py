"""httpx, asynchronous: a client whose transports pay."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx

from boto3_agentcore_payments.pay.clients.httpx_messages import (
    Answer,
    asked,
    chain_of,
    is_repeatable,
    paid,
    whole,
)
from boto3_agentcore_payments.pay.commands import drive_async
from boto3_agentcore_payments.pay.flow import purchase

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from boto3_agentcore_payments.pay.commands import Outcome, Watch
    from boto3_agentcore_payments.pay.core import Core


class AsyncPayingTransport(httpx.AsyncBaseTransport):
    """A transport that pays.

    Args:
        core: The payer.
        inner: What sends.
        proxied: Whether a proxy is between, so that the peer is not the merchant.
    """

    def __init__(self, core: Core, inner: httpx.AsyncBaseTransport, *, proxied: bool) -> None:
        self._core = core
        self._inner = inner
        self._proxied = proxied

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request, paying if the answer asks for it."""
        body = await request.aread() if is_repeatable(request) else None
        sender = _Sender(self._inner, request, proxied=self._proxied)
        flow = purchase(self._core, asked(request, body), chain_of(request))
        outcome: Outcome = await drive_async(flow, sender)
        if outcome.answered is not None:
            return whole(outcome.answered, sender.extensions)
        assert isinstance(outcome.answer, Answer)  # noqa: S101 (this sender made it)
        response = outcome.answer.native
        if outcome.watch is not None:
            assert isinstance(response.stream, httpx.AsyncByteStream)  # noqa: S101 (asynchronous)
            response.stream = _Watched(response.stream, outcome.watch)
        return response

    async def aclose(self) -> None:
        """Close what sends."""
        await self._inner.aclose()


class _Sender:
    def __init__(
        self, inner: httpx.AsyncBaseTransport, request: httpx.Request, *, proxied: bool
    ) -> None:
        self._inner = inner
        self._request = request
        self._proxied = proxied
        self.extensions: Mapping[str, Any] = {}

    async def send(self, headers: Mapping[str, str], peer: str | None) -> Answer:
        request = paid(self._request, headers, peer) if headers else self._request
        response = await self._inner.handle_async_request(request)
        self.extensions = response.extensions
        return Answer(response, proxied=self._proxied)

    async def read_demand(self, answer: Answer, limit: int) -> bytes:
        found = bytearray()
        try:
            async for chunk in answer.native.aiter_bytes():
                found += chunk
                if len(found) > limit:
                    break
        finally:
            await answer.native.aclose()
        return bytes(found)

    async def read_raw(self, answer: Answer) -> bytes:
        try:
            return b"".join([chunk async for chunk in answer.native.aiter_raw()])
        finally:
            await answer.native.aclose()

    async def close(self, answer: Answer) -> None:
        await answer.native.aclose()


class _Watched(httpx.AsyncByteStream):
    """A body that says how it ends."""

    def __init__(self, inner: httpx.AsyncByteStream, watch: Watch) -> None:
        self._inner = inner
        self._watch = watch

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for chunk in self._inner:
                yield chunk
        except GeneratorExit:
            self._watch.complete()
            raise
        except BaseException as error:
            raise self._watch.failed(error) or error from error
        else:
            self._watch.complete()

    async def aclose(self) -> None:
        await self._inner.aclose()
        self._watch.complete()


def open_client(core: Core, **options: Any) -> httpx.AsyncClient:
    """Return a client that pays; options are those of ``httpx.AsyncClient``."""
    client = httpx.AsyncClient(**options)
    # As in the synchronous client: around what httpx itself has built.
    client._transport = AsyncPayingTransport(core, client._transport, proxied=False)  # noqa: SLF001
    client._mounts = {  # noqa: SLF001
        pattern: None if inner is None else AsyncPayingTransport(core, inner, proxied=True)
        for pattern, inner in client._mounts.items()  # noqa: SLF001
    }
    return client
