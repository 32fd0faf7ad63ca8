"""httpx, synchronous: a client whose transports pay."""

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
from boto3_agentcore_payments.pay.commands import drive
from boto3_agentcore_payments.pay.flow import purchase

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from boto3_agentcore_payments.pay.commands import Outcome, Watch
    from boto3_agentcore_payments.pay.core import Core


class PayingTransport(httpx.BaseTransport):
    """A transport that pays.

    Args:
        core: The payer.
        inner: What sends.
        proxied: Whether a proxy is between, so that the peer is not the merchant.
    """

    def __init__(self, core: Core, inner: httpx.BaseTransport, *, proxied: bool) -> None:
        self._core = core
        self._inner = inner
        self._proxied = proxied

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request, paying if the answer asks for it."""
        body = request.read() if is_repeatable(request) else None
        sender = _Sender(self._inner, request, proxied=self._proxied)
        flow = purchase(self._core, asked(request, body), chain_of(request))
        outcome: Outcome = drive(flow, sender)
        if outcome.answered is not None:
            return whole(outcome.answered, sender.extensions)
        assert isinstance(outcome.answer, Answer)  # noqa: S101 (this sender made it)
        response = outcome.answer.native
        if outcome.watch is not None:
            assert isinstance(response.stream, httpx.SyncByteStream)  # noqa: S101 (synchronous)
            response.stream = _Watched(response.stream, outcome.watch)
        return response

    def close(self) -> None:
        """Close what sends."""
        self._inner.close()


class _Sender:
    def __init__(
        self, inner: httpx.BaseTransport, request: httpx.Request, *, proxied: bool
    ) -> None:
        self._inner = inner
        self._request = request
        self._proxied = proxied
        self.extensions: Mapping[str, Any] = {}

    def send(self, headers: Mapping[str, str], peer: str | None) -> Answer:
        request = paid(self._request, headers, peer) if headers else self._request
        response = self._inner.handle_request(request)
        self.extensions = response.extensions
        return Answer(response, proxied=self._proxied)

    def read_demand(self, answer: Answer, limit: int) -> bytes:
        found = bytearray()
        try:
            for chunk in answer.native.iter_bytes():
                found += chunk
                if len(found) > limit:
                    break
        finally:
            answer.native.close()
        return bytes(found)

    def read_raw(self, answer: Answer) -> bytes:
        try:
            return b"".join(answer.native.iter_raw())
        finally:
            answer.native.close()

    def close(self, answer: Answer) -> None:
        answer.native.close()


class _Watched(httpx.SyncByteStream):
    """A body that says how it ends."""

    def __init__(self, inner: httpx.SyncByteStream, watch: Watch) -> None:
        self._inner = inner
        self._watch = watch

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._inner
        except GeneratorExit:
            self._watch.complete()
            raise
        except BaseException as error:
            raise self._watch.failed(error) or error from error
        else:
            self._watch.complete()

    def close(self) -> None:
        self._inner.close()
        self._watch.complete()


def open_client(core: Core, **options: Any) -> httpx.Client:
    """Return a client that pays; options are those of ``httpx.Client``."""
    client = httpx.Client(**options)
    # Around what httpx itself has built, so that proxies, TLS and limits are configured as ever;
    # there is no public way to do that with the transports of the environment's proxies.
    client._transport = PayingTransport(core, client._transport, proxied=False)  # noqa: SLF001
    client._mounts = {  # noqa: SLF001
        pattern: None if inner is None else PayingTransport(core, inner, proxied=True)
        for pattern, inner in client._mounts.items()  # noqa: SLF001
    }
    return client
