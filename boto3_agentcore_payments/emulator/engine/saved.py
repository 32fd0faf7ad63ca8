"""A state as rows of JSON text, and back: what a file, a snapshot or another process can keep.

A row has a key, such as ``("session", manager, user, session)``. All rows together are the whole
state but for what it was made with (clock, prover, listeners): resources, first answers by client
token, balances, payments, attempts, faults, and what holds for the account, which its states in all
regions share. The keys of wallets and the seals of page tokens follow from the seed.

A value is written with its type, and read by a table of the types there are: reading makes nothing
else.
"""

from __future__ import annotations

import json
from collections import deque
from dataclasses import fields
from datetime import datetime, timedelta, timezone
from functools import partial
from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.emulator.engine import resources
from boto3_agentcore_payments.emulator.engine.account import Grant, Policy, Settings
from boto3_agentcore_payments.emulator.engine.attempts import Attempt
from boto3_agentcore_payments.emulator.engine.errors import SavedStateError
from boto3_agentcore_payments.emulator.engine.faults import Fault
from boto3_agentcore_payments.emulator.engine.finding import find_manager, owner_for
from boto3_agentcore_payments.emulator.engine.identifiers import last_part
from boto3_agentcore_payments.emulator.engine.ledger import SETTLED, Payment
from boto3_agentcore_payments.emulator.engine.paging import Collection
from boto3_agentcore_payments.emulator.engine.statuses import (
    ACTIVE,
    CONNECTOR_MODEL,
    CONNECTOR_TRANSITIONS,
    INSTRUMENT_MODEL,
    INSTRUMENT_TRANSITIONS,
    MANAGER_MODEL,
    MANAGER_TRANSITIONS,
    READY,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from boto3_agentcore_payments.emulator.engine.state import PaymentsState

    _ByKind = Mapping[str, "list[tuple[Key, Any]]"]

Key = tuple[str, ...]

APPENDED = frozenset({"answer", "attempt", "payment"})
"""Kinds of rows that are added one by one, and may be many."""

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MICROSECOND = timedelta(microseconds=1)
_MARK = "$"
# Made once: json.dumps would make an encoder for every row.
_write = json.JSONEncoder(separators=(",", ":")).encode
_CLASSES: dict[str, Any] = {
    each.__name__: each
    for each in (
        Attempt,
        Fault,
        Grant,
        Payment,
        Policy,
        Settings,
        resources.Connector,
        resources.CredentialProvider,
        resources.ExternalSecret,
        resources.GivenSecret,
        resources.Instrument,
        resources.ManagedSecret,
        resources.Manager,
        resources.Session,
    )
}
_ELSEWHERE = {
    "Manager": ("connectors", "owners"),
    "Session": ("manager", "owner"),
}
"""Members that are rows of their own, or follow from the key."""
_MEMBERS = {
    name: tuple(
        each.name
        for each in fields(kind)
        if each.init and each.name not in _ELSEWHERE.get(name, ())
    )
    for name, kind in _CLASSES.items()
}
"""The members that are in each class's row."""
_LIFECYCLES: dict[str, tuple[str, Any, str]] = {
    "Manager": (MANAGER_MODEL, MANAGER_TRANSITIONS, READY),
    "Connector": (CONNECTOR_MODEL, CONNECTOR_TRANSITIONS, READY),
    "Instrument": (INSTRUMENT_MODEL, INSTRUMENT_TRANSITIONS, ACTIVE),
}


def keys(state: PaymentsState, *, appended: bool = True) -> Iterator[Key]:
    """Yield the key of every row, parents before children; the caller holds the state's lock.

    Args:
        state: The state.
        appended: Whether those of :data:`APPENDED` are wanted too.
    """
    yield from (("account",), ("numbers",), ("faults",), ("revoked",))
    for provider in state.credential_providers:
        yield ("provider", provider.name)
    for manager in state.managers:
        yield from _keys_of(manager)
    for address, chain, _ in state.balances.rows():
        yield ("balance", address, chain)
    if appended:
        for payment in state.ledger.payments():
            yield ("payment", payment.process_payment_id)
        for operation, token in state.answers.tokens():
            yield ("answer", operation, token)
        for number in state.attempts.numbers():
            yield attempt_key(number)


def _keys_of(manager: resources.Manager) -> Iterator[Key]:
    yield ("manager", manager.identifier)
    for connector in manager.connectors:
        yield ("connector", manager.identifier, connector.identifier)
    for user, owner in manager.owners.items():
        for identifier in owner.instruments:
            yield ("instrument", manager.identifier, user, identifier)
        for session in owner.sessions:
            yield ("session", manager.identifier, user, session.identifier)


def attempt_key(number: int) -> Key:
    """Return the key of an attempt's row."""
    return ("attempt", str(number))


def row(state: PaymentsState, key: Key) -> str | None:
    """Return one row's text, or ``None`` without such a row; the caller holds the state's lock."""
    value = _ROWS[key[0]](state, *key[1:])
    return None if value is None else _write(_plain(value))


def rows(state: PaymentsState) -> dict[Key, str]:
    """Return every row of a state."""
    with state.lock:
        found = ((key, row(state, key)) for key in keys(state))
        return {key: text for key, text in found if text is not None}


def put_back(
    state: PaymentsState,
    saved: Iterable[tuple[Key, str]],
    *,
    shared: dict[str, Fault] | None = None,
) -> None:
    """Fill an empty state with rows.

    Args:
        state: One in which nothing happened yet.
        saved: Keys and texts, in any order.
        shared: The same for all states that are filled together: a fault that was planned for
            several of them stays one fault. See ``FaultPlan.put_back``.

    Raises:
        SavedStateError: if the rows do not make a state; it is then to be thrown away.
    """
    by_kind: dict[str, list[tuple[Key, Any]]] = {kind: [] for kind in _ROWS}
    try:
        for key, text in saved:
            by_kind[key[0]].append((key, _revived(state, json.loads(text))))
        with state.lock:
            _fill_settings(state, by_kind, {} if shared is None else shared)
            _fill_resources(state, by_kind)
            _fill_memory(state, by_kind)
    except (KeyError, ValueError, TypeError, AttributeError, IndexError) as error:
        # The row's text may hold a secret, so it is not quoted.
        raise SavedStateError(type(error).__name__) from None


def _fill_settings(state: PaymentsState, by_kind: _ByKind, shared: dict[str, Fault]) -> None:
    for _, account in by_kind["account"]:
        state.account.restore(account["settings"], account["grants"])
    for _, numbers in by_kind["numbers"]:
        state.number_from(numbers["sequence"], numbers["wallets"])
    for _, faults in by_kind["faults"]:
        state.faults.put_back(faults, shared)
    for _, revoked in by_kind["revoked"]:
        state.revoked_workload_tokens.update(revoked)


def _fill_resources(state: PaymentsState, by_kind: _ByKind) -> None:
    for _, provider in _in_order(by_kind["provider"]):
        state.credential_providers.add(provider.name, provider)
    for _, manager in _in_order(by_kind["manager"]):
        manager.connectors, manager.owners = Collection(by_id=True), {}
        state.managers.add(manager.identifier, manager)
    for key, connector in _in_order(by_kind["connector"]):
        _manager(state, key[1]).connectors.add(connector.identifier, connector)
    for key, instrument in _in_order(by_kind["instrument"]):
        owner = owner_for(_manager(state, key[1]), key[2])
        owner.instruments[instrument.identifier] = instrument
        for listed in (None, instrument.connector_id):
            owner.listed.setdefault(listed, Collection()).add(instrument.identifier, instrument)
    for key, session in _in_order(by_kind["session"]):
        session.manager = _manager(state, key[1])
        session.owner = owner_for(session.manager, key[2])
        session.owner.sessions.add(session.identifier, session)


def _fill_memory(state: PaymentsState, by_kind: _ByKind) -> None:
    for key, amount in by_kind["balance"]:
        state.balances.set(key[1], key[2], amount)
    for _, payment in sorted(by_kind["payment"], key=lambda pair: pair[1].created_at):
        state.ledger.record(payment)
        if payment.status == SETTLED:
            state.ledger.mark_settled(payment, payment.settled_amount)
    for key, record in by_kind["answer"]:
        state.answers.put_back(key[1], key[2], record)
    numbered = [(int(key[1]), attempt) for key, attempt in by_kind["attempt"]]
    state.attempts.put_back(sorted(numbered, key=lambda pair: pair[0]))


def _in_order(found: list[tuple[Key, Any]]) -> list[tuple[Key, Any]]:
    return sorted(found, key=lambda pair: pair[1].sequence)


def _manager(state: PaymentsState, identifier: str) -> resources.Manager:
    manager = state.managers.get(identifier)
    if manager is None:
        raise KeyError(identifier)
    return manager


def _owned(what: str, state: PaymentsState, manager_id: str, user: str, identifier: str) -> Any:
    manager = state.managers.get(manager_id)
    owner = None if manager is None else manager.owners.get(user)
    return None if owner is None else getattr(owner, what).get(identifier)


def _connector(state: PaymentsState, manager_id: str, identifier: str) -> Any:
    manager = state.managers.get(manager_id)
    return None if manager is None else manager.connectors.get(identifier)


def _balance(state: PaymentsState, address: str, chain: str) -> int | None:
    return state.balances.get(address, chain) if state.balances.knows(address, chain) else None


_ROWS: dict[str, Any] = {
    "account": lambda state: dict(zip(("settings", "grants"), state.account.copied())),
    "numbers": lambda state: dict(zip(("sequence", "wallets"), state.numbers())),
    "faults": lambda state: [list(pair) for pair in state.faults.identified()],
    "revoked": lambda state: sorted(state.revoked_workload_tokens),
    "provider": lambda state, name: state.credential_providers.get(name),
    "manager": lambda state, identifier: state.managers.get(identifier),
    "connector": _connector,
    "instrument": partial(_owned, "instruments"),
    "session": partial(_owned, "sessions"),
    "balance": _balance,
    "payment": lambda state, identifier: state.ledger.find(identifier),
    "answer": lambda state, operation, token: state.answers.record(operation, token),
    "attempt": lambda state, number: state.attempts.numbered(int(number)),
}
"""The value of a row by its kind; ``None`` where it is gone."""


def touched(
    state: PaymentsState, operation: str, params: Mapping[str, Any], answer: Mapping[str, Any]
) -> list[Key] | None:
    """Return the rows that an operation may have changed; ``None`` for any but the appended."""
    if operation.startswith(("Get", "List")):
        return []
    found: list[Key] = [("numbers",)]
    token = params.get("clientToken")
    if token is not None:
        found.append(("answer", operation, token))
    if operation not in _OF_USERS:
        return None
    manager = find_manager(state, last_part(params["paymentManagerArn"]))
    if manager is None:
        return found
    place = (manager.identifier, params["userId"])
    for kind in ("session", "instrument"):
        member = f"payment{kind.capitalize()}"
        named = params.get(f"{member}Id") or answer.get(member, {}).get(f"{member}Id")
        if named is not None and not (kind == "instrument" and operation == "ProcessPayment"):
            found.append((kind, *place, named))
    if operation == "ProcessPayment":
        found.append(("payment", answer["processPaymentId"]))
    return found


_OF_USERS = frozenset(
    {
        "CreatePaymentInstrument",
        "CreatePaymentSession",
        "DeletePaymentInstrument",
        "DeletePaymentSession",
        "ProcessPayment",
    }
)


def _plain(value: Any) -> Any:
    """Return a value as JSON's own types, those that it lacks with their names."""
    if value is None or isinstance(value, (str, int, float)):
        return value
    if isinstance(value, datetime):
        return {_MARK: "time", "of": (value - _EPOCH) // _MICROSECOND}
    if isinstance(value, bytes):
        return {_MARK: "bytes", "of": value.hex()}
    if isinstance(value, dict):
        return {_MARK: "dict", "of": {name: _plain(item) for name, item in value.items()}}
    if isinstance(value, (list, deque)):
        return [_plain(item) for item in value]
    name = type(value).__name__
    if name in _MEMBERS:
        return {
            _MARK: name,
            "of": {
                member: _status(value) if member == "lifecycle" else _plain(getattr(value, member))
                for member in _MEMBERS[name]
            },
        }
    raise TypeError(f"a row may not hold a {name}")


def _status(resource: Any) -> list[Any]:
    return [resource.lifecycle.current(), resource.lifecycle.held]


def _revived(state: PaymentsState, value: Any) -> Any:
    """Return what :func:`_plain` was given."""
    if isinstance(value, list):
        return [_revived(state, item) for item in value]
    if not isinstance(value, dict):
        return value
    kind, content = value[_MARK], value["of"]
    if kind == "time":
        return _EPOCH + timedelta(microseconds=content)
    if kind == "bytes":
        return bytes.fromhex(content)
    if kind == "dict":
        return {name: _revived(state, item) for name, item in content.items()}
    members = {
        name: item if name == "lifecycle" else _revived(state, item)
        for name, item in content.items()
    }
    if "lifecycle" in members:
        status, held = members["lifecycle"]
        lifecycle = state.lifecycles(*_LIFECYCLES[kind])
        (lifecycle.force if held else lifecycle.begin)(status)
        members["lifecycle"] = lifecycle
    return _CLASSES[kind](**dict.fromkeys(_ELSEWHERE.get(kind, ())), **members)
