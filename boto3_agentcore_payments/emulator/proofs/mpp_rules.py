"""The rules of an MPP charge that all methods share.

Sources: AWS's guide [guide]; draft-solana-charge-00 for Solana's ``methodDetails``; pympp 0.16 for
those of ``evm`` and ``tempo``. Rules are checked in the same order as for x402: structure, network
and currency, amount, addresses, method details.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.emulator.engine.errors import ValidationException
from boto3_agentcore_payments.emulator.proofs import mpp_challenge, networks, payload_members
from boto3_agentcore_payments.emulator.proofs.mpp_charge import (
    DETAILS,
    REQUEST,
    Charge,
    Split,
    refuse,
)
from boto3_agentcore_payments.emulator.proofs.payload_members import shown

if TYPE_CHECKING:
    from datetime import datetime

    from boto3_agentcore_payments.emulator.engine.ports import WalletKey
    from boto3_agentcore_payments.emulator.proofs.mpp_methods import Method

MAXIMUM_SPLITS = 8
"""Most split recipients of one charge (draft-solana-charge-00; pympp allows Tempo more)."""


def check(mpp: Any, wallet: WalletKey, now: datetime, *, methods: Mapping[str, Method]) -> Charge:
    """Check an ``mpp`` input.

    Args:
        mpp: The input's ``mpp`` member: ``version``, ``wwwAuthenticateHeaders`` and perhaps
            ``buyerPaysGasFees``.
        wallet: The wallet that pays.
        now: Timezone-aware service time.
        methods: The methods that can be paid, by name.

    Raises:
        ValidationException: if a rule is broken; the text names the first broken one.
    """
    if not isinstance(mpp, Mapping):
        raise ValidationException.rule("paymentInput.mpp", "MPP payload for signing is invalid.")
    if mpp.get("version") in (None, ""):
        raise ValidationException.rule("paymentInput.mpp.version", "MPP version is required.")
    challenge = mpp_challenge.parse(mpp.get("wwwAuthenticateHeaders"), now, methods=methods)
    request = challenge.request
    details = request.get("methodDetails")
    if details is None:
        details = {}
    if not isinstance(details, Mapping):
        refuse("methodDetails is not a JSON object", DETAILS)
    for name in ("amount", "currency", "recipient"):
        if request.get(name) in (None, ""):
            raise ValidationException.rule(f"{REQUEST}.{name}", mpp_challenge.missing(name))
    method = methods[challenge.method]
    network, named = _network(method, details, wallet.network)
    _check_modes(request, details)
    _check_vendor(method, wallet)
    currency = _currency(request.get("currency"), network, named)
    written = request.get("amount")
    amount = payload_members.atomic_amount(written, f"{REQUEST}.amount")
    if not isinstance(written, str):  # a server compares texts and would refuse the proof
        refuse("amount must be text", f"{REQUEST}.amount")
    recipient = payload_members.address(
        request.get("recipient"),
        network,
        named=named,
        name="recipient",
        path=f"{REQUEST}.recipient",
    )
    return Charge(
        version=str(mpp.get("version")),
        challenge=challenge,
        network=network,
        amount=amount,
        amount_text=written,
        currency=currency,
        recipient=recipient,
        details=details,
        splits=_splits(details.get("splits"), amount, network, named),
        buyer_pays_gas_fees=mpp.get("buyerPaysGasFees") is True,
    )


def _check_modes(request: Mapping[str, Any], details: Mapping[str, Any]) -> None:
    """Refuse a challenge whose modes lack ``pull`` [guide]; both places are read [decided]."""
    for path, members in ((REQUEST, request), (DETAILS, details)):
        modes = members.get("supportedModes")
        if modes is not None and (not isinstance(modes, list) or "pull" not in modes):
            raise ValidationException.rule(
                f"{path}.supportedModes",
                "MPP supports only pull mode; challenge supportedModes did not include 'pull'.",
            )


def _check_vendor(method: Method, wallet: WalletKey) -> None:
    if wallet.mpp_methods is not None and method.name not in wallet.mpp_methods:
        raise ValidationException.rule(
            "paymentInstrumentId",
            f"{method.name.capitalize()} MPP payments are not supported for "
            f"{wallet.vendor}-managed payment instruments.",
        )


def _network(
    method: Method, details: Mapping[str, Any], wallet_network: str
) -> tuple[networks.Network, str]:
    found, named, supported = method.network(details)
    if found is None or found.wallet_network != wallet_network:
        if method.wallet_network != wallet_network:
            # No chain of this method would do, so list the chains that the wallet can pay on.
            supported = networks.names_for(wallet_network)
        raise ValidationException.rule(
            DETAILS, payload_members.mismatch(named, wallet_network, supported)
        )
    return found, named


def _currency(currency: Any, network: networks.Network, named: str) -> str:
    if not payload_members.is_token(currency, network):
        message = payload_members.not_usdc(currency, network, named)
        if network.wallet_network == networks.ETHEREUM:
            message = (
                "MPP EVM/Tempo charge supports only the canonical USDC token on network "
                f"'{named}'. Received currency: {shown(currency)}"
            )
        raise ValidationException.rule(f"{REQUEST}.currency", message)
    return str(currency)


def _splits(splits: Any, amount: int, network: networks.Network, named: str) -> tuple[Split, ...]:
    path = f"{DETAILS}.splits"
    if splits is None:
        return ()
    if not isinstance(splits, list) or len(splits) > MAXIMUM_SPLITS:
        refuse(f"methodDetails.splits must be a list of at most {MAXIMUM_SPLITS} parts", path)
    parts = []
    for index, split in enumerate(splits):
        here = f"{path}[{index}]"
        if not isinstance(split, Mapping):
            refuse("each part of methodDetails.splits must be a JSON object", here)
        if split.get("ataCreationRequired"):
            refuse("methodDetails.splits may not ask for token accounts to be created", here)
        memo = split.get("memo")
        if memo is not None and not isinstance(memo, str):
            refuse("the memo of a split must be text", here)
        recipient = payload_members.address(
            split.get("recipient"), network, named=named, name="split recipient", path=here
        )
        share = payload_members.atomic_amount(split.get("amount"), here)
        parts.append(Split(recipient, share, memo))
    if sum(part.amount for part in parts) >= amount and parts:
        refuse("methodDetails.splits must leave a part of the amount to the recipient", path)
    return tuple(parts)
