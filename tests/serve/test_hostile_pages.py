"""A web page of another origin gets nothing from a running server and changes nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from tests.serve.test_state_file import Paying, client

if TYPE_CHECKING:
    from collections.abc import Callable

    from running_server import Serving

EVIL = "https://evil.example"
FRIEND = "http://localhost:3000"
SECRET = "privy-app-secret-of-the-developer"
STS = (
    "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/sts/aws4_request, "
    "SignedHeaders=host, Signature=0"
)
TARGETS = [
    ("POST", "/identities/payment/token"),
    ("POST", "/payments/managers-list"),
    ("POST", "/moto-api/agentcore-payments/fund-wallet"),
    ("POST", "/moto-api/agentcore-payments/trust-keys"),
    ("GET", "/moto-api/agentcore-payments/payments"),
    ("POST", "/moto-api/reset"),
    ("GET", "/moto-api/data.json"),
    ("GET", "/moto-api/"),
    ("GET", "/bucket/key"),
    ("PUT", "/bucket"),
    ("GET", "/latest/meta-data/iam/security-credentials/"),
]
"""The AWS operations, the control surface, moto's own surface, and other services."""

FROM_A_PAGE: dict[str, dict[str, str]] = {
    "simple request": {"origin": EVIL, "content_type": "text/plain"},
    "sandboxed frame": {"origin": "null", "content_type": "text/plain"},
    "another local port": {"origin": FRIEND, "sec_fetch_site": "same-site"},
    "image": {"sec_fetch_site": "cross-site", "sec_fetch_mode": "no-cors"},
    "rebound name": {"host": "evil.example:5005", "origin": "http://evil.example:5005"},
    "rebound name, no origin": {"host": "evil.example", "sec_fetch_site": "same-origin"},
}


def refusal(answer: tuple[int, dict[str, str], bytes]) -> tuple[int, str]:
    status, headers, body = answer
    assert not [name for name in headers if name.startswith("access-control-")]
    document = json.loads(body)
    assert document["__type"] == headers["x-amzn-errortype"]
    return status, document["__type"]


@pytest.mark.parametrize("headers", FROM_A_PAGE.values(), ids=FROM_A_PAGE)
@pytest.mark.parametrize(("method", "path"), TARGETS)
def test_no_page_is_answered(
    serving: Serving, method: str, path: str, headers: dict[str, str]
) -> None:
    assert refusal(serving.ask(method, path, "{}", **headers)) == (403, "AccessDeniedException")


@pytest.mark.parametrize(("method", "path"), TARGETS)
def test_no_preflight_is_answered(serving: Serving, method: str, path: str) -> None:
    answer = serving.ask(
        "OPTIONS",
        path,
        origin=EVIL,
        access_control_request_method=method,
        access_control_request_headers="content-type, authorization",
        access_control_request_private_network="true",
    )
    assert refusal(answer) == (403, "AccessDeniedException")


def test_a_signed_request_of_a_page_is_refused(serving: Serving) -> None:
    answer = serving.ask("POST", "/", "Action=GetCallerIdentity", origin=EVIL, authorization=STS)
    assert refusal(answer) == (403, "AccessDeniedException")


def test_requests_from_a_hostile_page_change_nothing(start_serving: Callable[..., Serving]) -> None:
    serving = start_serving()
    options: Any = {"region_name": "us-west-2", "endpoint_url": serving.url}
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    queues = boto3.client("sqs", **options, **keys)
    queues.create_queue(QueueName="kept")
    for headers in FROM_A_PAGE.values():
        serving.ask("POST", "/moto-api/reset", **headers)
        serving.ask("POST", "/", "Action=DeleteQueue&QueueUrl=kept", **headers)
    assert queues.list_queues()["QueueUrls"] == [f"{serving.url}/123456789012/kept"]
    faults = "/moto-api/agentcore-payments/inject-fault"
    for headers in FROM_A_PAGE.values():
        serving.ask("POST", faults, '{"error": "ThrottlingException", "times": null}', **headers)
    assert serving.ask("POST", "/payments/managers-list", "{}")[0] == 200


