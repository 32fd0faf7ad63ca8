"""Payment resources in moto's CloudFormation, in process and on moto's server."""

from __future__ import annotations

import copy
import json
import logging
import re
import subprocess
import sys
from datetime import timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from moto.moto_api import state_manager
from moto.server import ThreadedMotoServer

from boto3_agentcore_payments.testing import secrets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SHOP = json.loads(Path(__file__).with_name("templates").joinpath("shop.json").read_text())
SHOP["Parameters"]["ApiKeySecret"]["Default"] = secrets.coinbase_api_key_secret()
SHOP["Parameters"]["WalletSecret"]["Default"] = secrets.coinbase_wallet_secret()
MANAGER, CONNECTOR, PROVIDER = (
    f"AWS::BedrockAgentCore::Payment{noun}"
    for noun in ("Manager", "Connector", "CredentialProvider")
)
MILLISECONDS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
PREFIX = "arn:aws:bedrock-agentcore:us-west-2:123456789012:"


@pytest.fixture
def place(request: pytest.FixtureRequest, world_at: Any) -> Iterator[Any]:
    """Clients in this process, unless a test asks for a server."""
    if getattr(request, "param", "process") == "process":
        with mock_aws():
            yield world_at()
        return
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    try:
        yield world_at(
            endpoint_url=f"http://{host}:{port}",
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
        )
    finally:
        server.stop()


@pytest.fixture
def stacks(place: Any) -> Any:
    return place.client("cloudformation")


@pytest.fixture
def template() -> dict[str, Any]:
    return copy.deepcopy(SHOP)


@pytest.fixture
def deploy(stacks: Any) -> Callable[..., dict[str, str]]:
    """Create or update the stack; return its outputs."""

    def to(template: dict[str, Any], **parameters: str) -> dict[str, str]:
        given = [
            {"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()
        ]
        there = [stack["StackName"] for stack in stacks.describe_stacks()["Stacks"]]
        change = stacks.update_stack if "shop" in there else stacks.create_stack
        change(StackName="shop", TemplateBody=json.dumps(template), Parameters=given)
        (stack,) = stacks.describe_stacks(StackName="shop")["Stacks"]
        assert stack["StackStatus"] in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}
        return {item["OutputKey"]: item["OutputValue"] for item in stack["Outputs"]}

    return to


def managers(place: Any) -> list[dict[str, Any]]:
    listed = place.control.list_payment_managers()["paymentManagers"]
    return [
        place.control.get_payment_manager(paymentManagerId=one["paymentManagerId"])
        for one in listed
    ]


def connectors(place: Any) -> list[dict[str, Any]]:
    return [
        place.control.get_payment_connector(
            paymentManagerId=manager["paymentManagerId"],
            paymentConnectorId=one["paymentConnectorId"],
        )
        for manager in managers(place)
        for one in place.control.list_payment_connectors(
            paymentManagerId=manager["paymentManagerId"]
        )["paymentConnectors"]
    ]


def providers(place: Any) -> list[dict[str, Any]]:
    listed = place.control.list_payment_credential_providers()["credentialProviders"]
    return [place.control.get_payment_credential_provider(name=one["name"]) for one in listed]


def tags(arn: str) -> dict[str, str] | None:
    """Return a manager's or provider's tags, which no operation of payments shows."""
    from boto3_agentcore_payments.emulator.backend.models import payments_backends

    state = payments_backends["123456789012"]["us-west-2"].state
    (found,) = (one for one in (*state.managers, *state.credential_providers) if one.arn == arn)
    return found.tags


def refusal(stacks: Any, template: dict[str, Any]) -> tuple[str, str]:
    with pytest.raises(ClientError) as refused:
        stacks.create_stack(StackName="refused", TemplateBody=json.dumps(template))
    error = refused.value.response["Error"]
    return error["Code"], error["Message"]


both = pytest.mark.parametrize("place", ["process", "server"], indirect=True)


