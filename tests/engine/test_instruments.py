"""Payment instruments: creation, statuses, ownership, balances, deletion."""

from __future__ import annotations

import re
from random import Random

import pytest

from boto3_agentcore_payments.emulator.engine import finding
from boto3_agentcore_payments.emulator.engine.state import PaymentsState
from boto3_agentcore_payments.errors import MissingExtraError

DETAILS = {"embeddedCryptoWallet": {"network": "SOLANA", "linkedAccounts": []}}


def get(shop, instrument_id, user="alice", **params):
    answer = shop.call(
        "GetPaymentInstrument", **shop.of(user, paymentInstrumentId=instrument_id, **params)
    )
    return answer["paymentInstrument"]


def not_found(shop):
    return f"Payment instrument not found: {shop.instrument_id} for the given user and manager."


def balance(shop, instrument_id, chain="BASE_SEPOLIA"):
    return shop.call(
        "GetPaymentInstrumentBalance",
        **shop.of(
            paymentConnectorId=shop.connector_id,
            paymentInstrumentId=instrument_id,
            chain=chain,
            token="USDC",
        ),
    )


def delete(shop, instrument_id, **changes):
    params = shop.of(paymentConnectorId=shop.connector_id, paymentInstrumentId=instrument_id)
    return shop.call("DeletePaymentInstrument", **{**params, **changes})


def test_a_new_instrument_is_active_at_once_with_an_address(shop):
    instrument = shop.create_instrument()
    instrument_id = instrument["paymentInstrumentId"]
    wallet = instrument["paymentInstrumentDetails"]["embeddedCryptoWallet"]
    assert re.fullmatch(r"https://hub\.cdp\.coinbase\.invalid/[0-9a-f]{12}", wallet["redirectUrl"])
    assert re.fullmatch(r"payment-instrument-[0-9a-zA-Z]{15}", instrument_id)
    assert instrument == {
        "paymentInstrumentId": instrument_id,
        "paymentManagerArn": shop.arn,
        "paymentConnectorId": shop.connector_id,
        "userId": "alice",
        "paymentInstrumentType": "EMBEDDED_CRYPTO_WALLET",
        "paymentInstrumentDetails": {
            "embeddedCryptoWallet": {
                "network": "ETHEREUM",
                "walletAddress": shop.address(2),
                "redirectUrl": wallet["redirectUrl"],
            }
        },
        "createdAt": shop.clock.now,
        "updatedAt": shop.clock.now,
        "status": "ACTIVE",
    }


def test_an_instrument_becomes_active(shop):
    assert get(shop, shop.instrument_id)["status"] == "ACTIVE"


def test_a_privy_instrument_has_no_redirect_url(shop):
    connector = shop.create_connector(
        shop.manager_id,
        type="StripePrivy",
        credentialProviderConfigurations=[{"stripePrivy": {"credentialProviderArn": "arn:x/y"}}],
    )
    instrument = shop.create_instrument(paymentConnectorId=connector["paymentConnectorId"])
    assert "redirectUrl" not in instrument["paymentInstrumentDetails"]["embeddedCryptoWallet"]


def test_linked_accounts_may_be_missing(shop):
    instrument = shop.create_instrument(
        paymentInstrumentDetails={"embeddedCryptoWallet": {"network": "SOLANA"}}
    )
    assert instrument["paymentInstrumentDetails"]["embeddedCryptoWallet"]["network"] == "SOLANA"


def test_an_instrument_needs_a_user(shop, refused):
    with refused("ValidationException", "userId is required"):
        shop.create_instrument(user="")


def test_an_instrument_needs_a_known_manager(shop, refused):
    arn = shop.arn[:-3] + "zzz"
    message = f"Payment manager not found: {arn.rpartition('/')[2]}"
    with refused("ResourceNotFoundException", message):
        shop.create_instrument(paymentManagerArn=arn)


def test_an_instrument_needs_a_known_connector(shop, refused):
    message = "Payment connector not found: coins-0000000000"
    with refused("ResourceNotFoundException", message):
        shop.create_instrument(paymentConnectorId="coins-0000000000")


def test_an_instrument_needs_a_ready_connector(shop, refused):
    manager = shop.state.managers.get(shop.manager_id)
    manager.connectors.get(shop.connector_id).lifecycle.force("CREATE_FAILED")
    message = f"Payment connector {shop.connector_id} is not ready. Status: CREATE_FAILED"
    with refused("ConflictException", message):
        shop.create_instrument()