def test_moto_s_own_answers_let_no_page_read_them(serving: Serving) -> None:
    for path in ("/moto-api/data.json", "/", "/bucket"):
        _, headers, _ = serving.ask("GET", path)
        assert "access-control-allow-origin" not in headers
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert headers["x-frame-options"] == "DENY"


def test_its_own_page_reads_and_acts(serving: Serving) -> None:
    own = {"origin": serving.url, "sec_fetch_site": "same-origin"}
    assert serving.ask("POST", "/payments/managers-list", "{}", **own)[0] == 200
    assert serving.ask("GET", "/moto-api/data.json", sec_fetch_site="same-origin")[0] == 200


def test_a_link_on_another_site_opens_moto_s_page(serving: Serving) -> None:
    link = {"sec_fetch_site": "cross-site", "sec_fetch_mode": "navigate"}
    assert serving.ask("GET", "/moto-api/", sec_fetch_dest="document", **link)[0] == 200
    framed = serving.ask("GET", "/moto-api/", sec_fetch_dest="iframe", **link)
    assert refusal(framed) == (403, "AccessDeniedException")


@pytest.fixture(scope="module")
def friendly(start_serving: Callable[..., Serving]) -> Serving:
    """A server that was told of other names and origins."""
    return start_serving(
        "--allow-origin",
        FRIEND,
        "--allow-host",
        "payments",
        "--public-url",
        "https://payments.test:8443",
    )


def test_an_allowed_origin_reads_payments_and_moto(friendly: Serving) -> None:
    for method, path in (("POST", "/payments/managers-list"), ("GET", "/moto-api/data.json")):
        page = {"origin": FRIEND, "sec_fetch_site": "cross-site"}
        status, headers, _ = friendly.ask(method, path, "{}", **page)
        assert (status, headers["access-control-allow-origin"]) == (200, FRIEND)
        assert headers["access-control-expose-headers"] == "*"
        assert headers["vary"] == "Origin"


def test_the_preflight_of_an_allowed_origin_is_answered(friendly: Serving) -> None:
    status, headers, body = friendly.ask(
        "OPTIONS",
        "/payments/managers-list",
        origin=FRIEND,
        access_control_request_method="POST",
        access_control_request_headers="authorization, content-type",
        access_control_request_private_network="true",
    )
    assert (status, body) == (204, b"")
    granted = {
        name.rpartition("allow-")[2]: value for name, value in headers.items() if "allow-" in name
    }
    assert granted == {
        "origin": FRIEND,
        "methods": "POST",
        "headers": "authorization, content-type",
        "private-network": "true",
    }


def test_another_origin_is_refused_all_the_same(friendly: Serving) -> None:
    answer = friendly.ask("POST", "/payments/managers-list", "{}", origin=EVIL)
    assert refusal(answer) == (403, "AccessDeniedException")


@pytest.mark.parametrize("host", ["payments:5005", "payments.test:8443"])
def test_an_allowed_host_is_answered(friendly: Serving, host: str) -> None:
    assert friendly.ask("POST", "/payments/managers-list", "{}", host=host)[0] == 200


def test_the_public_url_is_printed(friendly: Serving) -> None:
    assert 'endpoint_url="https://payments.test:8443"' in friendly.introduction
    first, *others = friendly.introduction.splitlines()
    assert first == f"Listening at {friendly.url}"
    assert friendly.url not in "".join(others)


def test_links_lead_to_the_public_url_also_after_a_reset(friendly: Serving) -> None:
    public = "https://payments.test:8443"
    for _ in range(2):
        friendly.ask("POST", "/moto-api/reset")
        paying = Paying(friendly)
        wallet = client(friendly).get_payment_instrument(
            paymentManagerArn=paying.arn, paymentInstrumentId=paying.instrument, userId="alice"
        )["paymentInstrument"]["paymentInstrumentDetails"]["embeddedCryptoWallet"]
        assert wallet["redirectUrl"].startswith(f"{public}/agentcore-payments/wallet-hub/")
        path = wallet["redirectUrl"][len(public) :]
        assert friendly.ask("GET", path, host="payments.test:8443")[0] == 200
