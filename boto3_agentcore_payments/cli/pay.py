"""``agentcore-payments pay URL``: like curl, for URLs that must be paid for.

The body goes to standard output, or to ``-o FILE``; progress, then the receipt, to standard error.
With ``-o``, and for ``--dry-run``, the receipt or the quote is the only thing on standard output.
"""

from __future__ import annotations

import contextlib
import os
import signal
import stat
import sys
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from boto3_agentcore_payments.cli import drop_output, settings
from boto3_agentcore_payments.cli.settings import Option
from boto3_agentcore_payments.errors import AgentCorePaymentsError, CommandError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator
    from decimal import Decimal

    from boto3_agentcore_payments.cli.pay_report import Report
    from boto3_agentcore_payments.cli.settings import Settings
    from boto3_agentcore_payments.pay import Payer, Receipt

OPTIONS = (
    Option("max-price", "the most this may cost, in US dollars (default: 0.05)", "USD"),
    Option("session", "the payment session whose budget is spent", "ID"),
    Option(
        "new-session",
        "open a session of an hour with this budget in US dollars",
        "USD",
        instead_of="session",
    ),
    Option("manager", "the payment manager", "ARN"),
    Option("instrument", "a wallet that may pay; repeat it for more", "ID", repeats=True),
    Option("user", "on whose behalf; left out with a CUSTOM_JWT manager", "ID"),
    Option("request", "HTTP method (default: GET, with data POST)", "METHOD", short="-X"),
    Option("data", "the request's body; @FILE reads it, @- from standard input", "DATA", "-d"),
    Option(
        "header", "a header of the request; repeat it for more", "NAME:VALUE", "-H", repeats=True
    ),
    Option("timeout", "seconds to wait for an answer (default: 60)", "SECONDS"),
    Option("dry-run", "say what it would cost, and pay nothing"),
    Option("json", "the receipt, the quote or the error as one JSON object"),
    Option("output", "write the body to a file", "FILE", short="-o"),
    Option("journal", "a file that lets the same command go on after a crash", "FILE"),
    Option("receipts", "append the receipt to a file, as a JSON line", "FILE"),
    Option("allow-private", "pay also where the address is private or cannot be known"),
    Option("endpoint-url", "where the service is, e.g. the emulator's address", "URL"),
    Option("region", "the service's region", "NAME"),
)
"""The command's options, each an environment variable and a line of a profile too."""

MAX_PRICE = "0.05"
"""Default of ``--max-price``, in US dollars."""
PAID, FAILED, REFUSED, UNKNOWN = 0, 1, 3, 4
"""Exit statuses; 2 is an invalid command line."""

