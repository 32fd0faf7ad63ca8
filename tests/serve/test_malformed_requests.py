"""Malformed and senseless requests are refused with 400 or 404, and one line of log."""

from __future__ import annotations

import random
import re
import time
from typing import TYPE_CHECKING

import pytest
from running_server import CLOSED

if TYPE_CHECKING:
    from collections.abc import Callable

    from running_server import Serving

HOST = b"Host: localhost\r\n"
LIST = b"POST /payments/managers-list HTTP/1.1\r\n" + HOST
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"
SECRET = "privy-app-secret-of-the-developer"


def signed(service: str = "bedrock-agentcore", key: str = "test", region: str = "us-west-2") -> str:
    scope = f"{key}/20260101/{region}/{service}/aws4_request"
    return f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (LIST + CHUNKED + b"ffffffffffffffff\r\n", b"400 Bad Request"),
        (LIST + CHUNKED + b"f" * 5000, b"400 Bad Request"),
        (LIST + CHUNKED + b"0\r\n" + b"X: y\r\n" * 1000, b"400 Bad Request"),
        (LIST + CHUNKED + b"fffffff\r\n", b"413 Request Entity Too Large"),
        (LIST + b"Content-Length: " + b"9" * 30 + b"\r\n\r\n", b"400 Bad Request"),
        (LIST + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n", b"400 Bad Request"),
        (LIST + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n", b"400 Bad Request"),
        (LIST + b"Content-Length: 5\r\n" + CHUNKED + b"0\r\n\r\n", b"400 Bad Request"),
        (LIST.replace(b"1.1", b"1.0") + CHUNKED + b"0\r\n\r\n", b"400 Bad Request"),
        (LIST + b"Transfer-Encoding: gzip\r\n\r\n", b"501 Not Implemented"),
        (b"POST /payments/managers-list HTTP/1.1\r\n\r\n", b"400 Bad Request"),
        (b"GET http://[ HTTP/1.1\r\n" + HOST + b"\r\n", b"400 Bad Request"),
        (b"GET /\r\n" + HOST + b"\r\n", b"400 Bad Request"),
        (b"get / HTTP/1.1\r\n" + HOST + b"\r\n", b"400 Bad Request"),
        (b"GET / HTTP/1.1\n", b"400 Bad Request"),
        (LIST + b"X:\n", b"400 Bad Request"),
        (b"\x16\x03\x01\x02\x00", b"400 Bad Request"),
    ],
)
def test_malformed_request_is_refused_at_once_and_the_connection_closed(
    serving: Serving, request_: bytes, status: bytes
) -> None:
    began = time.monotonic()
    answer = serving.send(request_)
    assert answer.startswith(b"HTTP/1.1 " + status + b"\r\n"), answer
    assert answer.endswith(CLOSED)
    assert time.monotonic() - began < 2


@pytest.mark.parametrize("host", ["[", "]", "a b", "localhost:x"])
@pytest.mark.parametrize("path", ["/payments/managers-list", "/moto-api/data.json", "/bucket"])
def test_a_malformed_host_is_a_bad_request(serving: Serving, path: str, host: str) -> None:
    status, headers, _ = serving.ask("GET", path, host=host)
    assert (status, headers["x-amzn-errortype"]) == (400, "InvalidHost")


@pytest.mark.parametrize(
    "authorization",
    [
        "AWS4-HMAC-SHA256",
        "AWS4-HMAC-SHA256 Credential=",
        "AWS4-HMAC-SHA256 Credential=, SignedHeaders=host, Signature=0",
        "AWS4-HMAC-SHA256 Credential=test/20260101, SignedHeaders=host, Signature=0",
        signed(key=""),
        signed(region=""),
        signed(service=""),
    ],
)
@pytest.mark.parametrize("path", ["/payments/managers-list", "/payments/nothing", "/", "/bucket/k"])
def test_an_incomplete_credential_is_a_bad_request(
    serving: Serving, path: str, authorization: str
) -> None:
    status, headers, body = serving.ask("POST", path, "{}", authorization=authorization)
    assert (status, headers["x-amzn-errortype"]) == (400, "IncompleteSignatureException")
    assert b"KEY/DATE/REGION/SERVICE/aws4_request" in body


CREDENTIALS = {"unsigned": {}, "bearer": {"authorization": "Bearer abc"}}


@pytest.mark.parametrize("headers", CREDENTIALS.values(), ids=CREDENTIALS)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
@pytest.mark.parametrize(
    "path",
    [
        "/payments/nothing",
        "/payments/",
        "/identities/nothing",
        "/payments/managers/x/connectors/y/z",
        "/payments/%ff",
    ],
)
def test_an_unknown_path_is_not_an_operation(
    serving: Serving, method: str, path: str, headers: dict[str, str]
) -> None:
    status, answered, body = serving.ask(method, path, "{}", **headers)
    assert (status, answered["x-amzn-errortype"]) == (404, "UnknownOperationException")
    assert b"No operation has this method and path" in body


@pytest.mark.parametrize("headers", CREDENTIALS.values(), ids=CREDENTIALS)
@pytest.mark.parametrize("path", ["/payments/managers-list", "/payments/createPaymentSession"])
def test_wrong_method_for_an_operation_is_not_an_operation(
    serving: Serving, path: str, headers: dict[str, str]
) -> None:
    for method in ("GET", "PUT", "DELETE", "PATCH"):
        assert serving.ask(method, path, "", **headers)[0] == 404


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": "x"},
        {"authorization": "Bearer"},
        {"x_amz_target": "nothing"},
        {"authorization": signed("dynamodb")},
        {"authorization": signed("nothing")},
    ],
)
def test_request_without_a_service_is_a_bad_request(
    serving: Serving, headers: dict[str, str]
) -> None:
    status, answered, _ = serving.ask("POST", "/", "{}", **headers)
    assert (status, answered["x-amzn-errortype"]) == (400, "UnknownService")


