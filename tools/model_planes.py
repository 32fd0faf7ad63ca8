"""List where our service definitions come from, and where they differ from AWS's on purpose.

This is the one place for intentional differences; `sync_models` reports all others as drift.
Besides what `Plane` declares, these always differ:

- documentation: ours throughout, in all files;
- examples-1: ours, AWS has none for these operations;
- API version directories hold the payments operations and the shapes they reach, nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass, field

OPERATION_MARK = "Payment"
"""An AWS operation is ours when its name contains this."""


@dataclass(frozen=True)
class Plane:
    """One of our services and the AWS service it is cut from.

    Args:
        service: Our service's name, which is also its directory's.
        source: AWS's service.
        version: API version, the same on both sides.
        metadata: Metadata entries with values of our own. The `uid` stays AWS's: by it botocore's
            manual links each operation to AWS's own page.
        own_waiters: Waiters that AWS does not have. One that AWS adds must leave this list.
    """

    service: str
    source: str
    version: str
    metadata: dict[str, str] = field(default_factory=dict)
    own_waiters: tuple[str, ...] = ()


PLANES = (
    Plane(
        service="bedrock-agentcore-payments",
        source="bedrock-agentcore",
        version="2024-02-28",
        metadata={
            "serviceFullName": "Amazon Bedrock AgentCore Payments",
            "serviceId": "Bedrock AgentCore Payments",
        },
        own_waiters=("PaymentInstrumentActive",),
    ),
    Plane(
        service="bedrock-agentcore-payments-control",
        source="bedrock-agentcore-control",
        version="2023-06-05",
        metadata={
            "serviceFullName": "Amazon Bedrock AgentCore Payments Control",
            "serviceId": "Bedrock AgentCore Payments Control",
        },
        own_waiters=(
            "PaymentManagerReady",
            "PaymentManagerDeleted",
            "PaymentConnectorReady",
            "PaymentConnectorDeleted",
        ),
    ),
)