_SESSION_MINUTES = 60
_TIMEOUT = "60"
_FIRST_ERROR = 400
_CHUNK = 65536
_BY_SIGNAL = 128
"""What shells add to a signal's number for an exit status."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.epilog = (
        f"Each option is also an environment variable, {settings.PREFIX}MAX_PRICE for --max-price, "
        f"and a line of a profile in ~/{settings.FILE}. Status: 0 paid or free, 3 refused by "
        "policy or budget, 4 outcome unknown, 1 otherwise."
    )
    parser.add_argument("url", metavar="URL", help="what to fetch")
    settings.add_options(parser, OPTIONS)


def run(arguments: argparse.Namespace) -> int:
    """Fetch the URL, paying if the answer asks for it; return the exit status.

    Raises:
        CommandError: if a setting is missing or not understood, or there is nowhere to write to.
        MissingExtraError: if the extra ``pay`` is not installed.
        SystemExit: if it is ended by SIGTERM or SIGHUP.
    """
    from boto3_agentcore_payments.cli.pay_report import Report

    chosen = settings.settle(arguments, OPTIONS)
    if sys.stdout is None and chosen.text("output") is None:
        raise CommandError("standard output is closed; give -o FILE")
    report = Report(
        as_json=chosen.on("json"),
        to_output=chosen.on("dry_run") or chosen.text("output") is not None,
        journal=chosen.text("journal") is not None,
    )
    fetch = _quote if chosen.on("dry_run") else _pay
    try:
        with _ended_by_signals():
            return fetch(arguments.url, chosen, report)
    except CommandError:
        raise
    except BaseException as error:
        if not drop_output():
            report.use_standard_error()
        status = _status(error)
        if status is None:
            report.interrupted(error)
            raise
        report.failed(error)
        drop_output()
        return status


def _pay(url: str, chosen: Settings, report: Report) -> int:
    request = _request(chosen)
    with _destination(chosen.text("output")) as (body, keep), _payer(chosen, report) as payer:
        with payer.requests_session() as http:
            report.progress(f"{request['method']} {url}")
            with http.request(url=url, stream=True, **request) as answer:
                for chunk in answer.iter_content(_CHUNK):
                    body.write(chunk)
            body.flush()
        keep()
        report.done(answer.status_code, payer.receipts[-1] if payer.receipts else None)
        return FAILED if answer.status_code >= _FIRST_ERROR else PAID


def _quote(url: str, chosen: Settings, report: Report) -> int:
    with _payer(chosen, report) as payer:
        quote = payer.quote(url, **_request(chosen))
        if quote is None:
            report.done(None, None)
            return PAID
        refusal = quote.refusal
        if refusal is None and chosen.text("session") is not None:
            left = payer.remaining()
            if quote.amount > left:
                refusal = f"the session has {left} USD left"
        report.quoted(quote, refusal)
        return PAID if refusal is None else REFUSED


@contextlib.contextmanager
def _payer(chosen: Settings, report: Report) -> Iterator[Payer]:
    """Make the payer, and the session before it if one is asked for."""
    import boto3
    from botocore.config import Config

    import boto3_agentcore_payments  # noqa: F401 - for a checkout that is not installed
    from boto3_agentcore_payments.pay import Payer, append_to

    receipts = None if chosen.on("dry_run") else chosen.text("receipts")
    keep = None if receipts is None else append_to(receipts)

    def hear(receipt: Receipt) -> None:
        report.hear(receipt)
        if keep is not None:
            keep(receipt)

    manager, wallets = _needed(chosen, "manager"), chosen.all("instrument")
    if not wallets:
        raise _missing("instrument")
    session: Any = boto3.Session()  # Of Any: the published types know AWS's own services alone.
    client = session.client(
        "bedrock-agentcore-payments",
        region_name=chosen.text("region") or session.region_name or _region(manager),
        endpoint_url=chosen.text("endpoint_url"),
        config=Config(user_agent_extra="agentcore-payments"),
    )
    max_price = _dollars("max-price", chosen.text("max_price") or MAX_PRICE)
    opened = chosen.text("session")
    if opened is None and not chosen.on("dry_run"):
        opened = _open_session(client, chosen)
        report.progress(f"session {opened}")
    with Payer(
        client,
        payment_manager_arn=manager,
        payment_session_id=opened or "",  # a quote needs none
        payment_instrument_ids=wallets,
        user_id=chosen.text("user"),
        max_price=max_price,
        allow_private=chosen.on("allow_private"),
        journal=chosen.text("journal"),
        on_receipt=hear,
    ) as payer:
        yield payer


def _open_session(client: Any, chosen: Settings) -> str:
    budget = chosen.text("new_session")
    if budget is None:
        raise _missing("session", "or --new-session USD")
    _dollars("new-session", budget)
    who = {} if chosen.text("user") is None else {"userId": chosen.text("user")}
    made = client.create_payment_session(
        paymentManagerArn=_needed(chosen, "manager"),
        expiryTimeInMinutes=_SESSION_MINUTES,
        limits={"maxSpendAmount": {"value": budget, "currency": "USD"}},
        **who,
    )
    return str(made["paymentSession"]["paymentSessionId"])


def _dollars(name: str, text: str) -> Decimal:
    from boto3_agentcore_payments.pay.policy import dollars

    try:
        return dollars(text, name)
    except ValueError as error:
        raise CommandError(str(error)) from error


def _needed(chosen: Settings, key: str) -> str:
    value = chosen.text(key)
    if value is None:
        raise _missing(key)
    return value


def _missing(name: str, more: str = "") -> CommandError:
    option = next(each for each in OPTIONS if each.name == name)
    return CommandError(
        f"give --{name} {option.metavar}{' ' + more if more else ''}, set {option.variable}, "
        "or write it into a profile"
    )


def _region(manager: str) -> str | None:
    """Return the region in a manager's ARN, or ``None``."""
    parts = manager.split(":")
    return parts[3] if len(parts) > 3 and parts[3] else None  # noqa: PLR2004 (of an ARN)


