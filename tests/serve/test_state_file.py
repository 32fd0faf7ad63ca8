"""``serve --state``: what was acknowledged is there again after the process was killed."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from boto3_agentcore_payments.cli.web.state_database import StateDatabase
from boto3_agentcore_payments.cli.web.state_file import StateFile
from boto3_agentcore_payments.errors import CommandError
from tests.serve.running_server import REGION, Serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COMMAND = (sys.executable, "-m", "boto3_agentcore_payments")
PAYEE = "0x209693Bc6afc0C5328bA36FaF03C514EF312287C"
KEYS = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "state.db"


@contextmanager
def serving(*arguments: str) -> Iterator[Serving]:
    server = Serving("--quiet", *arguments)
    try:
        yield server
    finally:
        server.process.kill()
        server.process.wait(10)
        for stream in (server.process.stdout, server.process.stderr):
            assert stream
            stream.close()


def client(server: Serving, plane: str = "") -> Any:
    return boto3.client(
        f"bedrock-agentcore-payments{plane}",
        endpoint_url=server.url,
        region_name=REGION,
        config=Config(retries={"total_max_attempts": 1}),
        **KEYS,
    )


def verb(server: Serving, name: str, /, **arguments: Any) -> Any:
    body = json.dumps({"region": REGION, **arguments})
    status, _, content = server.ask("POST", f"/moto-api/agentcore-payments/{name}", body)
    assert status == 200, content
    return json.loads(content)["result"]


class Paying:
    """A manager, a wallet and a session on a server."""

    def __init__(self, server: Serving, limit: str = "5.00") -> None:
        control, data = client(server, "-control"), client(server)
        manager = control.create_payment_manager(
            name="shop", authorizerType="AWS_IAM", roleArn="arn:aws:iam::123456789012:role/payments"
        )
        self.manager_id = manager["paymentManagerId"]
        self.arn = manager["paymentManagerArn"]
        vault = f"arn:aws:acps:{REGION}:123456789012:token-vault/default"
        provider = f"{vault}/paymentcredentialprovider/vault"
        self.connector = control.create_payment_connector(
            paymentManagerId=self.manager_id,
            name="coins",
            type="CoinbaseCDP",
            credentialProviderConfigurations=[{"coinbaseCDP": {"credentialProviderArn": provider}}],
        )["paymentConnectorId"]
        control.get_payment_connector(
            paymentManagerId=self.manager_id, paymentConnectorId=self.connector
        )
        linked = [{"email": {"emailAddress": "alice@example.com"}}]
        wallet = {"embeddedCryptoWallet": {"network": "ETHEREUM", "linkedAccounts": linked}}
        self.instrument = data.create_payment_instrument(
            paymentManagerArn=self.arn,
            paymentConnectorId=self.connector,
            userId="alice",
            paymentInstrumentType="EMBEDDED_CRYPTO_WALLET",
            paymentInstrumentDetails=wallet,
        )["paymentInstrument"]["paymentInstrumentId"]
        self.session = data.create_payment_session(
            paymentManagerArn=self.arn,
            userId="alice",
            expiryTimeInMinutes=60,
            limits={"maxSpendAmount": {"value": limit, "currency": "USD"}},
        )["paymentSession"]["paymentSessionId"]

    def pay(self, server: Serving, token: str, amount: int = 10_000) -> Any:
        return pay(client(server), self, token, amount)

    def left(self, server: Serving) -> str:
        session = client(server).get_payment_session(
            paymentManagerArn=self.arn, paymentSessionId=self.session, userId="alice"
        )["paymentSession"]
        text: str = session["availableLimits"]["availableSpendAmount"]["value"]
        return text


def pay(data: Any, paying: Paying, token: str, amount: int = 10_000) -> Any:
    requirements = {
        "scheme": "exact",
        "network": "eip155:84532",
        "amount": str(amount),
        "asset": "0x036CbD53842c5426634e7929541eC2318f3dCF7e",
        "payTo": PAYEE,
        "maxTimeoutSeconds": 60,
        "extra": {"name": "USDC", "version": "2"},
    }
    return data.process_payment(
        paymentManagerArn=paying.arn,
        paymentSessionId=paying.session,
        paymentInstrumentId=paying.instrument,
        userId="alice",
        agentName="shopper",
        paymentType="CRYPTO_X402",
        paymentInput={"cryptoX402": {"version": "2", "payload": requirements}},
        clientToken=token,
    )


def token(number: int) -> str:
    return f"client-token-{number:024d}"


def test_everything_is_there_again_after_a_kill(file: Path) -> None:
    with serving("--state", str(file)) as server:
        paying = Paying(server)
        first = paying.pay(server, token(1))
        second = paying.pay(server, token(2))
        verb(server, "fund-wallet", wallet=paying.instrument, amount=1_000_000)
        verb(server, "settle", reference=second["processPaymentId"])
        verb(server, "fund-wallet", wallet=PAYEE, amount=0, chain="BASE_SEPOLIA")
        verb(server, "settle", reference=first["processPaymentId"])
        verb(server, "inject-fault", operation="ListPaymentManagers", error="ThrottlingException")
        second_page = client(server).list_payment_sessions(
            paymentManagerArn=paying.arn, userId="alice", maxResults=1
        )
        attempts = verb(server, "attempts")
        payments = verb(server, "payments")
        left = paying.left(server)
    with serving("--state", str(file)) as server:
        assert paying.left(server) == left
        assert verb(server, "balance", wallet=paying.instrument) == 980_000
        assert verb(server, "balance", wallet=PAYEE, chain="BASE_SEPOLIA") == 20_000
        assert verb(server, "payments") == payments
        assert verb(server, "attempts") == attempts
        again = paying.pay(server, token(1))
        assert again["paymentOutput"] == first["paymentOutput"]
        assert paying.left(server) == left
        assert "nextToken" not in second_page
        with pytest.raises(ClientError, match="Rate exceeded"):
            client(server, "-control").list_payment_managers()
        assert len(client(server, "-control").list_payment_managers()["paymentManagers"]) == 1
        status, _, body = server.ask(
            "POST",
            "/moto-api/agentcore-payments/settle",
            json.dumps({"region": REGION, "reference": first["processPaymentId"]}),
        )
        assert (status, json.loads(body)["error"]) == (409, "already_settled")


def test_what_holds_for_the_account_is_there_again_after_a_kill(file: Path) -> None:
    with serving("--state", str(file), "--new-account") as server:
        verb(server, "subscribe")
        verb(server, "set-role-checked", checked=False)
        paying = Paying(server)
        verb(server, "set-delegated-signing", enabled=True)
        verb(server, "set-quota", quota="maxManagers", limit=7)
        verb(server, "add-policy", vendor="CoinbaseCDP", max_amount=20_000)
        grant = verb(server, "give-grant", instrument_id=paying.instrument, days=7)
        settings = verb(server, "account")
    with serving("--state", str(file)) as server:
        assert verb(server, "account") == settings
        assert settings["kind"] == "NEW"
        assert settings["quotas"] == {"maxManagers": 7}
        assert verb(server, "grant", instrument_id=paying.instrument) == grant
        # The account is the same in a region that was not used before.
        assert verb(server, "account", region="eu-central-1") == settings
        paying.pay(server, token(1), 20_000)
        with pytest.raises(ClientError, match="AccessDeniedException"):
            paying.pay(server, token(2), 20_001)
        verb(server, "revoke-grant", instrument_id=paying.instrument)
    with serving("--state", str(file)) as server:
        assert verb(server, "grant", instrument_id=paying.instrument)["given"] is False


def test_the_keys_of_sellers_are_there_again_after_a_kill(file: Path) -> None:
    with serving("--state", str(file)) as server:
        issuer = {"issuer": "https://seller.example"}
        jwks = verb(server, "billing-keys")
        verb(server, "trust-seller-keys", jwks=jwks, **issuer)
    with serving("--state", str(file)):
        pass
    with closing(sqlite3.connect(file)) as database:
        found = "SELECT value FROM saved WHERE key = '[\"sellers\"]'"
        assert [["https://seller.example", jwks]] in [
            json.loads(value) for (value,) in database.execute(found)
        ]


def test_what_a_snapshot_brought_back_is_there_again_after_a_kill(file: Path) -> None:
    with serving("--state", str(file)) as server:
        paying = Paying(server)
        paying.pay(server, token(1))
        verb(server, "snapshot", name="paid")
        paying.pay(server, token(2))
        verb(server, "restore", name="paid")
        left, payments = paying.left(server), verb(server, "payments")
        assert (left, len(payments)) == ("4.99", 1)
    with serving("--state", str(file)) as server:
        assert paying.left(server) == left
        assert verb(server, "payments") == payments


def test_a_reset_empties_the_file_too(file: Path) -> None:
    with serving("--state", str(file)) as server:
        Paying(server)
        assert server.ask("POST", "/moto-api/reset")[0] == 200
    with serving("--state", str(file)) as server:
        assert client(server, "-control").list_payment_managers()["paymentManagers"] == []


def test_a_row_that_makes_no_state_is_refused_and_left_alone(file: Path) -> None:
    database = StateDatabase(file)
    database.read()
    database.open()
    database.write([], [("123456789012", "moon", '["manager", "m"]', "{}")])
    database.close()
    before = file.read_bytes()
    with pytest.raises(CommandError) as refused:
        StateFile(file)
    assert str(refused.value) == (
        f"{file} is damaged, or not a state file of agentcore-payments; it was left as it is"
    )
    assert file.read_bytes() == before


def test_a_file_that_cannot_be_used_is_one_line_and_status_1(file: Path) -> None:
    file.write_text("dear diary")
    ended = subprocess.run(
        [*COMMAND, "serve", "--port", "0", "--state", str(file)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == (
        f"agentcore-payments serve: {file} holds secrets and others may read or write it: "
        f"chmod 600 {file}\n"
    )


def test_a_second_process_is_refused(file: Path) -> None:
    with serving("--state", str(file)):
        ended = subprocess.run(
            [*COMMAND, "serve", "--port", "0", "--state", str(file)],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert ended.returncode == 1
    assert ended.stderr == f"agentcore-payments serve: {file} is in use by another process\n"


def test_the_file_is_its_owner_s_only(file: Path) -> None:
    with serving("--state", str(file)) as server:
        assert file.stat().st_mode & 0o777 == 0o600
        assert f"payments are kept in {file}" in server.introduction


def test_a_full_disk_is_an_error_that_the_next_request_makes_good(file: Path) -> None:
    # In its own process the file may not grow: that is how a full disk looks to SQLite.
    program = """
