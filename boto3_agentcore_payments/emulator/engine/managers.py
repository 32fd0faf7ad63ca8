"""Payment managers: the five operations, and finding one by id or ARN."""

from __future__ import annotations

import re
from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.emulator.engine import identifiers
from boto3_agentcore_payments.emulator.engine.errors import (
    ConflictException,
    ResourceNotFoundException,
    ValidationException,
)
from boto3_agentcore_payments.emulator.engine.lifecycle import (
    CREATING,
    DELETING,
    GONE,
    MANAGER_MODEL,
    MANAGER_TRANSITIONS,
    PASSING,
    READY,
    UPDATING,
)
from boto3_agentcore_payments.emulator.engine.paging import (
    CONTROL_PLANE_PAGE,
    Collection,
    page_size,
    take_page,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from boto3_agentcore_payments.emulator.engine.connectors import Connector
    from boto3_agentcore_payments.emulator.engine.owners import Owner
    from boto3_agentcore_payments.emulator.engine.ports import Lifecycle
    from boto3_agentcore_payments.emulator.engine.state import PaymentsState

CUSTOM_JWT = "CUSTOM_JWT"
AWS_IAM = "AWS_IAM"
_ROLE_ARN = re.compile(r"arn:aws(?:-[^:]+)?:iam::([^:]*):role/.+", re.DOTALL)
_ACCOUNT = re.compile(r"[0-9]{12}")


@dataclass(eq=False)
class Manager:
    """One payment manager; times are timezone-aware, optional members ``None`` if never given."""

    __slots__ = (
        "arn",
        "authorizer_configuration",
        "authorizer_type",
        "connectors",
        "created_at",
        "description",
        "identifier",
        "kms_key_arn",
        "lifecycle",
        "name",
        "owners",
        "role_arn",
        "sequence",
        "tags",
        "updated_at",
        "workload_identity_arn",
    )
    identifier: str
    arn: str
    name: str
    description: str | None
    authorizer_type: str
    authorizer_configuration: dict[str, Any] | None
    role_arn: str
    kms_key_arn: str | None
    tags: dict[str, str] | None
    workload_identity_arn: str
    created_at: datetime
    updated_at: datetime
    lifecycle: Lifecycle
    sequence: int
    connectors: Collection[Connector]
    owners: dict[str, Owner]


def create_payment_manager(state: PaymentsState, params: Mapping[str, Any]) -> dict[str, Any]:
    """CreatePaymentManager.

    Behaviour:
        - [model] CREATING, then READY; HTTP 202, without description and lastUpdatedAt.
        - [guide] roleArn: `Invalid role ARN: {roleArn}`, `roleArn must contain a valid
          account ID`, `roleArn must belong to your account`.
        - [model] The answer names the manager's workload identity; none can be used.
        - [decided] CUSTOM_JWT needs authorizerConfiguration; AWS_IAM refuses one.
        - [decided] Names need not be unique.
    """
    role_arn = _checked_role(state, params["roleArn"])
    authorizer_type = params["authorizerType"]
    configuration = _checked_authorizer(authorizer_type, params.get("authorizerConfiguration"))
    identifier = identifiers.named(state.random, params["name"], state.managers)
    place = (state.partition, state.region, state.account_id)
    now = state.clock()
    manager = Manager(
        identifier=identifier,
        arn=identifiers.manager_arn(*place, identifier),
        name=params["name"],
        description=params.get("description"),
        authorizer_type=authorizer_type,
        authorizer_configuration=deepcopy(configuration),
        role_arn=role_arn,
        kms_key_arn=params.get("kmsKeyArn"),
        tags=deepcopy(params.get("tags")),
        workload_identity_arn=identifiers.workload_identity_arn(*place, identifier),
        created_at=now,
        updated_at=now,
        lifecycle=state.lifecycles(MANAGER_MODEL, MANAGER_TRANSITIONS, CREATING),
        sequence=state.next_sequence(),
        connectors=Collection(),
        owners={},
    )
    state.managers.add(identifier, manager)
    return {
        **_identity(manager),
        **_present(
            authorizerConfiguration=deepcopy(manager.authorizer_configuration),
            tags=deepcopy(manager.tags),
            kmsKeyArn=manager.kms_key_arn,
        ),
        "workloadIdentityDetails": {"workloadIdentityArn": manager.workload_identity_arn},
        "createdAt": manager.created_at,
        "status": CREATING,
    }


def get_payment_manager(state: PaymentsState, params: Mapping[str, Any]) -> dict[str, Any]:
    """GetPaymentManager.

    Behaviour:
        - [guide] `Payment manager not found: {id}`.
        - [decided] A read moves a passing status on, as moto's state transitions say.
    """
    manager = require_manager(state, params["paymentManagerId"], read=True)
    return {
        **_identity(manager),
        **_present(
            description=manager.description,
            authorizerConfiguration=deepcopy(manager.authorizer_configuration),
            tags=deepcopy(manager.tags),
            kmsKeyArn=manager.kms_key_arn,
        ),
        "workloadIdentityDetails": {"workloadIdentityArn": manager.workload_identity_arn},
        "createdAt": manager.created_at,
        "lastUpdatedAt": manager.updated_at,
        "status": manager.lifecycle.current(),
    }


def list_payment_managers(state: PaymentsState, params: Mapping[str, Any]) -> dict[str, Any]:
    """ListPaymentManagers.

    Behaviour:
        - [model] 1 to 100 a page; 100 if not asked for otherwise.
        - [decided] Oldest first.
    """
    size = page_size(params, default=CONTROL_PLANE_PAGE, largest=CONTROL_PLANE_PAGE)
    page, more = take_page(
        state.page_tokens,
        params,
        state.managers,
        scope=("ListPaymentManagers",),
        size=size,
        keep=lambda manager: manager.lifecycle.current() != GONE,
    )
    summaries = [
        {
            **_identity(manager),
            **_present(description=manager.description, kmsKeyArn=manager.kms_key_arn),
            "status": status,
            "createdAt": manager.created_at,
            "lastUpdatedAt": manager.updated_at,
        }
        for manager in page
        if (status := manager.lifecycle.observe()) != GONE
    ]
    return {"paymentManagers": summaries, **more}


def update_payment_manager(state: PaymentsState, params: Mapping[str, Any]) -> dict[str, Any]:
    """UpdatePaymentManager.

    Behaviour:
        - [model] UPDATING, then READY; what is not given stays.
        - [decided] A manager that is CREATING, UPDATING or DELETING is a
          ConflictException.
        - [decided] A change to AWS_IAM drops the authorizer configuration.
    """
    manager = require_manager(state, params["paymentManagerId"])
    _refuse_while_busy(manager, "updated")
    role_arn = _checked_role(state, params.get("roleArn", manager.role_arn))
    authorizer_type = params.get("authorizerType", manager.authorizer_type)
    given = params.get("authorizerConfiguration")
    if given is None and authorizer_type == CUSTOM_JWT:
        given = manager.authorizer_configuration
    configuration = _checked_authorizer(authorizer_type, given)
    manager.role_arn = role_arn
    manager.authorizer_type = authorizer_type
    manager.authorizer_configuration = deepcopy(configuration)
    manager.description = params.get("description", manager.description)
    manager.kms_key_arn = params.get("kmsKeyArn", manager.kms_key_arn)
    manager.updated_at = state.clock()
    manager.lifecycle.begin(UPDATING)
    return {
        **_identity(manager),
        **_present(kmsKeyArn=manager.kms_key_arn),
        "workloadIdentityDetails": {"workloadIdentityArn": manager.workload_identity_arn},
        "lastUpdatedAt": manager.updated_at,
        "status": UPDATING,
    }


def delete_payment_manager(state: PaymentsState, params: Mapping[str, Any]) -> dict[str, Any]:
    """DeletePaymentManager.

    Behaviour:
        - [model] DELETING, then gone.
        - [guide] With connectors left: ConflictException.
        - [decided] Its sessions and instruments go with it.
        - [decided] A manager that is CREATING, UPDATING or DELETING is a
          ConflictException.
    """
    manager = require_manager(state, params["paymentManagerId"])
    _refuse_while_busy(manager, "deleted")
    if any(connector.lifecycle.current() != GONE for connector in manager.connectors):
        message = f"Payment manager {manager.identifier} still has payment connectors"
        raise ConflictException(message)
    manager.updated_at = state.clock()
    manager.lifecycle.begin(DELETING)
    return {"paymentManagerId": manager.identifier, "status": DELETING}


def find_manager(state: PaymentsState, identifier: str, *, read: bool = False) -> Manager | None:
    """Return the manager with this id; ``read`` counts it as a client's look at its status."""
    manager = state.managers.get(identifier)
    if manager is None:
        return None
    lifecycle = manager.lifecycle
    if (lifecycle.observe() if read else lifecycle.current()) == GONE:
        state.managers.remove(identifier)
        return None
    return manager


def find_by_arn(state: PaymentsState, arn: str) -> Manager | None:
    """Return the manager with this ARN; one of another account or region is never found."""
    manager = find_manager(state, identifiers.last_part(arn))
    return manager if manager is not None and manager.arn == arn else None


def authorizer(state: PaymentsState, arn: str) -> tuple[str, dict[str, Any] | None] | None:
    """Return who may call on behalf of a manager's users.

    Returns:
        ``AWS_IAM`` and ``None``, or ``CUSTOM_JWT`` and its ``authorizerConfiguration`` (a copy);
        ``None`` for an unknown manager.
    """
    with state.lock:
        manager = find_by_arn(state, arn)
        if manager is None:
            return None
        return manager.authorizer_type, deepcopy(manager.authorizer_configuration)


def require_manager(state: PaymentsState, identifier: str, *, read: bool = False) -> Manager:
    """Return the manager with this id.

    Raises:
        ResourceNotFoundException: there is none ([guide]).
    """
    manager = find_manager(state, identifier, read=read)
    if manager is None:
        raise ResourceNotFoundException(not_found(identifier))
    return manager


def require_ready(manager: Manager) -> None:
    """Refuse to create anything on a manager that is not READY.

    Raises:
        ConflictException: our decision.
    """
    status = manager.lifecycle.current()
    if status != READY:
        message = f"Payment manager {manager.identifier} is not ready. Status: {status}"
        raise ConflictException(message)


def not_found(identifier: str) -> str:
    """Return the message for an unknown manager ([guide])."""
    return f"Payment manager not found: {identifier}"


def _identity(manager: Manager) -> dict[str, Any]:
    return {
        "paymentManagerArn": manager.arn,
        "paymentManagerId": manager.identifier,
        "name": manager.name,
        "authorizerType": manager.authorizer_type,
        "roleArn": manager.role_arn,
    }


def _present(**members: object) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}


