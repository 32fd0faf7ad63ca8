"""Requests no client would send get a modelled answer and change nothing."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from moto import mock_aws

from boto3_agentcore_payments.emulator.backend.models import payments_backends
from boto3_agentcore_payments.emulator.backend.wsgi import answer_wsgi
from boto3_agentcore_payments.emulator.wire.definitions import operations

CODES = {
    "AccessDeniedException",
    "UnauthorizedException",
    "UnrecognizedClientException",
    "ValidationException",
}
PATHS = sorted(
    (operation.method, operation.uri.replace("{", "").replace("}", ""))
    for operation in operations().values()
    if operation.name.startswith(("Create", "Process", "Update"))
)
ARN = "arn:aws:bedrock-agentcore:us-east-1:123456789012:payment-manager/shop-abcdefghij"
latin = st.text(st.characters(max_codepoint=255, exclude_characters="\r\n"), max_size=60)
authorizations = st.one_of(
    latin,
    latin.map(lambda text: f"Bearer {text}"),
    latin.map(lambda text: f"Bearer eyJhbGciOiJSUzI1NiJ9.{text}.x"),
    latin.map(lambda text: f"AWS4-HMAC-SHA256 Credential={text}/bedrock-agentcore/aws4_request"),
    st.just("Bearer " + "eyJh" * 5000),
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3)
    ),
    max_leaves=8,
)
bodies = st.one_of(
    st.binary(max_size=60),
    json_values.map(lambda value: json.dumps(value).encode()),
    json_values.map(lambda value: json.dumps({"paymentManagerArn": value}).encode()),
    json_values.map(lambda value: json.dumps({"paymentManagerArn": ARN, "x": value}).encode()),
    st.just(b"[" * 100_000),
)


@pytest.fixture(scope="module", autouse=True)
def _mock() -> Any:
    with mock_aws():
        yield


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    target=st.sampled_from(PATHS),
    authorization=authorizations,
    body=bodies,
    account=st.sampled_from(["", "123456789012"]) | latin,
)
def test_hostile_request_has_a_modelled_answer(
    target: tuple[str, str], authorization: str, body: bytes, account: str
) -> None:
    method, path = target
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "HTTP_HOST": "localhost",
        "HTTP_AUTHORIZATION": authorization,
        "HTTP_X_MOTO_ACCOUNT_ID": account,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
    }
    answer = answer_wsgi(environ)
    if answer is None:  # looks like a signature for another service
        return
    assert answer.headers["x-amzn-ErrorType"] in CODES, (answer.status, answer.body)
    assert 400 <= answer.status < 404
    for _, _, backend in payments_backends.iter_backends():
        assert not backend.state.managers
        assert not backend.state.credential_providers
