"""Payment proofs: check and sign what ProcessPayment signs, with the field's own libraries.

Importing this package imports no signing library. Each one is imported by the first payment that
needs it; if it is missing, :class:`~boto3_agentcore_payments.errors.MissingExtraError` names the
extra that provides it.

- ``payment_types``: the table of payment types, with one row and one module for each: ``x402``,
  ``mpp``, ``aws_billing``.
- ``networks``, ``payload_members``: networks, tokens, names; addresses and amounts.
- ``wallets``: deterministic test keys and their addresses; ``evm_keys`` signs on EVM chains
  (coincurve, pycryptodome), solders on Solana.
- ``x402_rules``, ``x402_requirements``: the rules of an x402 payload, in the service's order, and
  the schemes; ``transfer_methods``: one row and one module for each of ``eip3009``, ``permit2``
  and ``x402_svm``.
- ``mpp_challenge``, ``mpp_rules``, ``mpp_charge``: the MPP challenge, its rules, its answer;
  ``mpp_methods``: one row and one module for each of ``mpp_evm``, ``mpp_tempo`` and
  ``mpp_solana``.
- ``eip712``, ``solana_transfer``: the data that these modules sign.
- ``aws_billing_rules``: the rules of a Marketplace seller's quote; ``seller_keys``, ``key_sets``:
  where its keys come from; ``marketplace``: the emulated Marketplace's keys; ``jose``: tokens
  and keys (joserfc).
- ``vendor_tokens``: Coinbase and Privy tokens for GetResourcePaymentToken (cryptography).
"""

from __future__ import annotations

from boto3_agentcore_payments.emulator.proofs.payment_types import LocalProver

__all__ = ["LocalProver"]
