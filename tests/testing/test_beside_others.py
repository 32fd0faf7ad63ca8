"""The plugin beside the plugins and libraries that suites use with it."""

from __future__ import annotations

import sys

import pytest

pytest_plugins = ["pytester"]
pytestmark = pytest.mark.skipif(
    sys.version_info < (3, 10), reason="the x402 library takes Python 3.10"
)

SUITE = """
    import datetime

    import boto3
    import freezegun
    import httpx
    import pytest
    import requests
    import responses
    import time_machine
    from moto import mock_aws

    LOCAL = "http://127.0.0.1"


    @pytest.fixture
    def shop(x402_merchant):
        return x402_merchant(price="0.02")


    @pytest.mark.asyncio
    @pytest.mark.httpx_mock(should_mock=lambda request: request.url.host != "127.0.0.1")
    async def test_asyncio_and_pytest_httpx(agentcore_payments, shop, httpx_mock):
        httpx_mock.add_response(url="https://model.example/")
        async with agentcore_payments.payer.async_httpx_client() as http:
            assert (await http.get(shop.url)).status_code == 200
        assert httpx.get("https://model.example/").status_code == 200
        agentcore_payments.assert_paid("0.02", times=1)


    @responses.activate
    def test_responses(agentcore_payments, shop):
        responses.add_passthru(LOCAL)
        responses.get("https://model.example/", json={})
        assert agentcore_payments.payer.pay(shop.url).ok
        assert requests.get("https://model.example/", timeout=5).json() == {}
        agentcore_payments.assert_paid("0.02", times=1)


    def expires(account, clock):
        made = account.session_id
        clock(datetime.timedelta(minutes=61))
        with pytest.raises(Exception, match="expired or unknown"):
            account.payer.pay(account.x402_merchant(price="0.02").url)
        account.assert_refused(reason="session expired", times=1)
        account.assert_nothing_paid()


    def test_freezegun(agentcore_payments):
        with freezegun.freeze_time("2026-03-01T12:00:00Z", ignore=["werkzeug"]) as clock:
            expires(agentcore_payments, clock.tick)
            assert str(agentcore_payments.attempts[0].time.date()) == "2026-03-01"


    def test_time_machine(agentcore_payments):
        with time_machine.travel("2026-03-01T12:00:00Z", tick=False) as clock:
            expires(agentcore_payments, clock.shift)
            assert str(agentcore_payments.attempts[0].time.date()) == "2026-03-01"


    @mock_aws
    def test_mock_aws_inside(agentcore_payments, shop):
        boto3.client("sqs").create_queue(QueueName="queue")
        assert agentcore_payments.payer.pay(shop.url).ok
        agentcore_payments.assert_paid("0.02", times=1)


    @pytest.fixture
    def queue():
        with mock_aws():
            client = boto3.client("sqs", region_name="us-east-1")
            yield client.create_queue(QueueName="queue")["QueueUrl"]


    def test_mock_aws_around(queue, agentcore_payments, shop):
        assert agentcore_payments.payer.pay(shop.url).ok
        agentcore_payments.assert_paid("0.02", times=1)
        assert boto3.client("sqs").list_queues()["QueueUrls"] == [queue]


    @pytest.mark.parametrize("turn", range(4))
    def test_workers_do_not_meet(turn, agentcore_payments, agentcore_payments_server, shop):
        assert agentcore_payments.payer.pay(shop.url).ok
        agentcore_payments.assert_paid(times=1)
"""


def test_suite_with_all_of_them_passes_on_two_workers(pytester):
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function")
    pytester.makepyfile(test_suite=SUITE)
    ignored = ["-W", "ignore::DeprecationWarning", "-W", "ignore:Boto3 will no longer"]
    ran = pytester.runpytest_subprocess("-n", "2", "-W", "error", *ignored)
    ran.assert_outcomes(passed=10)
