"""Serve a merchant on its own port, for the duration of a ``with`` block."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from werkzeug.serving import WSGIRequestHandler, make_server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from _typeshed.wsgi import WSGIApplication

_HOST = "127.0.0.1"
_POLL_SECONDS = 0.02
"""Longest time until the server notices that it is being closed."""


class _Quiet(WSGIRequestHandler):
    """A handler that logs no requests, because headers carry payment credentials."""

    protocol_version = "HTTP/1.1"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Log nothing."""


@contextmanager
def serving(application: WSGIApplication) -> Iterator[str]:
    """Serve an application on a free port of the loopback interface; yield its base URL."""
    server = make_server(_HOST, 0, application, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(
        target=server.serve_forever,
        kwargs={"poll_interval": _POLL_SECONDS},
        name="local-merchant",
        daemon=True,
    )
    thread.start()
    try:
        yield f"http://{_HOST}:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
