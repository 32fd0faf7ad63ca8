"""``serve --state`` killed with SIGKILL under load: nothing acknowledged is lost or charged twice.

Two rounds in the suite, on one file that goes on from round to round. More with

    AGENTCORE_PAYMENTS_KILL_ROUNDS=50 python -m pytest tests/serve/test_killed.py
"""

from __future__ import annotations

import http.client
import json
import os
import random
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tests.serve.running_server import REGION
from tests.serve.test_state_file import COMMAND, KEYS, PAYEE, Paying, client, pay, serving, verb

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.serve.running_server import Serving

ROUNDS = int(os.environ.get("AGENTCORE_PAYMENTS_KILL_ROUNDS", "2"))
OTHER_REGION = "eu-central-1"
BANKED = "0x00000000000000000000000000000000000000Ba"
CHAIN = "BASE_SEPOLIA"
FUNDS = 10**12
PRICE = 10_000
FAULTS = 10**6
LOST = (BotoCoreError, OSError, http.client.HTTPException)
"""What a client meets when its server is killed."""


@dataclass
class Said:
    """A value that a client sets again and again: the last one acknowledged, the last one sent."""

    acknowledged: Any = None
    sent: Any = None

    def check(self, found: Any) -> None:
        assert found in (self.acknowledged, self.sent)
        self.acknowledged = self.sent = found


@dataclass
class Witness:
    """What clients sent, and what was acknowledged, in all rounds."""

    payments: dict[str, tuple[Paying, Any]] = field(default_factory=dict)
    sent_payments: dict[str, Paying] = field(default_factory=dict)
    settled: set[str] = field(default_factory=set)
    sent_settled: set[str] = field(default_factory=set)
    sessions: dict[str, str] = field(default_factory=dict)
    sent_sessions: set[str] = field(default_factory=set)
    banked: int = 0
    sent_banked: int = 0
    faults: int = 0
    sent_faults: int = 0
    quota: Said = field(default_factory=Said)
    grant: Said = field(default_factory=Said)
    access: Said = field(default_factory=Said)
    page: Any = None
    unexpected: list[str] = field(default_factory=list)


def elsewhere(server: Serving) -> Any:
    return boto3.client(
        "bedrock-agentcore-payments-control",
        endpoint_url=server.url,
        region_name=OTHER_REGION,
        config=Config(retries={"total_max_attempts": 1}),
        **KEYS,
    )


def new_session(paying: Paying, server: Serving) -> Paying:
    """Return the same manager and wallet with a session of their own."""
    again = object.__new__(Paying)
    again.__dict__.update(paying.__dict__)
    again.session = client(server).create_payment_session(
        paymentManagerArn=paying.arn,
        userId="alice",
        expiryTimeInMinutes=480,
        limits={"maxSpendAmount": {"value": "100.00", "currency": "USD"}},
    )["paymentSession"]["paymentSessionId"]
    return again


