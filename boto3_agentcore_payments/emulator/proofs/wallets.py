"""Deterministic test wallets: the same seed and instrument give the same key on every machine.

The keys control no real money, but they are treated as secrets all the same: they stay in this
module's objects, and no representation, log line or error shows them.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.emulator.proofs import libraries
from boto3_agentcore_payments.emulator.proofs.evm_keys import ORDER, EvmKey
from boto3_agentcore_payments.emulator.proofs.networks import SOLANA

if TYPE_CHECKING:
    from boto3_agentcore_payments.emulator.engine.ports import WalletKey

_DERIVATION = b"boto3-agentcore-payments test wallet v1"
# Wallets cached; deriving one costs a public-key multiplication (about 0.1 ms).
_KEPT = 1024


@lru_cache(maxsize=_KEPT)
def address(wallet: WalletKey) -> str:
    """Return the wallet's public address: EVM checksum form or Solana base58.

    Raises:
        MissingExtraError: if the library of that kind of wallet is not installed.
    """
    if wallet.network == SOLANA:
        return str(solana_keypair(wallet).pubkey())
    return evm_key(wallet).address


@lru_cache(maxsize=_KEPT)
def evm_key(wallet: WalletKey) -> EvmKey:
    """Return the key of an EVM wallet.

    Raises:
        MissingExtraError: if the libraries that sign on EVM chains are not installed.
    """
    number = int.from_bytes(_secret(wallet), "big") % (ORDER - 1) + 1
    return EvmKey(number.to_bytes(32, "big"))


@lru_cache(maxsize=_KEPT)
def solana_keypair(wallet: WalletKey) -> Any:
    """Return the wallet as a solders ``Keypair``.

    Raises:
        MissingExtraError: if solders is not installed.
    """
    keypair = libraries.load("solders.keypair", "A Solana test wallet").Keypair
    return keypair.from_seed(_secret(wallet))


def _secret(wallet: WalletKey) -> bytes:
    # JSON separates the three parts: ("a", "bc") and ("ab", "c") must not share a key.
    parts = json.dumps([wallet.seed, wallet.network, wallet.identity])
    return hmac.new(_DERIVATION, parts.encode(), hashlib.sha256).digest()
