"""The service's spans, through OpenTelemetry."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from ready_shop import PAY_TO

from boto3_agentcore_payments.emulator.control import PaymentsControl

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> TracerProvider:
    """A provider that is set for the test alone."""
    provider = TracerProvider()
    monkeypatch.setattr(trace, "get_tracer_provider", lambda: provider)
    return provider


@pytest.fixture
def spans(provider: TracerProvider) -> Callable[[], list[ReadableSpan]]:
    exporter = InMemorySpanExporter()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    return lambda: list(exporter.get_finished_spans())


@pytest.fixture
def shop(world: Any) -> dict[str, str]:
    arn = world.manager()
    connector = world.connector(arn)
    return {
        "arn": arn,
        "connector": connector,
        "instrument": world.instrument(arn, connector),
        "session": world.session(arn),
    }


def known(arn: str) -> dict[str, str]:
    """What every span of a manager has."""
    return {
        "aws.region": "us-west-2",
        "aws.account.id": "123456789012",
        "aws.resource.arn": arn,
        "aws.payments.payment_manager_id": arn.rpartition("/")[2],
    }


def test_payment_is_a_span_with_the_documented_attributes(world, shop, spans):
    paid = world.pay(shop["arn"], shop["session"], shop["instrument"], 10_000, agentName="shopper")

    (span,) = spans()
    assert span.name == "Bedrock.AgentCore.Payments.ProcessPayment"
    assert span.status.status_code == trace.StatusCode.UNSET
    attributes = dict(span.attributes or {})
    assert Decimal(str(attributes.pop("aws.payments.spend_amount"))) == Decimal("0.01")
    assert attributes == {
        **known(shop["arn"]),
        "aws.request_id": paid["ResponseMetadata"]["RequestId"],
        "http.response.status_code": 200,
        "aws.payments.payment_agent_name": "shopper",
        "aws.payments.payment_connector_id": shop["connector"],
        "aws.payments.payment_instrument_id": shop["instrument"],
        "aws.payments.payment_session_id": shop["session"],
        "aws.payments.spend_currency": "USD",
        "aws.payments.session_remaining_budget": "4.99",
        "aws.payments.total_budget_amount": "5.00",
        "aws.payments.merchant": PAY_TO,
        "aws.payments.token_fetch_latency_ms": 0,
    }


def test_session_span_has_its_start(world, shop, spans):
    read = world.data.get_payment_session(
        paymentManagerArn=shop["arn"], paymentSessionId=shop["session"], userId="alice"
    )

    (span,) = spans()
    created = read["paymentSession"]["createdAt"].isoformat(timespec="milliseconds")
    attributes = dict(span.attributes or {})
    assert attributes["aws.payments.payment_session_id"] == shop["session"]
    assert attributes["aws.payments.session_start_time"] == created.replace("+00:00", "Z")


@pytest.mark.parametrize(
    ("operation", "further"),
    [
        ("ListPaymentSessions", set()),
        ("ListPaymentInstruments", set()),
        ("GetPaymentInstrument", {"payment_connector_id", "payment_instrument_id"}),
        ("DeletePaymentInstrument", {"payment_connector_id", "payment_instrument_id"}),
        ("DeletePaymentSession", {"payment_session_id"}),
    ],
)
def test_span_has_the_attributes_of_its_operation(world, shop, spans, operation, further):
    members = {"paymentManagerArn": shop["arn"], "userId": "alice"}
    if operation.endswith("Instrument"):
        members |= {
            "paymentInstrumentId": shop["instrument"],
            "paymentConnectorId": shop["connector"],
        }
    elif operation.endswith("Session"):
        members["paymentSessionId"] = shop["session"]
    world.call(operation, **members)

    (span,) = spans()
    assert span.name == f"Bedrock.AgentCore.Payments.{operation}"
    assert set(span.attributes or {}) == {
        *known(shop["arn"]),
        "aws.request_id",
        "http.response.status_code",
        *(f"aws.payments.{name}" for name in further),
    }


@pytest.mark.parametrize(
    ("error", "status"),
    [("ThrottlingException", 429), ("InternalServerException", 500), ("ConflictException", 409)],
)
def test_refused_call_is_a_span_with_an_error(world, shop, spans, error, status):
    PaymentsControl(region="us-west-2").inject_fault("ListPaymentSessions", error=error)
    with pytest.raises(ClientError):
        world.data.list_payment_sessions(paymentManagerArn=shop["arn"])

    (span,) = spans()
    assert (span.status.status_code, span.status.description) == (trace.StatusCode.ERROR, error)
    assert (span.attributes or {})["error.type"] == error
    assert (span.attributes or {})["http.response.status_code"] == status


def test_span_is_a_child_of_the_callers(world, shop, spans, provider):
    with provider.get_tracer("test").start_as_current_span("agent") as agent:
        world.data.list_payment_sessions(paymentManagerArn=shop["arn"])

    service, _ = spans()
    assert service.parent
    assert service.parent.span_id == agent.get_span_context().span_id


def test_span_lasts_as_long_as_the_call(world, shop, spans):
    PaymentsControl(region="us-west-2").inject_fault(
        "ListPaymentSessions", error="ThrottlingException", latency=0.05
    )
    with pytest.raises(ClientError):
        world.data.list_payment_sessions(paymentManagerArn=shop["arn"])

    (span,) = spans()
    assert span.start_time
    assert span.end_time
    assert span.end_time - span.start_time >= 50_000_000


def test_control_plane_has_no_spans(world, spans):
    world.connector(world.manager())

    assert spans() == []


def test_without_a_provider_nothing_is_made(world, shop, monkeypatch):
    monkeypatch.setattr(trace, "get_tracer_provider", trace.ProxyTracerProvider)
    monkeypatch.setattr(
        trace.ProxyTracerProvider, "get_tracer", lambda *_: pytest.fail("a tracer was asked for")
    )

    assert world.session(shop["arn"])
