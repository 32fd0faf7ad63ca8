"""Our clients send what AWS's clients send, byte for byte, signature and all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from model_pairs import (
    AWS_NAMES,
    RecordingClient,
    clients,
    each_operation,
    each_service,
    needs_payments_in_botocore,
    operation,
)
from shape_strategies import input_values

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest

pytestmark = needs_payments_in_botocore

MANAGER = "arn:aws:bedrock-agentcore:us-west-2:111122223333:payment-manager/shop-abcdefghij"
PLAIN_CALL: dict[str, tuple[str, dict[str, Any]]] = {
    "bedrock-agentcore-payments": (
        "CreatePaymentSession",
        {"paymentManagerArn": MANAGER, "userId": "alice", "expiryTimeInMinutes": 60},
    ),
    "bedrock-agentcore-payments-control": ("ListPaymentManagers", {"maxResults": 10}),
}


def wire(request: AWSPreparedRequest) -> dict[str, Any]:
    """Everything of a prepared request that reaches the network."""
    return {
        "method": request.method,
        "url": request.url,
        "headers": sorted(request.headers.items()),
        "body": request.body,
    }


@each_operation
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_random_input_gives_the_same_signed_request(service: str, name: str, data: Any) -> None:
    params = data.draw(input_values(operation(service, name)))
    ours, theirs = clients(service)
    sent, _ = ours.call(name, params)
    expected, _ = theirs.call(name, params)
    assert wire(sent) == wire(expected)


@each_service
def test_signature_is_for_aws_signing_name_and_region(service: str) -> None:
    sent, _ = clients(service)[0].call(*PLAIN_CALL[service])
    credential = b"Credential=AKIDEXAMPLE/20261102/us-west-2/bedrock-agentcore/aws4_request"
    assert credential in sent.headers["Authorization"]


def test_missing_client_token_is_filled_in() -> None:
    sent, _ = clients("bedrock-agentcore-payments")[0].call(
        *PLAIN_CALL["bedrock-agentcore-payments"]
    )
    assert b'"clientToken": "3e1f7c90-5d2b-4a86-9c47-d8b06f2a1e53"' in sent.body


@pytest.mark.parametrize(
    ("region", "config"),
    [
        ("us-east-1", {}),
        ("eu-central-1", {"use_fips_endpoint": True}),
        ("ap-southeast-2", {"use_dualstack_endpoint": True}),
        ("us-west-2", {"use_fips_endpoint": True, "use_dualstack_endpoint": True}),
        ("cn-north-1", {}),
        ("us-gov-west-1", {"use_fips_endpoint": True}),
    ],
    ids=lambda value: value if isinstance(value, str) else "+".join(value) or "plain",
)
@each_service
def test_host_and_signing_region_are_aws(service: str, region: str, config: dict[str, Any]) -> None:
    sent, _ = RecordingClient(service, region, **config).call(*PLAIN_CALL[service])
    expected, _ = RecordingClient(AWS_NAMES[service], region, **config).call(*PLAIN_CALL[service])
    assert wire(sent) == wire(expected)
