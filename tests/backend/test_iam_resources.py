"""The guide's policies under moto's enforcement: each role may call its operations."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError
from enforced_policies import allow, deny, enforced
from ready_shop import EMAIL, ROLE, ClientShop, error_of

from boto3_agentcore_payments.emulator.engine.operations import OPERATIONS

SERVICE = "arn:aws:bedrock-agentcore:us-west-2:123456789012"
MANAGER = f"{SERVICE}:payment-manager/shop-abcdefghij"
CONNECTOR = "wallets-abcdefghij"
MANAGERS = f"{SERVICE}:payment-manager/*"
CONNECTORS = f"{SERVICE}:payment-manager/*/connector/*"
PROVIDERS = f"{SERVICE}:token-vault/*/paymentcredentialprovider/*"
IN_PATH = {"paymentManagerId": MANAGER.rpartition("/")[2]}
OF_MANAGER = {"paymentManagerArn": MANAGER, "userId": "alice"}
OF_SESSION = {**OF_MANAGER, "paymentSessionId": "payment-session-123456789012345"}
OF_INSTRUMENT = {**OF_MANAGER, "paymentInstrumentId": "payment-instrument-123456789012345"}
OF_CONNECTOR = {**IN_PATH, "paymentConnectorId": CONNECTOR}
LINK = {"coinbaseCDP": {"credentialProviderArn": f"{SERVICE}:token-vault/default/x"}}
CONFIGURATION = {
    "stripePrivyConfiguration": {
        "appId": "app",
        "appSecret": "secret",
        "authorizationId": "authorization",
        "authorizationPrivateKey": "key",
    }
}
PROVIDER = {
    "name": "coinbase",
    "credentialProviderVendor": "StripePrivy",
    "providerConfigurationInput": CONFIGURATION,
}

REQUESTS: dict[str, dict[str, Any]] = {
    "CreatePaymentManager": {"name": "shop", "authorizerType": "AWS_IAM", "roleArn": ROLE},
    "GetPaymentManager": IN_PATH,
    "ListPaymentManagers": {},
    "UpdatePaymentManager": IN_PATH,
    "DeletePaymentManager": IN_PATH,
    "CreatePaymentConnector": {
        **IN_PATH,
        "name": "wallets",
        "type": "CoinbaseCDP",
        "credentialProviderConfigurations": [LINK],
    },
    "GetPaymentConnector": OF_CONNECTOR,
    "ListPaymentConnectors": IN_PATH,
    "UpdatePaymentConnector": OF_CONNECTOR,
    "DeletePaymentConnector": OF_CONNECTOR,
    "RotatePaymentConnectorCredentials": {
        **OF_CONNECTOR,
        "credentialsToRotate": {"coinbaseCDP": {"secrets": ["API_KEY"]}},
    },
    "CreatePaymentCredentialProvider": PROVIDER,
    "GetPaymentCredentialProvider": {"name": "coinbase"},
    "ListPaymentCredentialProviders": {},
    "UpdatePaymentCredentialProvider": PROVIDER,
    "DeletePaymentCredentialProvider": {"name": "coinbase"},
    "CreatePaymentInstrument": {
        **OF_MANAGER,
        "paymentConnectorId": CONNECTOR,
        "paymentInstrumentType": "EMBEDDED_CRYPTO_WALLET",
        "paymentInstrumentDetails": {
            "embeddedCryptoWallet": {"network": "ETHEREUM", "linkedAccounts": [EMAIL]}
        },
    },
    "GetPaymentInstrument": OF_INSTRUMENT,
    "GetPaymentInstrumentBalance": {
        **OF_INSTRUMENT,
        "paymentConnectorId": CONNECTOR,
        "chain": "BASE_SEPOLIA",
        "token": "USDC",
    },
    "ListPaymentInstruments": OF_MANAGER,
    "DeletePaymentInstrument": {**OF_INSTRUMENT, "paymentConnectorId": CONNECTOR},
    "CreatePaymentSession": {**OF_MANAGER, "expiryTimeInMinutes": 60},
    "GetPaymentSession": OF_SESSION,
    "ListPaymentSessions": OF_MANAGER,
    "DeletePaymentSession": OF_SESSION,
    "ProcessPayment": {
        **OF_SESSION,
        **OF_INSTRUMENT,
        "paymentType": "CRYPTO_X402",
        "paymentInput": {"cryptoX402": {"version": "2", "payload": {}}},
    },
    "GetResourcePaymentToken": {
        "workloadIdentityToken": "token",
        "resourceCredentialProviderName": "coinbase",
        "paymentTokenRequest": {
            "coinbaseCdpTokenRequest": {"requestMethod": "GET", "requestPath": "/x"}
        },
    },
}


def resource_in_the_guide(operation: str) -> str:
    """Return what the guide's policies name for an operation."""
    if "CredentialProvider" in operation or operation == "GetResourcePaymentToken":
        return PROVIDERS
    return CONNECTORS if "PaymentConnector" in operation else MANAGERS


