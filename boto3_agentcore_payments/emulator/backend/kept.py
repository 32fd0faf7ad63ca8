"""What can be kept of an emulated service: the rows of its state, and those of the backend.

The backend's own rows are the keys that a test told it to verify signatures with.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.emulator.engine import saved
from boto3_agentcore_payments.emulator.engine.errors import SavedStateError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from boto3_agentcore_payments.emulator.backend.models import PaymentsBackend
    from boto3_agentcore_payments.emulator.engine.faults import Fault
    from boto3_agentcore_payments.emulator.engine.saved import Key

TRUSTED = ("trusted",)
SELLERS = ("sellers",)
OWN = frozenset({TRUSTED, SELLERS})
"""The keys of the rows that are the backend's."""


def own_rows(backend: PaymentsBackend) -> dict[Key, str]:
    """Return the rows that are the backend's; a row of a state is one of ``engine.saved``."""
    return {key: json.dumps(_holder(backend, key).listed()) for key in (TRUSTED, SELLERS)}


def rows(backend: PaymentsBackend) -> dict[Key, str]:
    """Return every row of an emulated service."""
    return {**saved.rows(backend.state), **own_rows(backend)}


def put_back(
    backend: PaymentsBackend,
    found: Iterable[tuple[Key, str]],
    *,
    shared: dict[str, Fault] | None = None,
) -> None:
    """Fill an emulated service in which nothing happened yet.

    Args:
        backend: The service.
        found: Keys and texts, in any order.
        shared: The same for all services that are filled together; see ``engine.saved``.

    Raises:
        SavedStateError: if the rows do not make a service; it is then to be thrown away.
        MissingExtraError: if a seller's keys are among them and joserfc is not installed.
    """
    found = list(found)
    saved.put_back(backend.state, [pair for pair in found if pair[0] not in OWN], shared=shared)
    try:
        for key, text in found:
            if key in OWN:
                _holder(backend, key).put_back(json.loads(text))
    except (ValueError, TypeError) as error:
        raise SavedStateError(type(error).__name__) from None


def replace(
    backend: PaymentsBackend,
    found: Iterable[tuple[Key, str]],
    *,
    shared: dict[str, Fault] | None = None,
) -> None:
    """Make an emulated service as its rows say, in one step for calls that run meanwhile.

    The starts that were made in it stay known.

    Args:
        backend: The service.
        found: As for :func:`put_back`.
        shared: As for :func:`put_back`.

    Raises:
        SavedStateError: if the rows do not make a service; it is then as it was.
    """
    other = backend.replacement()
    put_back(other, found, shared=shared)
    other.starts = backend.starts
    backend.become(other)


def _holder(backend: PaymentsBackend, key: Key) -> Any:
    return backend.trusted_keys if key == TRUSTED else backend.seller_keys
