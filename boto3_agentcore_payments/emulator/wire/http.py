"""What a transport and the wire layer exchange: requests, responses, or a lost connection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from botocore.exceptions import ConnectionClosedError

from boto3_agentcore_payments.errors import AgentCorePaymentsError

if TYPE_CHECKING:
    from collections.abc import Mapping


class Headers(Protocol):
    """Request headers: anything whose ``get`` ignores the case of names."""

    def get(self, name: str, /) -> str | bytes | None:
        """Return the value, ``str`` or ``bytes``, or ``None`` if the header is absent."""
        ...


class CaseInsensitiveHeaders:
    """Request headers from a plain mapping, for transports without a headers type of their own.

    Args:
        headers: Name to value, names in any case.
    """

    __slots__ = ("_values",)

    def __init__(self, headers: Mapping[str, str | bytes]) -> None:
        self._values = {name.lower(): value for name, value in headers.items()}

    def get(self, name: str, /) -> str | bytes | None:
        """Return the value of a header, or ``None``."""
        return self._values.get(name.lower())


class WireRequest:
    """A request as it arrived; a plain class with slots, because every call makes one.

    Args:
        method: HTTP method, upper case.
        path: Path as sent, still percent-encoded (a decoded ``%2F`` would change the route).
        query: Query string as sent, without the question mark.
        headers: Request headers; names in any case.
        body: Raw body.
    """

    __slots__ = ("body", "headers", "method", "path", "query")

    def __init__(self, method: str, path: str, query: str, headers: Headers, body: bytes) -> None:
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body


class WireResponse:
    """A response to send.

    Args:
        status: HTTP status code.
        headers: Response headers, one value each.
        body: Raw body; empty for a status that allows none.
    """

    __slots__ = ("body", "headers", "status")

    def __init__(
        self, status: int, headers: dict[str, str] | None = None, body: bytes = b""
    ) -> None:
        self.status = status
        self.headers = {} if headers is None else headers
        self.body = body

    def __repr__(self) -> str:
        """Return only status and size: a body may hold a secret."""
        return f"{type(self).__name__}(status={self.status}, {len(self.body)} bytes)"


class ConnectionDropped(ConnectionClosedError, ConnectionError, AgentCorePaymentsError):
    """An injected fault: the change was made, and the connection closes without an answer.

    In process, botocore's client gets the same error as for a real lost connection, and retries. A
    server gets a :class:`ConnectionError`, closes the connection and writes nothing.

    Args:
        endpoint_url: URL the request was sent to.
    """

    def __init__(self, *, endpoint_url: str) -> None:
        super().__init__(endpoint_url=endpoint_url)
