"""Open several sessions at once and list them, with aiobotocore.

agentcore-payments serve &
export AWS_DEFAULT_REGION=us-west-2 AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test
python examples/async_sessions.py http://127.0.0.1:5005
"""

from __future__ import annotations

import asyncio
import sys

from aiobotocore.session import get_session  # pyright: ignore[reportMissingImports]

ROLE = "arn:aws:iam::123456789012:role/payments"


async def main(url: str) -> None:
    """Run the example against a server."""
    aws = get_session()
    async with (
        aws.create_client("bedrock-agentcore-payments-control", endpoint_url=url) as control,
        aws.create_client("bedrock-agentcore-payments", endpoint_url=url) as payments,
    ):
        manager = await control.create_payment_manager(
            name="shop", authorizerType="AWS_IAM", roleArn=ROLE
        )
        ready = control.get_waiter("payment_manager_ready")
        await ready.wait(paymentManagerId=manager["paymentManagerId"])
        arn = manager["paymentManagerArn"]
        await asyncio.gather(
            *(
                payments.create_payment_session(
                    paymentManagerArn=arn,
                    userId="alice",
                    expiryTimeInMinutes=60,
                    limits={"maxSpendAmount": {"value": budget, "currency": "USD"}},
                )
                for budget in ("0.10", "0.25", "5.00")
            )
        )
        pages = payments.get_paginator("list_payment_sessions")
        async for page in pages.paginate(paymentManagerArn=arn, userId="alice"):
            for session in page["paymentSessions"]:
                print(session["paymentSessionId"])


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
