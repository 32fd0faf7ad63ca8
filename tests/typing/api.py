"""The public Python API as its users write it; never executed, only read by mypy and pyright.

A change that breaks a line here breaks programs. What the clients answer is checked in
``tests/typing/programs``.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from decimal import Decimal
from typing import Any

import boto3.session
import botocore.session
import httpx
import requests
from typing_extensions import assert_type

import boto3_agentcore_payments
from boto3_agentcore_payments import control_client, emulator, payments_client, register
from boto3_agentcore_payments.emulator.control import PaymentsControl
from boto3_agentcore_payments.errors import (
    AgentCorePaymentsError,
    AgentCorePaymentsWarning,
    MissingExtraError,
)
from boto3_agentcore_payments.merchants import (
    Facilitator,
    Merchant,
    mpp_merchant,
    x402_facilitator,
    x402_merchant,
)
from boto3_agentcore_payments.pay import (
    OverCeiling,
    Payer,
    PaymentError,
    PolicyRefusal,
    Quote,
    Receipt,
)
from boto3_agentcore_payments.types import (
    BedrockAgentCorePaymentsClient,
    BedrockAgentCorePaymentsControlClient,
)

# The package.
assert_type(boto3_agentcore_payments.__version__, str)
assert_type(register(boto3.session.Session()), None)
assert_type(register(botocore.session.Session()), None)

# Clients with types.
assert_type(payments_client(region_name="us-west-2"), BedrockAgentCorePaymentsClient)
assert_type(control_client(boto3.session.Session()), BedrockAgentCorePaymentsControlClient)
payments_client("us-west-2")  # type: ignore[arg-type]

# Errors: one base for what this package raises; a missing extra is an ImportError too.
error: AgentCorePaymentsError = MissingExtraError("serve", extra="emulator", module="moto")
import_error: ImportError = MissingExtraError("serve", extra="emulator", module="moto")
warning: UserWarning = AgentCorePaymentsWarning("why")

# The emulator and what a test may do to it.
assert_type(emulator.install(), None)
assert_type(emulator.install(prefer_moto=True), None)
control = PaymentsControl("111122223333", region="us-west-2")
assert_type(control.fund_wallet("payment-instrument-1", 1_000_000), int)
assert_type(control.fund_wallet("0x1", "1000000", chain="BASE_SEPOLIA"), int)
assert_type(control.balance("payment-instrument-1"), int)
assert_type(control.settle("payment-1").payer, str)
assert_type(control.approve_authorization("connector-1", manager_id="manager-1"), None)
assert_type(control.block_instrument("payment-instrument-1"), None)
control.fund_wallet("payment-instrument-1", 0.5)  # type: ignore[arg-type]

# Merchants.
merchant: AbstractContextManager[Merchant] = x402_merchant(price="0.01", permit2=True)


def buy() -> Mapping[str, Any]:
    """Open each kind of merchant."""
    with x402_facilitator() as facilitator, x402_merchant(scheme="upto", charge="0.005") as shop:
        assert_type(facilitator, Facilitator)
        assert_type(shop, Merchant)
    with mpp_merchant(method="solana", sponsor_fees=True) as shop:
        assert_type(shop.url, str)
        assert_type(len(shop.sales), int)
    return shop.urls


# Paying for a URL.
payer = Payer(
    payments_client(),
    payment_manager_arn="arn",
    payment_session_id="session-1",
    payment_instrument_ids=["payment-instrument-1"],
    user_id="alice",
    max_price="0.05",
    max_total=Decimal("1.00"),
)
refusal: PolicyRefusal = OverCeiling("too much")
base: AgentCorePaymentsError = refusal
assert_type(payer.receipts, list[Receipt])
assert_type(payer.receipts[-1].amount, Decimal)
assert_type(payer.remaining(), Decimal)
quote: Quote | None = payer.quote("https://shop.example/report")
assert_type(payer.pay("https://shop.example/report", purchase_id="report"), requests.Response)
assert_type(payer.httpx_client(), httpx.Client)
assert_type(payer.async_httpx_client(timeout=5), httpx.AsyncClient)
session: requests.Session = payer.requests_session()
Payer(payments_client(), max_price=0.05)  # type: ignore[arg-type, call-arg]


def finish() -> requests.Response:
    """Resume a purchase whose outcome was unknown."""
    try:
        with payer as entered:
            return entered.pay("https://shop.example/report")
    except PaymentError as failed:
        if failed.receipt is None:
            raise
        return payer.resume(failed.receipt)
