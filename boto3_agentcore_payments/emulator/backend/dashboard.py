"""The emulator's resources on moto's dashboard (``/moto-api/``), without keeping any alive.

moto lists the instances of its model classes, which record each instance when it is made. Ours do
not: a view of the state is made when the dashboard asks. Credential secrets and
personal data never reach it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import islice
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from moto.core.model_instances import model_data

from boto3_agentcore_payments.emulator.engine.finding import connector_status
from boto3_agentcore_payments.emulator.engine.money import transaction_text
from boto3_agentcore_payments.emulator.wire.serializing import iso8601

if TYPE_CHECKING:
    from boto3_agentcore_payments.emulator.engine.state import PaymentsState

SECTION = "agentcore-payments"
"""The dashboard's heading for the emulator."""
MASK = "********"
LONGEST = 1000
"""Most rows of one kind: a person reads the page."""

Rows = Callable[["PaymentsState"], Iterable[dict[str, Any]]]


def _managers(state: PaymentsState) -> Iterator[dict[str, Any]]:
    for manager in state.managers:
        yield {
            "id": manager.identifier,
            "arn": manager.arn,
            "name": manager.name,
            "authorizer_type": manager.authorizer_type,
            "role_arn": manager.role_arn,
            "status": manager.lifecycle.current(),
            "created_at": manager.created_at,
            "updated_at": manager.updated_at,
        }


def _connectors(state: PaymentsState) -> Iterator[dict[str, Any]]:
    for manager in state.managers:
        for connector in manager.connectors:
            yield {
                "id": connector.identifier,
                "manager_id": connector.manager_id,
                "name": connector.name,
                "type": connector.type,
                "provision_mode": connector.provision_mode,
                "status": connector_status(state, connector),
                "created_at": connector.created_at,
                "updated_at": connector.updated_at,
            }


def _credential_providers(state: PaymentsState) -> Iterator[dict[str, Any]]:
    for provider in state.credential_providers:
        yield {
            "arn": provider.arn,
            "name": provider.name,
            "vendor": provider.vendor,
            "names": dict(provider.names),
            "secrets": dict.fromkeys(provider.secrets, MASK),
            "created_at": provider.created_at,
            "updated_at": provider.updated_at,
        }


def _instruments(state: PaymentsState) -> Iterator[dict[str, Any]]:
    for manager in state.managers:
        for owner in list(manager.owners.values()):
            for instrument in list(owner.instruments.values()):
                yield {
                    "id": instrument.identifier,
                    "manager_arn": instrument.manager_arn,
                    "connector_id": instrument.connector_id,
                    "user": instrument.user,
                    "network": instrument.network,
                    "address": instrument.address,
                    "linked_accounts": [MASK for _ in instrument.linked_accounts],
                    "status": instrument.lifecycle.current(),
                    "created_at": instrument.created_at,
                }


def _sessions(state: PaymentsState) -> Iterator[dict[str, Any]]:
    now = state.clock()
    for manager in state.managers:
        for owner in list(manager.owners.values()):
            for session in owner.sessions:
                yield {
                    "id": session.identifier,
                    "manager_arn": manager.arn,
                    "user": owner.user,
                    "limit_usd": session.limit,
                    "spent_usd": transaction_text(session.spent),
                    "expiry_minutes": session.expiry_minutes,
                    "expired": session.is_expired(now),
                    "created_at": session.created_at,
                }


def _payments(state: PaymentsState) -> Iterator[dict[str, Any]]:
    for payment in state.ledger.payments():
        yield {
            "id": payment.process_payment_id,
            "manager_arn": payment.manager,
            "session_id": payment.session,
            "instrument_id": payment.instrument,
            "user": payment.user,
            "amount": payment.amount_text,
            "currency": payment.currency,
            "network": payment.network,
            "payer": payment.payer,
            "pay_to": payment.pay_to,
            "status": payment.status,
            "created_at": payment.created_at,
        }


MODELS: dict[str, Rows] = {
    "PaymentManager": _managers,
    "PaymentConnector": _connectors,
    "PaymentCredentialProvider": _credential_providers,
    "PaymentInstrument": _instruments,
    "PaymentSession": _sessions,
    "Payment": _payments,
}


class _Model:
    """Takes the place of a model class in moto."""

    def __init__(self, backends: Any, rows: Rows) -> None:
        self._backends = backends
        self._rows = rows

    @property
    def instances_tracked(self) -> list[SimpleNamespace]:
        """The rows of every account and region, as objects with JSON attributes."""
        return list(islice(self._views(), LONGEST))

    @instances_tracked.setter
    def instances_tracked(self, value: object) -> None:
        """Ignore moto's reset of its models: the state is reset with its backend."""

    instances = instances_tracked  # its name in older moto

    def _views(self) -> Iterator[SimpleNamespace]:
        for account, region, backend in list(self._backends.iter_backends()):
            with backend.state.lock:
                rows = list(islice(self._rows(backend.state), LONGEST))
            for row in rows:
                attributes = {name: _shown(value) for name, value in row.items()}
                yield SimpleNamespace(account=account, region=region, **attributes)


def _shown(value: object) -> object:
    return iso8601(value) if isinstance(value, datetime) else value


def show(backends: Any) -> None:
    """Put the emulator's resources on the dashboard.

    Args:
        backends: The ``BackendDict`` of the emulator.
    """
    for name, rows in MODELS.items():
        model_data[SECTION][name] = _Model(backends, rows)
