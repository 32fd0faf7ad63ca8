"""Accounts and regions of the emulator: which are in use, and which one an argument means.

Ids of managers, connectors, instruments, sessions and payments are unique, so an id is enough: it
is looked up wherever the emulator has been used.
"""

from __future__ import annotations

import functools
import os
from typing import TYPE_CHECKING

from boto3_agentcore_payments.emulator.engine.errors import (
    UNKNOWN_PAYMENT,
    ResourceNotFoundException,
    SettlementError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeVar

    from boto3_agentcore_payments.emulator.backend.models import PaymentsBackend
    from boto3_agentcore_payments.emulator.engine.state import PaymentsState

    Result = TypeVar("Result")

DEFAULT_ACCOUNT = "123456789012"
"""moto's default account, which unknown keys belong to."""
_NAMES_A_PROFILE = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "HOME")
_FILES = {
    "AWS_CONFIG_FILE": "~/.aws/config",
    "AWS_SHARED_CREDENTIALS_FILE": "~/.aws/credentials",
}
"""Variables that name the files with a profile's region, and where the files are otherwise."""
LAST_RESORT = "us-east-1"
"""The region if nothing names one, as in moto."""


def chosen_region() -> str:
    """Return the default region, as boto3 chooses it.

    It is ``AWS_DEFAULT_REGION``, else the profile's region, else ``us-east-1``.
    """
    named = os.environ.get("AWS_DEFAULT_REGION")
    if named:
        return named
    import boto3

    if boto3.DEFAULT_SESSION is not None:
        return boto3.DEFAULT_SESSION.region_name or LAST_RESORT
    named_by = tuple(map(os.environ.get, _NAMES_A_PROFILE))
    return _region_of_profile(named_by, tuple(_version(*file) for file in _FILES.items()))


def _version(variable: str, otherwise: str) -> tuple[str, int, int]:
    """Return a configuration file's path, and what changes when somebody edits it."""
    path = os.path.expanduser(os.environ.get(variable) or otherwise)  # noqa: PTH111 - as botocore does, 20 us less
    try:
        status = os.stat(path)  # noqa: PTH116 - alike
    except OSError:
        return path, 0, 0
    return path, status.st_mtime_ns, status.st_size


@functools.lru_cache(maxsize=32)
def _region_of_profile(
    named_by: tuple[str | None, ...], files: tuple[tuple[str, int, int], ...]
) -> str:
    """Return the region of the profile that the environment names; a session costs 70 ms."""
    del named_by, files
    import boto3
    from botocore.exceptions import ProfileNotFound

    try:
        region = boto3.Session().region_name
    except ProfileNotFound:
        region = None
    return region or LAST_RESORT


def chosen_account() -> str:
    """Return the default account, which is moto's."""
    return os.environ.get("MOTO_ACCOUNT_ID") or DEFAULT_ACCOUNT


def chosen(account_id: str | None = None, region: str | None = None) -> PaymentsBackend:
    """Return the emulated service of one account and region.

    Args:
        account_id: The account; moto's default one if not given.
        region: The region; see :func:`chosen_region` for the one taken if not given.

    Raises:
        ValueError: if botocore knows no such region.
    """
    # Only this needs moto: a program without it can still import this module.
    from boto3_agentcore_payments.emulator.backend.models import payments_backends

    region = region or chosen_region()
    try:
        return payments_backends[account_id or chosen_account()][region]
    except KeyError:
        raise ValueError(f"unknown region {region!r}") from None


def in_use(account_id: str | None = None, region: str | None = None) -> list[PaymentsBackend]:
    """Return the emulated services in use, that of :func:`chosen` first.

    Args:
        account_id: Only those of this account.
        region: Only those of this region.

    Raises:
        ValueError: if botocore knows no such region.
    """
    from boto3_agentcore_payments.emulator.backend.models import payments_backends

    first = chosen(account_id, region)
    if account_id and region:
        return [first]
    others = [
        backend
        for account, regions in list(payments_backends.items())
        if account_id in {None, account}
        for name, backend in list(regions.items())
        if region in {None, name} and backend is not first
    ]
    return [first, *others]


def states(account_id: str | None = None, region: str | None = None) -> list[PaymentsState]:
    """Return the states of :func:`in_use`."""
    return [backend.state for backend in in_use(account_id, region)]


def where_found(
    candidates: Sequence[PaymentsState], act: Callable[[PaymentsState], Result]
) -> Result:
    """Act in the first state that has what the action names.

    Args:
        candidates: Where to look, at least one.
        act: The action; it raises an error if the state does not have what it names.

    Raises:
        ResourceNotFoundException: if no state has it.
        SettlementError: if no state has the payment, with the places that were looked at; or if
            the one that has it refuses.
    """
    missing: ResourceNotFoundException | None = None
    unknown = ""
    for state in candidates:
        try:
            return act(state)
        except ResourceNotFoundException as error:  # noqa: PERF203 - few places, and looked at once
            missing = missing or error
        except SettlementError as error:
            if error.reason != UNKNOWN_PAYMENT:
                raise
            unknown = str(error)
    if missing is not None:
        raise missing
    raise SettlementError(UNKNOWN_PAYMENT, f"{unknown}; looked in {described(candidates)}")


def described(looked_at: Sequence[PaymentsState]) -> str:
    """Return the places of states, in words: ``us-west-2 of account 123456789012``."""
    return ", ".join(f"{state.region} of account {state.account_id}" for state in looked_at)
