"""OpenTelemetry spans of a purchase, if the program has set a tracer provider.

This module imports nothing: a program that has set a provider has already imported OpenTelemetry's
API. The span names are for the client's side; the service's are ``Bedrock.AgentCore.Payments.*``.
Attributes ``aws.payments.*`` mean the same as in the service's spans.

- ``agentcore_payments.purchase``: from the 402 to the merchant's answer to the payment;
- ``agentcore_payments.process_payment``: within it, the call that signs.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from boto3_agentcore_payments.pay.core import Core
    from boto3_agentcore_payments.pay.purchases import Purchase

SCOPE = "boto3_agentcore_payments.pay"
"""Name of the tracer."""
PURCHASE = "agentcore_payments.purchase"
"""Name of a purchase's span."""
PROCESS_PAYMENT = "agentcore_payments.process_payment"
"""Name of the span of the call that signs."""


@contextmanager
def traced(name: str, core: Core, found: Purchase) -> Iterator[None]:
    """Record a block as a span, if a tracer provider is set.

    Args:
        name: The span's name.
        core: The payer.
        found: The purchase; its attributes are read when the block ends.
    """
    trace = sys.modules.get("opentelemetry.trace")
    if trace is None or isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider):
        yield
        return
    tracer = trace.get_tracer(SCOPE)
    with tracer.start_as_current_span(
        name,
        kind=trace.SpanKind.CLIENT,
        # Do not record the exception: showing its traceback and causes is up to the application.
        record_exception=False,
        set_status_on_exception=False,
    ) as span:
        try:
            yield
        except BaseException as error:
            span.set_status(trace.StatusCode.ERROR)
            span.set_attribute("error.type", type(error).__name__)
            raise
        finally:
            if span.is_recording():
                span.set_attributes(_attributes(core, found))


def _attributes(core: Core, found: Purchase) -> dict[str, Any]:
    """Return what is known of a purchase; amounts as text, no query of a URL, nothing secret."""
    service, quote, receipt = core.service, found.quote, found.receipt
    values: dict[str, Any] = {
        "aws.payments.payment_manager_id": service.payment_manager_arn.rpartition("/")[2],
        "aws.payments.payment_agent_name": service.agent_name,
        "aws.payments.payment_session_id": found.payment_session_id or service.payment_session_id,
        "aws.payments.payment_instrument_id": found.payment_instrument_id or None,
        "http.request.method": found.asked.method,
        "server.address": urlsplit(found.asked.url).hostname,
    }
    if quote is not None:
        values |= {
            "aws.payments.merchant": quote.pay_to,
            "agentcore_payments.protocol": quote.protocol,
            "agentcore_payments.scheme": quote.scheme,
            "agentcore_payments.network": quote.network,
            "agentcore_payments.price": format(quote.amount, "f"),
        }
    if receipt is not None:
        values |= {
            "aws.payments.spend_amount": format(receipt.amount, "f"),
            "aws.payments.spend_currency": "USD",
            "agentcore_payments.process_payment_id": receipt.process_payment_id,
            "agentcore_payments.settled": receipt.settled,
        }
    return {name: value for name, value in values.items() if value is not None}
