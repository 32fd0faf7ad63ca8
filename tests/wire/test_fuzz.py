"""Thousands of bad requests get modelled errors and change nothing.

Requests run through the real engine, with resources they can hit, and the whole state is compared
before and after.
"""

from __future__ import annotations

import copy
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shape_strategies import input_values
from wire_world import OPERATIONS, USER

from boto3_agentcore_payments.emulator.wire import quirks

PROPERTY = settings(
    max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), database=None
)


def split(operation, params):
    """Return parameters as a body and the rest as labels, query string and headers."""
    body = {name: value for name, value in params.items() if name in operation.inputs.body}
    labels = {name: params[name] for name in operation.inputs.labels if name in params}
    return body, labels


WRONG_TYPE = {
    "structure": ("text", 1, True, []),
    "list": ("text", 1, True, {}),
    "map": ("text", 1, True, []),
    "string": (1, True, [], {}, 1.5),
    "integer": ("1", True, [], {}, 1.5, 1.0),
    "long": ("1", True, [], {}, 1.5, 1.0),
    "boolean": ("true", 1, 0, [], {}),
}


def corruptions(definition, shape, value, path=""):
    """Yield everything that can be wrong with a value, or with anything in it.

    Each is a pair of the path that must be named and a function that returns the value spoiled.
    """
    traits = definition.traits(shape)
    if traits.get("document"):
        yield path, lambda _: "\ud800"
        return
    for wrong in WRONG_TYPE[shape.type_name]:
        yield path, lambda _, wrong=wrong: wrong
    yield from BY_TYPE[shape.type_name](definition, shape, traits, value, path)


def list_corruptions(definition, shape, traits, value, path):
    """Yield what can be wrong with a list beyond its type."""
    yield path, lambda _: [None] * (traits.get("max", 10) + 1)
    if traits.get("min") and quirks.is_sized(definition.service_name, shape.name):
        yield path, lambda _: []
    for index, member in enumerate(value):
        for inner, spoil in corruptions(definition, shape.member, member, f"{path}[{index}]"):
            if not passes(definition, shape, quirks.LIST_MEMBER, spoil(member)):
                yield inner, replace(index, spoil)


def map_corruptions(_definition, _shape, _traits, _value, path):
    """Yield what can be wrong with a map beyond its type."""
    yield path, lambda items: {**items, "key": None}
    yield path, lambda items: {**items, "\ud800": "value"}


def string_corruptions(_definition, _shape, traits, _value, path):
    """Yield what can be wrong with text beyond its type."""
    if traits.get("enum"):
        yield path, lambda _: "NO SUCH VALUE"
    if traits.get("min"):
        yield path, lambda _: ""
    if traits.get("max"):
        yield path, lambda _: "a" * (traits["max"] + 1)
    yield path, lambda _: "\ud800" * max(traits.get("min", 1), 1)


def integer_corruptions(_definition, _shape, traits, _value, path):
    """Yield what can be wrong with an integer beyond its type."""
    if "max" in traits:
        yield path, lambda _: traits["max"] + 1
        yield path, lambda _: traits["min"] - 1
        yield path, lambda _: 10**100


def no_corruptions(*_):
    """Yield nothing: a boolean can only be of the wrong type."""
    return ()


def structure_corruptions(definition, shape, traits, value, path):
    """Yield what can be wrong with a structure beyond its type."""
    tolerated = quirks.optional_members(definition.service_name, shape.name)
    for name in set(traits.get("required", ())) - tolerated:
        yield path, lambda members, name=name: {k: v for k, v in members.items() if k != name}
        yield path, lambda members, name=name: {**members, name: None}
    if traits.get("union"):
        yield path, lambda _: {}
        yield path, lambda members: {**members, **{name: {} for name in shape.members}}
    for name, member in value.items():
        for inner, spoil in corruptions(
            definition, shape.members[name], member, f"{path}.{name}".lstrip(".")
        ):
            if not passes(definition, shape, name, spoil(member)):
                yield inner, replace(name, spoil)


def passes(definition, shape, name, value):
    """Return whether a member's value is an empty text that is tolerated."""
    return value == "" and quirks.may_be_empty(definition.service_name, shape.name, name)


BY_TYPE = {
    "structure": structure_corruptions,
    "list": list_corruptions,
    "map": map_corruptions,
    "string": string_corruptions,
    "integer": integer_corruptions,
    "long": integer_corruptions,
    "boolean": no_corruptions,
}


def replace(key, spoil):
    """Return a function that spoils one element of a container."""

    def spoiled(container):
        changed = copy.copy(container)
        changed[key] = spoil(container[key])
        return changed

    return spoiled