def test_every_run_has_the_same_addresses_whatever_the_ids(new_shop):
    first, second = new_shop(random=Random(1)), new_shop(random=Random(2))
    assert first.instrument_id != second.instrument_id
    addresses = [
        shop.create_instrument()["paymentInstrumentDetails"]["embeddedCryptoWallet"][
            "walletAddress"
        ]
        for shop in (first, second)
    ]
    assert addresses == [first.address(2)] * 2


def test_wallets_of_two_accounts_or_regions_are_apart():
    places = [("123456789012", "us-east-1"), ("123456789012", "us-west-2"), ("2" * 12, "us-east-1")]
    assert len({PaymentsState(*place).next_wallet() for place in places}) == len(places)


def test_without_a_prover_an_instrument_has_no_address_yet(new_shop):
    shop = new_shop(prover=None)
    wallet = get(shop, shop.instrument_id)["paymentInstrumentDetails"]["embeddedCryptoWallet"]
    assert "walletAddress" not in wallet


def test_a_missing_library_surfaces_and_nothing_is_created(shop):
    shop.prover.address_failure = MissingExtraError("A wallet", extra="emulator", module="solders")
    with pytest.raises(MissingExtraError, match=r"boto3-agentcore-payments\[emulator\]"):
        shop.create_instrument(user="bob")
    assert "bob" not in shop.state.managers.get(shop.manager_id).owners


@pytest.mark.parametrize("params", [{"user": "bob"}, {"paymentConnectorId": "coins-0000000000"}])
def test_another_user_or_connector_does_not_find_it(shop, refused, params):
    message = not_found(shop)
    with refused("ResourceNotFoundException", message):
        get(shop, shop.instrument_id, **params)


def test_the_same_user_under_another_manager_does_not_find_it(shop, refused):
    other = shop.create_manager()["paymentManagerArn"]
    message = not_found(shop)
    with refused("ResourceNotFoundException", message):
        shop.call(
            "GetPaymentInstrument",
            userId="alice",
            paymentManagerArn=other,
            paymentInstrumentId=shop.instrument_id,
        )


def test_a_list_has_the_user_s_own_without_details(shop):
    shop.create_instrument(user="bob")
    (summary,) = shop.call("ListPaymentInstruments", **shop.of())["paymentInstruments"]
    full = get(shop, shop.instrument_id)
    del full["paymentInstrumentDetails"]
    assert summary == full


def test_a_list_may_be_of_one_connector(shop):
    other = shop.create_connector(shop.manager_id)["paymentConnectorId"]
    theirs = shop.create_instrument(paymentConnectorId=other)["paymentInstrumentId"]
    listed = shop.call("ListPaymentInstruments", **shop.of(paymentConnectorId=other))
    assert [one["paymentInstrumentId"] for one in listed["paymentInstruments"]] == [theirs]
    everything = shop.call("ListPaymentInstruments", **shop.of())["paymentInstruments"]
    assert [one["paymentInstrumentId"] for one in everything] == [shop.instrument_id, theirs]


def test_a_deleted_instrument_is_neither_got_nor_listed(shop, refused):
    assert delete(shop, shop.instrument_id) == {"status": "DELETED"}
    for read in (get, balance):
        with refused("ResourceNotFoundException", not_found(shop)):
            read(shop, shop.instrument_id)
    assert shop.call("ListPaymentInstruments", **shop.of())["paymentInstruments"] == []


def test_a_second_delete_finds_nothing(shop, refused):
    delete(shop, shop.instrument_id)
    message = not_found(shop)
    with refused("ResourceNotFoundException", message):
        delete(shop, shop.instrument_id)


@pytest.mark.parametrize(
    "changes", [{"userId": "bob"}, {"userId": ""}, {"paymentConnectorId": "coins-0000000000"}]
)
def test_a_delete_must_match_in_everything(shop, refused, changes):
    message = not_found(shop)
    with refused("ResourceNotFoundException", message):
        delete(shop, shop.instrument_id, **changes)
    assert get(shop, shop.instrument_id)["status"] == "ACTIVE"


@pytest.mark.parametrize("operation", ["GetPaymentInstrument", "DeletePaymentInstrument"])
def test_an_unknown_manager_is_told_by_its_id(shop, refused, operation):
    params = shop.of(paymentConnectorId=shop.connector_id, paymentInstrumentId=shop.instrument_id)
    params["paymentManagerArn"] = shop.arn[:-3] + "zzz"
    message = f"Payment manager not found: {params['paymentManagerArn'].rpartition('/')[2]}"
    with refused("ResourceNotFoundException", message):
        shop.call(operation, **params)


