"""OpenTelemetry spans of purchases."""

from __future__ import annotations

import subprocess
import sys

import pytest
from pay_world import ARN, NETWORK, PAY_TO, PROOF, SESSION, WALLET, service_error

from boto3_agentcore_payments.pay import OverBudget, OverCeiling

trace = pytest.importorskip("opentelemetry.trace", reason="needs opentelemetry-sdk, of extra dev")
pytest.importorskip("opentelemetry.sdk.trace", reason="needs opentelemetry-sdk, of extra dev")


@pytest.fixture
def spans(monkeypatch):
    """What was recorded, by the name of the span."""
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(trace, "get_tracer_provider", lambda: provider)
    yield lambda: {span.name: span for span in exporter.get_finished_spans()}
    provider.shutdown()


def test_purchase_is_a_span_with_the_call_that_signs_in_it(new_payer, shop, spans, fetch):
    payer = new_payer(agent_name="reader")
    assert fetch(payer, f"{shop.url}?key=secret").status == 200
    purchase = spans()["agentcore_payments.purchase"]
    signing = spans()["agentcore_payments.process_payment"]
    assert signing.parent.span_id == purchase.context.span_id
    assert {purchase.kind, signing.kind} == {trace.SpanKind.CLIENT}
    assert dict(purchase.attributes) == {
        "aws.payments.payment_manager_id": ARN.rpartition("/")[2],
        "aws.payments.payment_agent_name": "reader",
        "aws.payments.payment_session_id": SESSION,
        "aws.payments.payment_instrument_id": WALLET,
        "aws.payments.merchant": PAY_TO,
        "aws.payments.spend_amount": "0.01",
        "aws.payments.spend_currency": "USD",
        "http.request.method": "GET",
        "server.address": "127.0.0.1",
        "agentcore_payments.protocol": "x402",
        "agentcore_payments.scheme": "exact",
        "agentcore_payments.network": NETWORK,
        "agentcore_payments.price": "0.01",
        "agentcore_payments.process_payment_id": payer.receipts[0].process_payment_id,
        "agentcore_payments.settled": True,
    }


def test_request_without_a_payment_makes_no_span(new_payer, shop, spans, fetch):
    shop.answer = lambda _: shop.settling.pop(0)
    from pay_world import settled

    shop.settling = [settled()]
    fetch(new_payer(), shop.url)
    assert spans() == {}


def test_policy_refusal_is_an_error_without_a_call(new_payer, shop, spans, fetch):
    with pytest.raises(OverCeiling):
        fetch(new_payer(max_price="0.001"), shop.url)
    (purchase,) = spans().values()
    assert purchase.status.status_code is trace.StatusCode.ERROR
    assert purchase.attributes["error.type"] == "OverCeiling"
    assert "aws.payments.spend_amount" not in purchase.attributes


def test_refusal_of_the_service_is_an_error_and_nothing_was_spent(
    new_payer, shop, service, spans, fetch
):
    service.before.append(service_error("ValidationException", "Insufficient budget for session"))
    with pytest.raises(OverBudget):
        fetch(new_payer(), shop.url)
    for span in spans().values():
        assert span.attributes["error.type"] == "OverBudget"
        assert "aws.payments.spend_amount" not in span.attributes
        assert span.events == ()


def test_no_span_holds_a_proof(new_payer, shop, spans, fetch):
    fetch(new_payer(), shop.url)
    assert PROOF not in "".join(span.to_json() for span in spans().values())


def test_nothing_is_recorded_without_a_provider(new_payer, shop, monkeypatch):
    proxy = trace.ProxyTracerProvider()
    monkeypatch.setattr(trace, "get_tracer_provider", lambda: proxy)

    def fail(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr(trace, "get_tracer", fail)
    assert new_payer().pay(shop.url).ok


def test_nothing_of_opentelemetry_is_imported_for_it():
    code = (
        "import sys; from boto3_agentcore_payments.pay import tracing, flow;"
        "flow, tracing; t = tracing.traced('x', None, None); t.__enter__(); "
        "t.__exit__(None, None, None); assert not any(m.startswith('opentelemetry') "
        "for m in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
