"""Payments to measure: each kind's input, and a buyer who can make it inside ``mock_aws``.

Imports neither boto3 nor moto before a buyer is made: what they cost is measured too.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Any

from boto3_agentcore_payments.testing import secrets

REGION = "us-east-1"
CREDENTIALS = {
    "region_name": REGION,
    "aws_access_key_id": "testing",
    "aws_secret_access_key": "testing",
}
SHOP = "0x209693Bc6afc0C5328bA36FaF03C514EF312287C"
SOLANA_SHOP = "4RYMXB79ZWHyJ87DmTuoB9CtvYU5HiqoQ4Pihd1Bs7ry"
USDC = "0x036CbD53842c5426634e7929541eC2318f3dCF7e"
SOLANA_USDC = "4zMMC9srt5Ri5X14GAgXhaHii3GnPAEERYPJgZJDncDU"
PATH_USD = "0x20c0000000000000000000000000000000000000"
COINBASE, PRIVY = "CoinbaseCDP", "StripePrivy"


@dataclass(frozen=True)
class Kind:
    """One kind of payment of one cent.

    Attributes:
        payment_type: The model's name.
        member: Its member of ``paymentInput``.
        content: What that member holds.
        wallet: Kind of wallet that pays.
        vendor: Whose wallet pays: Coinbase's pay no Solana by MPP.
    """

    payment_type: str
    member: str
    content: dict[str, Any]
    wallet: str
    vendor: str = COINBASE


def _x402(network: str, asset: str, pay_to: str, extra: dict[str, str], wallet: str) -> Kind:
    payload = {
        "scheme": "exact",
        "network": network,
        "amount": "10000",
        "asset": asset,
        "payTo": pay_to,
        "maxTimeoutSeconds": 60,
        "extra": extra,
    }
    return Kind("CRYPTO_X402", "cryptoX402", {"version": "2", "payload": payload}, wallet)


def _mpp(
    method: str,
    currency: str,
    pay_to: str,
    details: dict[str, Any],
    wallet: str,
    *,
    vendor: str = COINBASE,
) -> Kind:
    request = {
        "amount": "10000",
        "currency": currency,
        "recipient": pay_to,
        "methodDetails": details,
    }
    token = base64.urlsafe_b64encode(json.dumps(request).encode()).decode().rstrip("=")
    header = f'Payment id="c", realm="shop", method="{method}", intent="charge", request="{token}"'
    return Kind("MPP", "mpp", {"version": "1", "wwwAuthenticateHeaders": [header]}, wallet, vendor)


_NAMED = {"name": "USDC", "version": "2"}
_SPONSORED = {"network": "devnet", "feePayer": True, "feePayerKey": SOLANA_SHOP}
KINDS = {
    "x402 EIP-3009": _x402("base-sepolia", USDC, SHOP, _NAMED, "ETHEREUM"),
    "x402 Permit2": _x402(
        "base-sepolia", USDC, SHOP, {**_NAMED, "assetTransferMethod": "permit2"}, "ETHEREUM"
    ),
    "x402 Solana": _x402(
        "solana-devnet", SOLANA_USDC, SOLANA_SHOP, {"feePayer": SOLANA_SHOP}, "SOLANA"
    ),
    "MPP evm": _mpp("evm", USDC, SHOP, {"chainId": 84532}, "ETHEREUM"),
    "MPP tempo": _mpp("tempo", PATH_USD, SHOP, {"chainId": 42431, "feePayer": True}, "ETHEREUM"),
    "MPP solana": _mpp("solana", SOLANA_USDC, SOLANA_SHOP, _SPONSORED, "SOLANA", vendor=PRIVY),
}


class Buyer:
    """A user with a wallet of one kind inside the emulator, and everything the wallet needs.

    Args:
        wallet: ``ETHEREUM`` or ``SOLANA``.
        vendor: Whose wallet it is.

    Attributes:
        data: The data-plane client.
    """

    def __init__(self, wallet: str, vendor: str = COINBASE) -> None:
        import boto3

        control = boto3.client("bedrock-agentcore-payments-control", **CREDENTIALS)
        self.data = boto3.client("bedrock-agentcore-payments", **CREDENTIALS)
        manager = control.create_payment_manager(
            name="market",
            authorizerType="AWS_IAM",
            roleArn="arn:aws:iam::123456789012:role/payments",
        )
        manager_id = manager["paymentManagerId"]
        given: dict[str, Any]
        if vendor == COINBASE:
            member, given = "coinbaseCDP", {"coinbaseCdpConfiguration": secrets.coinbase()}
        else:
            member, given = "stripePrivy", {"stripePrivyConfiguration": secrets.privy()}
        provider = control.create_payment_credential_provider(
            name="vendor",
            credentialProviderVendor=vendor,
            providerConfigurationInput=given,
        )
        found = {"credentialProviderArn": provider["credentialProviderArn"]}
        control.get_payment_manager(paymentManagerId=manager_id)
        connector = control.create_payment_connector(
            paymentManagerId=manager_id,
            name="wallets",
            type=vendor,
            credentialProviderConfigurations=[{member: found}],
        )["paymentConnectorId"]
        control.get_payment_connector(paymentManagerId=manager_id, paymentConnectorId=connector)
        self._owner = {"paymentManagerArn": manager["paymentManagerArn"], "userId": "alice"}
        accounts = [{"email": {"emailAddress": "alice@example.com"}}]
        details = {"embeddedCryptoWallet": {"network": wallet, "linkedAccounts": accounts}}
        self._instrument = self.data.create_payment_instrument(
            paymentConnectorId=connector,
            paymentInstrumentType="EMBEDDED_CRYPTO_WALLET",
            paymentInstrumentDetails=details,
            **self._owner,
        )["paymentInstrument"]["paymentInstrumentId"]
        self.data.get_payment_instrument(paymentInstrumentId=self._instrument, **self._owner)
        self._session = self.create_session()

    def create_session(self) -> str:
        """Open a session with the largest budget and return its id."""
        limits = {"maxSpendAmount": {"value": "10000", "currency": "USD"}}
        made = self.data.create_payment_session(
            expiryTimeInMinutes=60, limits=limits, **self._owner
        )
        return str(made["paymentSession"]["paymentSessionId"])

    def pay(self, kind: Kind) -> None:
        """Pay once from the first session."""
        self.data.process_payment(
            paymentSessionId=self._session,
            paymentInstrumentId=self._instrument,
            paymentType=kind.payment_type,
            paymentInput={kind.member: kind.content},
            **self._owner,
        )
