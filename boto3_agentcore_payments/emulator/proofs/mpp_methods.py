"""The table of MPP methods: one row for each, and one module that checks and signs its charges."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from boto3_agentcore_payments.emulator.proofs import (
    eip3009,
    mpp_evm,
    mpp_solana,
    mpp_tempo,
    solana_transfer,
)
from boto3_agentcore_payments.emulator.proofs.networks import ETHEREUM, SOLANA

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from typing import Any

    from boto3_agentcore_payments.emulator.engine.ports import SignedProof, WalletKey
    from boto3_agentcore_payments.emulator.proofs.mpp_charge import Charge
    from boto3_agentcore_payments.emulator.proofs.networks import NamedNetwork


@dataclass(frozen=True)
class Method:
    """One MPP method, for the intent ``charge``.

    Attributes:
        name: As challenges write it.
        wallet_network: Kind of wallet that pays.
        step: Name of the signing step in errors.
        network: Finds the chain that ``methodDetails`` names.
        signer: Checks the rules of this method alone and returns a function that signs the
            charge. It is given a wallet, the time and a source of random bytes.
    """

    name: str
    wallet_network: str
    step: str
    network: Callable[[Mapping[str, Any]], NamedNetwork]
    signer: Callable[
        [Charge, WalletKey, datetime, Callable[[int], bytes]], Callable[[], SignedProof]
    ]


METHODS = {
    method.name: method
    for method in (
        Method(
            "evm",
            ETHEREUM,
            eip3009.STEP,
            mpp_evm.network,
            partial(mpp_evm.signer, challenge_hash=mpp_evm.DEFAULT_CHALLENGE_HASH),
        ),
        Method("tempo", ETHEREUM, mpp_tempo.STEP, mpp_tempo.network, mpp_tempo.signer),
        Method("solana", SOLANA, solana_transfer.STEP, mpp_solana.network, mpp_solana.signer),
    )
}
"""The methods by name, in the order that messages list them [guide]."""


def methods_with(evm_challenge_hash: str) -> Mapping[str, Method]:
    """Return the methods, with ``evm`` hashing challenges as another library does.

    Args:
        evm_challenge_hash: A key of ``mpp_evm.CHALLENGE_HASHES``.
    """
    signer = partial(mpp_evm.signer, challenge_hash=evm_challenge_hash)
    return {**METHODS, "evm": replace(METHODS["evm"], signer=signer)}