class Load:
    """Clients of each kind at work until the server is gone.

    Args:
        server: The server.
        paying: Who pays.
        witness: Told of everything before it is sent, and once it is acknowledged.
        round_: The number of the round, which tokens begin with.
    """

    def __init__(self, server: Serving, paying: Paying, witness: Witness, round_: int) -> None:
        self.server, self.paying, self.witness, self.round = server, paying, witness, round_
        self._busy = threading.Event()

    def run(self, seconds: float) -> None:
        """Work for so long, from the first payment on, then kill the server."""
        jobs = [self.buy, self.buy, self.buy, self.bank, self.open, self.set, self.fail]
        threads = [
            threading.Thread(target=self._until_gone, args=(job, number))
            for number, job in enumerate(jobs)
        ]
        for thread in threads:
            thread.start()
        self._busy.wait(30)
        time.sleep(seconds)
        self.server.process.kill()
        for thread in threads:
            thread.join(30)
            assert not thread.is_alive()
        assert self.witness.unexpected == []

    def _until_gone(self, job: Callable[[int], Iterator[None]], number: int) -> None:
        try:
            for _ in job(number):
                pass
        except LOST:
            pass
        except Exception as error:  # noqa: BLE001 - an answer that is no answer is what is looked for
            self.witness.unexpected.append(f"{job.__name__}: {error!r}")

    def _token(self, worker: int, number: int) -> str:
        return f"round-{self.round:06d}-worker-{worker}-number-{number:08d}"

    def buy(self, worker: int) -> Iterator[None]:
        """Pay, and have every fifth payment settled."""
        data, witness = client(self.server), self.witness
        for number in range(10**6):
            token = self._token(worker, number)
            witness.sent_payments[token] = self.paying
            answer = pay(data, self.paying, token, PRICE)
            answer.pop("ResponseMetadata")
            witness.payments[token] = (self.paying, answer)
            self._busy.set()
            if not number % 5:
                reference = answer["processPaymentId"]
                witness.sent_settled.add(reference)
                verb(self.server, "settle", reference=reference)
                witness.settled.add(reference)
            yield

    def bank(self, _: int) -> Iterator[None]:
        """Fund a wallet, unit by unit."""
        while True:
            self.witness.sent_banked += 1
            verb(self.server, "fund-wallet", wallet=BANKED, amount=1, chain=CHAIN)
            self.witness.banked += 1
            yield

    def open(self, worker: int) -> Iterator[None]:
        """Create sessions, and begin to list them."""
        data, witness = client(self.server), self.witness
        for number in range(10**6):
            token = self._token(worker, number)
            witness.sent_sessions.add(token)
            witness.sessions[token] = open_session(data, self.paying, token)
            if number == 3:
                witness.page = data.list_payment_sessions(
                    paymentManagerArn=self.paying.arn, userId="bob", maxResults=2
                )
            yield

    def set(self, _: int) -> Iterator[None]:
        """Change what holds for the account."""
        server, witness, wallet = self.server, self.witness, self.paying.instrument
        for number in range(10, 10**6):
            witness.quota.sent = number
            verb(server, "set-quota", quota="maxManagers", limit=number)
            witness.quota.acknowledged = number
            witness.access.sent = bool(number % 2)
            verb(server, "set-mpp-access", enabled=bool(number % 2))
            witness.access.acknowledged = bool(number % 2)
            witness.grant.sent = days = (7, 30, 60, 90)[number % 4]
            verb(server, "give-grant", instrument_id=wallet, days=days)
            witness.grant.acknowledged = days
            yield

    def fail(self, _: int) -> Iterator[None]:
        """Use up a fault that is planned for two regions."""
        controls = (client(self.server, "-control"), elsewhere(self.server))
        for number in range(10**6):
            self.witness.sent_faults += 1
            with pytest.raises(ClientError, match="ThrottlingException"):
                controls[number % 2].list_payment_credential_providers()
            self.witness.faults += 1
            yield


def open_session(data: Any, paying: Paying, token: str) -> str:
    session: str = data.create_payment_session(
        paymentManagerArn=paying.arn, userId="bob", expiryTimeInMinutes=480, clientToken=token
    )["paymentSession"]["paymentSessionId"]
    return session


def check(server: Serving, paying: Paying, witness: Witness) -> None:
    """Check that a server has what its predecessor acknowledged, and repeat what it did not."""
    check_payments(server, witness)
    check_sessions(server, paying, witness)

    found = verb(server, "balance", wallet=BANKED, chain=CHAIN)
    assert witness.banked <= found <= witness.sent_banked
    witness.banked = witness.sent_banked = found

    settings = verb(server, "account")
    witness.quota.check(settings["quotas"].get("maxManagers"))
    witness.access.check(settings["mpp_access"])
    grant = verb(server, "grant", instrument_id=paying.instrument)
    witness.grant.check(grant["ends"] and days_until(grant["ends"]))

    faults = {
        region: [fault["times"] for fault in verb(server, "overview", region=region)["faults"]]
        for region in (REGION, OTHER_REGION)
    }
    (left,) = faults[REGION]
    assert faults[OTHER_REGION] == [left]
    assert FAULTS - witness.sent_faults <= left <= FAULTS - witness.faults
    witness.faults = witness.sent_faults = FAULTS - left


def check_payments(server: Serving, witness: Witness) -> None:
    listed = verb(server, "payments")
    before = {each["process_payment_id"] for each in listed}
    assert {answer["processPaymentId"] for _, answer in witness.payments.values()} <= before
    data = client(server)
    unsure = [token for token in witness.sent_payments if token not in witness.payments]
    sure = random.sample(sorted(witness.payments), min(20, len(witness.payments)))
    for token in [*unsure, *sure]:
        paying = witness.sent_payments[token]
        answer = pay(data, paying, token, PRICE)
        answer.pop("ResponseMetadata")
        assert witness.payments.setdefault(token, (paying, answer))[1] == answer

    listed = verb(server, "payments")
    assert len(listed) == len(witness.sent_payments)
    of_sessions: dict[str, int] = {}
    for each in listed:
        of_sessions[each["session"]] = of_sessions.get(each["session"], 0) + 1
    for paying in {id(each): each for each in witness.sent_payments.values()}.values():
        spent = Decimal(of_sessions.get(paying.session, 0)) / 100
        assert Decimal(paying.left(server)) == 100 - spent

    settled = {each["process_payment_id"] for each in listed if each["status"] == "SETTLED"}
    assert witness.settled <= settled <= witness.sent_settled
    witness.settled, witness.sent_settled = set(settled), set(settled)
    earned = verb(server, "balance", wallet=PAYEE, chain=CHAIN)
    assert earned == PRICE * len(settled)
    payer = listed[0]["payer"] if listed else None
    if payer:
        assert verb(server, "balance", wallet=payer, chain=CHAIN) == FUNDS - earned

    attempts = [each["process_payment_id"] for each in verb(server, "attempts")]
    newest = [each["process_payment_id"] for each in listed]
    assert len(attempts) == len(set(attempts)) == min(len(newest), 10_000)


