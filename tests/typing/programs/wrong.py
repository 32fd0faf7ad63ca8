"""Programs that type checkers reject: every line that ends in ``# rejected``, and no other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from boto3_agentcore_payments import control_client, payments_client, register
from boto3_agentcore_payments.types import AmountTypeDef

if TYPE_CHECKING:
    from boto3_agentcore_payments.types import (
        BedrockAgentCorePaymentsClient,
        BedrockAgentCorePaymentsControlClient,
        BlockchainChainIdType,
        EmbeddedCryptoWalletTypeDef,
        PaymentInputTypeDef,
        PaymentManagerStatusType,
        SessionLimitsTypeDef,
    )

ARN = "arn:aws:bedrock-agentcore:us-west-2:123456789012:payment-manager/shop-abcdefghij"
ROLE = "arn:aws:iam::123456789012:role/payments"


def making_a_client() -> None:
    payments_client("us-west-2")  # rejected
    payments_client(region="us-west-2")  # rejected
    payments_client(session="default")  # rejected
    payments_client(config={"retries": 3})  # rejected
    payments_client(verify=1.5)  # rejected
    control_client(None, "us-west-2")  # rejected
    control_client(endpoint_url=5005)  # rejected
    swapped: BedrockAgentCorePaymentsClient = control_client()  # rejected
    register("us-west-2")  # rejected
    print(swapped)


def operations(
    payments: BedrockAgentCorePaymentsClient, control: BedrockAgentCorePaymentsControlClient
) -> None:
    payments.create_payment_sessions(paymentManagerArn=ARN)  # rejected
    payments.createPaymentSession(paymentManagerArn=ARN)  # rejected
    payments.list_payment_managers()  # rejected
    control.list_payment_sessions(paymentManagerArn=ARN)  # rejected
    control.update_payment_session(paymentSessionId="one")  # rejected


def arguments(
    payments: BedrockAgentCorePaymentsClient, control: BedrockAgentCorePaymentsControlClient
) -> None:
    payments.create_payment_session(paymentManagerArn=ARN)  # rejected
    payments.create_payment_session(ARN, 60)  # rejected
    payments.create_payment_session(managerArn=ARN, expiryTimeInMinutes=60)  # rejected
    payments.create_payment_session(payment_manager_arn=ARN, expiryTimeInMinutes=60)  # rejected
    payments.create_payment_session(paymentManagerArn=ARN, expiryTimeInMinutes="60")  # rejected
    payments.list_payment_sessions(paymentManagerArn=ARN, maxResults="10")  # rejected
    payments.list_payment_sessions(paymentManagerArn=ARN, userId=None)  # rejected
    payments.get_payment_session(paymentManagerArn=ARN)  # rejected
    control.get_payment_manager(paymentManagerArn=ARN)  # rejected
    control.create_payment_manager(name="s", authorizerType="IAM", roleArn=ROLE)  # rejected
    control.create_payment_manager(name="s", authorizerType="AWS_IAM")  # rejected
    control.update_payment_manager(paymentManagerId="m", tags={"team": "shop"})  # rejected
    control.delete_payment_credential_provider(credentialProviderName="c")  # rejected
    control.create_payment_connector(paymentManagerId="m", name="w", type="Coinbase")  # rejected
    control.update_payment_connector(paymentManagerId="m", paymentConnectorId=1)  # rejected


def structures() -> None:
    limits: SessionLimitsTypeDef
    limits = {"maxSpendAmount": {"value": 5.0, "currency": "USD"}}  # rejected
    limits = {"maxSpendAmount": {"value": "5.00", "currency": "EUR"}}  # rejected
    limits = {"maxSpendAmount": {"value": "5.00"}}  # rejected
    limits = {"maxSpendAmount": "5.00"}  # rejected
    limits = {"max": {"value": "5.00", "currency": "USD"}}  # rejected
    amount = AmountTypeDef(value="1.00")  # rejected
    wallet: EmbeddedCryptoWalletTypeDef
    wallet = {"network": "BASE", "linkedAccounts": []}  # rejected
    wallet = {"network": "ETHEREUM", "linkedAccounts": [{"email": "a@example.com"}]}  # rejected
    wallet = {"network": "ETHEREUM"}  # rejected
    chain: BlockchainChainIdType = "POLYGON"  # rejected
    status: PaymentManagerStatusType = "ACTIVE"  # rejected
    print(limits, amount, wallet, chain, status)


def payment_inputs() -> None:
    given: PaymentInputTypeDef
    given = {"cryptox402": {"version": "2", "payload": {}}}  # rejected
    given = {"cryptoX402": {"payload": {}}}  # rejected
    given = {"cryptoX402": {"version": 2, "payload": {}}}  # rejected
    given = {"cryptoX402": {"version": "2", "payload": "eyJ4NDAyVmVyc2lvbiI6Mn0="}}  # rejected
    given = {"mpp": {"version": "1", "wwwAuthenticateHeaders": [b"Payment"]}}  # rejected
    given = {"mpp": {"version": "1"}}  # rejected
    print(given)


def answers(
    payments: BedrockAgentCorePaymentsClient, control: BedrockAgentCorePaymentsControlClient
) -> None:
    opened = payments.create_payment_session(paymentManagerArn=ARN, expiryTimeInMinutes=60)
    opened["paymentSessionId"]  # rejected
    opened["paymentSession"]["sessionId"]  # rejected
    minutes: str = opened["paymentSession"]["expiryTimeInMinutes"]  # rejected
    since: str = opened["paymentSession"]["createdAt"]  # rejected
    manager = control.get_payment_manager(paymentManagerId="m")
    manager["paymentManager"]  # rejected
    manager.paymentManagerId  # rejected
    print(minutes, since)


def waiters(
    payments: BedrockAgentCorePaymentsClient, control: BedrockAgentCorePaymentsControlClient
) -> None:
    payments.get_waiter("payment_manager_ready")  # rejected
    control.get_waiter("payment_manager_active")  # rejected
    ready = control.get_waiter("payment_manager_ready")
    ready.wait()  # rejected
    ready.wait(paymentManagerArn=ARN)  # rejected
    ready.wait(paymentManagerId="m", WaiterConfig={"delay": 1})  # rejected
    ready.wait(paymentManagerId="m", Delay=1)  # rejected


def paginators(
    payments: BedrockAgentCorePaymentsClient, control: BedrockAgentCorePaymentsControlClient
) -> None:
    payments.get_paginator("list_payment_managers")  # rejected
    control.get_paginator("get_payment_manager")  # rejected
    sessions = payments.get_paginator("list_payment_sessions")
    sessions.paginate(userId="alice")  # rejected
    sessions.paginate(paymentManagerArn=ARN, nextToken="next")  # rejected
    sessions.paginate(paymentManagerArn=ARN, PaginationConfig={"PageSize": "10"})  # rejected
    for page in sessions.paginate(paymentManagerArn=ARN):
        page["sessions"]  # rejected


def exceptions(payments: BedrockAgentCorePaymentsClient) -> None:
    try:
        payments.list_payment_sessions(paymentManagerArn=ARN)
    except payments.exceptions.NoSuchSession:  # rejected
        pass
    except payments.exceptions.DecryptionFailure:  # rejected
        pass
