# Written by tools/build_types.py, with mypy-boto3-builder 8.12.0 (MIT licence, copyright
# Vlad Emelianov), from this package's service definitions; do not edit.
"""The client of ``bedrock-agentcore-payments-control`` and its exceptions."""

from collections.abc import Mapping
from typing import Any, Literal, overload

from botocore.client import BaseClient, ClientMeta
from botocore.errorfactory import BaseClientExceptions
from botocore.exceptions import ClientError as BotocoreClientError
from typing_extensions import Unpack

from boto3_agentcore_payments.types.control.paginator import (
    ListPaymentConnectorsPaginator,
    ListPaymentCredentialProvidersPaginator,
    ListPaymentManagersPaginator,
)
from boto3_agentcore_payments.types.control.type_defs import (
    CreatePaymentConnectorRequestTypeDef,
    CreatePaymentConnectorResponseTypeDef,
    CreatePaymentCredentialProviderRequestTypeDef,
    CreatePaymentCredentialProviderResponseTypeDef,
    CreatePaymentManagerRequestTypeDef,
    CreatePaymentManagerResponseTypeDef,
    DeletePaymentConnectorRequestTypeDef,
    DeletePaymentConnectorResponseTypeDef,
    DeletePaymentCredentialProviderRequestTypeDef,
    DeletePaymentManagerRequestTypeDef,
    DeletePaymentManagerResponseTypeDef,
    GetPaymentConnectorRequestTypeDef,
    GetPaymentConnectorResponseTypeDef,
    GetPaymentCredentialProviderRequestTypeDef,
    GetPaymentCredentialProviderResponseTypeDef,
    GetPaymentManagerRequestTypeDef,
    GetPaymentManagerResponseTypeDef,
    ListPaymentConnectorsRequestTypeDef,
    ListPaymentConnectorsResponseTypeDef,
    ListPaymentCredentialProvidersRequestTypeDef,
    ListPaymentCredentialProvidersResponseTypeDef,
    ListPaymentManagersRequestTypeDef,
    ListPaymentManagersResponseTypeDef,
    RotatePaymentConnectorCredentialsRequestTypeDef,
    RotatePaymentConnectorCredentialsResponseTypeDef,
    UpdatePaymentConnectorRequestTypeDef,
    UpdatePaymentConnectorResponseTypeDef,
    UpdatePaymentCredentialProviderRequestTypeDef,
    UpdatePaymentCredentialProviderResponseTypeDef,
    UpdatePaymentManagerRequestTypeDef,
    UpdatePaymentManagerResponseTypeDef,
)
from boto3_agentcore_payments.types.control.waiter import (
    PaymentConnectorDeletedWaiter,
    PaymentConnectorReadyWaiter,
    PaymentManagerDeletedWaiter,
    PaymentManagerReadyWaiter,
)

__all__ = ["BedrockAgentCorePaymentsControlClient"]

class Exceptions(BaseClientExceptions):
    AccessDeniedException: type[BotocoreClientError]
    ClientError: type[BotocoreClientError]
    ConflictException: type[BotocoreClientError]
    DecryptionFailure: type[BotocoreClientError]
    EncryptionFailure: type[BotocoreClientError]
    InternalServerException: type[BotocoreClientError]
    ResourceLimitExceededException: type[BotocoreClientError]
    ResourceNotFoundException: type[BotocoreClientError]
    ServiceQuotaExceededException: type[BotocoreClientError]
    SubscriptionRequiredException: type[BotocoreClientError]
    ThrottlingException: type[BotocoreClientError]
    UnauthorizedException: type[BotocoreClientError]
    ValidationException: type[BotocoreClientError]

