"""A payment manager as a delivery source of moto's CloudWatch Logs.

The table of services inside moto's ``put_delivery_source`` lacks payment managers. This module
extends the function before moto answers its first request to CloudWatch Logs.

Behaviour:
    - [guide] The log type is APPLICATION_LOGS, the resource the manager's ARN.
    - [decided] A manager that does not exist is a ResourceNotFoundException.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.emulator.backend.models import payments_backends
from boto3_agentcore_payments.emulator.engine.finding import find_manager_by_arn

if TYPE_CHECKING:
    from types import ModuleType

LOG_TYPE = "APPLICATION_LOGS"


def accept_managers(logs: ModuleType) -> None:
    """Let moto's CloudWatch Logs accept payment managers as delivery sources.

    Args:
        logs: ``moto.logs.models``.
    """
    theirs = logs.LogsBackend.put_delivery_source
    if hasattr(theirs, "__wrapped__"):
        return

    @functools.wraps(theirs)
    def put_delivery_source(
        backend: Any, name: str, resource_arn: str, log_type: str, tags: dict[str, str]
    ) -> Any:
        if ":bedrock-agentcore:" not in resource_arn or ":payment-manager/" not in resource_arn:
            return theirs(backend, name, resource_arn, log_type, tags)
        if log_type != LOG_TYPE:
            raise logs.ValidationException(msg=" This service is not allowed for this LogSource.")
        if not _is_manager(backend.account_id, backend.region_name, resource_arn):
            raise logs.ResourceNotFoundException(msg=f"Resource {resource_arn} does not exist.")
        there = backend.delivery_sources.get(name)
        if there is not None and tags:
            raise logs.ConflictException(
                msg="Tags can only be provided when a resource is being created, not updated."
            )
        if there is not None and resource_arn not in there.resource_arns:
            raise logs.ConflictException(
                msg=f"Delivery source {name} belongs to another resource; create a new one."
            )
        source = logs.DeliverySource(
            account_id=backend.account_id,
            region=backend.region_name,
            name=name,
            resource_arn=resource_arn,
            log_type=log_type,
            tags=tags,
        )
        backend.delivery_sources[name] = source
        if tags:
            backend.tag_resource(source.arn, tags)
        return source

    logs.LogsBackend.put_delivery_source = put_delivery_source


def _is_manager(account_id: str, region: str, arn: str) -> bool:
    state = payments_backends[account_id][region].state
    with state.lock:
        return find_manager_by_arn(state, arn) is not None
