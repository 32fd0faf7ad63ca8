"""What a payment costs: two operations in our code and whole, then each kind of proof alone.

Inside one ``mock_aws``, where client and service share a thread, CreatePaymentSession and an EVM
ProcessPayment take turns. What is measured is that thread's processor time: what a busy machine
does meanwhile does not count. First the whole call, then the same requests handed to the function
that moto calls, which is the part that is ours: routes, checks, engine, proof, answer. Below that,
each kind of proof without service or client.

    python benchmarks/proofs.py [--rounds 30]

Exits with 1 if either operation takes more of our code than it may.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
import uuid
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from botocore.awsrequest import AWSPreparedRequest
from market import KINDS, Buyer, Kind
from moto import mock_aws
from moto.core.botocore_stubber import normalize_request

from boto3_agentcore_payments.emulator.backend.responses import dispatch_payments
from boto3_agentcore_payments.emulator.engine.ports import WalletKey
from boto3_agentcore_payments.emulator.proofs import LocalProver
from boto3_agentcore_payments.emulator.proofs.evm_keys import EvmKey
from boto3_agentcore_payments.errors import MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Callable

    from boto3_agentcore_payments.emulator.engine.ports import Prepared

BATCHES = 25
CREATE, PAY = "CreatePaymentSession", "ProcessPayment"
ALLOWED = {CREATE: 0.10, PAY: 0.40}
"""Milliseconds that an operation may spend in our code."""


def milliseconds(call: Callable[[], object]) -> float:
    """Return how long one call keeps the processor."""
    started = time.thread_time()
    call()
    return (time.thread_time() - started) * 1000


def medians(calls: dict[str, Callable[[], float]], rounds: int) -> dict[str, float]:
    """Return the medians of calls that return a time and take turns, after a few to warm up.

    Of several batches the best: a core shared with something else is slow for a while.
    """
    for _ in range(30):
        for call in calls.values():
            call()
    batches = []
    for _ in range(BATCHES):
        turns = [{name: call() for name, call in calls.items()} for _ in range(rounds)]
        batches.append({name: statistics.median(turn[name] for turn in turns) for name in calls})
    return {name: min(batch[name] for batch in batches) for name in calls}


def operations(rounds: int) -> tuple[dict[str, float], dict[str, float]]:
    """Return the medians of both operations, whole and in our code, in milliseconds."""
    with mock_aws():
        buyer = Buyer("ETHEREUM")
        kind = KINDS["x402 EIP-3009"]
        calls: dict[str, Callable[[], object]] = {
            CREATE: buyer.create_session,
            PAY: lambda: buyer.pay(kind),
        }
        whole = medians(
            {name: lambda call=call: milliseconds(call) for name, call in calls.items()}, rounds
        )
        sent: list[AWSPreparedRequest] = []
        buyer.data.meta.events.register_first(
            "before-send.bedrock-agentcore-payments.*", lambda request, **_: sent.append(request)
        )
        for call in calls.values():
            call()
        ours = medians(
            {
                name: lambda request=request: in_our_code(request)
                for name, request in zip(calls, sent)
            },
            rounds,
        )
    return whole, ours


def in_our_code(sent: AWSPreparedRequest) -> float:
    """Return how long the emulator takes over a request like one that was sent."""
    content = {**json.loads(sent.body), "clientToken": str(uuid.uuid4())}
    again = AWSPreparedRequest(
        sent.method, sent.url, sent.headers, json.dumps(content).encode(), stream_output=False
    )
    request = normalize_request(again)
    handler = dispatch_payments(lambda _: None)
    answers: list[Any] = []
    spent = milliseconds(lambda: answers.append(handler(request, sent.url, sent.headers)))
    status, _, body = answers[0]
    if status >= 300:  # noqa: PLR2004 - the first status that is not a success
        sys.exit(f"{sent.url} answered {status}: {body!r}")
    return spent


def proof(kind: Kind, rounds: int) -> tuple[float, float]:
    """Return the medians of checking and of signing one kind of payment, in milliseconds."""
    payment_type = LocalProver().payment_types[kind.payment_type]
    wallet = WalletKey("benchmark", "payer", kind.wallet)

    def prepare() -> Prepared:
        return payment_type.prepare(
            kind.content, wallet=wallet, found=None, now=datetime.now(timezone.utc)
        )

    times = medians(
        {
            "check": lambda: milliseconds(prepare),
            "sign": lambda: milliseconds(prepare().sign),
        },
        rounds,
    )
    return times["check"], times["sign"]


def signature(rounds: int) -> float:
    """Return the median of one bare EVM signature, by the library that is there."""
    key = EvmKey(b"\7" * 32)
    return medians({"": lambda: milliseconds(lambda: key.sign(b"\1" * 32))}, rounds)[""]


def main() -> None:
    """Measure and print; exit with 1 if an operation costs more than it may."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=30)
    rounds = parser.parse_args().rounds
    whole, ours = operations(rounds)
    print(f"{'operation':<22}{'whole':>9}{'ours':>9}{'at most':>9}   ms")
    for name, allowed in ALLOWED.items():
        print(f"{name:<22}{whole[name]:9.2f}{ours[name]:9.3f}{allowed:9.2f}")
    print(f"\n{'proof':<16}{'check':>9}{'sign':>9}   ms")
    for name, kind in KINDS.items():
        try:
            checking, signing = proof(kind, rounds)
        except MissingExtraError as error:
            print(f"{name:<16}  {error}")
            continue
        print(f"{name:<16}{checking:9.3f}{signing:9.3f}")
    print(f"\nbare EVM signature {signature(rounds):.3f} ms")
    sys.modules["coincurve"] = None  # type: ignore[assignment] - stands for: not installed
    print(f"without coincurve  {signature(rounds):.3f} ms")
    if any(ours[name] > allowed for name, allowed in ALLOWED.items()):
        sys.exit(1)


if __name__ == "__main__":
    main()
