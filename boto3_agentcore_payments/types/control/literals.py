# Written by tools/build_types.py, with mypy-boto3-builder 8.12.0 (MIT licence, copyright
# Vlad Emelianov), from this package's service definitions; do not edit.
"""Values that ``bedrock-agentcore-payments-control`` enumerates."""

from typing import Literal

__all__ = [
    "ClaimMatchOperatorTypeType",
    "CoinbaseCdpSecretType",
    "EndpointIpAddressTypeType",
    "InboundTokenClaimValueTypeType",
    "ListPaymentConnectorsPaginatorName",
    "ListPaymentCredentialProvidersPaginatorName",
    "ListPaymentManagersPaginatorName",
    "PaymentConnectorDeletedWaiterName",
    "PaymentConnectorProvisionModeType",
    "PaymentConnectorReadyWaiterName",
    "PaymentConnectorStatusType",
    "PaymentConnectorTypeType",
    "PaymentCredentialProviderVendorTypeType",
    "PaymentManagerDeletedWaiterName",
    "PaymentManagerReadyWaiterName",
    "PaymentManagerStatusType",
    "PaymentsAuthorizerTypeType",
    "SecretSourceTypeType",
]


ClaimMatchOperatorTypeType = Literal["CONTAINS", "CONTAINS_ANY", "EQUALS"]
CoinbaseCdpSecretType = Literal["API_KEY", "WALLET_SECRET"]
EndpointIpAddressTypeType = Literal["IPV4", "IPV6"]
InboundTokenClaimValueTypeType = Literal["STRING", "STRING_ARRAY"]
ListPaymentConnectorsPaginatorName = Literal["list_payment_connectors"]
ListPaymentCredentialProvidersPaginatorName = Literal["list_payment_credential_providers"]
ListPaymentManagersPaginatorName = Literal["list_payment_managers"]
PaymentConnectorDeletedWaiterName = Literal["payment_connector_deleted"]
PaymentConnectorProvisionModeType = Literal["MANUAL", "QUICK_CREATE"]
PaymentConnectorReadyWaiterName = Literal["payment_connector_ready"]
PaymentConnectorStatusType = Literal[
    "AUTHENTICATION_EXPIRED",
    "AUTHENTICATION_FAILED",
    "AWS_MARKETPLACE_SUBSCRIPTION_REQUIRED",
    "CREATE_FAILED",
    "CREATING",
    "DELETE_FAILED",
    "DELETING",
    "PENDING_AUTHENTICATION",
    "PROVISIONING",
    "READY",
    "UPDATE_FAILED",
    "UPDATING",
]
PaymentConnectorTypeType = Literal["AwsBilling", "CoinbaseCDP", "StripePrivy"]
PaymentCredentialProviderVendorTypeType = Literal["CoinbaseCDP", "StripePrivy"]
PaymentManagerDeletedWaiterName = Literal["payment_manager_deleted"]
PaymentManagerReadyWaiterName = Literal["payment_manager_ready"]
PaymentManagerStatusType = Literal[
    "CREATE_FAILED", "CREATING", "DELETE_FAILED", "DELETING", "READY", "UPDATE_FAILED", "UPDATING"
]
PaymentsAuthorizerTypeType = Literal["AWS_IAM", "CUSTOM_JWT"]
SecretSourceTypeType = Literal["EXTERNAL", "MANAGED"]
