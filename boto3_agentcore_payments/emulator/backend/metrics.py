"""The data plane's metrics in moto's CloudWatch, made when CloudWatch is asked for them.

moto asks every direct subclass of ``CloudWatchMetricProvider``, so importing this module is what
adds ours. It is imported before moto answers a first request to CloudWatch.

Behaviour:
    - [decided] The namespace is AWS/Bedrock-AgentCore, that of the service's gateway.
    - [decided] ActiveSessions is the number of a manager's sessions that are neither expired nor
      deleted when CloudWatch is asked, at the time of the last session created or deleted.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from moto.cloudwatch.models import MetricAggregatedDatum
from moto.core.common_models import CloudWatchMetricProvider
from moto.core.model_instances import model_data

from boto3_agentcore_payments.emulator.backend.counting import COUNT, Point, Values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from typing_extensions import Self

    from boto3_agentcore_payments.emulator.backend.observing import Observer

NAMESPACE = "AWS/Bedrock-AgentCore"
_BACKENDS = "boto3_agentcore_payments.emulator.backend.models"


class PaymentsDatum(MetricAggregatedDatum):
    """One data point in the form of moto's CloudWatch."""

    def __new__(cls, *_: object, **__: object) -> Self:
        """Make an instance outside moto's list of instances, which would keep it alive."""
        return object.__new__(cls)

    def __init__(self, point: Point, values: Values) -> None:
        super().__init__(
            namespace=NAMESPACE,
            name=point.metric,
            min_stat=values.least,
            max_stat=values.most,
            sample_count=values.count,
            sum_stat=values.total,
            dimensions=[{"Name": name, "Value": value} for name, value in point.dimensions],
            timestamp=None,
            unit=point.unit,
        )
        # The time moto has just set says whether this moto compares aware times (5.1.0) or naive.
        aware = self.timestamp.tzinfo is not None
        self.timestamp = point.second if aware else point.second.replace(tzinfo=None)


class PaymentsMetrics(CloudWatchMetricProvider):
    """What moto's CloudWatch asks for our metrics."""

    @staticmethod
    def get_cloudwatch_metrics(account_id: str, region: str) -> list[PaymentsDatum]:
        """Return the data points of an account and region; empty if no call was made."""
        models = sys.modules.get(_BACKENDS)
        if models is None or region not in models.payments_backends[account_id]:
            return []
        observer = models.payments_backends[account_id][region].observer
        return [PaymentsDatum(point, values) for point, values in _points(observer)]


def _points(observer: Observer) -> Iterator[tuple[Point, Values]]:
    counts = observer.counts()
    yield from counts.points().items()
    for manager_id, second in list(counts.sessions_changed.items()):
        dimensions = (("Operation", "CreatePaymentSession"), ("PaymentManagerId", manager_id))
        active = Values(observer.active_sessions(manager_id))
        yield Point(second, "ActiveSessions", COUNT, dimensions), active


# The dashboard shows a page for every model class; this one has nothing to show.
model_data[__name__.split(".")[1]].pop(PaymentsDatum.__name__, None)
