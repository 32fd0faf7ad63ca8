"""What a payment costs: ProcessPayment beside CreatePaymentSession, and each kind of proof alone.

The two operations take turns inside one ``mock_aws``, where client and service share a thread, and
what is measured is that thread's processor time: what a busy machine does meanwhile does not count.
The difference of their medians is what checking, signing and recording a payment adds. Below that,
each kind of proof without service or client.

    python benchmarks/proofs.py [--rounds 300]
"""

from __future__ import annotations

import argparse
import base64
import json
import statistics
import sys
import time
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import boto3
from moto import mock_aws

from boto3_agentcore_payments.emulator.engine.ports import WalletKey
from boto3_agentcore_payments.emulator.proofs import LocalProver, networks
from boto3_agentcore_payments.errors import MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Callable

    from boto3_agentcore_payments.emulator.engine.ports import Prepared

REGION = "us-east-1"
USER = "alice"
SHOP = "0x209693Bc6afc0C5328bA36FaF03C514EF312287C"
ALLOWED_MILLISECONDS = 1.5


def requirements(name: str, **more: Any) -> dict[str, Any]:
    """Return x402 version 2 requirements of one cent on a network."""
    network = networks.find(name)
    if network is None:
        sys.exit(f"no network {name}")
    prover = LocalProver()
    solana = network.wallet_network == networks.SOLANA
    wallet = WalletKey("benchmark", "shop", networks.SOLANA)
    extra = {"name": network.domain_name, "version": network.domain_version}
    if solana:
        extra = {"feePayer": prover.wallet_address(wallet)}
    return {
        "scheme": "exact",
        "network": name,
        "amount": "10000",
        "asset": network.usdc,
        "payTo": prover.wallet_address(wallet) if solana else SHOP,
        "maxTimeoutSeconds": 60,
        "extra": {**extra, **more},
    }


def challenge(method: str) -> str:
    """Return an MPP challenge of one cent."""
    solana = method == "solana"
    network = networks.SOLANA_CLUSTERS["devnet"] if solana else networks.find("base-sepolia")
    details: dict[str, Any] = {"network": "devnet"} if solana else {"chainId": 84532}
    if method == "tempo":
        network = networks.TEMPO_NETWORKS[42431]
        details = {"chainId": 42431, "feePayer": True}
    wallet = WalletKey("benchmark", "shop", networks.SOLANA)
    request = {
        "amount": "10000",
        "currency": network.usdc if network else "",
        "recipient": LocalProver().wallet_address(wallet) if solana else SHOP,
        "methodDetails": details,
    }
    token = base64.urlsafe_b64encode(json.dumps(request).encode()).decode().rstrip("=")
    return f'Payment id="c", realm="shop", method="{method}", intent="charge", request="{token}"'


def kinds() -> dict[str, tuple[str, dict[str, Any], str]]:
    """Return payment type, its member of ``paymentInput`` and wallet of each kind of proof."""

    def x402(payload: dict[str, Any]) -> dict[str, Any]:
        return {"version": "2", "payload": payload}

    def mpp(method: str) -> dict[str, Any]:
        return {"version": "1", "wwwAuthenticateHeaders": [challenge(method)]}

    permit2 = requirements("eip155:84532", assetTransferMethod="permit2")
    return {
        "x402 EIP-3009": ("CRYPTO_X402", x402(requirements("eip155:84532")), "ETHEREUM"),
        "x402 Permit2": ("CRYPTO_X402", x402(permit2), "ETHEREUM"),
        "x402 Solana": ("CRYPTO_X402", x402(requirements("solana-devnet")), "SOLANA"),
        "MPP evm": ("MPP", mpp("evm"), "ETHEREUM"),
        "MPP tempo": ("MPP", mpp("tempo"), "ETHEREUM"),
        "MPP solana": ("MPP", mpp("solana"), "SOLANA"),
    }


def milliseconds(call: Callable[[], object]) -> float:
    """Return how long one call keeps the processor."""
    started = time.thread_time()
    call()
    return (time.thread_time() - started) * 1000


