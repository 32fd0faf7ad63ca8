"""The control surface, from Python and over HTTP inside ``mock_aws``."""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING, Any

import pytest
import requests
from botocore.exceptions import ClientError
from moto.moto_api import state_manager

from boto3_agentcore_payments.emulator.control import PaymentsControl
from boto3_agentcore_payments.emulator.engine.errors import (
    ConflictException,
    ResourceNotFoundException,
    SettlementError,
)
from boto3_agentcore_payments.emulator.engine.statuses import MANAGER_MODEL

if TYPE_CHECKING:
    from collections.abc import Callable

REGION = "us-west-2"
_USDC = {
    84532: "0x036CbD53842c5426634e7929541eC2318f3dCF7e",
    8453: "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913",
}
URL = "http://motoapi.amazonaws.com/moto-api/agentcore-payments"


class Paying:
    """A funded set-up: manager, connector, instrument and session."""

    def __init__(self, world: Any) -> None:
        self.world = world
        self.arn = world.manager()
        self.connector = world.connector(self.arn)
        self.instrument = world.instrument(self.arn, self.connector)
        self.session = world.session(self.arn)

    def pay(self, amount: int = 10_000) -> str:
        answer = self.world.pay(self.arn, self.session, self.instrument, amount)
        payment_id: str = answer["processPaymentId"]
        return payment_id

    def pay_by_mpp(self, chain_id: int, usdc: str) -> None:
        charge = {
            "amount": "10000",
            "currency": usdc,
            "recipient": "0x209693Bc6afc0C5328bA36FaF03C514EF312287C",
            "methodDetails": {"chainId": chain_id},
        }
        request = base64.urlsafe_b64encode(json.dumps(charge).encode()).decode()
        header = (
            'Payment id="c1", realm="shop.example", method="evm", intent="charge", '
            f'request="{request}"'
        )
        self.world.data.process_payment(
            paymentManagerArn=self.arn,
            userId="alice",
            paymentSessionId=self.session,
            paymentInstrumentId=self.instrument,
            paymentType="MPP",
            paymentInput={"mpp": {"version": "1", "wwwAuthenticateHeaders": [header]}},
        )

    def balance(self, chain: str = "BASE_SEPOLIA") -> str:
        answer = self.world.data.get_payment_instrument_balance(
            paymentManagerArn=self.arn,
            paymentConnectorId=self.connector,
            paymentInstrumentId=self.instrument,
            chain=chain,
            token="USDC",
            userId="alice",
        )
        amount: str = answer["tokenBalance"]["amount"]
        return amount


@pytest.fixture
def paying(world: Any) -> Paying:
    return Paying(world)


@pytest.fixture
def control(aws: None) -> PaymentsControl:
    return PaymentsControl(region=REGION)


def _post(verb: str, **arguments: Any) -> tuple[int, Any]:
    answer = requests.post(f"{URL}/{verb}", json={"region": REGION, **arguments}, timeout=5)
    return answer.status_code, answer.json()


