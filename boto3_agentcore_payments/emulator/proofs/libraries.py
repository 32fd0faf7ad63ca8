"""Import signing libraries on first use, and name the extra that provides a missing one.

They are not imported before a payment needs them, because they take longer to import than the
whole of this package.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any

from boto3_agentcore_payments.errors import MissingExtraError


def load(module: str, what: str, *, extra: str = "emulator") -> Any:
    """Return a library's module.

    Args:
        module: Dotted name, e.g. ``solders.pubkey``.
        what: The feature that needs it, as the user would name it; used in the error.
        extra: The extra that provides it.

    Raises:
        MissingExtraError: if it is not installed.
    """
    # sys.modules first, for speed: keccak alone calls this eight times a payment.
    loaded = sys.modules.get(module)
    if loaded is not None:
        return loaded
    try:
        return importlib.import_module(module)
    except ImportError as error:
        missing = module.partition(".")[0]
        raise MissingExtraError(what, extra=extra, module=missing) from error


def find(module: str) -> Any:
    """Return a library's module, or ``None`` if it is not installed."""
    try:
        return importlib.import_module(module)
    except ImportError:
        return None
