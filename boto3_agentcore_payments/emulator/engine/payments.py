"""ProcessPayment: everything between a request to pay and a signed proof."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.emulator.engine import (
    connectors,
    identifiers,
    instruments,
    managers,
    sessions,
)
from boto3_agentcore_payments.emulator.engine.budget import reserved
from boto3_agentcore_payments.emulator.engine.errors import (
    InternalServerException,
    ValidationException,
)
from boto3_agentcore_payments.emulator.engine.ledger import SIGNED, Payment
from boto3_agentcore_payments.emulator.engine.lifecycle import ACTIVE
from boto3_agentcore_payments.emulator.engine.owners import find_owner, required_user
from boto3_agentcore_payments.emulator.engine.ports import ProofSigningError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from boto3_agentcore_payments.emulator.engine.instruments import Instrument
    from boto3_agentcore_payments.emulator.engine.managers import Manager
    from boto3_agentcore_payments.emulator.engine.ports import PaymentType, Prepared, SignedProof
    from boto3_agentcore_payments.emulator.engine.sessions import Session
    from boto3_agentcore_payments.emulator.engine.state import PaymentsState

PROOF_GENERATED = "PROOF_GENERATED"
_SESSION_NOT_FOUND = "Payment session not found"
_INSTRUMENT_NOT_FOUND = "Payment instrument not found"
_SESSION, _INSTRUMENT = "paymentSessionId", "paymentInstrumentId"


def process_payment(state: PaymentsState, params: Mapping[str, Any]) -> dict[str, Any]:
    """ProcessPayment: check, reserve, sign, record.

    Behaviour:
        - [guide] In this order: the payload's rules, the session, its budget, signing; a
          payload error consumes nothing.
        - [live] The budget falls when the proof is signed, whatever happens to the proof
          later; a signing failure gives it back.
        - [live] Over budget: ValidationException `Insufficient budget. Pending amount: X
          USD, Transaction amount: Y`, before anything is signed; the first word, and more
          than four decimals where they are needed, are our own. X is what is left.
        - [live] Unknown or deleted session, or another user's: ValidationException
          `Payment session not found`.
        - [live] The same clientToken gives the first proof again, also after the session
          is gone.
        - [live] An unfunded wallet signs.
        - [decided] `Payment session has expired`, at the service's time, which freezegun
          moves.
        - [decided] `Payment instrument not found` comes before the payload's rules, because
          the instrument's network is one of them; `Payment instrument is inactive. Status:
          {status}` and `Payment connector is not active` come after them and the session.
          Whoever has neither instrument nor session is told of the session.
        - [decided] `upto` charges the whole maximum.
        - [decided] A signing failure is an InternalServerException that names the step.
        - [decided] Without userId: ValidationException naming it.
        - [decided] `AWS_BILLING_X402` is not emulated: ValidationException.
    """
    user = required_user(params)
    kind = _payment_type(state, params["paymentType"])
    manager = managers.find_by_arn(state, params["paymentManagerArn"])
    session = sessions.find_own(state, params)
    instrument = _own_instrument(manager, params)
    if manager is None or instrument is None:
        # Whoever has neither is told of the session, which holds their money.
        if session is None:
            raise _refusal(_SESSION, _SESSION_NOT_FOUND)
        raise _refusal(_INSTRUMENT, _INSTRUMENT_NOT_FOUND)
    now = state.clock()
    prepared = kind.prepare(
        _payment_input(kind, params),
        wallet=instruments.wallet_key(state, instrument) if kind.takes_wallet else None,
        found=None,
        now=now,
    )
    session = _open_session(session, now)
    _check_usable(state, manager, instrument)
    with reserved(session, prepared.amount):
        proof = _signed(prepared)
        payment = Payment(
            process_payment_id=identifiers.universal(state.random),
            manager=manager.arn,
            session=session.identifier,
            instrument=instrument.identifier,
            user=user,
            amount=prepared.amount,
            network=prepared.network,
            chain=prepared.chain,
            asset=prepared.asset,
            payer=prepared.payer,
            pay_to=prepared.pay_to,
            proof_id=proof.proof_id,
            status=SIGNED,
            created_at=now,
        )
    session.updated_at = now
    state.ledger.record(payment)
    return {
        "processPaymentId": payment.process_payment_id,
        "paymentManagerArn": manager.arn,
        "paymentSessionId": session.identifier,
        "paymentInstrumentId": instrument.identifier,
        "paymentType": params["paymentType"],
        "status": PROOF_GENERATED,
        "paymentOutput": {kind.output_member: proof.payment_output},
        "createdAt": now,
        "updatedAt": now,
    }


def _payment_type(state: PaymentsState, name: str) -> PaymentType:
    kind = state.require_prover().payment_types.get(name)
    if kind is None:
        raise _refusal("paymentType", f"Payment type '{name}' is not emulated")
    return kind


def _payment_input(kind: PaymentType, params: Mapping[str, Any]) -> Any:
    content = params["paymentInput"].get(kind.input_member)
    if content is None:
        raise _refusal("paymentInput", f"paymentInput does not match paymentType '{kind.name}'")
    return content


def _own_instrument(manager: Manager | None, params: Mapping[str, Any]) -> Instrument | None:
    owner = find_owner(manager, params)
    return None if owner is None else owner.instruments.get(params["paymentInstrumentId"])


def _check_usable(state: PaymentsState, manager: Manager, instrument: Instrument) -> None:
    """Refuse an instrument that cannot pay, or whose connector cannot (our texts)."""
    status = instrument.lifecycle.current()
    if status != ACTIVE:
        raise _refusal(_INSTRUMENT, f"Payment instrument is inactive. Status: {status}")
    if not connectors.is_ready(state, manager, instrument.connector_id):
        raise _refusal(_INSTRUMENT, "Payment connector is not active")


def _signed(prepared: Prepared) -> SignedProof:
    try:
        return prepared.sign()
    except ProofSigningError as error:
        raise InternalServerException(str(error)) from error


def _open_session(session: Session | None, now: datetime) -> Session:
    """Return the session, unless there is none ([live]: not a 404) or its time is over."""
    if session is None:
        raise _refusal(_SESSION, _SESSION_NOT_FOUND)
    if session.is_expired(now):
        raise _refusal(_SESSION, "Payment session has expired")
    return session


def _refusal(member: str, message: str) -> ValidationException:
    """Return the error for what one member of the request names."""
    return ValidationException(message, fields=((member, message),))
