"""Merchants for a test, in the region of the account that is open."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments import merchants
from boto3_agentcore_payments.errors import AgentCorePaymentsError

if TYPE_CHECKING:
    from contextlib import ExitStack


def open_merchant(stack: ExitStack, kind: str, place: dict[str, str], options: Any) -> Any:
    """Open a merchant that stays open until a stack is closed.

    Args:
        stack: Closes it.
        kind: Name of a function of :mod:`boto3_agentcore_payments.merchants`.
        place: Account and region of the emulator that settles, unless the options say another.
        options: Its arguments.

    Raises:
        AgentCorePaymentsError: if this version has no such merchant.
        MissingExtraError: if the extra it needs is not installed.
    """
    make = getattr(merchants, kind, None)
    if make is None:
        raise AgentCorePaymentsError(f"this version of boto3-agentcore-payments has no {kind}()")
    known = inspect.signature(make).parameters
    if not options.keys() & {"ledger", "endpoint_url"}:
        options = {**{name: place[name] for name in place if name in known}, **options}
    return stack.enter_context(make(**options))
