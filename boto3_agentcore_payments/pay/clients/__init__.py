"""The HTTP clients that can pay: one file for each, imported on first use."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from boto3_agentcore_payments.errors import MissingExtraError

CLIENTS = {
    "requests": "requests_session",
    "httpx": "httpx_client",
    "httpx_async": "httpx_async_client",
}
"""Name of a client -> its module here, which has ``open_client(core, **options)``."""


def open_client(name: str, core: Any, **options: Any) -> Any:
    """Return a client that pays.

    Raises:
        MissingExtraError: if its library is not installed.
    """
    try:
        module = import_module(f"{__name__}.{CLIENTS[name]}")
    except ImportError as error:
        library = (error.name or name).partition(".")[0]
        what = f"Paying through {name.partition('_')[0]}"
        raise MissingExtraError(what, extra="pay", module=library) from error
    return module.open_client(core, **options)
