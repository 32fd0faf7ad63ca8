"""requests: a session whose adapter pays."""

from __future__ import annotations

import io
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.utils import select_proxy
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from boto3_agentcore_payments.pay.commands import drive
from boto3_agentcore_payments.pay.demands import Headers
from boto3_agentcore_payments.pay.destinations import without_secrets
from boto3_agentcore_payments.pay.flow import Chain, purchase
from boto3_agentcore_payments.pay.purchases import Asked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from boto3_agentcore_payments.pay.commands import Outcome, Watch
    from boto3_agentcore_payments.pay.core import Core

_Class = TypeVar("_Class")

_CHUNK = 65536
_KEPT_HEADERS = ("Accept", "Content-Type", "Content-Encoding")

_chain: ContextVar[Chain | None] = ContextVar("agentcore_payments_chain", default=None)
_peer: ContextVar[str | None] = ContextVar("agentcore_payments_peer", default=None)


class PayingSession(requests.Session):
    """A ``requests.Session`` that pays.

    Every method also takes ``purchase_id=``, the caller's own name for the purchase.
    """

    def __init__(self, core: Core) -> None:
        super().__init__()
        for scheme in ("https://", "http://"):
            self.mount(scheme, PayingAdapter(core))

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled: a copy would not know the payer, and so would not pay."""
        message = "a session that pays cannot be pickled; make one in each process"
        raise TypeError(message)

    def request(  # type: ignore[override]
        self,
        method: str,
        url: str,
        *args: Any,
        purchase_id: str | None = None,
        **options: Any,
    ) -> requests.Response:
        """Send a request, paying if the answer asks for it; see ``requests.Session.request``."""
        with chain(Chain(purchase_id=purchase_id)):
            return super().request(method, url, *args, **options)

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        """Send a prepared request, paying if the answer asks for it."""
        with chain(_chain.get() or Chain()):
            return super().send(request, **options)


@contextmanager
def chain(found: Chain) -> Iterator[None]:
    """Let every request sent within a block, including redirects, belong to one call.

    A chain already in progress (for a quote, for example) keeps its purpose.
    """
    outer = _chain.get()
    if outer is not None and outer.quoting:
        found = outer
    token = _chain.set(found)
    try:
        yield
    finally:
        _chain.reset(token)


def _named_as(public: type) -> Callable[[type[_Class]], type[_Class]]:
    """Give a class the name of the one it extends: urllib3 writes it into errors."""

    def name(ours: type[_Class]) -> type[_Class]:
        ours.__name__, ours.__qualname__ = public.__name__, public.__qualname__
        ours.__module__ = public.__module__
        return ours

    return name


@_named_as(HTTPConnection)
class _PeerConnection(HTTPConnection):
    """A connection that reports its peer's address and can be given the address to connect to."""

    peer: str | None = None

    def _new_conn(self) -> Any:
        wanted, host = _peer.get(), self._dns_host
        try:
            if wanted is not None:
                self._dns_host = wanted
            sock = super()._new_conn()
        finally:
            self._dns_host = host
        try:
            self.peer = sock.getpeername()[0]
        except OSError:
            self.peer = None  # already reset; sending will report that
        return sock

    def putrequest(self, *args: Any, **options: Any) -> None:
        wanted = _peer.get()
        if wanted is not None and self.sock is not None and self.peer != wanted:
            self.close()  # http.client then connects again, to the wanted address
        super().putrequest(*args, **options)


@_named_as(HTTPSConnection)
class _PeerHTTPSConnection(_PeerConnection, HTTPSConnection):
    """The same with TLS, verified for the host's name."""


@_named_as(HTTPConnectionPool)
class _PeerPool(HTTPConnectionPool):
    ConnectionCls = _PeerConnection  # pyright: ignore[reportAssignmentType] (as urllib3's own)


@_named_as(HTTPSConnectionPool)
class _PeerHTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _PeerHTTPSConnection  # pyright: ignore[reportAssignmentType]


class PayingAdapter(HTTPAdapter):
    """The transport of a session that pays."""

    def __init__(self, core: Core, **options: Any) -> None:
        self._core = core
        super().__init__(**options)

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        """Make the pools whose connections know their peers."""
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = {"http": _PeerPool, "https": _PeerHTTPSPool}

    def send(
        self, request: requests.PreparedRequest, *args: Any, **options: Any
    ) -> requests.Response:
        """Send a request, paying if the answer asks for it."""
        asked = _asked(request)
        sender = _Sender(self, request, asked.body, args, options)
        flow = purchase(self._core, asked, _chain.get() or Chain())
        outcome: Outcome = drive(flow, sender)
        return sender.response(outcome)

    def send_once(
        self, request: requests.PreparedRequest, *args: Any, **options: Any
    ) -> requests.Response:
        """Send a request as ``HTTPAdapter`` does."""
        return super().send(request, *args, **options)


class _Answer:
    def __init__(self, response: requests.Response, *, proxied: bool) -> None:
        self.native = response
        self.status = response.status_code
        self.headers = Headers(tuple(response.raw.headers.items()))
        connection = getattr(response.raw, "connection", None)
        self.peer: str | None = None if proxied else getattr(connection, "peer", None)


