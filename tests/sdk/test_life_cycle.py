"""The whole life of a shop with PaymentClient and PaymentManager."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from boto3_agentcore_payments.emulator.control import PaymentsControl
from boto3_agentcore_payments.testing import secrets

REGION = "us-west-2"


def test_manager_and_connector_are_made_and_ready(shop: Any) -> None:
    manager = shop.client.get_payment_manager(shop.manager_id)
    assert (manager["name"], manager["status"]) == ("shop", "READY")
    connector = shop.client.get_payment_connector(shop.manager_id, shop.connector)
    assert (connector["name"], connector["status"]) == ("wallets", "READY")


def test_manager_is_updated_listed_and_deleted(shop: Any) -> None:
    updated = shop.client.update_payment_manager(shop.manager_id, description="new")
    assert updated["paymentManagerId"] == shop.manager_id
    listed = shop.client.list_payment_managers()["paymentManagers"]
    assert [manager["paymentManagerId"] for manager in listed] == [shop.manager_id]
    with pytest.raises(ClientError, match="still has payment connectors"):
        shop.client.delete_payment_manager(shop.manager_id)
    connectors = shop.client.list_payment_connectors(shop.manager_id)["paymentConnectors"]
    assert [connector["paymentConnectorId"] for connector in connectors] == [shop.connector]
    shop.client.delete_payment_connector(shop.manager_id, shop.connector)
    shop.client.delete_payment_manager(shop.manager_id)
    assert shop.client.list_payment_managers()["paymentManagers"] == []


def test_failed_orchestration_is_rolled_back(shop: Any) -> None:
    config = {
        "name": "wallets",
        "payment_credential_provider_config": {
            "name": "other",
            "credential_provider_vendor": "CoinbaseCDP",
            "credentials": {
                "api_key_id": "k",
                "api_key_secret": secrets.coinbase_api_key_secret(),
                "wallet_secret": secrets.coinbase_wallet_secret(),
            },
        },
    }
    PaymentsControl(region=REGION).inject_fault(
        "CreatePaymentConnector", error="AccessDeniedException"
    )
    with pytest.raises(Exception, match=r"AccessDenied|Injected"):
        shop.client.create_payment_manager_with_connector(
            "other", "d", "AWS_IAM", "arn:aws:iam::123456789012:role/p", config
        )
    listed = shop.client.list_payment_managers()["paymentManagers"]
    assert [manager["name"] for manager in listed] == ["shop"]
    providers = shop.client.identity_client.cp_client.list_payment_credential_providers()
    assert [provider["name"] for provider in providers["credentialProviders"]] == ["coinbase"]


def test_quick_create_connector_is_approved_and_rotated(shop: Any) -> None:
    made = shop.client.payments_cp_client.create_payment_connector(
        paymentManagerId=shop.manager_id,
        name="quick",
        type="CoinbaseCDP",
        provisionMode="QUICK_CREATE",
        credentialProviderConfigurations=[],
    )
    connector = made["paymentConnectorId"]
    assert made["status"] == "PENDING_AUTHENTICATION"
    PaymentsControl(region=REGION).approve_authorization(connector)
    assert shop.client.get_payment_connector(shop.manager_id, connector)["status"] == "READY"
    rotated = shop.client.rotate_payment_connector_credentials(
        shop.manager_id, connector, ["API_KEY", "WALLET_SECRET"]
    )
    assert rotated["status"] == "READY"


def test_instruments_live_and_die(shop: Any, wallet: Any) -> None:
    payments = shop.payments()
    made = wallet(payments, shop.connector, user_id="alice")
    found = payments.get_payment_instrument(
        user_id="alice", payment_connector_id=shop.connector, payment_instrument_id=made
    )
    assert (found["paymentInstrumentId"], found["status"]) == (made, "ACTIVE")
    PaymentsControl(region=REGION).fund_wallet(made, 1_500_000)
    balance = payments.get_payment_instrument_balance(
        payment_connector_id=shop.connector,
        payment_instrument_id=made,
        chain="BASE_SEPOLIA",
        token="USDC",
        user_id="alice",
    )
    assert balance["tokenBalance"]["amount"] == "1500000"
    deleted = payments.delete_payment_instrument(
        user_id="alice", payment_connector_id=shop.connector, payment_instrument_id=made
    )
    assert deleted["status"] == "DELETED"
    assert payments.list_payment_instruments(user_id="alice")["paymentInstruments"] == []


def test_wallet_without_linked_accounts_is_accepted(shop: Any, emulator: str) -> None:
    from botocore.config import Config

    payments = shop.payments(boto_client_config=Config(parameter_validation=False))
    made = payments.create_payment_instrument(
        payment_connector_id=shop.connector,
        payment_instrument_type="EMBEDDED_CRYPTO_WALLET",
        payment_instrument_details={"embeddedCryptoWallet": {"network": "ETHEREUM"}},
        user_id="alice",
    )
    assert made["paymentInstrumentId"].startswith("payment-instrument-")


def test_sessions_are_made_paged_and_deleted(shop: Any) -> None:
    payments = shop.payments()
    made = [
        payments.create_payment_session(60, user_id="alice")["paymentSessionId"] for _ in range(5)
    ]
    seen: list[str] = []
    page: dict[str, Any] = payments.list_payment_sessions(user_id="alice", max_results=2)
    while True:
        seen += [session["paymentSessionId"] for session in page["paymentSessions"]]
        if not page.get("nextToken"):
            break
        page = payments.list_payment_sessions(
            user_id="alice", max_results=2, next_token=page["nextToken"]
        )
    assert sorted(seen) == sorted(made)
    payments.delete_payment_session(payment_session_id=made[0], user_id="alice")
    assert len(payments.list_payment_sessions(user_id="alice")["paymentSessions"]) == 4


def test_agent_name_isolates_nothing(shop: Any) -> None:
    session = shop.payments(agent_name="one").create_payment_session(60, user_id="alice")
    found = shop.payments(agent_name="two").get_payment_session(
        payment_session_id=session["paymentSessionId"], user_id="alice"
    )
    assert found["paymentSessionId"] == session["paymentSessionId"]


@pytest.mark.parametrize(("version", "header"), [(1, "X-PAYMENT"), (2, "PAYMENT-SIGNATURE")])
def test_payment_header_is_generated(
    shop: Any, wallet: Any, payment_required: Any, version: int, header: str
) -> None:
    payments = shop.payments()
    instrument = wallet(payments, shop.connector, user_id="alice")
    session = payments.create_payment_session(
        60, user_id="alice", limits={"maxSpendAmount": {"value": "1.00", "currency": "USD"}}
    )["paymentSessionId"]
    headers = payments.generate_payment_header(
        payment_instrument_id=instrument,
        payment_session_id=session,
        payment_required_request=payment_required(version),
        user_id="alice",
    )
    assert list(headers) == [header]
    found = payments.get_payment_session(payment_session_id=session, user_id="alice")
    assert found["availableLimits"]["availableSpendAmount"]["value"] == "0.99"
    (payment,) = PaymentsControl(region=REGION).payments()
    assert (payment.amount, payment.chain) == (10_000, "BASE_SEPOLIA")
