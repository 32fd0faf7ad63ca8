"""Rules for endpoints: AWS's answer for every region, with and without FIPS and dual stack."""

from __future__ import annotations

import functools
from typing import Any

import pytest
from botocore.endpoint_provider import EndpointProvider
from botocore.exceptions import EndpointResolutionError
from model_pairs import AWS_NAMES, definition, each_service, loader, needs_payments_in_botocore

HOSTS = {
    "bedrock-agentcore-payments": "bedrock-agentcore",
    "bedrock-agentcore-payments-control": "bedrock-agentcore-control",
}
VARIANTS = [(fips, dual) for fips in (False, True) for dual in (False, True)]
BUILT_INS = {"Region", "UseDualStack", "UseFIPS", "Endpoint"}
each_variant = pytest.mark.parametrize(
    ("fips", "dual"), VARIANTS, ids=["plain", "dual stack", "FIPS", "FIPS and dual stack"]
)


@functools.cache
def provider(service: str) -> EndpointProvider:
    """The endpoint rules of a service, ours or AWS's."""
    data = loader()
    rules = data.load_service_model(service, "endpoint-rule-set-1")
    return EndpointProvider(rules, data.load_data("partitions"))


def resolve(service: str, region: str, *, fips: bool, dual: bool, **extra: Any) -> tuple[str, Any]:
    """An endpoint, or why there is none."""
    try:
        endpoint = provider(service).resolve_endpoint(
            Region=region, UseFIPS=fips, UseDualStack=dual, **extra
        )
    except EndpointResolutionError as error:
        return "error", str(error)
    return endpoint.url, (endpoint.properties, endpoint.headers)


def regions() -> list[str]:
    """All regions that botocore knows, and one that does not exist yet."""
    partitions = loader().load_data("partitions")["partitions"]
    return [*(region for p in partitions for region in p["regions"]), "us-west-9"]


@each_service
@each_variant
@needs_payments_in_botocore
def test_every_region_resolves_as_aws_does(service: str, *, fips: bool, dual: bool) -> None:
    for region in regions():
        ours = resolve(service, region, fips=fips, dual=dual)
        assert ours == resolve(AWS_NAMES[service], region, fips=fips, dual=dual), region


@each_service
@pytest.mark.parametrize(
    ("region", "fips", "dual", "host"),
    [
        ("us-west-2", False, False, "us-west-2.amazonaws.com"),
        ("us-west-2", False, True, "us-west-2.api.aws"),
        ("eu-central-1", False, False, "eu-central-1.amazonaws.com"),
        ("cn-north-1", False, False, "cn-north-1.amazonaws.com.cn"),
        ("us-gov-west-1", False, False, "us-gov-west-1.amazonaws.com"),
    ],
)
def test_known_hosts(service: str, *, region: str, fips: bool, dual: bool, host: str) -> None:
    url, _ = resolve(service, region, fips=fips, dual=dual)
    assert url == f"https://{HOSTS[service]}.{host}"


@each_service
def test_fips_host_is_marked(service: str) -> None:
    url, _ = resolve(service, "us-east-1", fips=True, dual=False)
    assert url == f"https://{HOSTS[service]}-fips.us-east-1.amazonaws.com"


@each_service
def test_given_endpoint_wins(service: str) -> None:
    url, _ = resolve(service, "us-east-1", fips=False, dual=False, Endpoint="http://localhost:5005")
    assert url == "http://localhost:5005"


@each_service
def test_given_endpoint_excludes_fips(service: str) -> None:
    verdict, reason = resolve(
        service, "us-east-1", fips=True, dual=False, Endpoint="http://localhost:5005"
    )
    assert verdict == "error"
    assert reason == "Invalid Configuration: FIPS and custom endpoint are not supported"


@each_service
def test_parameters_are_built_in_and_documented(service: str) -> None:
    parameters = definition(service, "endpoint-rule-set-1")["parameters"]
    assert set(parameters) == BUILT_INS
    assert all(parameter["documentation"].endswith(".") for parameter in parameters.values())


@each_service
def test_signing_region_sets_have_one_entry(service: str) -> None:
    def walk(rules: list[dict[str, Any]]) -> None:
        for rule in rules:
            properties = rule.get("endpoint", {}).get("properties", {})
            for scheme in properties.get("authSchemes", []):
                assert len(scheme.get("signingRegionSet", ["*"])) == 1
            walk(rule.get("rules", []))

    walk(definition(service, "endpoint-rule-set-1")["rules"])
