"""One purchase is one payment, even if answers are lost, repeated or shared."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import pytest
import requests
from botocore.exceptions import (
    ConnectionClosedError,
    EndpointConnectionError,
    ParamValidationError,
    ReadTimeoutError,
)
from pay_world import (
    FETCHERS,
    PROOF,
    SESSION,
    WALLET,
    Reply,
    demand,
    service_error,
    settled,
)

from boto3_agentcore_payments.pay import (
    JournalError,
    MerchantRefused,
    OutcomeUnknown,
    OverBudget,
    OverCeiling,
    PaymentError,
    ProofExpired,
    ServiceRefused,
    SessionUnavailable,
    SettledWithoutContent,
    WalletUnavailable,
)

LOST = ReadTimeoutError(endpoint_url="https://service.example")


def test_the_same_get_afterwards_is_a_new_purchase(fetch, new_payer, shop, service):
    payer = new_payer()

    fetch(payer, shop.url)
    fetch(payer, shop.url)

    assert service.charged == 2
    assert len(payer.receipts) == 2


# The answer is lost at every point


@pytest.mark.parametrize(
    "lost",
    [
        LOST,
        ConnectionClosedError(endpoint_url="https://service.example"),
        EndpointConnectionError(endpoint_url="https://service.example"),
        service_error("InternalServerException", "Something went wrong", 500),
        service_error("ThrottlingException", "Rate exceeded", 429),
    ],
)
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_lost_answer_of_the_service_is_asked_for_again(
    fetch, new_payer, shop, service, when, lost
):
    getattr(service, when).append(lost)
    payer = new_payer(max_total="0.01")

    with pytest.raises(OutcomeUnknown, match="may be paid") as caught:
        fetch(payer, shop.url)
    assert caught.value.__cause__ is lost
    assert caught.value.receipt.process_payment_id is None

    assert fetch(payer, shop.url).content == b"content"
    assert service.charged == 1
    assert len({call["clientToken"] for call in service.calls}) == 1


def test_a_lost_answer_of_the_shop_is_asked_for_with_the_same_proof(
    fetch, new_payer, shop, service
):
    replies = [Reply(drop=True), settled()]
    shop.answer = lambda seen: replies.pop(0) if seen.proof else demand()
    payer = new_payer()

    with pytest.raises(OutcomeUnknown, match="the merchant's answer was lost") as caught:
        fetch(payer, shop.url)
    assert caught.value.receipt == payer.receipts[0]

    assert fetch(payer, shop.url).content == b"content"
    assert service.charged == 1
    first, second = shop.paid
    assert first.proof == second.proof
    assert payer.receipts[0].settled is True


@pytest.mark.parametrize("chunked", [True, False])
def test_an_answer_that_breaks_off_is_lost(fetch, new_payer, shop, service, chunked):
    headers = {"Transfer-Encoding": "chunked"} if chunked else {}
    broken = settled(b"half of it" * 10, **headers)
    broken.cut = 10
    replies = [broken, settled(b"all of it")]
    shop.answer = lambda seen: replies.pop(0) if seen.proof else demand()
    payer = new_payer()

    with pytest.raises(OutcomeUnknown):
        fetch(payer, shop.url)

    assert fetch(payer, shop.url).content == b"all of it"
    assert service.charged == 1


def test_a_lost_answer_to_the_first_request_costs_nothing(fetch, new_payer, shop, service):
    shop.answer = lambda seen: Reply(drop=True)

    with pytest.raises((requests.ConnectionError, httpx.HTTPError)):
        fetch(new_payer(), shop.url)
    assert service.calls == []


def test_a_server_error_after_payment_is_an_unknown_outcome(fetch, new_payer, shop, service):
    replies = [Reply(503), settled()]
    shop.answer = lambda seen: replies.pop(0) if seen.proof else demand()
    payer = new_payer()

    with pytest.raises(OutcomeUnknown, match="HTTP 503"):
        fetch(payer, shop.url)

    assert fetch(payer, shop.url).content == b"content"
    assert service.charged == 1


@pytest.mark.parametrize("name", FETCHERS)
def test_an_outer_retry_loop_pays_once(new_payer, shop, service, name):
    service.after.append(LOST)
    replies = [Reply(drop=True), Reply(502), settled()]
    shop.answer = lambda seen: replies.pop(0) if seen.proof else demand()
    payer = new_payer()

    for _ in range(10):
        try:
            got = FETCHERS[name](payer, shop.url)
        except PaymentError:
            continue
        break

    assert got.content == b"content"
    assert service.charged == 1


def test_an_error_of_the_shop_other_than_402_is_handed_on_and_costs_nothing_more(
    fetch, new_payer, shop, service
):
    replies = [Reply(404, {}, b"not here"), settled()]
    shop.answer = lambda seen: replies.pop(0) if seen.proof else demand()
    payer = new_payer()

    assert fetch(payer, shop.url).status == 404
    assert fetch(payer, shop.url).content == b"content"
    assert service.charged == 1


def test_after_an_error_of_the_shop_an_expired_proof_is_bought_again(new_payer, shop, service):
    service.lifetime = 0
    replies = [settled()]
    payer = new_payer()
    service.lifetime = 1
    shop.answer = lambda seen: (
        demand() if not seen.proof else Reply(404) if service.charged == 1 else replies.pop(0)
    )
    assert payer.pay(shop.url).status_code == 404
    time.sleep(1.1)

    assert payer.pay(shop.url).status_code == 200
    assert service.charged == 2


def test_a_settled_purchase_without_content_says_so_and_is_not_paid_again(
    fetch, new_payer, shop, service
):
    shop.settling = [Reply(drop=True)]
    payer = new_payer()
    with pytest.raises(OutcomeUnknown):
        fetch(payer, shop.url)

    for _ in range(3):
        with pytest.raises(SettledWithoutContent, match="nonce_already_used"):
            fetch(payer, shop.url)
    assert service.charged == 1


def test_resume_finishes_with_the_same_proof(new_payer, shop, service):
    replies = [Reply(drop=True), settled(b"the rest")]
    shop.answer = lambda seen: replies.pop(0) if seen.proof else demand()
    payer = new_payer()
    with pytest.raises(OutcomeUnknown) as caught:
        payer.pay(shop.url, method="POST", json={"q": 1})

    got = payer.resume(caught.value.receipt)

    assert got.content == b"the rest"
    assert [seen.body for seen in shop.paid] == [b'{"q": 1}'] * 2
    assert shop.paid[1].headers["content-type"] == "application/json"
    assert service.charged == 1


def test_resume_of_an_expired_proof_says_so(new_payer, shop, service):
    service.lifetime = 1
    shop.answer = lambda seen: Reply(drop=True) if seen.proof else demand()
    payer = new_payer()
    with pytest.raises(OutcomeUnknown) as caught:
        payer.pay(shop.url)
    time.sleep(1.1)

    with pytest.raises(ProofExpired, match=r"the proof has expired.*not paid again"):
        payer.resume(caught.value.receipt)
    with pytest.raises(ProofExpired):
        payer.pay(shop.url)
    assert service.charged == 1
    assert len(shop.paid) == 1


def test_resuming_a_finished_purchase_is_refused(new_payer, shop):
    payer = new_payer()
    payer.pay(shop.url)

    with pytest.raises(PaymentError, match="nothing is open for this receipt"):
        payer.resume(payer.receipts[0])


def test_an_abandoned_purchase_can_be_bought_again(new_payer, shop, service):
    shop.settling = [Reply(drop=True)]
    payer = new_payer()
    with pytest.raises(OutcomeUnknown) as caught:
        payer.pay(shop.url)

    payer.abandon(caught.value.receipt)

    assert payer.pay(shop.url).status_code == 200
    assert service.charged == 2


def test_another_purchase_id_buys_again_during_an_open_purchase(fetch, new_payer, shop, service):
    shop.settling = [Reply(drop=True)]
    payer = new_payer()
    with pytest.raises(OutcomeUnknown):
        fetch(payer, shop.url)

    assert fetch(payer, shop.url, purchase_id="second").content == b"content"
    assert service.charged == 2


def test_a_purchase_id_names_the_same_purchase_in_any_client(new_payer, shop, service):
    replies = [Reply(drop=True), Reply(drop=True), settled()]
    shop.answer = lambda seen: replies.pop(0) if seen.proof else demand()
    payer = new_payer()

    for name in ("requests", "httpx"):
        with pytest.raises(OutcomeUnknown):
            FETCHERS[name](payer, shop.url, purchase_id="order-1")
    got = FETCHERS["httpx_async"](payer, shop.url, purchase_id="order-1")

    assert got.content == b"content"
    assert service.charged == 1


def test_a_reused_httpx_request_continues_its_purchase(new_payer, shop, service):
    replies = [Reply(drop=True), settled()]
    shop.answer = lambda seen: replies.pop(0) if seen.proof else demand()

    with new_payer().httpx_client() as http:
        request = http.build_request("GET", shop.url)
        with pytest.raises(OutcomeUnknown):
            http.send(request)
        assert http.send(request).text == "content"
    assert service.charged == 1


# Several at once


def test_a_second_thread_pays_nothing_more_and_gets_the_same_answer(new_payer, shop, service):
    barrier = threading.Barrier(8)
    unpaid = threading.Semaphore(0)

    def slow(seen):
        return shop.honest(seen)

    shop.answer = slow
    payer = new_payer(approve=lambda _: (time.sleep(0.5), True)[1])
    got = []

    def buy():
        barrier.wait()
        got.append(payer.pay(shop.url).content)

    threads = [threading.Thread(target=buy) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    del unpaid
    assert got == [b"content"] * 8
    assert service.charged == 1
    assert len(shop.paid) == 1


def test_a_second_task_pays_nothing_more(new_payer, shop, service):
    async def approve(_):
        await asyncio.sleep(0.5)
        return True

    async def buy():
        async with new_payer(approve=approve).async_httpx_client() as http:
            return await asyncio.gather(*(http.get(shop.url) for _ in range(8)))

    assert [got.text for got in asyncio.run(buy())] == ["content"] * 8
    assert service.charged == 1


def test_a_cancelled_task_leaves_its_purchase_open(new_payer, shop, service):
    release = threading.Event()
    held = []

    def answer(seen):
        if seen.proof and not held:
            held.append(seen)
            release.wait(5)
            return Reply(drop=True)
        return settled() if seen.proof else demand()

    shop.answer = answer

    async def buy():
        async with new_payer().async_httpx_client() as http:
            task = asyncio.ensure_future(http.get(shop.url))
            while not held:  # noqa: ASYNC110 (set by the shop's thread)
                await asyncio.sleep(0.01)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            release.set()
            return await http.get(shop.url)

    assert asyncio.run(buy()).text == "content"
    assert service.charged == 1


def test_cancelling_a_waiting_task_does_not_stop_others_from_paying(new_payer, shop, service):
    async def approve(_):
        await asyncio.sleep(0.3)
        return True

    async def buy():
        async with new_payer(approve=approve).async_httpx_client() as http:
            first = asyncio.ensure_future(http.get(shop.url))
            second = asyncio.ensure_future(http.get(shop.url))
            await asyncio.sleep(0.15)
            second.cancel()
            return await first

    assert asyncio.run(buy()).text == "content"
    assert service.charged == 1


# What the service refuses


@pytest.mark.parametrize(
    ("error", "kind", "message"),
    [
        (
            service_error(
                "ValidationException",
                "Insufficient budget for session s. Pending amount: 0.001 USD, "
                "Transaction amount: 0.010000 USD",
            ),
            OverBudget,
            "open a session with a higher limit",
        ),
        (
            service_error("ValidationException", f"Payment session not found: {SESSION}"),
            SessionUnavailable,
            "expired or unknown.*open a new session",
        ),
        (
            service_error("ValidationException", f"Payment instrument not found: {WALLET}"),
            WalletUnavailable,
            "the wallet cannot pay",
        ),
        (
            service_error(
                "AccessDeniedException",
                "Delegated signing grant is not active for the end user wallet. Please redirect "
                "end user to the WalletHub to grant the permissions.",
                403,
            ),
            WalletUnavailable,
            "grant signing at https://hub.cdp.coinbase.com/0123456789ab",
        ),
        (
            service_error("AccessDeniedException", "Privy credentials are invalid.", 403),
            ServiceRefused,
            "AccessDeniedException",
        ),
        (
            ParamValidationError(report="unknown member"),
            ServiceRefused,
            "the request was not sent",
        ),
    ],
)
def test_a_refusal_of_the_service_is_named_and_reserves_nothing(
    fetch, new_payer, shop, service, error, kind, message
):
    service.before.append(error)
    payer = new_payer(max_total="0.01")

    with pytest.raises(kind, match=message) as caught:
        fetch(payer, shop.url)
    assert type(caught.value) is kind
    assert caught.value.__cause__ is error
    assert caught.value.quote.url == shop.url

    assert fetch(payer, shop.url).content == b"content"
    first, second = service.calls
    assert first["clientToken"] != second["clientToken"]


def test_a_refusal_after_a_lost_answer_does_not_prove_that_nothing_was_paid(
    new_payer, shop, service
):
    service.after.append(LOST)
    payer = new_payer()
    with pytest.raises(OutcomeUnknown):
        payer.pay(shop.url)
    service.before.append(service_error("ExpiredTokenException", "The token expired", 403))

    with pytest.raises(OutcomeUnknown):
        payer.pay(shop.url)

    assert payer.pay(shop.url).status_code == 200
    assert service.charged == 1


def test_an_answer_without_a_proof_is_an_unknown_outcome(new_payer, shop, service):
    service.process_payment = lambda **_: {"processPaymentId": "1", "paymentOutput": {}}

    with pytest.raises(OutcomeUnknown, match="holds no usable proof"):
        new_payer().pay(shop.url)


def test_an_asynchronous_client_pays_in_the_asynchronous_client_only(new_payer, shop, service):
    class Asynchronous:
        async def get_payment_instrument(self, **asked):
            return service.get_payment_instrument(**asked)

        async def process_payment(self, **asked):
            return service.process_payment(**asked)

    payer = new_payer(Asynchronous())

    assert FETCHERS["httpx_async"](payer, shop.url).content == b"content"
    with pytest.raises((TypeError, ServiceRefused), match="async"):
        new_payer(Asynchronous()).pay(shop.url)


# The journal

KILLED = """
import os, sys
sys.path.insert(0, {directory!r})
from pay_world import Service, ARN, SESSION, WALLET
from boto3_agentcore_payments.pay import Payer

