"""The doctor: what it finds, what it advises, its exit status, and that it shows no secret."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import Mock

import botocore.session
import pytest
from botocore.exceptions import UnknownServiceError

from boto3_agentcore_payments import loader
from boto3_agentcore_payments.cli import doctor, main, packaged_models
from boto3_agentcore_payments.cli.diagnosis import (
    activation,
    aws_cli,
    configuration,
    installation,
    models,
)
from boto3_agentcore_payments.cli.diagnosis.findings import Finding, Status, note, ok, wrong

if TYPE_CHECKING:
    from collections.abc import Iterable

SERVICE = "bedrock-agentcore-payments"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home directory and no AWS configuration."""
    for name in list(os.environ):
        if name.startswith("AWS_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("HOME", str(tmp_path))
    users = tmp_path / ".aws" / "models"
    monkeypatch.setattr(botocore.loaders.Loader, "CUSTOMER_DATA_PATH", str(users))
    return tmp_path


def only(findings: Iterable[Finding], topic: str, text: str = "") -> Finding:
    """The one finding about a topic that contains a text."""
    (found,) = (one for one in findings if one.topic == topic and text in one.text)
    return found


def session() -> Any:
    return botocore.session.Session()


def pretend(monkeypatch: pytest.MonkeyPatch, *findings: Finding) -> None:
    monkeypatch.setattr(doctor, "findings", lambda: iter(findings))


def test_status_is_0_when_nothing_is_wrong(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pretend(monkeypatch, ok("one", "fine"), note("two", "so so", "do this"))
    assert main(["doctor"]) == 0
    assert capsys.readouterr().out == (
        "ok     one          fine\nnote   two          so so -> do this\n"
    )


def test_status_is_1_when_something_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, wrong("one", "broken", "mend it"), ok("two", "fine"))
    assert main(["doctor"]) == 1


def test_json_holds_the_same(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pretend(monkeypatch, wrong("one", "broken", "mend it"))
    assert main(["doctor", "--json"]) == 1
    assert json.loads(capsys.readouterr().out) == {
        "healthy": False,
        "findings": [{"topic": "one", "status": "wrong", "text": "broken", "advice": "mend it"}],
    }


def test_a_check_that_fails_is_a_finding_and_the_others_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail() -> Iterable[Finding]:
        raise RuntimeError("out of\norder")

    monkeypatch.setattr(activation, "check", fail)
    monkeypatch.setattr(aws_cli, "check", lambda: iter([ok("aws cli", "fine")]))
    found = list(doctor.findings())
    assert only(found, "activation").text == "RuntimeError: out of order"
    assert only(found, "aws cli").status is Status.OK


def test_the_whole_report_runs_as_a_program() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "boto3_agentcore_payments", "doctor", "--json"],
        capture_output=True,
        text=True,
        check=False,
    )
    report = json.loads(ran.stdout)
    topics = {finding["topic"] for finding in report["findings"]}
    assert {"python", "package", "botocore", "boto3", "moto", "activation", "models"} <= topics
    assert {"region", "credentials", "endpoint", "aws cli"} <= topics
    assert ran.returncode == (0 if report["healthy"] else 1)
    assert ran.stderr == ""


def test_versions_are_named() -> None:
    found = list(installation.check())
    assert only(found, "botocore").text.startswith(botocore.__version__)
    assert only(found, "python").text.endswith(sys.executable)


def test_a_botocore_that_is_too_old_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "boto3_agentcore_payments.cli.diagnosis.installation.version", lambda _: "1.30.9"
    )
    found = only(installation.check(), "botocore")
    assert found == wrong("botocore", "1.30.9 is too old", "run: pip install 'botocore>=1.31.0'")


