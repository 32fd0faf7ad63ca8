"""The common part of payment resources in moto's CloudFormation, made by service operations.

Behaviour:
    - [model] ``Ref`` is the ARN; the attributes are those of the resource schemas. A connector's
      ARN is its manager's with ``/connector/<id>``.
    - [model] A change to a create-only property replaces the resource: the new one is made first,
      then the resources that depend on it are updated, then the old one is deleted.
    - [decided] A description that is removed from the template stays: an update cannot remove it.
    - [decided] A resource that is gone already counts as deleted.
"""

from __future__ import annotations

import logging
import time
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from moto.cloudformation.exceptions import UnformattedGetAttTemplateException, ValidationError
from moto.cloudformation.parsing import parse_and_update_resource

from boto3_agentcore_payments.emulator.backend import cloudformation_properties as properties_of
from boto3_agentcore_payments.emulator.engine import operations
from boto3_agentcore_payments.emulator.engine.errors import ResourceNotFoundException, ServiceError
from boto3_agentcore_payments.emulator.wire.serializing import iso8601

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from typing_extensions import Self

    from boto3_agentcore_payments.emulator.engine.state import PaymentsState

_log = logging.getLogger(__name__)
_HANDLER_CODES = {
    "AccessDeniedException": "AccessDenied",
    "ConflictException": "ResourceConflict",
    "InternalServerException": "ServiceInternalError",
    "ResourceNotFoundException": "NotFound",
    "ServiceQuotaExceededException": "ServiceLimitExceeded",
    "ThrottlingException": "Throttling",
    "ValidationException": "InvalidRequest",
}
"""Error of the service -> code of a resource handler; ``GeneralServiceException`` for any other."""
_PASSING = ("CREATING", "UPDATING", "PROVISIONING")
_READS_AT_ONCE = 100
"""Reads without a pause, for a status that advances by reads; see moto's state transitions."""
_READS_IN_ALL = 400
_PAUSE = 0.1
"""Seconds between the later reads, for a status that advances by time: 30 seconds in all."""


