"""Payment connectors: the five operations on them, and finding one."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.emulator.engine import consent, identifiers, managers
from boto3_agentcore_payments.emulator.engine.credential_providers import COINBASE, PRIVY
from boto3_agentcore_payments.emulator.engine.errors import (
    ConflictException,
    ResourceNotFoundException,
    ValidationException,
)
from boto3_agentcore_payments.emulator.engine.lifecycle import (
    CONNECTOR_MODEL,
    CONNECTOR_TRANSITIONS,
    CREATING,
    DELETING,
    GONE,
    PASSING,
    PENDING_AUTHENTICATION,
    READY,
)
from boto3_agentcore_payments.emulator.engine.paging import (
    CONTROL_PLANE_PAGE,
    page_size,
    take_page,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from boto3_agentcore_payments.emulator.engine.managers import Manager
    from boto3_agentcore_payments.emulator.engine.ports import Lifecycle
    from boto3_agentcore_payments.emulator.engine.state import PaymentsState

MANUAL = "MANUAL"
QUICK_CREATE = "QUICK_CREATE"
_MEMBER = {COINBASE: "coinbaseCDP", PRIVY: "stripePrivy"}
_CONFIGURATIONS = "credentialProviderConfigurations"


@dataclass(eq=False)
class Connector:
    """One payment connector.

    ``authorization_url`` and ``authorization_ends`` are set while a QUICK_CREATE connector waits
    for consent, ``credentials_updated_at`` once the service manages its credentials.
    """

    __slots__ = (
        "authorization_ends",
        "authorization_url",
        "configurations",
        "created_at",
        "credentials_updated_at",
        "description",
        "identifier",
        "lifecycle",
        "manager_id",
        "name",
        "provision_mode",
        "sequence",
        "type",
        "updated_at",
    )
    identifier: str
    manager_id: str
    name: str
    description: str | None
    type: str
    provision_mode: str
    configurations: list[dict[str, Any]]
    created_at: datetime
    updated_at: datetime
    credentials_updated_at: datetime | None
    authorization_url: str | None
    authorization_ends: datetime | None
    lifecycle: Lifecycle
    sequence: int


def create_payment_connector(state: PaymentsState, params: Mapping[str, Any]) -> dict[str, Any]:
    """CreatePaymentConnector.

    Behaviour:
        - [model] MANUAL, the default, starts CREATING and becomes READY; the answer lacks
          description, lastUpdatedAt and provisionMode.
        - [guide] `credentialProviderConfigurations list cannot be empty`,
          `credentialProviderArn is required but not found in the request`, `Connector type
          '{type}' does not match the provided credentialProviderConfiguration`.
        - [guide] QUICK_CREATE: for Coinbase only, with an empty list; starts
          PENDING_AUTHENTICATION with an authorizationUrl, and expires after ten minutes
          (AUTHENTICATION_EXPIRED).
        - [decided] The authorizationUrl leads nowhere (a name under `.invalid`); a test
          approves, expires or fails the authorization through the control surface.
        - [decided] Approved, it is PROVISIONING, then READY, with a credential provider
          named `quick-create-{connectorId}`.
        - [decided] Type `AwsBilling` is not emulated: ValidationException.
        - [decided] Whether the named credential provider exists is not checked; one that
          exists must be of the connector's vendor.
        - [decided] A manager that is not READY is a ConflictException. Names need not be
          unique.
    """
    manager = managers.require_manager(state, params["paymentManagerId"])
    mode = params.get("provisionMode", MANUAL)
    configurations = params.get(_CONFIGURATIONS, [])
    if mode == QUICK_CREATE:
        _check_quick_create(params["type"], configurations)
    else:
        _check_configurations(state, params["type"], configurations)
    managers.require_ready(manager)
    now = state.clock()
    initial = PENDING_AUTHENTICATION if mode == QUICK_CREATE else CREATING
    connector = Connector(
        identifier=identifiers.named(state.random, params["name"], manager.connectors),
        manager_id=manager.identifier,
        name=params["name"],
        description=params.get("description"),
        type=params["type"],
        provision_mode=mode,
        configurations=deepcopy(configurations),
        created_at=now,
        updated_at=now,
        credentials_updated_at=None,
        authorization_url=None,
        authorization_ends=None,
        lifecycle=state.lifecycles(CONNECTOR_MODEL, CONNECTOR_TRANSITIONS, initial),
        sequence=state.next_sequence(),
    )
    if mode == QUICK_CREATE:
        consent.request_consent(state, connector)
    manager.connectors.add(connector.identifier, connector)
    return {
        **_identity(connector),
        "paymentManagerId": manager.identifier,
        _CONFIGURATIONS: deepcopy(connector.configurations),
        "createdAt": now,
        "status": initial,
        **_authorization(connector, initial),
    }


def get_payment_connector(state: PaymentsState, params: Mapping[str, Any]) -> dict[str, Any]:
    """GetPaymentConnector.

    Behaviour:
        - [guide] `Payment connector not found: connectorId={c}, managerId={m}`.
        - [model] authorizationUrl only while consent is awaited; credentialsUpdatedAt only
          for QUICK_CREATE, from the consent on.
        - [decided] A read moves a passing status on, as moto's state transitions say.
    """
    connector = require_connector(
        state,
        managers.require_manager(state, params["paymentManagerId"]),
        params["paymentConnectorId"],
        read=True,
    )
    status = current_status(state, connector)
    answer = {
        **_identity(connector),
        "provisionMode": connector.provision_mode,
        _CONFIGURATIONS: deepcopy(connector.configurations),
        "createdAt": connector.created_at,
        "lastUpdatedAt": connector.updated_at,
        "status": status,
        **_authorization(connector, status),
    }
    if connector.description is not None:
        answer["description"] = connector.description
    if connector.credentials_updated_at is not None:
        answer["credentialsUpdatedAt"] = connector.credentials_updated_at
    return answer


def list_payment_connectors(state: PaymentsState, params: Mapping[str, Any]) -> dict[str, Any]:
    """ListPaymentConnectors.

    Behaviour:
        - [model] 1 to 100 a page; 100 if not asked for otherwise.
        - [model] An unknown manager is no ResourceNotFoundException; the list is empty.
        - [decided] Oldest first.
    """
    size = page_size(params, default=CONTROL_PLANE_PAGE, largest=CONTROL_PLANE_PAGE)
    manager_id = params["paymentManagerId"]
    manager = managers.find_manager(state, manager_id)
    page, more = take_page(
        state.page_tokens,
        params,
        None if manager is None else manager.connectors,
        scope=("ListPaymentConnectors", manager_id),
        size=size,
        keep=lambda connector: connector.lifecycle.current() != GONE,
    )
    summaries = [
        {
            **_identity(connector),
            "provisionMode": connector.provision_mode,
            "status": status,
            "lastUpdatedAt": connector.updated_at,
        }
        for connector in page
        if (status := current_status(state, connector, read=True)) != GONE
    ]
    return {"paymentConnectors": summaries, **more}


def update_payment_connector(state: PaymentsState, params: Mapping[str, Any]) -> dict[str, Any]:
    """UpdatePaymentConnector.

    Behaviour:
        - [model] UPDATING, then READY; what is not given stays.
        - [guide] The rules and messages of CreatePaymentConnector hold for the result.
        - [decided] A QUICK_CREATE connector keeps its type and credential provider; one
          whose consent expired or failed asks for it anew, with a new authorizationUrl.
        - [decided] A connector that is CREATING, UPDATING, PROVISIONING or DELETING is a
          ConflictException.
    """
    manager = managers.require_manager(state, params["paymentManagerId"])
    connector = require_connector(state, manager, params["paymentConnectorId"])
    _refuse_while_busy(state, connector, "updated")
    wanted_type = params.get("type", connector.type)
    configurations = params.get(_CONFIGURATIONS, connector.configurations)
    if connector.provision_mode == QUICK_CREATE:
        if wanted_type != connector.type or configurations != connector.configurations:
            message = "A QUICK_CREATE connector keeps its type and its credential provider"
            member = _CONFIGURATIONS if wanted_type == connector.type else "type"
            raise ValidationException(message, fields=((member, message),))
    else:
        _check_configurations(state, wanted_type, configurations)
    connector.type = wanted_type
    connector.configurations = deepcopy(configurations)
    connector.description = params.get("description", connector.description)
    connector.updated_at = state.clock()
    status = consent.status_after_update(state, connector)
    connector.lifecycle.begin(status)
    return {
        **_identity(connector),
        "paymentManagerId": manager.identifier,
        _CONFIGURATIONS: deepcopy(connector.configurations),
        "lastUpdatedAt": connector.updated_at,
        "status": status,
        **_authorization(connector, status),
    }


def delete_payment_connector(state: PaymentsState, params: Mapping[str, Any]) -> dict[str, Any]:
    """DeletePaymentConnector.

    Behaviour:
        - [model] DELETING, then gone.
        - [decided] Its instruments stay and cannot pay any more; its credential provider
          stays.
        - [decided] A connector that is CREATING, UPDATING, PROVISIONING or DELETING is a
          ConflictException.
    """
    manager = managers.require_manager(state, params["paymentManagerId"])
    connector = require_connector(state, manager, params["paymentConnectorId"])
    _refuse_while_busy(state, connector, "deleted")
    connector.updated_at = state.clock()
    connector.lifecycle.begin(DELETING)
    return {"paymentConnectorId": connector.identifier, "status": DELETING}


def current_status(state: PaymentsState, connector: Connector, *, read: bool = False) -> str:
    """Return the status, letting an overdue consent expire; ``read`` counts a client's look."""
    consent.expire_if_overdue(state, connector)
    return connector.lifecycle.observe() if read else connector.lifecycle.current()


