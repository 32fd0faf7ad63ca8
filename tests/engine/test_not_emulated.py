"""What only the service definitions know is refused by name."""

from __future__ import annotations

import pytest


def test_an_operation(service, refused):
    with refused("UnknownOperationException", "RefundPayment is not emulated") as caught:
        service.call("RefundPayment")
    assert caught.value.status == 404


def test_an_authorizer(service, refused):
    with refused(
        "ValidationException", "Authorizer type 'PASSKEY' is not emulated", "authorizerType"
    ):
        service.create_manager(authorizerType="PASSKEY")


@pytest.mark.parametrize("mode", ["MANUAL", "QUICK_CREATE"])
def test_a_vendor_of_a_connector(shop, refused, mode):
    message = "Connector type 'NewVendor' is not emulated"
    with refused("ValidationException", message, "type"):
        shop.create_connector(
            shop.manager_id,
            type="NewVendor",
            provisionMode=mode,
            credentialProviderConfigurations=[],
        )
    with refused("ValidationException", message, "type"):
        shop.call(
            "UpdatePaymentConnector",
            paymentManagerId=shop.manager_id,
            paymentConnectorId=shop.connector_id,
            type="NewVendor",
        )


@pytest.mark.parametrize("operation", ["Create", "Update"])
def test_a_vendor_of_a_credential_provider(service, refused, operation):
    message = "Credential provider vendor 'NewVendor' is not emulated"
    with refused("ValidationException", message, "credentialProviderVendor"):
        service.call(
            f"{operation}PaymentCredentialProvider",
            name="new",
            credentialProviderVendor="NewVendor",
            providerConfigurationInput={"newVendorConfiguration": {"key": "k"}},
        )


def test_a_provision_mode(shop, refused):
    message = "Provision mode 'SLOW_CREATE' is not emulated"
    with refused("ValidationException", message, "provisionMode"):
        shop.create_connector(shop.manager_id, provisionMode="SLOW_CREATE")


def test_a_source_of_secrets(service, refused):
    with refused(
        "ValidationException",
        "Secret source 'VAULT' is not emulated",
        "providerConfigurationInput.coinbaseCdpConfiguration.apiKeySecretSource",
    ):
        service.call(
            "CreatePaymentCredentialProvider",
            name="coins",
            credentialProviderVendor="CoinbaseCDP",
            providerConfigurationInput={
                "coinbaseCdpConfiguration": {
                    "apiKeyId": "a",
                    "apiKeySecretSource": "VAULT",
                    "walletSecret": "s",
                }
            },
        )


def test_a_type_of_instrument(shop, refused):
    message = "Instrument type 'CARD' is not emulated"
    with refused("ValidationException", message, "paymentInstrumentType"):
        shop.create_instrument(paymentInstrumentType="CARD")


def test_a_network_of_wallets(shop, refused):
    with refused(
        "ValidationException",
        "Wallet network 'STELLAR' is not emulated",
        "paymentInstrumentDetails.embeddedCryptoWallet.network",
    ):
        shop.create_instrument(
            paymentInstrumentDetails={
                "embeddedCryptoWallet": {"network": "STELLAR", "linkedAccounts": []}
            }
        )


def test_a_token_of_a_balance(shop, refused):
    with refused("ValidationException", "Token 'EURC' is not emulated", "token"):
        shop.call(
            "GetPaymentInstrumentBalance",
            **shop.of(paymentInstrumentId=shop.instrument_id, chain="BASE", token="EURC"),
        )


def test_a_currency_of_limits(shop, refused):
    with refused(
        "ValidationException",
        "Currency 'EUR' is not emulated",
        "limits.maxSpendAmount.currency",
    ):
        shop.create_session(limits={"maxSpendAmount": {"value": "1", "currency": "EUR"}})


def test_a_payment_type(shop, refused):
    session_id = shop.create_session()["paymentSessionId"]
    message = "Payment type 'AWS_BILLING_X402' is not emulated"
    with refused("ValidationException", message, "paymentType"):
        shop.pay(session_id, 1, paymentType="AWS_BILLING_X402")