def _refuse_while_busy(manager: Manager, verb: str) -> None:
    status = manager.lifecycle.current()
    if status in PASSING:
        message = f"Payment manager {manager.identifier} cannot be {verb} in status {status}"
        raise ConflictException(message)


def _checked_role(state: PaymentsState, role_arn: str) -> str:
    """Return the role, or refuse it with the guide's messages."""
    matched = _ROLE_ARN.fullmatch(role_arn)
    if matched is None:
        message = f"Invalid role ARN: {role_arn}"
    elif not _ACCOUNT.fullmatch(matched[1]):
        message = "roleArn must contain a valid account ID"
    elif matched[1] != state.account_id:
        message = "roleArn must belong to your account"
    else:
        return role_arn
    raise ValidationException(message, fields=(("roleArn", message),))


def _checked_authorizer(
    authorizer_type: str, configuration: dict[str, Any] | None
) -> dict[str, Any] | None:
    """Return the configuration, or refuse one that does not go with the type."""
    if authorizer_type == CUSTOM_JWT and not configuration:
        message = "authorizerConfiguration.customJWTAuthorizer is required for CUSTOM_JWT"
    elif authorizer_type == AWS_IAM and configuration:
        message = "authorizerConfiguration is only accepted for authorizerType CUSTOM_JWT"
    else:
        return configuration
    raise ValidationException(message, fields=(("authorizerConfiguration", message),))