@both
def test_stack_creates_its_resources(place, deploy, template):
    deploy(template)

    (manager,) = managers(place)
    (connector,) = connectors(place)
    (provider,) = providers(place)
    assert (manager["name"], manager["status"]) == ("shop", "READY")
    assert tags(manager["paymentManagerArn"]) == {"team": "shop"}
    assert (connector["name"], connector["status"]) == ("wallets", "READY")
    assert connector["credentialProviderConfigurations"] == [
        {"coinbaseCDP": {"credentialProviderArn": provider["credentialProviderArn"]}}
    ]
    assert provider["credentialProviderVendor"] == "CoinbaseCDP"


@both
def test_stack_updates_and_deletes_its_resources(place, stacks, deploy, template):
    before = deploy(template)
    template["Resources"]["Manager"]["Properties"]["Description"] = "Pays"

    assert deploy(template)["ManagerRef"] == before["ManagerRef"]
    assert managers(place)[0]["description"] == "Pays"

    stacks.delete_stack(StackName="shop")

    assert (managers(place), providers(place)) == ([], [])


def test_ref_is_the_arn(place, deploy, template):
    outputs = deploy(template)

    manager = f"{PREFIX}payment-manager/{outputs['ManagerId']}"
    assert outputs["ManagerRef"] == outputs["ManagerArn"] == manager
    assert outputs["ConnectorRef"] == f"{manager}/connector/{outputs['ConnectorId']}"
    assert outputs["ConnectorArn"] == outputs["ConnectorRef"]
    assert outputs["ProviderRef"] == outputs["ProviderArn"]
    assert outputs["ProviderArn"].endswith("token-vault/default/paymentcredentialprovider/coinbase")


def test_attributes_are_what_the_service_answers(place, deploy, template):
    outputs = deploy(template)

    (manager,) = managers(place)
    (connector,) = connectors(place)
    (provider,) = providers(place)
    secrets = provider["providerConfigurationOutput"]["coinbaseCdpConfiguration"]
    assert outputs["ManagerId"] == manager["paymentManagerId"]
    assert outputs["ManagerStatus"] == outputs["ConnectorStatus"] == "READY"
    assert outputs["WorkloadIdentity"] == manager["workloadIdentityDetails"]["workloadIdentityArn"]
    assert outputs["ConnectorId"] == connector["paymentConnectorId"]
    assert outputs["ApiKeySecretArn"] == secrets["apiKeySecretArn"]["secretArn"]


def test_times_are_text_with_milliseconds(place, deploy, template):
    outputs = deploy(template)

    for name in (
        "ManagerCreatedAt",
        "ManagerLastUpdatedAt",
        "ConnectorCreatedAt",
        "ConnectorLastUpdatedAt",
        "ProviderCreatedTime",
        "ProviderLastUpdatedTime",
    ):
        assert MILLISECONDS.fullmatch(outputs[name])
    created = connectors(place)[0]["createdAt"].astimezone(timezone.utc)
    assert (
        outputs["ConnectorCreatedAt"]
        == f"{created:%Y-%m-%dT%H:%M:%S}.{created.microsecond // 1000:03}Z"
    )


def test_physical_id_of_a_resource_is_its_arn(place, stacks, deploy, template):
    outputs = deploy(template)

    listed = stacks.describe_stack_resources(StackName="shop")["StackResources"]
    assert {
        (one["LogicalResourceId"], one["ResourceType"], one["PhysicalResourceId"]) for one in listed
    } == {
        ("Manager", MANAGER, outputs["ManagerRef"]),
        ("Connector", CONNECTOR, outputs["ConnectorRef"]),
        ("Provider", PROVIDER, outputs["ProviderRef"]),
    }


