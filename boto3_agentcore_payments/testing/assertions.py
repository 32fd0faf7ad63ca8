"""Assertions over the attempts to pay, and the table a failed one shows."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from boto3_agentcore_payments.testing.options import money
from boto3_agentcore_payments.testing.scenarios import phrases

if TYPE_CHECKING:
    from collections.abc import Sequence

    from boto3_agentcore_payments.emulator.engine.attempts import Attempt

_REFUSED = "refused"
_SETTLED = "settled"
_SHOWN = 20
"""Attempts that a table shows, the newest."""
_WIDEST = 100
"""Characters of a cell."""
_COLUMNS = ("#", "time", "user", "agent", "USD", "payee", "network", "outcome", "reason")


@dataclass(frozen=True)
class Expected:
    """What an attempt has to be to count; ``None`` is anything.

    Attributes:
        refused: Whether it was refused, rather than signed or settled.
        amount: US dollars.
        to: The payee's address or product id.
        user: The user who paid.
        network: CAIP-2 name of the chain.
        settled: Whether the money moved.
        reason: Part of a refusal's message or code, or a scenario's name.
    """

    refused: bool
    amount: str | None = None
    to: str | None = None
    user: str | None = None
    network: str | None = None
    settled: bool | None = None
    reason: str | None = None

    def differences(self, attempt: Attempt) -> list[str]:
        """Return in what an attempt is not as expected, as a person would say it."""
        found = []
        if (attempt.outcome == _REFUSED) is not self.refused:
            found.append(f"it was {attempt.outcome}")
        elif self.settled is not None and (attempt.outcome == _SETTLED) is not self.settled:
            found.append("it was settled" if not self.settled else "it was signed and not settled")
        if self.amount is not None and not _same_amount(attempt.amount, self.amount):
            found.append(f"its amount is {attempt.amount or 'not known'} and not {self.amount}")
        if self.to is not None and not _same_address(attempt.payee, self.to):
            found.append(f"its payee is {attempt.payee or 'not known'} and not {self.to}")
        for name in ("user", "network"):
            wanted, actual = getattr(self, name), getattr(attempt, name)
            if wanted is not None and wanted != actual:
                found.append(f"its {name} is {actual or 'not known'} and not {wanted}")
        if self.reason is not None and not found and not _has_reason(attempt, self.reason):
            found.append(f"its reason does not say {self.reason!r}")
        return found

    def __str__(self) -> str:
        """Return what was expected, without how often."""
        parts = []
        if self.amount is not None:
            parts.append(f"of {self.amount} USD")
        if self.to is not None:
            parts.append(f"to {self.to}")
        if self.user is not None:
            parts.append(f"by {self.user}")
        if self.network is not None:
            parts.append(f"on {self.network}")
        if self.settled is not None:
            parts.append("that was settled" if self.settled else "that was not settled")
        if self.reason is not None:
            parts.append(f"for the reason {self.reason!r}")
        return " ".join(parts)


def check_times(times: object) -> int | None:
    """Return how often something is expected.

    Raises:
        TypeError: if it is not a whole number or ``None``.
        ValueError: if it is negative.
    """
    __tracebackhide__ = True
    if times is None:
        return None
    if isinstance(times, bool) or not isinstance(times, int):
        raise TypeError(f"times must be a whole number, not {times!r}")
    if times < 0:
        raise ValueError(f"times must be 0 or more, not {times}")
    return times


def expected_amount(amount: object) -> str | None:
    """Return an expected amount as text; see :func:`money`."""
    __tracebackhide__ = True
    return None if amount is None else money(amount, "the amount")


def address(to: object) -> str | None:
    """Return an expected payee.

    Raises:
        TypeError: if it is anything but text, such as a merchant instead of its ``pay_to``.
    """
    __tracebackhide__ = True
    if to is None or isinstance(to, str):
        return to
    pay_to = getattr(to, "pay_to", None)
    hint = f"; write its pay_to, {pay_to!r}" if isinstance(pay_to, str) else ""
    raise TypeError(f"to must be an address, not {type(to).__name__}{hint}")


def check(
    expected: Expected, times: int | None, attempts: Sequence[Attempt], hint: str
) -> str | None:
    """Return why attempts are not as expected, or ``None`` if they are.

    Args:
        expected: What counts.
        times: How many of them there must be; ``None`` for one or more.
        attempts: Every attempt, newest last.
        hint: What to look at if there was no attempt at all.
    """
    counted = sum(not expected.differences(attempt) for attempt in attempts)
    if counted == times or (times is None and counted):
        return None
    kind = "refusal" if expected.refused else "payment"
    wanted = f"at least 1 {kind}" if times is None else f"exactly {_number(times, kind)}"
    lines = [f"expected {wanted} {expected}".rstrip() + f", but there {_were(counted)}."]
    if not counted:
        lines += _nearest(expected, attempts)
    return "\n".join([*lines, *table(attempts, hint)])


def check_nothing_paid(attempts: Sequence[Attempt], hint: str) -> str | None:
    """Return what was paid where nothing should have been, or ``None``; see :func:`check`."""
    paid = sum(attempt.outcome != _REFUSED for attempt in attempts)
    if not paid:
        return None
    lines = [f"expected that nothing was paid, but {_number(paid, 'payment')} went out."]
    return "\n".join([*lines, *table(attempts, hint)])


def table(attempts: Sequence[Attempt], hint: str = "") -> list[str]:
    """Return the attempts as lines of a table, newest last, or what to look at without any."""
    if not attempts:
        return ["No attempt to pay reached ProcessPayment.", *([hint] if hint else [])]
    first = max(0, len(attempts) - _SHOWN)
    shown = attempts[first:]
    title = "What happened, newest last"
    if first:
        title += f" (the last {_SHOWN} of {len(attempts)} attempts)"
    rows = [_COLUMNS, *(_row(number, each) for number, each in enumerate(shown, first + 1))]
    widths = [max(map(len, column)) for column in zip(*rows)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths)) for row in rows)
    return [f"{title}:", *(f"  {line}".rstrip() for line in lines)]


def _row(number: int, attempt: Attempt) -> tuple[str, ...]:
    cells = (
        str(number),
        attempt.time.strftime("%H:%M:%S"),
        attempt.user,
        attempt.agent,
        attempt.amount,
        attempt.payee,
        attempt.network,
        attempt.outcome,
        attempt.reason,
    )
    return tuple(_cell(cell) for cell in cells)


def _cell(text: str | None) -> str:
    if not text:
        return "-"
    line = " ".join(text.split())
    return line if len(line) <= _WIDEST else f"{line[: _WIDEST - 1]}…"


def _nearest(expected: Expected, attempts: Sequence[Attempt]) -> list[str]:
    """Return which attempt came nearest, the newest of several, and what was wrong with it."""
    if not attempts:
        return []
    ranked = [
        (
            (attempt.outcome == _REFUSED) is not expected.refused,
            len(expected.differences(attempt)),
            -number,
        )
        for number, attempt in enumerate(attempts, 1)
    ]
    number = -min(ranked)[-1]
    why = ", and ".join(expected.differences(attempts[number - 1]))
    return [f"The nearest is #{number}: {why}."]


def _number(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _were(count: int) -> str:
    return "was none" if not count else ("was 1" if count == 1 else f"were {count}")


def _same_amount(actual: str | None, wanted: str) -> bool:
    return actual is not None and Decimal(actual) == Decimal(wanted)


def _same_address(actual: str | None, wanted: str) -> bool:
    """Compare addresses; those of EVM chains in any case, which is their checksum only."""
    if actual is None:
        return False
    if actual[:2].lower() == "0x":
        return actual.lower() == wanted.lower()
    return actual == wanted


def _has_reason(attempt: Attempt, reason: str) -> bool:
    said = f"{attempt.error_code or ''} {attempt.reason or ''}".lower()
    return any(phrase.lower() in said for phrase in phrases(reason))
