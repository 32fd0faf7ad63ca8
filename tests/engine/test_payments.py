"""ProcessPayment: what it answers, what it refuses and in which order, what a failure leaves."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from boto3_agentcore_payments.emulator.engine import instruments
from boto3_agentcore_payments.emulator.engine.errors import InternalServerException
from boto3_agentcore_payments.emulator.engine.ports import (
    Prepared,
    ProofSigningError,
    SignedProof,
)
from boto3_agentcore_payments.errors import MissingExtraError


@pytest.fixture
def session_id(shop):
    return shop.create_session("0.10")["paymentSessionId"]


def delete_session(shop, session_id):
    shop.call("DeletePaymentSession", **shop.of(paymentSessionId=session_id))


def session_not_found(session_id):
    return f"Payment session not found: {session_id}"


def test_a_payment_answers_with_its_proof(shop, session_id):
    answer = shop.pay(session_id, 10_000)
    assert re.fullmatch(
        r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
        answer["processPaymentId"],
    )
    assert answer == {
        "processPaymentId": answer["processPaymentId"],
        "paymentManagerArn": shop.arn,
        "paymentSessionId": session_id,
        "paymentInstrumentId": shop.instrument_id,
        "paymentType": "CRYPTO_X402",
        "status": "PROOF_GENERATED",
        "paymentOutput": {"cryptoX402": {"version": "2", "payload": {"proof": "proof-1"}}},
        "createdAt": shop.clock.now,
        "updatedAt": shop.clock.now,
    }


def test_a_payment_takes_from_the_budget_at_once(shop, session_id):
    shop.clock.move(minutes=1)
    shop.pay(session_id, 10_000)
    session = shop.session(session_id)
    assert session["availableLimits"] == {
        "availableSpendAmount": {"value": "0.09", "currency": "USD"},
        "updatedAt": shop.clock.now,
    }
    assert session["limits"]["maxSpendAmount"]["value"] == "0.1"
    assert session["createdAt"] < session["updatedAt"] == shop.clock.now


def test_payments_add_up(shop, session_id):
    for _ in range(3):
        shop.pay(session_id, 33_333)
    assert shop.left(session_id) == "0.000001"


def test_over_budget_is_refused_before_anything_is_signed(shop, session_id, refused):
    shop.pay(session_id, 80_000)
    message = (
        f"Insufficient budget for session {session_id}. Pending amount: 0.02 USD, "
        "Transaction amount: 5.000000 USD"
    )
    with refused("ValidationException", message, "paymentSessionId") as caught:
        shop.pay(session_id, 5_000_000)
    assert "reason" not in caught.value.members
    assert shop.prover.signed == [80_000]
    assert shop.left(session_id) == "0.02"


def test_the_last_unit_can_be_spent_and_no_more(shop, session_id, refused):
    shop.pay(session_id, 100_000)
    message = (
        f"Insufficient budget for session {session_id}. Pending amount: 0 USD, "
        "Transaction amount: 0.000001 USD"
    )
    with refused("ValidationException", message):
        shop.pay(session_id, 1)


def test_a_session_without_limits_is_uncapped(shop):
    session_id = shop.create_session()["paymentSessionId"]
    shop.pay(session_id, 10**15)
    assert "availableLimits" not in shop.session(session_id)


def test_there_is_no_cap_across_sessions(shop):
    for _ in range(3):
        shop.pay(shop.create_session("0.01")["paymentSessionId"], 10_000)
    assert shop.prover.signed == [10_000] * 3


def test_any_instrument_of_the_user_may_pay_from_a_session(shop, session_id):
    other = shop.create_instrument()["paymentInstrumentId"]
    answer = shop.pay(session_id, 1, paymentInstrumentId=other)
    assert answer["paymentInstrumentId"] == other


@pytest.mark.parametrize("failure", [ProofSigningError("EIP-712 signature"), KeyboardInterrupt()])
def test_a_signing_failure_gives_the_budget_back(shop, session_id, failure):
    shop.prover.failure = failure
    with pytest.raises((InternalServerException, KeyboardInterrupt)):
        shop.pay(session_id, 10_000)
    shop.prover.failure = None
    assert shop.left(session_id) == "0.1"
    assert shop.state.ledger.payments() == []


def test_a_signing_failure_says_which_step_failed(shop, session_id, refused):
    shop.prover.failure = ProofSigningError("EIP-712 signature")
    message = "Payment proof could not be signed: EIP-712 signature"
    with refused("InternalServerException", message):
        shop.pay(session_id, 10_000)


def test_a_missing_library_surfaces_and_costs_nothing(shop, session_id):
    shop.prover.failure = MissingExtraError("A proof", extra="emulator", module="eth_account")
    with pytest.raises(MissingExtraError, match="eth_account"):
        shop.pay(session_id, 10_000)
    assert shop.left(session_id) == "0.1"


def test_without_a_prover_it_refuses(shop, session_id, refused):
    shop.state.prover = None
    message = "This emulator has no payment prover, so it cannot sign payments"
    with refused("InternalServerException", message):
        shop.pay(session_id, 1)


def test_an_expired_session_is_refused(shop, session_id, refused):
    shop.clock.move(minutes=59, seconds=59)
    shop.pay(session_id, 1)
    shop.clock.move(seconds=1)
    with refused("ValidationException", session_not_found(session_id), "paymentSessionId"):
        shop.pay(session_id, 1)


def test_an_expired_session_without_limits_is_refused(shop, refused):
    session_id = shop.create_session(expiryTimeInMinutes=15)["paymentSessionId"]
    shop.clock.move(minutes=15)
    with refused("ValidationException", session_not_found(session_id), "paymentSessionId"):
        shop.pay(session_id, 1)


def test_a_deleted_session_is_not_found_but_no_404(shop, session_id, refused):
    delete_session(shop, session_id)
    with refused("ValidationException", session_not_found(session_id), "paymentSessionId"):
        shop.pay(session_id, 1)


def test_an_unknown_session_is_not_found(shop, refused):
    unknown = "payment-session-000000000000000"
    with refused("ValidationException", session_not_found(unknown), "paymentSessionId") as caught:
        shop.pay(unknown, 1)
    assert "reason" not in caught.value.members


def test_another_user_s_session_is_not_found(shop, session_id, refused):
    theirs = shop.create_instrument("bob")["paymentInstrumentId"]
    with refused("ValidationException", session_not_found(session_id), "paymentSessionId"):
        shop.pay(session_id, 1, user="bob", paymentInstrumentId=theirs)


def test_caller_who_owns_neither_is_told_of_the_instrument(shop, session_id, refused):
    message = f"Payment instrument not found: {shop.instrument_id}"
    with refused("ValidationException", message, "paymentInstrumentId"):
        shop.pay(session_id, 1, user="bob")


def test_a_session_of_another_manager_is_not_found(shop, session_id, refused):
    other = shop.create_manager()
    connector = shop.create_connector(other["paymentManagerId"])["paymentConnectorId"]
    arn = other["paymentManagerArn"]
    instrument = shop.create_instrument(paymentManagerArn=arn, paymentConnectorId=connector)
    with refused("ValidationException", session_not_found(session_id), "paymentSessionId"):
        shop.pay(
            session_id,
            1,
            paymentManagerArn=arn,
            paymentInstrumentId=instrument["paymentInstrumentId"],
        )


def test_an_unknown_instrument_is_not_found(shop, session_id, refused):
    unknown = "payment-instrument-000000000000000"
    message = f"Payment instrument not found: {unknown}"
    with refused("ValidationException", message, "paymentInstrumentId") as caught:
        shop.pay(session_id, 1, paymentInstrumentId=unknown)
    assert "reason" not in caught.value.members


def test_an_unknown_manager_is_told_by_its_id(shop, session_id, refused):
    arn = shop.arn[:-3] + "zzz"
    message = f"Payment manager not found: {arn.rpartition('/')[2]}"
    with refused("ResourceNotFoundException", message):
        shop.pay(session_id, 1, paymentManagerArn=arn)


def test_another_user_s_instrument_is_not_found(shop, refused):
    session_id = shop.create_session(user="bob")["paymentSessionId"]
    message = f"Payment instrument not found: {shop.instrument_id}"
    with refused("ValidationException", message, "paymentInstrumentId"):
        shop.pay(session_id, 1, user="bob")


def test_a_blocked_instrument_is_inactive_until_unblocked(shop, session_id, refused):
    instruments.block_instrument(shop.state, shop.instrument_id)
    message = "Payment instrument is inactive. Status: BLOCKED"
    with refused("ValidationException", message, "paymentInstrumentId"):
        shop.pay(session_id, 1)
    instruments.unblock_instrument(shop.state, shop.instrument_id)
    assert shop.pay(session_id, 1)["status"] == "PROOF_GENERATED"


def test_a_deleted_instrument_is_not_found(shop, session_id, refused):
    shop.call(
        "DeletePaymentInstrument",
        **shop.of(paymentConnectorId=shop.connector_id, paymentInstrumentId=shop.instrument_id),
    )
    message = f"Payment instrument not found: {shop.instrument_id}"
    with refused("ValidationException", message, "paymentInstrumentId"):
        shop.pay(session_id, 1)


def test_a_connector_that_is_not_ready_is_not_active(shop, session_id, refused):
    manager = shop.state.managers.get(shop.manager_id)
    manager.connectors.get(shop.connector_id).lifecycle.force("UPDATE_FAILED")
    with refused("ValidationException", "Payment connector is not active", "paymentInstrumentId"):
        shop.pay(session_id, 1)


def test_a_deleted_connector_is_not_active(shop, session_id, refused):
    shop.call(
        "DeletePaymentConnector",
        paymentManagerId=shop.manager_id,
        paymentConnectorId=shop.connector_id,
    )
    with refused("ValidationException", "Payment connector is not active", "paymentInstrumentId"):
        shop.pay(session_id, 1)


def test_a_manager_that_is_not_ready_lets_nobody_pay(shop, session_id, refused):
    shop.state.managers.get(shop.manager_id).lifecycle.force("UPDATING")
    with refused("ValidationException", "Payment connector is not active", "paymentInstrumentId"):
        shop.pay(session_id, 1)


def test_a_payment_needs_a_user(shop, session_id, refused):
    with refused("ValidationException", "userId is required") as caught:
        shop.pay(session_id, 1, userId="")
    assert caught.value.members["fieldList"][0]["name"] == "userId"


def test_an_input_of_another_payment_type_is_refused(shop, session_id, refused):
    message = "paymentInput does not match paymentType 'CRYPTO_X402'"
    with refused("ValidationException", message, "paymentInput"):
        shop.pay(session_id, 1, paymentInput={"mpp": {"version": "1"}})


@pytest.mark.parametrize("instrument_id", [None, "aws.agentcorepayments.awsbilling.v1"])
def test_a_payment_by_aws_bill_is_not_emulated(shop, session_id, refused, instrument_id):
    payment = shop.of(
        paymentSessionId=session_id,
        paymentInstrumentId=instrument_id or shop.instrument_id,
        paymentType="AWS_BILLING_X402",
        paymentInput={"awsBillingX402": {"version": "2", "payload": {"extra": {}}}},
    )
    with refused("ValidationException", "Payment type 'AWS_BILLING_X402' is not emulated"):
        shop.call("ProcessPayment", **payment)
    assert shop.left(session_id) == "0.1"


def test_the_payload_is_judged_before_the_session(shop, session_id, refused):
    delete_session(shop, session_id)
    with refused("ValidationException", "Payment amount is required"):
        shop.pay(session_id, None)


def test_the_instrument_is_judged_before_the_payload(shop, session_id, refused):
    instruments.block_instrument(shop.state, shop.instrument_id)
    with refused("ValidationException", "Payment instrument is inactive. Status: BLOCKED"):
        shop.pay(session_id, None)


def test_the_payload_is_judged_before_the_connector(shop, session_id, refused):
    shop.state.managers.get(shop.manager_id).lifecycle.force("UPDATING")
    with refused("ValidationException", "Payment amount is required"):
        shop.pay(session_id, None)


def test_the_session_is_judged_before_the_connector(shop, session_id, refused):
    shop.state.managers.get(shop.manager_id).lifecycle.force("UPDATING")
    delete_session(shop, session_id)
    with refused("ValidationException", session_not_found(session_id), "paymentSessionId"):
        shop.pay(session_id, 1)


def test_the_budget_is_judged_before_the_connector_and_given_back(shop, session_id, refused):
    shop.state.managers.get(shop.manager_id).lifecycle.force("UPDATING")
    message = (
        f"Insufficient budget for session {session_id}. Pending amount: 0.1 USD, "
        "Transaction amount: 1.000000 USD"
    )
    with refused("ValidationException", message):
        shop.pay(session_id, 1_000_000)
    with refused("ValidationException", "Payment connector is not active"):
        shop.pay(session_id, 1)
    assert shop.left(session_id) == "0.1"


def test_a_connector_that_lacks_its_subscription_pays(shop, session_id):
    connector = shop.state.managers.get(shop.manager_id).connectors.get(shop.connector_id)
    connector.lifecycle.force("AWS_MARKETPLACE_SUBSCRIPTION_REQUIRED")
    assert shop.pay(session_id, 1)["status"] == "PROOF_GENERATED"


def test_a_payload_error_consumes_nothing(shop, session_id, refused):
    with refused("ValidationException", "Payment amount is required"):
        shop.pay(session_id, None)
    assert shop.left(session_id) == "0.1"


def test_expiry_is_told_before_the_budget(shop, session_id, refused):
    shop.clock.move(hours=2)
    with refused("ValidationException", session_not_found(session_id), "paymentSessionId"):
        shop.pay(session_id, 10**9)


def test_a_payment_is_in_the_ledger(shop, session_id):
    answer = shop.pay(session_id, 10_000)
    (payment,) = shop.state.ledger.payments()
    assert vars(payment) == {
        "process_payment_id": answer["processPaymentId"],
        "manager": shop.arn,
        "session": session_id,
        "instrument": shop.instrument_id,
        "user": "alice",
        "amount": 10_000,
        "charge": 1_000_000,
        "network": "eip155:84532",
        "chain": "BASE_SEPOLIA",
        "asset": "0xusdc",
        "payer": shop.address(),
        "pay_to": "0xShop",
        "proof_id": "proof-1",
        "status": "SIGNED",
        "created_at": shop.clock.now,
        "settled_amount": None,
        "connector": shop.connector_id,
        "currency": "USDC",
    }


def test_the_prover_is_told_which_wallet_pays(shop, session_id):
    seen = {}

    def prepare(payment_input, **arguments):
        seen.update(arguments, payload=payment_input)
        raise ProofSigningError("stop here")

    shop.prover.prepare = prepare
    with pytest.raises(ProofSigningError):
        shop.pay(session_id, 1)
    assert seen["payload"] == {"version": "2", "payload": {"amount": "1"}}
    assert seen["now"] == shop.clock.now
    assert shop.prover.wallet_address(seen["wallet"]) == shop.address()
    assert seen["wallet"].seed == shop.state.seed


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("Insufficient budget for session s. Pending amount: 0.02 USD", "budget"),
        ("Payment instrument not found: payment-instrument-1", "instrument"),
        ("Payment instrument is inactive. Status: BLOCKED", "instrument"),
        ("Payment session not found: payment-session-1", "session"),
        # The service's texts that this order takes for another error.
        ("MPP challenge has expired ('expires' is in the past).", "expired"),
        ("Insufficient balance in the payer wallet", "budget"),
        ("Payment connector is not active", None),
        ("userId is required", None),
    ],
)
def test_aws_s_sdk_sorts_the_messages_as_they_are_meant(message, expected):
    text = message.lower()
    if "budget" in text or "insufficient" in text:
        found = "budget"
    elif "expired" in text:
        found = "expired"
    elif "instrument" in text or "inactive" in text:
        found = "instrument"
    else:
        found = "session" if "session not found" in text else None
    assert found == expected


class Bill:
    """A payment type without a wallet, priced in 10**-8 dollars, that looks something up."""

    name = "BILL"
    input_member, output_member = "billInput", "billOutput"
    takes_wallet = False

    def __init__(self, shop):
        self.shop = shop
        self.looked_up = []
        self.prepared_with = []

    def look_up(self, payment_input, *, now):
        # As a seller's keys are fetched: another thread calls the emulator and is waited for.
        with ThreadPoolExecutor(1) as thread:
            thread.submit(self.shop.create_session).result(timeout=10)
        self.looked_up.append((payment_input, now))
        return "keys"

    def prepare(self, payment_input, *, wallet, found, now):
        self.prepared_with.append((wallet, found, now))
        return Prepared(
            amount=payment_input["price"],
            charge=payment_input["price"],
            network="aws",
            chain=None,
            asset="USD",
            pay_to="seller",
            payer="123456789012",
            scheme="exact",
            step="token",
            signer=lambda: SignedProof({"token": "t"}, "t-1"),
        )


@pytest.fixture
def bill(shop):
    shop.prover.payment_types["BILL"] = row = Bill(shop)
    return row


def test_a_type_without_a_wallet_has_its_own_members_and_price(shop, session_id, bill):
    answer = shop.pay(session_id, 1, paymentType="BILL", paymentInput={"billInput": {"price": 3}})
    assert answer["paymentOutput"] == {"billOutput": {"token": "t"}}
    assert shop.left(session_id) == "0.09999997"
    assert bill.prepared_with == [(None, "keys", shop.clock.now)]


def test_what_a_type_waits_for_comes_before_the_lock_and_once_for_a_token(shop, session_id, bill):
    token = shop.token()
    request = {"paymentType": "BILL", "paymentInput": {"billInput": {"price": 3}}}
    first = shop.pay(session_id, 1, clientToken=token, **request)
    assert shop.pay(session_id, 1, clientToken=token, **request) == first
    assert bill.looked_up == [({"price": 3}, shop.clock.now)]


def test_an_input_of_another_type_is_refused(shop, session_id, bill, refused):
    message = "paymentInput does not match paymentType 'BILL'"
    with refused("ValidationException", message, "paymentInput"):
        shop.pay(session_id, 1, paymentType="BILL")
    assert bill.looked_up == []