class TestMoney:
    def test_funding_adds_up(self, paying: Paying, control: PaymentsControl) -> None:
        assert control.fund_wallet(paying.instrument, 1_000_000) == 1_000_000
        assert control.fund_wallet(paying.instrument, "500000") == 1_500_000
        assert paying.balance() == "1500000"

    def test_balance_is_set_exactly(self, paying: Paying, control: PaymentsControl) -> None:
        control.fund_wallet(paying.instrument, 5, chain="BASE")
        assert control.set_balance(paying.instrument, 7, chain="BASE") == 7
        assert paying.balance("BASE") == "7"
        assert control.balance(paying.instrument) == 0

    def test_wallet_may_be_named_by_its_address(
        self, paying: Paying, control: PaymentsControl
    ) -> None:
        found = paying.world.data.get_payment_instrument(
            paymentManagerArn=paying.arn, paymentInstrumentId=paying.instrument, userId="alice"
        )["paymentInstrument"]
        address = found["paymentInstrumentDetails"]["embeddedCryptoWallet"]["walletAddress"]
        control.fund_wallet(address, 3, chain="BASE")
        assert control.balance(paying.instrument, chain="BASE") == 3

    @pytest.mark.parametrize("amount", [-1, 0.5, 1.0, True, "1.5", "-1", "", None, "\u0661"])
    def test_amount_must_be_whole_units(
        self, paying: Paying, control: PaymentsControl, amount: Any
    ) -> None:
        with pytest.raises(ValueError, match="whole number of atomic USDC units"):
            control.fund_wallet(paying.instrument, amount)
        assert control.balance(paying.instrument) == 0

    def test_unknown_instrument_is_not_found(self, control: PaymentsControl) -> None:
        with pytest.raises(ResourceNotFoundException, match="Payment instrument not found: pay"):
            control.fund_wallet("payment-instrument-123456789012345", 1)

    def test_unknown_chain_is_refused(self, paying: Paying, control: PaymentsControl) -> None:
        with pytest.raises(ValueError, match="unknown chain 'MOON'; one of BASE"):
            control.fund_wallet(paying.instrument, 1, chain="MOON")

    def test_address_needs_a_chain(self, control: PaymentsControl) -> None:
        with pytest.raises(ValueError, match="chain is needed"):
            control.fund_wallet("0x0000000000000000000000000000000000000001", 1)

    def test_settled_payment_moves_the_balance_once(
        self, paying: Paying, control: PaymentsControl
    ) -> None:
        payment = paying.pay(10_000)
        control.fund_wallet(paying.instrument, 25_000)
        assert control.settle(payment).status == "SETTLED"
        assert paying.balance() == "15000"
        with pytest.raises(SettlementError, match="is settled already"):
            control.settle(payment)
        assert paying.balance() == "15000"

    def test_a_nonce_of_two_networks_needs_the_network(
        self, paying: Paying, control: PaymentsControl
    ) -> None:
        for chain_id, usdc in _USDC.items():
            paying.pay_by_mpp(chain_id, usdc)
        first, second = control.payments()
        assert first.proof_id == second.proof_id  # it follows from the challenge's id and realm
        control.fund_wallet(paying.instrument, 10_000, chain="BASE")
        with pytest.raises(SettlementError, match="Several payments were signed as 0x") as caught:
            control.settle(first.proof_id)
        assert caught.value.reason == "ambiguous_payment"
        settled = control.settle(first.proof_id, network="base")
        assert settled.process_payment_id == second.process_payment_id
        assert _post("settle", reference=first.proof_id, network="eip155:8453")[1]["error"] == (
            "already_settled"
        )
        assert _post("settle", reference=first.proof_id)[0] == 409

    def test_a_nonce_of_two_regions_needs_the_wallet(
        self, paying: Paying, make_world: Callable[..., Any]
    ) -> None:
        elsewhere = Paying(make_world("eu-west-1"))
        for each in (paying, elsewhere):
            each.pay_by_mpp(84532, _USDC[84532])
        first, second = PaymentsControl().payments()
        PaymentsControl().fund_wallet(elsewhere.instrument, 10_000)
        with pytest.raises(SettlementError, match="Several payments were signed as 0x"):
            PaymentsControl().settle(first.proof_id)
        settled = PaymentsControl().settle(first.proof_id, payer=second.payer)
        assert settled.process_payment_id == second.process_payment_id

    def test_ledger_is_a_copy(self, paying: Paying, control: PaymentsControl) -> None:
        payment = paying.pay()
        (entry,) = control.payments()
        assert (entry.process_payment_id, entry.status, entry.amount) == (payment, "SIGNED", 10_000)
        entry.status = "SETTLED"
        assert control.payments()[0].status == "SIGNED"

    def test_attempts_are_reset_with_the_service(
        self, paying: Paying, control: PaymentsControl
    ) -> None:
        paying.pay()
        assert [each.outcome for each in control.attempts()] == ["signed"]
        requests.post("http://motoapi.amazonaws.com/moto-api/reset", timeout=5)
        assert control.attempts() == []


