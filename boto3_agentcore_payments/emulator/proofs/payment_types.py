"""The table of emulated payment types: one row for each, and one module that prepares it."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.emulator.engine.ports import DEFAULT_SEED
from boto3_agentcore_payments.emulator.proofs import (
    aws_billing,
    mpp,
    mpp_evm,
    mpp_methods,
    wallets,
    x402,
)
from boto3_agentcore_payments.emulator.proofs.seller_keys import SellerKeys

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from boto3_agentcore_payments.emulator.engine.ports import (
        PaymentType,
        Prepared,
        WalletKey,
    )


DEFAULT_ACCOUNT = "123456789012"
CHALLENGE_HASH_VARIABLE = "BOTO3_AGENTCORE_PAYMENTS_EVM_CHALLENGE_HASH"
"""Environment variable that sets the default of ``evm_challenge_hash``."""


@dataclass(frozen=True)
class WalletPayment:
    """A payment type with proofs signed by a wallet; implements the engine's ``PaymentType``.

    Attributes:
        name: A value of the model's ``PaymentType``.
        member: Its member of ``paymentInput`` and of ``paymentOutput``.
        preparer: Checks a payment by a wallet at a given time, and returns what would be signed.
        entropy: Returns that many random bytes, for nonces and memos.
    """

    name: str
    member: str
    preparer: Callable[[Any, WalletKey, datetime, Callable[[int], bytes]], Prepared]
    entropy: Callable[[int], bytes] = field(repr=False)

    @property
    def input_member(self) -> str:
        """Member of ``paymentInput``."""
        return self.member

    @property
    def output_member(self) -> str:
        """Member of ``paymentOutput``."""
        return self.member

    @property
    def takes_wallet(self) -> bool:
        """Return ``True``: the instrument's wallet pays."""
        return True

    def look_up(self, payment_input: Any, *, now: datetime) -> None:
        """Do nothing: the request contains everything that these payments need."""
        del payment_input, now

    def prepare(
        self,
        payment_input: Any,
        *,
        wallet: WalletKey | None,
        found: Any,
        now: datetime,
    ) -> Prepared:
        """Check a payment and return what would be signed; see ``PaymentType.prepare``."""
        del found
        if wallet is None:
            raise TypeError(f"{self.name} is paid by a wallet")
        return self.preparer(payment_input, wallet, now, self.entropy)


class LocalProver:
    """Signs payments with deterministic local keys; implements the engine's ``PaymentProver``.

    Args:
        entropy: Returns that many random bytes, for nonces; the default is the operating system's
            source. Pass a seeded one to reproduce proofs byte for byte.
        evm_challenge_hash: The library whose way of deriving the nonce of an MPP ``evm`` charge is
            used: ``pympp`` or ``mppx``, see :mod:`.mpp_evm`. The default is the value of
            :data:`CHALLENGE_HASH_VARIABLE`, or ``pympp``.
        seller_keys: Finds the keys of AWS Marketplace sellers; by default none are registered
            and all are fetched.
        account_id: The account whose bill is paid on, twelve digits.
        seed: Seed that the emulated AWS Marketplace's keys are derived from.

    Attributes:
        payment_types: The emulated payment types by name.
        seller_keys: Finds the keys of AWS Marketplace sellers.

    Raises:
        ValueError: if ``evm_challenge_hash`` is unknown, or
            :data:`.aws_billing.ALGORITHM_VARIABLE` names an unknown algorithm.
    """

    def __init__(
        self,
        entropy: Callable[[int], bytes] = secrets.token_bytes,
        *,
        evm_challenge_hash: str | None = None,
        seller_keys: SellerKeys | None = None,
        account_id: str = DEFAULT_ACCOUNT,
        seed: str = DEFAULT_SEED,
    ) -> None:
        chosen = (
            evm_challenge_hash
            or os.environ.get(CHALLENGE_HASH_VARIABLE)
            or mpp_evm.DEFAULT_CHALLENGE_HASH
        )
        if chosen not in mpp_evm.CHALLENGE_HASHES:
            known = " or ".join(mpp_evm.CHALLENGE_HASHES)
            raise ValueError(f"{chosen!r} is not a hash of EVM challenges; it is {known}")
        pay_mpp = partial(mpp.prepare, methods=mpp_methods.methods_with(chosen))
        self.seller_keys = seller_keys or SellerKeys()
        rows: tuple[PaymentType, ...] = (
            WalletPayment("CRYPTO_X402", "cryptoX402", x402.prepare, entropy),
            WalletPayment("MPP", "mpp", pay_mpp, entropy),
            aws_billing.AwsBilling(
                account_id=account_id,
                seed=seed,
                algorithm=aws_billing.chosen_algorithm(),
                entropy=entropy,
                seller_keys=self.seller_keys,
            ),
        )
        self.payment_types: Mapping[str, PaymentType] = {row.name: row for row in rows}

    def wallet_address(self, wallet: WalletKey) -> str:
        """Return the wallet's public address: EVM checksum form or Solana base58.

        Raises:
            MissingExtraError: if the library of that kind of wallet is not installed.
        """
        return wallets.address(wallet)
