"""EIP-712 signatures of the two authorizations EVM payments use, made by eth-account."""

from __future__ import annotations

from typing import Any

#: EIP-3009 ``TransferWithAuthorization``.
TRANSFER_WITH_AUTHORIZATION = {
    "TransferWithAuthorization": [
        {"name": "from", "type": "address"},
        {"name": "to", "type": "address"},
        {"name": "value", "type": "uint256"},
        {"name": "validAfter", "type": "uint256"},
        {"name": "validBefore", "type": "uint256"},
        {"name": "nonce", "type": "bytes32"},
    ]
}


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


def sign_transfer(
    account: Any,
    authorization: dict[str, str],
    *,
    chain_id: int,
    token: str,
    domain_name: str,
    domain_version: str,
) -> str:
    """Sign an EIP-3009 authorization.

    Args:
        account: eth-account ``LocalAccount``.
        authorization: ``from``, ``to``, ``value``, ``validAfter``, ``validBefore`` and ``nonce``
            as the strings the wire carries.
        chain_id: EIP-155 chain id.
        token: Token contract that will check the signature.
        domain_name: ``name`` of the token's EIP-712 domain.
        domain_version: ``version`` of the token's EIP-712 domain.
    """
    return sign(
        account,
        domain={
            "name": domain_name,
            "version": domain_version,
            "chainId": chain_id,
            "verifyingContract": token,
        },
        types=TRANSFER_WITH_AUTHORIZATION,
        message={
            "from": authorization["from"],
            "to": authorization["to"],
            "value": int(authorization["value"]),
            "validAfter": int(authorization["validAfter"]),
            "validBefore": int(authorization["validBefore"]),
            "nonce": bytes.fromhex(authorization["nonce"][2:]),
        },
    )