class TestResources:
    def _status(self, world: Any, arn: str, connector: str) -> str:
        status: str = world.control.get_payment_connector(
            paymentManagerId=arn.rpartition("/")[2], paymentConnectorId=connector
        )["status"]
        return status

    def test_approved_authorization_makes_the_connector_ready(
        self, world: Any, control: PaymentsControl
    ) -> None:
        arn = world.manager()
        connector = world.quick_connector(arn)
        assert self._status(world, arn, connector) == "PENDING_AUTHENTICATION"
        control.approve_authorization(connector)
        assert self._status(world, arn, connector) == "READY"

    @pytest.mark.parametrize(
        ("verb", "status"),
        [
            ("expire_authorization", "AUTHENTICATION_EXPIRED"),
            ("fail_authorization", "AUTHENTICATION_FAILED"),
        ],
    )
    def test_authorization_may_end_otherwise(
        self, world: Any, control: PaymentsControl, verb: str, status: str
    ) -> None:
        arn = world.manager()
        connector = world.quick_connector(arn)
        getattr(control, verb)(connector)
        assert self._status(world, arn, connector) == status
        with pytest.raises(ConflictException, match="is not waiting for consent"):
            control.approve_authorization(connector)

    def test_blocked_instrument_cannot_pay(self, paying: Paying, control: PaymentsControl) -> None:
        control.block_instrument(paying.instrument)
        with pytest.raises(ClientError, match="inactive"):
            paying.pay()
        control.unblock_instrument(paying.instrument)
        assert paying.pay()

    def test_status_must_be_one_of_the_kind(self, paying: Paying, control: PaymentsControl) -> None:
        with pytest.raises(ValueError, match="a manager has no status 'BLOCKED'; one of CREATING"):
            control.set_status(paying.arn, "BLOCKED")

    def test_unknown_resource_is_not_found(self, control: PaymentsControl) -> None:
        with pytest.raises(ResourceNotFoundException, match="Resource not found: shop-abcdefghij"):
            control.set_status("shop-abcdefghij", "READY")

    def test_deleted_instrument_stays_deleted(
        self, paying: Paying, control: PaymentsControl
    ) -> None:
        paying.world.data.delete_payment_instrument(
            paymentManagerArn=paying.arn,
            paymentConnectorId=paying.connector,
            paymentInstrumentId=paying.instrument,
            userId="alice",
        )
        message = f"Resource not found: {paying.instrument}"
        with pytest.raises(ResourceNotFoundException, match=message):
            control.set_status(paying.instrument, "ACTIVE")

    def test_hold_keeps_the_present_status(self, paying: Paying, control: PaymentsControl) -> None:
        paying.pay()  # which looks at both
        assert control.hold(paying.instrument) == "ACTIVE"
        assert control.hold(paying.connector) == "READY"

    def test_hold_right_after_a_create_keeps_what_it_answered(
        self, make_world: Any, control: PaymentsControl
    ) -> None:
        world = make_world()
        state_manager.set_transition(MANAGER_MODEL, {"progression": "manual", "times": 2})
        manager_id = world.manager().rpartition("/")[2]
        state_manager.unset_transition(MANAGER_MODEL)
        assert control.hold(manager_id) == "CREATING"
        for expected in ("CREATING", "CREATING"):
            found = world.control.get_payment_manager(paymentManagerId=manager_id)
            assert found["status"] == expected
        control.release(manager_id)
        found = world.control.get_payment_manager(paymentManagerId=manager_id)
        assert found["status"] == "READY"

    def test_hold_right_after_a_delete_keeps_it_going(
        self, make_world: Any, control: PaymentsControl
    ) -> None:
        world = make_world()
        manager_id = world.manager().rpartition("/")[2]
        world.control.get_payment_manager(paymentManagerId=manager_id)
        world.control.delete_payment_manager(paymentManagerId=manager_id)
        assert control.hold(manager_id) == "DELETING"
        found = world.control.get_payment_manager(paymentManagerId=manager_id)
        assert found["status"] == "DELETING"

    def test_unknown_region_is_refused(self, aws: None) -> None:
        with pytest.raises(ValueError, match="unknown region 'moon'"):
            PaymentsControl(region="moon")

    @pytest.mark.parametrize(
        "arguments",
        [
            {"operation": "Nonsense", "error": "ThrottlingException"},
            {"error": "Nonsense"},
            {},
            {"latency": -1},
            {"drop_after": True, "times": 0},
        ],
    )
    def test_meaningless_fault_is_refused(self, control: PaymentsControl, arguments: Any) -> None:
        with pytest.raises(ValueError):  # noqa: PT011 - the engine's tests compare the texts
            control.inject_fault(**arguments)

    def test_operation_in_another_form_is_recognised(self, control: PaymentsControl) -> None:
        with pytest.raises(ValueError, match="did you mean 'ProcessPayment'"):
            control.inject_fault("process_payment", error="ThrottlingException")

    def test_reset_ends_what_a_control_did(self, paying: Paying, control: PaymentsControl) -> None:
        control.inject_fault(error="ThrottlingException", times=None)
        requests.post("http://motoapi.amazonaws.com/moto-api/reset", timeout=5)
        assert paying.world.control.list_payment_managers()["paymentManagers"] == []

    def test_repr_names_the_place(self, control: PaymentsControl) -> None:
        assert repr(control) == "PaymentsControl(None, 'us-west-2')"


