"""Users' suites, written and run by pytest's own ``pytester``."""

from __future__ import annotations

import sys

import pytest

from boto3_agentcore_payments.testing import agentcore_payments as opened

QUIET = ("-p", "no:asyncio", "-p", "no:cacheprovider")


@pytest.fixture(scope="session")
def imported():
    """Import what suites import, once: pytester forgets modules, which native ones do not allow."""
    with opened() as account:
        assert account.wallets
        if sys.version_info >= (3, 10):
            shops = [account.x402_merchant(price="0.01", network=each) for each in NETWORKS]
            for shop in shops:
                assert account.payer.pay(shop.url).ok


NETWORKS = ("base-sepolia", "solana-devnet")


@pytest.fixture
def run_suite(pytester, imported):
    """Run a suite in this process; every warning is an error in it."""

    def run(code, *arguments):
        pytester.makepyfile(test_suite=code)
        return pytester.runpytest_inprocess(*QUIET, "-W", "error", *arguments)

    return run
