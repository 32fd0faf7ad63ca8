"""Amounts of money, exact from the request's text to the answer's text.

A budget is decimal text in US dollars; a session is charged a whole number of 10**-8 dollars
(:data:`USD_UNITS` to the dollar). Nothing here ever rounds.
"""

from __future__ import annotations

import re
from decimal import Clamped, Context, Decimal, Inexact, InvalidOperation, Overflow

from boto3_agentcore_payments.emulator.engine.errors import ValidationException

USD_DECIMALS = 8
"""Decimals of a dollar to which session money is exact: as many as prices on the AWS bill have."""
USD_UNITS: int = 10**USD_DECIMALS
"""Units in one dollar; what a session is charged is counted in these units."""
USDC_DECIMALS = 6
"""An atomic unit of USDC is 10**-6 of a token ([guide])."""
_USD_UNITS_IN_USDC_UNIT: int = 10 ** (USD_DECIMALS - USDC_DECIMALS)
LARGEST_LIMIT = Decimal(10000)
LONGEST_LIMIT_TEXT = 64
_LIMIT_FIELD = "limits.maxSpendAmount.value"
_PLAIN_DECIMAL = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_PLACES_IN_MESSAGES = 6
# Room for the longest limit text plus eight places; a result that would not fit is an error, not a
# rounded number.
_EXACT = Context(prec=2 * LONGEST_LIMIT_TEXT, traps=[Inexact, InvalidOperation, Overflow, Clamped])


def check_limit(text: str) -> None:
    """Refuse a session's spending limit that the service would refuse.

    Args:
        text: US dollars as plain decimal text, e.g. ``"0.10"``; no sign other than ``-``, no
            exponent, at most 64 characters ([decided]; the model allows any string).

    Raises:
        ValidationException: if it is not a plain decimal (text: [decided]), not positive, or above
            10000 (both texts: [live]).
    """
    plain = len(text) <= LONGEST_LIMIT_TEXT and _PLAIN_DECIMAL.fullmatch(text)
    limit = Decimal(text) if plain else None
    if limit is None:
        message = "MaxSpendAmount value must be a decimal number"
    elif limit <= 0:
        message = "MaxSpendAmount value must be positive"
    elif limit > LARGEST_LIMIT:
        message = f"MaxSpendAmount value must not exceed {LARGEST_LIMIT}. Received: {text}"
    else:
        return
    raise ValidationException.rule(_LIMIT_FIELD, message)


def usdc_in_usd(atomic: int) -> int:
    """Return atomic USDC units as 10**-8 US dollars: one USDC is one dollar ([guide])."""
    return atomic * _USD_UNITS_IN_USDC_UNIT


def usdc_text(units: int) -> str:
    """Return 10**-8 US dollars as atomic USDC units: ``1000000`` is ``"10000"``."""
    return f"{Decimal(units).scaleb(USDC_DECIMALS - USD_DECIMALS, _EXACT).normalize(_EXACT):f}"


def dollars(units: int) -> Decimal:
    """Return 10**-8 US dollars as an exact amount of dollars: ``1000000`` is ``0.01000000``."""
    return Decimal(f"{units}E-{USD_DECIMALS}")


def usd_units(text: str) -> int:
    """Return US dollars as a whole number of 10**-8 dollars.

    Raises:
        ValueError: if the text is not a plain decimal number from 0 up, or has more decimals.
    """
    whole, _, places = text.partition(".")
    plain = _PLAIN_DECIMAL.fullmatch(text) and not text.startswith("-")
    if not plain or len(text) > LONGEST_LIMIT_TEXT or len(places.rstrip("0")) > USD_DECIMALS:
        raise ValueError(
            f"an amount must be US dollars with at most {USD_DECIMALS} decimals, not {text!r}"
        )
    return int(whole + places[:USD_DECIMALS].ljust(USD_DECIMALS, "0"))


def covers(limit: str, units: int) -> bool:
    """Return whether ``limit`` US dollars are at least ``units`` of 10**-8 dollars, exactly."""
    return dollars(units) <= Decimal(limit)


def plain_text(amount: Decimal) -> str:
    """Return an amount in the form of answers ([recorded]): no trailing zeros, no exponent.

    ``1.00`` is ``"1"``, ``0.10`` is ``"0.1"``, zero is ``"0"``.
    """
    return f"{amount.normalize(_EXACT):f}"


def remaining_text(limit: str, spent: int) -> str:
    """Return what is left of a limit, exactly, as the text of an answer.

    Args:
        limit: The limit's text, already checked, in US dollars.
        spent: Charged so far, in 10**-8 US dollars; never more than the limit.
    """
    return plain_text(_EXACT.subtract(Decimal(limit), dollars(spent)))


def transaction_text(units: int) -> str:
    """Return a payment's amount in US dollars as the over-budget message words it.

    Six decimal places ([live 2026-10]: ``0.002000``), and more where six would drop a non-zero
    digit [decided]: 1 unit of 10**-8 dollars is ``0.00000001``.
    """
    whole, fraction = divmod(units, USD_UNITS)
    shortest = f"{fraction:0{USD_DECIMALS}d}".rstrip("0")
    return f"{whole}.{shortest.ljust(_PLACES_IN_MESSAGES, '0')}"
