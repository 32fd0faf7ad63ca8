"""The keys of the emulated AWS Marketplace: what payment tokens are signed with.

They follow from the emulator's seed, so that they are the same in every run.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import Any, NamedTuple

from boto3_agentcore_payments.emulator.proofs import jose

JWKS_PATH = "/.well-known/jwks.json"
"""Path of a key set below its base URL, the Marketplace's and a seller's [sdk]."""
ISSUER = "awsmp-agentpay.amazonaws.com"
"""``iss`` of every payment token [sdk]."""

_CURVES = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}
ALGORITHMS = tuple(_CURVES)
"""What payment tokens can be signed with here, the default first."""

_DERIVATION = "boto3-agentcore-payments marketplace key v1"
# Every curve's group order has at least as many bits as this number of bytes and is above it.
_SECRET_BYTES = 31


class SigningKey(NamedTuple):
    """One key.

    Attributes:
        algorithm: What it signs with, e.g. ``ES256``.
        kid: Its id in the key set.
        key: The private key, of joserfc.
    """

    algorithm: str
    kid: str
    key: Any

    def __repr__(self) -> str:
        """Return what identifies it, without the key."""
        return f"SigningKey({self.algorithm!r}, {self.kid!r})"


@lru_cache(maxsize=16)
def signing_key(seed: str, algorithm: str) -> SigningKey:
    """Return the key that payment tokens are signed with.

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