class PaymentResource:
    """The common part of the three resource types.

    Args:
        account_id: Account of the stack.
        region_name: Region of the stack.
        arn: The resource's ARN, which ``Ref`` gives.
        properties: Its properties, intrinsic functions resolved.
    """

    structure: ClassVar[properties_of.Structure]
    create_only: ClassVar[frozenset[str]]
    """Properties whose change replaces the resource."""
    noun: ClassVar[str]
    """End of the operations' names, for example ``PaymentManager``."""
    renamed: ClassVar[Mapping[str, str]] = {}
    """Property, in camelCase -> member of the operations, where they differ."""
    arn_attribute: ClassVar[str]
    attributes: ClassVar[Mapping[str, str]]
    """Any other attribute of ``Fn::GetAtt`` -> member of the Get operation's answer."""

    def __new__(cls, *_: object, **__: object) -> Self:
        """Make an instance outside moto's list of instances: its dashboard would show secrets."""
        return object.__new__(cls)

    def __init__(
        self, account_id: str, region_name: str, arn: str, properties: Mapping[str, Any]
    ) -> None:
        self.account_id = account_id
        self.region_name = region_name
        self.arn = arn
        self.properties = properties
        self.logical_resource_id = ""

    # moto's protocol for a resource type, except for its names.

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        """Return whether a template may ask for an attribute."""
        return attr == cls.arn_attribute or attr.partition(".")[0] in cls.attributes

    @property
    def physical_resource_id(self) -> str:
        """What ``Ref`` gives."""
        return self.arn

    @classmethod
    def create_from_cloudformation_json(
        cls,
        resource_name: str,
        cloudformation_json: Mapping[str, Any],
        account_id: str,
        region_name: str,
        **kwargs: Any,
    ) -> Self:
        """Create a resource and wait until it is ready.

        Raises:
            ValidationError: if a property is wrong, or the service refuses.
        """
        properties = cloudformation_json.get("Properties") or {}
        cls._check(kwargs.get("LogicalId") or resource_name, properties)
        members = cls._members(properties)
        answer = perform_operation(account_id, region_name, f"Create{cls.noun}", members)
        arn = cls._arn(answer, account_id, region_name)
        resource = cls(account_id, region_name, arn, properties)
        resource._wait()
        return resource

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: Self,
        new_resource_name: str,
        cloudformation_json: Mapping[str, Any],
        account_id: str,
        region_name: str,
    ) -> Self:
        """Change a resource, or replace it where a property can only be given at its creation.

        Raises:
            ValidationError: if a property is wrong, or the service refuses.
        """
        before = original_resource.properties
        properties = cloudformation_json.get("Properties") or {}
        logical_id = original_resource.logical_resource_id
        cls._check(logical_id, properties)
        names = before.keys() | properties.keys()
        changed = {name for name in names if before.get(name) != properties.get(name)}
        if not changed & cls.create_only:
            original_resource._change(properties, changed)
            return original_resource
        replacement = cls.create_from_cloudformation_json(
            new_resource_name, cloudformation_json, account_id, region_name, LogicalId=logical_id
        )
        replacement.logical_resource_id = logical_id
        _let_others_follow(original_resource, replacement)
        original_resource._clean_up()
        return replacement

    @classmethod
    def delete_from_cloudformation_json(
        cls,
        resource_name: str,
        cloudformation_json: Mapping[str, Any],  # noqa: ARG003 - part of moto's protocol
        account_id: str,
        region_name: str,
    ) -> None:
        """Delete a resource and wait until it is gone.

        Raises:
            ValidationError: if the service refuses.
        """
        cls(account_id, region_name, resource_name, {}).remove()

    def is_created(self) -> bool:
        """Return whether the resource is ready."""
        return self._status() not in _PASSING

    def get_cfn_attribute(self, attribute_name: str) -> Any:
        """Return what ``Fn::GetAtt`` gives.

        Raises:
            UnformattedGetAttTemplateException: if the attribute does not exist.
            ValidationError: if the resource is gone.
        """
        if attribute_name == self.arn_attribute:
            return self.arn
        first, *rest = attribute_name.split(".")
        if first not in self.attributes:
            raise UnformattedGetAttTemplateException
        value = self._get().get(self.attributes[first])
        for part in rest:
            if not isinstance(value, dict) or _camel(part) not in value:
                raise UnformattedGetAttTemplateException
            value = value[_camel(part)]
        return _shown(value)

    # What differs from type to type.

    @classmethod
    def _arn(cls, answer: Mapping[str, Any], account_id: str, region_name: str) -> str:
        """Return the ARN of what was just created."""
        raise NotImplementedError

    @classmethod
    def _key(cls, arn: str) -> dict[str, str]:
        """Return the members by which the operations know a resource."""
        raise NotImplementedError

    def _updates(self, properties: Mapping[str, Any], changed: set[str]) -> dict[str, Any]:
        """Return what to tell the Update operation; empty if there is nothing to tell."""
        kept = {name: properties[name] for name in changed - {"Tags"} if name in properties}
        return self._members(kept)

    def _set_tags(self, state: PaymentsState, tags: dict[str, str]) -> None:
        """Replace the resource's tags, for which the service has no payments operation."""
        raise NotImplementedError

    # What is the same for all.

    @classmethod
    def _check(cls, name: str, properties: Mapping[str, Any]) -> None:
        found = "; ".join(properties_of.problems(cls.structure, properties))
        if found:
            raise ValidationError(
                message=f"Properties validation failed for resource {name} with message: {found}"
            )

    @classmethod
    def _members(cls, properties: Mapping[str, Any]) -> dict[str, Any]:
        given = properties_of.members(cls.structure, properties)
        return {cls.renamed.get(name, name): member for name, member in given.items()}

    def _perform(self, verb: str, **members: Any) -> dict[str, Any]:
        every = {**self._key(self.arn), **members}
        return perform_operation(self.account_id, self.region_name, f"{verb}{self.noun}", every)

    def _get(self) -> dict[str, Any]:
        return self._perform("Get")

    def _status(self) -> str:
        """Return the status; a resource without one is ready."""
        return str(self._get().get("status", "READY"))

    def _wait(self) -> None:
        """Read the status until it is final.

        Raises:
            ValidationError: if it does not become final, or is a failure.
        """
        status = ""
        for _ in _attempts():
            status = self._status()
            if status not in _PASSING:
                break
        if status in _PASSING or status.endswith("_FAILED"):
            raise _refused(f"{self.arn} is {status}", "NotStabilized")

    def _change(self, properties: Mapping[str, Any], changed: set[str]) -> None:
        members = self._updates(properties, changed)
        if members:
            self._perform("Update", **members)
            self._wait()
        if "Tags" in changed:
            state = _state(self.account_id, self.region_name)
            with state.lock:
                self._set_tags(
                    state, properties_of.members(properties_of.TAGS, properties.get("Tags", []))
                )
        self.properties = properties

    def remove(self) -> None:
        """Delete the resource and wait until it is gone.

        Raises:
            ValidationError: if the service refuses.
        """
        try:
            self._perform("Delete")
            for _ in _attempts():
                self._get()
        except _GoneError:
            return
        raise _refused(f"{self.arn} is not gone", "NotStabilized")

    def _clean_up(self) -> None:
        """Delete the replaced resource; as in CloudFormation, the update stands if that fails."""
        try:
            self.remove()
        except ValidationError as error:
            _log.warning("%s was replaced and could not be deleted: %s", self.arn, error)


