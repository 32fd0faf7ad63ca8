"""The page of serve, as HTTP: who gets it, what it may load, and what it asks for."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import time
import uuid
from typing import TYPE_CHECKING, Any

import pytest

from boto3_agentcore_payments.emulator.engine import errors, operations
from boto3_agentcore_payments.testing import secrets
from tests.serve.test_state_file import Paying, client, token

if TYPE_CHECKING:
    from tests.serve.running_server import Serving

BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def overview(serving: Serving) -> Any:
    status, _, body = serving.ask("GET", "/moto-api/agentcore-payments/overview")
    assert status == 200
    return json.loads(body)["result"]


@pytest.mark.parametrize("path", ["/", "/agentcore-payments", "/agentcore-payments/"])
def test_a_browser_gets_the_page(serving: Serving, path: str) -> None:
    status, headers, body = serving.ask("GET", path, **BROWSER)
    assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert b"<title>AgentCore payments</title>" in body


def test_other_clients_get_s3_s_list_of_buckets(serving: Serving) -> None:
    status, headers, body = serving.ask("GET", "/")
    assert (status, headers["content-type"].partition(";")[0]) == (200, "application/xml")
    assert b"ListAllMyBucketsResult" in body


def test_head_has_no_body(serving: Serving) -> None:
    status, headers, body = serving.ask("HEAD", "/agentcore-payments/")
    assert (status, body) == (200, b"")
    assert int(headers["content-length"]) > 1000


def digests(text: str, tag: str) -> list[str]:
    contents = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
    return [
        f"'sha256-{base64.b64encode(hashlib.sha256(each.encode()).digest()).decode()}'"
        for each in contents
    ]


def test_the_page_loads_nothing_and_runs_its_own_scripts_only(serving: Serving) -> None:
    _, headers, body = serving.ask("GET", "/agentcore-payments/")
    text = body.decode()
    assert not re.search(r"""(src|href)=["'](?!data:)|https?://\w|@import|url\(""", text)
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert policy.pop("script-src").split() == digests(text, "script") != []
    assert policy.pop("style-src").split() == digests(text, "style") != []
    assert policy == {
        "default-src": "'none'",
        "connect-src": "'self'",
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
        "require-trusted-types-for": "'script'",
        "trusted-types": "'none'",
    }
    assert "innerHTML" not in text
    assert headers["x-frame-options"] == "DENY"


def test_faults_can_be_planned_for_every_operation_and_with_every_error(serving: Serving) -> None:
    _, _, body = serving.ask("GET", "/agentcore-payments/")
    (names,) = re.findall(r'id="names">(.*?)</script>', body.decode())
    assert json.loads(names) == {
        "operations": sorted(operations.OPERATIONS),
        "errors": sorted(errors.subclasses_by_code()),
    }


def test_a_link_of_another_site_may_lead_to_the_page_and_a_frame_may_not(serving: Serving) -> None:
    foreign = {"sec_fetch_site": "cross-site", "sec_fetch_mode": "navigate"}
    link = {**foreign, "sec_fetch_dest": "document"}
    assert serving.ask("GET", "/agentcore-payments/", **link)[0] == 200
    frame = {**foreign, "sec_fetch_dest": "iframe"}
    assert serving.ask("GET", "/agentcore-payments/", **frame)[0] == 403
    assert serving.ask("GET", "/moto-api/agentcore-payments/overview", **link)[0] == 403


def test_the_introduction_names_it(serving: Serving) -> None:
    assert f"page:       {serving.url}/agentcore-payments/" in serving.introduction


def test_the_overview_tells_what_was_paid_to_whom_and_what_remains(serving: Serving) -> None:
    paying = Paying(serving, "0.50")
    paying.pay(serving, uuid.uuid4().hex * 2, 250_000)
    found = overview(serving)
    (attempt,) = (each for each in found["attempts"] if each["session_id"] == paying.session)
    assert (attempt["user"], attempt["agent"], attempt["amount"], attempt["outcome"]) == (
        "alice",
        "shopper",
        "0.25",
        "signed",
    )
    (session,) = (each for each in found["sessions"] if each["id"] == paying.session)
    assert (session["limit"], session["spent"], session["left"]) == ("0.50", "0.25", "0.25")


def test_the_overview_masks_secrets_and_linked_accounts(serving: Serving) -> None:
    Paying(serving)
    key, wallet = secrets.coinbase_api_key_secret(), secrets.coinbase_wallet_secret()
    client(serving, "-control").create_payment_credential_provider(
        name=f"vault-{token(1)[-3:]}",
        credentialProviderVendor="CoinbaseCDP",
        providerConfigurationInput={
            "coinbaseCdpConfiguration": {
                "apiKeyId": "key-id",
                "apiKeySecret": key,
                "walletSecret": wallet,
            }
        },
    )
    text = json.dumps(overview(serving))
    assert key not in text
    assert wallet not in text
    assert "alice@example.com" not in text
    assert '"********"' in text


def test_looks_of_an_open_page_do_not_fill_the_log(serving: Serving) -> None:
    overview(serving)
    serving.ask("GET", "/moto-api/agentcore-payments/balance")
    for _ in range(100):
        if "/balance 400" in serving.logged():
            break
        time.sleep(0.05)
    assert "/moto-api/agentcore-payments/balance 400 BadRequest" in serving.logged()
    assert "GET /moto-api/agentcore-payments/overview 200" not in serving.logged()
