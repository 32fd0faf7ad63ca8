"""A credential provider's secrets: how they are given, and how they are read again.

A value never appears in a ``repr``, an answer or an error.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.emulator.engine import identifiers
from boto3_agentcore_payments.emulator.engine.errors import (
    AccessDeniedException,
    ValidationException,
)
from boto3_agentcore_payments.emulator.engine.resources import (
    ExternalSecret,
    GivenSecret,
    ManagedSecret,
    StoredSecret,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from boto3_agentcore_payments.emulator.engine.state import PaymentsState
    from boto3_agentcore_payments.emulator.engine.vendors import Vendor

MANAGED = "MANAGED"
EXTERNAL = "EXTERNAL"


def checked_secret(
    state: PaymentsState,
    vendor: Vendor,
    configuration: Mapping[str, Any],
    member: str,
    *,
    path: str,
    arn: str,
) -> StoredSecret:
    """Return the secret that a provider's configuration gives or names.

    Args:
        state: The account and region.
        vendor: Whose secret it is.
        configuration: The vendor's member of ``providerConfigurationInput``.
        member: The secret's member, e.g. ``apiKeySecret``. Its value is given with source
            MANAGED, the default; a reference to it with source EXTERNAL.
        path: The configuration's path in the request.
        arn: ARN under which a MANAGED secret is kept.

    Raises:
        ValidationException: if value, reference and source do not fit together, or the value does
            not have the vendor's form.
    """
    value = configuration.get(member)
    reference = configuration.get(f"{member}Config")
    source = configuration.get(f"{member}Source", MANAGED)
    if source == MANAGED:
        if reference is not None:
            problem, wrong = f"{member}Config is only accepted with source {EXTERNAL}", "Config"
        elif not value:
            problem, wrong = f"{member} is required with source {MANAGED}", ""
        else:
            _check_form(state, vendor.name, member, value, f"{path}.{member}")
            return GivenSecret(arn=arn, value=value)
    elif source != EXTERNAL:
        raise ValidationException.not_emulated(f"{path}.{member}Source", "Secret source", source)
    elif value:
        problem, wrong = f"{member} is only accepted with source {MANAGED}", ""
    elif reference is None:
        problem, wrong = f"{member}Config is required with source {EXTERNAL}", "Config"
    else:
        secret_id = reference["secretId"]
        named = (
            secret_id
            if secret_id.startswith("arn:")
            else identifiers.secret_arn(state.partition, state.region, state.account_id, secret_id)
        )
        return ExternalSecret(arn=named, secret_id=secret_id, json_key=reference["jsonKey"])
    raise ValidationException.at(f"{path}.{member}{wrong}", problem)


def shown_secret(member: str, secret: StoredSecret) -> dict[str, Any]:
    """Return what an answer shows of a secret: where it is kept, never its value."""
    shown: dict[str, Any] = {
        f"{member}Arn": {"secretArn": secret.arn},
        f"{member}Source": EXTERNAL if secret.json_key else MANAGED,
    }
    if secret.json_key:
        shown[f"{member}JsonKey"] = secret.json_key
    return shown


def reveal(state: PaymentsState, secret: StoredSecret, vendor: Vendor, member: str) -> str:
    """Return a secret's value; use it only to make a token.

    Args:
        state: The account and region.
        secret: The secret.
        vendor: The provider's vendor.
        member: The secret's member, e.g. ``apiKeySecret``.

    Raises:
        AccessDeniedException: if an EXTERNAL secret cannot be read [decided].
        ValidationException: if an EXTERNAL secret does not have the vendor's form.
        InternalServerException: if nothing can issue a MANAGED secret.
    """
    if isinstance(secret, GivenSecret):
        return secret.value
    if isinstance(secret, ManagedSecret):
        return state.require_vendor_tokens().managed_secret(
            secret.vendor, secret.kind, f"{secret.identity}/{secret.generation}"
        )
    value = _external(state, secret)
    _check_form(state, vendor.name, member, value, "resourceCredentialProviderName")
    return value


def _external(state: PaymentsState, secret: ExternalSecret) -> str:
    try:
        if state.secret_reader is not None:
            return state.secret_reader(secret.secret_id, secret.json_key)
    except LookupError:
        pass
    raise AccessDeniedException(
        f"The secret {secret.arn} or its key {secret.json_key} cannot be read"
    )


def _check_form(state: PaymentsState, vendor: str, member: str, value: str, path: str) -> None:
    tokens = state.vendor_tokens
    problem = None if tokens is None else tokens.problem_of(vendor, member, value)
    if problem is not None:
        raise ValidationException.at(path, problem)


def new_place(state: PaymentsState, name: str, vendor: Vendor) -> str:
    """Return the folder for a new provider's managed secrets ([recorded])."""
    return f"{vendor.stored_under}/{name}-{identifiers.hexadecimal(state.random, 8)}"


def secret_arn(state: PaymentsState, place: str, vendor: Vendor, member: str) -> str:
    """Return a new ARN in the form of the service's managed secrets ([recorded]).

    Args:
        state: The account and region.
        place: What :func:`new_place` gave the provider.
        vendor: The provider's vendor.
        member: The secret's member, e.g. ``apiKeySecret``.
    """
    return identifiers.secret_arn(
        state.partition,
        state.region,
        state.account_id,
        f"bedrock-agentcore-identity!default/payment/{place}/{vendor.stored_as[member]}"
        f"-{identifiers.suffix(state.random, 6)}",
    )
