"""Requests answered from a WSGI environment, without moto's application."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from boto3_agentcore_payments.emulator.backend.wsgi import answer_wsgi
from boto3_agentcore_payments.emulator.control import PaymentsControl
from boto3_agentcore_payments.emulator.wire.http import ConnectionDropped

SIGNED = (
    "AWS4-HMAC-SHA256 Credential=AKIA/20260101/eu-west-1/bedrock-agentcore/aws4_request, "
    "SignedHeaders=host, Signature=0"
)


def _environ(method: str, path: str, members: Any = None, **more: Any) -> dict[str, Any]:
    body = b"" if members is None else json.dumps(members).encode()
    return {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "HTTP_HOST": "localhost:5005",
        "HTTP_AUTHORIZATION": SIGNED,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
        **more,
    }


CREATE = {
    "name": "shop",
    "authorizerType": "AWS_IAM",
    "roleArn": "arn:aws:iam::123456789012:role/payments",
}


def test_payments_request_is_answered(aws: None) -> None:
    answer = answer_wsgi(_environ("POST", "/payments/managers", CREATE))
    assert answer is not None
    assert answer.status == 202
    assert json.loads(answer.body)["paymentManagerArn"].split(":")[3] == "eu-west-1"


@pytest.mark.parametrize("name", ["RAW_URI", "REQUEST_URI"])
def test_path_is_taken_as_it_was_sent(aws: None, name: str) -> None:
    sent = "/payments/managers/a%2Fb?x=1"
    answer = answer_wsgi(_environ("GET", "/payments/managers/a/b", **{name: sent}))
    assert answer is not None
    assert answer.status == 400


def test_path_is_encoded_where_the_server_keeps_no_original(aws: None) -> None:
    answer = answer_wsgi(_environ("GET", "/payments/managers/a b"))
    assert answer is not None
    assert json.loads(answer.body)["reason"] == "FieldValidationFailed"


def test_chunked_body_is_read_to_its_end(aws: None) -> None:
    environ = _environ("POST", "/payments/managers", CREATE, HTTP_TRANSFER_ENCODING="chunked")
    del environ["CONTENT_LENGTH"]
    answer = answer_wsgi(environ)
    assert answer is not None
    assert answer.status == 202


@pytest.mark.parametrize("path", ["/", "/bucket/key", "/payments/nothing", "/moto-api/"])
def test_other_requests_are_left_alone(aws: None, path: str) -> None:
    environ = _environ("POST", path, CREATE)
    assert answer_wsgi(environ) is None
    assert environ["wsgi.input"].tell() == 0


@pytest.mark.parametrize(
    ("authorization", "query"),
    [
        (SIGNED.replace("bedrock-agentcore", "s3"), ""),
        ("AWS AKIA:c2lnbmF0dXJl", ""),
        ("", "X-Amz-Credential=AKIA%2F20260101%2Fus-east-1%2Fs3%2Faws4_request"),
        ("", "AWSAccessKeyId=AKIA&Signature=x&Expires=1"),
    ],
)
def test_object_of_a_bucket_called_payments_is_left_alone(
    aws: None, authorization: str, query: str
) -> None:
    more = {"HTTP_AUTHORIZATION": authorization, "QUERY_STRING": query}
    assert answer_wsgi(_environ("GET", "/payments/managers/key", **more)) is None


def test_unsigned_request_is_answered(aws: None) -> None:
    environ = _environ("POST", "/payments/managers-list")
    del environ["HTTP_AUTHORIZATION"]
    answer = answer_wsgi(environ)
    assert answer is not None
    assert json.loads(answer.body) == {"paymentManagers": []}


def test_requests_of_a_page_are_left_to_moto(aws: None) -> None:
    environ = _environ("POST", "/payments/managers", CREATE, HTTP_ORIGIN="http://localhost:3000")
    assert answer_wsgi(environ) is None


def test_requests_are_left_to_moto_while_it_records(
    aws: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from moto.moto_api import recorder

    monkeypatch.setattr(recorder, "_user_enabled", True)
    assert answer_wsgi(_environ("POST", "/payments/managers", CREATE)) is None


def test_dropped_connection_is_raised_after_the_change(aws: None) -> None:
    PaymentsControl(region="eu-west-1").inject_fault("CreatePaymentManager", drop_after=True)
    with pytest.raises(ConnectionDropped):
        answer_wsgi(_environ("POST", "/payments/managers", CREATE))
    answer = answer_wsgi(_environ("POST", "/payments/managers-list"))
    assert answer is not None
    assert len(json.loads(answer.body)["paymentManagers"]) == 1
