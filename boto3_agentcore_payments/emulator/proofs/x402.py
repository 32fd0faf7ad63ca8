"""The payment type CRYPTO_X402: check an x402 payload, then sign it by its transfer method."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.emulator.engine.money import usdc_in_usd
from boto3_agentcore_payments.emulator.engine.ports import Prepared
from boto3_agentcore_payments.emulator.proofs import wallets, x402_rules
from boto3_agentcore_payments.emulator.proofs.transfer_methods import TRANSFER_METHODS

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from boto3_agentcore_payments.emulator.engine.ports import WalletKey


def prepare(
    x402: Any, wallet: WalletKey, now: datetime, entropy: Callable[[int], bytes]
) -> Prepared:
    """Check an x402 payment and return what would be signed, changing nothing.

    Args:
        x402: The input's ``cryptoX402`` member.
        wallet: The wallet that pays.
        now: Timezone-aware service time; validity windows are counted from it.
        entropy: Returns that many random bytes, for nonces and memos.

    Raises:
        ValidationException: if a rule is broken; rules are checked in the service's order.
        MissingExtraError: if a library this kind of payment needs is not installed.
    """
    requirements = x402_rules.check(x402, wallet.network)
    method = TRANSFER_METHODS[requirements.transfer_method]
    return Prepared(
        amount=requirements.amount,
        charge=usdc_in_usd(requirements.amount),
        network=requirements.network.caip2,
        chain=requirements.network.chain,
        asset=requirements.asset,
        pay_to=requirements.pay_to,
        payer=wallets.address(wallet),
        scheme=requirements.scheme,
        step=method.step,
        signer=partial(method.authorize, requirements, wallet, int(now.timestamp()), entropy),
    )
