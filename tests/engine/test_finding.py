"""Two managers and two users, in any order: each sees all of their own, and nothing else."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from boto3_agentcore_payments.emulator.engine.errors import (
    ResourceNotFoundException,
    ValidationException,
)

USERS = ("alice", "bob")
PLACES = st.tuples(st.integers(0, 1), st.sampled_from(USERS))
UNIT = Decimal("0.000001")


class Ownership(RuleBasedStateMachine):
    """Checks the service against a few dictionaries by (manager, user)."""

    sessions = Bundle("sessions")
    instruments = Bundle("instruments")
    make_shop: type

    @initialize()
    def open(self):
        self.shop = self.make_shop()
        arns, connectors = [], []
        for _ in range(2):
            manager = self.shop.create_manager()
            arns.append(manager["paymentManagerArn"])
            connectors.append(
                self.shop.create_connector(manager["paymentManagerId"])["paymentConnectorId"]
            )
        self.arns, self.connectors = arns, connectors
        owners = [(manager, user) for manager in range(2) for user in USERS]
        self.budgets = {owner: {} for owner in owners}
        self.wallets = {owner: [] for owner in owners}

    def of(self, owner, **params):
        return {"paymentManagerArn": self.arns[owner[0]], "userId": owner[1], **params}

    @rule(target=sessions, owner=PLACES, cents=st.integers(1, 9))
    def create_session(self, owner, cents):
        params = {
            "expiryTimeInMinutes": 60,
            "limits": {"maxSpendAmount": {"value": f"0.0{cents}", "currency": "USD"}},
        }
        answer = self.shop.call("CreatePaymentSession", **self.of(owner, **params))
        session_id = answer["paymentSession"]["paymentSessionId"]
        self.budgets[owner][session_id] = cents * 10_000
        return owner, session_id

    @rule(target=instruments, owner=PLACES)
    def create_instrument(self, owner):
        details = {"embeddedCryptoWallet": {"network": "ETHEREUM", "linkedAccounts": []}}
        answer = self.shop.call(
            "CreatePaymentInstrument",
            **self.of(
                owner,
                paymentConnectorId=self.connectors[owner[0]],
                paymentInstrumentType="EMBEDDED_CRYPTO_WALLET",
                paymentInstrumentDetails=details,
            ),
        )
        instrument_id = answer["paymentInstrument"]["paymentInstrumentId"]
        self.wallets[owner].append(instrument_id)
        return owner, instrument_id

    @rule(target=sessions, session=consumes(sessions), asker=PLACES)
    def delete_session(self, session, asker):
        owner, session_id = session
        params = self.of(asker, paymentSessionId=session_id)
        if asker != owner:
            with pytest.raises(ResourceNotFoundException):
                self.shop.call("DeletePaymentSession", **params)
            return session
        assert self.shop.call("DeletePaymentSession", **params) == {"status": "DELETED"}
        del self.budgets[owner][session_id]
        return multiple()

    @rule(target=instruments, instrument=consumes(instruments), asker=PLACES)
    def delete_instrument(self, instrument, asker):
        owner, instrument_id = instrument
        params = self.of(
            asker,
            paymentInstrumentId=instrument_id,
            paymentConnectorId=self.connectors[asker[0]],
        )
        if asker != owner:
            with pytest.raises(ResourceNotFoundException):
                self.shop.call("DeletePaymentInstrument", **params)
            return instrument
        self.shop.call("DeletePaymentInstrument", **params)
        self.wallets[owner].remove(instrument_id)
        return multiple()

    @rule(session=sessions, instrument=instruments, asker=PLACES, amount=st.integers(1, 90_000))
    def pay(self, session, instrument, asker, amount):
        params = self.of(
            asker,
            paymentSessionId=session[1],
            paymentInstrumentId=instrument[1],
            paymentType="CRYPTO_X402",
            paymentInput={"cryptoX402": {"version": "2", "payload": {"amount": amount}}},
        )
        left = self.budgets[asker].get(session[1], -1)
        if asker == session[0] == instrument[0] and amount <= left:
            self.shop.call("ProcessPayment", **params)
            self.budgets[asker][session[1]] -= amount
        else:
            with pytest.raises(ValidationException):
                self.shop.call("ProcessPayment", **params)

    @invariant()
    def everybody_sees_their_own_and_no_more(self):
        for owner, budgets in getattr(self, "budgets", {}).items():
            listed = self.shop.call("ListPaymentSessions", **self.of(owner))["paymentSessions"]
            assert [one["paymentSessionId"] for one in listed] == list(budgets)
            listed = self.shop.call("ListPaymentInstruments", **self.of(owner))
            ids = [one["paymentInstrumentId"] for one in listed["paymentInstruments"]]
            assert ids == self.wallets[owner]

    @invariant()
    def every_budget_is_what_it_should_be(self):
        for owner, budgets in getattr(self, "budgets", {}).items():
            for session_id, left in budgets.items():
                params = self.of(owner, paymentSessionId=session_id)
                session = self.shop.call("GetPaymentSession", **params)["paymentSession"]
                available = session["availableLimits"]["availableSpendAmount"]["value"]
                assert Decimal(available) == left * UNIT


def test_owners_see_and_spend_their_own_only(new_shop):
    class Machine(Ownership):
        make_shop = new_shop

    run_state_machine_as_test(
        Machine, settings=settings(deadline=None, max_examples=40, stateful_step_count=30)
    )