import sqlite3, sys
from pathlib import Path
from boto3_agentcore_payments.emulator import install
install()
from boto3_agentcore_payments.cli.web.state_file import StateFile
from boto3_agentcore_payments.emulator.backend.models import payments_backends
from boto3_agentcore_payments.emulator.control import PaymentsControl
path = Path(sys.argv[1])
file = StateFile(path)
control = PaymentsControl()
def limit(pages):
    file._database._database.execute(f"PRAGMA max_page_count = {pages}")
def fail():
    try:
        file.write(everything=True)
    except sqlite3.OperationalError as error:
        print(error)
limit(1)
for number in range(1000):
    control.set_balance(f"0x{number}", 5, chain="BASE")
fail()
payments_backends.reset()
for number in range(1000, 2000):
    control.set_balance(f"0x{number}", 6, chain="BASE")
fail()
limit(100000)
file.write()
file.close()
payments_backends.reset()
StateFile(path)
print([PaymentsControl().balance(each, chain="BASE") for each in ("0x999", "0x1999")])
"""
    ended = subprocess.run(
        [sys.executable, "-c", program, str(file)],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert ended.stdout == "database or disk is full\n" * 2 + "[0, 6]\n"
    assert ended.stderr.count("cannot be written: database or disk is full") == 1
