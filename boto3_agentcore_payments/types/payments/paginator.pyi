# Written by tools/build_types.py, with mypy-boto3-builder 8.12.0 (MIT licence, copyright
# Vlad Emelianov), from this package's service definitions; do not edit.
"""Paginators of ``bedrock-agentcore-payments``."""

from botocore.paginate import PageIterator, Paginator
from typing_extensions import Unpack

from boto3_agentcore_payments.types.payments.type_defs import (
    ListPaymentInstrumentsRequestPaginateTypeDef,
    ListPaymentInstrumentsResponseTypeDef,
    ListPaymentSessionsRequestPaginateTypeDef,
    ListPaymentSessionsResponseTypeDef,
)

__all__ = ["ListPaymentInstrumentsPaginator", "ListPaymentSessionsPaginator"]

class ListPaymentInstrumentsPaginator(Paginator[ListPaymentInstrumentsResponseTypeDef]):
    """What ``get_paginator("list_payment_instruments")`` returns."""
    def paginate(  # type: ignore[override]
        self, **kwargs: Unpack[ListPaymentInstrumentsRequestPaginateTypeDef]
    ) -> PageIterator[ListPaymentInstrumentsResponseTypeDef]:
        """Return an iterator over the pages, each an answer of the operation."""

class ListPaymentSessionsPaginator(Paginator[ListPaymentSessionsResponseTypeDef]):
    """What ``get_paginator("list_payment_sessions")`` returns."""
    def paginate(  # type: ignore[override]
        self, **kwargs: Unpack[ListPaymentSessionsRequestPaginateTypeDef]
    ) -> PageIterator[ListPaymentSessionsResponseTypeDef]:
        """Return an iterator over the pages, each an answer of the operation."""