class TestOverHttp:
    def test_whole_story(self, paying: Paying) -> None:
        payment = paying.pay()
        assert _post("fund-wallet", wallet=paying.instrument, amount="20000") == (
            200,
            {"result": 20000},
        )
        status, settled = _post("settle", reference=payment)
        assert (status, settled["result"]["status"]) == (200, "SETTLED")
        assert settled["result"]["settled_amount"] == "10000"
        ledger = requests.get(f"{URL}/payments?region={REGION}", timeout=5).json()["result"]
        assert [entry["process_payment_id"] for entry in ledger] == [payment]
        assert ledger[0]["amount"] == "10000"
        assert _post("balance", wallet=paying.instrument) == (200, {"result": 10000})

    def test_attempts_tell_what_was_paid_and_what_was_refused(self, paying: Paying) -> None:
        paying.pay(10_000)
        with pytest.raises(ClientError, match="Payment instrument not found"):
            paying.world.pay(paying.arn, paying.session, "payment-instrument-000000000000000", 1)
        listed = requests.get(f"{URL}/attempts?region={REGION}", timeout=5).json()["result"]
        assert [(each["outcome"], each["amount"], each["reason"]) for each in listed] == [
            ("signed", "0.01", None),
            ("refused", None, "Payment instrument not found: payment-instrument-000000000000000"),
        ]

    def test_every_verb_is_served(self) -> None:
        from boto3_agentcore_payments.emulator.backend.control_urls import VERBS

        assert set(VERBS) == {
            "account",
            "add-policy",
            "approve-authorization",
            "attempts",
            "balance",
            "billed",
            "billing-keys",
            "block-instrument",
            "clear-faults",
            "clear-policies",
            "consent",
            "expire-authorization",
            "fail-authorization",
            "fund-wallet",
            "give-grant",
            "grant",
            "hold",
            "inject-fault",
            "new-account",
            "overview",
            "payments",
            "ready-account",
            "release",
            "reset",
            "restore",
            "revoke-grant",
            "revoke-workload-token",
            "seed",
            "seeded",
            "set-balance",
            "set-credentials-valid",
            "set-delegated-signing",
            "set-funds-needed",
            "set-mpp-access",
            "set-quota",
            "set-restriction",
            "set-role-checked",
            "set-session-expiry",
            "set-spent",
            "set-status",
            "settle",
            "snapshot",
            "subscribe",
            "trust-keys",
            "trust-seller-keys",
            "unblock-instrument",
            "unsubscribe",
            "wallet-hub",
        }

    def test_fault_is_injected(self, world: Any) -> None:
        status, _ = _post(
            "inject-fault", operation="ListPaymentManagers", error="ThrottlingException"
        )
        assert status == 200
        with pytest.raises(ClientError, match="Rate exceeded"):
            world.control.list_payment_managers()

    @pytest.mark.parametrize(
        ("verb", "arguments", "message"),
        [
            ("fund-wallet", {"amount": 1}, "argument 'wallet' is missing"),
            ("fund-wallet", {"wallet": 1, "amount": 1}, "argument 'wallet' must be of type str"),
            (
                "fund-wallet",
                {"wallet": "w", "amount": 1.5},
                "argument 'amount' must be of type int or str",
            ),
            (
                "fund-wallet",
                {"wallet": "w", "amount": True},
                "argument 'amount' must be of type int or str",
            ),
            (
                "block-instrument",
                {"instrument_id": "i", "self": "x"},
                "unknown argument 'self'; one of instrument_id, account_id, region",
            ),
            ("payments", {"region": "moon"}, "unknown region 'moon'"),
            ("payments", {"region": 5}, "argument 'region' must be of type str"),
            ("payments", {"account_id": None}, "argument 'account_id' must be of type str"),
            ("inject-fault", {"drop_after": 1}, "argument 'drop_after' must be of type bool"),
        ],
    )
    def test_bad_argument_is_named(
        self, aws: None, verb: str, arguments: Any, message: str
    ) -> None:
        assert _post(verb, **arguments) == (400, {"error": "BadRequest", "message": message})

    @pytest.mark.parametrize(
        ("body", "message"),
        [
            (b"{", "the body is not JSON"),
            (b"[]", "the body must be a JSON object"),
            (b"\xff", "the body is not JSON"),
        ],
    )
    def test_bad_body_is_refused(self, aws: None, body: bytes, message: str) -> None:
        answer = requests.post(f"{URL}/payments", data=body, timeout=5)
        assert answer.status_code == 400
        assert answer.json() == {"error": "BadRequest", "message": message}

    def test_missing_resource_is_404(self, aws: None) -> None:
        status, answer = _post("block-instrument", instrument_id="payment-instrument-x")
        assert status == 404
        assert answer == {
            "error": "ResourceNotFoundException",
            "message": "Payment instrument not found: payment-instrument-x",
        }

    def test_refused_settlement_is_409(self, aws: None) -> None:
        status, answer = _post("settle", reference="nothing")
        assert status == 409
        assert answer == {
            "error": "unknown_payment",
            "message": (
                "No payment was signed as nothing; looked in us-west-2 of account 123456789012"
            ),
        }

    def test_unknown_verb_is_404(self, aws: None) -> None:
        status, answer = _post("explode")
        assert (status, answer["error"]) == (404, "UnknownVerb")
        assert answer["message"].startswith("there is no verb 'explode'; one of account, ")

    def test_changing_verb_needs_post(self, aws: None) -> None:
        answer = requests.get(f"{URL}/clear-faults", timeout=5)
        assert answer.status_code == 405
        assert answer.json() == {
            "error": "MethodNotAllowed",
            "message": "clear-faults needs POST",
        }