class Dying(Service):
    def process_payment(self, **asked):
        print(asked["clientToken"], flush=True)
        os.kill(os.getpid(), 9)

Payer(
    Dying(), payment_manager_arn=ARN, payment_session_id=SESSION, payment_instrument_ids=[WALLET],
    user_id="alice", max_price="0.05", allow_private=True, journal={journal!r},
).pay({url!r}, method="POST", data=b"question")
"""


def test_a_new_payer_continues_the_purchase_of_a_killed_process(new_payer, shop, service, tmp_path):
    journal = tmp_path / "journal"
    code = KILLED.format(directory=str(Path(__file__).parent), journal=str(journal), url=shop.url)
    killed = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert killed.returncode == -9, killed.stderr
    token = killed.stdout.strip()

    got = new_payer(journal=journal).pay(shop.url, method="POST", data=b"question")

    assert got.content == b"content"
    assert [call["clientToken"] for call in service.calls] == [token]
    new_payer(journal=journal).pay(shop.url, method="POST", data=b"question")
    assert service.calls[-1]["clientToken"] != token


def test_a_new_payer_gets_the_same_proof_for_a_payment_already_made(
    new_payer, shop, service, tmp_path
):
    journal = tmp_path / "journal"
    replies = [Reply(drop=True), settled()]
    shop.answer = lambda seen: replies.pop(0) if seen.proof else demand()
    with pytest.raises(OutcomeUnknown) as caught:
        new_payer(journal=journal).pay(shop.url)

    got = new_payer(journal=journal).resume(caught.value.receipt)

    assert got.content == b"content"
    assert service.charged == 1
    assert shop.paid[0].proof == shop.paid[1].proof


def test_a_new_payer_judges_by_its_own_policy(new_payer, shop, service, tmp_path):
    service.before.append(LOST)
    with pytest.raises(OutcomeUnknown):
        new_payer(journal=tmp_path / "journal").pay(shop.url)

    for _ in range(2):
        with pytest.raises(OverCeiling):
            new_payer(journal=tmp_path / "journal", max_price="0.001").pay(shop.url)
    assert service.charged == 0
    assert new_payer(journal=tmp_path / "journal").pay(shop.url).status_code == 200
    assert len({call["clientToken"] for call in service.calls}) == 1


def test_another_user_does_not_go_on_with_it(new_payer, shop, service, tmp_path):
    service.before.append(LOST)
    with pytest.raises(OutcomeUnknown):
        new_payer(journal=tmp_path / "journal").pay(shop.url)

    new_payer(journal=tmp_path / "journal", user_id="bob").pay(shop.url)

    assert len({call["clientToken"] for call in service.calls}) == 2


def test_the_journal_is_private_and_holds_no_proof(new_payer, shop, tmp_path):
    journal = tmp_path / "journal"
    journal.touch(0o644)
    shop.answer = lambda seen: Reply(drop=True) if seen.proof else demand()
    with pytest.raises(OutcomeUnknown):
        new_payer(journal=journal).pay(shop.url)

    assert journal.stat().st_mode & 0o777 == 0o600
    assert PROOF.encode() not in journal.read_bytes()


def test_two_payers_on_one_journal_pay_once(new_payer, shop, service, tmp_path):
    replies = [Reply(drop=True), settled()]
    shop.answer = lambda seen: replies.pop(0) if seen.proof else demand()
    first, second = (new_payer(journal=tmp_path / "journal") for _ in range(2))

    with pytest.raises(OutcomeUnknown):
        first.pay(shop.url)
    assert second.pay(shop.url).status_code == 200
    assert service.charged == 1


def test_nothing_is_signed_without_its_journal(new_payer, shop, service, tmp_path):
    payer = new_payer(journal=tmp_path / "journal", max_total="0.01")
    (tmp_path / "journal").write_bytes(b"not a database, and longer than its header" * 100)

    with pytest.raises(JournalError, match="cannot be used"):
        payer.pay(shop.url)
    assert service.calls == []


def test_a_journal_that_cannot_be_made_is_named(new_payer, tmp_path):
    with pytest.raises(JournalError, match="cannot be used"):
        new_payer(journal=tmp_path / "no such directory" / "journal")


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_a_new_journal_is_private_whatever_the_umask(new_payer, tmp_path):
    before = os.umask(0)
    try:
        new_payer(journal=tmp_path / "journal")
    finally:
        os.umask(before)
    assert (tmp_path / "journal").stat().st_mode & 0o777 == 0o600


# Receipts


def test_on_receipt_is_called_when_the_outcome_is_known(fetch, new_payer, shop):
    told = []
    payer = new_payer(on_receipt=told.append)

    fetch(payer, shop.url)

    assert told == payer.receipts


def test_on_receipt_is_called_for_a_lost_outcome_and_once_it_is_known(new_payer, shop):
    replies = [Reply(drop=True), settled()]
    shop.answer = lambda seen: replies.pop(0) if seen.proof else demand()
    told = []
    payer = new_payer(on_receipt=told.append)
    with pytest.raises(OutcomeUnknown):
        payer.pay(shop.url)
    payer.pay(shop.url)

    assert [receipt.settled for receipt in told] == [False, True]
    assert len({receipt.process_payment_id for receipt in told}) == 1


def test_on_receipt_is_called_for_a_payment_that_was_interrupted(new_payer, shop, service):
    service.after.append(KeyboardInterrupt())
    told = []
    with pytest.raises(KeyboardInterrupt):
        new_payer(on_receipt=told.append).pay(shop.url)

    assert service.charged == 1
    assert [receipt.process_payment_id for receipt in told] == [None]


def test_on_receipt_is_called_for_a_paid_request_that_was_interrupted(new_payer, shop, monkeypatch):
    from boto3_agentcore_payments.pay.clients.requests_session import PayingAdapter

    send = PayingAdapter.send_once

    def interrupted(self, request, **options):
        if "PAYMENT-SIGNATURE" in request.headers:
            raise KeyboardInterrupt
        return send(self, request, **options)

    monkeypatch.setattr(PayingAdapter, "send_once", interrupted)
    told = []
    payer = new_payer(on_receipt=told.append)
    with pytest.raises(KeyboardInterrupt):
        payer.pay(shop.url)

    assert told == payer.receipts
    assert told[0].process_payment_id is not None


def test_on_receipt_is_called_for_a_body_whose_reading_was_interrupted(
    new_payer, shop, monkeypatch
):
    shop.answer = lambda seen: (
        settled(**{"Content-Type": "text/event-stream"}) if seen.proof else demand()
    )
    told = []
    payer = new_payer(on_receipt=told.append)
    answer = payer.pay(shop.url, stream=True)
    assert told == []

    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("urllib3.HTTPResponse.stream", interrupted)
    with answer, pytest.raises(KeyboardInterrupt):
        answer.content  # noqa: B018 (reads the body)

    assert told == payer.receipts


@pytest.mark.parametrize(
    ("before", "after", "advice"),
    [
        ([LOST], [], "the same request goes on with the same payment"),
        (
            [],
            [Reply(drop=True)],
            "the same request, or resume(receipt), goes on with the same proof",
        ),
    ],
)
def test_an_error_has_its_advice_apart_and_at_the_end_of_its_message(
    new_payer, shop, service, before, after, advice
):
    service.before.extend(before)
    shop.settling = after
    with pytest.raises(OutcomeUnknown) as raised:
        new_payer().pay(shop.url)

    assert raised.value.advice == advice
    assert str(raised.value).endswith(f"{raised.value.quote}; {advice}")


def test_an_error_of_on_receipt_does_not_lose_the_content(new_payer, shop, caplog):
    def broken(_):
        raise ZeroDivisionError

    assert new_payer(on_receipt=broken).pay(shop.url).content == b"content"
    assert "on_receipt raised ZeroDivisionError" in caplog.text


def test_content_without_a_settlement_is_handed_on_as_not_settled(fetch, new_payer, shop):
    shop.answer = lambda seen: Reply() if seen.proof else demand()
    payer = new_payer()

    assert fetch(payer, shop.url).content == b"content"
    assert payer.receipts[0].settled is False


def test_the_merchant_that_asks_again_is_named_and_nothing_more_is_signed(
    fetch, new_payer, shop, service
):
    shop.answer = lambda seen: demand(error="invalid_signature" if seen.proof else "pay")
    payer = new_payer()

    for _ in range(3):
        with pytest.raises(MerchantRefused, match=r"asks again.*\(invalid_signature\)") as caught:
            fetch(payer, shop.url)
    assert type(caught.value) is MerchantRefused
    assert caught.value.reason == "invalid_signature"
    assert caught.value.receipt == payer.receipts[0]
    assert service.charged == 1
