"""An agent in a container, which buys until its budget refuses.

It finds the wallet and the session that a person made (``start.json``), and can only spend them.

    python examples/containers/agent.py http://merchant:8402/article
"""

from __future__ import annotations

import sys

from boto3_agentcore_payments import control_client, payments_client
from boto3_agentcore_payments.pay import OverBudget, Payer

USER = "alice"


def main(url: str) -> None:
    """Buy a URL again and again, until the budget does not cover it."""
    control = control_client()
    client = payments_client()
    (manager,) = control.list_payment_managers()["paymentManagers"]
    arn = manager["paymentManagerArn"]
    wallets = client.list_payment_instruments(paymentManagerArn=arn, userId=USER)
    sessions = client.list_payment_sessions(paymentManagerArn=arn, userId=USER)
    (wallet,), (session,) = wallets["paymentInstruments"], sessions["paymentSessions"]
    payer = Payer(
        client,
        payment_manager_arn=arn,
        user_id=USER,
        payment_session_id=session["paymentSessionId"],
        payment_instrument_ids=[wallet["paymentInstrumentId"]],
        max_price="0.05",
        allow_private=True,  # the merchant is in the containers' network
    )
    with payer.requests_session() as http:
        while True:
            try:
                answer = http.get(url, timeout=60)
            except OverBudget as refused:
                print(f"{len(payer.receipts)} bought; {refused}")
                return
            answer.raise_for_status()
            print(f"bought for {payer.receipts[-1].amount} USD: {answer.text}")


if __name__ == "__main__":
    main(sys.argv[1])
