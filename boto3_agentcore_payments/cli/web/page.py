"""The page of ``serve``: ``page.html``, one file that loads nothing and asks only this server.

It shows what the verb ``overview`` answers and acts through the other verbs of the control surface.
What it shows was written by clients, so it only ever becomes text; the policy sent with the page
lets a browser run the page's own script and nothing else.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

PATHS = frozenset({"/agentcore-payments", "/agentcore-payments/"})
_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)


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
    body, policy = _page()
    headers = [
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Length", str(len(body))),
        ("Content-Security-Policy", policy),
        ("Cache-Control", "no-cache"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
        ("Referrer-Policy", "no-referrer"),
        ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", "DENY"),
        ("Vary", "Accept, Authorization"),
    ]
    start_response("200 OK", headers)
    return () if environ["REQUEST_METHOD"] == "HEAD" else (body,)


@functools.lru_cache(maxsize=1)
def _page() -> tuple[bytes, str]:
    """Return the page, and the policy that admits its script by digest."""
    text = Path(__file__).with_name("page.html").read_text(encoding="utf-8")
    digests = (
        base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        for script in _SCRIPT.findall(text)
    )
    scripts = " ".join(f"'sha256-{digest}'" for digest in digests)
    policy = (
        f"default-src 'none'; script-src {scripts}; style-src 'unsafe-inline'; connect-src 'self'; "
        "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return text.encode(), policy
