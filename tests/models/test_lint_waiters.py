"""Rules for waiters: botocore's own, and that ours fail fast on every state without return."""

from __future__ import annotations

from typing import Any

import botocore
import jmespath
import pytest
from botocore.utils import ArgumentGenerator
from botocore.waiter import WaiterModel
from model_pairs import SERVICES, definition, model, operation, recording_client

WAITERS = [
    (service, name, config)
    for service in SERVICES
    for name, config in definition(service, "waiters-2")["waiters"].items()
]
EXPECTED = {
    "bedrock-agentcore-payments": {"PaymentInstrumentActive"},
    "bedrock-agentcore-payments-control": {
        "PaymentManagerReady",
        "PaymentManagerDeleted",
        "PaymentConnectorReady",
        "PaymentConnectorDeleted",
    },
}
CONFIG_KEYS = {"type", "operation", "description", "delay", "maxAttempts", "acceptors"}
ACCEPTOR_KEYS = {"state", "matcher", "argument", "expected"}
LONGEST_WAIT = 30 * 60
each_waiter = pytest.mark.parametrize(
    ("service", "name", "config"), WAITERS, ids=[name for _, name, _ in WAITERS]
)


@pytest.mark.parametrize("service", SERVICES)
def test_service_has_the_promised_waiters(service: str) -> None:
    document = definition(service, "waiters-2")
    assert document["version"] == 2
    assert EXPECTED[service] <= set(document["waiters"])


@each_waiter
def test_waiter_has_the_keys_that_botocore_knows(
    service: str, name: str, config: dict[str, Any]
) -> None:
    assert name.isalnum()
    assert set(config) <= CONFIG_KEYS
    assert config["acceptors"]
    for acceptor in config["acceptors"]:
        assert {"state", "matcher", "expected"} <= set(acceptor) <= ACCEPTOR_KEYS
        assert acceptor["state"] in {"success", "retry", "failure"}
        assert acceptor["matcher"] in {"path", "pathAll", "pathAny", "status", "error"}
        assert isinstance(acceptor["expected"], (str, int, float, bool))


@each_waiter
def test_waiter_polls_a_read_only_operation_for_a_sane_time(
    service: str, name: str, config: dict[str, Any]
) -> None:
    assert config["operation"] in model(service).operation_names
    assert config["operation"].startswith("Get")
    assert config["delay"] >= 1
    assert config["maxAttempts"] >= 1
    assert config["delay"] * config["maxAttempts"] <= LONGEST_WAIT


@each_waiter
def test_paths_find_something_in_the_answer(
    service: str, name: str, config: dict[str, Any]
) -> None:
    shape = operation(service, config["operation"]).output_shape
    answer = ArgumentGenerator(use_member_names=True).generate_skeleton(shape)
    for acceptor in config["acceptors"]:
        if acceptor["matcher"].startswith("path"):
            assert jmespath.search(acceptor["argument"], answer) is not None


@each_waiter
def test_expected_states_and_errors_are_in_the_model(
    service: str, name: str, config: dict[str, Any]
) -> None:
    described = operation(service, config["operation"])
    errors = {shape.name for shape in described.error_shapes}
    for acceptor in config["acceptors"]:
        if acceptor["matcher"] == "error":
            assert acceptor["expected"] in errors
        elif acceptor["matcher"] == "path":
            states = _shape_at(described.output_shape, acceptor["argument"]).enum
            assert acceptor["expected"] in states


@each_waiter
def test_no_final_state_of_the_resource_is_waited_on(
    service: str, name: str, config: dict[str, Any]
) -> None:
    described = operation(service, config["operation"])
    waits_for_absence = any(
        a["matcher"] == "error" and a["state"] == "success" for a in config["acceptors"]
    )
    for path in {a["argument"] for a in config["acceptors"] if a["matcher"] == "path"}:
        states = set(_shape_at(described.output_shape, path).enum)
        handled = {a["expected"] for a in config["acceptors"] if a.get("argument") == path}
        final = {state for state in states if not _passes(state)}
        if waits_for_absence:
            # A delete may be asked for in any state; only its own failure is final.
            final &= {"DELETE_FAILED"}
        assert final <= handled


def _passes(state: str) -> bool:
    return state.endswith("ING") or state == "PENDING_AUTHENTICATION"


@each_waiter
def test_client_can_make_the_waiter(service: str, name: str, config: dict[str, Any]) -> None:
    client = recording_client(service).client
    waiter = client.get_waiter(botocore.xform_name(name))
    assert waiter.name == name
    assert len(waiter.config.acceptors) == len(config["acceptors"])


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("INITIATED", "retry"),
        ("ACTIVE", "success"),
        ("FAILED", "failure"),
        ("BLOCKED", "failure"),
        ("DELETED", "failure"),
    ],
)
def test_instrument_waiter_judges_each_status(status: str, state: str) -> None:
    waiters = WaiterModel(definition("bedrock-agentcore-payments", "waiters-2"))
    answer = {"paymentInstrument": {"status": status}}
    verdicts = [
        acceptor.state
        for acceptor in waiters.get_waiter("PaymentInstrumentActive").acceptors
        if acceptor.matcher_func(answer)
    ]
    assert verdicts == [state]


def _shape_at(shape: Any, path: str) -> Any:
    for member in path.split("."):
        shape = shape.members[member]
    return shape