def test_manager_with_bearer_tokens_is_created(place, deploy, template):
    properties = template["Resources"]["Manager"]["Properties"]
    properties["AuthorizerType"] = "CUSTOM_JWT"
    properties["AuthorizerConfiguration"] = {
        "CustomJWTAuthorizer": {
            "DiscoveryUrl": "https://example.com/.well-known/openid-configuration",
            "AllowedAudience": ["shop"],
            "CustomClaims": [
                {
                    "InboundTokenClaimName": "role",
                    "InboundTokenClaimValueType": "STRING",
                    "AuthorizingClaimMatchValue": {
                        "ClaimMatchValue": {"MatchValueString": "buyer"},
                        "ClaimMatchOperator": "EQUALS",
                    },
                }
            ],
        }
    }

    deploy(template)

    authorizer = managers(place)[0]["authorizerConfiguration"]["customJWTAuthorizer"]
    assert authorizer["allowedAudience"] == ["shop"]
    assert authorizer["customClaims"][0]["authorizingClaimMatchValue"] == {
        "claimMatchValue": {"matchValueString": "buyer"},
        "claimMatchOperator": "EQUALS",
    }


def test_quick_create_connector_shows_where_to_consent(place, deploy, template):
    properties = template["Resources"]["Connector"]["Properties"]
    properties["ProvisionMode"] = "QUICK_CREATE"
    del properties["CredentialProviderConfigurations"]
    template["Outputs"]["Url"] = {"Value": {"Fn::GetAtt": ["Connector", "AuthorizationUrl"]}}

    outputs = deploy(template)

    assert outputs["ConnectorStatus"] == "PENDING_AUTHENTICATION"
    assert outputs["Url"] == connectors(place)[0]["authorizationUrl"]


def test_stack_waits_for_a_status_that_passes_by_reads(place, deploy, template):
    for model in ("agentcore::payment-manager", "agentcore::payment-connector"):
        state_manager.set_transition(model, {"progression": "manual", "times": 3})
    try:
        outputs = deploy(template)
    finally:
        for model in ("agentcore::payment-manager", "agentcore::payment-connector"):
            state_manager.unset_transition(model)

    assert outputs["ManagerStatus"] == outputs["ConnectorStatus"] == "READY"


# Update.


@pytest.mark.parametrize(
    ("change", "shown"),
    [
        ({"Description": "Pays"}, {"description": "Pays"}),
        (
            {"RoleArn": "arn:aws:iam::123456789012:role/other"},
            {"roleArn": "arn:aws:iam::123456789012:role/other"},
        ),
        ({"Tags": [{"Key": "team", "Value": "web"}]}, {"tags": {"team": "web"}}),
        ({"Tags": []}, {"tags": {}}),
    ],
)
def test_manager_is_updated_in_place(place, deploy, template, change, shown):
    before = deploy(template)
    template["Resources"]["Manager"]["Properties"].update(change)

    after = deploy(template)

    assert after["ManagerRef"] == before["ManagerRef"]
    assert after["ConnectorRef"] == before["ConnectorRef"]
    (manager,) = managers(place)
    assert {**manager, "tags": tags(manager["paymentManagerArn"])}.items() >= shown.items()


def test_connector_is_updated_in_place(place, deploy, template):
    before = deploy(template)
    template["Resources"]["Connector"]["Properties"]["Description"] = "Wallets"

    after = deploy(template)

    assert after["ConnectorRef"] == before["ConnectorRef"]
    assert connectors(place)[0]["description"] == "Wallets"


def test_credentials_are_updated_in_place(place, deploy, template):
    before = deploy(template)

    after = deploy(template, ApiKeySecret=secrets.coinbase_api_key_secret())

    assert after["ProviderRef"] == before["ProviderRef"]
    assert after["ProviderLastUpdatedTime"] > before["ProviderLastUpdatedTime"]
    assert after["ManagerLastUpdatedAt"] == before["ManagerLastUpdatedAt"]


def test_tags_of_credentials_are_updated_alone(place, deploy, template):
    before = deploy(template)
    template["Resources"]["Provider"]["Properties"]["Tags"] = [{"Key": "team", "Value": "shop"}]

    after = deploy(template)

    assert tags(providers(place)[0]["credentialProviderArn"]) == {"team": "shop"}
    assert after["ProviderLastUpdatedTime"] == before["ProviderLastUpdatedTime"]