class BedrockAgentCorePaymentsControlClient(BaseClient):
    """What ``boto3.client("bedrock-agentcore-payments-control")`` makes."""

    meta: ClientMeta

    @property
    def exceptions(self) -> Exceptions:
        """The service's exceptions, to catch by name."""

    def can_paginate(self, operation_name: str) -> bool:
        """Return whether an operation has a paginator."""

    def generate_presigned_url(
        self,
        ClientMethod: str,
        Params: Mapping[str, Any] = ...,
        ExpiresIn: int = 3600,
        HttpMethod: str = ...,
    ) -> str:
        """Return a URL that makes one call with this client's credentials."""

    def create_payment_connector(
        self, **kwargs: Unpack[CreatePaymentConnectorRequestTypeDef]
    ) -> CreatePaymentConnectorResponseTypeDef:
        """Connects a payment manager to a wallet vendor."""

    def create_payment_credential_provider(
        self, **kwargs: Unpack[CreatePaymentCredentialProviderRequestTypeDef]
    ) -> CreatePaymentCredentialProviderResponseTypeDef:
        """Stores the API credentials of a wallet vendor in the account's token vault, so that a
        payment connector can name them.
        """

    def create_payment_manager(
        self, **kwargs: Unpack[CreatePaymentManagerRequestTypeDef]
    ) -> CreatePaymentManagerResponseTypeDef:
        """Creates a payment manager, the resource that connectors, instruments and sessions
        belong to.
        """

    def delete_payment_connector(
        self, **kwargs: Unpack[DeletePaymentConnectorRequestTypeDef]
    ) -> DeletePaymentConnectorResponseTypeDef:
        """Starts the deletion of a payment connector."""

    def delete_payment_credential_provider(
        self, **kwargs: Unpack[DeletePaymentCredentialProviderRequestTypeDef]
    ) -> dict[str, Any]:
        """Deletes a payment credential provider, together with the secrets that the service
        keeps for it. Secrets of source ``EXTERNAL`` are yours and remain.
        """

    def delete_payment_manager(
        self, **kwargs: Unpack[DeletePaymentManagerRequestTypeDef]
    ) -> DeletePaymentManagerResponseTypeDef:
        """Starts the deletion of a payment manager."""

    def get_payment_connector(
        self, **kwargs: Unpack[GetPaymentConnectorRequestTypeDef]
    ) -> GetPaymentConnectorResponseTypeDef:
        """Reads one payment connector: its vendor, credential provider, status and, while a
        consent is outstanding, the address to open.
        """

    def get_payment_credential_provider(
        self, **kwargs: Unpack[GetPaymentCredentialProviderRequestTypeDef]
    ) -> GetPaymentCredentialProviderResponseTypeDef:
        """Reads one payment credential provider: vendor, public ids, where its secrets are
        stored, and tags. The secrets are not part of the answer.
        """

    def get_payment_manager(
        self, **kwargs: Unpack[GetPaymentManagerRequestTypeDef]
    ) -> GetPaymentManagerResponseTypeDef:
        """Reads one payment manager: its configuration, status and tags."""

    def list_payment_connectors(
        self, **kwargs: Unpack[ListPaymentConnectorsRequestTypeDef]
    ) -> ListPaymentConnectorsResponseTypeDef:
        """Lists the connectors of one payment manager, as summaries, page by page."""

    def list_payment_credential_providers(
        self, **kwargs: Unpack[ListPaymentCredentialProvidersRequestTypeDef]
    ) -> ListPaymentCredentialProvidersResponseTypeDef:
        """Lists the payment credential providers of the account in this region, page by page, at
        most 20 at a time.
        """

    def list_payment_managers(
        self, **kwargs: Unpack[ListPaymentManagersRequestTypeDef]
    ) -> ListPaymentManagersResponseTypeDef:
        """Lists the payment managers of the account in this region, as summaries, page by page."""

    def rotate_payment_connector_credentials(
        self, **kwargs: Unpack[RotatePaymentConnectorCredentialsRequestTypeDef]
    ) -> RotatePaymentConnectorCredentialsResponseTypeDef:
        """Makes the service obtain new credentials from the vendor for a ``QUICK_CREATE``
        connector, and drop the old ones.
        """

    def update_payment_connector(
        self, **kwargs: Unpack[UpdatePaymentConnectorRequestTypeDef]
    ) -> UpdatePaymentConnectorResponseTypeDef:
        """Changes the description, the vendor or the credential provider of a payment connector.
        What the request leaves out stays as it is.
        """

    def update_payment_credential_provider(
        self, **kwargs: Unpack[UpdatePaymentCredentialProviderRequestTypeDef]
    ) -> UpdatePaymentCredentialProviderResponseTypeDef:
        """Replaces the credentials that a payment credential provider holds, for example after
        new keys were made in the vendor's portal.
        """

    def update_payment_manager(
        self, **kwargs: Unpack[UpdatePaymentManagerRequestTypeDef]
    ) -> UpdatePaymentManagerResponseTypeDef:
        """Changes a payment manager. Only what the request contains is changed; what it leaves
        out stays as it is.
        """

    @overload  # type: ignore[override]
    def get_paginator(  # type: ignore[override]
        self, operation_name: Literal["list_payment_connectors"]
    ) -> ListPaymentConnectorsPaginator:
        """Return the paginator of an operation."""

    @overload  # type: ignore[override]
    def get_paginator(  # type: ignore[override]
        self, operation_name: Literal["list_payment_credential_providers"]
    ) -> ListPaymentCredentialProvidersPaginator:
        """Return the paginator of an operation."""

    @overload  # type: ignore[override]
    def get_paginator(  # type: ignore[override]
        self, operation_name: Literal["list_payment_managers"]
    ) -> ListPaymentManagersPaginator:
        """Return the paginator of an operation."""

    @overload  # type: ignore[override]
    def get_waiter(  # type: ignore[override]
        self, waiter_name: Literal["payment_connector_deleted"]
    ) -> PaymentConnectorDeletedWaiter:
        """Return a waiter."""

    @overload  # type: ignore[override]
    def get_waiter(  # type: ignore[override]
        self, waiter_name: Literal["payment_connector_ready"]
    ) -> PaymentConnectorReadyWaiter:
        """Return a waiter."""

    @overload  # type: ignore[override]
    def get_waiter(  # type: ignore[override]
        self, waiter_name: Literal["payment_manager_deleted"]
    ) -> PaymentManagerDeletedWaiter:
        """Return a waiter."""

    @overload  # type: ignore[override]
    def get_waiter(  # type: ignore[override]
        self, waiter_name: Literal["payment_manager_ready"]
    ) -> PaymentManagerReadyWaiter:
        """Return a waiter."""
