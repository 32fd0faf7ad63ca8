"""The data plane as recorded of the live service, seen by a boto3 client."""

from __future__ import annotations

import re
from typing import Any

import pytest
from botocore.exceptions import ClientError
from ready_shop import EMAIL, error_of


def create_instrument(world: Any, arn: str, connector: str) -> dict[str, Any]:
    made: dict[str, Any] = world.data.create_payment_instrument(
        paymentManagerArn=arn,
        paymentConnectorId=connector,
        userId="alice",
        paymentInstrumentType="EMBEDDED_CRYPTO_WALLET",
        paymentInstrumentDetails={
            "embeddedCryptoWallet": {"network": "ETHEREUM", "linkedAccounts": [EMAIL]}
        },
    )["paymentInstrument"]
    return made


def create_session(world: Any, arn: str, limit: str, minutes: int = 15) -> dict[str, Any]:
    made: dict[str, Any] = world.data.create_payment_session(
        paymentManagerArn=arn,
        userId="alice",
        expiryTimeInMinutes=minutes,
        limits={"maxSpendAmount": {"value": limit, "currency": "USD"}},
    )["paymentSession"]
    return made


def test_a_new_instrument_is_as_recorded(world: Any) -> None:
    arn = world.manager()
    connector = world.connector(arn)
    made = create_instrument(world, arn, connector)
    wallet = made["paymentInstrumentDetails"]["embeddedCryptoWallet"]
    assert set(wallet) == {"network", "walletAddress", "redirectUrl"}
    assert re.fullmatch(r"https://hub\.cdp\.coinbase\.invalid/[0-9a-f]{12}", wallet["redirectUrl"])
    assert made == {
        "paymentInstrumentId": made["paymentInstrumentId"],
        "paymentManagerArn": arn,
        "paymentConnectorId": connector,
        "userId": "alice",
        "paymentInstrumentType": "EMBEDDED_CRYPTO_WALLET",
        "paymentInstrumentDetails": {"embeddedCryptoWallet": wallet},
        "createdAt": made["createdAt"],
        "status": "ACTIVE",
        "updatedAt": made["updatedAt"],
    }
    assert made["createdAt"] <= made["updatedAt"]


def test_an_instrument_reads_as_it_was_created(world: Any) -> None:
    arn = world.manager()
    made = create_instrument(world, arn, world.connector(arn))
    read = world.data.get_payment_instrument(
        paymentManagerArn=arn, userId="alice", paymentInstrumentId=made["paymentInstrumentId"]
    )["paymentInstrument"]
    assert read == made


def test_a_deleted_instrument_is_gone(world: Any) -> None:
    arn = world.manager()
    connector = world.connector(arn)
    identifier = create_instrument(world, arn, connector)["paymentInstrumentId"]
    which = {"paymentManagerArn": arn, "userId": "alice", "paymentInstrumentId": identifier}
    deleted = world.data.delete_payment_instrument(**which, paymentConnectorId=connector)
    assert deleted["status"] == "DELETED"
    with pytest.raises(ClientError) as caught:
        world.data.get_payment_instrument(**which)
    problem = f"Payment instrument not found: {identifier} for the given user and manager."
    assert error_of(caught.value) == ("ResourceNotFoundException", problem, 404)


def test_a_sessions_amounts_are_echoed_and_then_normalised(world: Any) -> None:
    arn = world.manager()
    made = create_session(world, arn, "1.00")
    available = made["availableLimits"]
    assert made == {
        "paymentSessionId": made["paymentSessionId"],
        "paymentManagerArn": arn,
        "userId": "alice",
        "expiryTimeInMinutes": 15,
        "createdAt": made["createdAt"],
        "updatedAt": made["createdAt"],
        "limits": {"maxSpendAmount": {"value": "1.00", "currency": "USD"}},
        "availableLimits": {
            "availableSpendAmount": {"value": "1.00", "currency": "USD"},
            "updatedAt": available["updatedAt"],
        },
    }
    assert available["updatedAt"] >= made["createdAt"]
    read = world.data.get_payment_session(
        paymentManagerArn=arn, userId="alice", paymentSessionId=made["paymentSessionId"]
    )["paymentSession"]
    made["limits"]["maxSpendAmount"]["value"] = available["availableSpendAmount"]["value"] = "1"
    assert read == made


