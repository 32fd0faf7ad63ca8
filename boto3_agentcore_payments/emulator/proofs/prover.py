"""The prover: which payment types are emulated, and which rules and signature each takes."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.emulator.engine.money import usdc_in_usd
from boto3_agentcore_payments.emulator.engine.ports import Prepared
from boto3_agentcore_payments.emulator.proofs import (
    mpp_challenge,
    mpp_evm,
    mpp_rules,
    mpp_solana,
    mpp_tempo,
    permit2,
    wallets,
    x402_evm,
    x402_rules,
    x402_svm,
)
from boto3_agentcore_payments.emulator.proofs.networks import SOLANA
from boto3_agentcore_payments.emulator.proofs.refusals import refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from boto3_agentcore_payments.emulator.engine.ports import WalletKey


@dataclass(frozen=True)
class WalletPayment:
    """A payment type whose proofs a wallet signs; implements the engine's ``PaymentType``."""

    name: str
    input_member: str
    output_member: str
    preparer: Callable[[Any, Any, datetime], Prepared]
    takes_wallet: bool = True

    def look_up(self, payment_input: Any, *, now: datetime) -> None:
        """Return nothing: everything these payments need is in the request."""
        del payment_input, now

    def prepare(
        self, payment_input: Any, *, wallet: WalletKey | None, found: Any, now: datetime
    ) -> Prepared:
        """Check a payment and return what would be signed; see ``PaymentType.prepare``."""
        del found
        return self.preparer(payment_input, wallet, now)


class LocalProver:
    """Signs payments with deterministic local keys.

    Implements :class:`~boto3_agentcore_payments.emulator.engine.ports.PaymentProver`.

    Args:
        entropy: Returns that many random bytes, for nonces; the default is the operating system's
            source. Pass a seeded one to reproduce proofs byte for byte.
    """

    def __init__(self, entropy: Callable[[int], bytes] = secrets.token_bytes) -> None:
        self._entropy = entropy
        self.payment_types: Mapping[str, WalletPayment] = {
            row.name: row
            for row in (
                WalletPayment("CRYPTO_X402", "cryptoX402", "cryptoX402", self._x402),
                WalletPayment("MPP", "mpp", "mpp", self._mpp),
            )
        }

    def wallet_address(self, wallet: WalletKey) -> str:
        """Return the wallet's public address: EVM checksum form or Solana base58.

        Raises:
            MissingExtraError: the library of that kind of wallet is not installed.
        """
        return wallets.address(wallet)

    def prepare(
        self,
        *,
        payment_type: str,
        payment_input: Mapping[str, Any],
        wallet: WalletKey,
        now: datetime,
    ) -> Prepared:
        """Check a payment and return what would be signed; changes nothing.

        Args:
            payment_type: ``CRYPTO_X402`` or ``MPP``.
            payment_input: The request's ``paymentInput`` union.
            wallet: Whose wallet pays.
            now: Timezone-aware service time; validity windows are counted from it.

        Raises:
            ValidationException: naming the first rule broken, in the service's order.
            MissingExtraError: a library this kind of payment takes is not installed.
        """
        row = self.payment_types.get(payment_type)
        if row is None or payment_input.get(row.input_member) is None:
            message = f"paymentInput does not match paymentType '{payment_type}'"
            raise refusal(message, "paymentInput")
        return row.prepare(payment_input[row.input_member], wallet=wallet, found=None, now=now)

    def _x402(self, x402: Any, wallet: WalletKey, now: datetime) -> Prepared:
        requirements = x402_rules.check(x402, wallet.network)
        seconds = int(now.timestamp())
        if requirements.network.wallet_network == SOLANA:
            keypair = wallets.solana_keypair(wallet)
            step = "signature of the Solana transaction"
            signer = partial(x402_svm.authorize, requirements, keypair, entropy=self._entropy)
        else:
            account = wallets.evm_account(wallet)
            kind = permit2 if requirements.permit2 else x402_evm
            step = f"{'Permit2' if requirements.permit2 else 'EIP-3009'} authorization"
            signer = partial(
                kind.authorize, requirements, account, now=seconds, entropy=self._entropy
            )
        return Prepared(
            amount=requirements.amount,
            charge=usdc_in_usd(requirements.amount),
            network=requirements.network.caip2,
            chain=requirements.network.chain,
            asset=requirements.asset,
            pay_to=requirements.pay_to,
            payer=wallets.address(wallet),
            scheme=requirements.scheme,
            step=step,
            signer=signer,
        )

    def _mpp(self, mpp: Any, wallet: WalletKey, now: datetime) -> Prepared:
        charge = mpp_rules.check(mpp, wallet.network, now)
        seconds = int(now.timestamp())
        if charge.challenge.method == "solana":
            keypair = wallets.solana_keypair(wallet)
            unsigned = mpp_solana.check(charge, keypair, self._entropy(32))
            step = "signature of the Solana transaction"
            signer = partial(mpp_solana.authorize, charge, keypair, unsigned)
        elif charge.challenge.method == "tempo":
            mpp_tempo.check(charge)
            step = "signature of the Tempo transaction"
            signer = partial(mpp_tempo.authorize, charge, wallets.evm_account(wallet), now=seconds)
        else:
            mpp_evm.check(charge)
            step = "EIP-3009 authorization"
            signer = partial(mpp_evm.authorize, charge, wallets.evm_account(wallet), now=seconds)
        return Prepared(
            amount=charge.amount,
            charge=usdc_in_usd(charge.amount),
            network=charge.network.caip2,
            chain=charge.network.chain,
            asset=charge.currency,
            pay_to=charge.recipient,
            payer=wallets.address(wallet),
            scheme=mpp_challenge.INTENT,
            step=step,
            signer=signer,
        )
