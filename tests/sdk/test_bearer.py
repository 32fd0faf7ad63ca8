"""The SDK's bearer mode against a manager with a CUSTOM_JWT authorizer."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from bedrock_agentcore.payments.manager import PaymentError, PaymentManager

REGION = "us-west-2"
Token = Callable[..., str]


@pytest.fixture
def arn(shop: Any, discovery: str) -> str:
    made = shop.client.create_payment_manager(
        name="jwt",
        role_arn="arn:aws:iam::123456789012:role/payments",
        authorizer_type="CUSTOM_JWT",
        authorizer_configuration={
            "customJWTAuthorizer": {"discoveryUrl": discovery, "allowedClients": ["app"]}
        },
        wait_for_ready=True,
        max_wait=5,
        poll_interval=0,
    )
    manager_arn: str = made["paymentManagerArn"]
    return manager_arn


def _connector(shop: Any, arn: str) -> str:
    provider = shop.client.payments_cp_client.get_payment_connector(
        paymentManagerId=shop.manager_id, paymentConnectorId=shop.connector
    )
    made = shop.client.create_payment_connector(
        arn.rpartition("/")[2],
        "wallets",
        "CoinbaseCDP",
        provider["credentialProviderConfigurations"],
    )
    connector: str = made["paymentConnectorId"]
    return connector


def test_life_with_a_bearer_token(
    shop: Any, arn: str, token: Token, wallet: Any, payment_required: Any
) -> None:
    payments = PaymentManager(
        arn, region_name=REGION, bearer_token=token(sub="bob", client_id="app")
    )
    instrument = wallet(payments, _connector(shop, arn))
    session = payments.create_payment_session(
        60, limits={"maxSpendAmount": {"value": "1.00", "currency": "USD"}}
    )
    assert session["userId"] == "bob"
    headers = payments.generate_payment_header(
        payment_instrument_id=instrument,
        payment_session_id=session["paymentSessionId"],
        payment_required_request=payment_required(),
    )
    assert list(headers) == ["PAYMENT-SIGNATURE"]


def test_token_provider_is_asked_for_each_request(arn: str, token: Token) -> None:
    users = iter(["bob", "eve"])
    payments = PaymentManager(
        arn, region_name=REGION, token_provider=lambda: token(sub=next(users), client_id="app")
    )
    made = [payments.create_payment_session(60)["userId"] for _ in range(2)]
    assert made == ["bob", "eve"]


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"sub": "bob", "client_id": "app", "exp": 1}, "UnauthorizedException"),
        ({"client_id": "app"}, "UnauthorizedException"),
        ({"sub": "bob", "client_id": "other"}, "AccessDeniedException"),
    ],
)
def test_refused_token_is_a_payment_error(
    arn: str, token: Token, claims: dict[str, Any], code: str
) -> None:
    payments = PaymentManager(arn, region_name=REGION, bearer_token=token(**claims))
    with pytest.raises(PaymentError, match=code):
        payments.create_payment_session(60)


def test_valid_expiry_is_accepted(arn: str, token: Token) -> None:
    claims = {"sub": "bob", "client_id": "app", "exp": int(time.time()) + 60}
    payments = PaymentManager(arn, region_name=REGION, bearer_token=token(**claims))
    assert payments.create_payment_session(60)["userId"] == "bob"


def test_bearer_token_for_an_iam_manager_is_refused(shop: Any, token: Token) -> None:
    payments = shop.payments(bearer_token=token(sub="bob"))
    with pytest.raises(PaymentError, match="Authorization method mismatch"):
        payments.create_payment_session(60)