def test_description_that_is_taken_away_stays(place, deploy, template):
    properties = template["Resources"]["Manager"]["Properties"]
    properties["Description"] = "Pays"
    deploy(template)
    del properties["Description"]

    deploy(template)

    assert managers(place)[0]["description"] == "Pays"


def test_other_name_replaces_the_manager_and_what_depends_on_it(place, deploy, template):
    before = deploy(template)

    after = deploy(template, ManagerName="store")

    (manager,) = managers(place)
    (connector,) = connectors(place)
    assert manager["name"] == "store"
    assert after["ManagerRef"] == manager["paymentManagerArn"] != before["ManagerRef"]
    assert after["ConnectorId"] == connector["paymentConnectorId"] != before["ConnectorId"]
    assert after["ConnectorRef"].startswith(after["ManagerRef"])
    assert after["ProviderLastUpdatedTime"] == before["ProviderLastUpdatedTime"]


def test_other_authorizer_replaces_the_manager(place, deploy, template):
    before = deploy(template)
    properties = template["Resources"]["Manager"]["Properties"]
    properties["AuthorizerType"] = "CUSTOM_JWT"
    properties["AuthorizerConfiguration"] = {
        "CustomJWTAuthorizer": {
            "DiscoveryUrl": "https://example.com/.well-known/openid-configuration"
        }
    }

    after = deploy(template)

    assert [one["authorizerType"] for one in managers(place)] == ["CUSTOM_JWT"]
    assert after["ManagerRef"] != before["ManagerRef"]


def test_other_name_replaces_the_connector_alone(place, deploy, template):
    before = deploy(template)
    template["Resources"]["Connector"]["Properties"]["ConnectorName"] = "purses"

    after = deploy(template)

    assert [one["name"] for one in connectors(place)] == ["purses"]
    assert after["ConnectorId"] != before["ConnectorId"]
    assert after["ManagerRef"] == before["ManagerRef"]


def test_other_name_replaces_the_provider_and_the_connector_follows(place, deploy, template):
    before = deploy(template)
    template["Resources"]["Provider"]["Properties"]["Name"] = "other"

    after = deploy(template)

    (connector,) = connectors(place)
    assert [one["name"] for one in providers(place)] == ["other"]
    assert after["ConnectorRef"] == before["ConnectorRef"]
    assert connector["credentialProviderConfigurations"] == [
        {"coinbaseCDP": {"credentialProviderArn": after["ProviderRef"]}}
    ]


def test_replaced_manager_that_is_still_used_is_left_and_named(place, deploy, template, caplog):
    before = deploy(template)
    (provider,) = providers(place)
    place.control.create_payment_connector(
        paymentManagerId=before["ManagerId"],
        name="byhand",
        type="CoinbaseCDP",
        credentialProviderConfigurations=[
            {"coinbaseCDP": {"credentialProviderArn": provider["credentialProviderArn"]}}
        ],
    )

    with caplog.at_level(logging.WARNING):
        deploy(template, ManagerName="store")

    assert {one["name"] for one in managers(place)} == {"shop", "store"}
    assert f"{before['ManagerRef']} was replaced and could not be deleted" in caplog.text
    assert "still has payment connectors" in caplog.text


def test_resource_that_leaves_the_template_is_deleted(place, deploy, template):
    deploy(template)
    del template["Resources"]["Connector"]
    template["Outputs"] = {"ManagerRef": template["Outputs"]["ManagerRef"]}

    deploy(template)

    assert connectors(place) == []
    assert len(managers(place)) == 1


# Delete.


def test_resource_that_is_gone_already_counts_as_deleted(place, stacks, deploy, template):
    deploy(template)
    place.control.delete_payment_credential_provider(name="coinbase")

    stacks.delete_stack(StackName="shop")

    assert managers(place) == []


