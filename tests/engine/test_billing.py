"""Connectors to the AWS bill, and who pays on it; what a quote must say is in tests/proofs."""

from __future__ import annotations

from dataclasses import replace

import pytest

INSTRUMENT = "aws.agentcorepayments.awsbilling.v1"
ROLE = (
    "arn:aws:iam::123456789012:role/aws-service-role/"
    "agenticcommerce.marketplace.amazonaws.com/AWSServiceRoleForMarketplaceAgenticCommerce"
)
CONFIGURATIONS = "credentialProviderConfigurations"
OWN = [{"awsBilling": {"iamRoleArn": ROLE}}]
NO_CONNECTOR = "The payment manager has no READY connector of type 'AwsBilling'"


def create(shop, name="Bill", **changes):
    return shop.call(
        "CreatePaymentConnector",
        **{"paymentManagerId": shop.manager_id, "name": name, "type": "AwsBilling", **changes},
    )


def named(shop, connector):
    return {
        "paymentManagerId": shop.manager_id,
        "paymentConnectorId": connector["paymentConnectorId"],
    }


class BillingProver:
    """A row beside the fake prover's own, which pays on the bill."""

    name = "AWS_BILLING_X402"
    input_member = output_member = "awsBillingX402"
    takes_wallet = False

    def __init__(self, prover):
        self._prover = prover

    def look_up(self, payment_input, *, now):
        """Find nothing."""

    def prepare(self, payment_input, *, wallet, found, now):
        """Accept any payload that has an amount, in 10**-8 dollars."""
        assert wallet is None
        prepared = self._prover.prepare(payment_input, wallet=None, found=found, now=now)
        return replace(
            prepared,
            charge=prepared.amount,
            network="aws:base",
            chain=None,
            asset="iso4217:USD",
            captured=True,
        )


@pytest.fixture
def row(shop):
    row = BillingProver(shop.prover)
    shop.prover.payment_types[row.name] = row
    return row


@pytest.fixture
def session_id(shop):
    return shop.create_session("0.10")["paymentSessionId"]


def pay(shop, session_id, units, **changes):
    return shop.pay(
        session_id,
        None,
        **{
            "paymentType": "AWS_BILLING_X402",
            "paymentInstrumentId": INSTRUMENT,
            "paymentInput": {"awsBillingX402": {"version": "2", "payload": {"amount": units}}},
            **changes,
        },
    )


@pytest.mark.parametrize("given", [{}, {CONFIGURATIONS: []}, {CONFIGURATIONS: OWN}])
def test_a_connector_to_the_bill_shows_the_service_linked_role(shop, given):
    connector = create(shop, **given)
    assert connector["type"] == "AwsBilling"
    assert connector[CONFIGURATIONS] == OWN
    read = shop.call("GetPaymentConnector", **named(shop, connector))
    assert (read["status"], read[CONFIGURATIONS]) == ("READY", OWN)


@pytest.mark.parametrize(
    "given",
    [
        [{"coinbaseCDP": {"credentialProviderArn": "arn:aws:acps:us-east-1:123456789012:x/y"}}],
        [{"awsBilling": {"iamRoleArn": "arn:aws:iam::123456789012:role/other"}}],
        OWN + OWN,
    ],
)
def test_it_takes_no_credential_provider_and_no_other_role(shop, refused, given):
    message = f"{CONFIGURATIONS} must be empty for type 'AwsBilling'"
    with refused("ValidationException", message, CONFIGURATIONS) as caught:
        create(shop, **{CONFIGURATIONS: given})
    assert "reason" not in caught.value.members


def test_the_service_makes_no_credentials_for_it(shop, refused):
    message = "provisionMode QUICK_CREATE is only supported for type 'CoinbaseCDP'"
    with refused("ValidationException", message):
        create(shop, provisionMode="QUICK_CREATE")


def test_it_is_updated_listed_and_deleted_like_any_other(shop):
    connector = create(shop)
    updated = shop.call("UpdatePaymentConnector", **named(shop, connector), description="Our bill")
    assert updated[CONFIGURATIONS] == OWN
    listed = shop.call("ListPaymentConnectors", paymentManagerId=shop.manager_id)
    assert {entry["type"] for entry in listed["paymentConnectors"]} == {"CoinbaseCDP", "AwsBilling"}
    shop.call("DeletePaymentConnector", **named(shop, connector))
    listed = shop.call("ListPaymentConnectors", paymentManagerId=shop.manager_id)
    assert {entry["type"] for entry in listed["paymentConnectors"]} == {"CoinbaseCDP"}


