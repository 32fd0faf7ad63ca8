"""The rules of an x402 payload, in the service's order and words.

Order [guide]: structure, network and currency, amount, addresses, extra fields. Texts are the
service's own where the guide or a report of a live call has them; the others (payTo,
maxTimeoutSeconds, permit2AllowanceLimit, sizes) are ours in the same manner.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from boto3_agentcore_payments.emulator.engine.errors import ValidationException
from boto3_agentcore_payments.emulator.proofs import networks, payload_members
from boto3_agentcore_payments.emulator.proofs.payload_members import shown
from boto3_agentcore_payments.emulator.proofs.transfer_methods import SVM, TRANSFER_METHODS
from boto3_agentcore_payments.emulator.proofs.x402_requirements import (
    SCHEMES,
    Requirements,
    Scheme,
)

MAXIMUM_TIMEOUT_SECONDS = 86_400
"""Longest time a proof may be asked to stay valid, in seconds [decided]."""
MAXIMUM_PAYLOAD_CHARACTERS = 65_536
"""Largest payload accepted, in characters of its JSON text [decided]."""
MAXIMUM_PAYLOAD_DEPTH = 100
"""Deepest nesting accepted [decided]."""
MAXIMUM_MEMO_BYTES = 256
"""Memo limit of the x402 Solana scheme, in bytes (``x402.mechanisms.svm``)."""

_INPUT = "paymentInput.cryptoX402"
_PAYLOAD = f"{_INPUT}.payload"
_INVALID = "X402 Payload for signing is invalid."
_AMOUNT_MEMBER = {"1": "maxAmountRequired", "2": "amount"}


def check(x402: Any, wallet_network: str) -> Requirements:
    """Check a ``cryptoX402`` input against every rule.

    Args:
        x402: The input's ``cryptoX402`` member: ``version``, ``payload`` (one
            ``paymentRequirements`` object) and perhaps ``permit2AllowanceLimit``.
        wallet_network: ``ETHEREUM`` or ``SOLANA``: the wallet that pays.

    Raises:
        ValidationException: if a rule is broken; names the first one.
    """
    version, payload = _structure(x402)
    network, named = _network(payload["network"], wallet_network)
    _check_currency(payload["asset"], network, named)
    member = _AMOUNT_MEMBER[version]
    amount = payload_members.atomic_amount(payload.get(member), f"{_PAYLOAD}.{member}")
    scheme = _scheme(payload["scheme"], version, wallet_network)
    pay_to = payload_members.address(
        payload.get("payTo"), network, named=named, name="payTo", path=f"{_PAYLOAD}.payTo"
    )
    timeout = _timeout(payload.get("maxTimeoutSeconds"))
    if wallet_network == networks.SOLANA:
        extra = _solana_extra(payload.get("extra"), network, named)
        method = SVM
    else:
        extra = _evm_extra(payload.get("extra"), scheme, network, named)
        method = _transfer_method(extra.get("assetTransferMethod"), scheme, version)
    if x402.get("permit2AllowanceLimit") is not None and not scheme.allowance_limit:
        raise ValidationException.at(
            f"{_INPUT}.permit2AllowanceLimit",
            "permit2AllowanceLimit is supported only for the upto scheme",
        )
    return Requirements(
        version=version,
        scheme=scheme.name,
        network=network,
        amount=amount,
        asset=payload["asset"],
        pay_to=pay_to,
        timeout=timeout,
        extra=extra,
        transfer_method=method,
    )


def _structure(x402: Any) -> tuple[str, Mapping[str, Any]]:
    if not isinstance(x402, Mapping):
        raise ValidationException.at(_INPUT, _INVALID)
    version = x402.get("version")
    if version not in ("1", "2"):
        raise ValidationException.at(
            f"{_INPUT}.version",
            f"X402 version is not supported. Received: {shown(version)} Supported: 1, 2",
        )
    payload = x402.get("payload")
    if not isinstance(payload, Mapping) or not payload or not _fits(payload):
        raise ValidationException.at(_PAYLOAD, _INVALID)
    for name in ("scheme", "network", "asset"):
        if payload.get(name) in (None, ""):
            raise ValidationException.at(
                f"{_PAYLOAD}.{name}",
                f"Invalid CryptoX402 payload format: Required field '{name}' is missing or null",
            )
    return str(version), payload


def _fits(payload: Mapping[str, Any]) -> bool:
    level: list[Any] = [payload]
    depth = 0
    while level:
        if depth == MAXIMUM_PAYLOAD_DEPTH:
            return False
        level = [inner for value in level for inner in _members(value)]
        depth += 1
    try:
        # A lone surrogate is legal in JSON and cannot be hashed, signed or sent.
        text = json.dumps(payload, ensure_ascii=False, default=str)
        text.encode()
    except (ValueError, TypeError, RecursionError):
        return False
    return len(text) <= MAXIMUM_PAYLOAD_CHARACTERS


def _members(value: Any) -> Iterable[Any]:
    if isinstance(value, Mapping):
        return value.values()
    return value if isinstance(value, (list, tuple)) else ()


def _network(name: Any, wallet_network: str) -> tuple[networks.Network, str]:
    network = networks.find(name) if isinstance(name, str) else None
    if network is None or network.wallet_network != wallet_network:
        supported = ", ".join(networks.names_for(wallet_network))
        raise ValidationException.at(
            f"{_PAYLOAD}.network",
            f"Network mismatch '{shown(name)}' is not supported for paymentNetwork "
            f"'{wallet_network}'. Supported networks: {supported}",
        )
    return network, str(name)


def _check_currency(asset: Any, network: networks.Network, named: str) -> None:
    if not payload_members.is_token(asset, network):
        raise ValidationException.at(
            f"{_PAYLOAD}.asset",
            f"Payment asset is not a supported USDC token address for network '{named}'. "
            f"Received: {shown(asset)} Expected: {network.usdc}",
        )


def _scheme(name: Any, version: str, wallet_network: str) -> Scheme:
    scheme = SCHEMES.get(name) if isinstance(name, str) else None
    if (
        scheme is None
        or version not in scheme.versions
        or wallet_network not in scheme.wallet_networks
    ):
        raise ValidationException.at(
            f"{_PAYLOAD}.scheme", "Payment scheme not supported. Supported scheme: exact"
        )
    return scheme


def _timeout(seconds: Any) -> int:
    path = f"{_PAYLOAD}.maxTimeoutSeconds"
    if seconds is None:
        raise ValidationException.at(path, "Payment maxTimeoutSeconds is required")
    if not isinstance(seconds, int) or isinstance(seconds, bool) or seconds <= 0:
        raise ValidationException.at(
            path,
            f"Payment maxTimeoutSeconds must be a positive number. Received: {shown(seconds)}",
        )
    if seconds > MAXIMUM_TIMEOUT_SECONDS:
        raise ValidationException.at(
            path,
            "Payment maxTimeoutSeconds exceeds maximum allowed value. "
            f"Received: {shown(seconds)}, Maximum: {MAXIMUM_TIMEOUT_SECONDS}",
        )
    return seconds


def _solana_extra(extra: Any, network: networks.Network, named: str) -> Mapping[str, Any]:
    fee_payer = extra.get("feePayer") if isinstance(extra, Mapping) else None
    path = f"{_PAYLOAD}.extra.feePayer"
    if not isinstance(extra, Mapping) or fee_payer in (None, ""):
        raise ValidationException.at(path, "Payment feePayer is required for SVM payments")
    payload_members.address(fee_payer, network, named=named, name="feePayer", path=path)
    memo = extra.get("memo")
    if isinstance(memo, str) and len(memo.encode()) > MAXIMUM_MEMO_BYTES:
        raise ValidationException.at(
            f"{_PAYLOAD}.extra.memo",
            f"Payment extra.memo exceeds maximum of {MAXIMUM_MEMO_BYTES} bytes",
        )
    return extra


def _evm_extra(
    extra: Any, scheme: Scheme, network: networks.Network, named: str
) -> Mapping[str, Any]:
    if not isinstance(extra, Mapping):
        raise ValidationException.at(f"{_PAYLOAD}.extra", "Payment extra field is required")
    for name in ("name", "version"):
        value = extra.get(name)
        if not isinstance(value, str) or not value:
            raise ValidationException.at(
                f"{_PAYLOAD}.extra.{name}", f"Payment extra.{name} is required for EVM payments"
            )
    if scheme.facilitator:
        path = f"{_PAYLOAD}.extra.facilitatorAddress"
        facilitator = extra.get("facilitatorAddress")
        if facilitator in (None, ""):
            raise ValidationException.at(
                path, f"Payment extra.facilitatorAddress is required for {scheme.name} payments"
            )
        payload_members.address(
            facilitator, network, named=named, name="extra.facilitatorAddress", path=path
        )
    return extra


def _transfer_method(name: Any, scheme: Scheme, version: str) -> str:
    supported = [
        method for method in scheme.transfer_methods if version in TRANSFER_METHODS[method].versions
    ]
    # A scheme with one method has nothing to choose: upto takes Permit2, whatever is asked for.
    if name in (None, "") or len(scheme.transfer_methods) == 1:
        return supported[0]
    if name not in supported:
        raise ValidationException.at(
            f"{_PAYLOAD}.extra.assetTransferMethod",
            f"Payment extra.assetTransferMethod is not supported. Received: {shown(name)} "
            f"Supported: {', '.join(supported)}",
        )
    return str(name)
