"""What server mode needs beside the routes: payments requests find their service.

moto's server tells the service by the credential scope of a signature. A bearer request has none,
and moto takes it for S3. Where two services share a signing name, moto looks the operation up in
botocore's models, and stops with an error where the installed botocore has no such service.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import ModuleType

HOST = "bedrock-agentcore.us-east-1.amazonaws.com"
"""Only the service in it matters; account and region come from the request itself."""
PREFIXES = ("/payments/", "/identities/")
_MARK = "__agentcore_payments__"
_SCOPE = "/bedrock-agentcore/"


def route_payments_requests(werkzeug_app: ModuleType) -> None:
    """Make moto's dispatcher send payments requests to our routes.

    Args:
        werkzeug_app: ``moto.moto_server.werkzeug_app``.
    """
    application = werkzeug_app.DomainDispatcherApplication
    infer = application.infer_service_region_host
    if hasattr(infer, _MARK):
        return

    @functools.wraps(infer)
    def infer_service_region_host(self: Any, environ: dict[str, Any], path: str) -> str | None:
        if is_payments_request(environ, path):
            return HOST
        host: str | None = infer(self, environ, path)
        return host

    setattr(infer_service_region_host, _MARK, True)
    application.infer_service_region_host = infer_service_region_host


def is_payments_request(environ: dict[str, Any], path: str) -> bool:
    """Tell whether a request names a payments operation, and is signed for it or bears a token.

    A path alone does not do: an S3 bucket may be called ``payments``.
    """
    if not path.startswith(PREFIXES):
        return False
    authorization = environ.get("HTTP_AUTHORIZATION", "")
    if _SCOPE not in authorization and authorization[:7].lower() != "bearer ":
        return False
    from boto3_agentcore_payments.emulator.wire import definitions

    return definitions.find(environ.get("REQUEST_METHOD", ""), path) is not None