class _Sender:
    def __init__(
        self,
        adapter: PayingAdapter,
        request: requests.PreparedRequest,
        body: bytes | None,
        args: tuple[Any, ...],
        options: Mapping[str, Any],
    ) -> None:
        self._adapter = adapter
        self._request = request
        self._body = body
        # stream, timeout, verify, cert, proxies: requests passes them by name or in this order.
        names = ("stream", "timeout", "verify", "cert", "proxies")
        self._options = {**dict(zip(names, args)), **options, "stream": True}
        proxies = self._options.get("proxies") or {}
        self._proxied = select_proxy(request.url or "", proxies) is not None
        self._original: Any = None

    def send(self, headers: Mapping[str, str], peer: str | None) -> _Answer:
        request = self._request
        if headers:
            request = request.copy()
            if isinstance(getattr(request, "_body_position", None), int):
                # The bytes that were paid for, not the file: what sent it first may have closed or
                # replaced it (moto does), and it may have changed since.
                request.body = self._body
            request.headers.update(headers)
        token = _peer.set(peer)
        try:
            response = self._adapter.send_once(request, **self._options)
        except requests.RequestException as error:
            error.request = self._request  # without the proof
            raise
        finally:
            _peer.reset(token)
        response.request = self._request  # without the proof
        self._original = getattr(response.raw, "_original_response", None)
        return _Answer(response, proxied=self._proxied)

    def read_demand(self, answer: _Answer, limit: int) -> bytes:
        found = bytearray()
        try:
            for chunk in answer.native.iter_content(_CHUNK):
                found += chunk
                if len(found) > limit:
                    break
        finally:
            answer.native.close()
        return bytes(found)

    def read_raw(self, answer: _Answer) -> bytes:
        raw = answer.native.raw
        try:
            content = b"".join(raw.stream(_CHUNK, decode_content=False))
        except BaseException:
            answer.native.close()
            raise
        raw.release_conn()
        return content

    def close(self, answer: _Answer) -> None:
        answer.native.close()

    def response(self, outcome: Outcome) -> requests.Response:
        if outcome.answered is not None:
            answered = outcome.answered
            raw = urllib3.HTTPResponse(
                body=io.BytesIO(answered.content),
                headers=urllib3.HTTPHeaderDict(answered.headers.pairs),
                status=answered.status,
                reason=getattr(self._original, "reason", None),
                preload_content=False,
                request_method=self._request.method,
                original_response=self._original,
            )
            response: requests.Response = self._adapter.build_response(self._request, raw)
            return response
        assert isinstance(outcome.answer, _Answer)  # noqa: S101 (this sender made it)
        response = outcome.answer.native
        if outcome.watch is not None:
            response.raw = _WatchedRaw(response.raw, outcome.watch)
        return response


class _WatchedRaw:
    """A raw response that says how its body ends."""

    def __init__(self, raw: Any, watch: Watch) -> None:
        self._raw = raw
        self._watch = watch

    def __getattr__(self, name: str) -> Any:
        return getattr(self._raw, name)

    def stream(self, *args: Any, **options: Any) -> Iterator[bytes]:
        try:
            yield from self._raw.stream(*args, **options)
        except GeneratorExit:
            self._watch.complete()
            raise
        except BaseException as error:
            raise self._watch.failed(error) or error from error
        else:
            self._watch.complete()

    def read(self, amt: int | None = None, **options: Any) -> bytes:
        try:
            data: bytes = self._raw.read(amt, **options)
        except BaseException as error:
            raise self._watch.failed(error) or error from error
        if amt is None or (amt and not data):
            self._watch.complete()
        return data

    def close(self) -> None:
        self._raw.close()
        self._watch.complete()


def _asked(request: requests.PreparedRequest) -> Asked:
    found = _chain.get()
    return Asked(
        method=(request.method or "GET").upper(),
        url=without_secrets(request.url or ""),
        body=_body(request),
        headers={
            name: str(request.headers[name]) for name in _KEPT_HEADERS if name in request.headers
        },
        purchase_id=found.purchase_id if found is not None else None,
    )


def _body(request: requests.PreparedRequest) -> bytes | None:
    """Return the body, or ``None`` if it can be sent only once."""
    body: Any = request.body
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    if isinstance(body, (bytes, bytearray)):
        return bytes(body)
    position = getattr(request, "_body_position", None)
    if not isinstance(position, int) or not hasattr(body, "seek"):
        return None
    content = body.read()
    body.seek(position)
    return content.encode() if isinstance(content, str) else bytes(content)


def open_client(core: Core, **options: Any) -> PayingSession:
    """Return a session that pays; options are set on it as attributes, e.g. ``trust_env``."""
    session = PayingSession(core)
    for name, value in options.items():
        if not hasattr(session, name):
            message = f"requests.Session has no attribute {name!r}"
            raise TypeError(message)
        setattr(session, name, value)
    return session