def check_sessions(server: Serving, paying: Paying, witness: Witness) -> None:
    data = client(server)
    pages = data.get_paginator("list_payment_sessions")
    asked = {"paymentManagerArn": paying.arn, "userId": "bob"}
    for token in witness.sent_sessions:
        if token not in witness.sessions:
            witness.sessions[token] = open_session(data, paying, token)
    listed = [
        each["paymentSessionId"]
        for page in pages.paginate(**asked)
        for each in page["paymentSessions"]
    ]
    assert sorted(listed) == sorted(witness.sessions.values())
    if witness.page is not None:
        start = {"StartingToken": None, "PageSize": 1000}
        rest = pages.paginate(**asked, nextToken=witness.page["nextToken"], PaginationConfig=start)
        found = [each["paymentSessionId"] for page in rest for each in page["paymentSessions"]]
        assert found == listed[2:]


def days_until(time_text: str) -> int:
    from datetime import datetime, timezone

    left = datetime.fromisoformat(time_text) - datetime.now(timezone.utc)
    return round(left.total_seconds() / 86400)


def kill_while_it_starts(file: Path, seconds: float) -> None:
    command = [*COMMAND, "serve", "--port", "0", "--quiet", "--state", str(file)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        with suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
        process.kill()


def test_nothing_acknowledged_is_lost_and_nothing_charged_twice(tmp_path: Path) -> None:
    file = tmp_path / "state.db"
    chance, witness = random.Random(ROUNDS), Witness()
    started = 3.0
    for round_ in range(ROUNDS + 1):
        if round_ % 5 == 3:
            kill_while_it_starts(file, chance.uniform(0.3, 1.1) * started)
        began = time.monotonic()
        with serving("--state", str(file)) as server:
            started = time.monotonic() - began
            if not round_:
                paying = Paying(server)
                verb(server, "fund-wallet", wallet=paying.instrument, amount=FUNDS)
                verb(server, "account", region=OTHER_REGION)
                fault = {"operation": "ListPaymentCredentialProviders", "times": FAULTS}
                plan = {**fault, "error": "ThrottlingException"}
                path = "/moto-api/agentcore-payments/inject-fault"
                assert server.ask("POST", path, json.dumps(plan))[0] == 200
                witness.access = Said(acknowledged=True)
            check(server, paying, witness)
            if round_ < ROUNDS:
                load = Load(server, new_session(paying, server), witness, round_)
                load.run(chance.uniform(0.2, 1.5))
    sys.stdout.write(
        f"{ROUNDS} rounds: {len(witness.payments)} payments, {len(witness.settled)} settled, "
        f"{len(witness.sessions)} sessions, {witness.banked} times funded, "
        f"{witness.faults} faults\n"
    )
    assert len(witness.payments) > 10 * ROUNDS


STEP = int(os.environ.get("AGENTCORE_PAYMENTS_KILL_STEP", "40"))
"""A process is killed before every so many lines; 1 takes minutes."""


def killed_everywhere(file: Path, what: str, step: int) -> tuple[int, Any]:
    """Return how many lines were run, and what was found in the file then; see ``dying.py``."""
    program = Path(__file__).with_name("dying.py")
    command = [sys.executable, str(program), str(file), what, str(step)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == 0, ran.stderr
    lines, seen = json.loads(ran.stdout)
    return lines, seen


def test_a_process_killed_anywhere_while_it_makes_the_file_leaves_one_that_can_be_used(
    tmp_path: Path,
) -> None:
    lines, seen = killed_everywhere(tmp_path / "state.db", "make", STEP)
    assert lines > 100
    assert seen == [[[], []]]


def test_a_process_killed_anywhere_in_a_restore_leaves_the_one_state_or_the_other(
    tmp_path: Path,
) -> None:
    lines, seen = killed_everywhere(tmp_path / "state.db", "restore", STEP * 7)
    assert lines > 500
    paid, later, nothing = [["paid"], [5_000_000]], [["later", "paid"], [1]], [[], []]
    assert seen == [paid, later, nothing]
