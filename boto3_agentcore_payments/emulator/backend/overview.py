"""Everything of the emulated service at one look, for the page of ``serve``.

Amounts are text in US dollars or USDC, times ISO 8601. Secrets, tokens and linked accounts are
masked or left out, as on moto's dashboard.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.emulator.backend import dashboard
from boto3_agentcore_payments.emulator.engine import money
from boto3_agentcore_payments.emulator.engine.ledger import CHAINS
from boto3_agentcore_payments.emulator.engine.money import USDC_DECIMALS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from boto3_agentcore_payments.emulator.engine.state import PaymentsState

LONGEST = 500
"""Rows of one kind, the newest: the page is for reading."""


def overview(states: Iterable[PaymentsState]) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of each kind, newest first, each with its account and region.

    Args:
        states: Those to look at.
    """
    found: dict[str, list[dict[str, Any]]] = {kind: [] for kind in _KINDS}
    for state in states:
        place = {"account_id": state.account_id, "region": state.region}
        with state.lock:
            for kind, rows in _KINDS.items():
                found[kind] += [{**place, **row} for row in rows(state)]
    return {
        kind: sorted(
            rows, key=lambda row: row.get("time", 0) or row.get("created_at", 0), reverse=True
        )[:LONGEST]
        for kind, rows in found.items()
    }


def _attempts(state: PaymentsState) -> Iterator[dict[str, Any]]:
    for attempt in state.attempts.listed():
        yield asdict(attempt)


def _sessions(state: PaymentsState) -> Iterator[dict[str, Any]]:
    now = state.clock()
    for manager in state.managers:
        for owner in manager.owners.values():
            for session in owner.sessions:
                limit = session.limit
                yield {
                    "id": session.identifier,
                    "manager_id": manager.identifier,
                    "user": owner.user,
                    "limit": limit,
                    "spent": _short(money.transaction_text(session.spent)),
                    "left": None if limit is None else money.remaining_text(limit, session.spent),
                    "ends_at": session.created_at + timedelta(minutes=session.expiry_minutes),
                    "expired": session.is_expired(now),
                    "created_at": session.created_at,
                    "updated_at": session.updated_at,
                }


def _wallets(state: PaymentsState) -> Iterator[dict[str, Any]]:
    for row in dashboard.MODELS["PaymentInstrument"](state):
        address = row["address"]
        chains = CHAINS[row["network"]]
        held = (
            {}
            if address is None
            else {
                chain: _short(_usdc(state.balances.get(address, chain)))
                for chain in chains
                if state.balances.knows(address, chain)
            }
        )
        yield {**row, "balances": held, "chains": list(chains)}


def _faults(state: PaymentsState) -> Iterator[dict[str, Any]]:
    for fault in state.faults.planned():
        yield asdict(fault)


def _rows(model: str) -> Any:
    return dashboard.MODELS[model]


_KINDS: dict[str, Any] = {
    "attempts": _attempts,
    "sessions": _sessions,
    "wallets": _wallets,
    "managers": _rows("PaymentManager"),
    "connectors": _rows("PaymentConnector"),
    "credential_providers": _rows("PaymentCredentialProvider"),
    "faults": _faults,
}


def _usdc(atomic: int) -> str:
    whole, fraction = divmod(atomic, 10**USDC_DECIMALS)
    return f"{whole}.{fraction:0{USDC_DECIMALS}d}"


def _short(text: str) -> str:
    """Return an amount with its cents, and more places where they are not zero."""
    whole, _, places = text.partition(".")
    return f"{whole}.{places.rstrip('0').ljust(2, '0')}"
