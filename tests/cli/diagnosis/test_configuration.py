"""Region, credentials and endpoints, and that no secret is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING
from unittest.mock import Mock

import pytest
from botocore.exceptions import UnknownServiceError
from doctor_findings import SERVICE, only, session

from boto3_agentcore_payments.cli.diagnosis import configuration
from boto3_agentcore_payments.cli.diagnosis.findings import Status, ok, wrong

if TYPE_CHECKING:
    from pathlib import Path


def test_a_service_that_is_unknown_has_no_endpoint_to_speak_of(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    unknown = UnknownServiceError(service_name=SERVICE, known_service_names="a, b, c")
    monkeypatch.setattr(configuration, "_url", Mock(side_effect=unknown))
    found = list(configuration.check(session()))
    assert [finding for finding in found if finding.topic == "endpoint"] == []


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


def test_an_endpoint_that_is_not_a_url_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
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
def test_an_endpoint_is_shown_without_possible_secrets(
    monkeypatch: pytest.MonkeyPatch, url: str, shown: str
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", url)
    found = only(configuration.check(session()), "endpoint", f"{SERVICE}:")
    assert shown in found.text
    assert "SEC" not in repr(found)
    assert "RET" not in repr(found)


def test_an_invalid_region_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
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
