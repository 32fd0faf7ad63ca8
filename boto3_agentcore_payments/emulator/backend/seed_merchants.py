"""The merchants of a known start, with the names and arguments of the Python API's."""

from __future__ import annotations

import importlib
import inspect
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from contextlib import ExitStack

KINDS = ("x402_merchant", "mpp_merchant", "aws_billing_merchant", "mcp_merchant")
_NOT_IN_A_DOCUMENT = frozenset({"handler", "ledger", "endpoint_url", "account_id", "region"})
_TYPES: dict[str, tuple[type, str]] = {
    "str": (str, "text (in quotes, where it is a number)"),
    "int": (int, "a whole number"),
    "bool": (bool, "true or false"),
    "Mapping[str, str]": (dict, "an object with text values (in quotes, where they are numbers)"),
}


def check(entry: object, path: str) -> None:
    """Check the keys and the types of one merchant.

    Args:
        entry: What the document says.
        path: Its place in the document.

    Raises:
        ValueError: if something in it is wrong; the message begins with its place.
    """
    if not isinstance(entry, dict):
        raise ValueError(f"{path} must be an object")  # noqa: TRY004 - one error for every bad document
    if "kind" not in entry:
        raise ValueError(f"{path}: key 'kind' is missing; one of {', '.join(KINDS)}")
    kind = entry["kind"]
    if kind not in KINDS:
        raise ValueError(f"{path}.kind: unknown kind {kind!r}; one of {', '.join(KINDS)}")
    known = {
        name: str(parameter.annotation)
        for name, parameter in inspect.signature(_function(kind)).parameters.items()
        if name not in _NOT_IN_A_DOCUMENT
    }
    for name, value in entry.items():
        if name == "kind":
            continue
        if name not in known:
            names = ", ".join(("kind", *known))
            raise ValueError(f"{path}.{name}: unknown key {name!r}; one of {names}")
        _check_type(known[name], value, f"{path}.{name}")


def _check_type(annotation: str, value: object, path: str) -> None:
    wanted, _, optional = annotation.partition(" | ")
    if value is None and optional:
        return
    kind, words = _TYPES[wanted]
    right = isinstance(value, kind) and isinstance(value, bool) == (kind is bool)
    if right and isinstance(value, dict):
        right = all(isinstance(each, str) for pair in value.items() for each in pair)
    if not right:
        raise ValueError(f"{path} must be {words}")


def _function(kind: str) -> Any:
    # By name: merchants are above the emulator, and only a start that opens some needs them.
    return getattr(importlib.import_module("boto3_agentcore_payments.merchants"), kind)


def opened(
    stack: ExitStack, entries: Iterable[Mapping[str, Any]], account_id: str, region: str
) -> list[tuple[str, Any]]:
    """Open merchants until a stack is closed, which settle in one account and region.

    Args:
        stack: Closes them.
        entries: Merchants of a document that was checked.
        account_id: The account.
        region: The region.

    Returns:
        The kind of each, and the merchant.

    Raises:
        ValueError: if a merchant cannot be opened with its arguments; the message begins with its
            place.
        MissingExtraError: if the extra it needs is not installed.
    """
    merchants = []
    for number, entry in enumerate(entries):
        options = dict(entry)
        function = _function(options.pop("kind"))
        known = inspect.signature(function).parameters
        place = {"account_id": account_id, "region": region}
        options.update({name: place[name] for name in place if name in known})
        try:
            merchants.append((entry["kind"], stack.enter_context(function(**options))))
        except ValueError as error:
            raise ValueError(f"merchants[{number}]: {error}") from error
    return merchants


def described(merchants: Iterable[tuple[str, Any]]) -> list[dict[str, Any]]:
    """Return what a client needs to know of merchants."""
    return [
        {
            "kind": kind,
            "url": merchant.url,
            "urls": dict(merchant.urls),
            "pay_to": merchant.pay_to,
        }
        for kind, merchant in merchants
    ]
