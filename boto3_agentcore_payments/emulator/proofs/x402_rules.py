"""The rules of an x402 payload, in the service's order and words.

Order [guide]: structure, network, currency, amount, asset, scheme, allowance limit, payTo,
maxTimeoutSeconds, extra. The texts come from the guide and from reported live calls; only those for
sizes, the memo, the version and the transfer method are ours [decided].
"""

from __future__ import annotations

import json
import re
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
"""Longest validity that a payload may ask for, in seconds [decided]."""
MAXIMUM_PAYLOAD_CHARACTERS = 65_536
"""Largest payload accepted, in characters of its JSON text [decided]."""
MAXIMUM_PAYLOAD_DEPTH = 100
"""Deepest nesting accepted [decided]."""
MAXIMUM_MEMO_BYTES = 256
"""Memo limit of the x402 Solana scheme, in bytes (``x402.mechanisms.svm``)."""

_DIGITS = re.compile(r"[0-9]{1,78}")
_INPUT = "paymentInput.cryptoX402"
_PAYLOAD = f"{_INPUT}.payload"
_INVALID = "X402 Payload for signing is invalid."
_CURRENCIES = ("USDC",)
_AMOUNT_MEMBERS = {"1": ("maxAmountRequired",), "2": ("amount", "maxAmountRequired")}
"""Members that may hold the price, by version; the first one present counts [decided].

The guide's example of ``upto``, a version 2 scheme, uses ``maxAmountRequired``.
"""


def check(x402: Any, wallet_network: str) -> Requirements:
    """Check a ``cryptoX402`` input against every rule.

    Args:
        x402: The input's ``cryptoX402`` member: ``version``, ``payload`` (one
            ``paymentRequirements`` object) and perhaps ``permit2AllowanceLimit``.
        wallet_network: ``ETHEREUM`` or ``SOLANA``: the wallet that pays.

    Raises:
        ValidationException: if a rule is broken; the text names the first broken one.
    """
    version, payload = _structure(x402)
    network, named = _network(payload.get("network"), wallet_network)
    _check_currency(payload)
    amount = _amount(payload, version)
    _check_asset(payload.get("asset"), network, named)
    scheme = _scheme(payload.get("scheme"), version, network, named)
    _check_allowance_limit(x402.get("permit2AllowanceLimit"), scheme)
    pay_to = payload_members.address(
        payload.get("payTo"),
        network,
        named=named,
        name="payTo",
        path=f"{_PAYLOAD}.payTo",
        missing="Payment payTo address is required",
        invalid="Payment payTo address is invalid.",
    )
    timeout = _timeout(payload.get("maxTimeoutSeconds"))
    if wallet_network == networks.SOLANA:
        extra = _solana_extra(payload.get("extra"), network, named)
        method = SVM
    else:
        extra = _evm_extra(payload.get("extra"), scheme, network, named)
        method = _transfer_method(extra.get("assetTransferMethod"), scheme, version)
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
        raise ValidationException.rule(_INPUT, _INVALID)
    version = x402.get("version")
    if version not in ("1", "2"):
        raise ValidationException.rule(
            f"{_INPUT}.version",
            f"X402 version is not supported. Received: {shown(version)} Supported: 1, 2",
        )
    payload = x402.get("payload")
    if not isinstance(payload, Mapping) or not payload or not _fits(payload):
        raise ValidationException.rule(_PAYLOAD, _INVALID)
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
        # A lone surrogate is legal in JSON but cannot be hashed, signed or sent.
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
    path = f"{_PAYLOAD}.network"
    if name in (None, ""):
        # The guide has no text for this; an older report of a live call has one.
        raise ValidationException.rule(
            path, "Invalid CryptoX402 payload format: Required field 'network' is missing or null"
        )
    network = networks.find(name) if isinstance(name, str) else None
    if network is None or network.wallet_network != wallet_network:
        raise ValidationException.rule(path, payload_members.mismatch(name, wallet_network))
    return network, str(name)


def _check_currency(payload: Mapping[str, Any]) -> None:
    """Check ``currency`` if the payload has it; x402 has no such member [decided]."""
    if "currency" not in payload:
        return
    currency, path = payload["currency"], f"{_PAYLOAD}.currency"
    if currency in (None, ""):
        raise ValidationException.rule(path, "Payment currency is required")
    if currency not in _CURRENCIES:
        raise ValidationException.rule(
            path,
            f"Currency '{shown(currency)}' is not supported. "
            f"Supported currencies: {', '.join(_CURRENCIES)}",
        )


def _amount(payload: Mapping[str, Any], version: str) -> int:
    members = _AMOUNT_MEMBERS[version]
    member = next((name for name in members if payload.get(name) not in (None, "")), members[0])
    return payload_members.atomic_amount(payload.get(member), f"{_PAYLOAD}.{member}")


def _check_asset(asset: Any, network: networks.Network, named: str) -> None:
    path = f"{_PAYLOAD}.asset"
    if asset in (None, ""):
        raise ValidationException.rule(path, "Payment asset is required")
    if not payload_members.has_form(asset, network):
        raise ValidationException.rule(
            path, payload_members.malformed("Payment asset address is invalid.", asset)
        )
    if not payload_members.is_token(asset, network):
        raise ValidationException.rule(path, payload_members.not_usdc(asset, network, named))


