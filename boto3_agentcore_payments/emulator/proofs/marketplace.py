"""The keys of the emulated AWS Marketplace, which sign payment tokens.

They are derived from the emulator's seed, so they are the same in every run.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import Any, NamedTuple

from boto3_agentcore_payments.emulator.proofs import jose

JWKS_PATH = "/.well-known/jwks.json"
"""Path of a key set below its base URL, for the Marketplace and for sellers [sdk]."""
ISSUER = "awsmp-agentpay.amazonaws.com"
"""``iss`` of every payment token [sdk]."""

_CURVES = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}
ALGORITHMS = tuple(_CURVES)
"""Algorithms that can sign payment tokens here, the default first."""

_DERIVATION = "boto3-agentcore-payments marketplace key v1"
# For every curve, a number of this many bytes is below the group's order.
_SECRET_BYTES = 31


class SigningKey(NamedTuple):
    """One signing key of the Marketplace.

    Attributes:
        algorithm: Its algorithm, e.g. ``ES256``.
        kid: Its id in the key set.
        key: The private key, a joserfc key object.
    """

    algorithm: str
    kid: str
    key: Any

    def __repr__(self) -> str:
        """Return a text with the algorithm and the id, without the key."""
        return f"SigningKey({self.algorithm!r}, {self.kid!r})"


@lru_cache(maxsize=16)
def signing_key(seed: str, algorithm: str) -> SigningKey:
    """Return the key that signs payment tokens.

    Args:
        seed: The emulator's seed.
        algorithm: One of :data:`ALGORITHMS`.

    Raises:
        MissingExtraError: if joserfc is not installed.
    """
    digest = hashlib.sha512(f"{_DERIVATION}:{algorithm}:{seed}".encode()).digest()
    number = int.from_bytes(digest[:_SECRET_BYTES], "big") + 1
    key = jose.private_key(_CURVES[algorithm], number)
    return SigningKey(algorithm, jose.thumbprint(key.as_dict(private=False)), key)


def key_set(seed: str) -> dict[str, list[dict[str, str]]]:
    """Return the Marketplace's JWKS document: a key for each of :data:`ALGORITHMS`.

    Raises:
        MissingExtraError: if joserfc is not installed.
    """
    keys = []
    for algorithm in ALGORITHMS:
        signer = signing_key(seed, algorithm)
        members = signer.key.as_dict(private=False)
        public = {name: members[name] for name in ("kty", "crv", "x", "y")}
        keys.append({**public, "alg": algorithm, "kid": signer.kid, "use": "sig"})
    return {"keys": keys}