def test_without_moto_there_is_no_emulator_and_nothing_wrong(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def without_moto(name: str) -> str:
        if name == "moto":
            raise PackageNotFoundError(name)
        return version(name)

    monkeypatch.setattr("boto3_agentcore_payments.cli.diagnosis.installation.version", without_moto)
    assert only(installation.check(), "moto") == note(
        "moto",
        "not installed: the clients work, the emulator does not",
        "run: pip install 'boto3-agentcore-payments[emulator]'",
    )


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


def test_a_service_that_is_unknown_has_no_endpoint_to_speak_of(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    unknown = UnknownServiceError(service_name=SERVICE, known_service_names="a, b, c")
    monkeypatch.setattr(configuration, "_url", Mock(side_effect=unknown))
    found = list(configuration.check(session()))
    assert [finding for finding in found if finding.topic == "endpoint"] == []


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


def test_neither_region_nor_credentials_is_noted() -> None:
    found = list(configuration.check(session()))
    assert only(found, "region").status is Status.NOTE
    assert only(found, "credentials").status is Status.NOTE


def test_the_source_of_credentials_is_named_but_not_they(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDSHOWN")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "SECRETSHOWN")
    found = list(configuration.check(session()))
    assert only(found, "credentials") == ok("credentials", "from env")
    assert "SHOWN" not in repr(found)


def test_an_unknown_profile_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    (found,) = configuration.check(session())
    assert found == wrong(
        "profile",
        "nobody is not in the AWS configuration (known: none)",
        "correct AWS_PROFILE, or add the profile",
    )


def test_endpoints_are_those_of_the_region(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    found = only(configuration.check(session()), "endpoint", f"{SERVICE}:")
    assert found == ok(
        "endpoint", f"{SERVICE}: https://bedrock-agentcore.eu-central-1.amazonaws.com"
    )


@pytest.mark.parametrize(
    "variable", ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_BEDROCK_AGENTCORE_PAYMENTS"]
)
def test_an_endpoint_override_names_its_source(
    monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, "http://127.0.0.1:5005")
    found = only(configuration.check(session()), "endpoint", f"{SERVICE}:")
    assert found.status is Status.NOTE
    assert f"http://127.0.0.1:5005, from {variable}" in found.text


def test_an_endpoint_that_is_no_url_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_AGENTCORE_PAYMENTS", "127.0.0.1:5005")
    found = only(configuration.check(session()), "endpoint", f"{SERVICE}:")
    assert found.status is Status.WRONG
    assert "AWS_ENDPOINT_URL_BEDROCK_AGENTCORE_PAYMENTS" in found.advice


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://127.0.0.1:5005/SECRET", "http://127.0.0.1:5005,"),
        ("http://127.0.0.1:5005/x?key=SECRET#SECRET", "http://127.0.0.1:5005,"),
        ("http://SECRET:SECRET@127.0.0.1:5005/x", "http://127.0.0.1:5005,"),
        ("http://127.0.0.1:5005/x@SECRET", "http://(not shown),"),
        ("SECRET:SEC/RET@127.0.0.1:5005/x", "(not shown)"),
        ("http://SECRET:SEC/RET@127.0.0.1:5005/x", "(not shown)"),
    ],
)
def test_an_endpoint_is_shown_without_what_may_be_a_secret(
    monkeypatch: pytest.MonkeyPatch, url: str, shown: str
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", url)
    found = only(configuration.check(session()), "endpoint", f"{SERVICE}:")
    assert shown in found.text
    assert "SEC" not in repr(found)
    assert "RET" not in repr(found)


def test_a_region_that_is_none_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us west 2")
    found = only(configuration.check(session()), "endpoint", f"{SERVICE}:")
    assert found.status is Status.WRONG
    assert found.advice == "correct the region"


def test_a_credential_process_without_an_answer_is_wrong_and_the_rest_goes_on(home: Path) -> None:
    (home / ".aws").mkdir()
    (home / ".aws" / "config").write_text("[default]\ncredential_process = echo SECRET\n")
    found = list(configuration.check(session()))
    assert only(found, "credentials").status is Status.WRONG
    assert only(found, "endpoint", f"{SERVICE}:").status is Status.OK
    assert "SECRET" not in repr(found)


def program(directory: Path, script: str) -> Path:
    directory.mkdir(exist_ok=True)
    path = directory / "aws"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def test_an_aws_cli_without_the_services_is_told_how(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = program(
        tmp_path / "bin", '[ "$1" = --version ] && echo aws-cli/2.13.0 Python || exit 252'
    )
    monkeypatch.setenv("PATH", str(path.parent))
    assert list(aws_cli.check()) == [
        note(
            "aws cli",
            f"2.13.0 {path}, does not find the services",
            "run: agentcore-payments install-models",
        )
    ]


def test_an_aws_cli_of_version_1_is_told_of_the_opt_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = program(
        tmp_path / "bin", '[ "$1" = --version ] && echo aws-cli/1.46.3 Python || exit 252'
    )
    monkeypatch.setenv("PATH", str(path.parent))
    (found,) = aws_cli.check()
    assert found.advice.startswith("install this package where that CLI is installed")
    monkeypatch.setenv("BOTO3_AGENTCORE_PAYMENTS_AUTOLOAD", "0")
    (found,) = aws_cli.check()
    assert found.advice == (
        "unset BOTO3_AGENTCORE_PAYMENTS_AUTOLOAD, or put under [plugins] in ~/.aws/config: "
        "agentcore-payments = boto3_agentcore_payments.cli.aws_plugin"
    )


def test_an_aws_cli_with_the_services_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = program(tmp_path / "bin", "echo aws-cli/1.46.3 Python")
    monkeypatch.setenv("PATH", str(path.parent))
    assert list(aws_cli.check()) == [ok("aws cli", f"1.46.3 {path}, finds the services")]


@pytest.mark.parametrize(
    ("version", "ignores"),
    [
        ("1.28.85", True),
        ("1.29.0", False),
        ("1.46.3", False),
        ("2.9.19", True),
        ("2.12.7", True),
        ("2.13.0", False),
    ],
)
def test_an_aws_cli_that_ignores_the_endpoint_variable_is_noted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, *, ignores: bool
) -> None:
    path = program(tmp_path / "bin", f"echo aws-cli/{version} Python/3.11.2 Linux/6.1")
    monkeypatch.setenv("PATH", str(path.parent))
    noted = note(
        "aws cli",
        f"{version} {path}, ignores AWS_ENDPOINT_URL",
        "give it --endpoint-url for the emulator",
    )
    assert (noted in list(aws_cli.check())) is ignores


def test_an_aws_cli_that_does_not_run_is_noted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = program(tmp_path / "bin", "exit 127")
    monkeypatch.setenv("PATH", str(path.parent))
    assert list(aws_cli.check()) == [note("aws cli", f"{path} does not run")]


def test_without_an_aws_cli_nothing_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert list(aws_cli.check()) == [ok("aws cli", "not installed")]
