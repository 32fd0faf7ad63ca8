"""One span for each data-plane call, where OpenTelemetry is imported and a provider is set.

Behaviour:
    - [guide] ``Bedrock.AgentCore.Payments.<Operation>`` with the documented attributes.
    - [decided] The span ends when the call does, and is a child of the caller's span if both run
      in one process; a call with an error has the status ERROR and the attribute ``error.type``.
    - [decided] ``token_fetch_latency_ms`` is 0: the emulator fetches no token for a payment.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.emulator.engine import errors
from boto3_agentcore_payments.emulator.engine.errors import ServiceError
from boto3_agentcore_payments.emulator.engine.events import SUCCEEDED

if TYPE_CHECKING:
    from boto3_agentcore_payments.emulator.engine.events import OperationEvent

NAME = "Bedrock.AgentCore.Payments."
TRACER = "boto3_agentcore_payments.emulator"
_PREFIX = "aws.payments."
_CONNECTOR = ("payment_connector_id", "payment_instrument_id")
_FURTHER = {
    "CreatePaymentInstrument": _CONNECTOR,
    "GetPaymentInstrument": _CONNECTOR,
    "DeletePaymentInstrument": _CONNECTOR,
    "GetPaymentInstrumentBalance": _CONNECTOR,
    "CreatePaymentSession": ("payment_session_id", "session_start_time"),
    "GetPaymentSession": ("payment_session_id", "session_start_time"),
    "DeletePaymentSession": ("payment_session_id",),
    "ProcessPayment": (
        *_CONNECTOR,
        "payment_session_id",
        "spend_amount",
        "spend_currency",
        "session_remaining_budget",
        "total_budget_amount",
        "merchant",
        "token_fetch_latency_ms",
    ),
}
"""Operation -> its additional attributes, without their prefix."""


def emit(event: OperationEvent, connector_id: str | None, session_start: str | None) -> None:
    """Make the span of a call that just ended.

    Args:
        event: The call.
        connector_id: The connector of the instrument it names.
        session_start: When its session was created.
    """
    from opentelemetry import trace

    provider = trace.get_tracer_provider()
    if isinstance(provider, trace.ProxyTracerProvider):
        return  # no tracer provider is set
    began = int(event.started_at.timestamp() * 1_000_000_000)
    span = provider.get_tracer(TRACER).start_span(
        NAME + event.operation,
        kind=trace.SpanKind.SERVER,
        attributes=attributes(event, connector_id, session_start),
        start_time=began,
    )
    if event.outcome != SUCCEEDED:
        span.set_status(trace.StatusCode.ERROR, event.error_code)
    span.end(began + int(event.latency * 1_000_000_000))


def attributes(
    event: OperationEvent, connector_id: str | None, session_start: str | None
) -> dict[str, str | int]:
    """Return a span's attributes; unknown ones are left out."""
    known: dict[str, Any] = {
        "payment_connector_id": connector_id,
        "payment_instrument_id": event.instrument_id,
        "payment_session_id": event.session_id,
        "session_start_time": session_start,
        "spend_amount": event.amount,
        "spend_currency": "USD" if event.amount else None,
        "session_remaining_budget": event.budget_left,
        "total_budget_amount": event.budget_limit,
        "merchant": event.pay_to,
        "token_fetch_latency_ms": 0,
    }
    every = {
        "aws.region": event.region,
        "aws.account.id": event.account_id,
        "aws.resource.arn": event.manager_arn,
        "aws.request_id": event.request_id,
        "http.response.status_code": status(event),
        "error.type": event.error_code,
        f"{_PREFIX}payment_manager_id": event.manager_id,
        f"{_PREFIX}payment_agent_name": event.agent,
        **{f"{_PREFIX}{name}": known[name] for name in _FURTHER.get(event.operation, ())},
    }
    return {name: value for name, value in every.items() if value is not None}


def status(event: OperationEvent) -> int:
    """Return the HTTP status that a call was answered with.

    An error that is not the service's own comes from IAM, whose errors are all 403.
    """
    if event.error_code is not None:
        return _statuses().get(event.error_code, 403)
    from boto3_agentcore_payments.emulator.wire import definitions

    return definitions.operations()[event.operation].status


@functools.cache
def _statuses() -> dict[str, int]:
    found = (value for value in vars(errors).values() if isinstance(value, type))
    return {each.code: each.status for each in found if issubclass(each, ServiceError)}
