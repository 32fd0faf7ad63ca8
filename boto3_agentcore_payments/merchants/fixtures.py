"""The local merchants as pytest fixtures, where pytest does not load plugins by itself.

The plugin of this package has them; with ``PYTEST_DISABLE_PLUGIN_AUTOLOAD``, load them in a test
module or the top-level ``conftest.py``::

    pytest_plugins = ["boto3_agentcore_payments.merchants.fixtures"]

    def test_agent_buys(x402_merchant):
        shop = x402_merchant(price="0.01", network="base-sepolia")
        ...
        assert [sale.amount for sale in shop.sales] == [10_000]
"""

from __future__ import annotations

from _boto3_agentcore_payments_pytest import mpp_merchant, x402_merchant

__all__ = ["mpp_merchant", "x402_merchant"]
