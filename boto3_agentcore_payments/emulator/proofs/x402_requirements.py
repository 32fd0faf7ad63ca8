"""Checked x402 payment requirements, and the table of x402 schemes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.emulator.proofs.networks import ETHEREUM, SOLANA

if TYPE_CHECKING:
    from collections.abc import Mapping

    from boto3_agentcore_payments.emulator.proofs.networks import Network


@dataclass(frozen=True)
class Scheme:
    """One x402 scheme.

    Attributes:
        name: Its name in payloads.
        versions: x402 versions that have it.
        wallet_networks: Kinds of wallet that can pay it.
        transfer_methods: Transfer methods allowed on EVM chains, the default first.
        facilitator: Whether ``extra.facilitatorAddress`` is required.
        allowance_limit: Whether the input may carry ``permit2AllowanceLimit``.
    """

    name: str
    versions: tuple[str, ...]
    wallet_networks: tuple[str, ...]
    transfer_methods: tuple[str, ...]
    facilitator: bool = False
    allowance_limit: bool = False


SCHEMES = {
    scheme.name: scheme
    for scheme in (
        Scheme("exact", ("1", "2"), (ETHEREUM, SOLANA), ("eip3009", "permit2")),
        Scheme("upto", ("2",), (ETHEREUM,), ("permit2",), facilitator=True, allowance_limit=True),
    )
}
"""The schemes by name [guide]."""


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
        transfer_method: Name of the row of ``TRANSFER_METHODS`` that signs it.
    """

    version: str
    scheme: str
    network: Network
    amount: int
    asset: str
    pay_to: str
    timeout: int
    extra: Mapping[str, Any]
    transfer_method: str
