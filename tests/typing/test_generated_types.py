"""The types say what the definitions say: nothing is missing, nothing is out of date."""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from typing import Any, get_args, get_type_hints

import botocore.session
import pytest
from botocore import xform_name

from boto3_agentcore_payments import types

SERVICES = {
    "payments": "bedrock-agentcore-payments",
    "control": "bedrock-agentcore-payments-control",
}
PLACE = Path(types.__file__).parent
NOT_OPERATIONS = {
    "exceptions",
    "can_paginate",
    "generate_presigned_url",
    "get_paginator",
    "get_waiter",
}
SESSION = botocore.session.get_session()
MODELS = {package: SESSION.get_service_model(service) for package, service in SERVICES.items()}
OPERATIONS = [
    pytest.param(model.operation_model(name), id=name)
    for model in MODELS.values()
    for name in model.operation_names
]
OF_OPERATIONS = {
    shape.name
    for model in MODELS.values()
    for name in model.operation_names
    for shape in (model.operation_model(name).input_shape, model.operation_model(name).output_shape)
}
ONLY_IN_ERRORS = {"ValidationExceptionField", "ValidationExceptionReason"}
STRUCTURES = [
    pytest.param(shape, id=f"{package}-{name}")
    for package, model in MODELS.items()
    for name in model.shape_names
    if (shape := model.shape_for(name)).type_name == "structure"
    and shape.members
    and not shape.metadata.get("exception")
    and name not in OF_OPERATIONS | ONLY_IN_ERRORS
]
ENUMS = [
    pytest.param(shape, id=f"{package}-{name}")
    for package, model in MODELS.items()
    for name in model.shape_names
    if (shape := model.shape_for(name)).metadata.get("enum") and name not in ONLY_IN_ERRORS
]
knows_required = pytest.mark.skipif(
    sys.version_info < (3, 11), reason="typing.TypedDict knows required members from 3.11 on"
)


def stub_classes(package: str, module: str) -> dict[str, set[str]]:
    """Class -> its methods and attributes, in a stub."""
    tree = ast.parse((PLACE / package / f"{module}.pyi").read_text())
    return {
        node.name: {
            item.name if isinstance(item, ast.FunctionDef) else ast.unparse(item.target)
            for item in node.body
            if isinstance(item, (ast.FunctionDef, ast.AnnAssign))
        }
        for node in tree.body
        if isinstance(node, ast.ClassDef)
    }


def keys(name: str) -> set[str]:
    return set(get_type_hints(getattr(types, name)))


@pytest.mark.parametrize("package", SERVICES)
def test_client_has_every_operation_and_no_other(package):
    (methods,) = (
        found for name, found in stub_classes(package, "client").items() if name.endswith("Client")
    )
    operations = {xform_name(name) for name in MODELS[package].operation_names}

    assert methods - NOT_OPERATIONS - {"meta"} == operations


@pytest.mark.parametrize("operation", OPERATIONS)
def test_arguments_are_those_of_the_operation(operation):
    assert keys(f"{operation.name}RequestTypeDef") == set(operation.input_shape.members)


@knows_required
@pytest.mark.parametrize("operation", OPERATIONS)
def test_required_arguments_are_required(operation):
    made: Any = getattr(types, f"{operation.name}RequestTypeDef")

    assert made.__required_keys__ == set(operation.input_shape.required_members)


@pytest.mark.parametrize(
    "operation", [param for param in OPERATIONS if param.values[0].output_shape.members]
)
def test_answer_is_that_of_the_operation(operation):
    expected = {*operation.output_shape.members, "ResponseMetadata"}

    assert keys(f"{operation.name}ResponseTypeDef") == expected


@knows_required
@pytest.mark.parametrize(
    "operation", [param for param in OPERATIONS if param.values[0].output_shape.members]
)
def test_answer_promises_what_the_definition_promises(operation):
    made: Any = getattr(types, f"{operation.name}ResponseTypeDef")
    expected = {*operation.output_shape.required_members, "ResponseMetadata"}

    assert made.__required_keys__ == expected


@pytest.mark.parametrize("structure", STRUCTURES)
def test_structure_has_its_members(structure):
    made = [
        name
        for name in (f"{structure.name}TypeDef", f"{structure.name}OutputTypeDef")
        if hasattr(types, name)
    ]

    assert made
    assert all(keys(name) == set(structure.members) for name in made)


@pytest.mark.parametrize("enum", ENUMS)
def test_enumeration_is_a_literal(enum):
    name = enum.name if hasattr(types, enum.name) else f"{enum.name}Type"

    assert set(get_args(getattr(types, name))) == set(enum.enum)


@pytest.mark.parametrize("package", SERVICES)
def test_every_paginator_has_a_class(package):
    names = SESSION.get_paginator_model(SERVICES[package])._paginator_config

    assert stub_classes(package, "paginator").keys() == {f"{name}Paginator" for name in names}


@pytest.mark.parametrize("package", SERVICES)
def test_every_waiter_has_a_class(package):
    names = SESSION.get_waiter_model(SERVICES[package]).waiter_names

    assert stub_classes(package, "waiter").keys() == {f"{name}Waiter" for name in names}


@pytest.mark.parametrize("package", SERVICES)
def test_every_error_is_an_exception_of_the_client(package):
    errors = {shape.name for shape in MODELS[package].error_shapes}

    assert stub_classes(package, "client")["Exceptions"] == errors | {"ClientError"}


@pytest.mark.parametrize("package", SERVICES)
@pytest.mark.parametrize("module", ["client", "paginator", "waiter"])
def test_every_class_of_a_stub_has_a_name_at_run_time(package, module):
    for name in stub_classes(package, module).keys() - {"Exceptions"}:
        assert isinstance(getattr(types, name), type)
