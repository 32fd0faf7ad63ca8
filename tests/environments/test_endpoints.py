"""Which host a client talks to: AWS's rule sets, and every way to override them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import botocore.session
import pytest
from botocore.config import Config

if TYPE_CHECKING:
    from pathlib import Path

DATA = "bedrock-agentcore-payments"
CONTROL = "bedrock-agentcore-payments-control"
LOCAL = "http://127.0.0.1:5005"


@pytest.fixture(autouse=True)
def _no_configuration(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE", "AWS_DEFAULT_REGION", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))


def url(service: str, region: str = "us-west-2", *, fips: bool = False, dual: bool = False) -> str:
    client: Any = botocore.session.Session().create_client(
        service,
        region_name=region,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(use_fips_endpoint=fips or None, use_dualstack_endpoint=dual or None),
    )
    return str(client.meta.endpoint_url)


@pytest.mark.parametrize(
    ("region", "fips", "dual", "host"),
    [
        ("us-east-1", False, False, "{}.us-east-1.amazonaws.com"),
        ("ap-southeast-2", False, False, "{}.ap-southeast-2.amazonaws.com"),
        ("us-west-2", True, False, "{}-fips.us-west-2.amazonaws.com"),
        ("us-west-2", False, True, "{}.us-west-2.api.aws"),
        ("us-west-2", True, True, "{}-fips.us-west-2.api.aws"),
        ("cn-north-1", False, False, "{}.cn-north-1.amazonaws.com.cn"),
        ("cn-north-1", True, False, "{}-fips.cn-north-1.amazonaws.com.cn"),
        ("cn-north-1", False, True, "{}.cn-north-1.api.amazonwebservices.com.cn"),
        ("us-gov-west-1", False, False, "{}.us-gov-west-1.amazonaws.com"),
        ("us-gov-west-1", True, False, "{}-fips.us-gov-west-1.amazonaws.com"),
        ("us-gov-west-1", False, True, "{}.us-gov-west-1.api.aws"),
        ("us-gov-west-1", True, True, "{}-fips.us-gov-west-1.api.aws"),
    ],
)
@pytest.mark.parametrize(
    ("service", "name"), [(DATA, "bedrock-agentcore"), (CONTROL, "bedrock-agentcore-control")]
)
def test_the_host_of_a_region(
    service: str, name: str, region: str, host: str, *, fips: bool, dual: bool
) -> None:
    assert url(service, region, fips=fips, dual=dual) == f"https://{host.format(name)}"


@pytest.mark.parametrize(
    ("service", "variable"),
    [
        (DATA, "AWS_ENDPOINT_URL_BEDROCK_AGENTCORE_PAYMENTS"),
        (CONTROL, "AWS_ENDPOINT_URL_BEDROCK_AGENTCORE_PAYMENTS_CONTROL"),
    ],
)
def test_a_variable_of_its_own_for_each_service(
    monkeypatch: pytest.MonkeyPatch, service: str, variable: str
) -> None:
    monkeypatch.setenv(variable, LOCAL)
    assert url(service) == LOCAL
    other = CONTROL if service == DATA else DATA
    assert url(other).endswith(".us-west-2.amazonaws.com")


def test_the_service_s_variable_wins_over_the_general_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_AGENTCORE_PAYMENTS", LOCAL)
    assert url(DATA) == LOCAL
    assert url(CONTROL) == "http://127.0.0.1:1"


def test_the_services_section_of_the_configuration_file(tmp_path: Path) -> None:
    (tmp_path / "config").write_text(
        "[default]\nservices = local\n"
        "[services local]\n"
        f"bedrock_agentcore_payments =\n  endpoint_url = {LOCAL}\n"
        f"bedrock_agentcore_payments_control =\n  endpoint_url = {LOCAL}/control\n"
    )
    assert url(DATA) == LOCAL
    assert url(CONTROL) == f"{LOCAL}/control"


def test_configured_addresses_can_be_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_AGENTCORE_PAYMENTS", LOCAL)
    monkeypatch.setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")
    assert url(DATA) == "https://bedrock-agentcore.us-west-2.amazonaws.com"


@pytest.mark.parametrize("variable", ["AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT"])
def test_fips_and_dual_stack_by_variable(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.setenv(variable, "true")
    expected = "-fips.us-west-2.amazonaws.com" if "FIPS" in variable else ".us-west-2.api.aws"
    assert url(DATA) == f"https://bedrock-agentcore{expected}"
