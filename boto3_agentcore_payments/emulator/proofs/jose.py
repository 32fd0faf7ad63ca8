"""Signed tokens (JWS) and key sets (JWK) of AWS Billing, by joserfc (part of ``moto[server]``).

The algorithms and the rules for key sets are those of AWS's package [sdk: fiat_extension_x402,
``security`` and ``agentic_commerce.keys``].
"""

from __future__ import annotations

import hashlib
import json
import warnings
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.emulator.proofs import libraries
from boto3_agentcore_payments.json_text import read_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ALGORITHMS = ("RS256", "ES256", "ES384", "ES512")
"""Algorithms that may sign a quote or a payment token."""
LONGEST_TOKEN = 65536
"""Longest token, in characters: the model's limit for a payment token."""

_EC_ALGORITHMS = {"P-256": "ES256", "P-384": "ES384", "P-521": "ES512"}
_RSA_ALGORITHM = "RS256"
_SMALLEST_RSA_KEY = 2048
_PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_WHAT = "A payment on the AWS bill"
_PARTS = 3


class BadTokenError(ValueError):
    """A token is not a JWS of JSON, or none of the keys signed it; the text quotes neither."""


class BadKeyError(ValueError):
    """A JSON Web Key must not verify tokens; the text does not quote the key."""


def public_key(jwk: Any) -> Any:
    """Return the public key of a JSON Web Key, for verifying quotes.

    Args:
        jwk: A JSON Web Key: EC on P-256, P-384 or P-521, or RSA of 2048 bits or more.

    Raises:
        BadKeyError: if it is another kind of key, a private key, or not a key.
        MissingExtraError: if joserfc is not installed.
    """
    jose = libraries.load("joserfc.jwk", _WHAT)
    if not isinstance(jwk, dict):
        raise BadKeyError("a key is a JSON object")
    if _PRIVATE_MEMBERS & jwk.keys():
        raise BadKeyError("a key has private members")
    kind, curve = jwk.get("kty"), jwk.get("crv")
    if kind == "EC":
        algorithm = _EC_ALGORITHMS.get(curve) if isinstance(curve, str) else None
    else:
        algorithm = _RSA_ALGORITHM if kind == "RSA" else None
    if algorithm is None or jwk.get("alg", algorithm) != algorithm:
        raise BadKeyError(f"a key is not for one of {', '.join(ALGORITHMS)}")
    if jwk.get("use", "sig") != "sig":
        raise BadKeyError("a key is not for signatures")
    try:
        # Read only the members that make up the key; others, such as key_ops, have no effect here.
        members = ("kty", "crv", "x", "y") if kind == "EC" else ("kty", "n", "e")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about a short key, which is refused below
            key = jose.JWKRegistry.import_key({name: jwk[name] for name in members})
        size = key.public_key.key_size
    except Exception:  # noqa: BLE001 - whatever the libraries raise may quote the key
        key, size = None, 0
    # Raised outside the handler: a chained library error could carry the key it was given.
    if key is None:
        raise BadKeyError("a key cannot be read")
    if kind == "RSA" and size < _SMALLEST_RSA_KEY:
        raise BadKeyError(f"an RSA key has less than {_SMALLEST_RSA_KEY} bits")
    return key


def header_of(token: str) -> dict[str, Any]:
    """Return a token's header, unverified.

    Raises:
        BadTokenError: if it is not a JWS with a header of JSON.
    """
    return _part(token, 0)


def claims_of(token: str) -> dict[str, Any]:
    """Return a token's claims, unverified.

    Raises:
        BadTokenError: if it is not a JWS of a JSON object.
    """
    return _part(token, 1)


def verify(token: str, keys: Sequence[tuple[str | None, Any]]) -> dict[str, Any]:
    """Verify a token with the given keys and return its claims.

    Args:
        token: A JWS in compact form.
        keys: Ids and keys. A token that names a key is verified with that one alone.

    Raises:
        BadTokenError: if it is malformed, or none of the keys signed it.
        MissingExtraError: if joserfc is not installed.
    """
    jws = libraries.load("joserfc.jws", _WHAT)
    header = header_of(token)
    wanted = header.get("kid")
    if header.get("alg") not in ALGORITHMS:
        raise BadTokenError("it is signed with another algorithm")
    registry = jws.JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False)
    registry.max_header_length = registry.max_payload_length = LONGEST_TOKEN
    for name, key in keys:
        if wanted is not None and name != wanted:
            continue
        try:
            jws.deserialize_compact(token, key, registry=registry)
        except Exception:  # noqa: BLE001, S112 - whatever it is, this key has not signed it
            continue
        return claims_of(token)
    raise BadTokenError("no key of the issuer has signed it")


def sign(claims: Mapping[str, Any], key: Any, *, algorithm: str, kid: str) -> str:
    """Return a JWT in compact form.

    Raises:
        MissingExtraError: if joserfc is not installed.
    """
    jws = libraries.load("joserfc.jws", _WHAT)
    header = {"alg": algorithm, "typ": "JWT", "kid": kid}
    payload = json.dumps(claims, separators=(",", ":"))
    token: str = jws.serialize_compact(header, payload, key, algorithms=[algorithm])
    return token


def private_key(curve: str, secret: int) -> Any:
    """Return the EC key of a private number.

    Args:
        curve: ``P-256``, ``P-384`` or ``P-521``.
        secret: The number, from 1 to the group's order less 1.

    Raises:
        MissingExtraError: if joserfc is not installed.
    """
    jwk = libraries.load("joserfc.jwk", _WHAT)
    ec = libraries.load("cryptography.hazmat.primitives.asymmetric.ec", _WHAT)
    curves = {"P-256": ec.SECP256R1, "P-384": ec.SECP384R1, "P-521": ec.SECP521R1}
    serialization = libraries.load("cryptography.hazmat.primitives.serialization", _WHAT)
    pem = ec.derive_private_key(secret, curves[curve]()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return jwk.ECKey.import_key(pem)


def thumbprint(jwk: Mapping[str, Any]) -> str:
    """Return the RFC 7638 SHA-256 thumbprint of an EC key, as in ``cnf.jkt``."""
    members = {name: jwk[name] for name in ("crv", "kty", "x", "y")}
    text = json.dumps(members, separators=(",", ":"), sort_keys=True)
    return urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


def _part(token: str, number: int) -> dict[str, Any]:
    parts = token.split(".")
    if len(parts) != _PARTS or not all(parts) or len(token) > LONGEST_TOKEN:
        raise BadTokenError("it is not a signed token")
    part = parts[number]
    try:
        content = read_json(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except ValueError:
        content = None
    if not isinstance(content, dict):
        raise BadTokenError("it is not a signed token")
    return content
