"""A local x402 facilitator: the x402 library's own verification, the emulator's own money."""

from __future__ import annotations

from typing import TYPE_CHECKING

from x402 import SchemeNotFoundError, x402FacilitatorSync
from x402.mechanisms.evm.exact import ExactEvmFacilitatorScheme
from x402.mechanisms.evm.exact.v1.facilitator import ExactEvmSchemeV1
from x402.mechanisms.evm.upto import UptoEvmFacilitatorScheme
from x402.mechanisms.svm.exact import ExactSvmFacilitatorScheme
from x402.mechanisms.svm.exact.v1.facilitator import ExactSvmSchemeV1
from x402.mechanisms.svm.settlement_cache import SettlementCache

from boto3_agentcore_payments.emulator.proofs import networks, wallets
from boto3_agentcore_payments.merchants.evm_chain import LedgerEvmChains
from boto3_agentcore_payments.merchants.parties import local_wallet
from boto3_agentcore_payments.merchants.solana_chain import LedgerSolanaChain

if TYPE_CHECKING:
    from boto3_agentcore_payments.merchants.settlement import Till

#: What the library's parsers and schemes say of a payment that is malformed deep inside, or of a
#: kind that nobody offered.
MALFORMED = (AttributeError, LookupError, SchemeNotFoundError, TypeError, ValueError)


def local_facilitator(till: Till) -> x402FacilitatorSync:
    """Return a facilitator for every network and scheme the emulator signs for.

    It checks signatures, time windows, amounts and recipients with the x402 library's facilitator
    schemes, and nonces and balances against the ledger; it settles there. It can be given to the
    x402 library's servers wherever they take a facilitator client.

    Args:
        till: Where the money is.
    """
    facilitator = x402FacilitatorSync()
    evm = LedgerEvmChains(till, wallets.address(local_wallet("facilitator", networks.ETHEREUM)))
    names, v1_names = _names(networks.ETHEREUM)
    facilitator.register(names, ExactEvmFacilitatorScheme(evm))
    facilitator.register(names, UptoEvmFacilitatorScheme(evm))
    facilitator.register_v1(v1_names, ExactEvmSchemeV1(evm))
    solana = LedgerSolanaChain(
        wallets.solana_keypair(local_wallet("facilitator", networks.SOLANA)), till
    )
    # One memory of what was sent, whichever protocol version it came by.
    sent = SettlementCache()
    names, v1_names = _names(networks.SOLANA)
    facilitator.register(names, ExactSvmFacilitatorScheme(solana, settlement_cache=sent))
    facilitator.register_v1(v1_names, ExactSvmSchemeV1(solana, settlement_cache=sent))
    return facilitator


def _names(wallet_network: str) -> tuple[list[str], list[str]]:
    """Return the CAIP-2 and the version 1 names of every network of this kind."""
    kind = [each for each in networks.X402_NETWORKS if each.wallet_network == wallet_network]
    v1_names = [name for each in kind for name in each.names if ":" not in name]
    return [each.caip2 for each in kind], v1_names
