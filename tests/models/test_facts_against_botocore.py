"""Our models say what botocore's own models say, read through botocore's own model classes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from model_pairs import (
    AWS_NAMES,
    OPERATIONS,
    aws_operation,
    definition,
    each_operation,
    each_service,
    loader,
    model,
    needs_payments_in_botocore,
    operation,
)

if TYPE_CHECKING:
    from botocore.model import Shape

pytestmark = needs_payments_in_botocore

OWN_METADATA = {"serviceFullName", "serviceId"}


def shape_facts(shape: Shape, known: dict[str, Any]) -> str:
    """Collect the facts of a shape and everything below it into `known`, by shape name."""
    if shape.name in known:
        return shape.name
    facts: dict[str, Any] = {"type": shape.type_name}
    known[shape.name] = facts
    facts["metadata"] = dict(shape.metadata)
    if shape.type_name == "structure":
        facts["document"] = shape.is_document_type
        facts["union"] = shape.is_tagged_union
        # A list of pairs: the order of members is their order on the wire.
        facts["members"] = [
            (name, shape_facts(member, known), dict(member.serialization), dict(member.metadata))
            for name, member in shape.members.items()
        ]
    elif shape.type_name == "list":
        facts["member"] = shape_facts(shape.member, known)
    elif shape.type_name == "map":
        facts["key"], facts["value"] = (
            shape_facts(shape.key, known),
            shape_facts(shape.value, known),
        )
    return shape.name


def operation_facts(model_of_operation: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """The facts of an operation, and those of the shapes it refers to."""
    shapes: dict[str, Any] = {}
    referred = {
        "input": model_of_operation.input_shape,
        "output": model_of_operation.output_shape,
    }
    facts = {
        "http": model_of_operation.http,
        "auth": (model_of_operation.auth_type, model_of_operation.auth),
        "idempotent members": model_of_operation.idempotent_members,
        "streaming": (
            model_of_operation.has_streaming_input,
            model_of_operation.has_streaming_output,
        ),
        "deprecated": model_of_operation.deprecated,
        "endpoint": (
            model_of_operation.endpoint,
            model_of_operation.context_parameters,
            model_of_operation.static_context_parameters,
        ),
        "checksum": (model_of_operation.http_checksum, model_of_operation.request_compression),
        **{key: shape and shape_facts(shape, shapes) for key, shape in referred.items()},
        "errors": [shape_facts(error, shapes) for error in model_of_operation.error_shapes],
    }
    return facts, shapes


@each_operation
def test_operation_has_aws_facts(service: str, name: str) -> None:
    ours, our_shapes = operation_facts(operation(service, name))
    theirs, their_shapes = operation_facts(aws_operation(service, name))
    assert ours == theirs
    assert our_shapes == their_shapes


def test_operations_are_all_that_aws_names_after_payments() -> None:
    theirs = {
        (service, name)
        for service, aws in AWS_NAMES.items()
        for name in model(aws).operation_names
        if "Payment" in name
    }
    assert set(OPERATIONS) == theirs


def test_there_are_eleven_data_plane_and_sixteen_control_plane_operations() -> None:
    counts = [len(model(service).operation_names) for service in AWS_NAMES]
    assert counts == [11, 16]


@each_service
def test_metadata_is_awss_but_for_the_names(service: str) -> None:
    ours, theirs = dict(model(service).metadata), dict(model(AWS_NAMES[service]).metadata)
    differing = {key for key in {**ours, **theirs} if ours.get(key) != theirs.get(key)}
    assert differing == OWN_METADATA


@each_service
def test_every_shape_is_reached_by_an_operation(service: str) -> None:
    reached: dict[str, Any] = {}
    for name in model(service).operation_names:
        reached.update(operation_facts(operation(service, name))[1])
    assert set(model(service).shape_names) == set(reached)


@each_service
def test_pagination_is_awss(service: str) -> None:
    theirs = loader().load_service_model(AWS_NAMES[service], "paginators-1")["pagination"]
    ours = definition(service, "paginators-1")["pagination"]
    assert ours == {name: theirs[name] for name in theirs if "Payment" in name}
