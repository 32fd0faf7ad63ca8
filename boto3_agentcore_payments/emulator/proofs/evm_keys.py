"""Keys of EVM wallets: Keccak-256, addresses, recoverable signatures on secp256k1.

coincurve signs (libsecp256k1). It has no wheels for CPython 3.14 yet; where it is not installed,
cryptography makes the same signatures, byte for byte, if more slowly: both derive their nonces as
RFC 6979 says. pycryptodome hashes, because the standard library has only SHA3-256, which pads its
input differently from Keccak-256.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.emulator.proofs import libraries

if TYPE_CHECKING:
    from collections.abc import Callable

ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
"""Order of the secp256k1 group (SEC 2, section 2.4.1): a private key lies in 1..n-1."""

_WHAT = "An EVM test wallet"
_HALF_ORDER = ORDER // 2
_V = 27  # added to the recovery bit (Ethereum's yellow paper, appendix F)


def keccak(data: bytes) -> bytes:
    """Return the Keccak-256 of some bytes.

    Raises:
        MissingExtraError: if pycryptodome is not installed.
    """
    new = libraries.load("Crypto.Hash.keccak", _WHAT).new
    digest: bytes = new(digest_bits=256, data=data).digest()
    return digest


def checksum_address(address: str) -> str:
    """Return an address (0x and 40 hexadecimal digits) in its checksum form (EIP-55)."""
    digits = address[2:].lower()
    nibbles = keccak(digits.encode()).hex()
    cased = (d.upper() if n > "7" else d for d, n in zip(digits, nibbles))
    return "0x" + "".join(cased)


class EvmKey:
    """A private key and its address; the key is never shown.

    Args:
        secret: 32 bytes, big-endian: a number from 1 to ``ORDER - 1``.

    Attributes:
        address: The address in checksum form.
        secret: The key; Tempo's library signs with it.

    Raises:
        MissingExtraError: if pycryptodome, or both coincurve and cryptography, are not installed.
    """

    __slots__ = ("_sign", "address", "secret")

    def __init__(self, secret: bytes) -> None:
        self.secret = secret
        public, self._sign = _signer(secret)
        self.address = checksum_address("0x" + keccak(public)[-20:].hex())

    def sign(self, digest: bytes) -> bytes:
        """Return the 65-byte signature of a 32-byte digest: r, s (low-s form), v (27 or 28)."""
        r_and_s, recovery = self._sign(digest)
        return r_and_s + bytes([_V + recovery])

    def __repr__(self) -> str:
        """Return a text with the address and without the key."""
        return f"EvmKey({self.address})"


def _signer(secret: bytes) -> tuple[bytes, Callable[[bytes], tuple[bytes, int]]]:
    """Return a key's public point (x and y) and a function that signs digests."""
    coincurve = libraries.find("coincurve")
    if coincurve is None:
        return _slow_signer(int.from_bytes(secret, "big"))
    key = coincurve.PrivateKey(secret)

    def sign(digest: bytes) -> tuple[bytes, int]:
        signature = key.sign_recoverable(digest, hasher=None)
        return signature[:64], signature[64]

    return key.public_key.format(compressed=False)[1:], sign


def _slow_signer(secret: int) -> tuple[bytes, Callable[[bytes], tuple[bytes, int]]]:
    """Return the same as :func:`_signer`, using cryptography."""
    ec: Any = libraries.load("cryptography.hazmat.primitives.asymmetric.ec", _WHAT)
    utils: Any = libraries.load("cryptography.hazmat.primitives.asymmetric.utils", _WHAT)
    hashes: Any = libraries.load("cryptography.hazmat.primitives.hashes", _WHAT)
    algorithm = ec.ECDSA(utils.Prehashed(hashes.SHA256()), deterministic_signing=True)

    def point(number: int) -> Any:
        return ec.derive_private_key(number, ec.SECP256K1()).public_key().public_numbers()

    def sign(digest: bytes) -> tuple[bytes, int]:
        r, s = utils.decode_dss_signature(key.sign(digest, algorithm))
        # A signature fits two public keys; the parity of the nonce's point tells which is right.
        # cryptography does not return the nonce, but the private key is enough to compute it.
        nonce = (int.from_bytes(digest, "big") + r * secret) * pow(s, -1, ORDER) % ORDER
        recovery = point(nonce).y & 1
        if s > _HALF_ORDER:
            s, recovery = ORDER - s, recovery ^ 1
        return r.to_bytes(32, "big") + s.to_bytes(32, "big"), recovery

    key = ec.derive_private_key(secret, ec.SECP256K1())
    public = key.public_key().public_numbers()
    return public.x.to_bytes(32, "big") + public.y.to_bytes(32, "big"), sign
