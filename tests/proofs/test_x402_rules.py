"""Every rule of an x402 payload: what is refused, with which text and in which order."""

from __future__ import annotations

from typing import Any

import pytest

from boto3_agentcore_payments.emulator.engine.errors import ValidationException
from boto3_agentcore_payments.emulator.proofs import networks

NETWORKS = {
    "ETHEREUM": (
        "eip155:8453, eip155:1, eip155:42161, eip155:10, eip155:84532, eip155:11155111, "
        "base, ethereum, sepolia, base-sepolia"
    ),
    "SOLANA": (
        "solana, solana-mainnet, solana-devnet, solana-testnet, "
        "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp, "
        "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d, "
        "solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1, "
        "solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG, "
        "solana:4uhcVJyU9pJkvQyS88uRDiswHXSCkY3z, "
        "solana:4uhcVJyU9pJkvQyS88uRDiswHXSCkY3zQawwpjk2NsNY"
    ),
}
SOLANA_WALLET = "4RYMXB79ZWHyJ87DmTuoB9CtvYU5HiqoQ4Pihd1Bs7ry"
BASE_SEPOLIA_USDC = "0x036CbD53842c5426634e7929541eC2318f3dCF7e"
FORM = "is invalid. Expected valid address format for the specified network. Received: "
NAMED = {"name": "USDC", "version": "2"}


def refusal(payments: Any, payload: Any, **options: Any) -> ValidationException:
    with pytest.raises(ValidationException) as caught:
        payments.prepare_x402(payload, **options)
    return caught.value


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"scheme": ...},
            "Payment scheme is required",
        ),
        ({"scheme": None}, "Payment scheme is required"),
        (
            {"network": ...},
            "Invalid CryptoX402 payload format: Required field 'network' is missing or null",
        ),
        (
            {"asset": None},
            "Payment asset is required",
        ),
        (
            {"asset": "0x1"},
            (
                "Payment asset address is invalid. Expected valid address format for the specified "
                "network. Received: 0x1"
            ),
        ),
        ({"currency": None}, "Payment currency is required"),
        (
            {"currency": "EURC"},
            "Currency 'EURC' is not supported. Supported currencies: USDC",
        ),
        (
            {"network": "eip155:137"},
            (
                "Network mismatch 'eip155:137' is not supported for paymentNetwork 'ETHEREUM'. "
                f"Supported networks: {NETWORKS['ETHEREUM']}"
            ),
        ),
        (
            {"network": 84532},
            (
                "Network mismatch '84532' is not supported for paymentNetwork 'ETHEREUM'. "
                f"Supported networks: {NETWORKS['ETHEREUM']}"
            ),
        ),
        (
            {"asset": "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913"},
            (
                "Payment asset is not a supported USDC token address for network 'eip155:84532'. "
                "Received: 0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913. "
                f"Expected: {BASE_SEPOLIA_USDC}"
            ),
        ),
        ({"amount": ...}, "Payment amount is required"),
        ({"amount": None}, "Payment amount is required"),
        ({"amount": "0"}, "Payment amount must be a positive number. Received: 0"),
        ({"amount": "-5"}, "Payment amount must be a positive number. Received: -5"),
        ({"amount": "1.5"}, "Payment amount must be a positive number. Received: 1.5"),
        ({"amount": "1e3"}, "Payment amount must be a positive number. Received: 1e3"),
        (
            {"amount": "\u0661\u0660"},
            "Payment amount must be a positive number. Received: \u0661\u0660",
        ),
        ({"amount": True}, "Payment amount must be a positive number. Received: true"),
        ({"amount": 1.5}, "Payment amount must be a positive number. Received: 1.5"),
        ({"amount": ["1"]}, 'Payment amount must be a positive number. Received: ["1"]'),
        (
            {"amount": str(2**64)},
            (
                "Payment amount exceeds maximum allowed value. Received: 18446744073709551616, "
                "Maximum: 18446744073709551615"
            ),
        ),
        ({"scheme": "stream"}, "Payment scheme not supported. Supported scheme: exact"),
        ({"payTo": ...}, "Payment payTo address is required"),
        (
            {"payTo": "0x12"},
            (
                "Payment payTo address is invalid. Expected valid address format for the specified "
                "network. Received: 0x12"
            ),
        ),
        (
            {"payTo": SOLANA_WALLET},
            (
                "Address format mismatch: Non-EVM address cannot be used with EVM network: "
                "eip155:84532"
            ),
        ),
        ({"maxTimeoutSeconds": ...}, "Payment maxTimeoutSeconds is required"),
        (
            {"maxTimeoutSeconds": 0},
            "Payment maxTimeoutSeconds must be positive. Received: 0",
        ),
        (
            {"maxTimeoutSeconds": "60"},
            "Payment maxTimeoutSeconds must be positive. Received: 60",
        ),
        (
            {"maxTimeoutSeconds": 86401},
            "Payment maxTimeoutSeconds 86401 exceeds maximum allowed value of 86400",
        ),
        ({"extra": ...}, "Payment extra field is required"),
        ({"extra": {"version": "2"}}, "Payment extra.name is required for EVM payments"),
        ({"extra": {"name": "USDC"}}, "Payment extra.version is required for EVM payments"),
        (
            {"extra": NAMED, "scheme": "upto"},
            "Payment extra.facilitatorAddress is required for the upto scheme",
        ),
        (
            {"extra": {**NAMED, "facilitatorAddress": "0x1"}, "scheme": "upto"},
            (
                "Payment extra.facilitatorAddress is invalid. Expected valid address format for "
                "the specified network. Received: 0x1"
            ),
        ),
        (
            {"extra": {**NAMED, "assetTransferMethod": "wire"}},
            (
                "Payment extra.assetTransferMethod is not supported. Received: wire "
                "Supported: eip3009, permit2"
            ),
        ),
    ],
)
def test_evm_payload_that_breaks_a_rule_is_refused(
    payments: Any, change: dict[str, Any], message: str
) -> None:
    error = refusal(payments, payments.requirements(**change))
    assert error.message == message
    assert "reason" not in error.members
    assert [field["message"] for field in error.members["fieldList"]] == [message]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"extra": ...}, "Payment feePayer is required for SVM payments"),
        ({"extra": {}}, "Payment feePayer is required for SVM payments"),
        (
            {"extra": {"feePayer": "me"}},
            (
                "Payment feePayer is invalid. Expected valid address format for the specified "
                "network. Received: me"
            ),
        ),
        (
            {"extra": {"feePayer": SOLANA_WALLET, "memo": "é" * 129}},
            "Payment extra.memo exceeds maximum of 256 bytes",
        ),
        (
            {"payTo": "0x" + "1" * 40},
            f"Payment payTo address {FORM}0x{'1' * 40}",
        ),
        ({"payTo": "1" * 44}, f"Payment payTo address {FORM}{'1' * 44}"),
        (
            {"scheme": "upto"},
            (
                "Payment scheme 'upto' is only supported on EVM networks. "
                "Received network: solana-devnet"
            ),
        ),
    ],
)
def test_solana_payload_that_breaks_a_rule_is_refused(
    payments: Any, change: dict[str, Any], message: str
) -> None:
    assert refusal(payments, payments.requirements("solana-devnet", **change)).message == message


