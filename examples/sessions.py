"""A payment manager and a session with a budget, with boto3.

agentcore-payments serve &
export AWS_ENDPOINT_URL=http://127.0.0.1:5005 AWS_DEFAULT_REGION=us-west-2 \
       AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test
python examples/sessions.py

Without AWS_ENDPOINT_URL, and with real credentials, this talks to AWS. ``payments_client()`` is
``boto3.client("bedrock-agentcore-payments")`` with a type.
"""

from __future__ import annotations

import os

from boto3_agentcore_payments import control_client, payments_client

ROLE = os.environ.get("PAYMENTS_ROLE_ARN", "arn:aws:iam::123456789012:role/payments")


def main() -> None:
    """Run the example."""
    control = control_client()
    payments = payments_client()

    manager = control.create_payment_manager(name="shop", authorizerType="AWS_IAM", roleArn=ROLE)
    ready = control.get_waiter("payment_manager_ready")
    ready.wait(paymentManagerId=manager["paymentManagerId"])

    session = payments.create_payment_session(
        paymentManagerArn=manager["paymentManagerArn"],
        userId="alice",
        expiryTimeInMinutes=60,
        limits={"maxSpendAmount": {"value": "5.00", "currency": "USD"}},
    )["paymentSession"]
    left = session.get("availableLimits", {}).get("availableSpendAmount")
    if left:
        print(f"{session['paymentSessionId']}: {left['value']} {left['currency']} left")

    try:
        payments.create_payment_session(
            paymentManagerArn=manager["paymentManagerArn"],
            userId="alice",
            expiryTimeInMinutes=60,
            limits={"maxSpendAmount": {"value": "10000.01", "currency": "USD"}},
        )
    except payments.exceptions.ValidationException as refused:
        print(f"refused: {refused}")


if __name__ == "__main__":
    main()
