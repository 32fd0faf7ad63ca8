"""Payment sessions: creation, expiry, ownership, deletion."""

from __future__ import annotations

import re

import pytest


def test_a_new_session_echoes_its_limit_letter_by_letter(shop):
    session = shop.create_session("0.10")
    assert session["limits"] == {"maxSpendAmount": {"value": "0.10", "currency": "USD"}}
    assert session["availableLimits"] == {
        "availableSpendAmount": {"value": "0.10", "currency": "USD"},
        "updatedAt": shop.clock.now,
    }


def test_a_session_without_limits_has_no_available_limits(shop):
    session = shop.create_session()
    assert "limits" not in session
    assert "availableLimits" not in session


def test_a_session_id_has_the_service_s_form(shop):
    assert re.fullmatch(
        r"payment-session-[0-9a-zA-Z]{15}", shop.create_session()["paymentSessionId"]
    )


def test_created_and_got_sessions_are_the_same(shop):
    session = shop.create_session("1")
    assert shop.session(session["paymentSessionId"]) == session
    assert session["userId"] == "alice"
    assert session["paymentManagerArn"] == shop.arn
    assert session["expiryTimeInMinutes"] == 60
    assert session["createdAt"] == session["updatedAt"] == shop.clock.now


def test_an_answer_is_the_caller_s_own(shop):
    session = shop.create_session("1")
    session["limits"]["maxSpendAmount"]["value"] = "9999"
    assert shop.session(session["paymentSessionId"])["limits"]["maxSpendAmount"]["value"] == "1"


@pytest.mark.parametrize("user", [{}, {"userId": ""}])
def test_creating_without_a_user_is_refused(shop, refused, user):
    with refused("ValidationException", "userId is required") as caught:
        shop.call(
            "CreatePaymentSession", paymentManagerArn=shop.arn, expiryTimeInMinutes=15, **user
        )
    assert caught.value.members["reason"] == "FieldValidationFailed"
    assert caught.value.members["fieldList"] == [
        {"name": "userId", "message": "userId is required"}
    ]


def test_an_unknown_manager_is_a_validation_error(shop, refused):
    arn = shop.arn[:-3] + "zzz"
    with refused("ValidationException", f"Payment manager not found: {arn.rpartition('/')[2]}"):
        shop.create_session(paymentManagerArn=arn)


@pytest.mark.parametrize(("ours", "theirs"), [("us-east-1", "us-west-2"), ("123456", "654321")])
def test_a_manager_of_another_region_or_account_is_unknown(shop, refused, ours, theirs):
    message = f"Payment manager not found: {shop.manager_id}"
    with refused("ValidationException", message):
        shop.create_session(paymentManagerArn=shop.arn.replace(ours, theirs))


def test_a_manager_that_is_not_ready_conflicts(shop, refused):
    shop.state.managers.get(shop.manager_id).lifecycle.force("UPDATING")
    message = f"Payment manager {shop.manager_id} is not ready. Status: UPDATING"
    with refused("ConflictException", message):
        shop.create_session()


def test_a_refused_limit_creates_nothing(shop, refused):
    with refused("ValidationException", "MaxSpendAmount value must be positive"):
        shop.create_session("0")
    assert shop.call("ListPaymentSessions", **shop.of())["paymentSessions"] == []


def test_another_user_s_session_is_not_found(shop, refused):
    session_id = shop.create_session()["paymentSessionId"]
    with refused("ResourceNotFoundException", f"Payment session not found: {session_id}"):
        shop.session(session_id, user="bob")


def test_nobody_sees_a_user_s_session(shop, refused):
    session_id = shop.create_session()["paymentSessionId"]
    with refused("ResourceNotFoundException", f"Payment session not found: {session_id}"):
        shop.call("GetPaymentSession", paymentManagerArn=shop.arn, paymentSessionId=session_id)


def test_the_same_user_under_another_manager_does_not_see_it(shop, refused):
    session_id = shop.create_session()["paymentSessionId"]
    other = shop.create_manager()["paymentManagerArn"]
    with refused("ResourceNotFoundException", f"Payment session not found: {session_id}"):
        shop.call(
            "GetPaymentSession",
            userId="alice",
            paymentManagerArn=other,
            paymentSessionId=session_id,
        )


def test_a_list_has_the_user_s_own_without_limits(shop):
    mine = shop.create_session("1")
    shop.create_session("1", user="bob")
    (summary,) = shop.call("ListPaymentSessions", **shop.of())["paymentSessions"]
    assert summary == {
        name: value for name, value in mine.items() if name not in ("limits", "availableLimits")
    }


def test_lists_of_an_unknown_manager_are_empty(shop):
    params = {"userId": "alice", "paymentManagerArn": shop.arn[:-3] + "zzz"}
    assert shop.call("ListPaymentSessions", **params) == {"paymentSessions": []}
    assert shop.call("ListPaymentInstruments", **params) == {"paymentInstruments": []}


def test_an_expired_session_is_still_got_and_listed(shop):
    session = shop.create_session()
    shop.clock.move(hours=9)
    assert shop.session(session["paymentSessionId"]) == session
    assert len(shop.call("ListPaymentSessions", **shop.of())["paymentSessions"]) == 1


def test_a_deleted_session_is_gone(shop, refused):
    session_id = shop.create_session()["paymentSessionId"]
    params = shop.of(paymentSessionId=session_id)
    assert shop.call("DeletePaymentSession", **params) == {"status": "DELETED"}
    assert shop.call("ListPaymentSessions", **shop.of())["paymentSessions"] == []
    for operation in ("GetPaymentSession", "DeletePaymentSession"):
        with refused("ResourceNotFoundException", f"Payment session not found: {session_id}"):
            shop.call(operation, **params)


def test_another_user_cannot_delete_a_session(shop, refused):
    session_id = shop.create_session()["paymentSessionId"]
    with refused("ResourceNotFoundException", f"Payment session not found: {session_id}"):
        shop.call("DeletePaymentSession", **shop.of("bob", paymentSessionId=session_id))
    assert shop.session(session_id)


def test_sessions_go_with_their_manager(shop, refused):
    session_id = shop.create_session()["paymentSessionId"]
    shop.call(
        "DeletePaymentConnector",
        paymentManagerId=shop.manager_id,
        paymentConnectorId=shop.connector_id,
    )
    shop.call("DeletePaymentManager", paymentManagerId=shop.manager_id)
    with refused("ResourceNotFoundException", f"Payment manager not found: {shop.manager_id}"):
        shop.session(session_id)


def test_a_user_who_has_nothing_left_is_forgotten(shop):
    session_id = shop.create_session(user="bob")["paymentSessionId"]
    shop.call("DeletePaymentSession", **shop.of("bob", paymentSessionId=session_id))
    assert set(shop.state.managers.get(shop.manager_id).owners) == {"alice"}
