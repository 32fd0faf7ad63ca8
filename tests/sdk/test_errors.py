"""The SDK's error classes, raised where its documentation says."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from bedrock_agentcore.payments.manager import (
    InsufficientBudget,
    InvalidPaymentInstrument,
    PaymentError,
    PaymentInstrumentNotFound,
    PaymentSessionNotFound,
)
from freezegun import freeze_time

from boto3_agentcore_payments.emulator.control import PaymentsControl

if TYPE_CHECKING:
    from collections.abc import Callable

NO_SESSION = "payment-session-123456789012345"
NO_INSTRUMENT = "payment-instrument-123456789012345"


class Buyer:
    """A user with a wallet and a session of one dollar."""

    def __init__(self, shop: Any, wallet: Any) -> None:
        self.shop = shop
        self.payments = shop.payments()
        self.instrument = wallet(self.payments, shop.connector, user_id="alice")
        self.session = self.payments.create_payment_session(
            60, user_id="alice", limits={"maxSpendAmount": {"value": "1.00", "currency": "USD"}}
        )["paymentSessionId"]

    def pay(self, required: dict[str, Any], **other: Any) -> Any:
        arguments = {
            "payment_instrument_id": self.instrument,
            "payment_session_id": self.session,
            "user_id": "alice",
            **other,
        }
        return self.payments.generate_payment_header(payment_required_request=required, **arguments)


@pytest.fixture
def buyer(shop: Any, wallet: Any) -> Buyer:
    return Buyer(shop, wallet)


def test_used_up_budget_is_insufficient_budget(
    buyer: Buyer, payment_required: Callable[..., Any]
) -> None:
    buyer.pay(payment_required(amount=900_000))
    with pytest.raises(InsufficientBudget, match=r"Pending amount: 0\.10? USD"):
        buyer.pay(payment_required(amount=100_001))


def test_expired_session_is_session_not_found(
    buyer: Buyer, payment_required: Callable[..., Any]
) -> None:
    with freeze_time(tick=True) as clock:
        clock.tick(timedelta(minutes=61))  # type: ignore[arg-type]
        with pytest.raises(PaymentSessionNotFound, match="payment-session-"):
            buyer.pay(payment_required())


def test_unknown_session_is_session_not_found(
    buyer: Buyer, payment_required: Callable[..., Any]
) -> None:
    with pytest.raises(PaymentSessionNotFound, match=NO_SESSION):
        buyer.pay(payment_required(), payment_session_id=NO_SESSION)
    with pytest.raises(PaymentSessionNotFound, match=NO_SESSION):
        buyer.payments.get_payment_session(payment_session_id=NO_SESSION, user_id="alice")
    with pytest.raises(PaymentSessionNotFound, match=NO_SESSION):
        buyer.payments.delete_payment_session(payment_session_id=NO_SESSION, user_id="alice")


def test_unknown_instrument_is_instrument_not_found(
    buyer: Buyer, payment_required: Callable[..., Any]
) -> None:
    with pytest.raises(PaymentInstrumentNotFound, match=NO_INSTRUMENT):
        buyer.pay(payment_required(), payment_instrument_id=NO_INSTRUMENT)
    connector = buyer.shop.connector
    with pytest.raises(PaymentInstrumentNotFound, match=NO_INSTRUMENT):
        buyer.payments.get_payment_instrument_balance(
            connector, NO_INSTRUMENT, "BASE", "USDC", user_id="alice"
        )
    with pytest.raises(PaymentInstrumentNotFound, match=NO_INSTRUMENT):
        buyer.payments.delete_payment_instrument(
            payment_connector_id=connector, payment_instrument_id=NO_INSTRUMENT, user_id="alice"
        )


def test_blocked_instrument_is_invalid_instrument(
    buyer: Buyer, payment_required: Callable[..., Any]
) -> None:
    PaymentsControl(region="us-west-2").block_instrument(buyer.instrument)
    with pytest.raises(InvalidPaymentInstrument, match="inactive"):
        buyer.pay(payment_required())


def test_missing_grant_is_the_services_refusal_and_the_payment_goes_on_after_it_is_given(
    buyer: Buyer, payment_required: Callable[..., Any]
) -> None:
    control = PaymentsControl()
    control.revoke_grant(buyer.instrument)
    with pytest.raises(PaymentError, match="Delegated signing grant is not active") as caught:
        buyer.pay(payment_required())
    assert "AccessDeniedException" in str(caught.value)
    assert control.payments() == []
    control.give_grant(buyer.instrument)
    assert buyer.pay(payment_required())
    assert len(control.payments()) == 1


def test_deleted_instrument_is_instrument_not_found(
    buyer: Buyer, payment_required: Callable[..., Any]
) -> None:
    buyer.payments.delete_payment_instrument(
        payment_connector_id=buyer.shop.connector,
        payment_instrument_id=buyer.instrument,
        user_id="alice",
    )
    with pytest.raises(PaymentInstrumentNotFound, match=buyer.instrument):
        buyer.pay(payment_required())


def test_other_user_finds_nothing(buyer: Buyer, payment_required: Callable[..., Any]) -> None:
    with pytest.raises(PaymentInstrumentNotFound):
        buyer.pay(payment_required(), user_id="eve")
    with pytest.raises(PaymentSessionNotFound):
        buyer.payments.get_payment_session(payment_session_id=buyer.session, user_id="eve")


def test_wrong_expiry_is_a_payment_error(buyer: Buyer) -> None:
    with pytest.raises(PaymentError, match="expiry"):
        buyer.payments.create_payment_session(481, user_id="alice")


def test_denied_list_is_a_payment_error(buyer: Buyer) -> None:
    control = PaymentsControl(region="us-west-2")
    control.inject_fault("ListPaymentSessions", error="AccessDeniedException", message="no")
    with pytest.raises(PaymentError, match="AccessDeniedException"):
        buyer.payments.list_payment_sessions(user_id="alice")


def test_refused_payment_costs_nothing(buyer: Buyer, payment_required: Callable[..., Any]) -> None:
    with pytest.raises(InsufficientBudget):
        buyer.pay(payment_required(amount=1_000_001))
    found = buyer.payments.get_payment_session(payment_session_id=buyer.session, user_id="alice")
    assert found["availableLimits"]["availableSpendAmount"]["value"] == "1"
