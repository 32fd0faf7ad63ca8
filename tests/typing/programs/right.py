"""Programs that type checkers accept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import boto3.session
from botocore.config import Config

from boto3_agentcore_payments import control_client, payments_client, register
from boto3_agentcore_payments.types import AmountTypeDef

if TYPE_CHECKING:
    from datetime import datetime

    from boto3_agentcore_payments.types import (
        BedrockAgentCorePaymentsClient,
        BedrockAgentCorePaymentsControlClient,
        PaymentInputTypeDef,
        PaymentManagerReadyWaiter,
        PaymentSessionTypeDef,
        ProcessPaymentRequestTypeDef,
    )


def clients_with_every_argument() -> None:
    session = boto3.session.Session(region_name="us-west-2")
    register(session)
    payments_client()
    payments_client(session)
    control_client(session=session)
    payments_client(
        session,
        region_name="us-west-2",
        api_version="2024-02-28",
        use_ssl=True,
        verify=False,
        endpoint_url="http://127.0.0.1:5005",
        aws_access_key_id="key",
        aws_secret_access_key="secret",
        aws_session_token="token",
        config=Config(retries={"mode": "standard"}),
        aws_account_id="123456789012",
    )


def manager_of_a_shop(control: BedrockAgentCorePaymentsControlClient) -> str:
    manager = control.create_payment_manager(
        name="shop",
        authorizerType="CUSTOM_JWT",
        authorizerConfiguration={
            "customJWTAuthorizer": {
                "discoveryUrl": "https://example.com/.well-known/openid-configuration",
                "allowedAudience": ["shop"],
            }
        },
        roleArn="arn:aws:iam::123456789012:role/payments",
        tags={"team": "shop"},
    )
    ready: PaymentManagerReadyWaiter = control.get_waiter("payment_manager_ready")
    ready.wait(
        paymentManagerId=manager["paymentManagerId"], WaiterConfig={"Delay": 1, "MaxAttempts": 5}
    )
    return manager["paymentManagerArn"]


def wallet(control: BedrockAgentCorePaymentsControlClient, manager_id: str) -> str:
    provider = control.create_payment_credential_provider(
        name="coinbase",
        credentialProviderVendor="CoinbaseCDP",
        providerConfigurationInput={
            "coinbaseCdpConfiguration": {
                "apiKeyId": "key",
                "apiKeySecret": "secret",
                "walletSecret": "secret",
            }
        },
    )
    connector = control.create_payment_connector(
        paymentManagerId=manager_id,
        name="wallets",
        type="CoinbaseCDP",
        credentialProviderConfigurations=[
            {"coinbaseCDP": {"credentialProviderArn": provider["credentialProviderArn"]}}
        ],
    )
    if "authorizationUrl" in connector:
        print(connector["authorizationUrl"].upper())
    return connector["paymentConnectorId"]


def session_with_a_budget(
    payments: BedrockAgentCorePaymentsClient, manager_arn: str
) -> PaymentSessionTypeDef:
    budget = AmountTypeDef(value="5.00", currency="USD")
    answer = payments.create_payment_session(
        paymentManagerArn=manager_arn,
        userId="alice",
        expiryTimeInMinutes=60,
        limits={"maxSpendAmount": budget},
    )
    opened: datetime = answer["paymentSession"]["createdAt"]
    print(opened.isoformat(), answer["ResponseMetadata"]["RequestId"])
    return answer["paymentSession"]


def payment(payments: BedrockAgentCorePaymentsClient, session: PaymentSessionTypeDef) -> None:
    crypto: PaymentInputTypeDef = {
        "cryptoX402": {"version": "2", "payload": {"scheme": "exact", "amount": "10000"}}
    }
    request: ProcessPaymentRequestTypeDef = {
        "paymentManagerArn": session["paymentManagerArn"],
        "paymentSessionId": session["paymentSessionId"],
        "paymentInstrumentId": "payment-instrument-abcdefghijklmno",
        "paymentType": "CRYPTO_X402",
        "paymentInput": crypto,
    }
    try:
        paid = payments.process_payment(**request)
    except payments.exceptions.ValidationException as refused:
        print(refused)
        return
    proof = paid["paymentOutput"]
    if "cryptoX402" in proof:
        print(proof["cryptoX402"]["payload"]["signature"])


def pages(payments: BedrockAgentCorePaymentsClient, manager_arn: str) -> list[str]:
    paginator = payments.get_paginator("list_payment_sessions")
    return [
        session["paymentSessionId"]
        for page in paginator.paginate(
            paymentManagerArn=manager_arn, userId="alice", PaginationConfig={"PageSize": 10}
        )
        for session in page["paymentSessions"]
    ]
