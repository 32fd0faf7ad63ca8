"""What an MPP charge may ask for: what is refused, and with which text."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest

from boto3_agentcore_payments.emulator.engine.errors import ValidationException
from boto3_agentcore_payments.emulator.proofs import networks

NOON = datetime(2026, 11, 23, 12, tzinfo=timezone.utc)

SHOP = "0x209693Bc6afc0C5328bA36FaF03C514EF312287C"

SOLANA_WALLET = "4RYMXB79ZWHyJ87DmTuoB9CtvYU5HiqoQ4Pihd1Bs7ry"


SPONSORED = {"network": "devnet", "feePayer": True, "feePayerKey": SOLANA_WALLET}


def refusal(payments: Any, *headers: Any, **options: Any) -> str:
    options.setdefault("now", NOON)
    with pytest.raises(ValidationException) as caught:
        payments.prepare_mpp(*headers, **options)
    assert "reason" not in caught.value.members
    return caught.value.message


@pytest.mark.parametrize("chain_id", ["84532", 84532.0, True, [84532]])
def test_chain_id_must_be_a_json_integer(payments: Any, challenges: Any, chain_id: Any) -> None:
    request = challenges.request(methodDetails={"chainId": chain_id})
    assert refusal(payments, challenges.header(asked=request)).startswith(
        "MPP challenge methodDetails.chainId must be a JSON integer, not a string or decimal. "
        "Received: "
    )


@pytest.mark.parametrize("method", ["evm", "tempo"])
@pytest.mark.parametrize("details", [..., {}, {"chainId": None}])
def test_chain_id_is_required(payments: Any, challenges: Any, method: str, details: Any) -> None:
    request = challenges.request(method, methodDetails=details)
    assert refusal(payments, challenges.header(method, asked=request)) == (
        "MPP challenge is missing required field: methodDetails.chainId"
    )


@pytest.mark.parametrize("name", ["amount", "currency", "recipient"])
@pytest.mark.parametrize("method", ["evm", "tempo", "solana"])
def test_members_of_the_request_are_required(
    payments: Any, challenges: Any, method: str, name: str
) -> None:
    header = challenges.header(method, asked=challenges.request(method, **{name: ...}))
    wallet = "SOLANA" if method == "solana" else "ETHEREUM"
    assert refusal(payments, header, wallet=wallet) == (
        f"MPP challenge is missing required field: {name}"
    )


@pytest.mark.parametrize("version", [..., None, ""])
def test_version_is_required(payments: Any, challenges: Any, version: Any) -> None:
    assert refusal(payments, challenges.header(), version=version) == "MPP version is required."


@pytest.mark.parametrize("modes", [["push"], [], "pull"])
def test_modes_without_pull_are_refused(payments: Any, challenges: Any, modes: Any) -> None:
    asked = challenges.request(methodDetails={"chainId": 84532, "supportedModes": modes})
    assert refusal(payments, challenges.header(asked=asked)) == (
        "MPP supports only pull mode; challenge supportedModes did not include 'pull'."
    )


def test_modes_with_pull_are_accepted(payments: Any, challenges: Any) -> None:
    details = {"chainId": 84532, "supportedModes": ["push", "pull"]}
    asked = challenges.request(methodDetails=details)
    assert payments.prepare_mpp(challenges.header(asked=asked), now=NOON).amount == 10_000


def test_solana_is_not_paid_from_a_coinbase_wallet(payments: Any, challenges: Any) -> None:
    header = challenges.header("solana")
    assert refusal(payments, header, wallet="SOLANA", vendor="CoinbaseCDP") == (
        "Solana MPP payments are not supported for Coinbase-managed payment instruments."
    )


@pytest.mark.parametrize("vendor", ["CoinbaseCDP", "StripePrivy"])
def test_tempo_is_paid_from_wallets_of_every_vendor(
    payments: Any, challenges: Any, vendor: str
) -> None:
    header = challenges.header("tempo")
    prepared = payments.prepare_mpp(header, now=NOON, vendor=vendor, buyerPaysGasFees=True)
    assert prepared.network == "eip155:42431"


@pytest.mark.parametrize("agreed", [{}, {"buyerPaysGasFees": True}])
@pytest.mark.parametrize("fee_payer", [..., False])
def test_solana_fees_are_the_sellers(
    payments: Any, challenges: Any, fee_payer: Any, agreed: dict[str, bool]
) -> None:
    details = {"network": "devnet", "feePayer": fee_payer}
    details = {name: value for name, value in details.items() if value is not ...}
    header = challenges.header("solana", asked=challenges.request("solana", methodDetails=details))
    assert refusal(payments, header, wallet="SOLANA", **agreed) == (
        "MPP Solana charge currently supports only server-sponsored fees "
        "(methodDetails.feePayer=true). Client-paid fees (feePayer=false) are not yet supported."
    )


@pytest.mark.parametrize(
    ("method", "change", "message"),
    [
        (
            "evm",
            {"methodDetails": {"chainId": 137}},
            "Network mismatch 'eip155:137' is not supported for paymentNetwork 'ETHEREUM'.",
        ),
        (
            "tempo",
            {"methodDetails": {"chainId": 84532}},
            "Network mismatch 'eip155:84532' is not supported for paymentNetwork 'ETHEREUM'.",
        ),
        (
            "solana",
            {"methodDetails": {"network": "testnet", "feePayer": True}},
            (
                "MPP Solana charge supports only the 'mainnet' and 'devnet' networks. "
                "Received: testnet"
            ),
        ),
        (
            "evm",
            {"currency": SHOP},
            (
                "MPP EVM/Tempo charge supports only the canonical USDC token on network "
                "'eip155:84532'. "
                "Received currency: "
            ),
        ),
        (
            "tempo",
            {"currency": "0x20c0000000000000000000006a37DA5C996874BE"},
            (
                "MPP EVM/Tempo charge supports only the canonical USDC token on network "
                "'eip155:42431'. "
                "Received currency: "
            ),
        ),
        (
            "solana",
            {"currency": "sol"},
            (
                "Payment asset is not a supported USDC token address for network "
                "'solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1'."
            ),
        ),
        ("evm", {"amount": 10_000}, "Invalid MPP challenge: amount must be text"),
        ("evm", {"amount": "0"}, "Payment amount must be a positive number. Received: 0"),
        ("evm", {"amount": "-1"}, "Payment amount must be a positive number. Received: -1"),
        (
            "evm",
            {"recipient": "0x1"},
            (
                "Payment recipient is invalid. Expected valid address format for the specified "
                "network. Received: 0x1"
            ),
        ),
        (
            "evm",
            {"recipient": SOLANA_WALLET},
            (
                "Address format mismatch: Non-EVM address cannot be used with EVM network: "
                "eip155:84532"
            ),
        ),
        (
            "solana",
            {"recipient": SHOP},
            (
                "Payment recipient is invalid. Expected valid address format for the specified "
                f"network. Received: {SHOP}"
            ),
        ),
        (
            "evm",
            {"methodDetails": []},
            "Invalid MPP challenge: methodDetails is not a JSON object",
        ),
        (
            "evm",
            {"methodDetails": {"chainId": 84532, "splits": [{"recipient": SHOP, "amount": "1"}]}},
            "Invalid MPP challenge: an evm charge cannot be split",
        ),
        (
            "evm",
            {"methodDetails": {"chainId": 84532, "credentialTypes": ["hash"]}},
            "Invalid MPP challenge: methodDetails.credentialTypes must include authorization",
        ),
        (
            "tempo",
            {"methodDetails": {"chainId": 42431, "feePayer": "no"}},
            "Invalid MPP challenge: methodDetails.feePayer must be a JSON boolean",
        ),
        (
            "solana",
            {"methodDetails": {"network": "devnet", "feePayer": True}},
            "MPP challenge is missing required field: methodDetails.feePayerKey",
        ),
        (
            "solana",
            {"methodDetails": {**SPONSORED, "decimals": 9}},
            "Invalid MPP challenge: methodDetails.decimals must be 6 for USDC",
        ),
        (
            "solana",
            {"methodDetails": {**SPONSORED, "confidential": True}},
            "Invalid MPP challenge: confidential transfers are not supported",
        ),
        (
            "solana",
            {
                "methodDetails": {
                    **SPONSORED,
                    "splits": [{"recipient": SOLANA_WALLET, "amount": "10000"}],
                }
            },
            (
                "Invalid MPP challenge: methodDetails.splits must leave a part of the amount "
                "to the recipient"
            ),
        ),
        (
            "solana",
            {"externalId": "x" * 1200},
            "Invalid MPP challenge: the charge does not fit a Solana transaction",
        ),
    ],
)
def test_charge_that_breaks_a_rule_is_refused(
    payments: Any, challenges: Any, method: str, change: dict[str, Any], message: str
) -> None:
    header = challenges.header(method, asked=challenges.request(method, **change))
    wallet = "SOLANA" if method == "solana" else "ETHEREUM"
    assert refusal(payments, header, wallet=wallet).startswith(message)


@pytest.mark.parametrize(("method", "wallet"), [("solana", "ETHEREUM"), ("evm", "SOLANA")])
def test_method_must_fit_the_wallet(
    payments: Any, challenges: Any, method: str, wallet: str
) -> None:
    message = refusal(payments, challenges.header(method), wallet=wallet)
    assert message.startswith("Network mismatch '")
    names = ", ".join(networks.names_for(wallet))
    assert message.endswith(f"for paymentNetwork '{wallet}'. Supported networks: {names}")


@pytest.mark.parametrize("agreed", [{}, {"buyerPaysGasFees": False}])
@pytest.mark.parametrize("details", [{"chainId": 42431, "feePayer": False}, {"chainId": 42431}])
def test_tempo_fees_need_somebody_to_pay_them(
    payments: Any, challenges: Any, details: dict[str, Any], agreed: dict[str, bool]
) -> None:
    header = challenges.header("tempo", asked=challenges.request("tempo", methodDetails=details))
    assert refusal(payments, header, **agreed) == (
        "This MPP challenge does not offer seller-sponsored network fees "
        "(methodDetails.feePayer=false), so the blockchain network (gas) fees would be charged to "
        "the buyer\u2019s wallet in addition to the payment amount. Set buyerPaysGasFees=true to "
        "authorize paying them, or obtain a challenge whose seller sponsors the fees."
    )
