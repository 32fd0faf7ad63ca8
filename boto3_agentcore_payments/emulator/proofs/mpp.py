"""The payment type MPP: check one challenge, then sign it by its method."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.emulator.engine.money import usdc_in_usd
from boto3_agentcore_payments.emulator.engine.ports import Prepared
from boto3_agentcore_payments.emulator.proofs import mpp_rules, wallets

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from boto3_agentcore_payments.emulator.engine.ports import WalletKey
    from boto3_agentcore_payments.emulator.proofs.mpp_methods import Method


def prepare(
    mpp: Any,
    wallet: WalletKey,
    now: datetime,
    entropy: Callable[[int], bytes],
    *,
    methods: Mapping[str, Method],
) -> Prepared:
    """Check an MPP payment and return what would be signed, changing nothing.

    Args:
        mpp: The input's ``mpp`` member.
        wallet: The wallet that pays.
        now: Timezone-aware service time; the challenge must still be payable.
        entropy: Returns that many random bytes.
        methods: The methods that can be paid, by name.

    Raises:
        ValidationException: if a rule is broken; rules are checked in the guide's order.
        MissingExtraError: if a library this kind of payment needs is not installed.
    """
    charge = mpp_rules.check(mpp, wallet, now, methods=methods)
    method = methods[charge.challenge.method]
    return Prepared(
        amount=charge.amount,
        charge=usdc_in_usd(charge.amount),
        network=charge.network.caip2,
        chain=charge.network.chain,
        asset=charge.currency,
        pay_to=charge.recipient,
        payer=wallets.address(wallet),
        scheme=charge.challenge.intent,
        step=method.step,
        signer=method.signer(charge, wallet, now, entropy),
    )