def test_stack_whose_manager_is_used_outside_of_it_is_not_deleted(place, stacks, deploy, template):
    outputs = deploy(template)
    (provider,) = providers(place)
    place.control.create_payment_connector(
        paymentManagerId=outputs["ManagerId"],
        name="byhand",
        type="CoinbaseCDP",
        credentialProviderConfigurations=[
            {"coinbaseCDP": {"credentialProviderArn": provider["credentialProviderArn"]}}
        ],
    )

    with pytest.raises(ClientError) as refused:
        stacks.delete_stack(StackName="shop")

    assert refused.value.response["Error"]["Code"] == "ValidationError"
    assert refused.value.response["Error"]["Message"] == (
        'Resource handler returned message: "Payment manager '
        f'{outputs["ManagerId"]} still has payment connectors" (HandlerErrorCode: ResourceConflict)'
    )


# Refusals.


@pytest.mark.parametrize(
    ("resource", "properties", "reason"),
    [
        ("Manager", {"Colour": "red"}, "#: extraneous key [Colour] is not permitted"),
        ("Manager", {"KmsKeyArn": "x"}, "#: extraneous key [KmsKeyArn] is not permitted"),
        ("Manager", {"Name": 5}, "#/Name: expected type: String, found: Integer"),
        ("Manager", {"Name": True}, "#/Name: expected type: String, found: Boolean"),
        ("Manager", {"Tags": {"a": "b"}}, "#/Tags: expected type: JSONArray, found: JSONObject"),
        ("Manager", {"Tags": [{"Key": "a"}]}, "#/Tags/0: required key [Value] not found"),
        (
            "Manager",
            {"AuthorizerType": "IAM"},
            "#/AuthorizerType: IAM is not a valid enum value",
        ),
        (
            "Manager",
            {"AuthorizerConfiguration": {"CustomJWTAuthorizer": {"AllowedClients": "a"}}},
            (
                "#/AuthorizerConfiguration/CustomJWTAuthorizer: "
                "required key [DiscoveryUrl] not found; "
                "#/AuthorizerConfiguration/CustomJWTAuthorizer/AllowedClients: "
                "expected type: JSONArray, found: String"
            ),
        ),
        (
            "Connector",
            {"ConnectorType": "AwsBilling"},
            "#/ConnectorType: AwsBilling is not a valid enum value",
        ),
        (
            "Connector",
            {"CredentialProviderConfigurations": [{"Coinbase": {}}]},
            "#/CredentialProviderConfigurations/0: extraneous key [Coinbase] is not permitted",
        ),
        (
            "Provider",
            {"ProviderConfigurationInput": {"CoinbaseCdpConfiguration": {"ApiKeySecret": "x"}}},
            (
                "#/ProviderConfigurationInput/CoinbaseCdpConfiguration: "
                "required key [ApiKeyId] not found"
            ),
        ),
    ],
)
def test_wrong_properties_fail_the_resource(stacks, template, resource, properties, reason):
    template["Resources"][resource]["Properties"].update(properties)

    assert refusal(stacks, template) == (
        "ValidationError",
        f"Properties validation failed for resource {resource} with message: {reason}",
    )


@pytest.mark.parametrize(
    ("resource", "required"),
    [
        ("Manager", ["AuthorizerType", "Name", "RoleArn"]),
        ("Connector", ["ConnectorName", "ConnectorType", "PaymentManagerId"]),
        ("Provider", ["CredentialProviderVendor", "Name"]),
    ],
)
def test_missing_properties_fail_the_resource(place, stacks, template, resource, required):
    template = {"Resources": {resource: {**template["Resources"][resource], "Properties": {}}}}

    reasons = "; ".join(f"#: required key [{name}] not found" for name in required)
    assert refusal(stacks, template) == (
        "ValidationError",
        f"Properties validation failed for resource {resource} with message: {reasons}",
    )


@pytest.mark.parametrize(
    ("resource", "properties", "reason"),
    [
        (
            "Manager",
            {"RoleArn": "arn:aws:iam::999999999999:role/payments"},
            '"roleArn must belong to your account" (HandlerErrorCode: InvalidRequest)',
        ),
        (
            "Connector",
            {"PaymentManagerId": "nobody-abcdefghij"},
            '"Payment manager not found: nobody-abcdefghij" (HandlerErrorCode: NotFound)',
        ),
    ],
)
def test_refusal_of_the_service_fails_the_resource(stacks, template, resource, properties, reason):
    template["Resources"][resource]["Properties"].update(properties)

    assert refusal(stacks, template) == (
        "ValidationError",
        f"Resource handler returned message: {reason}",
    )


