"""Where the definitions come from, and what hides them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor_findings import SERVICE, only, session

from boto3_agentcore_payments.cli import main, packaged_models
from boto3_agentcore_payments.cli.diagnosis import models
from boto3_agentcore_payments.cli.diagnosis.findings import Status, ok, wrong

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_the_packages_own_models_are_named() -> None:
    found = only(models.check(session()), "models", f"{SERVICE}:")
    assert found == ok("models", f"{SERVICE}: {packaged_models.root() / SERVICE}")


def test_damaged_definitions_are_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / SERVICE / "2024-02-28"
    place.mkdir(parents=True)
    (place / "service-2.json").write_text("{")
    monkeypatch.setattr(packaged_models, "root", lambda: tmp_path)
    found = only(models.check(session()), "models", "is damaged")
    assert found == wrong(
        "models",
        f"The service definition {place / 'service-2.json'} is damaged",
        "install boto3-agentcore-payments again",
    )


def test_an_installed_copy_is_named_as_the_source(home: Path) -> None:
    main(["install-models"])
    found = list(models.check(session()))
    place = home / ".aws" / "models" / SERVICE
    assert only(found, "models", f"{SERVICE}: {place}") == ok("models", f"{SERVICE}: {place}")
    assert only(found, "models", f"{place}:").text.endswith("installed copy, up to date")


def test_an_older_copy_is_wrong(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    main(["install-models"])
    old = packaged_models.package_version()
    monkeypatch.setattr(packaged_models, "package_version", lambda: "99")
    found = only(models.check(session()), "models", f"{SERVICE}: older")
    assert found == wrong(
        "models",
        f"{home}/.aws/models/{SERVICE}: older copy of version {old} hides the package's",
        "run: agentcore-payments install-models",
    )


def test_a_foreign_copy_in_a_data_path_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "mine" / SERVICE / "2024-02-28"
    place.mkdir(parents=True)
    (place / "service-2.json").write_text("{}")
    monkeypatch.setenv("AWS_DATA_PATH", str(tmp_path / "mine"))
    found = only(models.check(session()), "models", "not installed by")
    assert found.status is Status.WRONG
    assert found.text.startswith(str(tmp_path / "mine" / SERVICE))
    assert f"--directory {tmp_path / 'mine'} --force" in found.advice


def test_a_copy_that_hides_a_service_of_aws_is_noted(home: Path) -> None:
    place = home / ".aws" / "models" / "bedrock-agentcore" / "2024-02-28"
    place.mkdir(parents=True)
    (place / "service-2.json").write_text("{}")
    found = only(models.check(session()), "models", "hides AWS's own bedrock-agentcore")
    assert found.status is Status.NOTE
