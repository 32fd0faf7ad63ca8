"""The emulated AWS Marketplace's keys over HTTP, where a seller's verifier looks for them.

AWS's verifier fetches ``{base URL}/.well-known/jwks.json`` at every check. The keys are
derived from the seed alone, so one document serves every account and region of a server.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.emulator.engine.ports import DEFAULT_SEED
from boto3_agentcore_payments.emulator.proofs import marketplace

if TYPE_CHECKING:
    from boto3_agentcore_payments.emulator.backend.responses import MotoAnswer

ROUTE = "{0}/.well-known/jwks.json$"
"""The path in the form of moto's ``url_paths``."""
METHODS = frozenset({"GET", "HEAD"})
HEADERS = {"Content-Type": "application/json", "Cache-Control": "no-store"}
"""Not stored, so that a revoked key would be refused at once [sdk]."""


def is_asked(method: str, path: str) -> bool:
    """Return whether a request is for the keys; an S3 bucket cannot have such a name."""
    return path == marketplace.JWKS_PATH and method in METHODS


def document() -> bytes:
    """Return the key set as JSON.

    Raises:
        MissingExtraError: if joserfc is not installed.
    """
    return json.dumps(marketplace.key_set(DEFAULT_SEED)).encode()


def show_keys(request: Any, full_url: str, headers: Any) -> MotoAnswer:
    """Answer a request for the keys; a function of moto's ``url_paths``."""
    del full_url, headers
    if request.method not in METHODS:
        return 405, {**HEADERS, "Allow": ", ".join(sorted(METHODS))}, "{}"
    return 200, dict(HEADERS), document()
