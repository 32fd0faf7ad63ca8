"""moto's servers: the ``moto_server`` program and ``ThreadedMotoServer``, over real sockets."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError
from moto.server import ThreadedMotoServer
from ready_shop import error_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

KEYS = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    moto = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    yield f"http://{host}:{port}"
    moto.stop()


@pytest.fixture
def world(server: str, world_at: Any) -> Any:
    requests.post(f"{server}/moto-api/reset", timeout=5)
    return world_at(endpoint_url=server, **KEYS)


def _control(server: str, verb: str, **arguments: Any) -> Any:
    url = f"{server}/moto-api/agentcore-payments/{verb}"
    answer = requests.post(url, json={"region": "us-west-2", **arguments}, timeout=5)
    assert answer.status_code == 200, answer.text
    return answer.json()["result"]


def test_life_of_a_session(world: Any) -> None:
    arn = world.manager()
    session = world.session(arn)
    found = world.data.get_payment_session(
        paymentManagerArn=arn, userId="alice", paymentSessionId=session
    )["paymentSession"]
    assert found["availableLimits"]["availableSpendAmount"] == {"value": "5", "currency": "USD"}
    world.data.delete_payment_session(
        paymentManagerArn=arn, userId="alice", paymentSessionId=session
    )
    with pytest.raises(ClientError) as caught:
        world.data.get_payment_session(
            paymentManagerArn=arn, userId="alice", paymentSessionId=session
        )
    problem = f"Payment session not found: {session}"
    assert error_of(caught.value) == ("ResourceNotFoundException", problem, 404)
    world.control.delete_payment_manager(paymentManagerId=arn.rpartition("/")[2])


def test_line_break_in_a_path_is_refused_by_the_model(server: str, world_at: Any) -> None:
    lax = world_at(endpoint_url=server, config=Config(parameter_validation=False), **KEYS)
    with pytest.raises(ClientError) as caught:
        lax.control.get_payment_manager(paymentManagerId="shop-abcdefghij\n")
    code, message, status = error_of(caught.value)
    assert (code, status) == ("ValidationException", 400)
    assert message.startswith("1 value is not valid: paymentManagerId must match the pattern ")
    assert caught.value.response["fieldList"][0]["name"] == "paymentManagerId"


def test_region_is_the_signatures(server: str, world: Any, world_at: Any) -> None:
    assert world.manager().split(":")[3] == "us-west-2"
    elsewhere = world_at("eu-central-1", endpoint_url=server, **KEYS)
    assert elsewhere.control.list_payment_managers()["paymentManagers"] == []


def test_payment_is_made_and_settled(server: str, world: Any) -> None:
    arn = world.manager()
    instrument = world.instrument(arn, world.connector(arn))
    payment = world.pay(arn, world.session(arn), instrument)["processPaymentId"]
    _control(server, "fund-wallet", wallet=instrument, amount=10_000)
    assert _control(server, "settle", reference=payment)["status"] == "SETTLED"
    ledger = requests.get(
        f"{server}/moto-api/agentcore-payments/payments?region=us-west-2", timeout=5
    ).json()["result"]
    assert [entry["process_payment_id"] for entry in ledger] == [payment]


def test_bearer_request_reaches_its_manager(
    world: Any, with_bearer: Any, unsigned_token: Callable[..., str]
) -> None:
    arn = world.jwt_manager()
    with_bearer(world.data, unsigned_token(sub="bob"))
    session = world.session(arn)
    listed = world.data.list_payment_sessions(paymentManagerArn=arn)["paymentSessions"]
    assert [(row["paymentSessionId"], row["userId"]) for row in listed] == [(session, "bob")]


def test_bearer_request_in_another_region(
    server: str, world: Any, world_at: Any, with_bearer: Any, unsigned_token: Callable[..., str]
) -> None:
    elsewhere = world_at("eu-central-1", endpoint_url=server, **KEYS)
    arn = elsewhere.jwt_manager()
    with_bearer(elsewhere.data, unsigned_token(sub="bob"))
    assert elsewhere.session(arn)


def test_expired_bearer_token_is_unauthorized(
    world: Any, with_bearer: Any, unsigned_token: Callable[..., str]
) -> None:
    arn = world.jwt_manager()
    with_bearer(world.data, unsigned_token(sub="bob", exp=time.time() - 1))
    with pytest.raises(ClientError) as caught:
        world.session(arn)
    problem = "The bearer token has expired"
    assert error_of(caught.value) == ("UnauthorizedException", problem, 401)


def test_bearer_request_for_another_path_is_still_s3(server: str) -> None:
    answer = requests.get(
        f"{server}/payments/object", headers={"Authorization": "Bearer a.b.c"}, timeout=5
    )
    assert answer.status_code == 404
    assert "NoSuchBucket" in answer.text


def test_bucket_named_payments_still_works(server: str, world: Any) -> None:
    s3 = world.client("s3", region_name="us-east-1", config=Config(s3={"addressing_style": "path"}))
    s3.create_bucket(Bucket="payments")
    s3.put_object(Bucket="payments", Key="managers", Body=b"mine")
    assert s3.get_object(Bucket="payments", Key="managers")["Body"].read() == b"mine"


def test_unsigned_request_is_answered(server: str, world: Any) -> None:
    arn = world.manager()
    answer = requests.post(
        f"{server}/payments/createPaymentSession",
        headers={"X-Amzn-Bedrock-AgentCore-Payments-User-Id": "alice"},
        json={"paymentManagerArn": arn, "expiryTimeInMinutes": 15},
        timeout=5,
    )
    assert answer.status_code == 201, answer.text
    assert answer.json()["paymentSession"]["paymentManagerArn"] == arn


def test_unsigned_malformed_request_is_a_validation_exception(server: str) -> None:
    answer = requests.post(f"{server}/payments/createPaymentSession", data="{", timeout=5)
    assert (answer.status_code, answer.headers["x-amzn-ErrorType"]) == (400, "ValidationException")
    assert answer.json()["message"] == "The request body is not valid JSON"


def test_dropped_connection_has_no_answer(server: str, world: Any) -> None:
    arn = world.manager()
    _control(server, "inject-fault", operation="CreatePaymentSession", drop_after=True)
    with pytest.raises(ConnectionClosedError):
        world.session(arn)
    listed = world.data.list_payment_sessions(paymentManagerArn=arn, userId="alice")
    assert len(listed["paymentSessions"]) == 1


def test_retry_after_a_dropped_connection_changes_once(
    server: str, world: Any, world_at: Any
) -> None:
    retrying = world_at(
        endpoint_url=server, config=Config(retries={"mode": "standard", "max_attempts": 3}), **KEYS
    )
    arn = world.manager()
    _control(server, "inject-fault", operation="CreatePaymentSession", drop_after=True)
    session = retrying.session(arn)
    listed = world.data.list_payment_sessions(paymentManagerArn=arn, userId="alice")
    assert [row["paymentSessionId"] for row in listed["paymentSessions"]] == [session]


def test_dashboard_page_and_data(server: str, world: Any) -> None:
    arn = world.manager()
    assert requests.get(f"{server}/moto-api/", timeout=5).status_code == 200
    data = requests.get(f"{server}/moto-api/data.json", timeout=5).json()
    assert [row["arn"] for row in data["agentcore-payments"]["PaymentManager"]] == [arn]


def test_account_header_is_respected(server: str, world: Any) -> None:
    answer = requests.post(
        f"{server}/payments/managers-list",
        headers={
            "x-moto-account-id": "111122223333",
            "Authorization": "AWS4-HMAC-SHA256 Credential=AKIA/20260101/us-west-2/"
            "bedrock-agentcore/aws4_request, SignedHeaders=host, Signature=0",
        },
        timeout=5,
    )
    world.manager()
    assert answer.json() == {"paymentManagers": []}


def test_recorded_requests_are_replayed(
    server: str, world: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from moto.moto_api import recorder

    monkeypatch.setattr(recorder, "_user_enabled", False)  # and so again at the end
    monkeypatch.setattr(recorder, "_location", str(tmp_path / "recording"))
    requests.post(f"{server}/moto-api/recorder/start-recording", timeout=5)
    world.manager("recorded")
    requests.post(f"{server}/moto-api/recorder/stop-recording", timeout=5)
    requests.post(f"{server}/moto-api/reset", timeout=5)
    requests.post(f"{server}/moto-api/recorder/replay-recording", timeout=5)
    managers = world.control.list_payment_managers()["paymentManagers"]
    assert [manager["name"] for manager in managers] == ["recorded"]


def test_permissions_are_enforced_when_asked_for(server: str, world: Any) -> None:
    before = requests.post(f"{server}/moto-api/reset-auth", data=b"0", timeout=5).json()
    try:
        with pytest.raises(ClientError) as caught:
            world.control.list_payment_managers()
    finally:
        previous = before["PREVIOUS_INITIAL_NO_AUTH_ACTION_COUNT"]
        requests.post(f"{server}/moto-api/reset-auth", data=previous.encode(), timeout=5)
    problem = "The security token included in the request is invalid."
    assert error_of(caught.value) == ("InvalidClientTokenId", problem, 403)


def test_mock_aws_in_server_mode_meets_the_server(server: str, tmp_path: Path) -> None:
    code = """
