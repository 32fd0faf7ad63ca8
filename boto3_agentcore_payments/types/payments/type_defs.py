# Written by tools/build_types.py, with mypy-boto3-builder 8.12.0 (MIT licence, copyright
# Vlad Emelianov), from this package's service definitions; do not edit.
"""Inputs and outputs of ``bedrock-agentcore-payments``."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, Union

from boto3_agentcore_payments.types.forms import NotRequired, TypedDict
from boto3_agentcore_payments.types.payments.literals import (
    BlockchainChainIdType,
    CryptoWalletNetworkType,
    JwkEllipticCurveType,
    PaymentHttpMethodTypeType,
    PaymentInstrumentStatusType,
    PaymentSessionStatusType,
    PaymentTypeType,
)

__all__ = [
    "AmountTypeDef",
    "AvailableLimitsTypeDef",
    "AwsBillingPaymentOptionsTypeDef",
    "AwsBillingX402PaymentInputTypeDef",
    "AwsBillingX402PaymentOutputTypeDef",
    "CoinbaseCdpTokenRequestInputTypeDef",
    "CoinbaseCdpTokenResponseOutputTypeDef",
    "CreatePaymentInstrumentRequestTypeDef",
    "CreatePaymentInstrumentResponseTypeDef",
    "CreatePaymentSessionRequestTypeDef",
    "CreatePaymentSessionResponseTypeDef",
    "CryptoX402PaymentInputTypeDef",
    "CryptoX402PaymentOutputTypeDef",
    "DeletePaymentInstrumentRequestTypeDef",
    "DeletePaymentInstrumentResponseTypeDef",
    "DeletePaymentSessionRequestTypeDef",
    "DeletePaymentSessionResponseTypeDef",
    "DpopJwkTypeDef",
    "EmbeddedCryptoWalletOutputTypeDef",
    "EmbeddedCryptoWalletTypeDef",
    "GetPaymentInstrumentBalanceRequestTypeDef",
    "GetPaymentInstrumentBalanceResponseTypeDef",
    "GetPaymentInstrumentRequestTypeDef",
    "GetPaymentInstrumentRequestWaitTypeDef",
    "GetPaymentInstrumentResponseTypeDef",
    "GetPaymentSessionRequestTypeDef",
    "GetPaymentSessionResponseTypeDef",
    "GetResourcePaymentTokenRequestTypeDef",
    "GetResourcePaymentTokenResponseTypeDef",
    "LinkedAccountDeveloperJwtTypeDef",
    "LinkedAccountEmailTypeDef",
    "LinkedAccountOAuth2TypeDef",
    "LinkedAccountSmsTypeDef",
    "LinkedAccountTypeDef",
    "ListPaymentInstrumentsRequestPaginateTypeDef",
    "ListPaymentInstrumentsRequestTypeDef",
    "ListPaymentInstrumentsResponseTypeDef",
    "ListPaymentSessionsRequestPaginateTypeDef",
    "ListPaymentSessionsRequestTypeDef",
    "ListPaymentSessionsResponseTypeDef",
    "MppPaymentInputTypeDef",
    "MppPaymentOutputTypeDef",
    "OAuth2AuthenticationTypeDef",
    "PaginatorConfigTypeDef",
    "PaymentInputTypeDef",
    "PaymentInstrumentDetailsOutputTypeDef",
    "PaymentInstrumentDetailsTypeDef",
    "PaymentInstrumentDetailsUnionTypeDef",
    "PaymentInstrumentSummaryTypeDef",
    "PaymentInstrumentTypeDef",
    "PaymentOutputTypeDef",
    "PaymentSessionSummaryTypeDef",
    "PaymentSessionTypeDef",
    "PaymentTokenRequestInputTypeDef",
    "PaymentTokenResponseOutputTypeDef",
    "ProcessPaymentRequestTypeDef",
    "ProcessPaymentResponseTypeDef",
    "ResponseMetadataTypeDef",
    "SessionLimitsTypeDef",
    "StripePrivyTokenRequestInputTypeDef",
    "StripePrivyTokenResponseOutputTypeDef",
    "TokenBalanceTypeDef",
    "WaiterConfigTypeDef",
]


class AmountTypeDef(TypedDict):
    value: str
    currency: Literal["USD"]


class DpopJwkTypeDef(TypedDict):
    kty: Literal["EC"]
    crv: JwkEllipticCurveType
    x: str
    y: str


class AwsBillingX402PaymentOutputTypeDef(TypedDict):
    version: str
    paymentToken: str


class CoinbaseCdpTokenRequestInputTypeDef(TypedDict):
    requestMethod: PaymentHttpMethodTypeType
    requestPath: str
    requestHost: NotRequired[str]
    includeWalletAuthToken: NotRequired[bool]
    requestBody: NotRequired[str]


class CoinbaseCdpTokenResponseOutputTypeDef(TypedDict):
    bearerToken: str
    walletAuthToken: NotRequired[str]


class ResponseMetadataTypeDef(TypedDict):
    RequestId: str
    HTTPStatusCode: int
    HTTPHeaders: dict[str, str]
    RetryAttempts: int
    HostId: NotRequired[str]


class CryptoX402PaymentInputTypeDef(TypedDict):
    version: str
    payload: Mapping[str, Any]
    permit2AllowanceLimit: NotRequired[str]


class CryptoX402PaymentOutputTypeDef(TypedDict):
    version: str
    payload: dict[str, Any]


class DeletePaymentInstrumentRequestTypeDef(TypedDict):
    paymentManagerArn: str
    paymentConnectorId: str
    paymentInstrumentId: str
    userId: NotRequired[str]


class DeletePaymentSessionRequestTypeDef(TypedDict):
    paymentManagerArn: str
    paymentSessionId: str
    userId: NotRequired[str]


class GetPaymentInstrumentBalanceRequestTypeDef(TypedDict):
    paymentManagerArn: str
    paymentConnectorId: str
    paymentInstrumentId: str
    chain: BlockchainChainIdType
    token: Literal["USDC"]
    userId: NotRequired[str]
    agentName: NotRequired[str]


class TokenBalanceTypeDef(TypedDict):
    amount: str
    decimals: int
    token: Literal["USDC"]
    network: CryptoWalletNetworkType
    chain: BlockchainChainIdType


class GetPaymentInstrumentRequestTypeDef(TypedDict):
    paymentManagerArn: str
    paymentInstrumentId: str
    userId: NotRequired[str]
    agentName: NotRequired[str]
    paymentConnectorId: NotRequired[str]


class WaiterConfigTypeDef(TypedDict):
    Delay: NotRequired[int]
    MaxAttempts: NotRequired[int]


class GetPaymentSessionRequestTypeDef(TypedDict):
    paymentManagerArn: str
    paymentSessionId: str
    userId: NotRequired[str]
    agentName: NotRequired[str]


class LinkedAccountDeveloperJwtTypeDef(TypedDict):
    kid: str
    sub: str


class LinkedAccountEmailTypeDef(TypedDict):
    emailAddress: str


class OAuth2AuthenticationTypeDef(TypedDict):
    sub: str
    emailAddress: NotRequired[str]
    name: NotRequired[str]
    username: NotRequired[str]


class LinkedAccountSmsTypeDef(TypedDict):
    phoneNumber: str


class PaginatorConfigTypeDef(TypedDict):
    MaxItems: NotRequired[int]
    PageSize: NotRequired[int]
    StartingToken: NotRequired[str]


class ListPaymentInstrumentsRequestTypeDef(TypedDict):
    paymentManagerArn: str
    userId: NotRequired[str]
    agentName: NotRequired[str]
    paymentConnectorId: NotRequired[str]
    nextToken: NotRequired[str]
    maxResults: NotRequired[int]


class PaymentInstrumentSummaryTypeDef(TypedDict):
    paymentInstrumentId: str
    paymentManagerArn: str
    paymentConnectorId: str
    userId: str
    paymentInstrumentType: Literal["EMBEDDED_CRYPTO_WALLET"]
    status: PaymentInstrumentStatusType
    createdAt: datetime
    updatedAt: datetime


class ListPaymentSessionsRequestTypeDef(TypedDict):
    paymentManagerArn: str
    userId: NotRequired[str]
    agentName: NotRequired[str]
    nextToken: NotRequired[str]
    maxResults: NotRequired[int]


class PaymentSessionSummaryTypeDef(TypedDict):
    paymentSessionId: str
    paymentManagerArn: str
    userId: str
    expiryTimeInMinutes: int
    createdAt: datetime
    updatedAt: datetime


class MppPaymentInputTypeDef(TypedDict):
    version: str
    wwwAuthenticateHeaders: Sequence[str]
    buyerPaysGasFees: NotRequired[bool]


class MppPaymentOutputTypeDef(TypedDict):
    version: str
    selectedPaymentId: str
    paymentCredential: str


class StripePrivyTokenRequestInputTypeDef(TypedDict):
    requestPath: str
    requestBody: str
    requestHost: NotRequired[str]
    includeAuthorizationSignature: NotRequired[bool]


class StripePrivyTokenResponseOutputTypeDef(TypedDict):
    appId: str
    basicAuthToken: str
    authorizationSignature: NotRequired[str]
    requestExpiry: NotRequired[int]


class AvailableLimitsTypeDef(TypedDict):
    availableSpendAmount: NotRequired[AmountTypeDef]
    updatedAt: NotRequired[datetime]


class SessionLimitsTypeDef(TypedDict):
    maxSpendAmount: AmountTypeDef


class AwsBillingPaymentOptionsTypeDef(TypedDict):
    dpopJwk: NotRequired[DpopJwkTypeDef]


class DeletePaymentInstrumentResponseTypeDef(TypedDict):
    status: PaymentInstrumentStatusType
    ResponseMetadata: ResponseMetadataTypeDef


class DeletePaymentSessionResponseTypeDef(TypedDict):
    status: PaymentSessionStatusType
    ResponseMetadata: ResponseMetadataTypeDef


class GetPaymentInstrumentBalanceResponseTypeDef(TypedDict):
    paymentInstrumentId: str
    tokenBalance: TokenBalanceTypeDef
    ResponseMetadata: ResponseMetadataTypeDef


class GetPaymentInstrumentRequestWaitTypeDef(TypedDict):
    paymentManagerArn: str
    paymentInstrumentId: str
    userId: NotRequired[str]
    agentName: NotRequired[str]
    paymentConnectorId: NotRequired[str]
    WaiterConfig: NotRequired[WaiterConfigTypeDef]


class LinkedAccountOAuth2TypeDef(TypedDict):
    google: NotRequired[OAuth2AuthenticationTypeDef]
    apple: NotRequired[OAuth2AuthenticationTypeDef]
    x: NotRequired[OAuth2AuthenticationTypeDef]
    telegram: NotRequired[OAuth2AuthenticationTypeDef]
    github: NotRequired[OAuth2AuthenticationTypeDef]


class ListPaymentInstrumentsRequestPaginateTypeDef(TypedDict):
    paymentManagerArn: str
    userId: NotRequired[str]
    agentName: NotRequired[str]
    paymentConnectorId: NotRequired[str]
    PaginationConfig: NotRequired[PaginatorConfigTypeDef]


class ListPaymentSessionsRequestPaginateTypeDef(TypedDict):
    paymentManagerArn: str
    userId: NotRequired[str]
    agentName: NotRequired[str]
    PaginationConfig: NotRequired[PaginatorConfigTypeDef]


class ListPaymentInstrumentsResponseTypeDef(TypedDict):
    paymentInstruments: list[PaymentInstrumentSummaryTypeDef]
    ResponseMetadata: ResponseMetadataTypeDef
    nextToken: NotRequired[str]


class ListPaymentSessionsResponseTypeDef(TypedDict):
    paymentSessions: list[PaymentSessionSummaryTypeDef]
    ResponseMetadata: ResponseMetadataTypeDef
    nextToken: NotRequired[str]


class PaymentOutputTypeDef(TypedDict):
    cryptoX402: NotRequired[CryptoX402PaymentOutputTypeDef]
    mpp: NotRequired[MppPaymentOutputTypeDef]
    awsBillingX402: NotRequired[AwsBillingX402PaymentOutputTypeDef]


class PaymentTokenRequestInputTypeDef(TypedDict):
    coinbaseCdpTokenRequest: NotRequired[CoinbaseCdpTokenRequestInputTypeDef]
    stripePrivyTokenRequest: NotRequired[StripePrivyTokenRequestInputTypeDef]


class PaymentTokenResponseOutputTypeDef(TypedDict):
    coinbaseCdpTokenResponse: NotRequired[CoinbaseCdpTokenResponseOutputTypeDef]
    stripePrivyTokenResponse: NotRequired[StripePrivyTokenResponseOutputTypeDef]


class CreatePaymentSessionRequestTypeDef(TypedDict):
    paymentManagerArn: str
    expiryTimeInMinutes: int
    userId: NotRequired[str]
    agentName: NotRequired[str]
    limits: NotRequired[SessionLimitsTypeDef]
    clientToken: NotRequired[str]


class PaymentSessionTypeDef(TypedDict):
    paymentSessionId: str
    paymentManagerArn: str
    userId: str
    expiryTimeInMinutes: int
    createdAt: datetime
    updatedAt: datetime
    limits: NotRequired[SessionLimitsTypeDef]
    availableLimits: NotRequired[AvailableLimitsTypeDef]


class AwsBillingX402PaymentInputTypeDef(TypedDict):
    version: str
    payload: Mapping[str, Any]
    options: NotRequired[AwsBillingPaymentOptionsTypeDef]


class LinkedAccountTypeDef(TypedDict):
    email: NotRequired[LinkedAccountEmailTypeDef]
    sms: NotRequired[LinkedAccountSmsTypeDef]
    developerJwt: NotRequired[LinkedAccountDeveloperJwtTypeDef]
    oAuth2: NotRequired[LinkedAccountOAuth2TypeDef]


class ProcessPaymentResponseTypeDef(TypedDict):
    processPaymentId: str
    paymentManagerArn: str
    paymentSessionId: str
    paymentInstrumentId: str
    paymentType: PaymentTypeType
    status: Literal["PROOF_GENERATED"]
    paymentOutput: PaymentOutputTypeDef
    createdAt: datetime
    updatedAt: datetime
    ResponseMetadata: ResponseMetadataTypeDef


class GetResourcePaymentTokenRequestTypeDef(TypedDict):
    workloadIdentityToken: str
    resourceCredentialProviderName: str
    paymentTokenRequest: PaymentTokenRequestInputTypeDef


class GetResourcePaymentTokenResponseTypeDef(TypedDict):
    paymentTokenResponse: PaymentTokenResponseOutputTypeDef
    ResponseMetadata: ResponseMetadataTypeDef


class CreatePaymentSessionResponseTypeDef(TypedDict):
    paymentSession: PaymentSessionTypeDef
    ResponseMetadata: ResponseMetadataTypeDef


class GetPaymentSessionResponseTypeDef(TypedDict):
    paymentSession: PaymentSessionTypeDef
    ResponseMetadata: ResponseMetadataTypeDef


class PaymentInputTypeDef(TypedDict):
    cryptoX402: NotRequired[CryptoX402PaymentInputTypeDef]
    mpp: NotRequired[MppPaymentInputTypeDef]
    awsBillingX402: NotRequired[AwsBillingX402PaymentInputTypeDef]


class EmbeddedCryptoWalletOutputTypeDef(TypedDict):
    network: CryptoWalletNetworkType
    linkedAccounts: list[LinkedAccountTypeDef]
    walletAddress: NotRequired[str]
    redirectUrl: NotRequired[str]


class EmbeddedCryptoWalletTypeDef(TypedDict):
    network: CryptoWalletNetworkType
    linkedAccounts: Sequence[LinkedAccountTypeDef]
    walletAddress: NotRequired[str]
    redirectUrl: NotRequired[str]


class ProcessPaymentRequestTypeDef(TypedDict):
    paymentManagerArn: str
    paymentSessionId: str
    paymentInstrumentId: str
    paymentType: PaymentTypeType
    paymentInput: PaymentInputTypeDef
    userId: NotRequired[str]
    agentName: NotRequired[str]
    clientToken: NotRequired[str]


class PaymentInstrumentDetailsOutputTypeDef(TypedDict):
    embeddedCryptoWallet: NotRequired[EmbeddedCryptoWalletOutputTypeDef]


class PaymentInstrumentDetailsTypeDef(TypedDict):
    embeddedCryptoWallet: NotRequired[EmbeddedCryptoWalletTypeDef]


class PaymentInstrumentTypeDef(TypedDict):
    paymentInstrumentId: str
    paymentManagerArn: str
    paymentConnectorId: str
    userId: str
    paymentInstrumentType: Literal["EMBEDDED_CRYPTO_WALLET"]
    paymentInstrumentDetails: PaymentInstrumentDetailsOutputTypeDef
    createdAt: datetime
    status: PaymentInstrumentStatusType
    updatedAt: datetime


PaymentInstrumentDetailsUnionTypeDef = Union[
    PaymentInstrumentDetailsTypeDef, PaymentInstrumentDetailsOutputTypeDef
]


class CreatePaymentInstrumentResponseTypeDef(TypedDict):
    paymentInstrument: PaymentInstrumentTypeDef
    ResponseMetadata: ResponseMetadataTypeDef


class GetPaymentInstrumentResponseTypeDef(TypedDict):
    paymentInstrument: PaymentInstrumentTypeDef
    ResponseMetadata: ResponseMetadataTypeDef


class CreatePaymentInstrumentRequestTypeDef(TypedDict):
    paymentManagerArn: str
    paymentConnectorId: str
    paymentInstrumentType: Literal["EMBEDDED_CRYPTO_WALLET"]
    paymentInstrumentDetails: PaymentInstrumentDetailsUnionTypeDef
    userId: NotRequired[str]
    agentName: NotRequired[str]
    clientToken: NotRequired[str]
