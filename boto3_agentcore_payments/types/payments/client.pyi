# Written by tools/build_types.py, with mypy-boto3-builder 8.12.0 (MIT licence, copyright
# Vlad Emelianov), from this package's service definitions; do not edit.
"""The client of ``bedrock-agentcore-payments`` and its exceptions."""

from collections.abc import Mapping
from typing import Any, Literal, overload

from botocore.client import BaseClient, ClientMeta
from botocore.errorfactory import BaseClientExceptions
from botocore.exceptions import ClientError as BotocoreClientError
from typing_extensions import Unpack

from boto3_agentcore_payments.types.payments.paginator import (
    ListPaymentInstrumentsPaginator,
    ListPaymentSessionsPaginator,
)
from boto3_agentcore_payments.types.payments.type_defs import (
    CreatePaymentInstrumentRequestTypeDef,
    CreatePaymentInstrumentResponseTypeDef,
    CreatePaymentSessionRequestTypeDef,
    CreatePaymentSessionResponseTypeDef,
    DeletePaymentInstrumentRequestTypeDef,
    DeletePaymentInstrumentResponseTypeDef,
    DeletePaymentSessionRequestTypeDef,
    DeletePaymentSessionResponseTypeDef,
    GetPaymentInstrumentBalanceRequestTypeDef,
    GetPaymentInstrumentBalanceResponseTypeDef,
    GetPaymentInstrumentRequestTypeDef,
    GetPaymentInstrumentResponseTypeDef,
    GetPaymentSessionRequestTypeDef,
    GetPaymentSessionResponseTypeDef,
    GetResourcePaymentTokenRequestTypeDef,
    GetResourcePaymentTokenResponseTypeDef,
    ListPaymentInstrumentsRequestTypeDef,
    ListPaymentInstrumentsResponseTypeDef,
    ListPaymentSessionsRequestTypeDef,
    ListPaymentSessionsResponseTypeDef,
    ProcessPaymentRequestTypeDef,
    ProcessPaymentResponseTypeDef,
)
from boto3_agentcore_payments.types.payments.waiter import PaymentInstrumentActiveWaiter

__all__ = ["BedrockAgentCorePaymentsClient"]

class Exceptions(BaseClientExceptions):
    AccessDeniedException: type[BotocoreClientError]
    ClientError: type[BotocoreClientError]
    ConflictException: type[BotocoreClientError]
    InternalServerException: type[BotocoreClientError]
    ResourceNotFoundException: type[BotocoreClientError]
    ServiceQuotaExceededException: type[BotocoreClientError]
    SubscriptionRequiredException: type[BotocoreClientError]
    ThrottlingException: type[BotocoreClientError]
    UnauthorizedException: type[BotocoreClientError]
    ValidationException: type[BotocoreClientError]

class BedrockAgentCorePaymentsClient(BaseClient):
    """What ``boto3.client("bedrock-agentcore-payments")`` makes."""

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

    def create_payment_instrument(
        self, **kwargs: Unpack[CreatePaymentInstrumentRequestTypeDef]
    ) -> CreatePaymentInstrumentResponseTypeDef:
        """Gives a user a wallet to pay with, at the vendor behind a payment connector."""

    def create_payment_session(
        self, **kwargs: Unpack[CreatePaymentSessionRequestTypeDef]
    ) -> CreatePaymentSessionResponseTypeDef:
        """Opens a payment session: a budget which a user's agent may spend within a limited
        time.
        """

    def delete_payment_instrument(
        self, **kwargs: Unpack[DeletePaymentInstrumentRequestTypeDef]
    ) -> DeletePaymentInstrumentResponseTypeDef:
        """Retires a user's payment instrument for good. Manager, connector, instrument and user
        must all be the instrument's own; if one is not, the answer is
        ``ResourceNotFoundException``.
        """

    def delete_payment_session(
        self, **kwargs: Unpack[DeletePaymentSessionRequestTypeDef]
    ) -> DeletePaymentSessionResponseTypeDef:
        """Ends a payment session at once and erases it, whatever is left of its budget."""

    def get_payment_instrument(
        self, **kwargs: Unpack[GetPaymentInstrumentRequestTypeDef]
    ) -> GetPaymentInstrumentResponseTypeDef:
        """Reads one payment instrument of a user: its status, its wallet's address and the
        accounts linked to it.
        """

    def get_payment_instrument_balance(
        self, **kwargs: Unpack[GetPaymentInstrumentBalanceRequestTypeDef]
    ) -> GetPaymentInstrumentBalanceResponseTypeDef:
        """Reads how much of a token an instrument's wallet holds on one chain."""

    def get_payment_session(
        self, **kwargs: Unpack[GetPaymentSessionRequestTypeDef]
    ) -> GetPaymentSessionResponseTypeDef:
        """Reads one payment session of a user, with what is left of its budget."""

    def get_resource_payment_token(
        self, **kwargs: Unpack[GetResourcePaymentTokenRequestTypeDef]
    ) -> GetResourcePaymentTokenResponseTypeDef:
        """Makes the credentials with which a request to a wallet vendor's own API is
        authenticated, from the secrets held by a payment credential provider. The secrets
        themselves never leave the vault.
        """

    def list_payment_instruments(
        self, **kwargs: Unpack[ListPaymentInstrumentsRequestTypeDef]
    ) -> ListPaymentInstrumentsResponseTypeDef:
        """Lists a user's payment instruments under a payment manager, page by page, as summaries
        without wallet details. Deleted instruments are left out.
        """

    def list_payment_sessions(
        self, **kwargs: Unpack[ListPaymentSessionsRequestTypeDef]
    ) -> ListPaymentSessionsResponseTypeDef:
        """Lists a user's payment sessions under a payment manager, page by page, as summaries
        without limits. Deleted sessions are left out; read a session's budget with
        ``GetPaymentSession``.
        """

    def process_payment(
        self, **kwargs: Unpack[ProcessPaymentRequestTypeDef]
    ) -> ProcessPaymentResponseTypeDef:
        """Signs one payment with a user's wallet, charges it to the session's budget and returns
        the proof, which the agent attaches to its repeated request to the merchant.
        """

    @overload  # type: ignore[override]
    def get_paginator(  # type: ignore[override]
        self, operation_name: Literal["list_payment_instruments"]
    ) -> ListPaymentInstrumentsPaginator:
        """Return the paginator of an operation."""

    @overload  # type: ignore[override]
    def get_paginator(  # type: ignore[override]
        self, operation_name: Literal["list_payment_sessions"]
    ) -> ListPaymentSessionsPaginator:
        """Return the paginator of an operation."""

    def get_waiter(  # type: ignore[override]
        self, waiter_name: Literal["payment_instrument_active"]
    ) -> PaymentInstrumentActiveWaiter:
        """Return a waiter."""
