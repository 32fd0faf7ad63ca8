"""Amounts of money, exact from the request's text to the answer's text.

A budget is decimal text in US dollars; a payment is a whole number of atomic USDC units, of which
a million make one dollar (source: [guide]). Nothing here ever rounds.
"""

from __future__ import annotations

import re
from decimal import Clamped, Context, Decimal, Inexact, InvalidOperation, Overflow

from boto3_agentcore_payments.emulator.engine.errors import ValidationException

USDC_DECIMALS = 6
LARGEST_LIMIT = Decimal(10000)
LONGEST_LIMIT_TEXT = 64
_LIMIT_FIELD = "limits.maxSpendAmount.value"
_PLAIN_DECIMAL = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_PLACES_IN_MESSAGES = 4
# Room for the longest limit text plus six places; a result that would not fit is an error, not a
# rounded number.
_EXACT = Context(prec=2 * LONGEST_LIMIT_TEXT, traps=[Inexact, InvalidOperation, Overflow, Clamped])


def check_limit(text: str) -> None:
    """Refuse a session's spending limit that the service would refuse.

    Args:
        text: US dollars as plain decimal text, e.g. ``"0.10"``; no sign other than ``-``, no
            exponent, at most 64 characters (the form is our decision, the model has any string).

    Raises:
        ValidationException: not a plain decimal (our text), not positive, or above 10000
            (both texts: [live]).
    """
    if len(text) > LONGEST_LIMIT_TEXT or not _PLAIN_DECIMAL.fullmatch(text):
        message = "MaxSpendAmount value must be a decimal number"
    elif Decimal(text) <= 0:
        message = "MaxSpendAmount value must be positive"
    elif Decimal(text) > LARGEST_LIMIT:
        message = f"MaxSpendAmount value must not exceed {LARGEST_LIMIT}. Received: {text}"
    else:
        return
    raise ValidationException(message, fields=((_LIMIT_FIELD, message),))


USD_UNITS = 10**8
"""Session money is counted in 10**-8 US dollars: the smallest price of a payment by AWS bill."""
_USD_UNITS_IN_ATOMIC: int = USD_UNITS // 10**USDC_DECIMALS


def usdc_in_usd(atomic: int) -> int:
    """Return atomic USDC units as 10**-8 US dollars: one USDC is one dollar ([guide])."""
    return atomic * _USD_UNITS_IN_ATOMIC


def dollars(atomic: int) -> Decimal:
    """Return atomic USDC units as an exact amount of US dollars: ``10000`` is ``0.010000``."""
    return Decimal(f"{atomic}E-{USDC_DECIMALS}")


def covers(limit: str, atomic: int) -> bool:
    """Tell whether ``limit`` US dollars are at least ``atomic`` USDC units, exactly."""
    return dollars(atomic) <= Decimal(limit)


def remaining_text(limit: str, spent: int) -> str:
    """Return what is left of a limit, exactly, as the text of an answer.

    Nothing spent echoes the limit as it was written ([live]: ``"0.10"`` stays ``"0.10"``). After
    that the amount has as many decimal places as the limit had, and more only where they are
    needed to be exact (our decision): ``"0.10"`` less 10000 units is ``"0.09"``, less one unit
    is ``"0.099999"``.

    Args:
        limit: The limit's text, already checked, in US dollars.
        spent: Atomic USDC units spent so far; never more than the limit.
    """
    if not spent:
        return limit
    left = _EXACT.subtract(Decimal(limit), dollars(spent))
    places = len(limit.partition(".")[2])
    shortest = left.normalize(_EXACT)
    exponent = shortest.as_tuple().exponent
    if not isinstance(exponent, int) or -exponent < places:
        shortest = shortest.quantize(Decimal((0, (1,), -places)), context=_EXACT)
    return f"{shortest:f}"


def transaction_text(atomic: int) -> str:
    """Return a payment's amount in US dollars as the over-budget message words it.

    Four decimal places ([live]: ``5.0000``), and more where four would drop a non-zero digit
    (our decision): 1 unit is ``0.000001``.
    """
    whole, fraction = divmod(atomic, 10**USDC_DECIMALS)
    digits = f"{fraction:0{USDC_DECIMALS}d}"
    shortest = digits.rstrip("0")
    return f"{whole}.{shortest.ljust(_PLACES_IN_MESSAGES, '0')}"
