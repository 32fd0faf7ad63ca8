"""Our clients make of an answer what AWS's clients make of it: results and exceptions."""

from __future__ import annotations

import functools
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from model_pairs import (
    OPERATIONS,
    Answer,
    aws_operation,
    clients,
    each_operation,
    needs_payments_in_botocore,
    operation,
)
from shape_strategies import documents, input_values, json_value, output_values, shape_values

pytestmark = needs_payments_in_botocore

quietly = settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
REQUEST_ID = ("x-amzn-RequestId", "8a1b0c9d-2e3f-4a5b-8c7d-6e5f4a3b2c1d")
MODELLED_ERRORS = [
    (service, name, error.name)
    for service, name in OPERATIONS
    for error in operation(service, name).error_shapes
]


@functools.cache
def some_input(service: str, name: str) -> Any:
    """The same valid input each time: these tests are about the answer."""
    found = []

    @settings(max_examples=1, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(input_values(operation(service, name)))
    def keep(value: Any) -> None:
        found.append(value)

    keep()
    return found[0]


def both(service: str, name: str, answer: Answer) -> tuple[Any, Any]:
    """What our client and AWS's make of one answer."""
    params = some_input(service, name)
    ours, theirs = clients(service)
    return ours.call(name, params, answer)[1], theirs.call(name, params, answer)[1]


@each_operation
@quietly
@given(data=st.data())
def test_random_answer_is_parsed_the_same(service: str, name: str, data: Any) -> None:
    model = operation(service, name)
    value = data.draw(output_values(model))
    body = json_value(model.output_shape, value)
    status = model.http["responseCode"]
    ours, theirs = both(service, name, Answer(status, body, (REQUEST_ID,)))
    assert ours == theirs
    for member, expected in value.items():
        assert ours[member] == expected


@each_operation
@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))
@given(unknown=documents())
def test_members_of_a_later_api_are_ignored_the_same(
    service: str, name: str, unknown: dict[str, Any]
) -> None:
    body = {f"later{key}": value for key, value in unknown.items()}
    ours, theirs = both(service, name, Answer(200, body, (REQUEST_ID,)))
    assert ours == theirs
    assert set(ours) == {"ResponseMetadata"}


def test_unknown_union_member_is_reported_by_name() -> None:
    body = {"paymentOutput": {"barter": {}}}
    ours, theirs = both("bedrock-agentcore-payments", "ProcessPayment", Answer(200, body))
    assert ours == theirs
    assert ours["paymentOutput"] == {"SDK_UNKNOWN_MEMBER": {"name": "barter"}}


@pytest.mark.parametrize(
    ("service", "name", "error"), MODELLED_ERRORS, ids=[f"{n}-{e}" for _, n, e in MODELLED_ERRORS]
)
@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_modelled_error_raises_the_same_exception(
    service: str, name: str, error: str, data: Any
) -> None:
    shape = next(s for s in operation(service, name).error_shapes if s.name == error)
    content = json_value(shape, data.draw(shape_values(shape)))
    status = shape.metadata["error"]["httpStatusCode"]
    headers = (REQUEST_ID, ("x-amzn-ErrorType", error))
    ours, theirs = both(service, name, Answer(status, content, headers))
    assert isinstance(ours, ClientError)
    assert type(ours).__name__ == type(theirs).__name__ == error
    assert isinstance(ours, getattr(clients(service)[0].client.exceptions, error))
    assert ours.response == theirs.response
    assert str(ours) == str(theirs)
    for member, value in content.items():
        assert member == "message" or ours.response[member] == value


@each_operation
def test_error_status_is_aws(service: str, name: str) -> None:
    def statuses(model: Any) -> dict[str, Any]:
        return {shape.name: shape.metadata["error"] for shape in model.error_shapes}

    assert statuses(operation(service, name)) == statuses(aws_operation(service, name))


@each_operation
@pytest.mark.parametrize(
    ("status", "body"),
    [(400, b"{not json"), (500, b""), (502, b"<html>"), (403, b'{"__type": "Unheard"}')],
    ids=["not JSON", "empty", "HTML", "unknown code"],
)
def test_unmodelled_error_gives_the_same_client_error(
    service: str, name: str, status: int, body: bytes
) -> None:
    ours, theirs = both(service, name, Answer(status, body, (REQUEST_ID,)))
    assert type(ours) is type(theirs) is ClientError
    assert ours.response == theirs.response
