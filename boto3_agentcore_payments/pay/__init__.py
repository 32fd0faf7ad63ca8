"""Pay for URLs: a ``Payer`` connects HTTP clients with ``ProcessPayment``.

    from boto3_agentcore_payments.pay import Payer

    payer = Payer(
        boto3.client("bedrock-agentcore-payments"),
        payment_manager_arn=arn,
        user_id="alice",
        payment_session_id=session,
        payment_instrument_ids=[wallet],
        max_price="0.05",
    )
    with payer.requests_session() as http:
        answer = http.get("https://shop.example/report")
    payer.receipts[-1]

It works with this package's clients and with AWS's ``bedrock-agentcore``, on the service and on the
emulator. Extra: ``pay``. Importing this package loads no x402, pympp or HTTP library; each is
loaded when it is first needed.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from boto3_agentcore_payments.pay.agent_tool import fetch_tool
    from boto3_agentcore_payments.pay.demands import Quote
    from boto3_agentcore_payments.pay.errors import (
        BodyNotRepeatable,
        JournalError,
        MerchantRefused,
        NotAllowed,
        NotApproved,
        NothingPayable,
        OutcomeUnknown,
        OverBudget,
        OverCeiling,
        OverTotal,
        PaymentError,
        PolicyRefusal,
        ProofExpired,
        ServiceRefused,
        SessionUnavailable,
        SettledWithoutContent,
        WalletUnavailable,
    )
    from boto3_agentcore_payments.pay.payer import Payer
    from boto3_agentcore_payments.pay.receipt_lines import append_to
    from boto3_agentcore_payments.pay.receipts import Receipt

__all__ = [
    "BodyNotRepeatable",
    "JournalError",
    "MerchantRefused",
    "NotAllowed",
    "NotApproved",
    "NothingPayable",
    "OutcomeUnknown",
    "OverBudget",
    "OverCeiling",
    "OverTotal",
    "Payer",
    "PaymentError",
    "PolicyRefusal",
    "ProofExpired",
    "Quote",
    "Receipt",
    "ServiceRefused",
    "SessionUnavailable",
    "SettledWithoutContent",
    "WalletUnavailable",
    "append_to",
    "fetch_tool",
]

_HOMES = {
    "Payer": "payer",
    "Quote": "demands",
    "Receipt": "receipts",
    "append_to": "receipt_lines",
    "fetch_tool": "agent_tool",
}


def __getattr__(name: str) -> object:
    if name not in __all__:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(f"{__name__}.{_HOMES.get(name, 'errors')}"), name)