def test_a_wallet_that_never_held_usdc_has_no_balance(shop, refused):
    message = "Wallet does not have a USDC balance"
    with refused("ValidationException", message, "paymentInstrumentId") as caught:
        balance(shop, shop.instrument_id)
    assert "reason" not in caught.value.members


def test_a_balance_is_text_in_atomic_units(shop):
    shop.state.balances.set(shop.address(), "BASE_SEPOLIA", 0)
    assert balance(shop, shop.instrument_id) == {
        "paymentInstrumentId": shop.instrument_id,
        "tokenBalance": {
            "amount": "0",
            "decimals": 6,
            "token": "USDC",
            "network": "ETHEREUM",
            "chain": "BASE_SEPOLIA",
        },
    }


def test_a_funded_wallet_shows_its_money_on_its_chain_only(shop, refused):
    shop.state.balances.fund(shop.address(), "BASE_SEPOLIA", 12_345_678)
    assert balance(shop, shop.instrument_id)["tokenBalance"]["amount"] == "12345678"
    with refused("ValidationException", "Wallet does not have a USDC balance"):
        balance(shop, shop.instrument_id, "BASE")


@pytest.mark.parametrize(
    ("network", "chain", "supported"),
    [
        ("ETHEREUM", "SOLANA_DEVNET", "BASE, BASE_SEPOLIA, ETHEREUM"),
        ("SOLANA", "BASE", "SOLANA, SOLANA_DEVNET"),
    ],
)
def test_a_balance_needs_a_chain_of_the_wallet_s_network(shop, refused, network, chain, supported):
    details = {"embeddedCryptoWallet": {"network": network, "linkedAccounts": []}}
    instrument_id = shop.create_instrument(paymentInstrumentDetails=details)["paymentInstrumentId"]
    message = (
        f"Chain '{chain}' is not supported for network '{network}'. Supported chains: {supported}"
    )
    with refused("ValidationException", message):
        balance(shop, instrument_id, chain)


def test_an_answer_shares_nothing_with_the_state(shop):
    answer = get(shop, shop.instrument_id)
    answer["paymentInstrumentDetails"]["embeddedCryptoWallet"].clear()
    wallet = get(shop, shop.instrument_id)["paymentInstrumentDetails"]["embeddedCryptoWallet"]
    assert wallet["network"] == "ETHEREUM"


def test_the_state_shares_nothing_with_the_request(shop):
    details = {"embeddedCryptoWallet": {"network": "SOLANA", "linkedAccounts": [{"sms": {}}]}}
    instrument_id = shop.create_instrument(paymentInstrumentDetails=details)["paymentInstrumentId"]
    details["embeddedCryptoWallet"]["linkedAccounts"].clear()
    instrument = finding.find_instrument_anywhere(shop.state, instrument_id)
    assert instrument.linked_accounts == [{"sms": {}}]


def test_the_wallet_keeps_its_money_when_the_instrument_is_deleted(shop):
    shop.state.balances.fund(shop.address(), "BASE_SEPOLIA", 7)
    delete(shop, shop.instrument_id)
    assert shop.state.balances.get(shop.address(), "BASE_SEPOLIA") == 7


def test_a_user_whose_last_instrument_is_deleted_is_forgotten(shop):
    delete(shop, shop.instrument_id)
    assert not shop.state.managers.get(shop.manager_id).owners


def test_a_repr_has_no_e_mail_address_and_no_telephone_number(shop):
    accounts = [
        {"email": {"emailAddress": "alice@example.com"}},
        {"sms": {"phoneNumber": "+15555550100"}},
    ]
    shop.call(
        "CreatePaymentInstrument",
        **shop.of(
            "bob@example.com",
            paymentConnectorId=shop.connector_id,
            paymentInstrumentType="EMBEDDED_CRYPTO_WALLET",
            paymentInstrumentDetails={
                "embeddedCryptoWallet": {"network": "ETHEREUM", "linkedAccounts": accounts}
            },
        ),
    )
    (manager,) = shop.state.managers
    (instrument,) = manager.owners["bob@example.com"].instruments.values()
    assert repr(instrument) == (
        f"Instrument(identifier={instrument.identifier!r}, type='EMBEDDED_CRYPTO_WALLET', "
        f"network='ETHEREUM', address={shop.address(2)!r})"
    )
