"""The local merchants as pytest fixtures.

Load them in a test module or the top-level ``conftest.py``::

    pytest_plugins = ["boto3_agentcore_payments.merchants.fixtures"]

    def test_agent_buys(x402_merchant):
        shop = x402_merchant(price="0.01", network="base-sepolia")
        ...
        assert [sale.amount for sale in shop.sales] == [10_000]
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

from boto3_agentcore_payments import merchants

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def x402_merchant() -> Iterator[Callable[..., merchants.Merchant]]:
    """Open x402 merchants that stay open until the test ends.

    Call it with the arguments of :func:`boto3_agentcore_payments.merchants.x402_merchant`.
    """
    with ExitStack() as open_shops:

        def open_shop(**options: Any) -> merchants.Merchant:
            return open_shops.enter_context(merchants.x402_merchant(**options))

        yield open_shop


@pytest.fixture
def mpp_merchant() -> Iterator[Callable[..., merchants.Merchant]]:
    """Open MPP merchants that stay open until the test ends.

    Call it with the arguments of :func:`boto3_agentcore_payments.merchants.mpp_merchant`.
    """
    with ExitStack() as open_shops:

        def open_shop(**options: Any) -> merchants.Merchant:
            return open_shops.enter_context(merchants.mpp_merchant(**options))

        yield open_shop
