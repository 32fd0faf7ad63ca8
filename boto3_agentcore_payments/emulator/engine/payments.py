"""ProcessPayment: everything between a request to pay and a signed proof."""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Callable

from boto3_agentcore_payments.emulator.engine import (
    billing,
    identifiers,
    instruments,
    money,
    signing_consent,
)
from boto3_agentcore_payments.emulator.engine.errors import (
    InternalServerException,
    ValidationException,
)
from boto3_agentcore_payments.emulator.engine.finding import (
    can_pay,
    find_instrument,
    find_session,
    require_manager_by_arn,
    required_user,
)
from boto3_agentcore_payments.emulator.engine.ledger import SIGNED, Payment, currency_of
from boto3_agentcore_payments.emulator.engine.ports import ProofSigningError
from boto3_agentcore_payments.emulator.engine.statuses import ACTIVE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from boto3_agentcore_payments.emulator.engine.events import Notes
    from boto3_agentcore_payments.emulator.engine.ports import PaymentType, Prepared, SignedProof
    from boto3_agentcore_payments.emulator.engine.resources import Instrument, Manager, Session
    from boto3_agentcore_payments.emulator.engine.state import PaymentsState

PROOF_GENERATED = "PROOF_GENERATED"
_SESSION, _INSTRUMENT = "paymentSessionId", "paymentInstrumentId"


def begin(
    state: PaymentsState, params: Mapping[str, Any], notes: Notes | None
) -> Callable[[PaymentsState, Mapping[str, Any]], dict[str, Any]]:
    """Do the part of a payment that has to wait, and return the function that does the rest.

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
        - [guide] The payload's rules come before the budget; a payload error consumes nothing.
        - [decided] The order is: the request's structure, the manager, the instrument, the
          payload, the session, its budget, the connector, signing.
        - [guide] Signing the proof reduces the budget, whatever happens to the proof later. If
          signing fails, the reserved budget is released.
        - [guide] A missing MPP access, subscription, service role, delegated signing or grant,
          or a policy, refuses the payment after the budget was reserved, which is released
          (`signing_consent`).
        - [live] Over budget: ValidationException `Insufficient budget for session {id}. Pending
          amount: 0.001 USD, Transaction amount: 0.002000 USD`, before anything is signed. The
          first amount is what is left.
        - [live] Unknown, deleted or expired session, or another user's: ValidationException
          `Payment session not found: {id}`, without a reason. It expires at the service's
          time, which freezegun moves.
        - [live] Unknown or deleted instrument: ValidationException `Payment instrument not
          found: {id}`, without a reason.
        - [live] The same clientToken gives the first proof again, even after the session was
          deleted.
        - [live] An unfunded wallet signs; so does a wallet whose connector lacks the vendor's
          subscription.
        - [toolkit] `Payment connector is not active`.
        - [guide] An unknown manager: ResourceNotFoundException that names it.
        - [decided] `Payment instrument is inactive. Status: {status}`.
        - [live] `upto` charges the whole maximum.
        - [decided] The over-budget text has more than six decimals if the amount needs them.
        - [decided] A signing failure is an InternalServerException that names the step.
        - [decided] Without userId: ValidationException naming it.
        - [model] `AWS_BILLING_X402` is paid with the instrument
          `aws.agentcorepayments.awsbilling.v1`, on the bill of the manager's account. [sdk]
          The price is captured when the token is signed; the ledger shows it as settled.
        - [decided] The oldest READY connector of type `AwsBilling` pays. Without one, with
          another instrument, or with an unsound quote: ValidationException, whose text is not
          published. The price counts against the session's budget like any other.

    Args:
        state: The account and region.
        params: The request.
        found: What the payment type looked up beforehand; see :func:`begin`.
        notes: Where to note what the operation's event reports, if anybody listens.
    """
    user = required_user(params)
    kind = _payment_type(state, params["paymentType"])
    billed = kind.name == billing.PAYMENT_TYPE
    content = _payment_input(kind, params)
    manager = require_manager_by_arn(state, params["paymentManagerArn"])
    session = find_session(manager, params)
    if notes is not None:
        notes.session = session
    instrument = None if billed else _usable_instrument(manager, params)
    if instrument is None:
        billing.require_instrument(params[_INSTRUMENT])
    elif notes is not None:
        notes.connector = instrument.connector_id
    now = state.clock()
    prepared = kind.prepare(
        content,
        wallet=instruments.wallet_key(state, instrument)
        if kind.takes_wallet and instrument is not None
        else None,
        found=found,
        now=now,
    )
    if notes is not None:
        notes.payment = prepared
    if session is None or session.is_expired(now):
        raise ValidationException.rule(_SESSION, f"Payment session not found: {params[_SESSION]}")
    with reserved(session, prepared.charge):
        connector_id = _paying_connector(state, manager, instrument)
        if notes is not None:
            notes.connector = connector_id
        if instrument is not None:
            signing_consent.check_payment(state, manager, instrument, prepared, kind.name)
        proof = _signed(prepared)
        payment = Payment(
            process_payment_id=identifiers.universal(state.random),
            manager=manager.arn,
            session=session.identifier,
            connector=connector_id,
            instrument=params[_INSTRUMENT],
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
            currency=currency_of(prepared.asset),
        )
    session.updated_at = session.spent_at = now
    state.ledger.record(payment)
    if prepared.captured:
        state.ledger.mark_settled(payment, payment.amount)
    return {
        "processPaymentId": payment.process_payment_id,
        "paymentManagerArn": manager.arn,
        "paymentSessionId": session.identifier,
        "paymentInstrumentId": payment.instrument,
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
        session: The session whose budget is charged.
        charge: 10**-8 US dollars.

    Raises:
        ValidationException: if the session has a limit and less than ``charge`` is left of it;
            nothing is charged.
    """
    if session.limit is not None and not money.covers(session.limit, session.spent + charge):
        left = money.remaining_text(session.limit, session.spent)
        raise ValidationException.rule(
            _SESSION,
            f"Insufficient budget for session {session.identifier}. Pending amount: {left} USD, "
            f"Transaction amount: {money.transaction_text(charge)} USD",
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


def _usable_instrument(manager: Manager, params: Mapping[str, Any]) -> Instrument:
    """Return the instrument; refuse one that is unknown ([live]: not a 404) or inactive."""
    instrument = find_instrument(manager, params)
    if instrument is None:
        message = f"Payment instrument not found: {params[_INSTRUMENT]}"
        raise ValidationException.rule(_INSTRUMENT, message)
    status = instrument.lifecycle.current()
    if status != ACTIVE:
        message = f"Payment instrument is inactive. Status: {status}"
        raise ValidationException.rule(_INSTRUMENT, message)
    return instrument


def _paying_connector(state: PaymentsState, manager: Manager, instrument: Instrument | None) -> str:
    """Return the id of the connector that pays: the AWS bill's if there is no instrument."""
    if instrument is None:
        return billing.paying_connector(state, manager).identifier
    if not can_pay(state, manager, instrument.connector_id):
        raise ValidationException.rule(_INSTRUMENT, "Payment connector is not active")
    return instrument.connector_id


def _signed(prepared: Prepared) -> SignedProof:
    try:
        return prepared.sign()
    except ProofSigningError as error:
        raise InternalServerException(str(error)) from error
