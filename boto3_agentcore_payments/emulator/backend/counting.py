"""Count the data plane's calls by second and dimensions, for CloudWatch's metrics.

Behaviour:
    - [guide] Eleven metrics with their units; dimensions Operation always, PaymentManagerId,
      PaymentConnectorId where known, AgentName where given, Currency for SpendAmount.
    - [decided] A call is one data point, with all of its dimensions, in each metric it affects;
      the other metrics get no data point, not a zero.
    - [decided] OperationFailure counts every call answered with an error, Throttles those with 429,
      UserErrors those with another 4xx.
    - [decided] A repeated answer to a client token is a call that succeeded, and spends nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from boto3_agentcore_payments.emulator.engine.errors import ThrottlingException
from boto3_agentcore_payments.emulator.engine.events import REFUSED, SUCCEEDED

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from boto3_agentcore_payments.emulator.engine.events import OperationEvent

COUNT = "Count"
MILLISECONDS = "Milliseconds"
NO_UNIT = "None"
MOST = 10_000
"""Rows kept of one account and region; the oldest go first."""
_SESSIONS = ("CreatePaymentSession", "DeletePaymentSession")


class Point(NamedTuple):
    """What identifies a data point: everything except its values."""

    second: datetime
    metric: str
    unit: str
    dimensions: tuple[tuple[str, str], ...]


class Values:
    """The count, sum, minimum and maximum of some values."""

    __slots__ = ("count", "least", "most", "total")

    def __init__(self, value: float, times: int = 1) -> None:
        self.count = times
        self.total = value * times
        self.least = self.most = value

    def add(self, value: float) -> None:
        """Add one value."""
        self.count += 1
        self.total += value
        if value < self.least:
            self.least = value
        elif value > self.most:
            self.most = value

    def join(self, others: Values) -> None:
        """Add other values."""
        self.count += others.count
        self.total += others.total
        self.least = min(self.least, others.least)
        self.most = max(self.most, others.most)


class Row(NamedTuple):
    """What calls that are counted together have in common."""

    second: datetime
    operation: str
    manager_id: str | None
    connector_id: str | None
    agent: str | None
    outcome: str
    error_code: str | None

    def dimensions(self) -> tuple[tuple[str, str], ...]:
        """Return the dimensions of the metrics of these calls."""
        named = {
            "Operation": self.operation,
            "PaymentManagerId": self.manager_id,
            "PaymentConnectorId": self.connector_id,
            "AgentName": self.agent,
        }
        return tuple((name, value) for name, value in named.items() if value)


class Counts:
    """The counts of one account and region.

    Attributes:
        sessions_changed: Manager id -> second of the last session created or deleted.
    """

    def __init__(self) -> None:
        self.sessions_changed: dict[str, datetime] = {}
        self._latencies: dict[Row, Values] = {}
        self._spent: dict[Row, Values] = {}

    def add(self, event: OperationEvent, connector_id: str | None) -> None:
        """Count a call, with its connector if known."""
        row = Row(
            event.started_at.replace(microsecond=0),
            event.operation,
            event.manager_id,
            connector_id,
            event.agent,
            event.outcome,
            event.error_code,
        )
        _add(self._latencies, row, event.latency * 1000)
        if event.outcome != SUCCEEDED:
            return
        if event.amount is not None and not event.repeated:
            _add(self._spent, row, float(event.amount))
        if event.operation in _SESSIONS and event.manager_id:
            self.sessions_changed[event.manager_id] = row.second

    def points(self) -> dict[Point, Values]:
        """Return the data points of all metrics but ActiveSessions."""
        points: dict[Point, Values] = {}
        for row, latencies in self._latencies.items():
            for metric, unit, values in _measures(row, latencies):
                _join(points, Point(row.second, metric, unit, row.dimensions()), values)
        for row, amounts in self._spent.items():
            dimensions = (*row.dimensions(), ("Currency", "USD"))
            _join(points, Point(row.second, "SpendAmount", NO_UNIT, dimensions), amounts)
        return points


def _add(rows: dict[Row, Values], row: Row, value: float) -> None:
    values = rows.get(row)
    if values is not None:
        values.add(value)
        return
    rows[row] = Values(value)
    if len(rows) > MOST:
        del rows[next(iter(rows))]


def _join(points: dict[Point, Values], point: Point, values: Values) -> None:
    there = points.get(point)
    if there is None:
        there = points[point] = Values(values.least, 0)
    there.join(values)


def _measures(row: Row, latencies: Values) -> Iterator[tuple[str, str, Values]]:
    """Yield the metric, unit and values of calls that are counted together."""
    each_once = Values(1, latencies.count)
    succeeded = row.outcome == SUCCEEDED
    yield "OperationSuccess" if succeeded else "OperationFailure", COUNT, each_once
    if row.error_code == ThrottlingException.code:
        yield "Throttles", COUNT, each_once
    elif row.outcome == REFUSED:
        yield "UserErrors", COUNT, each_once
    yield "OperationLatency", MILLISECONDS, latencies
    if row.operation == "ProcessPayment":
        yield "PaymentRequestCount", COUNT, each_once
        yield "PaymentSuccessCount" if succeeded else "PaymentFailureCount", COUNT, each_once
        yield "PaymentLatency", MILLISECONDS, latencies