def test_value_that_breaks_the_definition_fails_the_resource(place, stacks, template):
    template["Resources"]["Manager"]["Properties"]["Name"] = "9"

    code, message = refusal(stacks, template)

    assert code == "ValidationError"
    assert message.startswith('Resource handler returned message: "1 value is not valid: name ')
    assert message.endswith("(HandlerErrorCode: InvalidRequest)")


@both
def test_wrong_update_says_why_and_changes_nothing(place, stacks, deploy, template):
    before = deploy(template)
    template["Resources"]["Manager"]["Properties"]["Description"] = ["Pays"]

    with pytest.raises(ClientError) as refused:
        stacks.update_stack(StackName="shop", TemplateBody=json.dumps(template))

    assert refused.value.response["Error"]["Message"] == (
        "Properties validation failed for resource Manager with message: "
        "#/Description: expected type: String, found: JSONArray"
    )
    assert [one["paymentManagerArn"] for one in managers(place)] == [before["ManagerRef"]]
    assert "description" not in managers(place)[0]


def test_unknown_attribute_is_refused(place, stacks, template):
    template["Outputs"] = {"Key": {"Value": {"Fn::GetAtt": ["Manager", "KmsKeyArn"]}}}

    assert refusal(stacks, template) == (
        "ValidationError",
        (
            "Template error: resource PaymentManager does not support attribute type KmsKeyArn "
            "in Fn::GetAtt"
        ),
    )


def test_unknown_part_of_an_attribute_is_refused(place, stacks, template):
    template["Resources"]["Connector"]["Properties"]["ConnectorName"] = {
        "Fn::GetAtt": ["Manager", "WorkloadIdentityDetails.Name"]
    }

    code, message = refusal(stacks, template)

    assert code == "ValidationError"
    assert "does not support attribute type WorkloadIdentityDetails.Name" in message


# What it costs, and which processes load it.


def test_secrets_are_not_on_the_dashboard(place, deploy, template):
    from moto.core.model_instances import model_data

    deploy(template)

    assert "PaymentCredentialProvider" not in model_data["emulator"]


def printed_by(code: str) -> list[str]:
    """Run a program in a process of its own; return the lines it prints."""
    ran = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.splitlines()


def test_process_without_cloudformation_imports_nothing_of_it():
    code = """
import sys
import boto3
from moto import mock_aws
with mock_aws():
    control = boto3.client("bedrock-agentcore-payments-control", region_name="us-west-2")
    control.list_payment_managers()
print([name for name in sys.modules if "cloudformation" in name and "payments" in name])
"""
    assert printed_by(code) == ["[]"]


def test_moto_that_lacks_what_is_needed_has_no_such_types_and_says_why():
    code = """
import logging
import sys
logging.basicConfig(level=logging.WARNING, stream=sys.stdout, format="%(message)s")
import moto.core.base_backend
import moto.core.model_instances
from boto3_agentcore_payments import emulator
del moto.core.model_instances.model_data
emulator.install()
from moto.cloudformation import parsing, responses
print([name for name in parsing.get_model_map() if "Payment" in name])
"""
    said, types = printed_by(code)

    assert types == "[]"
    assert said.startswith("This moto's CloudFormation has no place for payment resources: ")
    assert "cannot import name 'model_data' from 'moto.core.model_instances'" in said


def test_moto_that_has_looked_for_types_already_finds_them():
    code = """
import moto.cloudformation.parsing as parsing
parsing.get_model_list(), parsing.get_model_map(), parsing.get_name_type_map()
from boto3_agentcore_payments import emulator
emulator.install()
import moto.cloudformation.responses
print(sorted(name for name in parsing.get_model_map() if "BedrockAgentCore" in name))
"""
    assert printed_by(code) == [str(sorted([MANAGER, CONNECTOR, PROVIDER]))]
