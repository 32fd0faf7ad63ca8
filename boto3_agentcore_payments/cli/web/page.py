"""The page of ``serve``: ``page.html``.

It shows what the verb ``overview`` answers and acts through the other verbs of the control surface.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.cli.web import documents

if TYPE_CHECKING:
    from collections.abc import Iterable

PATHS = frozenset({"/agentcore-payments", "/agentcore-payments/"})


def is_asked_for(environ: dict[str, Any]) -> bool:
    """Return whether a request is for the page.

    At ``/`` only browsers get it: to others that is the list of S3's buckets.

    Args:
        environ: The request's WSGI environment.
    """
    if environ["REQUEST_METHOD"] not in {"GET", "HEAD"}:
        return False
    path = environ["PATH_INFO"]
    return path in PATHS or (
        path == "/"
        and not environ.get("QUERY_STRING")
        and "HTTP_AUTHORIZATION" not in environ
        and "text/html" in environ.get("HTTP_ACCEPT", "")
    )


def show(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Answer with the page."""
    return documents.show(environ, start_response, "page.html", data=_names())


def _names() -> str:
    """Return what faults can be planned for, as JSON."""
    from boto3_agentcore_payments.emulator.engine import errors, operations

    names = {
        "operations": sorted(operations.OPERATIONS),
        "errors": sorted(errors.subclasses_by_code()),
    }
    return json.dumps(names)
