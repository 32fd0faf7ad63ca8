"""The maintainers' command: no drift now, and every kind of drift is found, named and mended."""

from __future__ import annotations

import functools
import json
import shutil
from typing import TYPE_CHECKING, Any, Callable

import botocore
import pytest
import sync_models
from botocore.loaders import Loader
from model_facts import reachable
from model_files import read_ours
from model_pairs import AWS_NAMES, DATA, definition, loader, needs_payments_in_botocore
from model_planes import PLANES

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = needs_payments_in_botocore

KINDS = ("service-2", "paginators-1", "waiters-2", "endpoint-rule-set-1")
OURS = "bedrock-agentcore-payments"
AWS = AWS_NAMES[OURS]
VERSION = "2024-02-28"
OTHER_OPERATION = "InvokeAgentRuntime"
Change = Callable[[Any], None]


class Sides:
    """Copies of AWS's and our data which a test may change."""

    def __init__(self, directory: Path) -> None:
        self.aws, self.ours = directory / "aws", directory / "ours"
        shutil.copytree(DATA, self.ours)
        for plane in PLANES:
            target = self.aws / plane.source / plane.version
            target.mkdir(parents=True)
            for kind in KINDS:
                (target / f"{kind}.json").write_text(_payments_part(plane.source, kind), "utf-8")

    def change_aws(self, kind: str, change: Change) -> None:
        """Change AWS's file of the data plane."""
        _rewrite(self.aws / AWS / VERSION / f"{kind}.json", change)

    def change_ours(self, kind: str, change: Change) -> None:
        """Change our file of the data plane."""
        _rewrite(self.ours / OURS / VERSION / f"{kind}.json", change)

    def read_ours(self, kind: str = "service-2") -> Any:
        """Our file of the data plane, with what AWS has added."""
        return read_ours(self.ours, PLANES[0]).files[kind]

    def read_file(self, kind: str) -> Any:
        """Our file of the data plane as it stands."""
        return json.loads((self.ours / OURS / VERSION / f"{kind}.json").read_text("utf-8"))

    def check(self) -> list[str]:
        """What the command's check says, line by line."""
        return [str(drift) for drift in sync_models.check(self.ours, self.aws)]

    def update(self) -> None:
        """What the command's update does."""
        sync_models.update(self.ours, self.aws)


@functools.cache
def _payments_part(source: str, kind: str) -> str:
    """AWS's file as text; of its many operations the payments ones and one other."""
    content = loader().load_service_model(source, kind)
    if kind == "service-2":
        operations = {
            name: operation
            for name, operation in content["operations"].items()
            if "Payment" in name or name == OTHER_OPERATION
        }
        shapes = {name: content["shapes"][name] for name in reachable(content, operations)}
        content = {**content, "operations": operations, "shapes": shapes}
    return json.dumps(content)


def _rewrite(path: Path, change: Change) -> None:
    content = json.loads(path.read_text("utf-8"))
    change(content)
    path.write_text(json.dumps(content, indent=2) + "\n", "utf-8")


@pytest.fixture
def sides(tmp_path: Path) -> Sides:
    """Fresh copies of both sides, in step."""
    return Sides(tmp_path)


def test_we_are_in_step_with_the_installed_botocore() -> None:
    assert sync_models.check(DATA) == []


def test_command_answers_zero_when_in_step(capsys: pytest.CaptureFixture[str]) -> None:
    assert sync_models.main(["check"]) == 0
    assert capsys.readouterr().out.startswith("27 operations compared with botocore ")


def test_update_changes_no_file_when_in_step(sides: Sides) -> None:
    assert sync_models.update(sides.ours) == ([], [])


def test_user_models_are_not_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bedrock-agentcore" / "2099-01-01").mkdir(parents=True)
    monkeypatch.setenv("AWS_DATA_PATH", str(tmp_path))
    monkeypatch.setattr(Loader, "CUSTOMER_DATA_PATH", str(tmp_path))
    assert sync_models.check(DATA) == []


def shape(name: str) -> Callable[[Any], Any]:
    """Pick a shape out of a service-2 file."""
    return lambda service: service["shapes"][name]


