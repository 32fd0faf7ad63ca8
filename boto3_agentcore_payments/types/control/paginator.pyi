# Written by tools/build_types.py, with mypy-boto3-builder 8.12.0 (MIT licence, copyright
# Vlad Emelianov), from this package's service definitions; do not edit.
"""Paginators of ``bedrock-agentcore-payments-control``."""

from botocore.paginate import PageIterator, Paginator
from typing_extensions import Unpack

from boto3_agentcore_payments.types.control.type_defs import (
    ListPaymentConnectorsRequestPaginateTypeDef,
    ListPaymentConnectorsResponseTypeDef,
    ListPaymentCredentialProvidersRequestPaginateTypeDef,
    ListPaymentCredentialProvidersResponseTypeDef,
    ListPaymentManagersRequestPaginateTypeDef,
    ListPaymentManagersResponseTypeDef,
)

__all__ = [
    "ListPaymentConnectorsPaginator",
    "ListPaymentCredentialProvidersPaginator",
    "ListPaymentManagersPaginator",
]

class ListPaymentConnectorsPaginator(Paginator[ListPaymentConnectorsResponseTypeDef]):
    """What ``get_paginator("list_payment_connectors")`` returns."""
    def paginate(  # type: ignore[override]
        self, **kwargs: Unpack[ListPaymentConnectorsRequestPaginateTypeDef]
    ) -> PageIterator[ListPaymentConnectorsResponseTypeDef]:
        """Return an iterator over the pages, each an answer of the operation."""

class ListPaymentCredentialProvidersPaginator(
    Paginator[ListPaymentCredentialProvidersResponseTypeDef]
):
    """What ``get_paginator("list_payment_credential_providers")`` returns."""
    def paginate(  # type: ignore[override]
        self, **kwargs: Unpack[ListPaymentCredentialProvidersRequestPaginateTypeDef]
    ) -> PageIterator[ListPaymentCredentialProvidersResponseTypeDef]:
        """Return an iterator over the pages, each an answer of the operation."""

class ListPaymentManagersPaginator(Paginator[ListPaymentManagersResponseTypeDef]):
    """What ``get_paginator("list_payment_managers")`` returns."""
    def paginate(  # type: ignore[override]
        self, **kwargs: Unpack[ListPaymentManagersRequestPaginateTypeDef]
    ) -> PageIterator[ListPaymentManagersResponseTypeDef]:
        """Return an iterator over the pages, each an answer of the operation."""
