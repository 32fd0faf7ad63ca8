"""The rules of an x402 payload, in the service's order and words.

Order [guide]: structure, network and currency, amount, addresses, extra fields. Texts are the
service's own where the guide or a report of a live call has them; the others (payTo,
maxTimeoutSeconds, permit2AllowanceLimit, sizes) are ours in the same manner.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from boto3_agentcore_payments.emulator.proofs import addresses, networks
from boto3_agentcore_payments.emulator.proofs.amounts import atomic_amount
from boto3_agentcore_payments.emulator.proofs.refusals import refusal, shown

#: Longest time a proof may be asked to stay valid, in seconds [our decision].
MAXIMUM_TIMEOUT_SECONDS = 86_400
#: Largest payload accepted, in characters of its JSON text [our decision].
MAXIMUM_PAYLOAD_CHARACTERS = 65_536
#: Deepest nesting accepted [our decision].
MAXIMUM_PAYLOAD_DEPTH = 100
#: Memo limit of the x402 Solana scheme, in bytes (``x402.mechanisms.svm``).
MAXIMUM_MEMO_BYTES = 256

_INPUT = "paymentInput.cryptoX402"
_PAYLOAD = f"{_INPUT}.payload"
_INVALID = "X402 Payload for signing is invalid."
_AMOUNT_MEMBER = {"1": "maxAmountRequired", "2": "amount"}


@dataclass(frozen=True)
class Requirements:
    """An x402 ``paymentRequirements`` object that obeys every rule.

    Attributes:
        version: ``1`` or ``2``, as the caller gave it.
        scheme: ``exact`` or ``upto``.
        network: Chain to pay on.
        amount: Atomic USDC units; the maximum for ``upto``.
        asset: Token address as the caller wrote it.
        pay_to: Recipient as the caller wrote it.
        timeout: Seconds the proof stays valid.
        extra: The payload's ``extra`` object.
        permit2: Whether a Permit2 authorization is wanted rather than an EIP-3009 one.
    """

    version: str
    scheme: str
    network: networks.Network
    amount: int
    asset: str
    pay_to: str
    timeout: int
    extra: Mapping[str, Any]
    permit2: bool


def check(x402: Any, wallet_network: str) -> Requirements:
    """Check a ``cryptoX402`` input against every rule.

    Args:
        x402: The input's ``cryptoX402`` member: ``version``, ``payload`` (one
            ``paymentRequirements`` object) and perhaps ``permit2AllowanceLimit``.
        wallet_network: ``ETHEREUM`` or ``SOLANA``: the wallet that pays.

    Raises:
        ValidationException: naming the first rule broken.
    """
    version, payload = _structure(x402)
    network, named = _network(payload["network"], wallet_network)
    _currency(payload["asset"], network, named)
    member = _AMOUNT_MEMBER[version]
    amount = atomic_amount(payload.get(member), f"{_PAYLOAD}.{member}")
    scheme = _scheme(payload["scheme"], version, network)
    pay_to = addresses.checked(
        payload.get("payTo"), network, named=named, name="payTo", path=f"{_PAYLOAD}.payTo"
    )
    timeout = _timeout(payload.get("maxTimeoutSeconds"))
    if network.wallet_network == networks.SOLANA:
        extra = _solana_extra(payload.get("extra"), network, named)
        permit2 = False
    else:
        extra = _evm_extra(payload.get("extra"), scheme, network, named)
        permit2 = _transfer_method(extra, scheme, version)
    if x402.get("permit2AllowanceLimit") is not None and scheme != "upto":
        message = "permit2AllowanceLimit is supported only for the upto scheme"
        raise refusal(message, f"{_INPUT}.permit2AllowanceLimit")
    return Requirements(
        version=version,
        scheme=scheme,
        network=network,
        amount=amount,
        asset=payload["asset"],
        pay_to=pay_to,
        timeout=timeout,
        extra=extra,
        permit2=permit2,
    )


def _structure(x402: Any) -> tuple[str, Mapping[str, Any]]:
    if not isinstance(x402, Mapping):
        raise refusal(_INVALID, _INPUT)
    version = x402.get("version")
    if version not in ("1", "2"):
        message = f"X402 version is not supported. Received: {shown(version)} Supported: 1, 2"
        raise refusal(message, f"{_INPUT}.version")
    payload = x402.get("payload")
    if not isinstance(payload, Mapping) or not payload or not _fits(payload):
        raise refusal(_INVALID, _PAYLOAD)
    for name in ("scheme", "network", "asset"):
        if payload.get(name) in (None, ""):
            message = (
                f"Invalid CryptoX402 payload format: Required field '{name}' is missing or null"
            )
            raise refusal(message, f"{_PAYLOAD}.{name}")
    return str(version), payload


def _fits(payload: Mapping[str, Any]) -> bool:
    level: list[Any] = [payload]
    for _ in range(MAXIMUM_PAYLOAD_DEPTH):
        level = [inner for value in level for inner in _members(value)]
    if level:
        return False
    try:
        text = json.dumps(payload, ensure_ascii=False, default=str)
    except (ValueError, TypeError, RecursionError):
        return False
    return len(text) <= MAXIMUM_PAYLOAD_CHARACTERS and _encodable(text)


def _members(value: Any) -> Iterable[Any]:
    if isinstance(value, Mapping):
        return value.values()
    return value if isinstance(value, (list, tuple)) else ()


def _encodable(text: str) -> bool:
    # A lone surrogate is legal in JSON and cannot be hashed, signed or sent.
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _network(name: Any, wallet_network: str) -> tuple[networks.Network, str]:
    network = networks.find(name) if isinstance(name, str) else None
    if network is None or network.wallet_network != wallet_network:
        supported = ", ".join(networks.names_for(wallet_network))
        message = (
            f"Network mismatch '{shown(name)}' is not supported for paymentNetwork "
            f"'{wallet_network}'. Supported networks: {supported}"
        )
        raise refusal(message, f"{_PAYLOAD}.network")
    return network, str(name)


def _currency(asset: Any, network: networks.Network, named: str) -> None:
    same = isinstance(asset, str) and (
        asset == network.usdc
        # Hexadecimal addresses differ in case only by their checksum; base58 is case-sensitive.
        or (network.chain_id != 0 and addresses.is_evm(asset) and _same(asset, network.usdc))
    )
    if not same:
        message = (
            f"Payment asset is not a supported USDC token address for network '{named}'. "
            f"Received: {shown(asset)} Expected: {network.usdc}"
        )
        raise refusal(message, f"{_PAYLOAD}.asset")


def _same(one: str, other: str) -> bool:
    return one.lower() == other.lower()


def _scheme(scheme: Any, version: str, network: networks.Network) -> str:
    if scheme == "exact":
        return "exact"
    if scheme == "upto" and version == "2" and network.chain_id:
        return "upto"
    message = "Payment scheme not supported. Supported scheme: exact"
    raise refusal(message, f"{_PAYLOAD}.scheme")


def _timeout(seconds: Any) -> int:
    path = f"{_PAYLOAD}.maxTimeoutSeconds"
    if seconds is None:
        message = "Payment maxTimeoutSeconds is required"
        raise refusal(message, path)
    if not isinstance(seconds, int) or isinstance(seconds, bool) or seconds <= 0:
        message = f"Payment maxTimeoutSeconds must be a positive number. Received: {shown(seconds)}"
        raise refusal(message, path)
    if seconds > MAXIMUM_TIMEOUT_SECONDS:
        message = (
            "Payment maxTimeoutSeconds exceeds maximum allowed value. "
            f"Received: {shown(seconds)}, Maximum: {MAXIMUM_TIMEOUT_SECONDS}"
        )
        raise refusal(message, path)
    return seconds


def _solana_extra(extra: Any, network: networks.Network, named: str) -> Mapping[str, Any]:
    fee_payer = extra.get("feePayer") if isinstance(extra, Mapping) else None
    path = f"{_PAYLOAD}.extra.feePayer"
    if not isinstance(extra, Mapping) or fee_payer in (None, ""):
        message = "Payment feePayer is required for SVM payments"
        raise refusal(message, path)
    addresses.checked(fee_payer, network, named=named, name="feePayer", path=path)
    memo = extra.get("memo")
    if isinstance(memo, str) and len(memo.encode()) > MAXIMUM_MEMO_BYTES:
        message = f"Payment extra.memo exceeds maximum of {MAXIMUM_MEMO_BYTES} bytes"
        raise refusal(message, f"{_PAYLOAD}.extra.memo")
    return extra


def _evm_extra(extra: Any, scheme: str, network: networks.Network, named: str) -> Mapping[str, Any]:
    if not isinstance(extra, Mapping):
        message = "Payment extra field is required"
        raise refusal(message, f"{_PAYLOAD}.extra")
    for name in ("name", "version"):
        value = extra.get(name)
        if not isinstance(value, str) or not value:
            message = f"Payment extra.{name} is required for EVM payments"
            raise refusal(message, f"{_PAYLOAD}.extra.{name}")
    if scheme == "upto":
        path = f"{_PAYLOAD}.extra.facilitatorAddress"
        facilitator = extra.get("facilitatorAddress")
        if facilitator in (None, ""):
            message = "Payment extra.facilitatorAddress is required for upto payments"
            raise refusal(message, path)
        addresses.checked(
            facilitator, network, named=named, name="extra.facilitatorAddress", path=path
        )
    return extra


def _transfer_method(extra: Mapping[str, Any], scheme: str, version: str) -> bool:
    if scheme == "upto":
        return True
    method = extra.get("assetTransferMethod")
    if method in (None, "", "eip3009"):
        return False
    if method == "permit2" and version == "2":
        return True
    message = (
        f"Payment extra.assetTransferMethod is not supported. Received: {shown(method)} "
        f"Supported: {'eip3009, permit2' if version == '2' else 'eip3009'}"
    )
    raise refusal(message, f"{_PAYLOAD}.extra.assetTransferMethod")