def operations(rounds: int) -> tuple[float, float]:
    """Return the medians of CreatePaymentSession and of an EVM ProcessPayment, in milliseconds."""
    arguments: dict[str, Any] = {
        "region_name": REGION,
        "aws_access_key_id": "testing",
        "aws_secret_access_key": "testing",
    }
    with mock_aws():
        control = boto3.client("bedrock-agentcore-payments-control", **arguments)
        data = boto3.client("bedrock-agentcore-payments", **arguments)
        manager = control.create_payment_manager(
            name="market",
            authorizerType="AWS_IAM",
            roleArn="arn:aws:iam::123456789012:role/payments",
        )
        arn, manager_id = manager["paymentManagerArn"], manager["paymentManagerId"]
        provider = control.create_payment_credential_provider(
            name="vendor",
            credentialProviderVendor="CoinbaseCDP",
            providerConfigurationInput={
                "coinbaseCdpConfiguration": {
                    "apiKeyId": "key-1",
                    "apiKeySecret": "secret",
                    "walletSecret": "secret",
                }
            },
        )
        vendor = {"credentialProviderArn": provider["credentialProviderArn"]}
        control.get_payment_manager(paymentManagerId=manager_id)
        connector = control.create_payment_connector(
            paymentManagerId=manager_id,
            name="wallets",
            type="CoinbaseCDP",
            credentialProviderConfigurations=[{"coinbaseCDP": vendor}],
        )["paymentConnectorId"]
        control.get_payment_connector(paymentManagerId=manager_id, paymentConnectorId=connector)
        instrument = data.create_payment_instrument(
            paymentManagerArn=arn,
            paymentConnectorId=connector,
            paymentInstrumentType="EMBEDDED_CRYPTO_WALLET",
            paymentInstrumentDetails={
                "embeddedCryptoWallet": {
                    "network": "ETHEREUM",
                    "linkedAccounts": [{"email": {"emailAddress": "alice@example.com"}}],
                }
            },
            userId=USER,
        )["paymentInstrument"]["paymentInstrumentId"]
        data.get_payment_instrument(
            paymentManagerArn=arn, paymentInstrumentId=instrument, userId=USER
        )
        limits = {"maxSpendAmount": {"value": "10000", "currency": "USD"}}

        def create() -> str:
            made = data.create_payment_session(
                paymentManagerArn=arn, userId=USER, expiryTimeInMinutes=60, limits=limits
            )
            return str(made["paymentSession"]["paymentSessionId"])

        session = create()
        payment_type, payment_input, _ = kinds()["x402 EIP-3009"]

        def pay() -> object:
            return data.process_payment(
                paymentManagerArn=arn,
                paymentSessionId=session,
                paymentInstrumentId=instrument,
                paymentType=payment_type,
                paymentInput={"cryptoX402": payment_input},
                userId=USER,
            )

        for _ in range(20):
            create()
            pay()
        times = [(milliseconds(create), milliseconds(pay)) for _ in range(rounds)]
    created, paid = zip(*times)
    return statistics.median(created), statistics.median(paid)


def proof(kind: tuple[str, dict[str, Any], str], rounds: int) -> tuple[float, float]:
    """Return the medians of checking and of signing one kind of payment, in milliseconds."""
    payment_type, payment_input, network = kind
    prover = LocalProver()
    wallet = WalletKey("benchmark", "payer", network)

    def prepare() -> Prepared:
        return prover.payment_types[payment_type].prepare(
            payment_input, wallet=wallet, found=None, now=datetime.now(timezone.utc)
        )

    prepare().sign()
    checking = [milliseconds(prepare) for _ in range(rounds)]
    signing = [milliseconds(prepare().sign) for _ in range(rounds)]
    return statistics.median(checking), statistics.median(signing)


def main() -> None:
    """Measure and print; exit with 1 if a payment costs more than it may."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=300)
    rounds = parser.parse_args().rounds
    created, paid = operations(rounds)
    print(f"CreatePaymentSession {created:6.2f} ms")
    print(f"ProcessPayment (EVM) {paid:6.2f} ms")
    print(f"difference           {paid - created:6.2f} ms (at most {ALLOWED_MILLISECONDS})")
    print(f"\n{'proof':<16}{'check':>9}{'sign':>9}   ms")
    for name, kind in kinds().items():
        try:
            checking, signing = proof(kind, rounds)
        except MissingExtraError as error:
            print(f"{name:<16}  {error}")
            continue
        print(f"{name:<16}{checking:9.3f}{signing:9.3f}")
    if paid - created > ALLOWED_MILLISECONDS:
        sys.exit(1)


if __name__ == "__main__":
    main()
