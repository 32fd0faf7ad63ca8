"""The server, as a program of its own, over HTTP."""

from __future__ import annotations

import http.client
import json
import re
import signal
import socket
import subprocess
import sys
import threading
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from running_server import Serving

ROLE = "arn:aws:iam::123456789012:role/payments"


def client(serving: Serving, service: str, **options: Any) -> Any:
    known = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    return boto3.client(
        service,
        endpoint_url=serving.url,
        **{"region_name": "us-west-2", **known, **options},
    )


def make_manager(serving: Serving, **options: Any) -> str:
    control = client(serving, "bedrock-agentcore-payments-control", **options)
    made = control.create_payment_manager(name="shop", authorizerType="AWS_IAM", roleArn=ROLE)
    control.get_waiter("payment_manager_ready").wait(paymentManagerId=made["paymentManagerId"])
    return str(made["paymentManagerArn"])


def raw(serving: Serving) -> http.client.HTTPConnection:
    place = urlsplit(serving.url)
    assert place.hostname
    return http.client.HTTPConnection(place.hostname, place.port, timeout=30)


def test_both_planes_answer_boto3(serving: Serving) -> None:
    arn = make_manager(serving)
    payments = client(serving, "bedrock-agentcore-payments")
    session = payments.create_payment_session(
        paymentManagerArn=arn,
        userId="alice",
        expiryTimeInMinutes=60,
        limits={"maxSpendAmount": {"value": "0.1", "currency": "USD"}},
    )["paymentSession"]
    found = payments.get_payment_session(
        paymentManagerArn=arn, userId="alice", paymentSessionId=session["paymentSessionId"]
    )["paymentSession"]
    assert found["availableLimits"]["availableSpendAmount"] == {"value": "0.1", "currency": "USD"}


def test_the_rest_of_moto_is_there(serving: Serving) -> None:
    identity = client(serving, "sts").get_caller_identity()
    assert identity["Account"] == "123456789012"
    roles = client(serving, "iam").list_roles()["Roles"]
    assert isinstance(roles, list)


