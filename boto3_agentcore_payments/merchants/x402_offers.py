"""Offers of an x402 merchant: which combinations of network, scheme and version there are."""

from __future__ import annotations

from x402.mechanisms import evm, svm

from boto3_agentcore_payments.emulator.proofs import networks, wallets
from boto3_agentcore_payments.merchants.offers import Offer, atomic, network_named
from boto3_agentcore_payments.merchants.parties import local_wallet


def offer(
    *,
    price: str,
    network: str,
    scheme: str,
    version: int,
    permit2: bool,
    charge: str | None,
    content: str,
) -> Offer:
    """Return the offer; see :func:`boto3_agentcore_payments.merchants.x402_merchant`.

    Raises:
        ValueError: no such network or price, or a combination x402 does not have.
    """
    where = network_named(network)
    solana = where.wallet_network == networks.SOLANA
    problem = None
    if version not in (1, 2) or scheme not in ("exact", "upto"):
        problem = f"x402 has no scheme {scheme!r} in version {version}"
    elif (scheme == "upto" or permit2) and (solana or version == 1):
        problem = "upto and Permit2 are x402 version 2 on EVM networks"
    elif charge is not None and scheme != "upto":
        problem = "only upto takes less than its price"
    elif version == 1 and version_1_name(where) is None:
        problem = f"x402 version 1 has no name for {where.caip2}"
    if problem is not None:
        raise ValueError(problem)
    extra = {} if solana else {"name": where.domain_name, "version": where.domain_version}
    if permit2:
        extra["assetTransferMethod"] = "permit2"
    return Offer(
        network=where,
        scheme=scheme,
        amount=atomic(price),
        pay_to=wallets.address(local_wallet("merchant", where.wallet_network)),
        extra=extra,
        charged=None if charge is None else atomic(charge),
        content=content,
    )


def version_1_name(network: networks.Network) -> str | None:
    """Return what x402's version 1 calls a network, or ``None`` where its library cannot verify."""
    known = {*evm.V1_NETWORKS, *svm.V1_NETWORKS}
    return next((name for name in network.names if name in known), None)