from moto import mock_aws
import boto3
with mock_aws():
    control = boto3.client("bedrock-agentcore-payments-control", region_name="eu-west-1")
    print(control.create_payment_manager(
        name="shop", authorizerType="AWS_IAM", roleArn="arn:aws:iam::123456789012:role/p"
    )["paymentManagerArn"])
"""
    environment = {
        "TEST_SERVER_MODE": "true",
        "TEST_SERVER_MODE_ENDPOINT": server,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "HOME": str(tmp_path),
    }
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.startswith("arn:aws:bedrock-agentcore:eu-west-1:123456789012:payment-mana")


def test_threads_spend_a_session_to_the_last_payment(
    server: str, world: Any, world_at: Any
) -> None:
    pool_of = Config(max_pool_connections=64, retries={"total_max_attempts": 1})
    many = world_at(endpoint_url=server, config=pool_of, **KEYS)
    arn = world.manager()
    instrument = world.instrument(arn, world.connector(arn))
    session = world.session(arn, limit="1.00")

    def pay(_: int) -> bool:
        try:
            many.pay(arn, session, instrument, 30_001)
        except many.data.exceptions.ValidationException:
            return False
        return True

    with ThreadPoolExecutor(64) as pool:
        assert sum(pool.map(pay, range(64))) == 33
    found = world.data.get_payment_session(
        paymentManagerArn=arn, userId="alice", paymentSessionId=session
    )["paymentSession"]
    assert found["availableLimits"]["availableSpendAmount"]["value"] == "0.009967"


def test_moto_server_program_serves_without_any_import(world_at: Any, tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    program = Path(sys.executable).with_name("moto_server")
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [str(program), "-p", str(port)], stdout=log, stderr=log, cwd=tmp_path
        )
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_for(url, process)
        world = world_at(endpoint_url=url, **KEYS)
        arn = world.manager()
        assert world.session(arn)
    finally:
        process.terminate()
        process.wait(10)


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(200):
        assert process.poll() is None
        try:
            requests.get(f"{url}/moto-api/data.json", timeout=5)
        except requests.ConnectionError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("moto_server did not start")


@pytest.mark.parametrize(
    "path",
    [
        "/payments/createPaymentSession/",
        "/payments/managers-list/",
        "/payments/noSuchOperation",
        "/identities/ListPaymentCredentialProviders/",
        "/identities/NoSuchOperation",
    ],
)
def test_a_path_that_is_no_operation_is_unknown_and_no_failure(server: str, path: str) -> None:
    scope = "testing/20260101/us-west-2/bedrock-agentcore/aws4_request"
    signed = {"Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, Signature=0"}
    answer = requests.post(f"{server}{path}", data="{}", headers=signed, timeout=5)
    assert (answer.status_code, answer.headers["x-amzn-ErrorType"]) == (
        404,
        "UnknownOperationException",
    )
    assert answer.json() == {"message": "No operation has this method and path"}
