"""The HTML documents of ``serve``: each one file that loads nothing and asks only this server.

What they show was written by clients, so it only ever becomes text; the policy sent with a document
lets a browser run the document's own script and nothing else.
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

_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)


def show(
    environ: dict[str, Any], start_response: Any, name: str, status: str = "200 OK"
) -> Iterable[bytes]:
    """Answer with a document.

    Args:
        environ: The request's WSGI environment.
        start_response: As in WSGI.
        name: The document's file, beside this one.
        status: The answer's status.
    """
    body, policy = _document(name)
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
    start_response(status, headers)
    return () if environ["REQUEST_METHOD"] == "HEAD" else (body,)


@functools.cache
def _document(name: str) -> tuple[bytes, str]:
    """Return a document, and the policy that admits its script by digest."""
    text = Path(__file__).with_name(name).read_text(encoding="utf-8")
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