def test_lists_have_no_details(world: Any) -> None:
    arn = world.manager()
    instrument = create_instrument(world, arn, world.connector(arn))
    session = create_session(world, arn, "1")
    owner = {"paymentManagerArn": arn, "userId": "alice"}
    del instrument["paymentInstrumentDetails"], session["limits"], session["availableLimits"]
    assert world.data.list_payment_instruments(**owner)["paymentInstruments"] == [instrument]
    assert world.data.list_payment_sessions(**owner)["paymentSessions"] == [session]


@pytest.mark.parametrize("limit", ["0.001", "9999.99", "10000"])
def test_a_limit_may_be_small_or_large(world: Any, limit: str) -> None:
    made = create_session(world, world.manager(), limit)
    assert made["limits"]["maxSpendAmount"]["value"] == limit


@pytest.mark.parametrize(
    ("limit", "problem"),
    [
        ("0", "MaxSpendAmount value must be positive"),
        ("-1", "MaxSpendAmount value must be positive"),
        ("10000.01", "MaxSpendAmount value must not exceed 10000. Received: 10000.01"),
    ],
)
def test_a_refused_limit_is_told_in_the_services_words(
    world: Any, limit: str, problem: str
) -> None:
    with pytest.raises(ClientError) as caught:
        create_session(world, world.manager(), limit)
    assert error_of(caught.value) == ("ValidationException", problem, 400)
    assert "reason" not in caught.value.response


@pytest.mark.parametrize("minutes", [14, 481])
def test_a_session_lasts_15_to_480_minutes(world: Any, minutes: int) -> None:
    lax = world.client("bedrock-agentcore-payments", config=None)
    with pytest.raises(Exception, match="expiryTimeInMinutes"):
        lax.create_payment_session(
            paymentManagerArn=world.manager(), userId="alice", expiryTimeInMinutes=minutes
        )


def test_the_caller_says_who_the_user_is(world: Any) -> None:
    arn = world.manager()
    for user in ("alice", "bob"):
        made = world.data.create_payment_session(
            paymentManagerArn=arn, userId=user, expiryTimeInMinutes=15
        )
        assert made["paymentSession"]["userId"] == user


def test_a_payment_takes_from_the_budget_at_once(world: Any) -> None:
    arn = world.manager()
    instrument = world.instrument(arn, world.connector(arn))
    session = world.session(arn, limit="1.00")
    assert world.pay(arn, session, instrument, 10_000)["status"] == "PROOF_GENERATED"
    read = world.data.get_payment_session(
        paymentManagerArn=arn, userId="alice", paymentSessionId=session
    )["paymentSession"]
    assert read["availableLimits"]["availableSpendAmount"]["value"] == "0.99"


def test_refusals_of_a_payment_have_no_reason(world: Any) -> None:
    arn = world.manager()
    instrument = world.instrument(arn, world.connector(arn))
    session = world.session(arn, limit="0.001")
    unknown = "payment-session-000000000000000"
    nobody = "payment-instrument-000000000000000"
    over = (
        f"Insufficient budget for session {session}. Pending amount: 0.001 USD, "
        "Transaction amount: 0.002000 USD"
    )
    for problem, field, arguments in (
        (over, "paymentSessionId", (session, instrument)),
        (f"Payment session not found: {unknown}", "paymentSessionId", (unknown, instrument)),
        (f"Payment instrument not found: {nobody}", "paymentInstrumentId", (session, nobody)),
    ):
        with pytest.raises(ClientError) as caught:
            world.pay(arn, *arguments, 2_000)
        assert error_of(caught.value) == ("ValidationException", problem, 400)
        assert "reason" not in caught.value.response
        assert [entry["name"] for entry in caught.value.response["fieldList"]] == [field]