def _request(chosen: Settings) -> dict[str, Any]:
    """Return what the options say of the request, as arguments of requests."""
    request: dict[str, Any] = {"headers": {}}
    for line in chosen.all("header"):
        name, colon, value = line.partition(":")
        if not colon or not name.strip():
            raise CommandError("a header is NAME:VALUE")  # it is not shown: it may be a secret
        request["headers"][name.strip()] = value.strip()
    data = chosen.text("data")
    if data is not None:
        request["data"] = _data(data)
        if not any(name.lower() == "content-type" for name in request["headers"]):
            request["headers"]["Content-Type"] = "application/x-www-form-urlencoded"
    request["method"] = chosen.text("request") or ("GET" if data is None else "POST")
    text = chosen.text("timeout") or _TIMEOUT
    try:
        request["timeout"] = float(text)
    except ValueError:
        request["timeout"] = 0.0
    if not 0 < request["timeout"] < float("inf"):
        raise CommandError(f"timeout is a number of seconds above 0, not {text!r}")
    return request


def _data(text: str) -> bytes:
    if text == "@-":
        if sys.stdin is None:
            raise CommandError("standard input is closed, and -d @- reads it")
        return sys.stdin.buffer.read()
    return Path(text[1:]).read_bytes() if text.startswith("@") else text.encode()


@contextlib.contextmanager
def _destination(path: str | None) -> Iterator[tuple[BinaryIO, Any]]:
    """Give where the body goes, and what to call once it is complete.

    A file is opened before anything is paid, and takes its name once the body is complete: what
    was there before is not lost to a refusal.
    """
    if path is None:
        yield sys.stdout.buffer, lambda: None
        return
    target = Path(path)
    if target.exists() and not stat.S_ISREG(target.stat().st_mode):
        with target.open("wb") as device:
            yield device, lambda: None
        return
    target = target.resolve()
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as body:
            yield body, lambda: _put(name, target)
    finally:
        Path(name).unlink(missing_ok=True)


def _put(name: str, target: Path) -> None:
    """Give a complete file its name, and the mode that a new file, or the one before, has."""
    if target.exists():
        mode = stat.S_IMODE(target.stat().st_mode)
    else:
        mask = os.umask(0)
        os.umask(mask)
        mode = 0o666 & ~mask
    Path(name).chmod(mode)
    Path(name).replace(target)


@contextlib.contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Raise SystemExit at SIGTERM and SIGHUP, so that files are tidied up and receipts shown."""

    def end(number: int, _: object) -> None:
        signal.signal(number, signal.SIG_IGN)  # a second one must not disturb that
        sys.exit(_BY_SIGNAL + number)

    taken = []
    if threading.current_thread() is threading.main_thread():
        numbers = [getattr(signal, name, None) for name in ("SIGTERM", "SIGHUP")]
        taken = [
            number
            for number in numbers
            if number is not None and signal.getsignal(number) is signal.SIG_DFL
        ]
    for number in taken:
        signal.signal(number, end)
    try:
        yield
    finally:
        for number in taken:
            signal.signal(number, signal.SIG_DFL)


def _status(error: BaseException) -> int | None:
    """Return the exit status of an error; ``None`` for a fault of ours, or an interruption."""
    from botocore.exceptions import BotoCoreError, ClientError

    from boto3_agentcore_payments.pay import OutcomeUnknown, OverBudget, PolicyRefusal

    if isinstance(error, OutcomeUnknown):
        return UNKNOWN
    if isinstance(error, (PolicyRefusal, OverBudget)):
        return REFUSED
    known = (AgentCorePaymentsError, BotoCoreError, ClientError, OSError, ValueError)
    if isinstance(error, known) and not isinstance(error, BrokenPipeError):
        return FAILED
    return None
