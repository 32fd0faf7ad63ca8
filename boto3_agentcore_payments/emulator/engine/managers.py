"""Payment managers: the five operations on them."""

from __future__ import annotations

import re
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.emulator.engine import identifiers
from boto3_agentcore_payments.emulator.engine.account import MAX_MANAGERS
from boto3_agentcore_payments.emulator.engine.errors import (
    AccessDeniedException,
    ConflictException,
    ValidationException,
)
from boto3_agentcore_payments.emulator.engine.finding import require_manager
from boto3_agentcore_payments.emulator.engine.paging import (
    CONTROL_PLANE_PAGE,
    Collection,
    page_size,
    take_page,
)
from boto3_agentcore_payments.emulator.engine.resources import Manager
from boto3_agentcore_payments.emulator.engine.statuses import (
    CREATING,
    DELETING,
    GONE,
    MANAGER_MODEL,
    MANAGER_TRANSITIONS,
    PASSING,
    UPDATING,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from boto3_agentcore_payments.emulator.engine.state import PaymentsState

CUSTOM_JWT = "CUSTOM_JWT"
AWS_IAM = "AWS_IAM"
_ROLE_ARN = re.compile(r"arn:aws(?:-[^:]+)?:iam::([^:]*):role/.+", re.DOTALL)
_ACCOUNT = re.compile(r"[0-9]{12}")


def create_payment_manager(state: PaymentsState, params: Mapping[str, Any]) -> dict[str, Any]:
    """CreatePaymentManager.

    Behaviour:
        - [recorded] READY at once, unless a test sets moto's transitions so that it is CREATING
          first. HTTP 202, with the tags, without description and lastUpdatedAt.
        - [recorded] The id is the name in lower case, a hyphen and ten letters or digits.
        - [guide] roleArn: `Invalid role ARN: {roleArn}`, `roleArn must contain a valid
          account ID`, `roleArn must belong to your account`.
        - [recorded] The answer names the manager's workload identity, which is not emulated.
        - [decided] CUSTOM_JWT needs an authorizerConfiguration; AWS_IAM refuses one.
        - [live] A role that cannot be assumed: ValidationException; one that may not
          CreateWorkloadIdentity, GetWorkloadAccessToken and GetResourcePaymentToken:
          AccessDeniedException; both name it. The role is checked in a new account.
        - [live] `maxManagers limit exceeded for account {accountId}`, where the quota is set.
        - [decided] The texts about the role.
        - [decided] Names need not be unique.
    """
    role_arn = _checked_role(state, params["roleArn"])
    authorizer_type = params["authorizerType"]
    configuration = _checked_authorizer(authorizer_type, params.get("authorizerConfiguration"))
    identifier = identifiers.named(state.random, params["name"], state.managers)
    place = (state.partition, state.region, state.account_id)
    _check_service_role(state, role_arn, identifier)
    living = (each for each in state.managers if each.lifecycle.current() != GONE)
    state.account.require_room(MAX_MANAGERS, living, state.account_id)
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
        connectors=Collection(by_id=True),
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
        "status": manager.lifecycle.current(),
    }


def get_payment_manager(state: PaymentsState, params: Mapping[str, Any]) -> dict[str, Any]:
    """GetPaymentManager.

    Behaviour:
        - [recorded] `Payment manager not found: {id}`, also right after the delete.
        - [recorded] lastUpdatedAt equals createdAt until an update; the tags are not shown.
        - [decided] A read advances a transitional status, as moto's state transitions say.
    """
    manager = require_manager(state, params["paymentManagerId"], read=True)
    return {
        **_identity(manager),
        **_present(
            description=manager.description,
            authorizerConfiguration=deepcopy(manager.authorizer_configuration),
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
        - [model] 1 to 100 a page; 100 by default.
        - [recorded] In the order of the ids; with the description where set.
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
        - [recorded] READY at once, unless a test sets moto's transitions so that it is UPDATING
          first. The answer lacks description, tags and createdAt.
        - [live] Omitted members keep their values; a description cannot be removed.
        - [decided] A manager that is CREATING, UPDATING or DELETING is a
          ConflictException.
        - [decided] Changing to AWS_IAM drops the authorizer configuration.
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
        "status": manager.lifecycle.current(),
    }


def delete_payment_manager(state: PaymentsState, params: Mapping[str, Any]) -> dict[str, Any]:
    """DeletePaymentManager.

    Behaviour:
        - [recorded] The answer says DELETING; a read right after it is a 404.
        - [guide] While it still has connectors: ConflictException.
        - [decided] Its sessions and instruments are deleted too.
        - [decided] A manager that is CREATING, UPDATING or DELETING is a
          ConflictException.
    """
    manager = require_manager(state, params["paymentManagerId"])
    _refuse_while_busy(manager, "deleted")
    if any(connector.lifecycle.current() != GONE for connector in manager.connectors):
        raise ConflictException(
            f"Payment manager {manager.identifier} still has payment connectors"
        )
    manager.updated_at = state.clock()
    manager.lifecycle.begin(DELETING)
    return {"paymentManagerId": manager.identifier, "status": DELETING}


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
        raise ConflictException(
            f"Payment manager {manager.identifier} cannot be {verb} in status {status}"
        )


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
    raise ValidationException.rule("roleArn", message)


def _check_service_role(state: PaymentsState, role_arn: str, identifier: str) -> None:
    """Refuse a role that the service cannot use, where roles are looked at."""
    roles = state.service_roles
    if roles is None or not state.account.settings.role_checked:
        return
    place = (state.partition, state.region, state.account_id)
    if not roles.can_assume(role_arn, identifiers.manager_arn(*place, identifier)):
        raise ValidationException.rule(
            "roleArn",
            f"The role {role_arn} cannot be assumed. Check that it exists and that its trust "
            "policy lets bedrock-agentcore.amazonaws.com assume it",
        )
    identity = identifiers.workload_identity_arn(*place, identifier)
    for action, resource in (
        ("CreateWorkloadIdentity", identity),
        ("GetWorkloadAccessToken", identity),
        ("GetResourcePaymentToken", identity),
    ):
        if not roles.allows(role_arn, f"bedrock-agentcore:{action}", resource):
            raise AccessDeniedException(
                f"The role {role_arn} is not allowed to perform bedrock-agentcore:{action} on "
                f"{resource}"
            )


def _checked_authorizer(
    authorizer_type: str, configuration: dict[str, Any] | None
) -> dict[str, Any] | None:
    """Return the configuration, or refuse one that does not fit the type."""
    if authorizer_type not in {CUSTOM_JWT, AWS_IAM}:
        raise ValidationException.not_emulated("authorizerType", "Authorizer type", authorizer_type)
    if authorizer_type == CUSTOM_JWT and not configuration:
        message = "authorizerConfiguration.customJWTAuthorizer is required for CUSTOM_JWT"
    elif authorizer_type == AWS_IAM and configuration:
        message = "authorizerConfiguration is only accepted for authorizerType CUSTOM_JWT"
    else:
        return configuration
    raise ValidationException.at("authorizerConfiguration", message)
