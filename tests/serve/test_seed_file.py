"""``serve --seed-file``: a known start, which a reset returns to."""

from __future__ import annotations

import http.client
import json
import re
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.serve.running_server import Serving

START = {
    "managers": [
        {
            "name": "shop",
            "connectors": [{"name": "coins", "wallets": [{"user": "alice", "funds": "5.25"}]}],
            "sessions": [{"user": "alice", "minutes": 30, "limit": "2.00"}],
        }
    ]
}
SHOP = {"merchants": [{"kind": "x402_merchant", "price": "0.02"}]}
YAML = """\
managers:
  - name: shop
    connectors: [{name: coins, wallets: [{user: alice, funds: "5.25"}]}]
    sessions: [{user: alice, minutes: 30, limit: "2.00"}]
"""


def verb(server: Serving, name: str, /, **arguments: Any) -> Any:
    body = json.dumps(arguments)
    status, _, content = server.ask("POST", f"/moto-api/agentcore-payments/{name}", body)
    assert status == 200, content
    return json.loads(content)["result"]


@pytest.mark.parametrize(("name", "text"), [("s.json", json.dumps(START)), ("s.yaml", YAML)])
def test_it_is_there_at_the_start_and_after_a_reset(
    start_serving: Callable[..., Serving], tmp_path: Path, name: str, text: str
) -> None:
    (tmp_path / name).write_text(text)
    server = start_serving("--quiet", "--seed-file", str(tmp_path / name))
    for _ in range(2):
        found = verb(server, "overview")
        assert [len(found[each]) for each in ("managers", "wallets", "sessions")] == [1, 1, 1]
        wallet = found["wallets"][0]["id"]
        assert verb(server, "balance", wallet=wallet) == 5_250_000
        verb(server, "set-balance", wallet=wallet, amount=0)
        assert server.ask("POST", "/moto-api/reset")[0] == 200


@pytest.mark.skipif(sys.version_info < (3, 10), reason="the x402 library takes Python 3.10")
def test_a_state_file_keeps_the_start_and_goes_on(
    start_serving: Callable[..., Serving], tmp_path: Path
) -> None:
    (tmp_path / "start.json").write_text(json.dumps({**START, **SHOP}))
    options = ("--seed-file", str(tmp_path / "start.json"), "--state", str(tmp_path / "state.db"))
    server = start_serving("--quiet", *options)
    (manager,) = verb(server, "overview")["managers"]
    (wallet,) = verb(server, "overview")["wallets"]
    verb(server, "set-balance", wallet=wallet["id"], amount=7)
    assert merchant_status(server) == 402
    server.stop(signal.SIGKILL)

    server = start_serving("--quiet", *options)
    assert [each["id"] for each in verb(server, "overview")["managers"]] == [manager["id"]]
    assert verb(server, "balance", wallet=wallet["id"]) == 7
    assert merchant_status(server) == 402  # a merchant is open again, at another port
    assert server.ask("POST", "/moto-api/reset")[0] == 200
    (again,) = verb(server, "overview")["wallets"]
    assert again["id"] != wallet["id"]
    server.stop(signal.SIGKILL)

    server = start_serving("--quiet", "--state", str(tmp_path / "state.db"))
    assert verb(server, "balance", wallet=again["id"]) == 5_250_000
    # What was deleted stays deleted: the start is made in a new file only.
    assert server.ask("POST", "/moto-api/reset")[0] == 200
    server.stop(signal.SIGKILL)
    server = start_serving("--quiet", *options)
    assert verb(server, "overview")["managers"] == []


def merchant_status(server: Serving) -> int:
    """Return how the merchant that the introduction names answers who has not paid."""
    (url,) = re.findall(r"merchant: +(http://\S+) \(x402_merchant\)", server.introduction)
    connection = http.client.HTTPConnection(*urlsplit(url).netloc.split(":"), timeout=10)
    connection.request("GET", urlsplit(url).path)
    try:
        return connection.getresponse().status
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is not JSON"),
        ('{"merchant": []}', "merchant: unknown key 'merchant'; one of managers, merchants"),
        ('{"managers": [{"nam": "x"}]}', "managers[0].nam: unknown key 'nam'; one of name"),
        ('{"managers": [{}]}', "managers[0]: key 'name' is missing"),
    ],
)
def test_a_wrong_file_is_refused_in_one_line(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "start.json"
    file.write_text(text)
    command = (sys.executable, "-m", "boto3_agentcore_payments", "serve", "--port", "0")
    ran = subprocess.run(
        [*command, "--seed-file", str(file)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 1
    assert message in ran.stderr
    assert len(ran.stderr.splitlines()) == 1
