"""Rules for worked examples: at least one for each operation, with values the model allows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
import regex
from botocore.utils import parse_timestamp
from botocore.validate import ParamValidator
from model_pairs import SERVICES, definition, each_operation, model, operation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from botocore.model import Shape

EXAMPLES = [
    (service, name, example)
    for service in SERVICES
    for name, examples in definition(service, "examples-1")["examples"].items()
    for example in examples
]
# The control plane's pattern of this shape rejects every ARN that exists, `arn:aws:` included; the
# data plane's has it right.
PATTERN_OF = {
    ("bedrock-agentcore-payments-control", "PaymentManagerArn"): "bedrock-agentcore-payments",
}
each_example = pytest.mark.parametrize(
    ("service", "name", "example"), EXAMPLES, ids=[example["id"] for _, _, example in EXAMPLES]
)


def problems(service: str, shape: Shape, value: Any, path: str) -> Iterator[str]:
    """What of a value does not satisfy the model, beyond what botocore itself checks."""
    for inner, part, name in _parts(shape, value):
        yield from problems(service, inner, part, f"{path}{name}")
    # botocore's own lint of examples cannot look into documents.
    if getattr(shape, "is_document_type", False) and value:
        yield f"{path}: fills in a document"
    if shape.type_name in {"string", "list"}:
        shortest, longest = shape.metadata.get("min", 0), shape.metadata.get("max", len(value))
        if not shortest <= len(value) <= longest:
            yield f"{path}: length {len(value)} is not in {shortest}..{longest}"
    if shape.type_name == "string":
        if shape.enum and value not in shape.enum:
            yield f"{path}: not one of {shape.enum}"
        pattern = _pattern(service, shape)
        if pattern and not regex.fullmatch(pattern, value):
            yield f"{path}: {value!r} does not match {pattern}"
    elif shape.type_name == "timestamp" and not parse_timestamp(value).tzinfo:
        yield f"{path}: has no time zone"


def _parts(shape: Shape, value: Any) -> list[tuple[Shape, Any, str]]:
    if shape.type_name == "structure" and not shape.is_document_type:
        return [(shape.members[name], part, f".{name}") for name, part in value.items()]
    if shape.type_name == "list":
        return [(shape.member, part, f"[{index}]") for index, part in enumerate(value)]
    if shape.type_name == "map":
        return [(shape.value, part, f".{key}") for key, part in value.items()]
    return []


def _pattern(service: str, shape: Shape) -> str | None:
    other = PATTERN_OF.get((service, shape.name))
    return (model(other).shape_for(shape.name) if other else shape).metadata.get("pattern")


@each_operation
def test_operation_has_a_worked_example(service: str, name: str) -> None:
    examples = definition(service, "examples-1")["examples"].get(name)
    assert examples
    assert all(example["input"] for example in examples)


@each_example
def test_example_has_a_description(service: str, name: str, example: dict[str, Any]) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", example["id"])
    assert example["title"]
    assert example["description"].endswith(".")


def test_example_ids_are_unique() -> None:
    ids = [example["id"] for _, _, example in EXAMPLES]
    assert len(set(ids)) == len(ids)


@each_example
@pytest.mark.parametrize("direction", ["input", "output"])
def test_values_satisfy_the_model(
    service: str, name: str, example: dict[str, Any], direction: str
) -> None:
    shape = getattr(operation(service, name), f"{direction}_shape")
    value = example.get(direction, {})
    report = ParamValidator().validate(value, shape)
    assert not report.has_errors(), report.generate_report()
    assert list(problems(service, shape, value, direction)) == []


@each_example
@pytest.mark.parametrize("direction", ["input", "output"])
def test_comments_point_at_values(
    service: str, name: str, example: dict[str, Any], direction: str
) -> None:
    for path in example.get("comments", {}).get(direction, {}):
        value = example[direction]
        for step in re.findall(r"\w+", path):
            value = value[int(step) if step.isdigit() else step]


def test_examples_name_existing_operations_only() -> None:
    for service in SERVICES:
        named = set(definition(service, "examples-1")["examples"])
        assert named == set(model(service).operation_names)
