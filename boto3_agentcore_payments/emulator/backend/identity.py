"""Find a request's account and region by the rules of moto's ``BaseResponse``.

Done here without ``BaseResponse`` because its set-up reads the body as a form, which costs more
than answering.
"""

from __future__ import annotations

import functools
import os
import re
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.core.responses import BaseResponse
from werkzeug.datastructures import EnvironHeaders

if TYPE_CHECKING:
    from boto3_agentcore_payments.emulator.wire.http import Headers

_HOST_REGION = re.compile(
    r"^https?://bedrock-agentcore[a-z-]*\.([^./]+)\.(?:amazonaws\.|api\.)", re.IGNORECASE
)
_SCOPE_PARTS = 5
_MANAGER_ARN = re.compile(r"arn:aws[a-z-]*:bedrock-agentcore:([^:/]+):([0-9]{12}):payment-manager/")


class RequestHeaders(EnvironHeaders):
    """The headers of a WSGI environment; every call looks for five, so :meth:`get` is short."""

    def get(self, name: str) -> str | None:  # type: ignore[override]
        """Return a header's value, or ``None``; the case of its name does not matter."""
        value: str | None = self.environ.get(_key(name))
        return value


@functools.lru_cache(maxsize=64)
def _key(name: str) -> str:
    """Return a header's key in a WSGI environment."""
    key = name.upper().replace("-", "_")
    return key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}"


class Scope(NamedTuple):
    """The key and region in a SigV4 ``Authorization`` header.

    Attributes:
        access_key: Access key id.
        region: Region the request was signed for.
    """

    access_key: str
    region: str


def credential_scope(authorization: str) -> Scope | None:
    """Return the credential scope, or ``None`` if it is missing or malformed."""
    return _scope(authorization.partition("Credential=")[2].partition(",")[0])


@functools.lru_cache(maxsize=64)
def _scope(credential: str) -> Scope | None:
    parts = credential.split("/")
    return Scope(parts[0], parts[2]) if len(parts) == _SCOPE_PARTS else None


def bearer_token(authorization: str) -> str | None:
    """Return the token of an ``Authorization`` header, or ``None`` if it is not Bearer."""
    scheme, _, token = authorization.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def text(headers: Headers, name: str) -> str:
    """Return a header as text; empty if it is absent."""
    value = headers.get(name)
    if isinstance(value, bytes):
        return value.decode("latin-1")
    return value or ""


def region(url: str, headers: Headers, scope: Scope | None, fallback: str = "") -> str:
    """Return the region of a request.

    Args:
        url: Its full URL.
        headers: Its headers.
        scope: Its credential scope.
        fallback: Region to use if the request does not name one; after it, moto's default.
    """
    in_host = _region_in_host(url)
    if in_host is not None:
        return in_host
    in_agent = BaseResponse.region_from_useragent_regex.search(text(headers, "User-Agent"))
    if in_agent:
        return in_agent[1]
    return (scope.region if scope else "") or fallback or BaseResponse.default_region


@functools.lru_cache(maxsize=64)
def _region_in_host(url: str) -> str | None:
    found = _HOST_REGION.match(url)
    return found[1] if found else None


def account(headers: Headers, scope: Scope | None, fallback: str = "") -> str:
    """Return the account a request is made from.

    Args:
        headers: Its headers; ``x-moto-account-id`` names an account.
        scope: Its credential scope; keys of moto's IAM and STS belong to accounts.
        fallback: Account to use for a request without a key; after it, moto's default.
    """
    chosen = os.environ.get("MOTO_ACCOUNT_ID") or text(headers, "x-moto-account-id")
    if chosen:
        return chosen
    if scope is None:
        return fallback or DEFAULT_ACCOUNT_ID
    iam = _iam_in_use()
    if iam is None:
        return DEFAULT_ACCOUNT_ID
    owner: str = iam.get_account_id_from(scope.access_key)
    return owner


def _iam_in_use() -> Any:
    """Return moto's ``iam.models`` once it holds something, else ``None``.

    Keys exist only once IAM or STS has been used; importing it earlier would cost every program.
    A module is in ``sys.modules`` while another thread still imports it; the import statement
    waits for that thread.
    """
    if "moto.iam.models" not in sys.modules:
        return None
    from moto.iam import models

    return models if models.iam_backends else None


def note_visit(account_id: str, scope: Scope | None, region_name: str) -> None:
    """Tell moto's IAM that a key was used, as its ``GetAccessKeyLastUsed`` reports it."""
    iam = _iam_in_use() if scope is not None else None
    if scope is not None and iam is not None:
        iam.mark_account_as_visited(
            account_id=account_id,
            access_key=scope.access_key,
            service="bedrock-agentcore",
            region=region_name,
        )


def place_of_manager(arn: str) -> tuple[str, str] | None:
    """Return (account, region) of a payment manager's ARN, or ``None`` for anything else."""
    found = _MANAGER_ARN.match(arn)
    return (found[2], found[1]) if found else None