def test_no_instrument_is_created_on_it(shop, refused):
    connector = create(shop)
    message = f"A connector of type 'AwsBilling' takes no instruments; pay with {INSTRUMENT}"
    with refused("ValidationException", message, "paymentConnectorId"):
        shop.create_instrument(paymentConnectorId=connector["paymentConnectorId"])


def test_its_instrument_is_not_one_that_can_be_read(shop, refused):
    create(shop)
    with pytest.raises(Exception, match="Payment instrument not found"):
        shop.call("GetPaymentInstrument", **shop.of(paymentInstrumentId=INSTRUMENT))


def test_the_managers_account_pays_and_the_ledger_has_it_as_settled(shop, row, session_id):
    connector = create(shop)
    answer = pay(shop, session_id, 1_000_000)
    assert (answer["paymentInstrumentId"], answer["paymentType"]) == (INSTRUMENT, row.name)
    (payment,) = shop.state.ledger.payments()
    assert (payment.status, payment.settled_amount) == ("SETTLED", 1_000_000)
    assert (payment.currency, payment.amount_text) == ("USD", "0.01")
    assert payment.connector == connector["paymentConnectorId"]
    assert shop.left(session_id) == "0.09"


def test_the_bill_and_the_wallets_are_not_added_up(shop, row, session_id):
    create(shop)
    pay(shop, session_id, 1)
    shop.pay(session_id, 20_000)
    assert shop.state.ledger.billed() == 1
    assert [(each.currency, each.amount_text) for each in shop.state.ledger.payments()] == [
        ("USD", "0.00000001"),
        ("USDC", "0.02"),
    ]
    assert shop.left(session_id) == "0.07999999"


def test_without_a_connector_to_the_bill_nothing_is_paid(shop, row, session_id, refused):
    with refused("ValidationException", NO_CONNECTOR, "paymentInstrumentId"):
        pay(shop, session_id, 1)
    assert (shop.left(session_id), shop.prover.signed) == ("0.1", [])


def test_the_oldest_ready_connector_pays(shop, row, session_id):
    oldest, newer = create(shop, "Zulu"), create(shop, "Alfa")
    pay(shop, session_id, 1)
    shop.state.managers.get(shop.manager_id).connectors.get(
        oldest["paymentConnectorId"]
    ).lifecycle.force("UPDATE_FAILED")
    pay(shop, session_id, 1)
    assert [payment.connector for payment in shop.state.ledger.payments()] == [
        oldest["paymentConnectorId"],
        newer["paymentConnectorId"],
    ]


def test_the_event_of_a_payment_names_the_connector_that_paid(shop, row, session_id):
    create(shop)
    connectors = shop.state.managers.get(shop.manager_id).connectors
    events = []
    shop.state.listeners.add(events.append)
    token = shop.token()
    for _ in range(2):
        pay(shop, session_id, 1, clientToken=token)
    (payment,) = shop.state.ledger.payments()
    assert connectors.get(payment.connector).type == "AwsBilling"
    assert [event.connector_id for event in events] == [payment.connector] * 2
    assert [event.repeated for event in events] == [False, True]


def test_a_manager_that_is_not_ready_pays_nothing(shop, row, session_id, refused):
    create(shop)
    shop.state.managers.get(shop.manager_id).lifecycle.force("UPDATING")
    with refused("ValidationException", NO_CONNECTOR):
        pay(shop, session_id, 1)


def test_a_wallet_does_not_pay_on_the_bill(shop, row, session_id, refused):
    create(shop)
    message = (
        f"Payment type 'AWS_BILLING_X402' is paid with {INSTRUMENT}. Received: {shop.instrument_id}"
    )
    with refused("ValidationException", message, "paymentInstrumentId"):
        pay(shop, session_id, 1, paymentInstrumentId=shop.instrument_id)


def test_the_bill_does_not_pay_for_a_wallet(shop, row, session_id):
    create(shop)
    with pytest.raises(Exception, match="Payment instrument not found"):
        shop.pay(session_id, 1, paymentInstrumentId=INSTRUMENT)


def test_a_payment_over_the_budget_is_not_signed(shop, row, session_id):
    create(shop)
    with pytest.raises(Exception, match="Insufficient budget"):
        pay(shop, session_id, 10_000_001)
    assert (shop.left(session_id), shop.prover.signed) == ("0.1", [])


def test_the_first_token_comes_again_for_its_client_token(shop, row, session_id):
    create(shop)
    token = shop.token()
    first = pay(shop, session_id, 1_000_000, clientToken=token)
    assert pay(shop, session_id, 1_000_000, clientToken=token) == first
    assert shop.left(session_id) == "0.09"
