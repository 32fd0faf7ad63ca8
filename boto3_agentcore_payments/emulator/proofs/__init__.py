"""Payment proofs: what ProcessPayment signs, checked and signed with the field's own libraries.

Importing this package imports no signing library. Each one is imported by the first payment that
needs it; where it is missing, :class:`~boto3_agentcore_payments.errors.MissingExtraError` names
the extra that brings it.

- ``payment_types``: the table of payment types, a row and a module each: ``x402``, ``mpp``,
  ``aws_billing``.
- ``networks``, ``payload_members``: networks, tokens, names; addresses and amounts.
- ``wallets``: deterministic test keys and their addresses; ``evm_keys`` signs on EVM chains
  (coincurve, pycryptodome), solders on Solana.
- ``x402_rules``, ``x402_requirements``: the rules of an x402 payload, in the service's order, and
  the schemes; ``transfer_methods``: a row and a module each: ``eip3009``, ``permit2``,
  ``x402_svm``.
- ``mpp_challenge``, ``mpp_rules``, ``mpp_charge``: the MPP challenge, its rules, its answer;
  ``mpp_methods``: a row and a module each: ``mpp_evm``, ``mpp_tempo``, ``mpp_solana``.
- ``eip712``, ``solana_transfer``: what these sign.
- ``aws_billing_rules``: the rules of a Marketplace seller's quote; ``seller_keys``, ``key_sets``:
  where its keys come from; ``marketplace``: the emulated Marketplace's own; ``jose``: tokens and
  keys (joserfc).
- ``vendor_tokens``: Coinbase and Privy tokens for GetResourcePaymentToken (cryptography).
"""

from __future__ import annotations

from boto3_agentcore_payments.emulator.proofs.payment_types import LocalProver

__all__ = ["LocalProver"]
