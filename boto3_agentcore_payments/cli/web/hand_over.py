"""The pages of ``serve`` where a person takes over from an agent: ``hand_over.html``.

One is the WalletHub, at a wallet's ``redirectUrl``; the other is the consent to a quick create, at
a connector's ``authorizationUrl``. They show what the verbs ``wallet_hub`` and ``consent`` answer
and act through the other verbs of the control surface. Opening them changes nothing.

Behaviour:
    - [live 2026-09] At the service an address for consent is for one use, and a link preview uses
      it up.
    - [decided] Here only an answer uses it up: a page may be reloaded.
"""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from boto3_agentcore_payments.cli.web import documents
from boto3_agentcore_payments.emulator.engine.errors import ResourceNotFoundException
from boto3_agentcore_payments.emulator.engine.hand_over import CONSENT, WALLET_HUB

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_LINK = re.compile(re.escape(WALLET_HUB) + "([0-9a-f]{12})", re.ASCII)
_READING = frozenset({"GET", "HEAD"})


def has_page(path: str) -> bool:
    """Return whether there may be a page at a path, which a link on another site may lead to."""
    return path == CONSENT or path.startswith(WALLET_HUB)


def is_asked_for(environ: dict[str, Any]) -> bool:
    """Return whether a request is for one of the pages.

    A signed request is not: an S3 bucket may be called ``agentcore-payments``.

    Args:
        environ: The request's WSGI environment.
    """
    return (
        environ["REQUEST_METHOD"] in _READING
        and has_page(environ["PATH_INFO"])
        and "HTTP_AUTHORIZATION" not in environ
    )


def show(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Answer with the page; with 404 if its address is nobody's, which the page says too."""
    status = "200 OK" if _leads_somewhere(environ) else "404 Not Found"
    return documents.show(environ, start_response, "hand_over.html", status)


def _leads_somewhere(environ: dict[str, Any]) -> bool:
    from boto3_agentcore_payments.emulator.backend.verbs import Verbs

    try:
        if environ["PATH_INFO"] == CONSENT:
            (asked,) = parse_qs(environ.get("QUERY_STRING", "")).get("request_uri", [""])
            Verbs().consent(asked)
        else:
            found = _LINK.fullmatch(environ["PATH_INFO"])
            Verbs().wallet_hub(found[1] if found else "")
    except (ResourceNotFoundException, ValueError):
        return False
    return True


@contextlib.contextmanager
def leading_to(address: str) -> Iterator[None]:
    """Let ``redirectUrl`` and ``authorizationUrl`` lead to the pages of a server of this process.

    Args:
        address: Its scheme and host, as clients know it.
    """
    from boto3_agentcore_payments.emulator.backend.models import pages

    before, pages.address = pages.address, address
    try:
        yield
    finally:
        pages.address = before
