"""Rules that botocore sets for every service definition: names, files, shapes."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from botocore import xform_name
from model_pairs import DATA, SERVICES, each_operation, each_service, model, operation

KINDS = (
    "service-2",
    "service-2.sdk-extras",
    "paginators-1",
    "waiters-2",
    "endpoint-rule-set-1",
    "examples-1",
)
REQUEST_LABEL = re.compile(r"\{(\w+)\+?\}")


@each_service
def test_service_name_is_one_botocore_accepts(service: str) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", service)
    assert 2 <= len(service) <= 50


def test_data_directory_holds_our_services_and_nothing_else() -> None:
    assert sorted(path.name for path in DATA.iterdir()) == sorted(SERVICES)


@each_service
def test_service_has_one_version_with_every_kind_of_file(service: str) -> None:
    (version,) = (DATA / service).iterdir()
    assert version.name == model(service).api_version
    assert sorted(path.name for path in version.iterdir()) == sorted(f"{k}.json" for k in KINDS)


@each_service
@pytest.mark.parametrize("kind", KINDS)
def test_file_is_plain_ascii_json_with_one_value_a_line(service: str, kind: str) -> None:
    (version,) = (DATA / service).iterdir()
    text = (version / f"{kind}.json").read_text("utf-8")
    assert text == json.dumps(json.loads(text), indent=2) + "\n"


@each_service
def test_service_id_makes_the_documented_endpoint_variable(service: str) -> None:
    variable = model(service).service_id.replace(" ", "_").upper()
    assert variable == service.replace("-", "_").upper()


@each_operation
def test_answer_shadows_no_key_of_botocore(service: str, name: str) -> None:
    assert "ResponseMetadata" not in operation(service, name).output_shape.members


@each_operation
def test_errors_shadow_no_key_of_botocore(service: str, name: str) -> None:
    for shape in operation(service, name).error_shapes:
        assert {"ResponseMetadata", "Error"}.isdisjoint(shape.members)


@each_service
def test_no_union_has_the_member_reserved_for_unknown_ones(service: str) -> None:
    for shape in _structures(service):
        if shape.is_tagged_union:
            assert "SDK_UNKNOWN_MEMBER" not in shape.members


@each_service
def test_unions_require_no_member(service: str) -> None:
    for shape in _structures(service):
        if shape.is_tagged_union:
            assert shape.required_members == []


@each_service
def test_required_members_exist(service: str) -> None:
    for shape in _structures(service):
        assert set(shape.required_members) <= set(shape.members)


@each_operation
def test_labels_of_the_path_are_required_members(service: str, name: str) -> None:
    described = operation(service, name)
    shape = described.input_shape
    placed = {
        member.serialization.get("name", member_name): member_name
        for member_name, member in shape.members.items()
        if member.serialization.get("location") == "uri"
    }
    labels = set(REQUEST_LABEL.findall(described.http["requestUri"]))
    assert labels == set(placed)
    assert set(placed.values()) <= set(shape.required_members)


@each_service
def test_no_two_operations_share_method_and_path(service: str) -> None:
    taken = [
        (http["method"], REQUEST_LABEL.sub("*", http["requestUri"]))
        for http in (operation(service, name).http for name in model(service).operation_names)
    ]
    assert len(set(taken)) == len(taken)


@each_service
def test_client_methods_do_not_collide(service: str) -> None:
    methods = [xform_name(name) for name in model(service).operation_names]
    assert len(set(methods)) == len(methods)


def _structures(service: str) -> list[Any]:
    described = model(service)
    shapes = [described.shape_for(name) for name in described.shape_names]
    return [shape for shape in shapes if shape.type_name == "structure"]
