"""What holds for each emulated account, in all of its regions."""

from __future__ import annotations

import os
from threading import Lock

from boto3_agentcore_payments.emulator.engine.account import KINDS, READY, Account

VARIABLE = "BOTO3_AGENTCORE_PAYMENTS_ACCOUNT"
"""The set of defaults that accounts begin with: ``ready``, the default, or ``new``."""

_accounts: dict[str, Account] = {}
_lock = Lock()


def first_kind() -> str:
    """Return the set of defaults that :data:`VARIABLE` names.

    Raises:
        ValueError: if it names none.
    """
    named = os.environ.get(VARIABLE) or READY
    kind = named.upper()
    if kind not in KINDS:
        known = ", ".join(each.lower() for each in KINDS)
        raise ValueError(f"{VARIABLE}={named!r} is no set of defaults; one of {known}")
    return kind


def of(account_id: str) -> Account:
    """Return an account, new with the first set of defaults."""
    with _lock:
        account = _accounts.get(account_id)
        if account is None:
            account = _accounts[account_id] = Account(first_kind())
        return account


def reset(account_id: str) -> None:
    """Make an account begin again, as moto's reset wants it."""
    of(account_id).begin(first_kind())