class TestDashboard:
    def _data(self) -> dict[str, Any]:
        answer = requests.get("http://motoapi.amazonaws.com/moto-api/data.json", timeout=5)
        section: dict[str, Any] = answer.json()["agentcore-payments"]
        return section

    def test_resources_are_shown(self, paying: Paying) -> None:
        payment = paying.pay()
        data = self._data()
        assert [row["id"] for row in data["PaymentSession"]] == [paying.session]
        assert data["PaymentSession"][0]["spent_usd"] == "0.010000"
        assert [row["arn"] for row in data["PaymentManager"]] == [paying.arn]
        assert [row["id"] for row in data["PaymentConnector"]] == [paying.connector]
        assert [row["id"] for row in data["PaymentInstrument"]] == [paying.instrument]
        assert [row["id"] for row in data["Payment"]] == [payment]

    def test_secrets_and_personal_data_are_masked(self, paying: Paying) -> None:
        text = json.dumps(self._data())
        assert "api-key-secret" not in text
        assert "wallet-secret" not in text
        assert "alice@example.com" not in text
        (provider,) = self._data()["PaymentCredentialProvider"]
        assert set(provider["secrets"].values()) == {"********"}

    def test_times_have_milliseconds(self, paying: Paying) -> None:
        (manager,) = self._data()["PaymentManager"]
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", manager["created_at"])

    def test_dashboard_is_empty_after_reset(self, paying: Paying) -> None:
        requests.post("http://motoapi.amazonaws.com/moto-api/reset", timeout=5)
        assert self._data()["PaymentManager"] == []

    def test_motos_own_models_are_still_shown(self, aws: None) -> None:
        import boto3

        boto3.client("sqs", region_name="us-east-1").create_queue(QueueName="q")
        answer = requests.get("http://motoapi.amazonaws.com/moto-api/data.json", timeout=5).json()
        assert [queue["name"] for queue in answer["sqs"]["Queue"]] == ["q"]
