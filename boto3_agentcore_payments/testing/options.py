"""What a test may say about its account: checked, with an error that says what to write."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from os import PathLike
from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.errors import AgentCorePaymentsError

if TYPE_CHECKING:
    from collections.abc import Iterable

DEFAULT_REGION = "us-east-1"
_NAME = "agentcore_payments"
_MONEY = re.compile(r"[0-9]{1,18}(?:\.[0-9]{1,8})?")
_REGION = re.compile(r"[a-z]{2,}(?:-[a-z]+)+-[0-9]+")
_USDC_PLACES = 6
_LARGEST_BUDGET = 10_000


class TestOptionError(AgentCorePaymentsError, ValueError):
    """A test asked for what there is not; the message says what to write instead."""

    __test__ = False  # pytest collects what is named Test


@dataclass(frozen=True)
class Options:
    """What a test's account looks like.

    Attributes:
        budget: Limit of the payment session in US dollars, e.g. ``"0.05"``; ``None`` for a session
            without a limit.
        funds: What each wallet holds on every chain, in USDC, e.g. ``"1.00"``.
        user: The user who pays, e.g. ``"alice"``.
        region: An AWS region's name.
        max_price: The payer's ceiling for one payment in US dollars; ``None`` for no ceiling, so
            that the budget alone limits.
        new_account: Begin as a fresh AWS account does, with role and subscription made, delegated
            signing on, and no wallet's user having granted signing.
        seed: A known start, which is made in the account's region beside what the account makes
            itself: the document of ``PaymentsControl.seed``, or the path of a JSON or YAML file.
    """

    budget: str | None = "1.00"
    funds: str = "100.00"
    user: str = "alice"
    region: str = DEFAULT_REGION
    max_price: str | None = None
    new_account: bool = False
    seed: Mapping[str, Any] | str | PathLike[str] | None = None

    @classmethod
    def checked(cls, given: Mapping[str, Any]) -> Options:
        """Return options that a test gave by name.

        Args:
            given: Values by option; amounts as text, ``Decimal`` or whole numbers.

        Raises:
            TestOptionError: if there is no such option, or it cannot have such a value.
        """
        __tracebackhide__ = True
        known = [field.name for field in fields(cls)]
        for name in given:
            if name not in known:
                raise TestOptionError(f"{_NAME} has no option {unknown(name, known)}")
        checked: dict[str, Any] = dict(given)
        for name in ("budget", "max_price"):
            if checked.get(name) is not None:
                checked[name] = money(checked[name], f"option {name!r}")
        if "funds" in checked:
            checked["funds"] = money(checked["funds"], "option 'funds'", places=_USDC_PLACES)
        budget = checked.get("budget")
        if budget is not None and not 0 < Decimal(budget) <= _LARGEST_BUDGET:
            raise TestOptionError(
                f"option 'budget' must be above 0 and at most {_LARGEST_BUDGET} US dollars, not "
                f"{given['budget']!r}; None is a session without a limit"
            )
        _check_text(checked, "user", re.compile(r"\S(?:.*\S)?"), "a user's id such as 'alice'")
        _check_text(checked, "region", _REGION, "an AWS region such as 'us-east-1'")
        if not isinstance(checked.get("new_account", False), bool):
            raise TestOptionError(
                f"option 'new_account' must be True or False, not {checked['new_account']!r}"
            )
        seed = checked.get("seed")
        if not isinstance(seed, (Mapping, str, PathLike)) and seed is not None:
            raise TestOptionError(
                f"option 'seed' must be a document or the path of a file, not {seed!r}"
            )
        return cls(**checked)


def money(value: object, what: str, *, places: int = 8) -> str:
    """Return an amount of US dollars or USDC as plain decimal text.

    Args:
        value: Text such as ``"0.05"``, a ``Decimal`` or a whole number; never a float, whose value
            is not the one that was written.
        what: What it is, for the message.
        places: Decimals it may have at most.

    Raises:
        TestOptionError: if it is anything else.
    """
    __tracebackhide__ = True
    if isinstance(value, float):
        raise TestOptionError(
            f"{what} must be text: write {str(value)!r} instead of the float {value!r}"
        )
    if isinstance(value, Decimal):
        text = f"{value:f}"
    elif isinstance(value, (int, str)) and not isinstance(value, bool):
        text = str(value)
    else:
        raise TestOptionError(f"{what} must be text such as '0.05', not {type(value).__name__}")
    if not _MONEY.fullmatch(text) or len(text.partition(".")[2]) > places:
        raise TestOptionError(
            f"{what} must be an amount such as '0.05', with at most {places} decimals, "
            f"not {value!r}"
        )
    return text


def unknown(name: str, known: Iterable[str]) -> str:
    """Return a name that is not known, with what may have been meant and what there is."""
    known = list(known)
    near = difflib.get_close_matches(str(name), known, n=1, cutoff=0.5)
    meant = f"did you mean {near[0]!r}? " if near else ""
    return f"{name!r}; {meant}There are: {', '.join(map(repr, known))}"


def _check_text(given: Mapping[str, Any], name: str, pattern: re.Pattern[str], what: str) -> None:
    __tracebackhide__ = True
    if name not in given:
        return
    value = given[name]
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise TestOptionError(f"option {name!r} must be {what}, not {value!r}")
