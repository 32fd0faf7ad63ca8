"""EIP-712 signatures of what EVM payments authorize, made by eth-account."""

from __future__ import annotations

from typing import Any


def sign(
    account: Any,
    *,
    domain: dict[str, Any],
    types: dict[str, list[dict[str, str]]],
    message: dict[str, Any],
) -> str:
    """Return the 65-byte signature (r, s, v) of typed data as 0x and hexadecimal digits.

    Args:
        account: eth-account ``LocalAccount``.
        domain: EIP-712 domain; only the members present are part of its type.
        types: Struct types; the one no other type contains is signed.
        message: The struct, with integers for ``uint256`` and bytes for ``bytes32``.
    """
    signed = account.sign_typed_data(domain_data=domain, message_types=types, message_data=message)
    return "0x" + bytes(signed.signature).hex()
