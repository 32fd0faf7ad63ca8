"""How the services become known, and what the doctor says if they are not."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from doctor_findings import only

from boto3_agentcore_payments import loader
from boto3_agentcore_payments.cli.diagnosis import activation
from boto3_agentcore_payments.cli.diagnosis.findings import Status, ok

if TYPE_CHECKING:
    import pytest


def probe(monkeypatch: pytest.MonkeyPatch, **answer: Any) -> None:
    known = {"services": [], "state": "not run", "problems": {}}
    monkeypatch.setattr(activation, "_ask_a_fresh_interpreter", lambda: {**known, **answer})


def test_activation_at_interpreter_start_names_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    probe(monkeypatch, services=list(loader.SERVICES), state="waiting")
    monkeypatch.setattr(activation, "startup_files", lambda: [Path("/site/some.pth")])
    assert list(activation.check()) == [ok("activation", "at interpreter start by /site/some.pth")]


def test_a_relative_pythonpath_holds_for_the_fresh_interpreter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "packages" / "botocore"
    place.mkdir(parents=True)
    (place / "__init__.py").write_text("")
    (place / "loaders.py").write_text(
        "class Loader:\n    def list_available_services(self, _): return ['found']\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", "packages")
    assert "found" in activation._ask_a_fresh_interpreter()["services"]


def test_activation_that_is_switched_off_is_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    probe(monkeypatch, state="opted out")
    (found,) = activation.check()
    assert found.status is Status.NOTE
    assert "BOTO3_AGENTCORE_PAYMENTS_AUTOLOAD=0" in found.text
    assert "import boto3_agentcore_payments" in found.advice


def test_no_start_up_file_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    probe(monkeypatch)
    monkeypatch.setattr(activation, "startup_files", list)
    (found,) = activation.check()
    assert found.status is Status.WRONG
    assert "no site-packages directory" in found.text
    assert "import boto3_agentcore_payments" in found.advice


def test_a_start_up_file_without_effect_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    probe(monkeypatch)
    monkeypatch.setattr(activation, "startup_files", lambda: [Path("/site/some.pth")])
    (found,) = activation.check()
    assert found.status is Status.WRONG
    assert found.text.startswith("/site/some.pth has no effect in")


def test_a_failed_activation_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    probe(monkeypatch, problems={"botocore.loaders": "AttributeError('Loader')"})
    found = only(activation.check(), "activation", "failed on")
    assert found.text == "failed on botocore.loaders: AttributeError('Loader')"
