"""Merchants for a test, in the region of the account that is open."""

from __future__ import annotations

import inspect
import traceback
from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments import merchants
from boto3_agentcore_payments.errors import AgentCorePaymentsError, MissingExtraError

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
        TypeError: if it has no such argument, or the argument is of another type.
        ValueError: if an argument cannot have such a value.
        MissingExtraError: if the extra it needs is not installed.
    """
    __tracebackhide__ = True
    make = getattr(merchants, kind, None)
    if make is None:
        raise AgentCorePaymentsError(f"this version of boto3-agentcore-payments has no {kind}()")
    signature = inspect.signature(make)
    try:
        signature.bind(**options)
    except TypeError as error:
        raise TypeError(f"{kind}() {error}") from None
    known = signature.parameters
    if not options.keys() & {"ledger", "endpoint_url"}:
        options = {**{name: place[name] for name in place if name in known}, **options}
    try:
        return stack.enter_context(make(**options))
    except (AgentCorePaymentsError, TypeError, ValueError) as error:
        if not _says_what_is_wrong(error):
            raise
        mistake = error
    # A test's mistake is shown at the test's line: the merchant's own frames say no more.
    raise mistake.with_traceback(None) from None


def _says_what_is_wrong(error: Exception) -> bool:
    """Return whether an error is this package's word on an argument or on a missing library.

    An error that another library raised, and the failed import of a library that is there, need
    their tracebacks.
    """
    if isinstance(error, MissingExtraError):
        return isinstance(error.__cause__, ModuleNotFoundError)
    *_, (frame, _) = traceback.walk_tb(error.__traceback__)
    module: str = frame.f_globals.get("__name__", "")
    return module.startswith(merchants.__name__)
