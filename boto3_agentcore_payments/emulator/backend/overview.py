"""Everything of the emulated service at one look, for the page of ``serve``.

A row has what the API's answers have and what only the emulator knows. Amounts are text in US
dollars or USDC, times ISO 8601. Secrets, proofs and linked accounts are masked or left out, as on
moto's dashboard. Looking changes nothing: no status moves on, and no fault is used up.
"""

from __future__ import annotations

import heapq
from dataclasses import asdict, dataclass
from datetime import timedelta
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.emulator.backend.dashboard import MASK
from boto3_agentcore_payments.emulator.engine import hand_over, money
from boto3_agentcore_payments.emulator.engine.finding import connector_status
from boto3_agentcore_payments.emulator.engine.ledger import CHAINS
from boto3_agentcore_payments.emulator.engine.money import USD_DECIMALS, USDC_DECIMALS
from boto3_agentcore_payments.emulator.engine.statuses import GONE, PENDING_AUTHENTICATION
from boto3_agentcore_payments.emulator.engine.stored_secrets import shown_secret

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from boto3_agentcore_payments.emulator.engine.ledger import Payment
    from boto3_agentcore_payments.emulator.engine.resources import (
        Connector,
        CredentialProvider,
        Instrument,
        Manager,
        Owner,
        Session,
    )
    from boto3_agentcore_payments.emulator.engine.state import PaymentsState

    Row = dict[str, Any]

LONGEST = 500
"""Rows of one kind, the newest: the page is for reading."""


def overview(states: Iterable[PaymentsState]) -> dict[str, Any]:
    """Return the rows of each kind, newest first, each with its account and region.

    Args:
        states: Those to look at.

    Returns:
        The rows by kind, at most :data:`LONGEST` of each, and under ``totals`` how many there are.
    """
    found: dict[str, list[tuple[datetime, Row]]] = {kind: [] for kind in _KINDS}
    totals = dict.fromkeys(_KINDS, 0)
    accounts: dict[str, Row] = {}
    faults: dict[str, Row] = {}
    for state in states:
        place = {"account_id": state.account_id, "region": state.region}
        with state.lock:
            for name, kind in _KINDS.items():
                every = list(kind.every(state))
                totals[name] += len(every)
                for each in heapq.nlargest(LONGEST, every, key=kind.time):
                    found[name].append((kind.time(each), {**place, **kind.row(state, each)}))
            if state.account_id not in accounts:
                settings = asdict(state.account.settings)
                accounts[state.account_id] = {"account_id": state.account_id, **settings}
        _add_faults(faults, state, place)
    shown: dict[str, Any] = {
        name: [row for _, row in heapq.nlargest(LONGEST, rows, key=_first)]
        for name, rows in found.items()
    }
    shown["faults"] = list(faults.values())[:LONGEST]
    shown["accounts"] = list(accounts.values())[:LONGEST]
    totals.update(faults=len(faults), accounts=len(accounts))
    return {**shown, "totals": totals}


def _first(pair: tuple[datetime, Row]) -> datetime:
    return pair[0]


# Attempts and payments


def _attempts(state: PaymentsState) -> Iterable[tuple[datetime, int]]:
    return state.attempts.times()


def _attempt(state: PaymentsState, found: tuple[datetime, int]) -> Row:
    number = found[1]
    row: Row = {"number": number}
    attempt = state.attempts.as_it_stands(number)
    if attempt is None:  # others come while one looks, and the oldest are forgotten
        return row
    row.update(vars(attempt))
    payment = attempt.process_payment_id and state.ledger.find(attempt.process_payment_id)
    if payment:
        row.update(
            asset=payment.asset,
            currency=payment.currency,
            connector_id=payment.connector,
            settled_amount=None if payment.settled_amount is None else _dollars(_settled(payment)),
        )
    return row


@dataclass
class _Paid:
    """What one user paid to one recipient on one network; amounts in 10**-8 US dollars."""

    payee: str
    network: str
    user: str
    payments: int
    signed: int
    settled: int
    time: datetime


