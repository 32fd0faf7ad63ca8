"""ProcessPayment: everything between a request to pay and a signed proof."""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Callable

from boto3_agentcore_payments.emulator.engine import identifiers, instruments, money
from boto3_agentcore_payments.emulator.engine.errors import (
    InternalServerException,
    ValidationException,
)
from boto3_agentcore_payments.emulator.engine.finding import (
    can_pay,
    find_instrument,
    find_manager_by_arn,
    find_session,
    required_user,
)
from boto3_agentcore_payments.emulator.engine.ledger import SIGNED, Payment
from boto3_agentcore_payments.emulator.engine.ports import ProofSigningError
from boto3_agentcore_payments.emulator.engine.statuses import ACTIVE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from boto3_agentcore_payments.emulator.engine.events import Notes
    from boto3_agentcore_payments.emulator.engine.ports import PaymentType, Prepared, SignedProof
    from boto3_agentcore_payments.emulator.engine.resources import Instrument, Manager, Session
    from boto3_agentcore_payments.emulator.engine.state import PaymentsState

PROOF_GENERATED = "PROOF_GENERATED"
_SESSION_NOT_FOUND = "Payment session not found"
_INSTRUMENT_NOT_FOUND = "Payment instrument not found"
_SESSION, _INSTRUMENT = "paymentSessionId", "paymentInstrumentId"


def begin(
    state: PaymentsState, params: Mapping[str, Any], notes: Notes | None
) -> Callable[[PaymentsState, Mapping[str, Any]], dict[str, Any]]:
    """Do what a payment has to wait for, and return the operation that does the rest.

    The caller does not hold the state's lock. Nothing is refused here, so that refusals keep
    their order.
    """
    found = None
    kind = None if state.prover is None else state.prover.payment_types.get(params["paymentType"])
    if kind is not None:
        content = params["paymentInput"].get(kind.input_member)
        if content is not None:
            found = kind.look_up(content, now=state.clock())
    return partial(process_payment, found=found, notes=notes)


def process_payment(
    state: PaymentsState,
    params: Mapping[str, Any],
    *,
    found: Any = None,
    notes: Notes | None = None,
) -> dict[str, Any]:
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
          With neither instrument nor session the session is reported.
        - [decided] `upto` charges the whole maximum.
        - [decided] A signing failure is an InternalServerException that names the step.
        - [decided] Without userId: ValidationException naming it.
        - [decided] `AWS_BILLING_X402` is not emulated: ValidationException.

    Args:
        state: The account and region.
        params: The request.
        found: What the payment type looked up beforehand; see :func:`begin`.
        notes: Where to note what the operation's event tells, if anybody listens.
    """
    user = required_user(params)
    kind = _payment_type(state, params["paymentType"])
    manager = find_manager_by_arn(state, params["paymentManagerArn"])
    session = find_session(manager, params)
    instrument = find_instrument(manager, params)
    if notes is not None:
        notes.session = session
    if manager is None or instrument is None:
        # If neither exists, report the session: it is what limits the money.
        if session is None:
            raise ValidationException.at(_SESSION, _SESSION_NOT_FOUND)
        raise ValidationException.at(_INSTRUMENT, _INSTRUMENT_NOT_FOUND)
    now = state.clock()
    prepared = kind.prepare(
        _payment_input(kind, params),
        wallet=instruments.wallet_key(state, instrument) if kind.takes_wallet else None,
        found=found,
        now=now,
    )
    if notes is not None:
        notes.payment = prepared
    session = _open_session(session, now)
    _check_usable(state, manager, instrument)
    with reserved(session, prepared.charge):
        proof = _signed(prepared)
        payment = Payment(
            process_payment_id=identifiers.universal(state.random),
            manager=manager.arn,
            session=session.identifier,
            instrument=instrument.identifier,
            user=user,
            amount=prepared.amount,
            charge=prepared.charge,
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
        "paymentType": kind.name,
        "status": PROOF_GENERATED,
        "paymentOutput": {kind.output_member: proof.payment_output},
        "createdAt": now,
        "updatedAt": now,
    }


@contextmanager
def reserved(session: Session, charge: int) -> Iterator[None]:
    """Reserve budget while signing; release it if signing fails.

    If signing succeeds the charge stays, whatever becomes of the proof ([live], [guide]). The
    caller holds the state's lock.

    Args:
        session: Whose budget.
        charge: 10**-8 US dollars.

    Raises:
        ValidationException: if the session has a limit and less than ``charge`` is left of it;
            nothing was charged.
    """
    if session.limit is not None and not money.covers(session.limit, session.spent + charge):
        left = money.remaining_text(session.limit, session.spent)
        raise ValidationException(
            f"Insufficient budget. Pending amount: {left} USD, "
            f"Transaction amount: {money.transaction_text(charge)}"
        )
    session.spent += charge
    try:
        yield
    except BaseException:
        session.spent -= charge
        raise


def _payment_type(state: PaymentsState, name: str) -> PaymentType:
    kind = state.require_prover().payment_types.get(name)
    if kind is None:
        raise ValidationException.not_emulated("paymentType", "Payment type", name)
    return kind


def _payment_input(kind: PaymentType, params: Mapping[str, Any]) -> Any:
    content = params["paymentInput"].get(kind.input_member)
    if content is None:
        raise ValidationException.at(
            "paymentInput", f"paymentInput does not match paymentType '{kind.name}'"
        )
    return content


def _check_usable(state: PaymentsState, manager: Manager, instrument: Instrument) -> None:
    """Refuse an instrument that cannot pay, or whose connector cannot (our texts)."""
    status = instrument.lifecycle.current()
    if status != ACTIVE:
        raise ValidationException.at(
            _INSTRUMENT, f"Payment instrument is inactive. Status: {status}"
        )
    if not can_pay(state, manager, instrument.connector_id):
        raise ValidationException.at(_INSTRUMENT, "Payment connector is not active")


def _signed(prepared: Prepared) -> SignedProof:
    try:
        return prepared.sign()
    except ProofSigningError as error:
        raise InternalServerException(str(error)) from error


def _open_session(session: Session | None, now: datetime) -> Session:
    """Return the session, unless there is none ([live]: not a 404) or its time is over."""
    if session is None:
        raise ValidationException.at(_SESSION, _SESSION_NOT_FOUND)
    if session.is_expired(now):
        raise ValidationException.at(_SESSION, "Payment session has expired")
    return session
