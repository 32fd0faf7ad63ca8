"""A known start from one document."""

from __future__ import annotations

from typing import Any

import pytest

from boto3_agentcore_payments.emulator.control import PaymentsControl


@pytest.fixture
def control(aws: None) -> PaymentsControl:
    return PaymentsControl()


def _wallet(**members: Any) -> dict[str, Any]:
    connector = {"name": "coins", "wallets": [{"user": "alice", **members}]}
    return {"managers": [{"name": "shop", "connectors": [connector]}]}


@pytest.mark.parametrize(
    ("start", "message"),
    [
        (_wallet(funds="-1"), r"connectors\[0\].wallets\[0\].funds must be US dollars as text"),
        (_wallet(funds="NaN"), r"wallets\[0\].funds must be US dollars as text"),
        (_wallet(funds=5.0), r"wallets\[0\].funds must be text"),
        (_wallet(network="MOON"), r"managers\[0\].connectors\[0\].wallets\[0\]: .*network"),
        ({"managers": [{"name": "no spaces"}]}, r"managers\[0\]: .*name"),
        ({"managers": {}}, "managers must be a list"),
    ],
)
def test_a_wrong_document_is_refused_and_makes_nothing(
    control: PaymentsControl, start: Any, message: str
) -> None:
    control.seed({"managers": [{"name": "kept"}]})
    with pytest.raises(ValueError, match=message):
        control.seed(start)
    assert [each["name"] for each in control.overview()["managers"]] == ["kept"]


def test_a_wallet_has_its_funds(control: PaymentsControl) -> None:
    control.seed(_wallet(funds="0.000001", network="SOLANA"))
    (wallet,) = control.overview()["wallets"]
    assert control.balance(wallet["id"]) == 1
