"""What an MPP charge may ask for: what is refused, and in which words."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest

from boto3_agentcore_payments.emulator.engine.errors import ValidationException
from boto3_agentcore_payments.emulator.proofs import networks

NOON = datetime(2026, 11, 23, 12, tzinfo=timezone.utc)

SHOP = "0x209693Bc6afc0C5328bA36FaF03C514EF312287C"

SOLANA_WALLET = "4RYMXB79ZWHyJ87DmTuoB9CtvYU5HiqoQ4Pihd1Bs7ry"


def refusal(payments: Any, *headers: Any, **options: Any) -> str:
    options.setdefault("now", NOON)
    with pytest.raises(ValidationException) as caught:
        payments.prepare_mpp(*headers, **options)
    assert caught.value.members["reason"] == "FieldValidationFailed"
    return caught.value.message


@pytest.mark.parametrize("chain_id", ["84532", 84532.0, True, None, [84532]])
def test_chain_id_must_be_a_json_integer(payments: Any, challenges: Any, chain_id: Any) -> None:
    request = challenges.request(methodDetails={"chainId": chain_id})
    assert refusal(payments, challenges.header(asked=request)) == (
        "Invalid MPP challenge: methodDetails.chainId must be a JSON integer"
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
            {"methodDetails": {"network": "localnet"}},
            "Network mismatch 'solana localnet' is not supported for paymentNetwork 'SOLANA'.",
        ),
        (
            "evm",
            {"currency": SHOP},
            "Payment asset is not a supported USDC token address for network 'eip155:84532'.",
        ),
        (
            "tempo",
            {"currency": "0x20c0000000000000000000006a37DA5C996874BE"},
            "Payment asset is not a supported USDC token address for network 'eip155:42431'.",
        ),
        (
            "solana",
            {"currency": "sol"},
            "Payment asset is not a supported USDC token address for network 'solana devnet'.",
        ),
        ("evm", {"amount": ...}, "Payment amount is required"),
        ("evm", {"amount": 10_000}, "Invalid MPP challenge: amount must be text"),
        ("evm", {"amount": "0"}, "Payment amount must be a positive number. Received: 0"),
        ("evm", {"amount": "-1"}, "Payment amount must be a positive number. Received: -1"),
        ("evm", {"recipient": ...}, "Payment recipient is required"),
        ("evm", {"recipient": "0x1"}, "Payment recipient is not a valid address. Received: 0x1"),
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
                "Address format mismatch: EVM address cannot be used with non-EVM network: "
                "solana devnet"
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
            "Payment feePayerKey is required",
        ),
        (
            "solana",
            {"methodDetails": {"network": "devnet", "decimals": 9}},
            "Invalid MPP challenge: methodDetails.decimals must be 6 for USDC",
        ),
        (
            "solana",
            {"methodDetails": {"network": "devnet", "confidential": True}},
            "Invalid MPP challenge: confidential transfers are not supported",
        ),
        (
            "solana",
            {
                "methodDetails": {
                    "network": "devnet",
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
        "Invalid MPP challenge: methodDetails.feePayer is false, so buyerPaysGasFees must be true "
        "to pay it"
    )
