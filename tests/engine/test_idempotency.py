"""One client token, one change, one answer."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boto3_agentcore_payments.emulator.engine import quick_create
from boto3_agentcore_payments.emulator.engine.idempotency import Answers

MISMATCH = "The clientToken was used before with other parameters"
TOKEN = "0" * 40
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def request_of(shop, operation):
    """Return parameters with which the operation succeeds, and other ones for the same token."""
    if operation == "RotatePaymentConnectorCredentials":
        quick = shop.create_connector(
            shop.manager_id, provisionMode="QUICK_CREATE", credentialProviderConfigurations=[]
        )["paymentConnectorId"]
        quick_create.approve_authorization(shop.state, quick)
        ids = {"paymentManagerId": shop.manager_id, "paymentConnectorId": quick}
        kinds = ["API_KEY"], ["WALLET_SECRET"]
        first, other = (
            {**ids, "credentialsToRotate": {"coinbaseCDP": {"secrets": kind}}} for kind in kinds
        )
        return first, other
    connector = {"paymentManagerId": shop.manager_id, "paymentConnectorId": shop.connector_id}
    empty = shop.create_manager()["paymentManagerId"]
    configurations = [{"coinbaseCDP": {"credentialProviderArn": "arn:x/y"}}]
    details = {"embeddedCryptoWallet": {"network": "SOLANA", "linkedAccounts": []}}
    session_id = shop.create_session("1")["paymentSessionId"]
    payment = {
        "paymentSessionId": session_id,
        "paymentInstrumentId": shop.instrument_id,
        "paymentType": "CRYPTO_X402",
        "paymentInput": {"cryptoX402": {"version": "2", "payload": {"amount": "1"}}},
    }
    instrument = {
        "paymentConnectorId": shop.connector_id,
        "paymentInstrumentType": "EMBEDDED_CRYPTO_WALLET",
        "paymentInstrumentDetails": details,
    }
    manager = {
        "name": "Other",
        "authorizerType": "AWS_IAM",
        "roleArn": "arn:aws:iam::123456789012:role/x",
    }
    new_connector = {
        "paymentManagerId": shop.manager_id,
        "name": "More",
        "type": "CoinbaseCDP",
        "credentialProviderConfigurations": configurations,
    }
    return {
        "CreatePaymentManager": (manager, {**manager, "description": "d"}),
        "UpdatePaymentManager": (
            {"paymentManagerId": empty, "description": "d"},
            {"paymentManagerId": empty, "description": "e"},
        ),
        "DeletePaymentManager": (
            {"paymentManagerId": empty},
            {"paymentManagerId": shop.manager_id},
        ),
        "CreatePaymentConnector": (new_connector, {**new_connector, "name": "Less"}),
        "UpdatePaymentConnector": ({**connector, "description": "d"}, connector),
        "DeletePaymentConnector": (connector, {**connector, "paymentConnectorId": "x"}),
        "CreatePaymentInstrument": (shop.of(**instrument), shop.of("bob", **instrument)),
        "CreatePaymentSession": (
            shop.of(expiryTimeInMinutes=15),
            shop.of(expiryTimeInMinutes=16),
        ),
        "ProcessPayment": (shop.of(**payment), shop.of("bob", **payment)),
    }[operation]


OPERATIONS = [
    "CreatePaymentManager",
    "UpdatePaymentManager",
    "DeletePaymentManager",
    "CreatePaymentConnector",
    "UpdatePaymentConnector",
    "DeletePaymentConnector",
    "RotatePaymentConnectorCredentials",
    "CreatePaymentInstrument",
    "CreatePaymentSession",
    "ProcessPayment",
]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_repeated_token_gets_the_first_answer_again(shop, operation):
    params, _ = request_of(shop, operation)
    first = shop.call(operation, **params, clientToken=TOKEN)
    shop.clock.move(minutes=3)
    assert shop.call(operation, **params, clientToken=TOKEN) == first


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_token_with_other_parameters_is_refused(shop, refused, operation):
    params, other = request_of(shop, operation)
    shop.call(operation, **params, clientToken=TOKEN)
    with refused("ValidationException", MISMATCH) as caught:
        shop.call(operation, **other, clientToken=TOKEN)
    assert caught.value.members["reason"] == "IdempotentParameterMismatchException"
    assert caught.value.members["fieldList"] == [{"name": "clientToken", "message": MISMATCH}]


def test_a_repeated_create_creates_nothing(shop):
    for _ in range(3):
        shop.create_session(clientToken=TOKEN)
    assert len(shop.call("ListPaymentSessions", **shop.of())["paymentSessions"]) == 1


def test_without_a_token_every_call_counts(shop):
    params = shop.of(expiryTimeInMinutes=15)
    first, second = (shop.call("CreatePaymentSession", **params) for _ in range(2))
    assert (
        first["paymentSession"]["paymentSessionId"] != second["paymentSession"]["paymentSessionId"]
    )


def test_a_repeated_payment_is_charged_once_and_has_one_proof(shop):
    session_id = shop.create_session("1")["paymentSessionId"]
    first = shop.pay(session_id, 10_000, clientToken=TOKEN)
    assert shop.pay(session_id, 10_000, clientToken=TOKEN) == first
    assert shop.left(session_id) == "0.99"
    assert shop.prover.signed == [10_000]


def test_the_proof_comes_again_after_the_session_was_deleted(shop):
    session_id = shop.create_session("1")["paymentSessionId"]
    first = shop.pay(session_id, 10_000, clientToken=TOKEN)
    shop.call("DeletePaymentSession", **shop.of(paymentSessionId=session_id))
    assert shop.pay(session_id, 10_000, clientToken=TOKEN) == first


def test_the_proof_comes_again_after_the_session_expired(shop):
    session_id = shop.create_session("1")["paymentSessionId"]
    first = shop.pay(session_id, 10_000, clientToken=TOKEN)
    shop.clock.move(hours=9)
    assert shop.pay(session_id, 10_000, clientToken=TOKEN) == first


def test_a_deleted_session_s_token_gives_its_creation_again_and_no_session(shop, refused):
    first = shop.create_session("1", clientToken=TOKEN)
    shop.call("DeletePaymentSession", **shop.of(paymentSessionId=first["paymentSessionId"]))
    assert shop.create_session("1", clientToken=TOKEN) == first
    message = f"Payment session not found: {first['paymentSessionId']}"
    with refused("ResourceNotFoundException", message):
        shop.session(first["paymentSessionId"])


def test_the_first_answer_does_not_follow_the_resource(shop):
    first = shop.create_session("1", clientToken=TOKEN)
    shop.pay(first["paymentSessionId"], 10_000)
    again = shop.create_session("1", clientToken=TOKEN)
    assert again["availableLimits"]["availableSpendAmount"]["value"] == "1"


def test_a_changed_answer_does_not_change_what_is_remembered(shop):
    first = shop.create_session("1", clientToken=TOKEN)
    first["limits"].clear()
    assert shop.create_session("1", clientToken=TOKEN)["limits"]["maxSpendAmount"]["value"] == "1"


def test_an_error_is_not_remembered(shop, refused):
    session_id = shop.create_session("0.01")["paymentSessionId"]
    message = (
        f"Insufficient budget for session {session_id}. Pending amount: 0.01 USD, "
        "Transaction amount: 0.020000 USD"
    )
    with refused("ValidationException", message):
        shop.pay(session_id, 20_000, clientToken=TOKEN)
    assert shop.pay(session_id, 10_000, clientToken=TOKEN)["status"] == "PROOF_GENERATED"


def test_operations_do_not_share_tokens(shop):
    session_id = shop.create_session("1", clientToken=TOKEN)["paymentSessionId"]
    assert shop.pay(session_id, 1, clientToken=TOKEN)["status"] == "PROOF_GENERATED"


def test_accounts_and_regions_do_not_share_tokens(new_shop):
    first, second = new_shop(), new_shop()
    first.create_session("1", clientToken=TOKEN)
    assert second.create_session("2", clientToken=TOKEN)["limits"]["maxSpendAmount"]["value"] == "2"


def test_another_user_s_token_is_a_mismatch(shop, refused):
    shop.create_session("1", clientToken=TOKEN)
    with refused("ValidationException", MISMATCH):
        shop.create_session("1", user="bob", clientToken=TOKEN)


def test_the_order_of_members_does_not_matter(shop):
    limits = {"maxSpendAmount": {"value": "1", "currency": "USD"}}
    swapped = {"maxSpendAmount": {"currency": "USD", "value": "1"}}
    first = shop.create_session(limits=limits, clientToken=TOKEN)
    assert shop.create_session(limits=swapped, clientToken=TOKEN) == first


def test_threads_with_one_token_create_one_session(shop):
    with ThreadPoolExecutor(32) as threads:
        ids = threads.map(
            lambda _: shop.create_session("1", clientToken=TOKEN)["paymentSessionId"], range(200)
        )
        assert len(set(ids)) == 1


# No member has the name that marks a time, but hypothesis finds it among the code's constants.
NAMES = st.text().filter(lambda name: not name.startswith("\0"))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)
PARAMS = st.dictionaries(st.text(), VALUES, max_size=4)


def exact(value):
    """Spell a value so that 1, 1.0 and true differ and the order of members does not count."""
    if isinstance(value, dict):
        return ("object", sorted((name, exact(inner)) for name, inner in value.items()))
    if isinstance(value, list):
        return ("array", [exact(inner) for inner in value])
    return (type(value).__name__, repr(value))


@given(first=PARAMS, second=PARAMS)
def test_parameters_match_if_and_only_if_they_are_the_same(first, second):
    answers = Answers()
    first = {**first, "clientToken": TOKEN}
    second = {**second, "clientToken": TOKEN}
    answers.remember("Operation", first, {"answer": 1})
    try:
        matched = answers.recall("Operation", second) == {"answer": 1}
    except Exception as error:  # noqa: BLE001 - only its message is of interest
        assert str(error) == MISMATCH  # noqa: PT017 - both outcomes are expected
        matched = False
    assert matched == (exact(first) == exact(second))


@given(
    answer=st.dictionaries(NAMES, VALUES, max_size=4),
    microseconds=st.integers(0, 10**17),
    hours=st.integers(-12, 12),
)
def test_an_answer_is_remembered_to_the_microsecond(answer, microseconds, hours):
    answers = Answers()
    moment = EPOCH + timedelta(microseconds=microseconds)
    moment = moment.astimezone(timezone(timedelta(hours=hours)))
    params = {"clientToken": TOKEN}
    answers.remember("Operation", params, {**answer, "createdAt": moment})
    assert answers.recall("Operation", params) == {**answer, "createdAt": moment}
