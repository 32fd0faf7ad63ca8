"""Receipts in a file: ``append_to`` and what reads it."""

from __future__ import annotations

import dataclasses
import json
import os
import threading
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pay_world import PROOF, service_error

from boto3_agentcore_payments.pay import OutcomeUnknown, Receipt, append_to
from boto3_agentcore_payments.pay.receipt_lines import fields, read_receipts


def receipt(**changes: Any) -> Receipt:
    made: dict[str, Any] = {
        "amount": Decimal("0.01"),
        "settled": True,
        "url": "https://shop.example/report",
        "method": "GET",
        "protocol": "x402",
        "payment_type": "CRYPTO_X402",
        "scheme": "exact",
        "network": "eip155:84532",
        "asset": "0xa",
        "pay_to": "0xb",
        "process_payment_id": "payment-1",
        "payment_session_id": "session-1",
        "payment_instrument_id": "wallet-1",
        "at": datetime(2026, 11, 1, 12, tzinfo=timezone.utc),
        "purchase": "key-1",
        "user_id": "alice",
        **changes,
    }
    return Receipt(**made)


def test_paid_url_is_a_line_of_a_private_file(new_payer, shop, tmp_path):
    file = tmp_path / "receipts"
    payer = new_payer(on_receipt=append_to(file))
    payer.pay(shop.url)
    (line,) = file.read_text().splitlines()
    assert json.loads(line) == fields(payer.receipts[0])
    assert (json.loads(line)["amount"], json.loads(line)["user_id"]) == ("0.01", "alice")
    assert file.stat().st_mode & 0o777 == 0o600
    assert PROOF not in line


def test_payment_whose_process_payment_was_not_answered_is_a_line_too(
    new_payer, shop, service, tmp_path
):
    file = tmp_path / "receipts"
    service.after.append(service_error("InternalServerException", status=500))
    payer = new_payer(on_receipt=append_to(file))
    with pytest.raises(OutcomeUnknown):
        payer.pay(shop.url)
    payer.pay(shop.url)
    first, last = map(json.loads, file.read_text().splitlines())
    assert (first["process_payment_id"], first["settled"]) == (None, False)
    assert last["process_payment_id"] is not None
    assert first["purchase"] == last["purchase"]


def test_line_after_one_that_was_cut_short_is_whole(tmp_path):
    file = tmp_path / "receipts"
    append = append_to(file)
    with file.open("w") as cut:
        cut.write('{"amount": "0.0')
    append(receipt())
    with file.open() as lines:
        assert list(read_receipts(lines)) == [(1, None), (2, receipt())]


def test_threads_share_a_file(tmp_path):
    file = tmp_path / "receipts"
    append = append_to(file)
    threads = [
        threading.Thread(target=append, args=(receipt(process_payment_id=str(number)),))
        for number in range(32)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with file.open() as lines:
        read = [found.process_payment_id for _, found in read_receipts(lines) if found]
    assert sorted(read) == sorted(map(str, range(32)))


def test_file_that_cannot_be_made_is_found_out_at_once(tmp_path):
    with pytest.raises(FileNotFoundError):
        append_to(tmp_path / "missing" / "receipts")


times = st.datetimes(timezones=st.just(timezone.utc))


@given(
    made=st.builds(
        receipt,
        amount=st.decimals(0, 10**9, allow_nan=False, places=8),
        settled=st.booleans(),
        url=st.text(),
        user_id=st.none() | st.text(),
        process_payment_id=st.none() | st.text(),
        at=times,
        proof_expires_at=st.none() | times,
    )
)
def test_written_receipts_are_read_back(made):
    line = json.dumps(fields(made))
    assert "\n" not in line
    assert list(read_receipts([line])) == [(1, made)]


@pytest.mark.parametrize(
    "line",
    [
        "nonsense",
        "[]",
        "{}",
        "1",
        "[" * 100_000,
        json.dumps({**fields(receipt()), "amount": "-1"}),
        json.dumps({**fields(receipt()), "amount": "NaN"}),
        json.dumps({**fields(receipt()), "at": "yesterday"}),
        json.dumps({**fields(receipt()), "at": "2026-11-01T12:00:00"}),
        json.dumps({k: v for k, v in fields(receipt()).items() if k != "pay_to"}),
    ],
    ids=range(10),
)
def test_line_that_is_not_a_receipt_is_read_as_none(line):
    assert list(read_receipts([line])) == [(1, None)]


def test_empty_lines_are_passed_over_and_counted():
    assert list(read_receipts(["\n", json.dumps(fields(receipt()))])) == [(2, receipt())]


def test_members_of_a_newer_version_are_passed_over():
    line = json.dumps({**fields(receipt()), "fee": "0.1"})
    assert list(read_receipts([line])) == [(1, receipt())]


def test_relative_times_of_another_zone_are_kept():
    zone = timezone(timedelta(hours=2))
    made = dataclasses.replace(receipt(), at=datetime(2026, 11, 1, 1, tzinfo=zone))
    assert next(read_receipts([json.dumps(fields(made))])) == (1, made)


def test_path_may_be_text_or_a_path(tmp_path):
    append_to(os.fspath(tmp_path / "a"))(receipt())
    assert (tmp_path / "a").exists()