@pytest.mark.parametrize("payload", [{}, [], "exact", None, 7])
def test_payload_that_is_not_an_object_is_refused(payments: Any, payload: Any) -> None:
    assert refusal(payments, payload).message == "X402 Payload for signing is invalid."


def test_oversize_payload_is_refused(payments: Any) -> None:
    payload = payments.requirements(description="x" * 70_000)
    assert refusal(payments, payload).message == "X402 Payload for signing is invalid."


def test_deeply_nested_payload_is_refused(payments: Any) -> None:
    nested: Any = "end"
    for _ in range(5000):
        nested = [nested]
    payload = payments.requirements(outputSchema=nested)
    assert refusal(payments, payload).message == "X402 Payload for signing is invalid."


def test_payload_that_cannot_be_encoded_is_refused(payments: Any) -> None:
    payload = payments.requirements(extra={"name": "USD\ud800", "version": "2"})
    assert refusal(payments, payload).message == "X402 Payload for signing is invalid."


def test_unknown_version_is_refused(payments: Any) -> None:
    error = refusal(payments, payments.requirements(), version="3")
    assert error.message == "X402 version is not supported. Received: 3 Supported: 1, 2"


def test_version_1_reads_max_amount_required(payments: Any) -> None:
    payload = payments.requirements("base-sepolia", amount="10000")
    assert refusal(payments, payload, version="1").message == "Payment amount is required"


def test_upto_is_not_a_scheme_of_version_1(payments: Any) -> None:
    payload = payments.requirements("base-sepolia", scheme="upto", maxAmountRequired="1")
    error = refusal(payments, payload, version="1")
    assert error.message == ("Payment scheme 'upto' is only supported on x402 protocol version 2")


def test_version_2_accepts_max_amount_required_without_an_amount(payments: Any) -> None:
    extra = {**NAMED, "facilitatorAddress": "0x209693Bc6afc0C5328bA36FaF03C514EF312287C"}
    payload = payments.requirements(scheme="upto", amount=..., maxAmountRequired="25", extra=extra)
    assert payments.prepare_x402(payload).amount == 25


def test_version_2_prefers_amount(payments: Any) -> None:
    payload = payments.requirements(amount="10", maxAmountRequired="25")
    assert payments.prepare_x402(payload).amount == 10


def test_solana_network_does_not_fit_an_evm_wallet(payments: Any) -> None:
    error = refusal(payments, payments.requirements("solana"), wallet="ETHEREUM")
    assert error.message == (
        "Network mismatch 'solana' is not supported for paymentNetwork 'ETHEREUM'. "
        f"Supported networks: {NETWORKS['ETHEREUM']}"
    )


