# Written by tools/build_types.py, with mypy-boto3-builder 8.12.0 (MIT licence, copyright
# Vlad Emelianov), from this package's service definitions; do not edit.
"""Values that ``bedrock-agentcore-payments`` enumerates."""

from typing import Literal

__all__ = [
    "BlockchainChainIdType",
    "CryptoWalletNetworkType",
    "CurrencyType",
    "InstrumentBalanceTokenType",
    "JwkEllipticCurveType",
    "JwkKeyTypeType",
    "ListPaymentInstrumentsPaginatorName",
    "ListPaymentSessionsPaginatorName",
    "PaymentHttpMethodTypeType",
    "PaymentInstrumentActiveWaiterName",
    "PaymentInstrumentStatusType",
    "PaymentInstrumentTypeType",
    "PaymentSessionStatusType",
    "PaymentStatusType",
    "PaymentTypeType",
]


BlockchainChainIdType = Literal["BASE", "BASE_SEPOLIA", "ETHEREUM", "SOLANA", "SOLANA_DEVNET"]
CryptoWalletNetworkType = Literal["ETHEREUM", "SOLANA"]
CurrencyType = Literal["USD"]
InstrumentBalanceTokenType = Literal["USDC"]
JwkEllipticCurveType = Literal["P-256", "P-384", "P-521"]
JwkKeyTypeType = Literal["EC"]
ListPaymentInstrumentsPaginatorName = Literal["list_payment_instruments"]
ListPaymentSessionsPaginatorName = Literal["list_payment_sessions"]
PaymentHttpMethodTypeType = Literal["DELETE", "GET", "PATCH", "POST", "PUT"]
PaymentInstrumentActiveWaiterName = Literal["payment_instrument_active"]
PaymentInstrumentStatusType = Literal["ACTIVE", "BLOCKED", "DELETED", "FAILED", "INITIATED"]
PaymentInstrumentTypeType = Literal["EMBEDDED_CRYPTO_WALLET"]
PaymentSessionStatusType = Literal["ACTIVE", "DELETED", "EXPIRED"]
PaymentStatusType = Literal["PROOF_GENERATED"]
PaymentTypeType = Literal["AWS_BILLING_X402", "CRYPTO_X402", "MPP"]
