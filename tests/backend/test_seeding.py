"""A known start from one document."""

from __future__ import annotations

import importlib.util
import json
import sys
from typing import TYPE_CHECKING, Any

import pytest
import requests
from moto import mock_aws
from moto.moto_api._internal.models import moto_api_backend

from boto3_agentcore_payments.emulator.control import PaymentsControl
from boto3_agentcore_payments.errors import MissingExtraError

if TYPE_CHECKING:
    from pathlib import Path

x402 = pytest.mark.skipif(
    importlib.util.find_spec("x402") is None, reason="needs the extra merchant, of Python 3.10 on"
)


@pytest.fixture
def control(aws: None) -> PaymentsControl:
    return PaymentsControl()


def _wallet(**members: Any) -> dict[str, Any]:
    connector = {"name": "coins", "wallets": [{"user": "alice", **members}]}
    return {"managers": [{"name": "shop", "connectors": [connector]}]}


def _shop(**members: Any) -> dict[str, Any]:
    return {"managers": [{"name": "shop"}], "merchants": [{"kind": "x402_merchant", **members}]}


@pytest.mark.parametrize(
    ("start", "message"),
    [
        (_wallet(funds="-1"), r"connectors\[0\].wallets\[0\].funds must be US dollars as text"),
        (_wallet(funds="NaN"), r"wallets\[0\].funds must be US dollars as text"),
        (_wallet(funds="1e400"), r"wallets\[0\].funds must be US dollars as text"),
        (_wallet(funds=" 5_0 "), r"wallets\[0\].funds must be US dollars as text"),
        (_wallet(funds="\u0665"), r"wallets\[0\].funds must be US dollars as text"),
        (_wallet(funds="0.0000001"), r"wallets\[0\].funds must be US dollars as text"),
        (_wallet(funds=5.0), r"wallets\[0\].funds must be text"),
        (_wallet(network="MOON"), r"managers\[0\].connectors\[0\].wallets\[0\]: .*network"),
        ({"managers": [{"name": "no spaces"}]}, r"managers\[0\]: .*name"),
        ({"managers": {}}, "managers must be a list"),
        ([], "the start must be an object"),
        ({"merchants": ["x402"]}, r"merchants\[0\] must be an object"),
        ({"merchants": [{}]}, r"merchants\[0\]: key 'kind' is missing; one of x402_merchant, mpp_"),
        ({"merchants": [{"kind": "x402"}]}, r"merchants\[0\].kind: unknown kind 'x402'; one of"),
        (
            _shop(prise="1"),
            r"merchants\[0\].prise: unknown key 'prise'; one of kind, price, prices",
        ),
        (_shop(handler="os.system"), r"merchants\[0\].handler: unknown key 'handler'"),
        (_shop(price=0.02), r"merchants\[0\].price must be text \(in quotes, where it is a number"),
        (_shop(version="2"), r"merchants\[0\].version must be a whole number"),
        (_shop(version=True), r"merchants\[0\].version must be a whole number"),
        (_shop(permit2="no"), r"merchants\[0\].permit2 must be true or false"),
        (_shop(prices={"/a": 1}), r"merchants\[0\].prices must be an object with text values"),
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


def test_what_was_made_is_returned_with_its_ids(control: PaymentsControl) -> None:
    start = _wallet(funds="1.00")
    start["managers"][0]["sessions"] = [{"user": "bob", "limit": "2.00"}]
    made = control.seed(start)
    found = control.overview()
    (manager,) = made["managers"]
    assert (manager["name"], manager["paymentManagerId"]) == ("shop", found["managers"][0]["id"])
    assert manager["connectors"] == [
        {
            "name": "coins",
            "paymentConnectorId": found["connectors"][0]["id"],
            "wallets": [{"user": "alice", "paymentInstrumentId": found["wallets"][0]["id"]}],
        }
    ]
    assert manager["sessions"] == [
        {"user": "bob", "paymentSessionId": found["sessions"][0]["id"]},
    ]
    assert control.seeded() == [made]


def post(path: str) -> int:
    return requests.post(f"http://motoapi.amazonaws.com/moto-api/{path}", timeout=5).status_code


@pytest.mark.parametrize("how", ["python", "agentcore-payments/reset", "reset"])
def test_a_reset_returns_to_the_starts(control: PaymentsControl, how: str) -> None:
    control.seed(_wallet(funds="1.00"))
    control.seed({"managers": [{"name": "second"}]})
    control.set_quota("maxManagers", 3)
    control.seed({"managers": [{"name": "third"}]})
    before = control.seeded()
    for _ in range(2):
        (wallet,) = control.overview()["wallets"]
        control.set_balance(wallet["id"], 0)
        if how == "python":
            control.reset()
        else:
            assert post(how) == 200
        found = control.overview()
        assert sorted(each["name"] for each in found["managers"]) == ["second", "shop", "third"]
        assert [control.balance(each["id"]) for each in found["wallets"]] == [1_000_000]
        assert control.account().quotas == {}
    after = control.seeded()
    assert [each["managers"][0]["name"] for each in after] == ["shop", "second", "third"]
    assert after != before


def test_a_reset_of_a_region_leaves_the_others_alone(control: PaymentsControl) -> None:
    here, there = PaymentsControl(region="us-east-1"), PaymentsControl(region="eu-west-1")
    here.seed({"managers": [{"name": "here"}]})
    there.seed({"managers": [{"name": "there"}]})
    before = there.seeded()
    here.reset()
    assert there.seeded() == before
    assert [each["name"] for each in there.overview()["managers"]] == ["there"]


def test_a_start_is_forgotten_when_moto_is_reset_in_python() -> None:
    for expected in (["shop"], []):
        with mock_aws():
            control = PaymentsControl()
            if expected:
                control.seed({"managers": [{"name": "shop"}]})
            control.reset()
            assert [each["name"] for each in control.overview()["managers"]] == expected


def test_a_restore_goes_on_knowing_the_start(control: PaymentsControl) -> None:
    control.snapshot("nothing")
    control.seed({"managers": [{"name": "shop"}]})
    control.restore("nothing")
    assert control.overview()["managers"] == []
    control.reset()
    assert [each["name"] for each in control.overview()["managers"]] == ["shop"]


@x402
def test_merchants_stay_open_over_a_reset_and_close_with_moto_s(control: PaymentsControl) -> None:
    made = control.seed(_shop(prices={"/news": "0.02", "/report": "0.25"}))
    (shop,) = made["merchants"]
    assert shop["kind"] == "x402_merchant"
    assert shop["urls"].keys() == {"/news", "/report"}
    control.reset()
    assert control.seeded()[0]["merchants"] == [shop]
    assert requests.get(shop["urls"]["/report"], timeout=5).status_code == 402
    moto_api_backend.reset()
    with pytest.raises(requests.ConnectionError):
        requests.get(shop["url"], timeout=5)


@x402
def test_a_merchant_that_cannot_be_opened_makes_nothing(control: PaymentsControl) -> None:
    with pytest.raises(ValueError, match=r"merchants\[0\]: .*moon"):
        control.seed(_shop(network="moon"))
    assert (control.overview()["managers"], control.seeded()) == ([], [])


def test_a_start_can_be_a_file(control: PaymentsControl, tmp_path: Path) -> None:
    start = {"managers": [{"name": "shop"}]}
    (tmp_path / "start.json").write_text(json.dumps(start))
    (tmp_path / "start.yml").write_text("managers: [{name: other}]")
    control.seed(tmp_path / "start.json")
    control.seed(str(tmp_path / "start.yml"))
    assert sorted(each["name"] for each in control.overview()["managers"]) == ["other", "shop"]
    with pytest.raises(FileNotFoundError):
        control.seed(tmp_path / "missing.json")


@pytest.mark.parametrize(("name", "kind"), [("a.json", "JSON"), ("a.yaml", "YAML")])
def test_a_file_of_another_format_is_refused(
    control: PaymentsControl, tmp_path: Path, name: str, kind: str
) -> None:
    (tmp_path / name).write_text("{[: x")
    with pytest.raises(ValueError, match=f"the file is not {kind}: "):
        control.seed(tmp_path / name)


def test_yaml_names_the_extra_that_brings_pyyaml(
    control: PaymentsControl, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "start.yaml").write_text("managers: []")
    monkeypatch.setitem(sys.modules, "yaml", None)
    with pytest.raises(MissingExtraError, match=r"'boto3-agentcore-payments\[emulator\]'"):
        control.seed(tmp_path / "start.yaml")


def test_over_http_a_start_is_a_document_and_no_file(control: PaymentsControl) -> None:
    url = "http://motoapi.amazonaws.com/moto-api/agentcore-payments"
    answer = requests.post(f"{url}/seed", data=json.dumps({"start": "/etc/passwd"}), timeout=5)
    assert (answer.status_code, answer.json()["message"]) == (
        400,
        "argument 'start' must be of type dict",
    )
    start = {"managers": [{"name": "shop"}]}
    answer = requests.post(f"{url}/seed", data=json.dumps({"start": start}), timeout=5)
    assert requests.get(f"{url}/seeded", timeout=5).json()["result"] == [answer.json()["result"]]
