"""Atomic token amounts as payloads write them: decimal digits in a string."""

from __future__ import annotations

import re
from typing import Any

from boto3_agentcore_payments.emulator.proofs.refusals import refusal, shown

#: Largest amount signed [our decision]: what a Solana token amount can hold, on every chain.
MAXIMUM_AMOUNT = 2**64 - 1

# ``\\d`` would take every Unicode digit.
_DIGITS = re.compile(r"[0-9]+")
_LONGEST = len(str(MAXIMUM_AMOUNT))


def atomic_amount(value: Any, path: str) -> int:
    """Return an amount in atomic units.

    Args:
        value: A string of ASCII digits; a JSON integer is taken too [our decision].
        path: The member it came from, for the error.

    Raises:
        ValidationException: missing, not a positive whole number, or too large.
    """
    if value is None or value == "":
        raise refusal("Payment amount is required", path)
    if isinstance(value, int) and not isinstance(value, bool):
        amount = value
    elif isinstance(value, str) and _DIGITS.fullmatch(value):
        digits = value.lstrip("0")
        # Python refuses to convert thousands of digits, so look at the length first.
        amount = int(digits or "0") if len(digits) <= _LONGEST else MAXIMUM_AMOUNT + 1
    else:
        amount = 0
    if amount <= 0:
        message = f"Payment amount must be a positive number. Received: {shown(value)}"
        raise refusal(message, path)
    if amount > MAXIMUM_AMOUNT:
        message = (
            f"Payment amount exceeds maximum allowed value. Received: {shown(value)}, "
            f"Maximum: {MAXIMUM_AMOUNT}"
        )
        raise refusal(message, path)
    return amount
