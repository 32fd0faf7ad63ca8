"""A method and a path lead to one operation, on either plane."""

from __future__ import annotations

import functools

import pytest

from boto3_agentcore_payments.emulator.wire import definitions

OPERATIONS = definitions.operations()


def test_every_operation_of_both_services_is_known():
    assert len(OPERATIONS) == 27
    assert (
        sum(item.definition.service_name.endswith("control") for item in OPERATIONS.values()) == 16
    )


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_is_found_by_its_method_and_path(name):
    operation = OPERATIONS[name]
    path = operation.uri.replace("{paymentManagerId}", "m-1").replace("{paymentConnectorId}", "c-1")
    route = definitions.find(operation.method, path)
    assert route is not None
    assert route.operation is operation
    expected = {"{paymentManagerId}": "m-1", "{paymentConnectorId}": "c-1"}
    assert route.labels == {
        label.strip("{}"): value for label, value in expected.items() if label in operation.uri
    }


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/payments/createPaymentSession"),
        ("POST", "/payments/createpaymentsession"),
        ("POST", "/payments/createPaymentSession/"),
        ("POST", "/payments/managers/m-1"),
        ("GET", "/payments/managers/m-1/connectors/c-1/x"),
        ("GET", "/payments/managers"),
        ("POST", "/memories/create"),
        ("GET", "/"),
        ("GET", ""),
    ],
)
def test_no_operation_is_found_for_other_requests(method, path):
    assert definitions.find(method, path) is None


def test_an_encoded_slash_does_not_change_the_route():
    route = definitions.find("GET", "/payments/managers/a%2Fconnectors%2Fb")
    assert route is not None
    assert route.operation.name == "GetPaymentManager"
    assert route.labels == {"paymentManagerId": "a/connectors/b"}


def test_a_data_plane_request_reads_no_other_definition(monkeypatch):
    read = []
    load = definitions.load_definition
    monkeypatch.setattr(
        definitions, "load_definition", lambda name: read.append(name) or load(name)
    )
    monkeypatch.setattr(definitions, "definition", functools.cache(definitions.Definition))
    for _ in range(2):
        assert definitions.find("POST", "/payments/createPaymentSession") is not None
    assert read == ["bedrock-agentcore-payments"]
    assert definitions.find("GET", "/payments/managers/m-1") is not None
    assert read == ["bedrock-agentcore-payments", "bedrock-agentcore-payments-control"]
