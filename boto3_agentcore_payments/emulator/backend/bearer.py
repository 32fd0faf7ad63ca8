"""Bearer tokens of managers with a CUSTOM_JWT authorizer.

The user of such a request is the token's ``sub`` [sdk]. A token that cannot be accepted at all
(malformed, expired, badly signed, without ``sub``) is 401; a valid token that the authorizer's
configuration does not admit is 403. The choice between the two, and the texts, are [decided]; the
claims are compared with the model's ``CustomJWTAuthorizerConfiguration``.

The signature is verified where a test has registered the issuer's keys, by discovery URL, through
the control surface. The real service fetches them through the authorizer's discovery document; an
emulator has no network, so without keys structure and claims are all that is checked.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.emulator.engine.errors import (
    AccessDeniedException,
    UnauthorizedException,
)
from boto3_agentcore_payments.errors import MissingExtraError
from boto3_agentcore_payments.json_text import read_json

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
"""Accepted signature algorithms: only those with a public key."""


@dataclass(frozen=True)
class Issuer:
    """An issuer's keys, which a discovery document would lead to.

    Attributes:
        jwks: The key set, as its JSON document: ``{"keys": [...]}``.
        issuer: What a token's ``iss`` must be, or ``None`` to accept any.
    """

    jwks: Mapping[str, Any]
    issuer: str | None


class TrustedKeys:
    """Issuers by discovery URL, of one account and region."""

    def __init__(self) -> None:
        self._issuers: dict[str, Issuer] = {}

    def trust(self, discovery_url: str, jwks: Mapping[str, Any], issuer: str | None) -> None:
        """Verify the signature of every token for this discovery URL from now on.

        Raises:
            ValueError: if ``jwks`` is not a JSON Web Key Set with at least one usable public key.
            MissingExtraError: if joserfc is not installed.
        """
        jose = _joserfc()
        problem = "jwks must be a JSON Web Key Set: an object with a list of public keys, 'keys'"
        try:
            usable = bool(jose.jwk.KeySet.import_key_set({"keys": list(jwks["keys"])}).keys)
        except (jose.errors.JoseError, KeyError, TypeError, ValueError) as error:
            raise ValueError(problem) from error
        if not usable:
            raise ValueError(problem)
        self._issuers[discovery_url] = Issuer({"keys": list(jwks["keys"])}, issuer)

    def listed(self) -> list[list[Any]]:
        """Return what was registered, as JSON's types, to be put back later."""
        return [[url, each.jwks, each.issuer] for url, each in self._issuers.items()]

    def put_back(self, listed: list[list[Any]]) -> None:
        """Trust again what :meth:`listed` returned."""
        for url, jwks, issuer in listed:
            self._issuers[url] = Issuer(jwks, issuer)

    def of(self, discovery_url: str) -> Issuer | None:
        """Return the issuer registered for a discovery URL, or ``None``."""
        return self._issuers.get(discovery_url)


def user(
    token: str, configuration: Mapping[str, Any] | None, issuer: Issuer | None, now: datetime
) -> str:
    """Return the user a token is for.

    Args:
        token: A JWT in compact form.
        configuration: The manager's ``authorizerConfiguration``; ``None`` if the
            manager is unknown; then only the token itself is checked.
        issuer: Keys to verify the signature with, if any.
        now: Timezone-aware service time.

    Raises:
        UnauthorizedException: if the token is malformed, expired, not valid yet, badly signed, or
            names no user.
        AccessDeniedException: if the authorizer does not admit it.
        MissingExtraError: if joserfc is not installed.
    """
    claims = _claims(token, issuer)
    _check_times(claims, now.timestamp())
    subject = claims.get("sub")
    if not isinstance(subject, str) or not subject:
        raise UnauthorizedException("The bearer token has no subject")
    if issuer is not None and issuer.issuer is not None and claims.get("iss") != issuer.issuer:
        raise UnauthorizedException("The bearer token is from another issuer")
    _check_admission(claims, (configuration or {}).get("customJWTAuthorizer") or {})
    return subject


def _joserfc() -> Any:
    """Import joserfc, which comes with ``moto[server]``."""
    try:
        from joserfc import errors, jwk, jws
    except ModuleNotFoundError as error:
        raise MissingExtraError("A bearer token", extra="emulator", module="joserfc") from error
    return SimpleNamespace(errors=errors, jwk=jwk, jws=jws)


def _claims(token: str, issuer: Issuer | None) -> dict[str, Any]:
    jose = _joserfc()
    try:
        # The library decodes the header without limiting its depth.
        header = token.partition(".")[0]
        read_json(urlsafe_b64decode(header + "=" * (-len(header) % 4)))
        if issuer is None:
            payload = jose.jws.extract_compact(token.encode()).payload
        else:
            keys = jose.jwk.KeySet.import_key_set(issuer.jwks)
            payload = jose.jws.deserialize_compact(
                token, keys, algorithms=list(_ALGORITHMS)
            ).payload
        claims = read_json(payload or b"")
    except (jose.errors.JoseError, ValueError, KeyError, TypeError):
        raise UnauthorizedException("The bearer token is not a valid JSON Web Token") from None
    if not isinstance(claims, dict):
        raise UnauthorizedException("The bearer token is not a valid JSON Web Token")
    return claims


def _check_times(claims: Mapping[str, Any], now: float) -> None:
    for claim in ("exp", "nbf"):
        value = claims.get(claim, now)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise UnauthorizedException(f"The bearer token's {claim} is not a time")
    if "exp" in claims and claims["exp"] <= now:
        raise UnauthorizedException("The bearer token has expired")
    if claims.get("nbf", now) > now:
        raise UnauthorizedException("The bearer token is not valid yet")


def _check_admission(claims: Mapping[str, Any], authorizer: Mapping[str, Any]) -> None:
    client = claims.get("client_id", claims.get("azp"))
    for allowed, presented, claim in (
        (authorizer.get("allowedAudience"), _values(claims.get("aud")), "audience"),
        (authorizer.get("allowedClients"), _values(client), "client"),
        (authorizer.get("allowedScopes"), _scopes(claims), "scope"),
    ):
        if allowed and not presented & set(allowed):
            raise AccessDeniedException(
                f"The bearer token's {claim} is not allowed by the payment manager"
            )
    for rule in authorizer.get("customClaims") or ():
        name = rule["inboundTokenClaimName"]
        if not _admits(rule, claims.get(name)):
            raise AccessDeniedException(
                f"The bearer token's claim {name} is not allowed by the payment manager"
            )


def _values(claim: object) -> set[str]:
    values: Collection[object] = claim if isinstance(claim, list) else (claim,)
    return {value for value in values if isinstance(value, str)}


def _scopes(claims: Mapping[str, Any]) -> set[str]:
    """Return the scopes of ``scope``, separated by spaces (RFC 8693), or of the list ``scp``."""
    scope = claims.get("scope", claims.get("scp"))
    return set(scope.split()) if isinstance(scope, str) else _values(scope)


def _admits(rule: Mapping[str, Any], claim: object) -> bool:
    """Return whether a custom claim fits: a string equals, a list contains one or any [model]."""
    matching = rule["authorizingClaimMatchValue"]
    wanted = matching["claimMatchValue"]
    expected = set(wanted.get("matchValueStringList") or [wanted.get("matchValueString")])
    if rule["inboundTokenClaimValueType"] == "STRING":
        return isinstance(claim, str) and claim in expected
    presented = _values(claim) if isinstance(claim, list) else set()
    if matching["claimMatchOperator"] == "EQUALS":
        return presented == expected
    return bool(presented & expected)
