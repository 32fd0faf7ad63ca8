"""Payment connectors: the five operations on them."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.emulator.engine import billing, identifiers
from boto3_agentcore_payments.emulator.engine.account import MAX_CONNECTORS
from boto3_agentcore_payments.emulator.engine.errors import ConflictException, ValidationException
from boto3_agentcore_payments.emulator.engine.finding import (
    connector_status,
    find_manager,
    require_connector,
    require_manager,
    require_ready_manager,
)
from boto3_agentcore_payments.emulator.engine.paging import CONTROL_PLANE_PAGE, page_size, take_page
from boto3_agentcore_payments.emulator.engine.quick_create import (
    QUICK_CREATE,
    request_consent,
)
from boto3_agentcore_payments.emulator.engine.resources import Connector
from boto3_agentcore_payments.emulator.engine.statuses import (
    CONNECTOR_MODEL,
    CONNECTOR_TRANSITIONS,
    CREATING,
    DELETING,
    FINAL,
    GONE,
    PASSING,
    PENDING_AUTHENTICATION,
    UPDATING,
)
from boto3_agentcore_payments.emulator.engine.vendors import (
    CONNECTOR_MEMBERS,
    QUICK_CREATE_VENDORS,
    Vendor,
    require_vendor,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from boto3_agentcore_payments.emulator.engine.state import PaymentsState

MANUAL = "MANUAL"
_CONFIGURATIONS = "credentialProviderConfigurations"
_TYPE = "Connector type"


def create_payment_connector(state: PaymentsState, params: Mapping[str, Any]) -> dict[str, Any]:
    """CreatePaymentConnector.

    Behaviour:
        - [recorded] MANUAL, the default, is READY at once, unless a test sets moto's
          transitions so that it is CREATING first. The answer lacks description, lastUpdatedAt and
          provisionMode.
        - [guide] `credentialProviderConfigurations list cannot be empty`,
          `credentialProviderArn is required but not found in the request`, `Connector type
          '{type}' does not match the provided credentialProviderConfiguration`.
        - [recorded] QUICK_CREATE, with an empty list: PENDING_AUTHENTICATION, with an
          authorizationUrl at `identities/oauth2/authorize` of the region's endpoint.
        - [guide] QUICK_CREATE is for Coinbase only; its URL holds for ten minutes
          (AUTHENTICATION_EXPIRED).
        - [decided] A test approves, expires or fails the authorization through the control
          surface; under `serve` the authorizationUrl leads to a page where its owner does.
        - [decided] Approved, it is PROVISIONING, then READY, with a credential provider
          named `quick-create-{connectorId}`.
        - [sdk] `AwsBilling` takes no credential provider; the answer shows AWS Marketplace's
          service-linked role of the account.
        - [sdk] That role must exist, and the caller needs iam:GetRole on it. Both are checked in
          a new account, iam:GetRole where moto enforces IAM.
        - [decided] The role's path and name, and the texts that refuse a missing role and a
          credential provider: they are not published.
        - [guide] Coinbase without subscription: SubscriptionRequiredException; over the quota:
          `maxConnectors limit exceeded for account {accountId}`.
        - [decided] QUICK_CREATE without subscription waits for its consent, which then leads to
          AWS_MARKETPLACE_SUBSCRIPTION_REQUIRED.
        - [decided] Whether the named credential provider exists is not checked; one that
          exists must be of the connector's vendor.
        - [decided] A manager that is not READY is a ConflictException. Names need not be
          unique.
    """
    manager = require_manager(state, params["paymentManagerId"])
    mode = params.get("provisionMode", MANUAL)
    configurations = params.get(_CONFIGURATIONS, [])
    vendor = _vendor(params["type"])
    if mode == QUICK_CREATE:
        _check_quick_create(vendor, configurations)
    elif mode == MANUAL:
        configurations = _configured(state, vendor, configurations)
    else:
        raise ValidationException.not_emulated("provisionMode", "Provision mode", mode)
    require_ready_manager(manager)
    if mode == MANUAL:
        state.account.require_subscription(params["type"])
    living = (each for each in manager.connectors if each.lifecycle.current() != GONE)
    state.account.require_room(MAX_CONNECTORS, living, state.account_id)
    now = state.clock()
    initial = PENDING_AUTHENTICATION if mode == QUICK_CREATE else CREATING
    connector = Connector(
        identifier=identifiers.named(state.random, params["name"], manager.connectors),
        manager_id=manager.identifier,
        name=params["name"],
        description=params.get("description"),
        type=params["type"],
        provision_mode=mode,
        configurations=deepcopy(list(configurations)),
        created_at=now,
        updated_at=now,
        credentials_updated_at=None,
        authorization_url=None,
        authorization_ends=None,
        lifecycle=state.lifecycles(CONNECTOR_MODEL, CONNECTOR_TRANSITIONS, initial),
        sequence=state.next_sequence(),
    )
    if mode == QUICK_CREATE:
        request_consent(state, connector)
    manager.connectors.add(connector.identifier, connector)
    status = connector.lifecycle.current()
    return {
        **_identity(connector),
        "paymentManagerId": manager.identifier,
        _CONFIGURATIONS: deepcopy(connector.configurations),
        "createdAt": now,
        "status": status,
        **_authorization(connector, status),
    }


def get_payment_connector(state: PaymentsState, params: Mapping[str, Any]) -> dict[str, Any]:
    """GetPaymentConnector.

    Behaviour:
        - [recorded] `Payment connector not found: {id}`, also right after the delete.
        - [recorded] A MANUAL connector is shown without provisionMode; the description where set.
        - [model] authorizationUrl appears only while consent is awaited, credentialsUpdatedAt
          only for QUICK_CREATE and once consent was given.
        - [decided] A read advances a transitional status, as moto's state transitions say.
    """
    connector = require_connector(
        state,
        require_manager(state, params["paymentManagerId"]),
        params["paymentConnectorId"],
        read=True,
    )
    status = connector_status(state, connector)
    answer = {
        **_identity(connector),
        _CONFIGURATIONS: deepcopy(connector.configurations),
        "createdAt": connector.created_at,
        "lastUpdatedAt": connector.updated_at,
        "status": status,
        **_authorization(connector, status),
    }
    if connector.description is not None:
        answer["description"] = connector.description
    if connector.provision_mode != MANUAL:
        answer["provisionMode"] = connector.provision_mode
    if connector.credentials_updated_at is not None:
        answer["credentialsUpdatedAt"] = connector.credentials_updated_at
    return answer


def list_payment_connectors(state: PaymentsState, params: Mapping[str, Any]) -> dict[str, Any]:
    """ListPaymentConnectors.

    Behaviour:
        - [model] 1 to 100 a page; 100 by default.
        - [model] An unknown manager is not an error; the list is empty.
        - [recorded] In the order of the ids; an entry has id, name, type and status and
          nothing else, although the model requires lastUpdatedAt.
    """
    size = page_size(params, default=CONTROL_PLANE_PAGE, largest=CONTROL_PLANE_PAGE)
    manager_id = params["paymentManagerId"]
    manager = find_manager(state, manager_id)
    page, more = take_page(
        state.page_tokens,
        params,
        None if manager is None else manager.connectors,
        scope=("ListPaymentConnectors", manager_id),
        size=size,
        keep=lambda connector: connector.lifecycle.current() != GONE,
    )
    summaries = [
        {**_identity(connector), "status": status}
        for connector in page
        if (status := connector_status(state, connector, read=True)) != GONE
    ]
    return {"paymentConnectors": summaries, **more}


def update_payment_connector(state: PaymentsState, params: Mapping[str, Any]) -> dict[str, Any]:
    """UpdatePaymentConnector.

    Behaviour:
        - [recorded] READY at once, unless a test sets moto's transitions so that it is UPDATING
          first. The answer lacks description and createdAt.
        - [guide] The rules and messages of CreatePaymentConnector hold for the result.
        - [live] The type cannot be changed; omitted members keep their values.
        - [guide, live] An expired or failed consent is final: there is no second
          authorizationUrl, and a new connector is needed.
        - [decided] A QUICK_CREATE connector keeps its credential provider.
        - [decided] A connector that is CREATING, UPDATING, PROVISIONING or DELETING is a
          ConflictException.
    """
    manager = require_manager(state, params["paymentManagerId"])
    connector = require_connector(state, manager, params["paymentConnectorId"])
    _refuse_while_busy(state, connector, "updated")
    wanted_type = params.get("type", connector.type)
    configurations = params.get(_CONFIGURATIONS, connector.configurations)
    vendor = _vendor(wanted_type)
    if wanted_type != connector.type:
        raise ValidationException.rule(
            "type", f"Connector type cannot be changed from '{connector.type}'"
        )
    if connector.provision_mode != QUICK_CREATE:
        configurations = _configured(state, vendor, configurations, connector.configurations)
    elif configurations != connector.configurations:
        raise ValidationException.at(
            _CONFIGURATIONS, "A QUICK_CREATE connector keeps its credential provider"
        )
    connector.configurations = deepcopy(list(configurations))
    connector.description = params.get("description", connector.description)
    connector.updated_at = state.clock()
    if connector_status(state, connector) not in FINAL:
        connector.lifecycle.begin(UPDATING)
    status = connector_status(state, connector)
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
        - [recorded] The answer says DELETING, also while consent is pending; a read right
          after it is a 404.
        - [decided] Its instruments stay but can no longer pay; its credential provider stays.
        - [decided] A connector that is CREATING, UPDATING, PROVISIONING or DELETING is a
          ConflictException.
    """
    manager = require_manager(state, params["paymentManagerId"])
    connector = require_connector(state, manager, params["paymentConnectorId"])
    _refuse_while_busy(state, connector, "deleted")
    connector.updated_at = state.clock()
    connector.lifecycle.begin(DELETING)
    return {"paymentConnectorId": connector.identifier, "status": DELETING}


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
    status = connector_status(state, connector)
    if status in PASSING:
        raise ConflictException(
            f"Payment connector {connector.identifier} cannot be {verb} in status {status}"
        )


