"""``agentcore-payments pay`` against the emulator as a server and a merchant of x402's library.

The command runs in this process: what it prints and returns is what a shell gets.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import boto3
import pytest
from ready_shop import ClientShop

pytest.importorskip("x402", reason="x402 takes Python 3.10")

from boto3_agentcore_payments import merchants
from boto3_agentcore_payments.cli import main
from boto3_agentcore_payments.emulator.control import PaymentsControl

REGION = "us-west-2"
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def emulator():
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    yield "http://{}:{}".format(*server.get_host_and_port())
    server.stop()


@pytest.fixture(scope="module")
def article(emulator):
    """A merchant that sells an article for a cent."""
    with merchants.x402_merchant(price="0.01", region=REGION) as shop:
        yield shop


@pytest.fixture
def account(emulator, monkeypatch, tmp_path):
    """What a buyer has, in the environment: a manager, a funded wallet, a session of 3 cents."""
    for name in list(os.environ):
        if name.startswith(("AWS_", "AGENTCORE_PAYMENTS_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    made = ClientShop(REGION, endpoint_url=emulator)
    arn = made.manager(f"shop{os.urandom(4).hex()}")
    wallet = made.instrument(arn, made.connector(arn))
    PaymentsControl(region=REGION).fund_wallet(wallet, 10_000_000)
    given = {
        "MANAGER": arn,
        "INSTRUMENT": wallet,
        "USER": "alice",
        "SESSION": made.session(arn, limit="0.03"),
        "ENDPOINT_URL": emulator,
        "ALLOW_PRIVATE": "1",
    }
    for name, value in given.items():
        monkeypatch.setenv(f"AGENTCORE_PAYMENTS_{name}", value)
    return made, given


@pytest.fixture
def pay(account, capfdbinary):
    """Run the command; return status, standard output and the lines on standard error."""

    def run(*arguments: str) -> tuple[int, str, list[str]]:
        status = main(["pay", *arguments])
        printed = capfdbinary.readouterr()
        return status, printed.out.decode(), printed.err.decode().splitlines()

    return run


class Free(BaseHTTPRequestHandler):
    """Answer with the request that came; ``/endless`` is a byte, and no more until one leaves."""

    begun = threading.Event()

    def do_POST(self) -> None:
        if self.path == "/endless":
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"1")
            self.begun.set()
            self.connection.recv(1)
            return
        length = int(self.headers.get("Content-Length") or 0)
        asked = {
            "method": self.command,
            "type": self.headers.get("Content-Type"),
            "x": self.headers.get("X-Test"),
            "body": self.rfile.read(length).decode(),
        }
        body = json.dumps(asked).encode()
        self.send_response(404 if self.path == "/missing" else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_PUT = do_POST  # noqa: N815 (http.server's names)

    def log_message(self, *_: Any) -> None:
        """Drop the log line."""


@pytest.fixture(scope="module")
def free():
    with ThreadingHTTPServer(("127.0.0.1", 0), Free) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_body_is_on_standard_output_and_receipt_the_last_line_on_standard_error(pay, article):
    status, out, err = pay(article.url)
    assert (status, json.loads(out)) == (0, {"content": "The article you paid for."})
    assert err[0] == f"agentcore-payments pay: GET {article.url}"
    assert err[-1].startswith(f"0.01 USD to {article.pay_to} for GET {article.url} (x402 exact on ")
    assert "settled, payment " in err[-1]
    assert err[-1].endswith(tuple("0123456789abcdef"))


def test_receipt_as_json_has_the_members_of_a_receipt(pay, article):
    status, _, err = pay(article.url, "--json")
    receipt = json.loads(err[-1])
    assert status == 0
    assert (receipt["outcome"], receipt["http_status"]) == ("paid", 200)
    assert (receipt["amount"], receipt["pay_to"], receipt["settled"]) == (
        "0.01",
        article.pay_to,
        True,
    )
    assert (receipt["url"], receipt["user_id"]) == (article.url, "alice")


def test_with_a_file_standard_output_has_the_receipt(pay, article, tmp_path):
    file = tmp_path / "article.json"
    status, out, _ = pay(article.url, "--json", "-o", str(file))
    assert (status, json.loads(out)["amount"]) == (0, "0.01")
    assert json.loads(file.read_text()) == {"content": "The article you paid for."}
    assert file.stat().st_mode & 0o777 == 0o666 & ~_umask()


def test_refusal_leaves_a_file_as_it_was(pay, article, tmp_path):
    file = tmp_path / "article.json"
    file.write_text("earlier")
    assert pay(article.url, "--max-price", "0.001", "-o", str(file))[0] == 3
    assert file.read_text() == "earlier"
    assert [each.name for each in tmp_path.iterdir()] == ["article.json"]


def test_file_that_cannot_be_written_is_found_out_before_anything_is_paid(
    pay, article, account, tmp_path
):
    sold = len(article.sales)
    status, _, err = pay(article.url, "-o", str(tmp_path / "missing" / "file"))
    assert status == 1
    assert "No such file or directory" in err[-1]
    assert len(article.sales) == sold


def test_free_resource_is_status_0_without_a_receipt(pay, free):
    status, out, err = pay(free)
    assert (status, json.loads(out)["method"]) == (0, "GET")
    assert err[-1] == "free, HTTP 200"


def test_answer_of_400_or_more_is_status_1_with_its_body(pay, free):
    status, out, err = pay(f"{free}/missing", "--json")
    assert (status, json.loads(out)["method"]) == (1, "GET")
    assert json.loads(err[-1]) == {"outcome": "free", "http_status": 404}


def test_request_is_as_the_options_say(pay, free, tmp_path):
    file = tmp_path / "body"
    file.write_text("a=1\n")
    _, out, _ = pay(free, "-d", f"@{file}", "-H", "X-Test: yes")
    form = "application/x-www-form-urlencoded"
    assert json.loads(out) == {"method": "POST", "type": form, "x": "yes", "body": "a=1\n"}
    _, out, _ = pay(free, "-X", "PUT", "-d", "{}", "-H", "Content-Type: application/json")
    assert json.loads(out) == {"method": "PUT", "type": "application/json", "x": None, "body": "{}"}


def test_price_above_the_ceiling_is_status_3(pay, article):
    status, out, err = pay(article.url, "--max-price", "0.005")
    assert (status, out) == (3, "")
    assert "0.01 USD" in err[-1]
    assert "the price is above --max-price 0.005: " in err[-1]
    assert err[-1].endswith("; raise --max-price to pay")


def test_budget_that_is_used_up_is_status_3(pay, article):
    assert [pay(article.url)[0] for _ in range(4)] == [0, 0, 0, 3]


def test_refusal_as_json_has_the_error_and_the_quote(pay, article):
    status, out, err = pay(article.url, "--max-price", "0.005", "--json")
    said = json.loads(err[-1])
    assert (status, out) == (3, "")
    assert (said["outcome"], said["error"], said["receipt"]) == ("error", "OverCeiling", None)
    assert said["quote"]["amount"] == "0.01"


def test_lost_answer_is_status_4_and_the_same_command_goes_on_with_a_journal(
    pay, article, account, emulator, tmp_path
):
    control = PaymentsControl(region=REGION)
    journal = ("--journal", str(tmp_path / "journal"))
    control.inject_fault("ProcessPayment", drop_after=True, times=10)
    try:
        status, out, err = pay(article.url, *journal)
    finally:
        control.clear_faults()
    assert (status, out) == (4, "")
    assert "the answer of ProcessPayment was lost" in err[-2]
    assert err[-2].endswith(
        "; the same command, with the same --journal, goes on with the same payment"
    )
    assert pay(article.url, *journal)[0] == 0
    assert left_of(account) == "0.02"


def test_lost_answer_without_a_journal_says_that_a_second_run_pays_again(pay, article, account):
    control = PaymentsControl(region=REGION)
    control.inject_fault("ProcessPayment", drop_after=True, times=10)
    try:
        status, _, err = pay(article.url)
    finally:
        control.clear_faults()
    assert status == 4
    assert "so it may be paid: 0.01 USD" in err[-2]
    assert err[-2].endswith(
        "; the payment may have been made, and running the command again pays again; "
        "--journal FILE, given from the first run on, makes a repeat safe"
    )
    assert err[-1].endswith("not known to be settled, payment unknown")
    assert pay(article.url)[0] == 0
    assert left_of(account) == "0.01"


class Broken:
    """A standard output whose body cannot be written."""

    def __init__(self, error: BaseException) -> None:
        self.buffer = self
        self._error = error

    def write(self, _: object) -> int:
        raise self._error

    def flush(self) -> None:
        """Have nothing to write."""


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (OSError(28, "No space left on device"), 1, "[Errno 28] No space left on device"),
        (BrokenPipeError(32, "Broken pipe"), 0, "[Errno 32] Broken pipe"),
        (KeyboardInterrupt(), 130, "interrupted"),
    ],
)
def test_receipt_is_shown_and_kept_where_the_body_cannot_be_written(
    pay, article, tmp_path, monkeypatch, error, status, said
):
    receipts = tmp_path / "receipts"
    monkeypatch.setattr(sys, "stdout", Broken(error))
    ended, _, err = pay(article.url, "--receipts", str(receipts))
    assert ended == status
    assert err[-2] == (
        f"agentcore-payments pay: {said}; it is paid, and running the command again pays again"
    )
    assert err[-1].startswith(f"0.01 USD to {article.pay_to} for GET {article.url} (x402 exact on ")
    assert json.loads(receipts.read_text())["process_payment_id"] == err[-1].rpartition(" ")[2]
    ended, _, err = pay(article.url, "--json")
    assert ended == status
    assert json.loads(err[-1])["receipt"]["amount"] == "0.01"


def test_full_disk_is_told_with_the_receipt(pay, article, monkeypatch):
    with open("/dev/full", "w") as full:  # noqa: PTH123 (as standard output is)
        monkeypatch.setattr(sys, "stdout", full)
        status, _, err = pay(article.url)
    assert status == 1
    assert "No space left on device; it is paid" in err[-2]
    assert err[-1].startswith("0.01 USD to ")


@pytest.mark.parametrize("more", [(), ("--json",)])
def test_receipt_that_standard_output_does_not_take_is_on_standard_error(
    pay, article, tmp_path, monkeypatch, more
):
    with open("/dev/full", "w") as full:  # noqa: PTH123 (as standard output is)
        monkeypatch.setattr(sys, "stdout", full)
        status, _, err = pay(article.url, "-o", str(tmp_path / "article.json"), *more)
    assert status == 1
    receipt = json.loads(err[-1])["receipt"]["amount"] if more else err[-1].partition(" ")[0]
    assert receipt == "0.01"
    assert (tmp_path / "article.json").exists()


def test_error_that_standard_output_does_not_take_keeps_its_status(
    pay, article, tmp_path, monkeypatch
):
    file = tmp_path / "article.json"
    with open("/dev/full", "w") as full:  # noqa: PTH123 (as standard output is)
        monkeypatch.setattr(sys, "stdout", full)
        status, _, err = pay(article.url, "-o", str(file), "--json", "--max-price", "0.005")
    assert (status, json.loads(err[-1])["error"]) == (3, "OverCeiling")


def test_closed_standard_error_puts_nothing_into_the_body(pay, article, monkeypatch):
    monkeypatch.setattr(sys, "stderr", None)
    status, out, _ = pay(article.url)
    assert (status, json.loads(out)) == (0, {"content": "The article you paid for."})


@pytest.mark.parametrize("more", [(), ("--dry-run",)])
def test_closed_standard_output_is_refused_before_anything_is_paid(pay, article, monkeypatch, more):
    sold = len(article.sales)
    monkeypatch.setattr(sys, "stdout", None)
    status, _, err = pay(article.url, *more)
    assert (status, err) == (
        1,
        ["agentcore-payments pay: standard output is closed; give -o FILE"],
    )
    assert len(article.sales) == sold


def test_with_a_file_and_closed_standard_output_the_receipt_is_on_standard_error(
    pay, article, tmp_path, monkeypatch
):
    monkeypatch.setattr(sys, "stdout", None)
    status, _, err = pay(article.url, "-o", str(tmp_path / "article.json"))
    assert status == 0
    assert err[-1].startswith("0.01 USD to ")


def test_closed_standard_input_is_one_line(pay, free, monkeypatch):
    monkeypatch.setattr(sys, "stdin", None)
    status, _, err = pay(free, "-d", "@-")
    assert (status, err) == (
        1,
        ["agentcore-payments pay: standard input is closed, and -d @- reads it"],
    )


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM that a program can handle")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_signal_leaves_no_temporary_file(account, free, tmp_path, name):
    number = getattr(signal, name)
    # Measuring coverage handles SIGTERM itself, and the command leaves others' handlers alone.
    environment = {key: value for key, value in os.environ.items() if "COVERAGE" not in key}
    Free.begun.clear()
    file = tmp_path / "files" / "body"
    file.parent.mkdir()
    with subprocess.Popen(
        [sys.executable, "-m", "boto3_agentcore_payments", "pay", f"{free}/endless", "-o", file],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        restore_signals=True,
        env=environment,
    ) as running:
        assert Free.begun.wait(30)
        assert len(list(file.parent.iterdir())) == 1
        running.send_signal(number)
        assert running.wait(30) == 128 + number
    assert list(file.parent.iterdir()) == []


def test_dry_run_says_the_price_on_standard_output_and_pays_nothing(pay, article):
    sold = len(article.sales)
    status, out, _ = pay(article.url, "--dry-run", "--json")
    quote = json.loads(out)
    assert (status, quote["outcome"], quote["amount"], quote["refusal"]) == (
        0,
        "quote",
        "0.01",
        None,
    )
    assert len(article.sales) == sold


def test_dry_run_is_status_3_where_it_would_not_be_paid(pay, article):
    status, out, _ = pay(article.url, "--dry-run", "--max-price", "0.005")
    assert status == 3
    assert "; refused: the price is above --max-price 0.005: " in out
    assert out.endswith("; raise --max-price to pay\n")


def test_dry_run_looks_at_the_sessions_budget(pay, article, account):
    for _ in range(3):
        pay(article.url)
    status, out, _ = pay(article.url, "--dry-run")
    assert status == 3
    assert out.endswith("; refused: the session has 0 USD left\n")


def test_new_session_is_opened_with_its_budget(pay, article, account, monkeypatch):
    monkeypatch.delenv("AGENTCORE_PAYMENTS_SESSION")
    made, given = account
    status, _, err = pay(article.url, "--new-session", "1.00")
    assert status == 0
    session = err[0].rpartition(" ")[2]
    answer = made.data.get_payment_session(
        paymentManagerArn=given["MANAGER"], paymentSessionId=session, userId="alice"
    )
    left = answer["paymentSession"]["availableLimits"]["availableSpendAmount"]["value"]
    assert left == "0.99"


def test_new_session_on_the_command_line_counts_before_a_session_of_the_environment(pay, article):
    _, _, err = pay(article.url, "--new-session", "1.00")
    assert err[0].startswith("agentcore-payments pay: session payment-session-")


def test_dry_run_opens_no_session(pay, article, account, monkeypatch):
    monkeypatch.delenv("AGENTCORE_PAYMENTS_SESSION")
    made, given = account
    pay(article.url, "--new-session", "1.00", "--dry-run")
    listed = made.data.list_payment_sessions(paymentManagerArn=given["MANAGER"], userId="alice")
    assert len(listed["paymentSessions"]) == 1


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        ("MANAGER", "give --manager ARN, set AGENTCORE_PAYMENTS_MANAGER, or write it"),
        ("INSTRUMENT", "give --instrument ID, set AGENTCORE_PAYMENTS_INSTRUMENT, or write it"),
        ("SESSION", "give --session ID or --new-session USD, set AGENTCORE_PAYMENTS_SESSION"),
    ],
)
def test_a_missing_setting_is_named_with_how_to_give_it(pay, article, monkeypatch, missing, said):
    monkeypatch.delenv(f"AGENTCORE_PAYMENTS_{missing}")
    status, out, err = pay(article.url)
    assert (status, out) == (1, "")
    assert said in err[-1]


def test_private_address_is_refused_unless_allowed(pay, article, monkeypatch):
    monkeypatch.setenv("AGENTCORE_PAYMENTS_ALLOW_PRIVATE", "0")
    status, _, err = pay(article.url)
    assert status == 3
    assert err[-1].endswith(" is at the private address 127.0.0.1; --allow-private pays there")


@pytest.mark.parametrize("price", ["abc", "-1", "1e-2", "0,05"])
def test_malformed_price_is_status_1(pay, article, price):
    status, _, err = pay(article.url, f"--max-price={price}")
    assert status == 1
    assert "max-price must be an amount of US dollars" in err[-1]


def test_unknown_session_is_status_1(pay, article):
    status, _, err = pay(article.url, "--session", "payment-session-abcdefghijklmno")
    assert status == 1
    assert "the session is expired or unknown" in err[-1]


def test_missing_credentials_are_one_line(pay, article, monkeypatch):
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    status, _, err = pay(article.url, "--new-session", "1")
    assert (status, len(err)) == (1, 1)
    assert "Unable to locate credentials" in err[0]


def test_header_without_a_colon_is_refused_and_not_shown(pay, free):
    status, _, err = pay(free, "-H", "Bearer very-secret")
    assert (status, err) == (1, ["agentcore-payments pay: a header is NAME:VALUE"])


def test_nothing_printed_holds_a_proof(pay, article, capfdbinary):
    _, out, err = pay(article.url, "--json")
    assert "signature" not in (out + "".join(err)).lower()


def test_example_buys_until_the_budget_refuses(account, article, tmp_path):
    program = tmp_path / "agentcore-payments"
    program.write_text(
        f'#!/bin/sh\nexec "{sys.executable}" -W ignore -m boto3_agentcore_payments "$@"\n'
    )
    program.chmod(0o755)
    ran = subprocess.run(
        [str(ROOT / "examples" / "pay_until_refused.sh"), article.url, "0.02"],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "AGENTCORE_PAYMENTS": str(program)},
        check=False,
    )
    lines = ran.stdout.splitlines()
    assert (ran.returncode, ran.stderr) == (0, "")
    assert [line.split(":")[0] for line in lines[:3]] == ["1", "2", "3"]
    assert lines[3].startswith("refused after 3 purchases: agentcore-payments pay: ")
    assert "budget" in lines[3]


def test_help_loads_no_library() -> None:
    code = (
        "import sys; from boto3_agentcore_payments.cli import main\n"
        "try: main(['pay', '--help'])\n"
        "except SystemExit: pass\n"
        "print(sorted({'boto3', 'requests', 'x402', 'mpp'} & set(sys.modules)), file=sys.stderr)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert ran.stderr == "[]\n"


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def left_of(account) -> str:
    """Return what the session has left, in US dollars."""
    made, given = account
    answer = made.data.get_payment_session(
        paymentManagerArn=given["MANAGER"], paymentSessionId=given["SESSION"], userId="alice"
    )
    return answer["paymentSession"]["availableLimits"]["availableSpendAmount"]["value"]
