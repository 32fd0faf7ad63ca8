"""Vended logs of payment managers in moto's CloudWatch Logs: one entry for each data-plane call.

Behaviour:
    - [guide] There is an entry for every data-plane call of a manager with a delivery, except
      GetResourcePaymentToken.
    - [decided] The entry is a JSON object with the members of ``entry``; the log stream is
      ``agentcore-payments``, made with the first entry. A log group that does not exist gets none.
    - [decided] Deliveries to S3 and Firehose are accepted and receive nothing.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.emulator.wire.serializing import epoch, iso8601

if TYPE_CHECKING:
    from boto3_agentcore_payments.emulator.engine.events import OperationEvent

STREAM = "agentcore-payments"
_LOG_GROUP = ":log-group:"


def deliver(event: OperationEvent) -> None:
    """Write the entry of a call to every log group that a delivery of its manager names."""
    from moto.logs.models import logs_backends

    backend = logs_backends[event.account_id][event.region]
    names = {
        source.name
        for source in backend.delivery_sources.values()
        if event.manager_arn in source.resource_arns
    }
    if not names:
        return
    destinations = {each.arn: each for each in backend.delivery_destinations.values()}
    for delivery in list(backend.deliveries.values()):
        if delivery.delivery_source_name in names:
            destination = destinations.get(delivery.delivery_destination_arn)
            if destination is not None:
                _write(backend, destination.delivery_destination_configuration, event)


def _write(backend: Any, configuration: dict[str, str], event: OperationEvent) -> None:
    _, found, named = configuration["destinationResourceArn"].partition(_LOG_GROUP)
    group = named.removesuffix(":*")
    if not found or group not in backend.groups:
        return
    if STREAM not in backend.groups[group].streams:
        backend.create_log_stream(group, STREAM)
    milliseconds = round(epoch(event.started_at) * 1000)
    message = json.dumps(entry(event), separators=(",", ":"))
    backend.put_log_events(group, STREAM, [{"timestamp": milliseconds, "message": message}])


def entry(event: OperationEvent) -> dict[str, Any]:
    """Return the entry of a call; unknown values are left out.

    It has no amount, no recipient and no error text, because these quote the payment.
    """
    members = {
        "timestamp": iso8601(event.started_at),
        "request_id": event.request_id,
        "operation": event.operation,
        "outcome": event.outcome,
        "error_code": event.error_code,
        "latency_ms": round(event.latency * 1000, 3),
        "account_id": event.account_id,
        "region": event.region,
        "resource_arn": event.manager_arn,
        "payment_manager_id": event.manager_id,
        "user_id": event.user,
        "agent_name": event.agent,
    }
    return {name: value for name, value in members.items() if value is not None}
