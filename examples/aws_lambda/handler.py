"""A Lambda function that opens a payment session for the user it is called for.

Importing boto3_agentcore_payments makes the clients known also where Python does not read the
package's start-up file: with PYTHONPATH set, and in container images that install into the
function's directory. Elsewhere ``boto3.client("bedrock-agentcore-payments")`` is enough.
"""

import os
from typing import Any

from boto3_agentcore_payments import payments_client

payments = payments_client()


def handler(event: dict[str, str], context: Any) -> dict[str, str]:
    """Open a session.

    Args:
        event: ``{"userId": "alice", "budget": "5.00"}``; the budget is in USD.
        context: Lambda's.
    """
    session = payments.create_payment_session(
        paymentManagerArn=os.environ["PAYMENT_MANAGER_ARN"],
        userId=event["userId"],
        expiryTimeInMinutes=60,
        limits={"maxSpendAmount": {"value": event["budget"], "currency": "USD"}},
        # Lambda repeats an event that failed; the same token opens no second session.
        clientToken=context.aws_request_id,
    )["paymentSession"]
    left = session.get("availableLimits", {}).get("availableSpendAmount")
    return {
        "paymentSessionId": session["paymentSessionId"],
        "available": left["value"] if left else event["budget"],
    }