def _new_operation(service: Any) -> None:
    service["operations"]["RefundPayment"] = {
        "name": "RefundPayment",
        "http": {"method": "POST", "requestUri": "/payments/refundPayment", "responseCode": 200},
        "input": {"shape": "RefundPaymentRequest"},
        "documentation": "<p>AWS's words.</p>",
    }
    service["shapes"]["RefundPaymentRequest"] = {
        "type": "structure",
        "members": {
            "processPaymentId": {
                "shape": "ProcessPaymentId",
                "documentation": "<p>AWS's words.</p>",
            }
        },
        "documentation": "<p>AWS's words.</p>",
    }


def _new_member(service: Any) -> None:
    shape("PaymentSession")(service)["members"]["label"] = {
        "shape": "String",
        "documentation": "<p>AWS's words.</p>",
    }


def _reordered_members(service: Any) -> None:
    chosen = shape("PaymentSession")(service)
    chosen["members"] = dict(reversed(list(chosen["members"].items())))


def _removed_operation(service: Any) -> None:
    del service["operations"]["GetPaymentInstrumentBalance"]


SERVICE_CHANGES: list[tuple[str, Change, str]] = [
    ("operation added", _new_operation, "operations.RefundPayment: only AWS's"),
    (
        "operation removed",
        _removed_operation,
        "operations.GetPaymentInstrumentBalance: only ours",
    ),
    (
        "path changed",
        lambda s: s["operations"]["ProcessPayment"]["http"].update(requestUri="/pay"),
        'operations.ProcessPayment.http.requestUri: ours "/payments/processPayment", AWS\'s "/pay"',
    ),
    (
        "error added",
        lambda s: s["operations"]["GetPaymentSession"]["errors"].append(
            {"shape": "ConflictException"}
        ),
        "operations.GetPaymentSession.errors: only AWS's",
    ),
    (
        "trait removed",
        lambda s: s["operations"]["ProcessPayment"].pop("idempotent"),
        "operations.ProcessPayment.idempotent: only ours: true",
    ),
    ("member added", _new_member, "shapes.PaymentSession.members.label: only AWS's"),
    ("members reordered", _reordered_members, "shapes.PaymentSession.members: order: ours"),
    (
        "member now required",
        lambda s: shape("SessionLimits")(s).update(required=["maxSpendAmount", "period"]),
        'shapes.SessionLimits.required: only AWS\'s: "period"',
    ),
    (
        "range changed",
        lambda s: shape("CreatePaymentSessionRequestExpiryTimeInMinutesInteger")(s).update(max=960),
        "ExpiryTimeInMinutesInteger.max: ours 480, AWS's 960",
    ),
    (
        "length removed",
        lambda s: shape("UserId")(s).pop("max"),
        "shapes.UserId.max: only ours: 120",
    ),
    (
        "pattern changed",
        lambda s: shape("PaymentConnectorId")(s).update(pattern="[a-z]+"),
        "shapes.PaymentConnectorId.pattern: ours",
    ),
    (
        "enum value added",
        lambda s: shape("Currency")(s)["enum"].append("EUR"),
        'shapes.Currency.enum: only AWS\'s: "EUR"',
    ),
    (
        "status code changed",
        lambda s: shape("ServiceQuotaExceededException")(s)["error"].update(httpStatusCode=429),
        "ServiceQuotaExceededException.error.httpStatusCode: ours 402, AWS's 429",
    ),
    (
        "no longer sensitive",
        lambda s: shape("PaymentDocument")(s).pop("sensitive"),
        "shapes.PaymentDocument.sensitive: only ours: true",
    ),
    (
        "location changed",
        lambda s: shape("ProcessPaymentRequest")(s)["members"]["userId"].update(location="uri"),
        'members.userId.location: ours "header", AWS\'s "uri"',
    ),
    (
        "type of a value changed",
        lambda s: shape("PaymentInput")(s).update(union=1),
        "shapes.PaymentInput.union: ours true, AWS's 1",
    ),
    (
        "signing name changed",
        lambda s: s["metadata"].update(signingName="payments"),
        'metadata.signingName: ours "bedrock-agentcore", AWS\'s "payments"',
    ),
    (
        "context parameter added",
        lambda s: s.update(clientContextParams={"Fast": {"type": "boolean"}}),
        "clientContextParams: only AWS's",
    ),
]


@pytest.mark.parametrize(
    ("change", "said"),
    [(change, said) for _, change, said in SERVICE_CHANGES],
    ids=[name for name, _, _ in SERVICE_CHANGES],
)
def test_changed_fact_is_found_and_taken_over(sides: Sides, change: Change, said: str) -> None:
    sides.change_aws("service-2", change)
    assert any(said in line for line in sides.check()), sides.check()
    sides.update()
    assert [line for line in sides.check() if not line.endswith(": undocumented")] == []
    assert "AWS's words" not in json.dumps(sides.read_ours())


