"""Forms of addresses. Only the form is checked: zero and burn addresses sign [live].

A wrong EIP-55 checksum is accepted as well, as the x402 library accepts it.
"""

from __future__ import annotations

import re
from typing import Any

from boto3_agentcore_payments.emulator.proofs import libraries
from boto3_agentcore_payments.emulator.proofs.networks import SOLANA, Network
from boto3_agentcore_payments.emulator.proofs.refusals import refusal, shown

_EVM = re.compile(r"0x[0-9a-fA-F]{40}")
_BASE58 = re.compile(r"[1-9A-HJ-NP-Za-km-z]{32,44}")


def is_evm(value: Any) -> bool:
    """Tell whether this is an EVM address: 0x and 40 hexadecimal digits."""
    return isinstance(value, str) and _EVM.fullmatch(value) is not None


def is_solana(value: Any) -> bool:
    """Tell whether this is a Solana address: base58 of 32 bytes.

    Raises:
        MissingExtraError: solders is not installed.
    """
    if not isinstance(value, str) or _BASE58.fullmatch(value) is None:
        return False
    try:
        libraries.solders("pubkey", "A Solana payment proof").Pubkey.from_string(value)
    except ValueError:
        return False
    return True


def checked(value: Any, network: Network, *, named: str, name: str, path: str) -> str:
    """Return an address if it has the network's form.

    Args:
        value: What the payload holds.
        network: Chain the address must fit.
        named: The network's name as the caller wrote it, for the error.
        name: What messages call it, e.g. ``payTo``.
        path: The member it came from, for the error.

    Raises:
        ValidationException: missing, of the other kind of chain, or malformed.
    """
    if value is None or value == "":
        message = f"Payment {name} is required"
        raise refusal(message, path)
    solana = network.wallet_network == SOLANA
    if is_solana(value) if solana else is_evm(value):
        return str(value)
    if isinstance(value, str):
        if solana and _EVM.fullmatch(value):
            message = (
                f"Address format mismatch: EVM address cannot be used with non-EVM network: {named}"
            )
            raise refusal(message, path)
        if not solana and _BASE58.fullmatch(value):
            message = (
                f"Address format mismatch: Non-EVM address cannot be used with EVM network: {named}"
            )
            raise refusal(message, path)
    message = f"Payment {name} is not a valid address. Received: {shown(value)}"
    raise refusal(message, path)