def outcome(shop: ClientShop, operation: str) -> str:
    """Return what an operation is answered with: a code, or nothing."""
    try:
        shop.call(operation, **REQUESTS[operation])
    except ClientError as error:
        return error_of(error)[0]
    return ""


def test_every_operation_has_a_request() -> None:
    assert set(REQUESTS) == set(OPERATIONS)


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
def test_the_guides_resource_allows_an_operation_and_another_does_not(
    aws: None, operation: str
) -> None:
    right = resource_in_the_guide(operation)
    (wrong,) = {MANAGERS, PROVIDERS} - {right, MANAGERS if right == CONNECTORS else ""}
    with enforced(allow(operation, resource=wrong)) as shop:
        assert outcome(shop, operation) == "AccessDeniedException"
    with enforced(allow(operation, resource=right)) as shop:
        assert outcome(shop, operation) != "AccessDeniedException"


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
def test_an_explicit_deny_of_an_operation_outweighs_any_allow(aws: None, operation: str) -> None:
    with enforced(allow("*"), deny(operation)) as shop:
        assert outcome(shop, operation) == "AccessDeniedException"


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
def test_everything_is_allowed_by_a_wildcard(aws: None, operation: str) -> None:
    with enforced(allow("*")) as shop:
        assert outcome(shop, operation) != "AccessDeniedException"


@pytest.mark.parametrize(
    "operation",
    [name for name, request in REQUESTS.items() if {*IN_PATH, "paymentManagerArn"} & {*request}],
)
def test_a_managers_arn_covers_all_that_is_under_it(aws: None, operation: str) -> None:
    with enforced(allow(operation, resource=MANAGER)) as shop:
        assert outcome(shop, operation) != "AccessDeniedException"
    with enforced(allow(operation, resource=MANAGER.replace("shop", "other"))) as shop:
        assert outcome(shop, operation) == "AccessDeniedException"
    with enforced(allow("*"), deny("*", resource=MANAGER)) as shop:
        assert outcome(shop, operation) == "AccessDeniedException"


def test_a_policy_may_name_one_connector(aws: None) -> None:
    with enforced(allow("*", resource=f"{MANAGER}/connector/{CONNECTOR}")) as shop:
        assert outcome(shop, "GetPaymentConnector") == "ResourceNotFoundException"
        assert outcome(shop, "GetPaymentManager") == "AccessDeniedException"
        assert outcome(shop, "CreatePaymentConnector") == "AccessDeniedException"


def test_a_policy_may_name_one_credential_provider(aws: None) -> None:
    with enforced(allow("*", resource=PROVIDERS[:-1] + "coinbase")) as shop:
        assert outcome(shop, "GetPaymentCredentialProvider") == "ResourceNotFoundException"
        assert outcome(shop, "ListPaymentCredentialProviders") == "AccessDeniedException"


def test_a_service_role_for_the_whole_vault_gets_payment_tokens(aws: None) -> None:
    role = allow("GetResourcePaymentToken", resource=f"{SERVICE}:token-vault/default")
    with enforced(role) as shop:
        assert outcome(shop, "GetResourcePaymentToken") == "ResourceNotFoundException"


def test_the_guides_management_role_cannot_pay(aws: None) -> None:
    management = allow(
        *(
            f"{verb}Payment{thing}"
            for verb in ("Create", "Get", "List", "Delete")
            for thing in ("Instrument", "Instruments", "Session", "Sessions")
        ),
        resource=MANAGERS,
    )
    with enforced(management, deny("ProcessPayment")) as shop:
        assert outcome(shop, "CreatePaymentSession") != "AccessDeniedException"
        assert outcome(shop, "ListPaymentInstruments") == ""
        assert outcome(shop, "ProcessPayment") == "AccessDeniedException"
        assert outcome(shop, "DeletePaymentManager") == "AccessDeniedException"
