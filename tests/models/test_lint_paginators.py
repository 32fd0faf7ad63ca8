"""Rules for paginators: botocore's own, and that every list operation has one."""

from __future__ import annotations

from typing import Any

import botocore
import pytest
from model_pairs import SERVICES, definition, model, operation, recording_client

PAGINATORS = [
    (service, name, config)
    for service in SERVICES
    for name, config in definition(service, "paginators-1")["pagination"].items()
]
KNOWN_KEYS = {
    "input_token",
    "py_input_token",
    "output_token",
    "result_key",
    "limit_key",
    "more_results",
    "non_aggregate_keys",
}
each_paginator = pytest.mark.parametrize(
    ("service", "name", "config"), PAGINATORS, ids=[name for _, name, _ in PAGINATORS]
)


def test_every_list_operation_is_paginated() -> None:
    listing = {
        (service, name)
        for service in SERVICES
        for name in model(service).operation_names
        if name.startswith("List")
    }
    assert {(service, name) for service, name, _ in PAGINATORS} == listing


@each_paginator
def test_paginator_uses_keys_that_botocore_knows(
    service: str, name: str, config: dict[str, Any]
) -> None:
    assert set(config) <= KNOWN_KEYS
    assert "result_key" in config


@each_paginator
def test_paginator_names_input_members(service: str, name: str, config: dict[str, Any]) -> None:
    members = operation(service, name).input_shape.members
    assert {config["input_token"], config["limit_key"]} <= set(members)


@each_paginator
def test_paginator_names_output_members(service: str, name: str, config: dict[str, Any]) -> None:
    members = operation(service, name).output_shape.members
    assert config["output_token"] in members
    assert members[config["result_key"]].type_name == "list"


@each_paginator
def test_client_can_make_the_paginator(service: str, name: str, config: dict[str, Any]) -> None:
    client = recording_client(service).client
    assert client.can_paginate(botocore.xform_name(name))
    paginator = client.get_paginator(botocore.xform_name(name))
    assert [key.expression for key in paginator.result_keys] == [config["result_key"]]
