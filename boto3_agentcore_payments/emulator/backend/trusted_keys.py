"""Public keys that bearer tokens are verified with.

The real service fetches them through the authorizer's discovery document. An emulator has no
network, so a test hands them over, by discovery URL, through the control surface.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Issuer:
    """What a discovery document would have led to.

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
            ValueError: ``jwks`` is no JSON Web Key Set with at least one usable public key.
        """
        from joserfc.errors import JoseError
        from joserfc.jwk import KeySet

        problem = "jwks must be a JSON Web Key Set: an object with a list of public keys, 'keys'"
        try:
            usable = bool(KeySet.import_key_set({"keys": list(jwks["keys"])}).keys)
        except (JoseError, KeyError, TypeError, ValueError) as error:
            raise ValueError(problem) from error
        if not usable:
            raise ValueError(problem)
        self._issuers[discovery_url] = Issuer({"keys": list(jwks["keys"])}, issuer)

    def of(self, discovery_url: str) -> Issuer | None:
        """Return the issuer registered for a discovery URL, or ``None``."""
        return self._issuers.get(discovery_url)
