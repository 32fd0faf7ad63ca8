"""Check members that payloads of every kind have: addresses and atomic amounts.

Only the form of an address is checked: the service signs payments to zero and burn addresses
[live]. A wrong EIP-55 checksum is accepted too, as in the x402 library.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.emulator.engine.errors import ValidationException
from boto3_agentcore_payments.emulator.proofs import libraries, networks
from boto3_agentcore_payments.emulator.proofs.networks import SOLANA, Network

if TYPE_CHECKING:
    from collections.abc import Iterable

MAXIMUM_AMOUNT = 2**64 - 1
"""Largest amount signed, in atomic units: the maximum of a Solana token amount [decided]."""

_EVM = re.compile(r"0x[0-9a-fA-F]{40}")
_BASE58 = re.compile(r"[1-9A-HJ-NP-Za-km-z]{32,44}")
# ``\\d`` would match every Unicode digit.
_DIGITS = re.compile(r"[0-9]+")
_LONGEST = len(str(MAXIMUM_AMOUNT))
_SHOWN_CHARACTERS = 100


def is_evm(value: Any) -> bool:
    """Return whether a value is an EVM address: 0x and 40 hexadecimal digits."""
    return isinstance(value, str) and _EVM.fullmatch(value) is not None


def is_solana(value: Any) -> bool:
    """Return whether a value is a Solana address: base58 of 32 bytes.

    Raises:
        MissingExtraError: if solders is not installed.
    """
    if not isinstance(value, str) or _BASE58.fullmatch(value) is None:
        return False
    try:
        libraries.load("solders.pubkey", "A Solana payment proof").Pubkey.from_string(value)
    except ValueError:
        return False
    return True


def is_token(value: Any, network: Network) -> bool:
    """Return whether a value is the address of a network's canonical USDC."""
    if value == network.usdc:
        return True
    # The case of a hexadecimal address only carries its checksum; base58 is case-sensitive.
    return network.chain_id != 0 and is_evm(value) and value.lower() == network.usdc.lower()


def has_form(value: Any, network: Network) -> bool:
    """Return whether a value has the form of an address on a network.

    Raises:
        MissingExtraError: if solders is needed and not installed.
    """
    return is_solana(value) if network.wallet_network == SOLANA else is_evm(value)


def malformed(what: str, value: Any) -> str:
    """Return the service's text for an address without the network's form [guide].

    Args:
        what: Start of the text, e.g. ``Payment payTo address is invalid.``
        value: The value that the caller gave.
    """
    return (
        f"{what} Expected valid address format for the specified network. Received: {shown(value)}"
    )


def not_usdc(value: Any, network: Network, named: str) -> str:
    """Return the service's text for a token that is not a network's USDC [guide]."""
    return (
        f"Payment asset is not a supported USDC token address for network '{named}'. "
        f"Received: {shown(value)}. Expected: {network.usdc}"
    )


def mismatch(named: Any, wallet_network: str, supported: Iterable[str] = ()) -> str:
    """Return the service's text for a network that a wallet cannot pay on [guide].

    Args:
        named: The network as the caller wrote it.
        wallet_network: ``ETHEREUM`` or ``SOLANA``.
        supported: Names to suggest; by default every name for this kind of wallet.
    """
    names = ", ".join(supported or networks.names_for(wallet_network))
    return (
        f"Network mismatch '{shown(named)}' is not supported for paymentNetwork "
        f"'{wallet_network}'. Supported networks: {names}"
    )


def address(
    value: Any,
    network: Network,
    *,
    named: str,
    name: str,
    path: str,
    missing: str | None = None,
    invalid: str | None = None,
) -> str:
    """Check that an address has the network's form, and return it.

    Args:
        value: The value in the payload.
        network: Chain the address must fit.
        named: The network's name as the caller wrote it, for the error.
        name: What messages call it, e.g. ``recipient``.
        path: The member it came from, for the error.
        missing: The service's text for a missing address, if known.
        invalid: Start of the service's text for a malformed address, if known.

    Raises:
        ValidationException: if it is missing, malformed, or for the other kind of chain.
    """
    if value is None or value == "":
        raise ValidationException.rule(path, missing or f"Payment {name} is required")
    if has_form(value, network):
        return str(value)
    if network.wallet_network != SOLANA and isinstance(value, str) and _BASE58.fullmatch(value):
        raise ValidationException.rule(  # [live 2026-06]
            path,
            "Address format mismatch: Non-EVM address cannot be used with EVM network: " + named,
        )
    raise ValidationException.rule(path, malformed(invalid or f"Payment {name} is invalid.", value))


def atomic_amount(value: Any, path: str) -> int:
    """Check an amount and return it in atomic units.

    Args:
        value: A string of ASCII digits; a JSON integer is accepted too [decided].
        path: The member it came from, for the error.

    Raises:
        ValidationException: if it is missing, not a positive whole number, or too large.
    """
    if value is None or value == "":
        raise ValidationException.rule(path, "Payment amount is required")
    if isinstance(value, int) and not isinstance(value, bool):
        amount = value
    elif isinstance(value, str) and _DIGITS.fullmatch(value):
        digits = value.lstrip("0")
        # Python refuses to convert thousands of digits, so check the length first.
        amount = int(digits or "0") if len(digits) <= _LONGEST else MAXIMUM_AMOUNT + 1
    else:
        amount = 0
    if amount <= 0:
        raise ValidationException.rule(
            path, f"Payment amount must be a positive number. Received: {shown(value)}"
        )
    if amount > MAXIMUM_AMOUNT:
        raise ValidationException.rule(
            path,
            f"Payment amount exceeds maximum allowed value. Received: {shown(value)}, "
            f"Maximum: {MAXIMUM_AMOUNT}",
        )
    return amount


def shown(value: Any) -> str:
    """Return a caller's value shortened for use in a message, always as text."""
    if isinstance(value, str):
        text = value.encode("utf-8", "replace").decode()
    else:
        try:
            text = json.dumps(value, default=lambda other: type(other).__name__)
        except (ValueError, RecursionError, TypeError):
            text = type(value).__name__
    return text if len(text) <= _SHOWN_CHARACTERS else text[: _SHOWN_CHARACTERS - 1] + "…"