class _GoneError(ValidationError):
    """The service does not have the resource."""


def _state(account_id: str, region_name: str) -> PaymentsState:
    from boto3_agentcore_payments.emulator.backend.models import payments_backends

    return payments_backends[account_id][region_name].state


def perform_operation(
    account_id: str, region_name: str, operation: str, members: Mapping[str, Any]
) -> dict[str, Any]:
    """Perform an operation like a request: validate it against the definition first.

    Raises:
        _GoneError: if the resource does not exist.
        ValidationError: if the service refuses for another reason.
    """
    from boto3_agentcore_payments.emulator.wire import definitions, validation

    try:
        failures = definitions.operations()[operation].validate(members)
        if failures is not None:
            raise validation.invalid([(path.lstrip("."), wrong) for path, wrong in failures])
        return operations.perform(_state(account_id, region_name), operation, members)
    except ResourceNotFoundException as error:
        raise _refused(str(error), "NotFound", _GoneError) from None
    except ServiceError as error:
        code = _HANDLER_CODES.get(error.code, "GeneralServiceException")
        raise _refused(str(error), code) from None


def _refused(
    message: str, code: str, kind: type[ValidationError] = ValidationError
) -> ValidationError:
    """Return moto's error with a reason in the form of CloudFormation's resource handlers."""
    return kind(
        message=f'Resource handler returned message: "{message}" (HandlerErrorCode: {code})'
    )


def _attempts() -> Iterator[None]:
    """Yield until a status should have settled, at first without a pause."""
    for number in range(_READS_IN_ALL):
        yield
        if number > _READS_AT_ONCE:
            time.sleep(_PAUSE)


def _let_others_follow(original: PaymentResource, replacement: PaymentResource) -> None:
    """Update what refers to a replaced resource: moto updates only what the template changed."""
    from moto.cloudformation.models import cloudformation_backends

    stacks = cloudformation_backends[original.account_id][original.region_name].stacks.values()
    for resources in [stack.resource_map for stack in stacks]:
        parsed = resources._parsed_resources  # noqa: SLF001 - moto has no other way to them
        if parsed.get(original.logical_resource_id) is not original:
            continue
        parsed[original.logical_resource_id] = replacement
        for name, template in resources._resource_json_map.items():  # noqa: SLF001
            if isinstance(parsed.get(name), PaymentResource) and parsed[name] is not replacement:
                parsed[name] = parse_and_update_resource(
                    name, template, resources, original.account_id, original.region_name
                )


def _camel(name: str) -> str:
    return f"{name[0].lower()}{name[1:]}"


def _shown(value: Any) -> Any:
    """Return a member of an answer as an attribute: times as text, names as in templates."""
    if isinstance(value, datetime):
        return iso8601(value)
    if isinstance(value, dict):
        return {f"{name[0].upper()}{name[1:]}": _shown(member) for name, member in value.items()}
    return value