def test_changed_documentation_of_aws_is_not_drift(sides: Sides) -> None:
    sides.change_aws(
        "service-2", lambda s: s["operations"]["ProcessPayment"].update(documentation="<p>New.</p>")
    )
    assert sides.check() == []


def test_operations_without_payment_in_their_name_are_not_ours(sides: Sides) -> None:
    sides.change_aws("service-2", lambda s: s["operations"].pop(OTHER_OPERATION))
    assert sides.check() == []


def test_update_keeps_our_documentation(sides: Sides) -> None:
    sides.change_aws("service-2", lambda s: (_new_operation(s), _new_member(s)))
    sides.update()
    before, after = definition(OURS, "service-2"), sides.read_ours()
    for name, described in before["operations"].items():
        assert after["operations"][name]["documentation"] == described["documentation"]
    for name, described in before["shapes"].items():
        assert after["shapes"][name].get("documentation") == described.get("documentation")


def test_aws_additions_are_written_as_additions(sides: Sides) -> None:
    before = sides.read_file("service-2")
    sides.change_aws("service-2", _new_member)
    sides.update()
    assert sides.read_file("service-2") == before
    added = sides.read_file("service-2.sdk-extras")["merge"]["shapes"]["PaymentSession"]
    assert added == {"members": {"label": {"shape": "String"}}}


@pytest.mark.parametrize("change", [_removed_operation, _reordered_members])
def test_change_that_a_merge_cannot_express_is_written_into_the_file_itself(
    sides: Sides, change: Change
) -> None:
    sides.change_aws("service-2", change)
    sides.update()
    assert sides.read_file("service-2") == sides.read_ours("service-2")
    assert sides.read_file("service-2.sdk-extras") == {"version": 1.0, "merge": {}}
    assert sides.check() == []


