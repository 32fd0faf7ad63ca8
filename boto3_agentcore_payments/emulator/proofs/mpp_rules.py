"""The rules of an MPP charge, whichever method pays it.

Sources: the behaviour document [guide]; draft-solana-charge-00 for ``methodDetails`` of Solana;
pympp 0.16 for those of ``evm`` and ``tempo``. The order is the x402 one: structure, network and
currency, amount, addresses, method details.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

from boto3_agentcore_payments.emulator.proofs import addresses, networks
from boto3_agentcore_payments.emulator.proofs.amounts import atomic_amount
from boto3_agentcore_payments.emulator.proofs.mpp_challenge import HEADERS, Challenge, parse
from boto3_agentcore_payments.emulator.proofs.refusals import refusal, shown

if TYPE_CHECKING:
    from datetime import datetime

#: Most split recipients of one charge (draft-solana-charge-00; pympp allows Tempo more).
MAXIMUM_SPLITS = 8

_REQUEST = f"{HEADERS}[0].request"
_DETAILS = f"{_REQUEST}.methodDetails"
_TEMPO_MAINNET = 4217  # pympp's default where a Tempo challenge names no chain


@dataclass(frozen=True)
class Split:
    """A part of a charge that goes to somebody else.

    Attributes:
        recipient: Address.
        amount: Atomic units, part of the charge's amount.
        memo: Text or, on Tempo, 0x and 64 hexadecimal digits; may be ``None``.
    """

    recipient: str
    amount: int
    memo: str | None


@dataclass(frozen=True)
class Charge:
    """A charge that obeys every rule its method shares with the others.

    Attributes:
        version: MPP version, as the caller gave it.
        challenge: The challenge it answers.
        network: Chain to pay on.
        amount: Atomic USDC units, splits included.
        amount_text: The amount as the challenge writes it: servers compare the text.
        currency: Token address as the challenge writes it.
        recipient: Recipient as the challenge writes it.
        details: ``methodDetails``, empty when absent.
        splits: Parts for others.
        buyer_pays_gas_fees: Whether the caller agreed to pay network fees.
    """

    version: str
    challenge: Challenge
    network: networks.Network
    amount: int
    amount_text: str
    currency: str
    recipient: str
    details: Mapping[str, Any]
    splits: tuple[Split, ...]
    buyer_pays_gas_fees: bool


def check(mpp: Any, wallet_network: str, now: datetime) -> Charge:
    """Check an ``mpp`` input.

    Args:
        mpp: The input's ``mpp`` member: ``version``, ``wwwAuthenticateHeaders`` and perhaps
            ``buyerPaysGasFees``.
        wallet_network: ``ETHEREUM`` or ``SOLANA``: the wallet that pays.
        now: Timezone-aware service time.

    Raises:
        ValidationException: naming the first rule broken.
    """
    if not isinstance(mpp, Mapping):
        message = "MPP payload for signing is invalid."
        raise refusal(message, "paymentInput.mpp")
    challenge = parse(mpp.get("wwwAuthenticateHeaders"), now)
    request = challenge.request
    details = request.get("methodDetails")
    if details is None:
        details = {}
    if not isinstance(details, Mapping):
        refuse("methodDetails is not a JSON object", _DETAILS)
    network, named = _network(challenge.method, details, wallet_network)
    currency = _currency(request.get("currency"), network, named)
    written = request.get("amount")
    amount = atomic_amount(written, f"{_REQUEST}.amount")
    if not isinstance(written, str):  # a server compares texts, and would refuse the proof
        refuse("amount must be text", f"{_REQUEST}.amount")
    recipient = addresses.checked(
        request.get("recipient"),
        network,
        named=named,
        name="recipient",
        path=f"{_REQUEST}.recipient",
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


def refuse(what: str, path: str = _DETAILS) -> NoReturn:
    """Refuse the charge for what its challenge says.

    Raises:
        ValidationException: always.
    """
    message = f"Invalid MPP challenge: {what}"
    raise refusal(message, path)


def flag(details: Mapping[str, Any], name: str) -> bool:
    """Return a boolean of ``methodDetails``; absent is false.

    Raises:
        ValidationException: it is there and not a JSON boolean.
    """
    value = details.get(name)
    if value is None:
        return False
    if not isinstance(value, bool):
        refuse(f"methodDetails.{name} must be a JSON boolean", f"{_DETAILS}.{name}")
    return value


def _network(
    method: str, details: Mapping[str, Any], wallet_network: str
) -> tuple[networks.Network, str]:
    if method == "solana":
        cluster = details.get("network", "mainnet")
        found = networks.SOLANA_CLUSTERS.get(cluster) if isinstance(cluster, str) else None
        name = f"solana {shown(cluster)}"
        supported = ", ".join(networks.SOLANA_CLUSTERS)
    else:
        default = _TEMPO_MAINNET if method == "tempo" else None
        chain_id = details.get("chainId", default)
        if not isinstance(chain_id, int) or isinstance(chain_id, bool):
            refuse("methodDetails.chainId must be a JSON integer", f"{_DETAILS}.chainId")
        if method == "tempo":
            found = networks.TEMPO_NETWORKS.get(chain_id)
            supported = ", ".join(each.caip2 for each in networks.TEMPO_NETWORKS.values())
        else:
            found = networks.find_chain_id(chain_id)
            supported = ", ".join(networks.names_for(networks.ETHEREUM))
        name = f"eip155:{shown(chain_id)}"
    if found is None or found.wallet_network != wallet_network:
        if (method == "solana") != (wallet_network == networks.SOLANA):
            # No chain of this method would do: what counts is what the wallet can pay on.
            supported = ", ".join(networks.names_for(wallet_network))
        message = (
            f"Network mismatch '{name}' is not supported for paymentNetwork "
            f"'{wallet_network}'. Supported networks: {supported}"
        )
        raise refusal(message, _DETAILS)
    return found, name


def _currency(currency: Any, network: networks.Network, named: str) -> str:
    if isinstance(currency, str) and (
        currency == network.usdc
        or (network.chain_id != 0 and currency.lower() == network.usdc.lower())
    ):
        return currency
    message = (
        f"Payment asset is not a supported USDC token address for network '{named}'. "
        f"Received: {shown(currency)} Expected: {network.usdc}"
    )
    raise refusal(message, f"{_REQUEST}.currency")


def _splits(splits: Any, amount: int, network: networks.Network, named: str) -> tuple[Split, ...]:
    path = f"{_DETAILS}.splits"
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
        recipient = addresses.checked(
            split.get("recipient"), network, named=named, name="split recipient", path=here
        )
        parts.append(Split(recipient, atomic_amount(split.get("amount"), here), memo))
    if sum(part.amount for part in parts) >= amount and parts:
        refuse("methodDetails.splits must leave a part of the amount to the recipient", path)
    return tuple(parts)
