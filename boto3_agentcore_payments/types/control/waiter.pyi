# Written by tools/build_types.py, with mypy-boto3-builder 8.12.0 (MIT licence, copyright
# Vlad Emelianov), from this package's service definitions; do not edit.
"""Waiters of ``bedrock-agentcore-payments-control``."""

from botocore.waiter import Waiter
from typing_extensions import Unpack

from boto3_agentcore_payments.types.control.type_defs import (
    GetPaymentConnectorRequestWaitExtraTypeDef,
    GetPaymentConnectorRequestWaitTypeDef,
    GetPaymentManagerRequestWaitExtraTypeDef,
    GetPaymentManagerRequestWaitTypeDef,
)

__all__ = [
    "PaymentConnectorDeletedWaiter",
    "PaymentConnectorReadyWaiter",
    "PaymentManagerDeletedWaiter",
    "PaymentManagerReadyWaiter",
]

class PaymentConnectorDeletedWaiter(Waiter):
    """What ``get_waiter("payment_connector_deleted")`` returns."""
    def wait(  # type: ignore[override]
        self, **kwargs: Unpack[GetPaymentConnectorRequestWaitTypeDef]
    ) -> None:
        """Ask again and again until it is so; raise ``WaiterError`` if it does not become so."""

class PaymentConnectorReadyWaiter(Waiter):
    """What ``get_waiter("payment_connector_ready")`` returns."""
    def wait(  # type: ignore[override]
        self, **kwargs: Unpack[GetPaymentConnectorRequestWaitExtraTypeDef]
    ) -> None:
        """Ask again and again until it is so; raise ``WaiterError`` if it does not become so."""

class PaymentManagerDeletedWaiter(Waiter):
    """What ``get_waiter("payment_manager_deleted")`` returns."""
    def wait(  # type: ignore[override]
        self, **kwargs: Unpack[GetPaymentManagerRequestWaitTypeDef]
    ) -> None:
        """Ask again and again until it is so; raise ``WaiterError`` if it does not become so."""

class PaymentManagerReadyWaiter(Waiter):
    """What ``get_waiter("payment_manager_ready")`` returns."""
    def wait(  # type: ignore[override]
        self, **kwargs: Unpack[GetPaymentManagerRequestWaitExtraTypeDef]
    ) -> None:
        """Ask again and again until it is so; raise ``WaiterError`` if it does not become so."""
