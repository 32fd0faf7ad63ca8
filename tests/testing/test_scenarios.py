"""Each scenario by its name: what the code under test sees, and how it ends."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError

from boto3_agentcore_payments.clients import control_client, payments_client
from boto3_agentcore_payments.testing import TestOptionError, agentcore_payments
from boto3_agentcore_payments.testing.scenarios import SCENARIOS

PAYLOAD = {
    "scheme": "exact",
    "network": "eip155:84532",
    "amount": "10000",
    "asset": "0x036CbD53842c5426634e7929541eC2318f3dCF7e",
    "payTo": "0x209693Bc6afc0C5328bA36FaF03C514EF312287C",
    "maxTimeoutSeconds": 60,
    "extra": {"name": "USDC", "version": "2"},
}
NO_RETRIES = Config(retries={"total_max_attempts": 1})


@pytest.fixture
def account():
    with agentcore_payments(budget="0.05") as opened:
        yield opened


def pay(account, client=None):
    return (client or payments_client(config=NO_RETRIES)).process_payment(
        paymentManagerArn=account.manager_arn,
        paymentSessionId=account.session_id,
        paymentInstrumentId=account.instrument_id,
        userId=account.user_id,
        paymentType="CRYPTO_X402",
        paymentInput={"cryptoX402": {"version": "2", "payload": PAYLOAD}},
    )


REFUSED = {
    "over budget": (
        "ValidationException",
        (
            "Insufficient budget for session {session}. Pending amount: 0 USD, "
            "Transaction amount: 0.010000 USD"
        ),
    ),
    "session expired": ("ValidationException", "Payment session not found: {session}"),
    "wallet blocked": ("ValidationException", "Payment instrument is inactive. Status: BLOCKED"),
    "connector failed": ("ValidationException", "Payment connector is not active"),
    "grant missing": (
        "AccessDeniedException",
        (
            "Delegated signing grant is not active for the end user wallet. Please redirect end "
            "user to the WalletHub to grant the permissions."
        ),
    ),
    "delegated signing off": (
        "AccessDeniedException",
        (
            "Delegated signing is not enabled for your Coinbase project. Please enable delegated "
            "signing in your Coinbase project policies."
        ),
    ),
    "blocked by policy": (
        "AccessDeniedException",
        (
            "The request was blocked by a policy configured in your Coinbase Developer Platform "
            "project"
        ),
    ),
    "role not assumable": ("AccessDeniedException", "Failed to assume payment execution role"),
    "account restricted": (
        "AccessDeniedException",
        "Access denied due to account security restrictions. Contact AWS Support for assistance.",
    ),
    "subscription missing": ("SubscriptionRequiredException", ""),
    "throttled": ("ThrottlingException", "Rate exceeded"),
    "service failing": (
        "InternalServerException",
        "Something went wrong in processing your request",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refuses_with_the_service_s_text_until_it_ends(account, name):
    code, message = REFUSED[name]
    with account.scenario(name):
        with pytest.raises(ClientError) as refused:
            pay(account)
        account.assert_refused(reason=name, times=1)
        account.assert_nothing_paid()
    error = refused.value.response["Error"]
    assert error["Code"] == code
    assert message.format(session=account.session_id) in error["Message"]
    assert account.payer.remaining() == Decimal("0.05")
    pay(account)
    account.assert_paid("0.01", times=1)


def test_policy_is_state_that_leaves_others_alone(account):
    mine = account.emulator.add_policy(refused_recipient="0x" + "1" * 40)
    running = account.scenario("blocked by policy")
    account.emulator.clear_faults()
    with pytest.raises(ClientError, match="blocked by a policy"):
        pay(account)
    assert len(account.emulator.account().policies) == 2
    running.end()
    running.end()
    assert account.emulator.account().policies == [mine]


def test_policy_that_the_test_cleared_stays_cleared(account):
    with account.scenario("blocked by policy"):
        account.emulator.clear_policies()
        pay(account)
    assert account.emulator.account().policies == []


def test_role_is_state_of_the_account(account):
    with account.scenario("role not assumable"):
        account.emulator.clear_faults()
        with pytest.raises(ClientError, match="Failed to assume payment execution role"):
            pay(account)
        with pytest.raises(ClientError) as refused:
            account.control_client.create_payment_manager(
                name="other", authorizerType="AWS_IAM", roleArn=account.role_arn
            )
        assert account.billing_connector_id
    error = refused.value.response["Error"]
    assert error["Code"] == "ValidationException"
    assert f"The role {account.role_arn} cannot be assumed" in error["Message"]
    assert account.emulator.account().role_checked is False


def test_role_of_a_new_account_loses_its_trust_and_gets_it_back():
    with agentcore_payments(new_account=True) as account:
        account.emulator.give_grant(account.instrument_id)
        name = account.role_arn.rpartition("/")[2]
        before = account.iam_client.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]
        with account.scenario("role not assumable"):
            with pytest.raises(ClientError, match="Failed to assume payment execution role"):
                pay(account)
            account.assert_refused(reason="role not assumable", times=1)
        after = account.iam_client.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]
        assert after == before
        assert account.emulator.account().role_checked is True
        pay(account)
        account.assert_paid("0.01", times=1)


@pytest.mark.parametrize("name", ["blocked by policy", "role not assumable"])
def test_account_s_state_takes_no_number_of_calls(account, name):
    with pytest.raises(TestOptionError, match=f"'{name}' is a state and not a number of calls"):
        account.scenario(name, times=1)


def test_lost_answer_is_charged_once(account):
    account.scenario("answer lost")
    with pytest.raises(ConnectionClosedError):
        pay(account)
    account.assert_paid("0.01", times=1)


def test_lost_answer_is_not_seen_where_botocore_retries(account):
    account.scenario("answer lost")
    assert pay(account, account.client)["status"] == "PROOF_GENERATED"
    account.assert_paid("0.01", times=1)


def test_calls_can_be_counted(account):
    account.scenario("throttled", times=2)
    for _ in range(2):
        with pytest.raises(ClientError, match="Rate exceeded"):
            pay(account)
    pay(account)
    account.assert_refused(reason="throttled", times=2)


def test_empty_wallet_signs_and_holds_nothing(account):
    held = account.emulator.balance(account.instrument_id)
    with account.scenario("wallet empty"):
        pay(account)
        assert account.emulator.balance(account.instrument_id) == 0
    assert account.emulator.balance(account.instrument_id) == held
    account.assert_paid("0.01", times=1, settled=False)


def test_quota_of_managers(account):
    account.scenario("quota reached")
    with pytest.raises(ClientError) as refused:
        control_client(config=NO_RETRIES).create_payment_manager(
            name="sixth", authorizerType="AWS_IAM", roleArn=account.role_arn
        )
    assert refused.value.response["Error"] == {
        "Code": "ServiceQuotaExceededException",
        "Message": "maxManagers limit exceeded for account 123456789012",
    }


def test_unknown_scenario_says_which_there_are(account):
    with pytest.raises(TestOptionError, match=r"did you mean 'grant missing'[?] There are: 'over"):
        account.scenario("grants missing")


def test_state_takes_no_number_of_calls(account):
    with pytest.raises(TestOptionError, match="'over budget' is a state and not a number of"):
        account.scenario("over budget", times=1)


def test_scenarios_end_with_the_account():
    with agentcore_payments() as outer:
        with agentcore_payments() as inner:
            inner.scenario("throttled")
        pay(outer)
        outer.assert_paid("0.01", times=1)


def test_every_scenario_is_shown_here_and_documented():
    elsewhere = {"answer lost", "wallet empty", "quota reached"}
    assert {*REFUSED, *elsewhere} == set(SCENARIOS)
    page = (Path(__file__).parents[2] / "docs/testing.md").read_text()
    page = page.partition("## Scenarios")[2]
    rows = re.findall(r"^\| `([a-z ]+)` \| (.+?) \| (.+) \|$", page, re.MULTILINE)
    assert rows == [(each.name, each.sets_up, each.sees) for each in SCENARIOS.values()]
