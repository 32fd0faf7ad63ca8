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

_PART = re.compile(
    r'<link rel="stylesheet" href="(?P<style>\w+\.css)">'
    r'|<script src="(?P<script>\w+\.js)"></script>'
)
"""Names a file beside this one, whose content takes its place."""
_DATA = '<script type="application/json" id="names">{}</script>'
"""Where a document's data goes: a browser does not run it."""


def show(
    environ: dict[str, Any],
    start_response: Any,
    name: str,
    status: str = "200 OK",
    *,
    data: str = "{}",
) -> Iterable[bytes]:
    """Answer with a document.

    Args:
        environ: The request's WSGI environment.
        start_response: As in WSGI.
        name: The document's file, beside this one.
        status: The answer's status.
        data: JSON that the document's scripts are given.
    """
    body, policy = _document(name, data)
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
def _document(name: str, data: str) -> tuple[bytes, str]:
    """Return a document, and the policy that admits its own scripts and style by their digests."""
    folder = Path(__file__).parent

    def inlined(found: re.Match[str]) -> str:
        tag = "style" if found["style"] else "script"
        content = (folder / (found["style"] or found["script"])).read_text(encoding="utf-8")
        return f"<{tag}>\n{content}</{tag}>"

    text = _PART.sub(inlined, (folder / name).read_text(encoding="utf-8"))
    scripts, styles = _digests(text, "script"), _digests(text, "style")
    policy = (
        f"default-src 'none'; script-src {scripts}; style-src {styles}; connect-src 'self'; "
        "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )
    return text.replace(_DATA, _DATA.replace("{}", data)).encode(), policy


def _digests(text: str, tag: str) -> str:
    contents = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
    digests = (hashlib.sha256(content.encode()).digest() for content in contents)
    return " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
