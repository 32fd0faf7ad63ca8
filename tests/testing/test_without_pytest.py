"""The account for unittest, and for anything else."""

from __future__ import annotations

import asyncio
import sys
import unittest

import pytest

from boto3_agentcore_payments.errors import AgentCorePaymentsError
from boto3_agentcore_payments.testing import (
    AgentCorePaymentsMixin,
    TestOptionError,
    agentcore_payments,
    agentcore_payments_server,
)

x402 = pytest.mark.skipif(sys.version_info < (3, 10), reason="the x402 library takes Python 3.10")
mpp = pytest.mark.skipif(sys.version_info < (3, 11), reason="pympp takes Python 3.11")


def outcome(case):
    result = unittest.TestResult()
    case(result)
    return [text for _, text in (*result.errors, *result.failures)]


def test_mixin_gives_every_test_its_own_account():
    managers = []

    class AgentTest(AgentCorePaymentsMixin, unittest.TestCase):
        agentcore_payments_options = {"budget": "0.05", "user": "bob"}  # noqa: RUF012

        def runTest(self):  # noqa: N802
            assert self.agentcore_payments.user_id == "bob"
            assert str(self.agentcore_payments.payer.remaining()) == "0.05"
            managers.append(self.agentcore_payments.manager_arn)
            self.agentcore_payments.assert_nothing_paid()

    assert outcome(AgentTest()) == outcome(AgentTest()) == []
    assert len(set(managers)) == 2


def test_mixin_serves_asynchronous_tests():
    class AgentTest(AgentCorePaymentsMixin, unittest.IsolatedAsyncioTestCase):
        async def runTest(self):  # noqa: N802
            await asyncio.sleep(0)
            self.agentcore_payments.assert_nothing_paid()
            self.agentcore_payments.assert_paid()

    (failure,) = outcome(AgentTest())
    assert "expected at least 1 payment, but there was none." in failure


def test_mixin_s_wrong_option_fails_the_test():
    class AgentTest(AgentCorePaymentsMixin, unittest.TestCase):
        agentcore_payments_options = {"bugdet": "0.05"}  # noqa: RUF012

        def runTest(self):  # noqa: N802
            raise AssertionError

    (failure,) = outcome(AgentTest())
    assert "did you mean 'budget'?" in failure


@x402
def test_context_manager_pays():
    with agentcore_payments(budget="0.05", region="eu-central-1") as payments:
        shop = payments.x402_merchant(price="0.02")
        assert payments.payer.pay(shop.url).ok
        payments.assert_paid("0.02", to=shop.pay_to, times=1, settled=True)
    with pytest.raises(AgentCorePaymentsError, match="this account is closed"):
        _ = payments.attempts


def test_context_manager_is_a_decorator():
    @agentcore_payments(user="carol")
    def run():
        return "ran"

    assert run() == "ran"


def test_wrong_option_opens_nothing():
    with (
        pytest.raises(TestOptionError, match=r"did you mean 'funds'[?]"),
        agentcore_payments(found="1"),
    ):
        raise AssertionError


@x402
def test_aws_billing_merchant_is_paid():
    with agentcore_payments() as payments:
        shop = payments.aws_billing_merchant(price="0.03")
        assert payments.payer.pay(shop.url).ok
        payments.assert_paid("0.03", to=shop.pay_to, times=1)


@mpp
def test_mpp_merchant_is_paid():
    with agentcore_payments() as payments:
        shop = payments.mpp_merchant(price="0.02")
        assert payments.payer.pay(shop.url).ok
        payments.assert_paid("0.02", to=shop.pay_to, times=1)


@mpp
def test_mcp_merchant_opens_in_the_region_of_the_account():
    with agentcore_payments(region="eu-west-1") as payments:
        assert payments.mcp_merchant(price="0.02").url.startswith("http://127.0.0.1:")


def test_unknown_merchant_is_named():
    with (
        agentcore_payments() as payments,
        pytest.raises(AgentCorePaymentsError, match=r"has no barter_merchant\(\)"),
    ):
        payments.open_merchant("barter_merchant")


@x402
def test_server_and_account_of_this_process_are_one_emulator():
    with agentcore_payments_server() as server, agentcore_payments() as payments:
        shop = server.x402_merchant(price="0.02")
        assert server.payer.pay(shop.url).ok
        payments.assert_paid("0.02", times=1)
        manager = payments.manager_arn
        server.reset()
        found = payments.control_client.list_payment_managers()["paymentManagers"]
        assert manager in [each["paymentManagerArn"] for each in found]
        server.assert_nothing_paid()


def test_a_wallet_s_user_is_led_to_the_server_while_it_is_open():
    def wallet_hub(account):
        found = account.client.get_payment_instrument(
            paymentManagerArn=account.manager_arn,
            paymentInstrumentId=account.instrument_id,
            userId=account.user_id,
        )["paymentInstrument"]["paymentInstrumentDetails"]
        return found["embeddedCryptoWallet"]["redirectUrl"]

    with agentcore_payments_server() as server:
        assert wallet_hub(server).startswith(f"{server.url}/agentcore-payments/wallet-hub/")
    with agentcore_payments() as payments:
        assert wallet_hub(payments).startswith("https://hub.cdp.coinbase.invalid/")
