"""The form of every payload error: one ValidationException, naming the member it is about."""

from __future__ import annotations

import json
from typing import Any

from boto3_agentcore_payments.emulator.engine.errors import ValidationException

_SHOWN_CHARACTERS = 100


def refusal(message: str, path: str) -> ValidationException:
    """Return the error for a payload that breaks a rule.

    Args:
        message: The service's text.
        path: The member at fault, from the operation's input on, e.g.
            ``paymentInput.cryptoX402.payload.amount``.
    """
    return ValidationException(message, fields=((path, message),))


def shown(value: Any) -> str:
    """Return a value of the caller's as a message may repeat it: short, and always text."""
    if isinstance(value, str):
        text = value.encode("utf-8", "replace").decode()
    else:
        try:
            text = json.dumps(value, default=lambda other: type(other).__name__)
        except (ValueError, RecursionError, TypeError):
            text = type(value).__name__
    return text if len(text) <= _SHOWN_CHARACTERS else text[: _SHOWN_CHARACTERS - 1] + "…"
