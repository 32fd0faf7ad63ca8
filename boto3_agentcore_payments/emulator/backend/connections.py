"""What a dropped connection looks like to whoever made the request."""

from __future__ import annotations

import contextlib
import socket
from typing import Any

from botocore.exceptions import ConnectionClosedError


class DroppedConnection(ConnectionClosedError, ConnectionError):
    """The connection closed before an answer came: an injected fault.

    In process, botocore's client sees the error it raises for a real one, and retries. In server
    mode werkzeug sees a :class:`ConnectionError`, for which it writes no answer.
    """


def close(request: Any) -> None:
    """Close the connection a request came over, where there is one.

    werkzeug's server would wait for a next request on it, and its client for the answer.

    Args:
        request: A request as moto's routes get it.
    """
    environ = getattr(request, "environ", None) or {}
    connection = environ.get("werkzeug.socket")
    if connection is not None:
        with contextlib.suppress(OSError):  # the client may have gone first
            connection.shutdown(socket.SHUT_RDWR)
