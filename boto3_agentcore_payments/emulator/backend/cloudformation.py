"""The types of payment resources in moto's CloudFormation.

moto finds resource types among the direct subclasses of ``CloudFormationModel``, so importing this
module is what adds ours. It is imported before moto answers a first request to CloudFormation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from moto.cloudformation.parsing import get_model_list, get_model_map, get_name_type_map
from moto.core.common_models import CloudFormationModel
from moto.core.model_instances import model_data

from boto3_agentcore_payments.emulator.backend import cloudformation_properties as properties_of
from boto3_agentcore_payments.emulator.backend.cloudformation_resource import (
    PaymentResource,
    perform_operation,
)
from boto3_agentcore_payments.emulator.engine import credential_providers, finding

if TYPE_CHECKING:
    from collections.abc import Mapping

    from boto3_agentcore_payments.emulator.engine.state import PaymentsState


class PaymentManager(PaymentResource, CloudFormationModel):
    """``AWS::BedrockAgentCore::PaymentManager``."""

    structure = properties_of.PAYMENT_MANAGER
    create_only = frozenset({"Name", "AuthorizerType", "AuthorizerConfiguration"})
    noun = "PaymentManager"
    arn_attribute = "PaymentManagerArn"
    attributes: ClassVar = {
        "PaymentManagerId": "paymentManagerId",
        "Status": "status",
        "CreatedAt": "createdAt",
        "LastUpdatedAt": "lastUpdatedAt",
        "WorkloadIdentityDetails": "workloadIdentityDetails",
    }

    @staticmethod
    def cloudformation_type() -> str:
        """Return the type's name in a template."""
        return "AWS::BedrockAgentCore::PaymentManager"

    @staticmethod
    def cloudformation_name_type() -> str:
        """Return the property that names the resource."""
        return "Name"

    @classmethod
    def _arn(cls, answer: Mapping[str, Any], account_id: str, region_name: str) -> str:  # noqa: ARG003
        return str(answer["paymentManagerArn"])

    @classmethod
    def _key(cls, arn: str) -> dict[str, str]:
        return {"paymentManagerId": arn.rpartition("/")[2]}

    def _set_tags(self, state: PaymentsState, tags: dict[str, str]) -> None:
        finding.require_manager(state, self._key(self.arn)["paymentManagerId"]).tags = tags


class PaymentConnector(PaymentResource, CloudFormationModel):
    """``AWS::BedrockAgentCore::PaymentConnector``."""

    structure = properties_of.PAYMENT_CONNECTOR
    create_only = frozenset({"PaymentManagerId", "ConnectorName", "ConnectorType", "ProvisionMode"})
    noun = "PaymentConnector"
    renamed: ClassVar = {"connectorName": "name", "connectorType": "type"}
    arn_attribute = "PaymentConnectorArn"
    attributes: ClassVar = {
        "PaymentConnectorId": "paymentConnectorId",
        "ConnectorStatus": "status",
        "ConnectorCreatedAt": "createdAt",
        "ConnectorLastUpdatedAt": "lastUpdatedAt",
        "AuthorizationUrl": "authorizationUrl",
    }

    @staticmethod
    def cloudformation_type() -> str:
        """Return the type's name in a template."""
        return "AWS::BedrockAgentCore::PaymentConnector"

    @staticmethod
    def cloudformation_name_type() -> str:
        """Return the property that names the resource."""
        return "ConnectorName"

    @classmethod
    def _arn(cls, answer: Mapping[str, Any], account_id: str, region_name: str) -> str:
        key = {"paymentManagerId": answer["paymentManagerId"]}
        manager = perform_operation(account_id, region_name, "GetPaymentManager", key)
        return f"{manager['paymentManagerArn']}/connector/{answer['paymentConnectorId']}"

    @classmethod
    def _key(cls, arn: str) -> dict[str, str]:
        _, manager, _, connector = arn.rsplit("/", 3)
        return {"paymentManagerId": manager, "paymentConnectorId": connector}


class PaymentCredentialProvider(PaymentResource, CloudFormationModel):
    """``AWS::BedrockAgentCore::PaymentCredentialProvider``."""

    structure = properties_of.PAYMENT_CREDENTIAL_PROVIDER
    create_only = frozenset({"Name", "CredentialProviderVendor"})
    noun = "PaymentCredentialProvider"
    arn_attribute = "CredentialProviderArn"
    attributes: ClassVar = {
        "CreatedTime": "createdTime",
        "LastUpdatedTime": "lastUpdatedTime",
        "ProviderConfigurationOutput": "providerConfigurationOutput",
    }

    @staticmethod
    def cloudformation_type() -> str:
        """Return the type's name in a template."""
        return "AWS::BedrockAgentCore::PaymentCredentialProvider"

    @staticmethod
    def cloudformation_name_type() -> str:
        """Return the property that names the resource."""
        return "Name"

    @classmethod
    def _arn(cls, answer: Mapping[str, Any], account_id: str, region_name: str) -> str:  # noqa: ARG003
        return str(answer["credentialProviderArn"])

    @classmethod
    def _key(cls, arn: str) -> dict[str, str]:
        return {"name": arn.rpartition("/")[2]}

    def _updates(self, properties: Mapping[str, Any], changed: set[str]) -> dict[str, Any]:
        """Return the whole configuration: the operation replaces it."""
        names = {"CredentialProviderVendor", "ProviderConfigurationInput"}
        wanted = {name: properties[name] for name in names if name in properties}
        return self._members(wanted) if changed & names else {}

    def _set_tags(self, state: PaymentsState, tags: dict[str, str]) -> None:
        credential_providers.require_provider(state, self._key(self.arn)["name"]).tags = tags


def forget_known_types() -> None:
    """Let moto look for resource types again: it may have looked before there were ours."""
    for cached in (get_model_list, get_model_map, get_name_type_map):
        cached.cache_clear()


# The dashboard shows a page for every model class; these three have nothing to show.
for _class in (PaymentManager, PaymentConnector, PaymentCredentialProvider):
    model_data[_class.__module__.split(".")[1]].pop(_class.__name__, None)
