"""Requests that clients write and answers that they read keep their meaning.

Clients are botocore's serializer and parser, with this package's models and with AWS's own where
the installed botocore has them.
"""

from __future__ import annotations

import json
from urllib.parse import urlencode

import botocore.loaders
import botocore.model
import botocore.parsers
import botocore.serialize
import pytest
from botocore.awsrequest import HeadersDict
from botocore.exceptions import UnknownServiceError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shape_strategies import input_values, output_values

from boto3_agentcore_payments.emulator.engine import errors
from boto3_agentcore_payments.emulator.wire import calls, definitions, parsing, serializing
from boto3_agentcore_payments.emulator.wire.http import CaseInsensitiveHeaders, WireRequest

OURS = {name: operation.model for name, operation in definitions.operations().items()}
PROPERTY = settings(
    max_examples=20, deadline=None, suppress_health_check=list(HealthCheck), database=None
)


def aws_models():
    """Return AWS's own models of the operations, as far as the installed botocore has them."""
    models = {}
    loader = botocore.loaders.Loader()
    for service_name in ("bedrock-agentcore", "bedrock-agentcore-control"):
        try:
            model = botocore.model.ServiceModel(
                loader.load_service_model(service_name, "service-2")
            )
        except UnknownServiceError:
            continue
        for name in sorted(set(model.operation_names) & set(OURS)):
            models[name] = model.operation_model(name)
    return models


MODELS = [
    *(pytest.param(model, id=f"ours-{name}") for name, model in OURS.items()),
    *(pytest.param(model, id=f"aws-{name}") for name, model in aws_models().items()),
]


def sent_by_botocore(model, params):
    """Return the request a botocore client makes of these parameters."""
    serializer = botocore.serialize.create_serializer("rest-json", include_validation=False)
    sent = serializer.serialize_to_request(params, model)
    body = sent["body"]
    return WireRequest(
        sent["method"],
        sent["url_path"],
        urlencode(sent["query_string"]),
        CaseInsensitiveHeaders(sent["headers"]),
        body if isinstance(body, bytes) else body.encode(),
    )


def read_by_botocore(model, answer):
    """Return what a botocore client makes of an answer."""
    parser = botocore.parsers.create_parser("rest-json")
    message = {
        "status_code": answer.status,
        "headers": HeadersDict(answer.headers),
        "body": answer.body,
    }
    return parser.parse(message, model.output_shape)


@pytest.mark.parametrize("model", MODELS)
@PROPERTY
@given(data=st.data())
def test_a_valid_request_is_read_as_it_was_meant(model, data):
    params = data.draw(input_values(model))
    request = sent_by_botocore(model, json.loads(json.dumps(params)))
    route = definitions.find(request.method, request.path)
    assert route is not None
    assert route.operation.name == model.name
    members = parsing.body_members(request.body)
    read, failures = parsing.parameters(route, request, members, None)
    assert failures == []
    assert route.operation.validate(read) is None
    assert read == params


@pytest.mark.parametrize("model", MODELS)
@PROPERTY
@given(data=st.data())
def test_an_answer_is_read_as_it_was_meant(model, data):
    output = data.draw(output_values(model))
    operation = definitions.operations()[model.name]
    answer = serializing.success(operation.status, operation.serialize(output), "an-id")
    read = read_by_botocore(model, answer)
    metadata = read.pop("ResponseMetadata")
    assert metadata["RequestId"] == "an-id"
    assert metadata["HTTPStatusCode"] == model.http["responseCode"]
    assert read == output


@pytest.mark.parametrize("model", MODELS)
def test_every_modelled_error_is_read_with_its_code_message_and_members(model):
    classes = errors.subclasses_by_code()
    for shape in model.error_shapes:
        error = classes[shape.name]("What went wrong")
        if shape.name == "ValidationException":
            error = classes[shape.name]("What went wrong", fields=(("a.b", "is wrong"),))
        answer = serializing.failure(error.code, error.status, error.members, "an-id")
        read = read_by_botocore(model, answer)
        assert read["Error"]["Code"] == shape.name
        assert read["Error"]["Message"] == "What went wrong"
        assert read["ResponseMetadata"]["RequestId"] == "an-id"
        assert (
            read["ResponseMetadata"]["HTTPStatusCode"] == shape.metadata["error"]["httpStatusCode"]
        )
        members = read_members(shape, answer)
        assert members == error.members


def read_members(shape, answer):
    """Return the members of an error as botocore's parser gives them."""
    parser = botocore.parsers.create_parser("rest-json")
    message = {
        "status_code": 200,
        "headers": HeadersDict(answer.headers),
        "body": answer.body,
    }
    read = parser.parse(message, shape)
    read.pop("ResponseMetadata")
    return read


def test_an_unknown_operation_is_read_with_its_code():
    read = read_by_botocore(OURS["CreatePaymentSession"], calls.unknown_operation())
    assert read["Error"] == {
        "Message": "No operation has this method and path",
        "Code": "UnknownOperationException",
    }