def test_a_body_that_moto_can_not_read_is_a_bad_request(serving: Serving) -> None:
    status, answered, _ = serving.ask("PUT", "/bucket", "<", authorization=signed("s3"))
    assert (status, answered["x-amzn-errortype"]) == (400, "MalformedRequest")


def test_the_log_names_the_error_code_of_a_refusal(start_serving: Callable[..., Serving]) -> None:
    serving = start_serving()
    serving.ask("POST", "/payments/createPaymentSession", "{}", authorization=signed())
    serving.ask("POST", "/payments/managers-list", "{}", origin="https://evil.example")
    serving.ask("GET", "/no-bucket/key")
    serving.ask("POST", "/moto-api/agentcore-payments/fund-wallet", "{}")
    serving.ask("POST", "/payments/managers-list", "{}")
    assert serving.stop() == 0
    outcomes = [re.sub(r"^\S+ \S+ \S+ (.*) \S+ ms\n$", r"\1", line) for line in serving.log]
    assert sorted(outcomes) == [
        "200",
        "400 BadRequest",
        "400 ValidationException",
        "403 AccessDeniedException",
        "404 NoSuchBucket",
    ]


PIECES = [
    b"POST",
    b"GET",
    b"PUT",
    b"PATCH",
    b" /payments/managers-list",
    b" /payments/",
    b"%2F",
    b"%",
    b"/identities/payment/token",
    b" /moto-api/agentcore-payments/fund-wallet",
    b" HTTP/1.1",
    b" HTTP/9.9",
    b"\r\n",
    b"\n",
    b"\r",
    b"\r\n\r\n",
    HOST,
    b"Host: [",
    b"Content-Length: 2\r\n",
    b"{}",
    b"{",
    b"Content-Length: -1\r\n",
    b"Content-Length: 99999999999\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"0\r\n\r\n",
    b"ffffffffffffffff\r\n",
    b"Expect: 100-continue\r\n",
    b"\x00",
    b"\xff",
    b"=",
    b"&",
    b"Authorization: Bearer " + SECRET.encode() + b"\r\n",
    b"Authorization: AWS4-HMAC-SHA256 ",
    b"Credential=" + SECRET.encode(),
    b"X-Amz-Target: a.b\r\n",
    b"Origin: null\r\n",
    b"?a=" + SECRET.encode(),
    b"Content-Type: application/x-www-form-urlencoded\r\n",
    b"Action=GetCallerIdentity&Version=2011-06-15",
    b'{"paymentManagerArn": "' + SECRET.encode() + b'", "name": 1e999}',
    b"Connection: close\r\n",
]
METHODS = ["GET", "POST", "PUT", "DELETE", "PATCH"]
BODIES = [b"", b"{}", b"[]", b'"', b"\xff", b'{"a": ' * 200, b'{"amount": 1e999}', b"a=b&c", b"<a>"]
AUTHORIZATIONS = [
    "",
    "Bearer ",
    f"Bearer {SECRET}",
    "Bearer a.b.c",
    signed(),
    signed("s3"),
    signed("sts"),
    f"AWS4-HMAC-SHA256 Credential={SECRET}",
]
PATHS = [
    "/payments/managers-list",
    "/payments/createPaymentSession",
    "/payments/nothing",
    "/",
    "/b",
    "/identities/payment/token",
    "/identities/CreatePaymentCredentialProvider",
    "/payments/%ff",
    "/moto-api/agentcore-payments/fund-wallet",
    "/moto-api/nothing",
    "//",
    "/b/%00",
    "/a?Action=x",
]


def well_formed(chance: random.Random) -> bytes:
    body = chance.choice(BODIES)
    lines = [
        f"{chance.choice(METHODS)} {chance.choice(PATHS)} HTTP/1.1",
        f"Host: {chance.choice(['localhost', 'localhost', 'localhost', '[', 'evil.example'])}",
        f"Authorization: {chance.choice(AUTHORIZATIONS)}",
        f"Content-Type: {chance.choice(['application/json', 'text/plain', 'a'])}",
        f"Content-Length: {len(body)}",
        "Connection: close",
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def garbage(chance: random.Random) -> bytes:
    return b"".join(chance.choices(PIECES, k=chance.randrange(1, 14))) + b"\r\n\r\n"


def test_nonsense_gets_no_secret_and_no_failure_out_of_it(
    start_serving: Callable[..., Serving],
) -> None:
    serving = start_serving()
    chance = random.Random(20261127)
    statuses: dict[bytes, int] = {}
    grown = 0
    for number in range(1500):
        make = well_formed if number % 2 else garbage
        with_end = make(chance)
        with serving.connect() as connection:
            connection.sendall(with_end)
            connection.shutdown(1)  # nothing more will come
            answer = b""
            while more := connection.recv(65536):
                answer += more
        statuses[answer[9:10]] = statuses.get(answer[9:10], 0) + 1
        assert answer[9:12] not in {b"500", b"502", b"503"}, (with_end, answer)
        assert SECRET.encode() not in answer, (with_end, answer)
        if number == 750:
            grown = -serving.memory()
    grown += serving.memory()
    assert statuses[b"2"] > 20
    assert statuses[b"4"] > 500
    assert grown < 8 * 1024
    began = time.monotonic()
    assert serving.ask("POST", "/payments/managers-list", "{}")[0] == 200
    assert time.monotonic() - began < 2
    assert serving.stop() == 0
    assert SECRET not in serving.logged()
    assert "Traceback" not in serving.logged()