def _payees(state: PaymentsState) -> Iterable[_Paid]:
    paid: dict[tuple[str, str, str], _Paid] = {}
    for payment in state.ledger.payments():
        key = (payment.pay_to, payment.network, payment.user)
        entry = paid.get(key)
        if entry is None:
            entry = paid[key] = _Paid(*key, 0, 0, 0, payment.created_at)
        entry.payments += 1
        if payment.settled_amount is None:
            entry.signed += payment.charge
        else:
            entry.settled += _settled(payment)
        entry.time = max(entry.time, payment.created_at)
    return paid.values()


def _payee(state: PaymentsState, paid: _Paid) -> Row:
    del state
    return {**vars(paid), "signed": _dollars(paid.signed), "settled": _dollars(paid.settled)}


def _settled(payment: Payment) -> int:
    """Return what a payment moved, in 10**-8 US dollars."""
    moved = payment.settled_amount or 0
    unit: int = 10 ** (USD_DECIMALS - payment.decimals)
    return moved * unit


# Users' sessions and wallets


def _sessions(state: PaymentsState) -> Iterable[tuple[Manager, Owner, Session]]:
    for manager in state.managers:
        for owner in manager.owners.values():
            for session in owner.sessions:
                yield manager, owner, session


def _session(state: PaymentsState, found: tuple[Manager, Owner, Session]) -> Row:
    manager, owner, session = found
    limit = session.limit
    return {
        "id": session.identifier,
        "manager_id": manager.identifier,
        "manager_arn": manager.arn,
        "user": owner.user,
        "limit": None if limit is None else _short(limit),
        "spent": _dollars(session.spent),
        "left": None if limit is None else _short(money.remaining_text(limit, session.spent)),
        "expiry_minutes": session.expiry_minutes,
        "ends_at": session.created_at + timedelta(minutes=session.expiry_minutes),
        "expired": session.is_expired(state.clock()),
        "created_at": session.created_at,
        "updated_at": session.updated_at,
    }


def _wallets(state: PaymentsState) -> Iterable[tuple[Manager, Instrument]]:
    for manager in state.managers:
        for owner in manager.owners.values():
            for instrument in owner.instruments.values():
                yield manager, instrument


def _wallet(state: PaymentsState, found: tuple[Manager, Instrument]) -> Row:
    manager, instrument = found
    address, network = instrument.address, instrument.network
    grant = state.account.grant(instrument.identifier, state.clock())
    return {
        "id": instrument.identifier,
        "manager_id": manager.identifier,
        "manager_arn": instrument.manager_arn,
        "connector_id": instrument.connector_id,
        "user": instrument.user,
        "type": instrument.type,
        "vendor": instrument.vendor,
        "network": network,
        "address": address,
        "linked_accounts": [MASK for _ in instrument.linked_accounts],
        "status": instrument.lifecycle.current(),
        "granted": grant.given,
        "grant_ends": grant.ends,
        "balances": {} if address is None else held(state, address, network),
        "chains": list(CHAINS[network]),
        "redirect_url": hand_over.redirect_url(state, instrument.redirect_url),
        "created_at": instrument.created_at,
        "updated_at": instrument.updated_at,
    }


def held(state: PaymentsState, address: str, network: str) -> dict[str, str]:
    """Return what a wallet holds, in USDC, by each chain of its network that it ever held USDC on.

    Args:
        state: Where the wallet is; the caller holds its lock.
        address: Its address.
        network: ``ETHEREUM`` or ``SOLANA``.
    """
    return {
        chain: _short(_usdc(state.balances.get(address, chain)))
        for chain in CHAINS[network]
        if state.balances.knows(address, chain)
    }


# What belongs to the account


def _managers(state: PaymentsState) -> Iterable[Manager]:
    return (each for each in state.managers if each.lifecycle.current() != GONE)