def _scheme(name: Any, version: str, network: networks.Network, named: str) -> Scheme:
    path = f"{_PAYLOAD}.scheme"
    if name in (None, ""):
        raise ValidationException.rule(path, "Payment scheme is required")
    scheme = SCHEMES.get(name) if isinstance(name, str) else None
    if scheme is None:
        raise ValidationException.rule(
            path, "Payment scheme not supported. Supported scheme: exact"
        )
    if version not in scheme.versions:
        raise ValidationException.rule(
            path,
            f"Payment scheme '{scheme.name}' is only supported on x402 protocol version "
            f"{', '.join(scheme.versions)}",
        )
    if network.wallet_network not in scheme.wallet_networks:
        raise ValidationException.rule(
            path,
            f"Payment scheme '{scheme.name}' is only supported on EVM networks. "
            f"Received network: {named}",
        )
    return scheme


def _check_allowance_limit(limit: Any, scheme: Scheme) -> None:
    if limit is None:
        return
    path = f"{_INPUT}.permit2AllowanceLimit"
    if not scheme.allowance_limit:
        raise ValidationException.rule(
            path,
            "permit2AllowanceLimit is only supported for payment scheme 'upto'. "
            f"Received scheme: {scheme.name}",
        )
    # ASCII digits only: int() also accepts underscores and every Unicode digit.
    if not _DIGITS.fullmatch(str(limit)) or not int(limit):
        raise ValidationException.rule(
            path,
            "permit2AllowanceLimit must be a positive integer in the asset\u2019s smallest "
            f"denomination. Received: {shown(limit)}",
        )


def _timeout(seconds: Any) -> int:
    path = f"{_PAYLOAD}.maxTimeoutSeconds"
    if seconds is None:
        raise ValidationException.rule(path, "Payment maxTimeoutSeconds is required")
    if not isinstance(seconds, int) or isinstance(seconds, bool) or seconds <= 0:
        raise ValidationException.rule(
            path,
            f"Payment maxTimeoutSeconds must be positive. Received: {shown(seconds)}",
        )
    if seconds > MAXIMUM_TIMEOUT_SECONDS:
        raise ValidationException.rule(
            path,
            f"Payment maxTimeoutSeconds {shown(seconds)} exceeds maximum allowed value of "
            f"{MAXIMUM_TIMEOUT_SECONDS}",
        )
    return seconds


def _solana_extra(extra: Any, network: networks.Network, named: str) -> Mapping[str, Any]:
    fee_payer = extra.get("feePayer") if isinstance(extra, Mapping) else None
    path = f"{_PAYLOAD}.extra.feePayer"
    if not isinstance(extra, Mapping) or fee_payer in (None, ""):
        raise ValidationException.rule(path, "Payment feePayer is required for SVM payments")
    payload_members.address(
        fee_payer,
        network,
        named=named,
        name="feePayer",
        path=path,
        invalid="Payment feePayer is invalid.",
    )
    memo = extra.get("memo")
    if isinstance(memo, str) and len(memo.encode()) > MAXIMUM_MEMO_BYTES:
        raise ValidationException.rule(
            f"{_PAYLOAD}.extra.memo",
            f"Payment extra.memo exceeds maximum of {MAXIMUM_MEMO_BYTES} bytes",
        )
    return extra


def _evm_extra(
    extra: Any, scheme: Scheme, network: networks.Network, named: str
) -> Mapping[str, Any]:
    if not isinstance(extra, Mapping):
        raise ValidationException.rule(f"{_PAYLOAD}.extra", "Payment extra field is required")
    for name in ("name", "version"):
        value = extra.get(name)
        if not isinstance(value, str) or not value:
            raise ValidationException.rule(
                f"{_PAYLOAD}.extra.{name}", f"Payment extra.{name} is required for EVM payments"
            )
    if scheme.facilitator:
        path = f"{_PAYLOAD}.extra.facilitatorAddress"
        facilitator = extra.get("facilitatorAddress")
        payload_members.address(
            facilitator,
            network,
            named=named,
            name="extra.facilitatorAddress",
            path=path,
            missing=f"Payment extra.facilitatorAddress is required for the {scheme.name} scheme",
            invalid="Payment extra.facilitatorAddress is invalid.",
        )
    return extra


def _transfer_method(name: Any, scheme: Scheme, version: str) -> str:
    supported = [
        method for method in scheme.transfer_methods if version in TRANSFER_METHODS[method].versions
    ]
    # A scheme with one method offers no choice: upto uses Permit2, whatever the payload names.
    if name in (None, "") or len(scheme.transfer_methods) == 1:
        return supported[0]
    if name not in supported:
        raise ValidationException.rule(
            f"{_PAYLOAD}.extra.assetTransferMethod",
            f"Payment extra.assetTransferMethod is not supported. Received: {shown(name)} "
            f"Supported: {', '.join(supported)}",
        )
    return str(name)
