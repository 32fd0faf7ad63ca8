# Written by tools/build_types.py, with mypy-boto3-builder 8.12.0 (MIT licence, copyright
# Vlad Emelianov), from this package's service definitions; do not edit.
"""Inputs and outputs of ``bedrock-agentcore-payments-control``."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Union

from boto3_agentcore_payments.types.control.literals import (
    ClaimMatchOperatorTypeType,
    CoinbaseCdpSecretType,
    EndpointIpAddressTypeType,
    InboundTokenClaimValueTypeType,
    PaymentConnectorProvisionModeType,
    PaymentConnectorStatusType,
    PaymentConnectorTypeType,
    PaymentCredentialProviderVendorTypeType,
    PaymentManagerStatusType,
    PaymentsAuthorizerTypeType,
    SecretSourceTypeType,
)
from boto3_agentcore_payments.types.forms import NotRequired, TypedDict

__all__ = [
    "AllowedWorkloadConfigurationOutputTypeDef",
    "AllowedWorkloadConfigurationTypeDef",
    "AuthorizerConfigurationOutputTypeDef",
    "AuthorizerConfigurationTypeDef",
    "AuthorizerConfigurationUnionTypeDef",
    "AuthorizingClaimMatchValueTypeOutputTypeDef",
    "AuthorizingClaimMatchValueTypeTypeDef",
    "AwsBillingConnectorConfigurationTypeDef",
    "CertificateConfigurationTypeDef",
    "ClaimMatchValueTypeOutputTypeDef",
    "ClaimMatchValueTypeTypeDef",
    "CoinbaseCdpConfigurationInputTypeDef",
    "CoinbaseCdpConfigurationOutputTypeDef",
    "CoinbaseCdpRotationTargetsTypeDef",
    "CreatePaymentConnectorRequestTypeDef",
    "CreatePaymentConnectorResponseTypeDef",
    "CreatePaymentCredentialProviderRequestTypeDef",
    "CreatePaymentCredentialProviderResponseTypeDef",
    "CreatePaymentManagerRequestTypeDef",
    "CreatePaymentManagerResponseTypeDef",
    "CredentialRotationConfigTypeDef",
    "CredentialsProviderConfigurationTypeDef",
    "CustomClaimValidationTypeOutputTypeDef",
    "CustomClaimValidationTypeTypeDef",
    "CustomJWTAuthorizerConfigurationOutputTypeDef",
    "CustomJWTAuthorizerConfigurationTypeDef",
    "DeletePaymentConnectorRequestTypeDef",
    "DeletePaymentConnectorResponseTypeDef",
    "DeletePaymentCredentialProviderRequestTypeDef",
    "DeletePaymentManagerRequestTypeDef",
    "DeletePaymentManagerResponseTypeDef",
    "GetPaymentConnectorRequestTypeDef",
    "GetPaymentConnectorRequestWaitExtraTypeDef",
    "GetPaymentConnectorRequestWaitTypeDef",
    "GetPaymentConnectorResponseTypeDef",
    "GetPaymentCredentialProviderRequestTypeDef",
    "GetPaymentCredentialProviderResponseTypeDef",
    "GetPaymentManagerRequestTypeDef",
    "GetPaymentManagerRequestWaitExtraTypeDef",
    "GetPaymentManagerRequestWaitTypeDef",
    "GetPaymentManagerResponseTypeDef",
    "HostingEnvironmentTypeDef",
    "ListPaymentConnectorsRequestPaginateTypeDef",
    "ListPaymentConnectorsRequestTypeDef",
    "ListPaymentConnectorsResponseTypeDef",
    "ListPaymentCredentialProvidersRequestPaginateTypeDef",
    "ListPaymentCredentialProvidersRequestTypeDef",
    "ListPaymentCredentialProvidersResponseTypeDef",
    "ListPaymentManagersRequestPaginateTypeDef",
    "ListPaymentManagersRequestTypeDef",
    "ListPaymentManagersResponseTypeDef",
    "ManagedVpcResourceOutputTypeDef",
    "ManagedVpcResourceTypeDef",
    "PaginatorConfigTypeDef",
    "PaymentConnectorSummaryTypeDef",
    "PaymentCredentialProviderConfigurationTypeDef",
    "PaymentCredentialProviderItemTypeDef",
    "PaymentManagerSummaryTypeDef",
    "PaymentProviderConfigurationInputTypeDef",
    "PaymentProviderConfigurationOutputTypeDef",
    "PrivateEndpointOutputTypeDef",
    "PrivateEndpointOverrideOutputTypeDef",
    "PrivateEndpointOverrideTypeDef",
    "PrivateEndpointTypeDef",
    "ResponseMetadataTypeDef",
    "RotatePaymentConnectorCredentialsRequestTypeDef",
    "RotatePaymentConnectorCredentialsResponseTypeDef",
    "S3CertificateConfigurationTypeDef",
    "SecretReferenceTypeDef",
    "SecretTypeDef",
    "SecretsManagerCertificateConfigurationTypeDef",
    "SelfManagedLatticeResourceTypeDef",
    "StripePrivyConfigurationInputTypeDef",
    "StripePrivyConfigurationOutputTypeDef",
    "UpdatePaymentConnectorRequestTypeDef",
    "UpdatePaymentConnectorResponseTypeDef",
    "UpdatePaymentCredentialProviderRequestTypeDef",
    "UpdatePaymentCredentialProviderResponseTypeDef",
    "UpdatePaymentManagerRequestTypeDef",
    "UpdatePaymentManagerResponseTypeDef",
    "WaiterConfigTypeDef",
    "WorkloadIdentityDetailsTypeDef",
]


class HostingEnvironmentTypeDef(TypedDict):
    arn: str


class ClaimMatchValueTypeOutputTypeDef(TypedDict):
    matchValueString: NotRequired[str]
    matchValueStringList: NotRequired[list[str]]


class ClaimMatchValueTypeTypeDef(TypedDict):
    matchValueString: NotRequired[str]
    matchValueStringList: NotRequired[Sequence[str]]


class AwsBillingConnectorConfigurationTypeDef(TypedDict):
    iamRoleArn: str


class S3CertificateConfigurationTypeDef(TypedDict):
    uri: str
    bucketOwnerAccountId: NotRequired[str]


class SecretsManagerCertificateConfigurationTypeDef(TypedDict):
    secretArn: str


class SecretReferenceTypeDef(TypedDict):
    secretId: str
    jsonKey: str


class SecretTypeDef(TypedDict):
    secretArn: str


class CoinbaseCdpRotationTargetsTypeDef(TypedDict):
    secrets: Sequence[CoinbaseCdpSecretType]


class ResponseMetadataTypeDef(TypedDict):
    RequestId: str
    HTTPStatusCode: int
    HTTPHeaders: dict[str, str]
    RetryAttempts: int
    HostId: NotRequired[str]


class WorkloadIdentityDetailsTypeDef(TypedDict):
    workloadIdentityArn: str


class PaymentCredentialProviderConfigurationTypeDef(TypedDict):
    credentialProviderArn: str


class DeletePaymentConnectorRequestTypeDef(TypedDict):
    paymentManagerId: str
    paymentConnectorId: str
    clientToken: NotRequired[str]


class DeletePaymentCredentialProviderRequestTypeDef(TypedDict):
    name: str


class DeletePaymentManagerRequestTypeDef(TypedDict):
    paymentManagerId: str
    clientToken: NotRequired[str]


class GetPaymentConnectorRequestTypeDef(TypedDict):
    paymentManagerId: str
    paymentConnectorId: str


class WaiterConfigTypeDef(TypedDict):
    Delay: NotRequired[int]
    MaxAttempts: NotRequired[int]


class GetPaymentCredentialProviderRequestTypeDef(TypedDict):
    name: str


class GetPaymentManagerRequestTypeDef(TypedDict):
    paymentManagerId: str


class PaginatorConfigTypeDef(TypedDict):
    MaxItems: NotRequired[int]
    PageSize: NotRequired[int]
    StartingToken: NotRequired[str]


class ListPaymentConnectorsRequestTypeDef(TypedDict):
    paymentManagerId: str
    maxResults: NotRequired[int]
    nextToken: NotRequired[str]


class PaymentConnectorSummaryTypeDef(TypedDict):
    paymentConnectorId: str
    name: str
    type: PaymentConnectorTypeType
    status: PaymentConnectorStatusType
    lastUpdatedAt: datetime
    provisionMode: NotRequired[PaymentConnectorProvisionModeType]


class ListPaymentCredentialProvidersRequestTypeDef(TypedDict):
    nextToken: NotRequired[str]
    maxResults: NotRequired[int]


class PaymentCredentialProviderItemTypeDef(TypedDict):
    name: str
    credentialProviderVendor: PaymentCredentialProviderVendorTypeType
    credentialProviderArn: str
    createdTime: datetime
    lastUpdatedTime: datetime


class ListPaymentManagersRequestTypeDef(TypedDict):
    maxResults: NotRequired[int]
    nextToken: NotRequired[str]


class PaymentManagerSummaryTypeDef(TypedDict):
    paymentManagerArn: str
    paymentManagerId: str
    name: str
    authorizerType: PaymentsAuthorizerTypeType
    roleArn: str
    status: PaymentManagerStatusType
    lastUpdatedAt: datetime
    description: NotRequired[str]
    createdAt: NotRequired[datetime]
    kmsKeyArn: NotRequired[str]


class ManagedVpcResourceOutputTypeDef(TypedDict):
    vpcIdentifier: str
    subnetIds: list[str]
    endpointIpAddressType: EndpointIpAddressTypeType
    securityGroupIds: NotRequired[list[str]]
    tags: NotRequired[dict[str, str]]
    routingDomain: NotRequired[str]


class ManagedVpcResourceTypeDef(TypedDict):
    vpcIdentifier: str
    subnetIds: Sequence[str]
    endpointIpAddressType: EndpointIpAddressTypeType
    securityGroupIds: NotRequired[Sequence[str]]
    tags: NotRequired[Mapping[str, str]]
    routingDomain: NotRequired[str]


class SelfManagedLatticeResourceTypeDef(TypedDict):
    resourceConfigurationIdentifier: NotRequired[str]


class AllowedWorkloadConfigurationOutputTypeDef(TypedDict):
    hostingEnvironments: NotRequired[list[HostingEnvironmentTypeDef]]
    workloadIdentities: NotRequired[list[str]]


class AllowedWorkloadConfigurationTypeDef(TypedDict):
    hostingEnvironments: NotRequired[Sequence[HostingEnvironmentTypeDef]]
    workloadIdentities: NotRequired[Sequence[str]]


class AuthorizingClaimMatchValueTypeOutputTypeDef(TypedDict):
    claimMatchValue: ClaimMatchValueTypeOutputTypeDef
    claimMatchOperator: ClaimMatchOperatorTypeType


class AuthorizingClaimMatchValueTypeTypeDef(TypedDict):
    claimMatchValue: ClaimMatchValueTypeTypeDef
    claimMatchOperator: ClaimMatchOperatorTypeType


class CertificateConfigurationTypeDef(TypedDict):
    s3: NotRequired[S3CertificateConfigurationTypeDef]
    secretsManager: NotRequired[SecretsManagerCertificateConfigurationTypeDef]


class CoinbaseCdpConfigurationInputTypeDef(TypedDict):
    apiKeyId: str
    apiKeySecret: NotRequired[str]
    apiKeySecretSource: NotRequired[SecretSourceTypeType]
    apiKeySecretConfig: NotRequired[SecretReferenceTypeDef]
    walletSecret: NotRequired[str]
    walletSecretSource: NotRequired[SecretSourceTypeType]
    walletSecretConfig: NotRequired[SecretReferenceTypeDef]


class StripePrivyConfigurationInputTypeDef(TypedDict):
    appId: str
    authorizationId: str
    appSecret: NotRequired[str]
    appSecretSource: NotRequired[SecretSourceTypeType]
    appSecretConfig: NotRequired[SecretReferenceTypeDef]
    authorizationPrivateKey: NotRequired[str]
    authorizationPrivateKeySource: NotRequired[SecretSourceTypeType]
    authorizationPrivateKeyConfig: NotRequired[SecretReferenceTypeDef]


class CoinbaseCdpConfigurationOutputTypeDef(TypedDict):
    apiKeyId: str
    apiKeySecretArn: SecretTypeDef
    walletSecretArn: SecretTypeDef
    apiKeySecretJsonKey: NotRequired[str]
    apiKeySecretSource: NotRequired[SecretSourceTypeType]
    walletSecretJsonKey: NotRequired[str]
    walletSecretSource: NotRequired[SecretSourceTypeType]


class StripePrivyConfigurationOutputTypeDef(TypedDict):
    appId: str
    appSecretArn: SecretTypeDef
    authorizationPrivateKeyArn: SecretTypeDef
    authorizationId: str
    appSecretJsonKey: NotRequired[str]
    appSecretSource: NotRequired[SecretSourceTypeType]
    authorizationPrivateKeyJsonKey: NotRequired[str]
    authorizationPrivateKeySource: NotRequired[SecretSourceTypeType]


class CredentialRotationConfigTypeDef(TypedDict):
    coinbaseCDP: NotRequired[CoinbaseCdpRotationTargetsTypeDef]


class DeletePaymentConnectorResponseTypeDef(TypedDict):
    status: PaymentConnectorStatusType
    paymentConnectorId: NotRequired[str]
    ResponseMetadata: ResponseMetadataTypeDef


class DeletePaymentManagerResponseTypeDef(TypedDict):
    status: PaymentManagerStatusType
    paymentManagerId: NotRequired[str]
    ResponseMetadata: ResponseMetadataTypeDef


class RotatePaymentConnectorCredentialsResponseTypeDef(TypedDict):
    paymentConnectorId: str
    paymentManagerId: str
    lastUpdatedAt: datetime
    status: PaymentConnectorStatusType
    ResponseMetadata: ResponseMetadataTypeDef


class UpdatePaymentManagerResponseTypeDef(TypedDict):
    paymentManagerArn: str
    paymentManagerId: str
    name: str
    authorizerType: PaymentsAuthorizerTypeType
    roleArn: str
    workloadIdentityDetails: NotRequired[WorkloadIdentityDetailsTypeDef]
    lastUpdatedAt: datetime
    status: PaymentManagerStatusType
    kmsKeyArn: NotRequired[str]
    ResponseMetadata: ResponseMetadataTypeDef


class CredentialsProviderConfigurationTypeDef(TypedDict):
    coinbaseCDP: NotRequired[PaymentCredentialProviderConfigurationTypeDef]
    stripePrivy: NotRequired[PaymentCredentialProviderConfigurationTypeDef]
    awsBilling: NotRequired[AwsBillingConnectorConfigurationTypeDef]


class GetPaymentConnectorRequestWaitExtraTypeDef(TypedDict):
    paymentManagerId: str
    paymentConnectorId: str
    WaiterConfig: NotRequired[WaiterConfigTypeDef]


class GetPaymentConnectorRequestWaitTypeDef(TypedDict):
    paymentManagerId: str
    paymentConnectorId: str
    WaiterConfig: NotRequired[WaiterConfigTypeDef]


class GetPaymentManagerRequestWaitExtraTypeDef(TypedDict):
    paymentManagerId: str
    WaiterConfig: NotRequired[WaiterConfigTypeDef]


class GetPaymentManagerRequestWaitTypeDef(TypedDict):
    paymentManagerId: str
    WaiterConfig: NotRequired[WaiterConfigTypeDef]


class ListPaymentConnectorsRequestPaginateTypeDef(TypedDict):
    paymentManagerId: str
    PaginationConfig: NotRequired[PaginatorConfigTypeDef]


class ListPaymentCredentialProvidersRequestPaginateTypeDef(TypedDict):
    PaginationConfig: NotRequired[PaginatorConfigTypeDef]


class ListPaymentManagersRequestPaginateTypeDef(TypedDict):
    PaginationConfig: NotRequired[PaginatorConfigTypeDef]


class ListPaymentConnectorsResponseTypeDef(TypedDict):
    paymentConnectors: list[PaymentConnectorSummaryTypeDef]
    ResponseMetadata: ResponseMetadataTypeDef
    nextToken: NotRequired[str]


class ListPaymentCredentialProvidersResponseTypeDef(TypedDict):
    credentialProviders: list[PaymentCredentialProviderItemTypeDef]
    ResponseMetadata: ResponseMetadataTypeDef
    nextToken: NotRequired[str]


class ListPaymentManagersResponseTypeDef(TypedDict):
    paymentManagers: list[PaymentManagerSummaryTypeDef]
    ResponseMetadata: ResponseMetadataTypeDef
    nextToken: NotRequired[str]


class PrivateEndpointOutputTypeDef(TypedDict):
    selfManagedLatticeResource: NotRequired[SelfManagedLatticeResourceTypeDef]
    managedVpcResource: NotRequired[ManagedVpcResourceOutputTypeDef]


class PrivateEndpointTypeDef(TypedDict):
    selfManagedLatticeResource: NotRequired[SelfManagedLatticeResourceTypeDef]
    managedVpcResource: NotRequired[ManagedVpcResourceTypeDef]


class CustomClaimValidationTypeOutputTypeDef(TypedDict):
    inboundTokenClaimName: str
    inboundTokenClaimValueType: InboundTokenClaimValueTypeType
    authorizingClaimMatchValue: AuthorizingClaimMatchValueTypeOutputTypeDef


class CustomClaimValidationTypeTypeDef(TypedDict):
    inboundTokenClaimName: str
    inboundTokenClaimValueType: InboundTokenClaimValueTypeType
    authorizingClaimMatchValue: AuthorizingClaimMatchValueTypeTypeDef


class PaymentProviderConfigurationInputTypeDef(TypedDict):
    coinbaseCdpConfiguration: NotRequired[CoinbaseCdpConfigurationInputTypeDef]
    stripePrivyConfiguration: NotRequired[StripePrivyConfigurationInputTypeDef]


class PaymentProviderConfigurationOutputTypeDef(TypedDict):
    coinbaseCdpConfiguration: NotRequired[CoinbaseCdpConfigurationOutputTypeDef]
    stripePrivyConfiguration: NotRequired[StripePrivyConfigurationOutputTypeDef]


class RotatePaymentConnectorCredentialsRequestTypeDef(TypedDict):
    paymentManagerId: str
    paymentConnectorId: str
    credentialsToRotate: CredentialRotationConfigTypeDef
    clientToken: NotRequired[str]


class CreatePaymentConnectorRequestTypeDef(TypedDict):
    paymentManagerId: str
    name: str
    type: PaymentConnectorTypeType
    description: NotRequired[str]
    credentialProviderConfigurations: NotRequired[Sequence[CredentialsProviderConfigurationTypeDef]]
    provisionMode: NotRequired[PaymentConnectorProvisionModeType]
    clientToken: NotRequired[str]


class CreatePaymentConnectorResponseTypeDef(TypedDict):
    paymentConnectorId: str
    paymentManagerId: str
    name: str
    type: PaymentConnectorTypeType
    credentialProviderConfigurations: list[CredentialsProviderConfigurationTypeDef]
    createdAt: datetime
    status: PaymentConnectorStatusType
    authorizationUrl: NotRequired[str]
    ResponseMetadata: ResponseMetadataTypeDef


class GetPaymentConnectorResponseTypeDef(TypedDict):
    paymentConnectorId: str
    name: str
    description: NotRequired[str]
    type: PaymentConnectorTypeType
    provisionMode: NotRequired[PaymentConnectorProvisionModeType]
    credentialProviderConfigurations: list[CredentialsProviderConfigurationTypeDef]
    createdAt: datetime
    lastUpdatedAt: datetime
    status: PaymentConnectorStatusType
    authorizationUrl: NotRequired[str]
    credentialsUpdatedAt: NotRequired[datetime]
    ResponseMetadata: ResponseMetadataTypeDef


class UpdatePaymentConnectorRequestTypeDef(TypedDict):
    paymentManagerId: str
    paymentConnectorId: str
    description: NotRequired[str]
    type: NotRequired[PaymentConnectorTypeType]
    credentialProviderConfigurations: NotRequired[Sequence[CredentialsProviderConfigurationTypeDef]]
    clientToken: NotRequired[str]


class UpdatePaymentConnectorResponseTypeDef(TypedDict):
    paymentConnectorId: str
    paymentManagerId: str
    name: str
    type: PaymentConnectorTypeType
    credentialProviderConfigurations: list[CredentialsProviderConfigurationTypeDef]
    lastUpdatedAt: datetime
    status: PaymentConnectorStatusType
    authorizationUrl: NotRequired[str]
    ResponseMetadata: ResponseMetadataTypeDef


class PrivateEndpointOverrideOutputTypeDef(TypedDict):
    domain: str
    privateEndpoint: PrivateEndpointOutputTypeDef


class PrivateEndpointOverrideTypeDef(TypedDict):
    domain: str
    privateEndpoint: PrivateEndpointTypeDef


class CreatePaymentCredentialProviderRequestTypeDef(TypedDict):
    name: str
    credentialProviderVendor: PaymentCredentialProviderVendorTypeType
    providerConfigurationInput: PaymentProviderConfigurationInputTypeDef
    tags: NotRequired[Mapping[str, str]]


class UpdatePaymentCredentialProviderRequestTypeDef(TypedDict):
    name: str
    credentialProviderVendor: PaymentCredentialProviderVendorTypeType
    providerConfigurationInput: PaymentProviderConfigurationInputTypeDef


class CreatePaymentCredentialProviderResponseTypeDef(TypedDict):
    name: str
    credentialProviderVendor: PaymentCredentialProviderVendorTypeType
    credentialProviderArn: str
    providerConfigurationOutput: PaymentProviderConfigurationOutputTypeDef
    ResponseMetadata: ResponseMetadataTypeDef


class GetPaymentCredentialProviderResponseTypeDef(TypedDict):
    name: str
    credentialProviderArn: str
    credentialProviderVendor: PaymentCredentialProviderVendorTypeType
    providerConfigurationOutput: PaymentProviderConfigurationOutputTypeDef
    createdTime: datetime
    lastUpdatedTime: datetime
    tags: NotRequired[dict[str, str]]
    ResponseMetadata: ResponseMetadataTypeDef


class UpdatePaymentCredentialProviderResponseTypeDef(TypedDict):
    name: str
    credentialProviderVendor: PaymentCredentialProviderVendorTypeType
    credentialProviderArn: str
    providerConfigurationOutput: PaymentProviderConfigurationOutputTypeDef
    createdTime: datetime
    lastUpdatedTime: datetime
    ResponseMetadata: ResponseMetadataTypeDef


class CustomJWTAuthorizerConfigurationOutputTypeDef(TypedDict):
    discoveryUrl: str
    allowedAudience: NotRequired[list[str]]
    allowedClients: NotRequired[list[str]]
    allowedScopes: NotRequired[list[str]]
    advertisedScopeMapping: NotRequired[dict[str, str]]
    customClaims: NotRequired[list[CustomClaimValidationTypeOutputTypeDef]]
    privateEndpoint: NotRequired[PrivateEndpointOutputTypeDef]
    privateEndpointOverrides: NotRequired[list[PrivateEndpointOverrideOutputTypeDef]]
    certificateConfigurations: NotRequired[list[CertificateConfigurationTypeDef]]
    allowedWorkloadConfiguration: NotRequired[AllowedWorkloadConfigurationOutputTypeDef]


class CustomJWTAuthorizerConfigurationTypeDef(TypedDict):
    discoveryUrl: str
    allowedAudience: NotRequired[Sequence[str]]
    allowedClients: NotRequired[Sequence[str]]
    allowedScopes: NotRequired[Sequence[str]]
    advertisedScopeMapping: NotRequired[Mapping[str, str]]
    customClaims: NotRequired[Sequence[CustomClaimValidationTypeTypeDef]]
    privateEndpoint: NotRequired[PrivateEndpointTypeDef]
    privateEndpointOverrides: NotRequired[Sequence[PrivateEndpointOverrideTypeDef]]
    certificateConfigurations: NotRequired[Sequence[CertificateConfigurationTypeDef]]
    allowedWorkloadConfiguration: NotRequired[AllowedWorkloadConfigurationTypeDef]


class AuthorizerConfigurationOutputTypeDef(TypedDict):
    customJWTAuthorizer: NotRequired[CustomJWTAuthorizerConfigurationOutputTypeDef]


class AuthorizerConfigurationTypeDef(TypedDict):
    customJWTAuthorizer: NotRequired[CustomJWTAuthorizerConfigurationTypeDef]


class CreatePaymentManagerResponseTypeDef(TypedDict):
    paymentManagerArn: str
    paymentManagerId: str
    name: str
    authorizerType: PaymentsAuthorizerTypeType
    authorizerConfiguration: NotRequired[AuthorizerConfigurationOutputTypeDef]
    roleArn: str
    workloadIdentityDetails: NotRequired[WorkloadIdentityDetailsTypeDef]
    createdAt: datetime
    status: PaymentManagerStatusType
    tags: NotRequired[dict[str, str]]
    kmsKeyArn: NotRequired[str]
    ResponseMetadata: ResponseMetadataTypeDef


class GetPaymentManagerResponseTypeDef(TypedDict):
    paymentManagerArn: str
    paymentManagerId: str
    name: str
    description: NotRequired[str]
    authorizerType: PaymentsAuthorizerTypeType
    authorizerConfiguration: NotRequired[AuthorizerConfigurationOutputTypeDef]
    roleArn: str
    workloadIdentityDetails: NotRequired[WorkloadIdentityDetailsTypeDef]
    createdAt: datetime
    lastUpdatedAt: datetime
    status: PaymentManagerStatusType
    tags: NotRequired[dict[str, str]]
    kmsKeyArn: NotRequired[str]
    ResponseMetadata: ResponseMetadataTypeDef


AuthorizerConfigurationUnionTypeDef = Union[
    AuthorizerConfigurationTypeDef, AuthorizerConfigurationOutputTypeDef
]


class CreatePaymentManagerRequestTypeDef(TypedDict):
    name: str
    authorizerType: PaymentsAuthorizerTypeType
    roleArn: str
    description: NotRequired[str]
    authorizerConfiguration: NotRequired[AuthorizerConfigurationUnionTypeDef]
    clientToken: NotRequired[str]
    tags: NotRequired[Mapping[str, str]]
    kmsKeyArn: NotRequired[str]


class UpdatePaymentManagerRequestTypeDef(TypedDict):
    paymentManagerId: str
    description: NotRequired[str]
    authorizerType: NotRequired[PaymentsAuthorizerTypeType]
    authorizerConfiguration: NotRequired[AuthorizerConfigurationUnionTypeDef]
    roleArn: NotRequired[str]
    clientToken: NotRequired[str]
    kmsKeyArn: NotRequired[str]