def assert_answered(world, operation, reply, before):
    """Assert that a reply is what the model has, and that an error changed nothing."""
    if reply.status < 400:
        assert reply.status == operation.status
        return
    # AWS's services answer ValidationException whether an operation's model lists it or not.
    assert reply.code in {*operation.error_shapes, "ValidationException"}, reply.body
    assert reply.status < 500, reply.body
    assert isinstance(reply.body["message"], str)
    assert world.picture() == before


@pytest.mark.parametrize("name", OPERATIONS)
@PROPERTY
@given(data=st.data())
def test_every_single_corruption_is_refused_by_its_path(world, name, data):
    operation = OPERATIONS[name]
    shape = operation.model.input_shape
    body, labels = split(operation, data.draw(input_values(operation.model)))
    before = world.picture()
    for member, value in body.items():
        for path, spoil in corruptions(operation.definition, shape.members[member], value, member):
            spoiled = {**body, member: spoil(value)}
            if passes(operation.definition, shape, member, spoiled[member]):
                continue
            reply = world.send(name, spoiled, labels=labels, headers={USER: "alice"})
            assert (reply.code, reply.status) == ("ValidationException", 400), (path, spoiled)
            assert reply.reason == "FieldValidationFailed"
            assert any(field.startswith(path) for field in reply.fields), (path, reply.fields)
    assert world.picture() == before


@pytest.mark.parametrize("name", OPERATIONS)
@PROPERTY
@given(data=st.data())
def test_a_body_without_a_required_member_is_refused(world, name, data):
    operation = OPERATIONS[name]
    body, labels = split(operation, data.draw(input_values(operation.model)))
    before = world.picture()
    for member in set(operation.model.input_shape.required_members) & set(body):
        shorter = {key: value for key, value in body.items() if key != member}
        reply = world.send(name, shorter, labels=labels)
        assert (reply.code, reply.fields) == ("ValidationException", {member: "is required"})
    assert world.picture() == before


@pytest.mark.parametrize("name", OPERATIONS)
@PROPERTY
@given(data=st.data())
def test_a_spoiled_label_is_refused(world, name, data):
    operation = OPERATIONS[name]
    body, labels = split(operation, data.draw(input_values(operation.model)))
    before = world.picture()
    for label in labels:
        for text in ("", "x", "a/b", "..", "\0", "a" * 3000, data.draw(st.text())):
            reply = world.send(name, body or None, labels={**labels, label: text})
            assert (reply.code, list(reply.fields)) == ("ValidationException", [label])
    assert world.picture() == before


@pytest.mark.parametrize("name", OPERATIONS)
@PROPERTY
@given(body=st.binary(min_size=1) | st.text(min_size=1).map(str.encode))
def test_random_bytes_are_refused(world, name, body):
    before = world.picture()
    reply = world.send(name, body, labels=world.labels_of(name), headers={USER: "alice"})
    assert_answered(world, OPERATIONS[name], reply, before)


def random_json(names):
    """JSON in which member names that mean something are likely."""
    keys = st.sampled_from(sorted(names)) | st.text(max_size=4)
    scalars = (
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(max_size=8)
        | st.sampled_from(["ETHEREUM", "CRYPTO_X402", "USD", "5.00", "coinbase"])
    )
    return st.recursive(
        scalars,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4),
        max_leaves=10,
    )


MEMBER_NAMES = {
    name
    for definition in {operation.definition for operation in OPERATIONS.values()}
    for shape in map(definition.model.shape_for, definition.model.shape_names)
    if shape.type_name == "structure"
    for name in shape.members
}


@pytest.mark.parametrize("name", OPERATIONS)
@PROPERTY
@given(body=random_json(MEMBER_NAMES))
def test_random_json_is_answered_by_the_model(world, name, body):
    before = world.picture()
    reply = world.send(
        name, json.dumps(body).encode(), labels=world.labels_of(name), headers={USER: "alice"}
    )
    assert_answered(world, OPERATIONS[name], reply, before)


@pytest.mark.parametrize("name", OPERATIONS)
@PROPERTY
@given(data=st.data())
def test_a_request_the_model_allows_is_answered_by_the_model(world, name, data):
    operation = OPERATIONS[name]
    body, labels = split(operation, data.draw(input_values(operation.model)))
    known = {member: value for member, value in world.known.items() if member in body}
    body.update({member: known[member] for member in known if data.draw(st.booleans())})
    if data.draw(st.booleans()):
        labels.update(world.labels_of(name))
    before = world.picture()
    user = data.draw(st.sampled_from(["alice", "bob", "", "x" * 121]))
    reply = world.send(name, body or None, labels=labels, headers={USER: user})
    assert_answered(world, operation, reply, before)