def _manager(state: PaymentsState, manager: Manager) -> Row:
    del state
    return {
        "id": manager.identifier,
        "arn": manager.arn,
        "name": manager.name,
        "description": manager.description,
        "status": manager.lifecycle.current(),
        "authorizer_type": manager.authorizer_type,
        "authorizer_configuration": manager.authorizer_configuration,
        "role_arn": manager.role_arn,
        "kms_key_arn": manager.kms_key_arn,
        "workload_identity_arn": manager.workload_identity_arn,
        "tags": manager.tags,
        "created_at": manager.created_at,
        "updated_at": manager.updated_at,
    }


def _connectors(state: PaymentsState) -> Iterable[Connector]:
    for manager in state.managers:
        for connector in manager.connectors:
            if connector_status(state, connector) != GONE:
                yield connector


def _connector(state: PaymentsState, connector: Connector) -> Row:
    status = connector_status(state, connector)
    waiting = status == PENDING_AUTHENTICATION
    return {
        "id": connector.identifier,
        "manager_id": connector.manager_id,
        "name": connector.name,
        "description": connector.description,
        "type": connector.type,
        "status": status,
        "provision_mode": connector.provision_mode,
        "credential_provider_configurations": connector.configurations,
        "authorization_url": hand_over.authorization_url(state, connector.authorization_url)
        if waiting
        else None,
        "authorization_ends": connector.authorization_ends if waiting else None,
        "created_at": connector.created_at,
        "updated_at": connector.updated_at,
        "credentials_updated_at": connector.credentials_updated_at,
    }


def _providers(state: PaymentsState) -> Iterable[CredentialProvider]:
    return state.credential_providers


def _provider(state: PaymentsState, provider: CredentialProvider) -> Row:
    del state
    kept: Row = {}
    for member, secret in provider.secrets.items():
        kept.update({member: MASK, **shown_secret(member, secret)})
    return {
        "arn": provider.arn,
        "name": provider.name,
        "vendor": provider.vendor,
        "names": dict(provider.names),
        "secrets": kept,
        "tags": provider.tags,
        "created_at": provider.created_at,
        "updated_at": provider.updated_at,
    }


def _add_faults(faults: dict[str, Row], state: PaymentsState, place: Row) -> None:
    """Add the faults of a state; one that is planned for several places is one row."""
    for identity, fault in state.faults.identified():
        row = faults.setdefault(identity, {**place, **asdict(fault), "places": []})
        row["places"].append(place)


@dataclass(frozen=True)
class _Kind:
    """What is counted and shown of one kind.

    Attributes:
        every: Returns all of a state.
        time: What they are ordered by, the newest first.
        row: Returns what is shown of one, as JSON values.
    """

    every: Callable[[PaymentsState], Iterable[Any]]
    time: Callable[[Any], datetime]
    row: Callable[[PaymentsState, Any], Row]


_created: Callable[[Any], datetime] = attrgetter("created_at")
_KINDS: dict[str, _Kind] = {
    "attempts": _Kind(_attempts, lambda found: found[0], _attempt),
    "payees": _Kind(_payees, attrgetter("time"), _payee),
    "sessions": _Kind(_sessions, lambda found: _created(found[-1]), _session),
    "wallets": _Kind(_wallets, lambda found: _created(found[-1]), _wallet),
    "managers": _Kind(_managers, _created, _manager),
    "connectors": _Kind(_connectors, _created, _connector),
    "credential_providers": _Kind(_providers, _created, _provider),
}


def _dollars(units: int) -> str:
    return _short(money.transaction_text(units))


def _usdc(atomic: int) -> str:
    whole, fraction = divmod(atomic, 10**USDC_DECIMALS)
    return f"{whole}.{fraction:0{USDC_DECIMALS}d}"


def _short(text: str) -> str:
    """Return an amount with its cents, and more places where they are not zero."""
    whole, _, places = text.partition(".")
    return f"{whole}.{places.rstrip('0').ljust(2, '0')}"