def find_connector(
    state: PaymentsState, manager: Manager, identifier: str, *, read: bool = False
) -> Connector | None:
    """Return a manager's connector; ``read`` counts it as a client's look at its status."""
    connector = manager.connectors.get(identifier)
    if connector is None:
        return None
    if current_status(state, connector, read=read) == GONE:
        manager.connectors.remove(identifier)
        return None
    return connector


def require_connector(
    state: PaymentsState, manager: Manager, identifier: str, *, read: bool = False
) -> Connector:
    """Return a manager's connector.

    Raises:
        ResourceNotFoundException: there is none ([guide]).
    """
    connector = find_connector(state, manager, identifier, read=read)
    if connector is None:
        message = (
            f"Payment connector not found: connectorId={identifier}, managerId={manager.identifier}"
        )
        raise ResourceNotFoundException(message)
    return connector


def require_ready(state: PaymentsState, connector: Connector) -> None:
    """Refuse to create anything on a connector that is not READY.

    Raises:
        ConflictException: our decision.
    """
    status = current_status(state, connector)
    if status != READY:
        message = f"Payment connector {connector.identifier} is not ready. Status: {status}"
        raise ConflictException(message)


def is_ready(state: PaymentsState, manager: Manager, identifier: str) -> bool:
    """Tell whether payments may go through this connector of this manager."""
    connector = find_connector(state, manager, identifier)
    return (
        connector is not None
        and current_status(state, connector) == READY
        and manager.lifecycle.current() == READY
    )