def _vendor(connector_type: str) -> Vendor | None:
    """Return the wallet vendor that a type names, or ``None`` for the AWS bill."""
    if connector_type == billing.AWS_BILLING:
        return None
    return require_vendor(connector_type, "type", _TYPE)


def _configured(
    state: PaymentsState,
    vendor: Vendor | None,
    configurations: Sequence[dict[str, Any]],
    kept: Sequence[dict[str, Any]] = (),
) -> Sequence[dict[str, Any]]:
    """Return the checked configuration of a MANUAL connector, which may have one already."""
    if vendor is None:
        return billing.configurations(state, configurations, kept)
    _check_configurations(state, vendor, configurations)
    return configurations


def _check_quick_create(vendor: Vendor | None, configurations: Sequence[object]) -> None:
    """Apply the rules of QUICK_CREATE: Coinbase only, and no configuration given ([guide])."""
    if vendor is None or vendor.quick_create is None:
        supported = ", ".join(f"'{name}'" for name in QUICK_CREATE_VENDORS)
        raise ValidationException.at(
            "type", f"provisionMode {QUICK_CREATE} is only supported for type {supported}"
        )
    if configurations:
        raise ValidationException.at(
            _CONFIGURATIONS, f"{_CONFIGURATIONS} must be empty for provisionMode {QUICK_CREATE}"
        )


def _check_configurations(
    state: PaymentsState, vendor: Vendor, configurations: Sequence[Mapping[str, Any]]
) -> None:
    """Apply the rules of MANUAL, with the guide's messages."""
    if not configurations:
        raise ValidationException.rule(_CONFIGURATIONS, f"{_CONFIGURATIONS} list cannot be empty")
    member = next(iter(configurations[0]), "")
    arn = configurations[0].get(member, {}).get("credentialProviderArn")
    if not arn and member in {"", *CONNECTOR_MEMBERS}:  # other members hold no ARN
        message = "credentialProviderArn is required but not found in the request"
    elif member != vendor.connector_member or _is_of_another_vendor(state, arn, vendor):
        message = (
            f"Connector type '{vendor.name}' does not match the provided "
            "credentialProviderConfiguration"
        )
    else:
        return
    raise ValidationException.rule(f"{_CONFIGURATIONS}[0]", message)


def _is_of_another_vendor(state: PaymentsState, arn: str, vendor: Vendor) -> bool:
    provider = state.credential_providers.get(identifiers.last_part(arn))
    return provider is not None and provider.vendor != vendor.name