def test_update_does_not_follow_an_older_botocore(
    sides: Sides, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(botocore, "__version__", "1.44.5")
    before = sides.read_ours()
    assert sync_models.main(["update", "--data", str(sides.ours)]) == 1
    assert capsys.readouterr().err == "botocore 1.44.5 is older than our definitions\n"
    assert sides.read_ours() == before


def test_update_lists_undocumented_members(sides: Sides) -> None:
    sides.change_aws("service-2", lambda s: (_new_operation(s), _new_member(s)))
    sides.update()
    assert sides.check() == [
        f"{OURS} service-2 {path}: undocumented"
        for path in (
            "operations.RefundPayment",
            "shapes.PaymentSession.members.label",
            "shapes.RefundPaymentRequest",
            "shapes.RefundPaymentRequest.members.processPaymentId",
        )
    ]


def test_command_answers_one_and_says_what_it_wrote(
    sides: Sides, capsys: pytest.CaptureFixture[str]
) -> None:
    sides.change_aws("service-2", _new_member)
    arguments = ["--data", str(sides.ours), "--botocore-data", str(sides.aws)]
    assert sync_models.main(["check", *arguments]) == 1
    assert capsys.readouterr().out.endswith("2 differences\n") is False
    assert sync_models.main(["update", *arguments]) == 1
    said = capsys.readouterr().out
    assert f"written: {sides.ours / OURS / VERSION / 'service-2.sdk-extras.json'}\n" in said
    assert f"{OURS} service-2 shapes.PaymentSession.members.label: undocumented\n" in said


def test_removed_documentation_is_found(sides: Sides) -> None:
    sides.change_ours("service-2", lambda s: shape("Amount")(s)["members"]["value"].popitem())
    assert sides.check() == [f"{OURS} service-2 shapes.Amount.members.value: undocumented"]


def test_new_paginator_is_found_and_taken_over(sides: Sides) -> None:
    added = {"input_token": "a", "output_token": "b", "result_key": "c"}
    sides.change_aws("paginators-1", lambda p: p["pagination"].update(GetPaymentSession=added))
    assert f"{OURS} paginators-1 pagination.GetPaymentSession: only AWS's" in sides.check()[0]
    sides.update()
    assert sides.check() == []
    assert sides.read_ours("paginators-1")["pagination"]["GetPaymentSession"] == added


def test_paginators_of_other_operations_are_not_ours(sides: Sides) -> None:
    sides.change_aws("paginators-1", lambda p: p["pagination"].update(ListOthers={}))
    assert sides.check() == []


def _waiter(operation: str) -> dict[str, Any]:
    acceptor = {"matcher": "status", "expected": 200, "state": "success"}
    return {"operation": operation, "delay": 1, "maxAttempts": 2, "acceptors": [acceptor]}


def test_new_waiter_is_found_and_taken_over(sides: Sides) -> None:
    added = _waiter("GetPaymentSession")
    sides.change_aws("waiters-2", lambda w: w["waiters"].update(PaymentSessionThere=added))
    assert f"{OURS} waiters-2 waiters.PaymentSessionThere: only AWS's" in sides.check()[0]
    sides.update()
    assert sides.check() == []
    waiters = sides.read_ours("waiters-2")["waiters"]
    assert waiters["PaymentSessionThere"] == added
    assert "PaymentInstrumentActive" in waiters


def test_waiters_of_other_operations_are_not_ours(sides: Sides) -> None:
    added = _waiter("GetAgentCard")
    sides.change_aws("waiters-2", lambda w: w["waiters"].update(CardThere=added))
    assert sides.check() == []


def test_waiter_of_ours_that_aws_adds_must_leave_the_declaration(sides: Sides) -> None:
    added = _waiter("GetPaymentInstrument")
    sides.change_aws("waiters-2", lambda w: w["waiters"].update(PaymentInstrumentActive=added))
    assert any("AWS has this waiter now" in line for line in sides.check())


def test_missing_waiter_of_ours_is_found(sides: Sides) -> None:
    sides.change_ours("waiters-2", lambda w: w["waiters"].clear())
    assert sides.check() == [
        f"{OURS} waiters-2 waiters.PaymentInstrumentActive: declared as our own, missing"
    ]


def test_undeclared_waiter_of_ours_is_found(sides: Sides) -> None:
    added = _waiter("GetPaymentSession")
    sides.change_ours("waiters-2", lambda w: w["waiters"].update(Undeclared=added))
    assert f"{OURS} waiters-2 waiters.Undeclared: only ours" in sides.check()[0]


def test_changed_endpoint_rule_is_found_and_taken_over(sides: Sides) -> None:
    def rename(rules: Any) -> None:
        text = json.dumps(rules).replace("bedrock-agentcore.", "agentcore.")
        rules.update(json.loads(text))

    sides.change_aws("endpoint-rule-set-1", rename)
    assert any("endpoint-rule-set-1 rules" in line for line in sides.check())
    sides.update()
    assert sides.check() == []
    parameters = sides.read_ours("endpoint-rule-set-1")["parameters"]
    assert parameters == definition(OURS, "endpoint-rule-set-1")["parameters"]


def test_missing_file_of_ours_is_found(sides: Sides) -> None:
    (sides.ours / OURS / VERSION / "paginators-1.json").unlink()
    assert f"{OURS} paginators-1 file: missing" in sides.check()
    sides.update()
    assert sides.check() == []


def test_new_kind_of_file_is_found(sides: Sides) -> None:
    (sides.aws / AWS / VERSION / "retries-1.json").write_text("{}", "utf-8")
    assert f"{OURS} retries-1 file: AWS has files of this kind now" in sides.check()[0]


def test_new_api_version_is_found(sides: Sides) -> None:
    shutil.copytree(sides.aws / AWS / VERSION, sides.aws / AWS / "2027-01-01")
    said = f"{OURS} service-2 version: AWS's newest API version is 2027-01-01, ours {VERSION}"
    assert said in sides.check()


def test_botocore_without_the_services_is_one_clear_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sync_models.main(["check", "--botocore-data", str(tmp_path)]) == 1
    said = f"{tmp_path} has no service bedrock-agentcore: is botocore new enough?\n"
    assert capsys.readouterr().err == said


def test_botocore_from_before_payments_is_not_followed(
    sides: Sides, capsys: pytest.CaptureFixture[str]
) -> None:
    def forget_payments(service: Any) -> None:
        for name in [name for name in service["operations"] if "Payment" in name]:
            del service["operations"][name]

    sides.change_aws("service-2", forget_payments)
    before = sides.read_ours()
    arguments = ["update", "--data", str(sides.ours), "--botocore-data", str(sides.aws)]
    assert sync_models.main(arguments) == 1
    assert capsys.readouterr().err == f"{AWS} in {sides.aws} has no payments operations yet\n"
    assert sides.read_ours() == before