def test_evm_network_does_not_fit_a_solana_wallet(payments: Any) -> None:
    error = refusal(payments, payments.requirements("base"), wallet="SOLANA")
    assert error.message == (
        "Network mismatch 'base' is not supported for paymentNetwork 'SOLANA'. "
        f"Supported networks: {NETWORKS['SOLANA']}"
    )


@pytest.mark.parametrize("kind", ["ETHEREUM", "SOLANA"])
def test_every_name_of_a_network_is_listed_once(kind: str) -> None:
    names = [
        name
        for network in networks.X402_NETWORKS
        if network.wallet_network == kind
        for name in network.names
    ]
    assert sorted(networks.names_for(kind)) == sorted(names)


def test_permit2_allowance_limit_is_for_upto_only(payments: Any) -> None:
    error = refusal(payments, payments.requirements(), permit2AllowanceLimit="5")
    assert error.message == (
        "permit2AllowanceLimit is only supported for payment scheme 'upto'. Received scheme: exact"
    )


@pytest.mark.parametrize("limit", ["0", "000", "-5", "1.5", "many", "\u0661"])
def test_permit2_allowance_limit_must_be_a_positive_integer(payments: Any, limit: str) -> None:
    extra = {**NAMED, "facilitatorAddress": "0x209693Bc6afc0C5328bA36FaF03C514EF312287C"}
    payload = payments.requirements(scheme="upto", extra=extra)
    error = refusal(payments, payload, permit2AllowanceLimit=limit)
    assert error.message == (
        "permit2AllowanceLimit must be a positive integer in the asset\u2019s smallest "
        f"denomination. Received: {limit}"
    )


def test_rules_are_checked_in_the_documented_order(payments: Any) -> None:
    whole = payments.requirements()
    wrong = {
        "network": "eip155:137",
        "currency": "EURC",
        "amount": "0",
        "asset": "0x0",
        "scheme": "stream",
        "payTo": "0x0",
        "maxTimeoutSeconds": 0,
        "extra": {"version": "2"},
    }
    said = []
    # Each turn puts right what was complained about; None is the limit beside the payload.
    limit = {"permit2AllowanceLimit": "5"}
    for name in ("network", "currency", "amount", "asset", "scheme", None, "payTo"):
        said.append(refusal(payments, wrong, **limit).message.partition(".")[0])
        if name == "currency":
            del wrong[name]
        elif name is None:
            limit = {}
        else:
            wrong[name] = whole[name]
    said.append(refusal(payments, wrong).message)
    wrong["maxTimeoutSeconds"] = whole["maxTimeoutSeconds"]
    said.append(refusal(payments, wrong).message)
    assert [text.split(" '")[0] for text in said] == [
        "Network mismatch",
        "Currency",
        "Payment amount must be a positive number",
        "Payment asset address is invalid",
        "Payment scheme not supported",
        "permit2AllowanceLimit is only supported for payment scheme",
        "Payment payTo address is invalid",
        "Payment maxTimeoutSeconds must be positive. Received: 0",
        "Payment extra.name is required for EVM payments",
    ]


@pytest.mark.parametrize(
    "address",
    [
        "0x0000000000000000000000000000000000000000",
        "0x000000000000000000000000000000000000dEaD",
        "0x209693bC6afc0C5328bA36FaF03C514EF312287C",
    ],
    ids=["zero", "burn", "wrong-checksum"],
)
def test_pay_to_is_checked_for_form_only(payments: Any, address: str) -> None:
    assert payments.prepare_x402(payments.requirements(payTo=address)).pay_to == address


def test_number_too_long_to_be_written_is_refused(payments: Any) -> None:
    error = refusal(payments, payments.requirements(amount=10**6000))
    assert error.message == "X402 Payload for signing is invalid."


def test_asset_may_be_written_without_checksum(payments: Any) -> None:
    payload = payments.requirements(asset=BASE_SEPOLIA_USDC.lower())
    assert payments.prepare_x402(payload).amount == 10_000


def test_amount_may_be_a_json_integer(payments: Any) -> None:
    assert payments.prepare_x402(payments.requirements(amount=25)).amount == 25


@pytest.mark.parametrize(
    ("named", "caip2", "chain"),
    [
        ("base", "eip155:8453", "BASE"),
        ("eip155:8453", "eip155:8453", "BASE"),
        ("base-sepolia", "eip155:84532", "BASE_SEPOLIA"),
        ("ethereum", "eip155:1", "ETHEREUM"),
        ("sepolia", "eip155:11155111", None),
        ("eip155:42161", "eip155:42161", None),
        ("eip155:10", "eip155:10", None),
        ("solana", "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp", "SOLANA"),
        ("solana-mainnet", "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp", "SOLANA"),
        ("solana-devnet", "solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1", "SOLANA_DEVNET"),
        ("solana-testnet", "solana:4uhcVJyU9pJkvQyS88uRDiswHXSCkY3z", None),
    ],
)
def test_network_names_of_both_versions_are_understood(
    payments: Any, named: str, caip2: str, chain: str | None
) -> None:
    prepared = payments.prepare_x402(payments.requirements(named))
    assert (prepared.network, prepared.chain) == (caip2, chain)
