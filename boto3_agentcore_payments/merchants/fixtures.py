"""The local merchants as pytest fixtures, for when pytest does not load plugins by itself.

This package's pytest plugin has the same fixtures. With ``PYTEST_DISABLE_PLUGIN_AUTOLOAD``, load
them in a test module or the top-level ``conftest.py``::

    pytest_plugins = ["boto3_agentcore_payments.merchants.fixtures"]

    def test_agent_buys(x402_merchant):
        shop = x402_merchant(price="0.01", network="base-sepolia")
        ...
        assert [sale.amount for sale in shop.sales] == [10_000]
"""

from __future__ import annotations

from _boto3_agentcore_payments_pytest import mpp_merchant, x402_merchant

__all__ = ["mpp_merchant", "x402_merchant"]
