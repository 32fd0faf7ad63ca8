"""Payment proofs: what ProcessPayment signs, checked and signed with the field's own libraries.

Importing this package imports no signing library. Each one is imported by the first payment that
needs it; where it is missing, :class:`~boto3_agentcore_payments.errors.MissingExtraError` names
the extra that brings it.

- ``networks``: networks, tokens, names.
- ``wallets``: deterministic test keys and their addresses (eth-account, solders).
- ``x402_rules``: the rules of an x402 payload, in the service's order.
- ``x402_evm``: EIP-3009 authorizations, x402 versions 1 and 2 (eth-account).
- ``permit2``: Permit2 authorizations, ``upto`` and ``exact`` by request (eth-account).
- ``x402_svm``: partially signed Solana transactions (solders).
- ``mpp_challenge``, ``mpp_rules``, ``mpp_credential``: the MPP challenge, its rules, its answer.
- ``mpp_evm``, ``mpp_solana``: charges of these methods (eth-account, solders).
- ``mpp_tempo``: Tempo charges (pympp and pytempo, extra ``mpp``).
- ``vendor_tokens``: Coinbase and Privy tokens for GetResourcePaymentToken (cryptography).
"""

from __future__ import annotations

from boto3_agentcore_payments.emulator.proofs.prover import LocalProver

__all__ = ["LocalProver"]