def _identity(connector: Connector) -> dict[str, Any]:
    return {
        "paymentConnectorId": connector.identifier,
        "name": connector.name,
        "type": connector.type,
    }


def _authorization(connector: Connector, status: str) -> dict[str, str]:
    if status != PENDING_AUTHENTICATION or connector.authorization_url is None:
        return {}
    return {"authorizationUrl": connector.authorization_url}


def _refuse_while_busy(state: PaymentsState, connector: Connector, verb: str) -> None:
    status = current_status(state, connector)
    if status in PASSING:
        message = f"Payment connector {connector.identifier} cannot be {verb} in status {status}"
        raise ConflictException(message)


def _check_quick_create(connector_type: str, configurations: Sequence[object]) -> None:
    """Apply the rules of QUICK_CREATE: Coinbase only, and nothing configured yet ([guide])."""
    if connector_type != COINBASE:
        member = "type"
        message = f"provisionMode {QUICK_CREATE} is only supported for type '{COINBASE}'"
    elif configurations:
        member = _CONFIGURATIONS
        message = f"{_CONFIGURATIONS} must be empty for provisionMode {QUICK_CREATE}"
    else:
        return
    raise ValidationException(message, fields=((member, message),))


def _check_configurations(
    state: PaymentsState, connector_type: str, configurations: Sequence[Mapping[str, Any]]
) -> None:
    """Apply the rules of MANUAL, with the guide's messages."""
    path = _CONFIGURATIONS
    if connector_type not in _MEMBER:
        path, message = "type", f"Connector type '{connector_type}' is not emulated"
    elif not configurations:
        message = f"{_CONFIGURATIONS} list cannot be empty"
    else:
        member = next(iter(configurations[0]), "")
        arn = configurations[0].get(member, {}).get("credentialProviderArn")
        path = f"{_CONFIGURATIONS}[0]"
        if not arn and member in {"", *_MEMBER.values()}:  # others have none
            message = "credentialProviderArn is required but not found in the request"
        elif member != _MEMBER[connector_type] or _is_of_another_vendor(state, arn, connector_type):
            message = (
                f"Connector type '{connector_type}' does not match the provided "
                "credentialProviderConfiguration"
            )
        else:
            return
    raise ValidationException(message, fields=((path, message),))


def _is_of_another_vendor(state: PaymentsState, arn: str, connector_type: str) -> bool:
    provider = state.credential_providers.get(identifiers.last_part(arn))
    return provider is not None and provider.vendor != connector_type


def find_anywhere(
    state: PaymentsState, identifier: str, *, manager_id: str | None = None
) -> Connector | None:
    """Return the connector with this id under the given manager, or under any."""
    for manager in state.managers:
        if manager_id is None or manager.identifier == manager_id:
            connector = find_connector(state, manager, identifier)
            if connector is not None:
                return connector
    return None
