"""Imports of signing libraries, each on first use and each with the extra that brings it.

The import time of these libraries is what an emulator user would notice (eth-account alone takes
most of a second), so nothing here is imported before a payment needs it.
"""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.errors import MissingExtraError

if TYPE_CHECKING:
    from types import ModuleType

#: pympp's own lower bound (its metadata: Requires-Python >=3.11).
PYMPP_PYTHON = (3, 11)


def eth_account(what: str) -> Any:
    """Return the ``eth_account`` package.

    Args:
        what: What needs it, as the user would name it; used in the error.

    Raises:
        MissingExtraError: it is not installed.
    """
    return _load("eth_account", what=what, extra="emulator")


def eth_keys(what: str) -> Any:
    """Return the ``eth_keys`` package, which eth-account brings, and which imports much faster.

    Args:
        what: What needs it, as the user would name it; used in the error.

    Raises:
        MissingExtraError: it is not installed.
    """
    return _load("eth_keys", what=what, extra="emulator")


def eth_utils(what: str) -> Any:
    """Return the ``eth_utils`` package, which eth-account brings.

    Args:
        what: What needs it, as the user would name it; used in the error.

    Raises:
        MissingExtraError: it is not installed.
    """
    return _load("eth_utils", what=what, extra="emulator")


def solders(submodule: str, what: str) -> Any:
    """Return ``solders.<submodule>``.

    Args:
        submodule: e.g. ``pubkey``.
        what: What needs it, as the user would name it; used in the error.

    Raises:
        MissingExtraError: it is not installed.
    """
    return _load(f"solders.{submodule}", what=what, extra="emulator")


def tempo(module: str) -> Any:
    """Return a module of pympp's or pytempo's, for a Tempo charge.

    Args:
        module: Dotted name, e.g. ``pytempo``.

    Raises:
        MissingExtraError: it is not installed; on a Python that pympp does not support the
            message says that as well.
    """
    what = "A Tempo payment proof"
    if sys.version_info < PYMPP_PYTHON:
        needed = ".".join(map(str, PYMPP_PYTHON))
        running = ".".join(map(str, sys.version_info[:2]))
        what = f"{what} (which takes Python {needed} or newer; this is Python {running})"
    return _load(module, what=what, extra="mpp")


def _load(module: str, *, what: str, extra: str) -> ModuleType:
    loaded = sys.modules.get(module)
    if loaded is not None:
        return loaded
    try:
        return importlib.import_module(module)
    except ImportError as error:
        missing = module.partition(".")[0]
        raise MissingExtraError(what, extra=extra, module=missing) from error
