"""``agentcore-payments receipts``: payments added up by user, payee and day."""

from __future__ import annotations

import io
import json
from datetime import datetime, timezone
from decimal import Decimal
from typing import Any

import pytest

from boto3_agentcore_payments.cli import main
from boto3_agentcore_payments.pay import Receipt, append_to


def receipt(number: str | None, amount: str = "0.01", day: int = 1, **changes: Any) -> Receipt:
    made: dict[str, Any] = {
        "amount": Decimal(amount),
        "settled": True,
        "url": "https://shop.example/",
        "method": "GET",
        "protocol": "x402",
        "payment_type": "CRYPTO_X402",
        "scheme": "exact",
        "network": "eip155:84532",
        "asset": "0xa",
        "pay_to": "0xshop",
        "process_payment_id": number,
        "payment_session_id": "session",
        "payment_instrument_id": "wallet",
        "at": datetime(2026, 11, day, 23, 30, tzinfo=timezone.utc),
        "purchase": f"key-{number}",
        "user_id": "alice",
        **changes,
    }
    return Receipt(**made)


@pytest.fixture
def sums(tmp_path, capsys):
    """Write receipts to a file, and return status, the JSON and standard error."""

    def run(*receipts: Receipt, more: tuple[str, ...] = ()) -> tuple[int, dict[str, Any], str]:
        file = tmp_path / "receipts"
        append = append_to(file)
        for each in receipts:
            append(each)
        status = main(["receipts", str(file), "--json", *more])
        printed = capsys.readouterr()
        return status, json.loads(printed.out), printed.err

    return run


def total(charged: str, settled: str, payments: int, unknown: int = 0) -> dict[str, Any]:
    return {"payments": payments, "charged": charged, "settled": settled, "unknown": unknown}


def test_payments_are_added_up_by_user_payee_and_day(sums):
    status, found, _ = sums(
        receipt("1"),
        receipt("2", "0.25", day=2, user_id="bob"),
        receipt("3", "0.10", day=2, pay_to="0xother"),
    )
    assert status == 0
    assert found["user"] == {"alice": total("0.11", "0.11", 2), "bob": total("0.25", "0.25", 1)}
    assert found["payee"] == {
        "0xother": total("0.10", "0.10", 1),
        "0xshop": total("0.26", "0.26", 2),
    }
    assert found["day"] == {
        "2026-11-01": total("0.01", "0.01", 1),
        "2026-11-02": total("0.35", "0.35", 2),
    }
    assert found["total"] == total("0.36", "0.36", 3)


def test_payment_counts_once_as_its_last_line_has_it(sums):
    _, found, _ = sums(receipt("1", settled=False), receipt("1"), receipt("2", settled=False))
    assert found["total"] == total("0.02", "0.01", 2)


def test_payment_without_an_answer_is_unknown_and_in_no_sum(sums):
    _, found, _ = sums(receipt(None, purchase="a"), receipt(None, purchase="a"), receipt("1"))
    assert found["total"] == total("0.01", "0.01", 1, unknown=1)


def test_payment_that_was_answered_later_is_not_unknown(sums):
    _, found, _ = sums(receipt(None, purchase="a"), receipt("1", purchase="a"))
    assert found["total"] == total("0.01", "0.01", 1)


def test_sums_are_exact(sums):
    _, found, _ = sums(receipt("1", "123456789012345678901234567890.1"), receipt("2", "0.00000001"))
    assert found["total"]["charged"] == "123456789012345678901234567890.10000001"


def test_one_kind_alone(sums):
    _, found, _ = sums(receipt("1"), more=("--by", "payee"))
    assert list(found) == ["payee", "total"]


def test_payer_without_a_user_id_is_named_so(sums):
    _, found, _ = sums(receipt("1", user_id=None))
    assert list(found["user"]) == ["(of the token)"]


def test_several_files_are_one_audit(tmp_path, capsys):
    for name in "ab":
        append_to(tmp_path / name)(receipt(name))
    assert main(["receipts", str(tmp_path / "a"), str(tmp_path / "b"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["total"] == total("0.02", "0.02", 2)


def test_table_for_people(tmp_path, capsys):
    append_to(tmp_path / "a")(receipt("1", user_id="al\x1b[2Jice"))
    assert main(["receipts", str(tmp_path / "a"), "--by", "user"]) == 0
    assert capsys.readouterr().out == (
        "user       payments  charged (USD)  settled (USD)  unknown\n"
        "al?[2Jice         1           0.01           0.01        0\n"
        "                  1           0.01           0.01        0\n\n"
    )


def test_line_that_is_not_a_receipt_is_named_and_the_rest_counts(tmp_path, capsys):
    file = tmp_path / "a"
    file.write_text("\nnonsense\n")
    append_to(file)(receipt("1"))
    assert main(["receipts", str(file), "--json"]) == 1
    printed = capsys.readouterr()
    assert printed.err == f"agentcore-payments receipts: {file}:2 is not a receipt\n"
    assert json.loads(printed.out)["total"] == total("0.01", "0.01", 1)


def test_standard_input_is_read(tmp_path, capsys, monkeypatch):
    append_to(tmp_path / "a")(receipt("1"))
    monkeypatch.setattr("sys.stdin", io.StringIO((tmp_path / "a").read_text()))
    assert main(["receipts", "-", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["total"]["payments"] == 1


def test_file_that_is_not_there_is_one_line(tmp_path, capsys):
    assert main(["receipts", str(tmp_path / "a")]) == 1
    assert capsys.readouterr().err == (
        f"agentcore-payments receipts: {tmp_path / 'a'}: No such file or directory\n"
    )