def test_the_account_of_an_assumed_role_is_its_own(serving: Serving) -> None:
    role = "arn:aws:iam::210987654321:role/agent"
    given = client(serving, "sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
    control = client(
        serving,
        "bedrock-agentcore-payments-control",
        aws_access_key_id=given["AccessKeyId"],
        aws_secret_access_key=given["SecretAccessKey"],
        aws_session_token=given["SessionToken"],
    )
    arn = control.create_payment_manager(
        name="other", authorizerType="AWS_IAM", roleArn="arn:aws:iam::210987654321:role/payments"
    )["paymentManagerArn"]
    assert arn.split(":")[4] == "210987654321"


def test_the_region_is_that_of_the_signature(serving: Serving) -> None:
    arn = make_manager(serving, region_name="eu-central-1")
    assert arn.split(":")[3] == "eu-central-1"
    control = client(serving, "bedrock-agentcore-payments-control", region_name="ap-southeast-2")
    assert arn not in str(control.list_payment_managers()["paymentManagers"])


def test_the_service_s_errors_arrive_as_such(serving: Serving) -> None:
    arn = make_manager(serving)
    payments = client(serving, "bedrock-agentcore-payments")
    with pytest.raises(ClientError) as refused:
        payments.get_payment_session(
            paymentManagerArn=arn,
            userId="alice",
            paymentSessionId="payment-session-000000000000000",
        )
    assert refused.value.response["Error"]["Code"] == "ResourceNotFoundException"


def test_metadata_of_s3_keeps_its_underscores(serving: Serving) -> None:
    pytest.importorskip(
        "moto", minversion="5.2.5", reason="older moto folds them in its own server too"
    )
    s3 = client(serving, "s3", region_name="us-east-1")
    s3.create_bucket(Bucket="metadata")
    s3.put_object(Bucket="metadata", Key="a b/c%2Fd", Body=b"1", Metadata={"one_two": "3"})
    assert s3.head_object(Bucket="metadata", Key="a b/c%2Fd")["Metadata"] == {"one_two": "3"}


def test_a_connection_is_kept(serving: Serving) -> None:
    connection = raw(serving)
    connection.connect()
    before = connection.sock
    for _ in range(3):
        connection.request("GET", "/moto-api/data.json")
        assert connection.getresponse().read()
    assert connection.sock is before
    connection.close()


def test_the_introduction_says_how_to_point_each_client_at_it(serving: Serving) -> None:
    shown = serving.introduction
    assert f'endpoint_url="{serving.url}"' in shown
    assert f"--endpoint-url {serving.url}" in shown
    assert f"BEDROCK_AGENTCORE_DP_ENDPOINT={serving.url}" in shown
    assert f"AWS_ENDPOINT_URL={serving.url}" in shown
    assert "warning" not in shown


def test_each_request_is_one_line_of_the_log_without_secrets(
    start_serving: Callable[..., Serving],
) -> None:
    serving = start_serving()
    connection = raw(serving)
    headers = {"Authorization": "Bearer TOPSECRET", "X-Amz-Security-Token": "TOPSECRET"}
    connection.request(
        "POST", "/payments/createPaymentSession?X-Amz-Signature=TOPSECRET", headers=headers
    )
    connection.getresponse().read()
    connection.request(
        "POST",
        "/identities/CreatePaymentCredentialProvider",
        body=json.dumps(
            {"name": "p", "apiKeySecret": "TOPSECRET", "clientToken": str(uuid.uuid4())}
        ),
    )
    connection.getresponse().read()
    connection.request("GET", "/moto-api/data.json%0Aforged?token=TOPSECRET")
    connection.getresponse().read()
    connection.close()
    assert serving.stop() == 0
    lines = serving.logged().splitlines()
    assert len(lines) == 3
    pattern = r"\d\d:\d\d:\d\d (GET|POST) /\S+ \d{3}( \w+)? \d+\.\d ms"
    assert all(re.fullmatch(pattern, line) for line in lines), lines
    assert "TOPSECRET" not in serving.logged()


def test_quiet_logs_nothing(start_serving: Callable[..., Serving]) -> None:
    serving = start_serving("--quiet")
    make_manager(serving)
    assert serving.stop() == 0
    assert serving.logged() == ""


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_it_with_status_0(
    start_serving: Callable[..., Serving], by: signal.Signals
) -> None:
    serving = start_serving()
    connection = raw(serving)
    connection.request("GET", "/moto-api/data.json")
    connection.getresponse().read()  # and the connection stays open
    assert serving.stop(by) == 0
    assert "Traceback" not in serving.logged()
    connection.close()


def run_serve(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "boto3_agentcore_payments", "serve", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        **options,
    )


def test_a_port_in_use_is_one_clear_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        ran = run_serve("--port", port)
    assert ran.returncode == 1
    assert ran.stderr == (
        f"agentcore-payments serve: cannot listen on 127.0.0.1 port {port}: "
        "Address already in use\n"
    )


@pytest.mark.parametrize("port", ["http", "-1", "65536", ""])
def test_an_unknown_port_is_one_clear_line(port: str) -> None:
    ran = run_serve(f"--port={port}")
    assert ran.returncode == 2
    assert ran.stderr == (
        f"agentcore-payments serve: argument --port: {port!r} is not a port number (0 to 65535); "
        "see agentcore-payments serve --help\n"
    )


@pytest.mark.parametrize("host", ["nowhere.invalid", "x" * 70])
def test_an_unknown_host_is_one_clear_line(host: str) -> None:
    ran = run_serve("--host", host)
    assert ran.returncode == 1
    assert ran.stderr.startswith(f"agentcore-payments serve: cannot listen on {host} port 5005")
    assert ran.stderr.count("\n") == 1


def test_no_host_is_one_clear_line() -> None:
    ran = run_serve("--host", "")
    assert ran.returncode == 2
    assert ran.stderr == (
        "agentcore-payments serve: argument --host: a name or an address is needed; 0.0.0.0 is "
        "every address of this machine; see agentcore-payments serve --help\n"
    )


@pytest.mark.parametrize(
    ("option", "text", "message"),
    [
        (
            "--public-url",
            "https://payments.test/TOPSECRET?token=TOPSECRET",
            "http://NAME[:PORT] or https://NAME[:PORT] is needed, with no path, query or user",
        ),
        (
            "--public-url",
            "https://user:TOPSECRET@payments.test",
            "http://NAME[:PORT] or https://NAME[:PORT] is needed, with no path, query or user",
        ),
        (
            "--allow-origin",
            "localhost:3000",
            "an origin is needed, as browsers write it: http://NAME[:PORT] with no slash after",
        ),
        (
            "--allow-origin",
            "*",
            "an origin is needed, as browsers write it: http://NAME[:PORT] with no slash after",
        ),
        (
            "--allow-host",
            "payments:5005",
            "a name or an address is needed, without a port; *.NAME for its subdomains",
        ),
        (
            "--allow-host",
            "*",
            "a name or an address is needed, without a port; *.NAME for its subdomains",
        ),
    ],
)
def test_a_malformed_option_is_one_clear_line_without_its_value(
    option: str, text: str, message: str
) -> None:
    ran = run_serve(option, text)
    assert ran.returncode == 2
    assert ran.stderr == (
        f"agentcore-payments serve: argument {option}: {message}; "
        "see agentcore-payments serve --help\n"
    )


@pytest.mark.parametrize("module", ["moto", "waitress", "flask"])
def test_a_missing_extra_is_one_clear_line(module: str) -> None:
    code = (
        f"import sys; sys.modules[{module!r}] = None\n"
        "from boto3_agentcore_payments.cli import main\n"
        "sys.exit(main(['serve', '--port', '0']))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert "pip install 'boto3-agentcore-payments[emulator]'" in ran.stderr
    assert ran.stderr.count("\n") == 1, ran.stderr


def test_flask_is_not_imported_before_a_request_that_needs_it() -> None:
    code = """
import io, sys
from boto3_agentcore_payments.cli.web import application, guard

answering = application.create(guard.Guard("127.0.0.1"))

def ask(method, path, body, authorization=""):
    answered = []
    environ = {
        "REQUEST_METHOD": method, "PATH_INFO": path, "RAW_URI": path, "QUERY_STRING": "",
        "HTTP_HOST": "127.0.0.1", "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "80",
        "HTTP_AUTHORIZATION": authorization, "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body), "wsgi.url_scheme": "http",
    }
    b"".join(answering(environ, lambda status, headers, *_: answered.append(status)))
    return answered[0]

print(ask("POST", "/payments/managers-list", b"{}"), "flask" in sys.modules)
signed = "AWS4-HMAC-SHA256 Credential=k/20261128/us-east-1/sts/aws4_request"
identity = b"Action=GetCallerIdentity&Version=2011-06-15"
print(ask("POST", "/", identity, signed), "flask" in sys.modules)
"""
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120
    )
    assert ended.stdout.splitlines() == ["200 OK False", "200 OK True"]


def test_listening_for_other_machines_is_warned_of(start_serving: Callable[..., Serving]) -> None:
    from boto3_agentcore_payments.cli import serve

    assert "can be reached from other machines" in serve.introduction("http://x", "192.0.2.1")
    assert "can be reached" not in serve.introduction("http://x", "localhost")
    assert "can be reached" not in serve.introduction("http://x", "::1")


def control(serving: Serving, verb: str, **arguments: Any) -> None:
    connection = raw(serving)
    path = f"/moto-api/agentcore-payments/{verb}"
    connection.request("POST", path, json.dumps({"region": "us-west-2", **arguments}))
    answer = connection.getresponse()
    assert answer.status == 200, answer.read()
    connection.close()


def test_a_dropped_connection_is_closed_without_an_answer(serving: Serving) -> None:
    arn = make_manager(serving)
    control(serving, "inject-fault", operation="CreatePaymentSession", drop_after=True, times=2)
    once = Config(retries={"total_max_attempts": 1})
    payments = client(serving, "bedrock-agentcore-payments", config=once)
    wanted = {"paymentManagerArn": arn, "userId": "dropped", "expiryTimeInMinutes": 60}
    with pytest.raises(ConnectionClosedError):
        payments.create_payment_session(**wanted)
    # botocore's own retry, with the same client token, gets the session that was made.
    client(serving, "bedrock-agentcore-payments").create_payment_session(**wanted)
    listed = payments.list_payment_sessions(paymentManagerArn=arn, userId="dropped")
    assert len(listed["paymentSessions"]) == 2


def test_many_threads_lose_no_request(serving: Serving) -> None:
    arn = make_manager(serving)
    made: list[str] = []

    def work() -> None:
        payments = client(serving, "bedrock-agentcore-payments")
        for _ in range(10):
            answer = payments.create_payment_session(
                paymentManagerArn=arn, userId="many", expiryTimeInMinutes=60
            )
            made.append(answer["paymentSession"]["paymentSessionId"])

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    pages = client(serving, "bedrock-agentcore-payments").get_paginator("list_payment_sessions")
    listed = [
        session["paymentSessionId"]
        for page in pages.paginate(paymentManagerArn=arn, userId="many", maxResults=7)
        for session in page["paymentSessions"]
    ]
    assert len(made) == 80
    assert sorted(made) == sorted(listed)


def test_the_example_runs(serving: Serving, environment: dict[str, str]) -> None:
    example = Path(__file__).parent.parent.parent / "examples" / "sessions.py"
    ran = subprocess.run(
        [sys.executable, str(example)],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ": 5.00 USD left" in ran.stdout
    assert "MaxSpendAmount value must not exceed 10000. Received: 10000.01" in ran.stdout
