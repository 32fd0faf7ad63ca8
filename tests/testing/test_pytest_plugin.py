"""The fixtures and the marker, as users' suites see them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import boto3
import pytest
from botocore.exceptions import ClientError

from boto3_agentcore_payments.testing import agentcore_payments_server

pytest_plugins = ["pytester"]

x402 = pytest.mark.skipif(sys.version_info < (3, 10), reason="the x402 library takes Python 3.10")


@x402
def test_first_payment_takes_three_lines(run_suite):
    ran = run_suite("""
        def test_pays(agentcore_payments, x402_merchant):
            shop = x402_merchant(price="0.02")
            assert agentcore_payments.payer.pay(shop.url).ok
            agentcore_payments.assert_paid("0.02", to=shop.pay_to, times=1)
    """)
    ran.assert_outcomes(passed=1)


def test_everything_is_made_when_it_is_asked_for(run_suite):
    ran = run_suite("""
        from decimal import Decimal

        def test_makes(agentcore_payments):
            it = agentcore_payments
            assert it.control_client.list_payment_managers()["paymentManagers"] == []
            assert it.manager_arn.startswith("arn:aws:bedrock-agentcore:us-east-1:123456789012:")
            assert it.user_id == "alice"
            who = {"paymentManagerArn": it.manager_arn, "userId": it.user_id}
            for wallet, network in (
                (it.instrument_id, "ETHEREUM"), (it.solana_instrument_id, "SOLANA")
            ):
                found = it.client.get_payment_instrument(paymentInstrumentId=wallet, **who)
                details = found["paymentInstrument"]["paymentInstrumentDetails"]
                assert details["embeddedCryptoWallet"]["network"] == network
                assert found["paymentInstrument"]["paymentConnectorId"] == it.connector_id
                assert it.emulator.balance(wallet) == 100_000_000
            assert it.payer.remaining() == Decimal("1")
            assert len(it.control_client.list_payment_managers()["paymentManagers"]) == 1

        def test_begins_again(agentcore_payments):
            assert agentcore_payments.attempts == []
            made = agentcore_payments.control_client.list_payment_managers()
            assert made["paymentManagers"] == []
    """)
    ran.assert_outcomes(passed=2)


def test_marker_says_what_the_account_looks_like(run_suite):
    ran = run_suite("""
        from decimal import Decimal
        import boto3
        import pytest

        pytestmark = pytest.mark.agentcore_payments(user="carol", budget="9")

        @pytest.mark.agentcore_payments(budget="0.05", funds="2.5", region="eu-west-1")
        def test_nearest_wins(agentcore_payments):
            it = agentcore_payments
            assert (it.user_id, it.payer.remaining()) == ("carol", Decimal("0.05"))
            assert it.emulator.balance(it.instrument_id) == 2_500_000
            assert ":eu-west-1:" in it.manager_arn
            assert boto3.client("bedrock-agentcore-payments").meta.region_name == "eu-west-1"

        @pytest.mark.agentcore_payments(budget=None, max_price="0.01")
        def test_no_limit(agentcore_payments):
            assert agentcore_payments.payer.remaining() == Decimal("Infinity")
            assert "max_price=0.01" in repr(agentcore_payments.payer)
    """)
    ran.assert_outcomes(passed=2)


@pytest.mark.parametrize(
    ("marker", "said"),
    [
        ("bugdet='0.05'", "agentcore_payments has no option 'bugdet'; did you mean 'budget'? "),
        ("budget=0.05", "option 'budget' must be text: write '0.05' instead of the float 0.05"),
        ("budget='lots'", "option 'budget' must be an amount such as '0.05', with at most 8"),
        ("budget='0'", "option 'budget' must be above 0 and at most 10000 US dollars, not '0'"),
        ("funds='0.0000001'", "option 'funds' must be an amount such as '0.05', with at most 6"),
        ("user=7", "option 'user' must be a user's id such as 'alice', not 7"),
        ("region='us-est-1'", "option 'region': botocore knows no 'us-est-1'; did you mean 'us-"),
        ("'0.05'", "write its options by name, such as budget='0.05', not '0.05'"),
    ],
)
def test_wrong_marker_says_what_to_write(run_suite, marker, said):
    ran = run_suite(f"""
        import pytest

        @pytest.mark.agentcore_payments({marker})
        def test_it(agentcore_payments):
            raise AssertionError
    """)
    ran.assert_outcomes(errors=1)
    ran.stdout.fnmatch_lines([f"*@pytest.mark.agentcore_payments: {said.replace('[', '[[]')}*"])
    ran.stdout.no_fnmatch_line("*Traceback*")
    ran.stdout.no_fnmatch_line("*above exception*")
    assert ran.stdout.str().partition("short test summary")[0].count(said) == 1


MISTAKES = {
    "it.assert_paid(0.02)": "TestOptionError: the amount must be text: write '0.02' instead of the",
    "it.assert_paid(times='1')": "TypeError: times must be a whole number, not '1'",
    "it.assert_refused(to=it)": "TypeError: to must be an address, not AgentCorePayments",
    "it.assert_paid()": "AssertionError: expected at least 1 payment, but there was none.",
    "it.scenario('grants')": "TestOptionError: there is no scenario 'grants'",
    "it.scenario('over budget', times=1)": "TestOptionError: scenario 'over budget' is a state",
    "shop(prise='1')": "TypeError: x402_merchant() got an unexpected keyword argument 'prise'",
    "kept.attempts": "AgentCorePaymentsError: this account is closed: it lasts as long as its with",
    "kept.session_id": "AgentCorePaymentsError: this account is closed: it lasts as long as its",
}
if sys.version_info >= (3, 10):
    MISTAKES |= {
        "it.aws_billing_merchant(price=0.02)": "ValueError: A price is text, such as '0.02'",
        "it.x402_merchant(network='x')": "ValueError: There is no network called 'x'",
        "shop(price=0.02)": "ValueError: A price is text, such as '0.02'",
        "shop(price='-1')": "ValueError: A price is a positive amount of USDC",
    }


def test_mistake_is_shown_at_the_test_s_line_alone(run_suite):
    tests = [
        f"def test_{number}(session_agentcore_payments, x402_merchant):\n"
        "    it, shop = session_agentcore_payments, x402_merchant\n"
        f"    {line}\n"
        for number, line in enumerate(MISTAKES)
    ]
    closed = (
        "from boto3_agentcore_payments.testing import agentcore_payments\n"
        "with agentcore_payments() as kept:\n    pass\n"
    )
    ran = run_suite("\n".join([closed, *tests]))
    ran.assert_outcomes(failed=len(MISTAKES))
    output = ran.stdout.str().partition("short test summary")[0]
    failures = re.split(r"^_+ test_\d+ _+$", output, flags=re.MULTILINE)
    for (line, said), failure in zip(MISTAKES.items(), failures[1:]):
        shown = failure.splitlines()
        assert f">       {line}" in shown
        (error, *_) = [each for each in shown if each.startswith("E ")]
        assert said in error
        places = [each for each in shown if re.match(r"\S+\.py:\d+: ", each)]
        assert len(places) == 1, places
        assert "above exception" not in failure


@pytest.mark.parametrize(
    ("cause", "places"),
    [("ModuleNotFoundError('x402')", 1), ("ImportError('x402 is broken')", 2)],
)
def test_missing_extra_of_a_merchant_is_shown_at_the_test_s_line(run_suite, cause, places):
    ran = run_suite(f"""
        from contextlib import contextmanager
        from boto3_agentcore_payments import errors, merchants

        @contextmanager
        def not_installed():
            try:
                raise {cause}
            except ImportError as error:
                raise errors.MissingExtraError("A shop", extra="merchant", module="x402") from error
            yield

        def test_it(x402_merchant, monkeypatch):
            monkeypatch.setattr(merchants, "x402_merchant", not_installed)
            x402_merchant()
    """)
    ran.assert_outcomes(failed=1)
    ran.stdout.fnmatch_lines(
        [">*x402_merchant()", "E *MissingExtraError: A shop needs 'x402', which is not installed;*"]
    )
    shown = {each for each in ran.outlines if re.match(r"test_suite\.py:\d+: ", each)}
    assert len(shown) >= places
    assert ("direct cause" in ran.stdout.str()) is (places > 1)


def test_error_of_another_library_keeps_its_traceback(run_suite):
    ran = run_suite("""
        from contextlib import contextmanager
        from boto3_agentcore_payments import merchants

        @contextmanager
        def broken():
            int("a bug")
            yield

        def test_it(x402_merchant, monkeypatch):
            monkeypatch.setattr(merchants, "x402_merchant", broken)
            x402_merchant()
    """)
    ran.assert_outcomes(failed=1)
    ran.stdout.fnmatch_lines([">*int(*a bug*)", "E *ValueError: invalid literal for int()*"])


def test_environment_is_the_test_s_and_is_given_back(run_suite, monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "real")
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    before = dict(os.environ)
    ran = run_suite("""
        import os

        def test_environment(agentcore_payments):
            assert agentcore_payments.control_client.list_payment_managers()
            assert os.environ["AWS_ACCESS_KEY_ID"] != "real"
            assert os.environ["AWS_DEFAULT_REGION"] == "us-east-1"
            assert not {"AWS_PROFILE", "AWS_ENDPOINT_URL"} & os.environ.keys()
    """)
    ran.assert_outcomes(passed=1)
    after = dict(os.environ)
    for environment in (before, after):
        environment.pop("PYTEST_CURRENT_TEST", None)
    assert after == before


def test_wider_scopes_have_fixtures_of_their_own(run_suite):
    ran = run_suite("""
        import pytest

        managers = []

        @pytest.mark.agentcore_payments(user="bob")
        class TestClass:
            @pytest.mark.parametrize("turn", [1, 2])
            def test_class(self, turn, class_agentcore_payments, session_agentcore_payments):
                assert class_agentcore_payments.user_id == "bob"
                assert session_agentcore_payments.user_id == "alice"
                managers.append(class_agentcore_payments.manager_arn)
                managers.append(session_agentcore_payments.manager_arn)

        def test_outside(module_agentcore_payments, session_agentcore_payments):
            managers.append(module_agentcore_payments.manager_arn)
            managers.append(session_agentcore_payments.manager_arn)
            assert managers[0] == managers[2]
            assert managers[1] == managers[3] == managers[5]
            assert len(set(managers)) == 3

        def test_inner_account_sees_its_own_attempts(
            session_agentcore_payments, agentcore_payments
        ):
            for it in (session_agentcore_payments, agentcore_payments):
                with pytest.raises(it.client.exceptions.ClientError):
                    it.client.process_payment(
                        paymentManagerArn=it.manager_arn,
                        paymentSessionId=it.session_id,
                        paymentInstrumentId=it.instrument_id,
                        userId=it.user_id,
                        paymentType="CRYPTO_X402",
                        paymentInput={"cryptoX402": {"version": "2", "payload": {}}},
                    )

        def test_next_one_begins_with_none(session_agentcore_payments, agentcore_payments):
            assert len(session_agentcore_payments.attempts) == 2
            assert agentcore_payments.attempts == []
    """)
    ran.assert_outcomes(passed=5)


@x402
def test_merchants_are_in_the_region_of_the_account(run_suite):
    ran = run_suite("""
        import pytest

        @pytest.mark.agentcore_payments(region="ap-southeast-2")
        def test_pays(x402_merchant, agentcore_payments):
            for network in ("base-sepolia", "solana-devnet", "base"):
                shop = x402_merchant(price="0.02", network=network)
                assert agentcore_payments.payer.pay(shop.url).ok
            agentcore_payments.assert_paid("0.02", times=3, settled=True)
    """)
    ran.assert_outcomes(passed=1)


def test_account_that_is_closed_says_so(run_suite):
    ran = run_suite("""
        import pytest
        kept = []

        def test_first(agentcore_payments):
            kept.append(agentcore_payments)

        def test_second():
            with pytest.raises(Exception, match="this account is closed: it lasts as long as"):
                kept[0].client
    """)
    ran.assert_outcomes(passed=2)


@x402
def test_server_is_reset_between_tests(run_suite):
    ran = run_suite("""
        import json
        import os
        import subprocess
        import sys

        MAKE = (
            "import boto3, json; control = boto3.client('bedrock-agentcore-payments-control'); "
            "control.create_payment_manager(name='other', authorizerType='AWS_IAM', "
            "roleArn='arn:aws:iam::123456789012:role/payments'); "
            "print(len(control.list_payment_managers()['paymentManagers']))"
        )

        def test_other_process(agentcore_payments_server, x402_merchant):
            server = agentcore_payments_server
            environment = {**os.environ, **server.environment}
            made = subprocess.check_output([sys.executable, "-c", MAKE], env=environment)
            assert made.split() == [b"1"]
            shop = x402_merchant(price="0.02")
            assert server.payer.pay(shop.url).ok
            server.assert_paid("0.02", to=shop.pay_to, times=1, settled=True)

        def test_begins_again(agentcore_payments_server):
            assert agentcore_payments_server.attempts == []
            control = agentcore_payments_server.control_client
            assert control.list_payment_managers()["paymentManagers"] == []
            assert control.meta.endpoint_url == agentcore_payments_server.url
    """)
    ran.assert_outcomes(passed=2)


def python(code, **environment):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env={**kept, **environment},
    )


def test_nothing_is_imported_until_a_fixture_is_used(tmp_path):
    (tmp_path / "test_other.py").write_text("def test_other():\n    pass\n")
    code = (
        "import json, sys, pytest\n"
        f"assert pytest.main(['-q', '--rootdir={tmp_path}', {str(tmp_path)!r}]) == 0\n"
        "heavy = ('moto', 'boto3', 'botocore', 'boto3_agentcore_payments')\n"
        "print(json.dumps([name for name in sys.modules if name.partition('.')[0] in heavy]))\n"
        "assert '_boto3_agentcore_payments_pytest' in sys.modules\n"
    )
    ran = python(code, BOTO3_AGENTCORE_PAYMENTS_AUTOLOAD="0")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert json.loads(ran.stdout.splitlines()[-1]) == []


@pytest.mark.parametrize(
    "early",
    [
        # What Python 3.15 does when it starts, and a program that comes with boto3.
        "import _boto3_agentcore_payments_startup as hook; hook.start()",
        "import boto3; boto3.Session().get_available_services()",
        "import boto3_agentcore_payments",
    ],
)
def test_early_import_gives_no_rewriting_warning(tmp_path, early):
    (tmp_path / "test_other.py").write_text("def test_other():\n    pass\n")
    code = (
        f"{early}\nimport pytest\n"
        f"raise SystemExit(pytest.main(['-q', '-W', 'error', '-p', 'no:asyncio', "
        f"'--rootdir={tmp_path}', {str(tmp_path)!r}]))"
    )
    ran = python(code)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "Rewrite" not in ran.stdout + ran.stderr


def test_boto3_is_left_as_it_was(run_suite):
    before = boto3.DEFAULT_SESSION
    run_suite("""
        def test_it(agentcore_payments):
            assert agentcore_payments.client
    """).assert_outcomes(passed=1)
    assert boto3.DEFAULT_SESSION is before


def test_new_account_lacks_the_user_s_grant_only(run_suite):
    ran = run_suite("""
        import boto3
        import pytest

        def pay(it):
            it.client.process_payment(
                paymentManagerArn=it.manager_arn,
                paymentSessionId=it.session_id,
                paymentInstrumentId=it.instrument_id,
                userId=it.user_id,
                paymentType="CRYPTO_X402",
                paymentInput={"cryptoX402": {"version": "2", "payload": {
                    "scheme": "exact",
                    "network": "eip155:84532",
                    "amount": "10000",
                    "asset": "0x036CbD53842c5426634e7929541eC2318f3dCF7e",
                    "payTo": "0x209693Bc6afc0C5328bA36FaF03C514EF312287C",
                    "maxTimeoutSeconds": 60,
                    "extra": {"name": "USDC", "version": "2"},
                }}},
            )

        @pytest.mark.agentcore_payments(new_account=True)
        def test_grant(agentcore_payments):
            it = agentcore_payments
            with pytest.raises(it.client.exceptions.AccessDeniedException, match="grant is not"):
                pay(it)
            it.assert_refused(reason="grant missing", times=1)
            assert boto3.client("iam").get_role(RoleName=it.role_arn.rpartition("/")[2])
            it.emulator.give_grant(it.instrument_id)
            pay(it)
            it.assert_paid("0.01", times=1)

        def test_ready_again(agentcore_payments):
            pay(agentcore_payments)
    """)
    ran.assert_outcomes(passed=2)


START = {
    "managers": [
        {
            "name": "shop",
            "connectors": [{"name": "coins", "wallets": [{"user": "bob", "funds": "2.00"}]}],
        }
    ],
}


def test_a_seed_is_there_in_every_account_of_the_marker(run_suite):
    ran = run_suite(f"""
        import pytest

        pytestmark = pytest.mark.agentcore_payments(seed={START})

        @pytest.mark.parametrize("again", [1, 2])
        def test_seeded(agentcore_payments, again):
            it = agentcore_payments
            (manager,) = it.seeded["managers"]
            (wallet,) = manager["connectors"][0]["wallets"]
            assert it.emulator.balance(wallet["paymentInstrumentId"]) == 2_000_000
            it.emulator.set_balance(wallet["paymentInstrumentId"], 0)
            assert it.manager_arn != manager["paymentManagerArn"]

        @pytest.mark.agentcore_payments(seed=None)
        def test_unseeded(agentcore_payments):
            assert agentcore_payments.seeded == {{}}
    """)
    ran.assert_outcomes(passed=3)


def test_a_wrong_seed_fails_the_test_in_one_line(run_suite):
    ran = run_suite("""
        import pytest

        @pytest.mark.agentcore_payments(seed={"managers": [{"nam": "x"}]})
        def test_document(agentcore_payments):
            pass

        @pytest.mark.agentcore_payments(seed="missing.json")
        def test_file(agentcore_payments):
            pass

        @pytest.mark.agentcore_payments(seed=1)
        def test_number(agentcore_payments):
            pass
    """)
    ran.assert_outcomes(errors=3)
    ran.stdout.fnmatch_lines(
        [
            "*option 'seed': managers[[]0[]].nam: unknown key 'nam'; one of name,*",
            "*option 'seed': *No such file or directory: 'missing.json'*",
            "*option 'seed' must be a document or the path of a file, not 1*",
        ]
    )


def test_the_server_returns_to_the_seed_of_the_settings_between_tests(run_suite, pytester):
    pytester.makefile(".json", start=json.dumps(START))
    pytester.makeini("[pytest]\nagentcore_payments_seed = start.json")
    ran = run_suite("""
        import json
        import urllib.request
        import pytest

        def ask(server, path):
            request = urllib.request.Request(server.url + path, b"{}")
            return json.load(urllib.request.urlopen(request))

        @pytest.mark.parametrize("again", [1, 2])
        def test_server(agentcore_payments_server, again):
            server = agentcore_payments_server
            (manager,) = server.seeded["managers"]
            found = server.control_client.list_payment_managers()["paymentManagers"]
            assert [each["paymentManagerId"] for each in found] == [manager["paymentManagerId"]]
            assert server.manager_arn != manager["paymentManagerArn"]
            ask(server, "/moto-api/reset")
            (found,) = server.control_client.list_payment_managers()["paymentManagers"]
            assert found["name"] == "shop"

        def test_account(agentcore_payments):
            assert len(agentcore_payments.seeded["managers"]) == 1

        def test_after_an_account(agentcore_payments_server):
            found = agentcore_payments_server.control_client.list_payment_managers()
            assert len(found["paymentManagers"]) == 1
    """)
    ran.assert_outcomes(passed=4)


def test_server_has_the_new_account_of_its_options_after_a_reset(imported):
    with agentcore_payments_server(new_account=True) as server:
        for _ in range(2):
            assert server.iam_client.meta.endpoint_url == server.url
            assert server.manager_arn
            assert server.iam_client.get_role(RoleName=server.role_arn.rpartition("/")[2])
            with pytest.raises(ClientError) as refused:
                pay(server)
            assert refused.value.response["Error"]["Code"] == "AccessDeniedException"
            assert "grant is not active" in refused.value.response["Error"]["Message"]
            server.emulator.give_grant(server.instrument_id)
            pay(server)
            server.assert_refused(reason="grant missing", times=1)
            server.assert_paid("0.01", times=1)
            server.reset()
            assert server.attempts == []


def test_marker_describes_no_server(run_suite):
    ran = run_suite("""
        import pytest

        pytestmark = pytest.mark.agentcore_payments(new_account=True)

        def test_both(agentcore_payments_server, agentcore_payments):
            assert agentcore_payments.options.new_account
            assert not agentcore_payments_server.options.new_account
            assert agentcore_payments.role_arn
            assert agentcore_payments.emulator.account().kind == "NEW"

        def test_server_is_ready_again(agentcore_payments_server):
            it = agentcore_payments_server
            assert it.emulator.account().kind == "READY"
            assert it.emulator.grant(it.instrument_id).given
    """)
    ran.assert_outcomes(passed=2)


def pay(account):
    account.client.process_payment(
        paymentManagerArn=account.manager_arn,
        paymentSessionId=account.session_id,
        paymentInstrumentId=account.instrument_id,
        userId=account.user_id,
        paymentType="CRYPTO_X402",
        paymentInput={"cryptoX402": {"version": "2", "payload": PAYLOAD}},
    )


PAYLOAD = {
    "scheme": "exact",
    "network": "eip155:84532",
    "amount": "10000",
    "asset": "0x036CbD53842c5426634e7929541eC2318f3dCF7e",
    "payTo": "0x209693Bc6afc0C5328bA36FaF03C514EF312287C",
    "maxTimeoutSeconds": 60,
    "extra": {"name": "USDC", "version": "2"},
}
