# Written by tools/build_types.py, with mypy-boto3-builder 8.12.0 (MIT licence, copyright
# Vlad Emelianov), from this package's service definitions; do not edit.
"""Waiters of ``bedrock-agentcore-payments``."""

from botocore.waiter import Waiter
from typing_extensions import Unpack

from boto3_agentcore_payments.types.payments.type_defs import GetPaymentInstrumentRequestWaitTypeDef

__all__ = ["PaymentInstrumentActiveWaiter"]

class PaymentInstrumentActiveWaiter(Waiter):
    """What ``get_waiter("payment_instrument_active")`` returns."""
    def wait(  # type: ignore[override]
        self, **kwargs: Unpack[GetPaymentInstrumentRequestWaitTypeDef]
    ) -> None:
        """Ask again and again until it is so; raise ``WaiterError`` if it does not become so."""
