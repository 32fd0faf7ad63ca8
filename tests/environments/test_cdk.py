"""A CDK app deployed, updated and deleted: inside ``mock_aws``, and against a server of our own."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto import mock_aws

from boto3_agentcore_payments.emulator.backend import cloudformation_properties as types

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from running_server import Serving

APP = Path(__file__).with_name("cdk_app.js")
MODULES = os.environ.get("CDK_MODULES", "")
BOOTSTRAP = "/cdk-bootstrap/hnb659fds/version"
"""What ``cdk bootstrap`` leaves in an account, and every synthesised template reads."""

pytestmark = pytest.mark.skipif(not MODULES, reason="needs npm's aws-cdk-lib: run nox -s aws_cdk")


@pytest.fixture(params=["process", "server"])
def client(request: pytest.FixtureRequest) -> Iterator[Callable[[str], Any]]:
    """Make clients of services that share one account."""
    options = {"region_name": "us-west-2"}
    if request.param == "process":
        with mock_aws():
            yield lambda service: boto3.client(service, **options)
        return
    serving: Serving = request.getfixturevalue("serving")
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    yield lambda service: boto3.client(service, endpoint_url=serving.url, **options, **keys)


@pytest.fixture
def synthesise(tmp_path: Path) -> Callable[..., str]:
    """Return the template that CDK makes of the app."""

    def template(*arguments: str) -> str:
        command = ["node", str(APP), str(tmp_path), *arguments]
        subprocess.run(command, check=True, timeout=120, env={**os.environ, "NODE_PATH": MODULES})
        return (tmp_path / "Shop.template.json").read_text()

    return template


def outputs(cloudformation: Any) -> dict[str, str]:
    (stack,) = cloudformation.describe_stacks(StackName="Shop")["Stacks"]
    return {item["OutputKey"]: item["OutputValue"] for item in stack["Outputs"]}


def test_app_is_deployed_updated_and_deleted(client, synthesise):
    client("ssm").put_parameter(Name=BOOTSTRAP, Value="21", Type="String")
    cloudformation = client("cloudformation")
    control = client("bedrock-agentcore-payments-control")

    def managers() -> list[dict[str, Any]]:
        return control.list_payment_managers()["paymentManagers"]

    cloudformation.create_stack(StackName="Shop", TemplateBody=synthesise("shop"))
    created = outputs(cloudformation)
    (manager,) = managers()
    listed = control.list_payment_connectors(paymentManagerId=manager["paymentManagerId"])
    assert manager["paymentManagerArn"] == created["ManagerArn"]
    assert [one["paymentConnectorId"] for one in listed["paymentConnectors"]] == [
        created["ConnectorId"]
    ]

    cloudformation.update_stack(StackName="Shop", TemplateBody=synthesise("shop", "Pays"))
    assert outputs(cloudformation) == created
    assert [one["description"] for one in managers()] == ["Pays"]

    cloudformation.update_stack(StackName="Shop", TemplateBody=synthesise("store", "Pays"))
    replaced = outputs(cloudformation)
    assert [one["paymentManagerArn"] for one in managers()] == [replaced["ManagerArn"]]
    assert replaced["ManagerArn"] != created["ManagerArn"]
    assert replaced["ConnectorId"] != created["ConnectorId"]

    cloudformation.delete_stack(StackName="Shop")
    assert managers() == []
    assert control.list_payment_credential_providers()["credentialProviders"] == []


# Facts: our types against the resource schemas that CDK's constructs are made from.

TYPES = {
    "PaymentManager": types.PAYMENT_MANAGER,
    "PaymentConnector": types.PAYMENT_CONNECTOR,
    "PaymentCredentialProvider": types.PAYMENT_CREDENTIAL_PROVIDER,
}


@pytest.fixture(scope="module")
def schemas() -> dict[str, Any]:
    """AWS's resource schemas, in the form of CDK's database of them."""
    path = Path(MODULES, "@aws-cdk", "aws-service-spec", "db.json.gz")
    database = json.loads(gzip.decompress(path.read_bytes()))["schema"]
    return {
        "resources": {one["cloudFormationType"]: one for one in database["resource"]["entities"]},
        "structures": {one["$id"]: one for one in database["typeDefinition"]["entities"]},
    }


def as_ours(kind: dict[str, Any], structures: dict[str, Any]) -> types.PropertyType:
    """Return one of the database's types in the form of ours."""
    if kind["type"] == "array":
        return types.ListOf(as_ours(kind["element"], structures))
    if kind["type"] == "tag":
        return types.TAGS.element
    if kind["type"] == "ref":
        return structure(structures[kind["reference"]["$ref"]]["properties"], structures)
    assert kind["type"] == "string"
    return types.Text(tuple(kind.get("allowedValues", ())))


def structure(properties: dict[str, Any], structures: dict[str, Any]) -> types.Structure:
    return types.Structure(
        {name: as_ours(one["type"], structures) for name, one in properties.items()},
        frozenset(name for name, one in properties.items() if one.get("required")),
    )


@pytest.mark.parametrize("noun", TYPES)
def test_properties_are_those_of_the_resource_schema(schemas, noun):
    theirs = schemas["resources"][f"AWS::BedrockAgentCore::{noun}"]["properties"]

    assert TYPES[noun] == structure(theirs, schemas["structures"])


@pytest.mark.parametrize("noun", TYPES)
def test_properties_that_replace_a_resource_match_the_schema(schemas, noun):
    from boto3_agentcore_payments.emulator.backend import cloudformation

    theirs = schemas["resources"][f"AWS::BedrockAgentCore::{noun}"]["properties"]

    assert getattr(cloudformation, noun).create_only == {
        name for name, one in theirs.items() if one.get("causesReplacement") == "yes"
    }


@pytest.mark.parametrize("noun", TYPES)
def test_attributes_are_those_of_the_resource_schema(schemas, noun):
    from boto3_agentcore_payments.emulator.backend import cloudformation

    theirs = schemas["resources"][f"AWS::BedrockAgentCore::{noun}"]
    ours = getattr(cloudformation, noun)

    assert {ours.arn_attribute, *ours.attributes} == set(theirs["attributes"])
    assert [ours.arn_attribute] == theirs["primaryIdentifier"]
