"""Make moto's server mode recognize payments requests; the routes alone are not enough.

moto's server tells the service by the credential scope of a signature. A request with a bearer
token, or without any credentials, has no scope, and moto takes it for S3. If two services share a
signing name, moto looks the operation up in botocore's models, and stops with an error if the
installed botocore does not have the service.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from botocore.exceptions import UnknownServiceError

if TYPE_CHECKING:
    from types import ModuleType

HOST = "bedrock-agentcore.us-east-1.amazonaws.com"
"""Only the service in it matters; account and region come from the request itself."""
PREFIXES = ("/payments/", "/identities/")
_MARK = "__agentcore_payments__"
_SCOPE = "/bedrock-agentcore/"
_SIGNS = ("Credential=", "AWS ", "AWSAccessKeyId=")
"""Signs of a signature: version 4 in header or query, version 2 in header or query."""


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
        if is_payments_request(environ, path) or _asks_for_keys(environ, path):
            return HOST
        try:
            host: str | None = infer(self, environ, path)
        except UnknownServiceError:
            if path.startswith(PREFIXES) and not is_signed_for_another(environ):
                return HOST  # its routes answer that the operation does not exist
            raise
        return host

    setattr(infer_service_region_host, _MARK, True)
    application.infer_service_region_host = infer_service_region_host


def is_payments_request(environ: dict[str, Any], path: str) -> bool:
    """Return whether a request names a payments operation, and is not signed for another service.

    The path alone is not enough: an S3 bucket may be called ``payments``.
    """
    if not path.startswith(PREFIXES) or is_signed_for_another(environ):
        return False
    from boto3_agentcore_payments.emulator.wire import definitions

    return definitions.find(environ.get("REQUEST_METHOD", ""), path) is not None


def _asks_for_keys(environ: dict[str, Any], path: str) -> bool:
    from boto3_agentcore_payments.emulator.backend import billing_keys

    return billing_keys.is_asked(environ.get("REQUEST_METHOD", ""), path)


def is_signed_for_another(environ: dict[str, Any]) -> bool:
    """Return whether the signature, in the header or the query, is not for AgentCore.

    An unsigned request, such as one from ``curl``, counts as a payments request.
    """
    signature = environ.get("HTTP_AUTHORIZATION", "") + environ.get("QUERY_STRING", "")
    return any(sign in signature for sign in _SIGNS) and _SCOPE not in unquote(signature)
