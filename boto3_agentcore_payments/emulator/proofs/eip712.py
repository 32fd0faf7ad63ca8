"""EIP-712: digests of typed data, limited to the member types that payments use."""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.emulator.proofs.evm_keys import keccak

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_WORD = 32


def _address(value: str) -> bytes:
    return bytes.fromhex(value[2:]).rjust(_WORD, b"\0")


def _uint256(value: int) -> bytes:
    return value.to_bytes(_WORD, "big")


def _string(value: str) -> bytes:
    return keccak(value.encode())


def _bytes32(value: bytes) -> bytes:
    if len(value) != _WORD:
        raise ValueError("bytes32 takes 32 bytes")
    return value


_ATOMS: dict[str, Callable[[Any], bytes]] = {
    "address": _address,
    "bytes32": _bytes32,
    "string": _string,
    "uint256": _uint256,
}


class Struct:
    """A struct type.

    Args:
        name: Its name.
        members: Each member's name and type: ``address`` (0x and hexadecimal digits), ``uint256``
            (an integer), ``string``, ``bytes32``, or another struct.

    Attributes:
        texts: This type and those that it refers to, as EIP-712 writes them; keyed by name.
    """

    def __init__(self, name: str, members: Mapping[str, str | Struct]) -> None:
        self.name = name
        self.texts: dict[str, str] = {}
        self._encoders: list[tuple[str, Callable[[Any], bytes]]] = []
        written = []
        for member, kind in members.items():
            if isinstance(kind, Struct):
                self.texts.update(kind.texts)
                self._encoders.append((member, kind.hash))
                written.append(f"{kind.name} {member}")
            else:
                self._encoders.append((member, _ATOMS[kind]))
                written.append(f"{kind} {member}")
        self.texts[name] = f"{name}({','.join(written)})"

    @property
    def type_text(self) -> str:
        """The type as EIP-712's ``encodeType`` writes it: this one, then the others by name."""
        others = sorted(name for name in self.texts if name != self.name)
        return "".join(self.texts[name] for name in (self.name, *others))

    @cached_property
    def type_hash(self) -> bytes:
        """EIP-712's ``typeHash``."""
        return keccak(self.type_text.encode())

    def hash(self, value: Mapping[str, Any]) -> bytes:
        """Return EIP-712's ``hashStruct`` of a value that has every member."""
        encoded = [encode(value[member]) for member, encode in self._encoders]
        return keccak(self.type_hash + b"".join(encoded))


_DOMAIN = Struct(
    "EIP712Domain",
    {"name": "string", "version": "string", "chainId": "uint256", "verifyingContract": "address"},
)
_DOMAIN_WITHOUT_VERSION = Struct(
    "EIP712Domain", {"name": "string", "chainId": "uint256", "verifyingContract": "address"}
)


@lru_cache(maxsize=256)
def domain_separator(name: str, version: str | None, chain_id: int, contract: str) -> bytes:
    """Return the EIP-712 hash of a domain.

    Args:
        name: Its name.
        version: Its version; ``None`` where the contract's domain has none.
        chain_id: EIP-155 chain id.
        contract: Address of the contract that verifies.
    """
    value = {"name": name, "chainId": chain_id, "verifyingContract": contract}
    if version is None:
        return _DOMAIN_WITHOUT_VERSION.hash(value)
    return _DOMAIN.hash({**value, "version": version})


def digest(domain: bytes, struct: Struct, value: Mapping[str, Any]) -> bytes:
    """Return the digest to sign.

    Args:
        domain: The domain's hash.
        struct: The type of the value.
        value: The members.
    """
    return keccak(b"\x19\x01" + domain + struct.hash(value))
