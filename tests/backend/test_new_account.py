"""What a person must do outside the API, as state: a fresh account, up to its first payment."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import boto3
import pytest
import requests
from botocore.exceptions import ClientError
from enforced_policies import allow, enforced
from freezegun import freeze_time
from ready_shop import ROLE, error_of, mpp_charge

from boto3_agentcore_payments.emulator.backend import accounts
from boto3_agentcore_payments.emulator.control import PaymentsControl
from boto3_agentcore_payments.testing import secrets

if TYPE_CHECKING:
    from collections.abc import Callable

URL = "http://motoapi.amazonaws.com/moto-api/agentcore-payments"
GRANT = (
    "Delegated signing grant is not active for the end user wallet. "
    "Please redirect end user to the WalletHub to grant the permissions."
)
PRIVY = "Privy credentials are invalid. Please verify the credential configuration."
SECURITY = "due to account security restrictions. Contact AWS Support for assistance."
VAULT = "arn:aws:bedrock-agentcore:us-west-2:123456789012:token-vault/default"
PROVIDER = f"{VAULT}/paymentcredentialprovider/"
MARKETPLACE = "agenticcommerce.marketplace.amazonaws.com"
NO_ROLE = (
    f"Account 123456789012 has no service-linked role of {MARKETPLACE}. "
    "Create it with iam:CreateServiceLinkedRole"
)
TRUST = {
    "Effect": "Allow",
    "Principal": {"Service": "bedrock-agentcore.amazonaws.com"},
    "Action": "sts:AssumeRole",
    "Condition": {
        "StringEquals": {"aws:SourceAccount": "123456789012"},
        "ArnLike": {
            "aws:SourceArn": "arn:aws:bedrock-agentcore:*:123456789012:payment-manager/shop-*"
        },
    },
}
IDENTITY = {
    "Effect": "Allow",
    "Action": [
        "bedrock-agentcore:CreateWorkloadIdentity",
        "bedrock-agentcore:GetWorkloadAccessToken",
    ],
    "Resource": "*",
}
TOKEN = {"Effect": "Allow", "Action": "bedrock-agentcore:GetResourcePaymentToken", "Resource": "*"}
SECRETS = {
    "Effect": "Allow",
    "Action": "secretsmanager:GetSecretValue",
    "Resource": "arn:aws:secretsmanager:*:*:secret:bedrock-agentcore-identity!*",
    "Condition": {"StringEquals": {"aws:ResourceAccount": "123456789012"}},
}


class Wallet:
    """A wallet with a session, whose payments a test lets through or not."""

    def __init__(self, world: Any, vendor: str = "CoinbaseCDP") -> None:
        self.world = world
        self.arn = world.manager()
        self.connector = world.connector(self.arn) if vendor == "CoinbaseCDP" else self._privy()
        self.instrument = world.instrument(self.arn, self.connector)
        self.session = world.session(self.arn)

    def pay(self, amount: int = 10_000, **more: Any) -> str:
        answer = self.world.pay(self.arn, self.session, self.instrument, amount, **more)
        status: str = answer["status"]
        return status

    def refusal(self, amount: int = 10_000, **more: Any) -> tuple[str, str, int]:
        """Return what a payment is refused with; assert that it cost no budget."""
        before = self._left()
        with pytest.raises(ClientError) as caught:
            self.pay(amount, **more)
        assert self._left() == before
        return error_of(caught.value)

    def _left(self) -> str:
        session = self.world.data.get_payment_session(
            paymentManagerArn=self.arn, paymentSessionId=self.session, userId="alice"
        )["paymentSession"]
        left: str = session["availableLimits"]["availableSpendAmount"]["value"]
        return left

    def _privy(self) -> str:
        provider = self.world.control.create_payment_credential_provider(
            name="privy",
            credentialProviderVendor="StripePrivy",
            providerConfigurationInput={"stripePrivyConfiguration": secrets.privy()},
        )["credentialProviderArn"]
        connector: str = self.world.control.create_payment_connector(
            paymentManagerId=self.arn.rpartition("/")[2],
            name="privy",
            type="StripePrivy",
            credentialProviderConfigurations=[{"stripePrivy": {"credentialProviderArn": provider}}],
        )["paymentConnectorId"]
        return connector


@pytest.fixture
def wallet(world: Any) -> Wallet:
    return Wallet(world)


@pytest.fixture
def privy(world: Any) -> Wallet:
    return Wallet(world, "StripePrivy")


@pytest.fixture
def control(aws: None) -> PaymentsControl:
    return PaymentsControl()


def role(*statements: dict[str, Any], trust: dict[str, Any] = TRUST, new: bool = True) -> None:
    iam = boto3.client("iam", region_name="us-east-1")
    trusted = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    if new:
        iam.create_role(RoleName="payments", AssumeRolePolicyDocument=trusted)
    else:
        iam.update_assume_role_policy(RoleName="payments", PolicyDocument=trusted)
    document = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    iam.put_role_policy(RoleName="payments", PolicyName="p", PolicyDocument=document)


def test_all_counts_as_done_by_default(wallet: Wallet, control: PaymentsControl) -> None:
    assert control.account().kind == "READY"
    assert wallet.pay() == "PROOF_GENERATED"


def test_a_new_account_pays_once_everything_is_done(world: Any, control: PaymentsControl) -> None:
    control.new_account()
    with pytest.raises(ClientError) as caught:
        world.manager()
    code, message, _ = error_of(caught.value)
    assert code == "ValidationException"
    assert ROLE in message
    role(IDENTITY, TOKEN, SECRETS)
    arn = world.manager()
    with pytest.raises(ClientError) as caught:
        world.connector(arn)
    assert error_of(caught.value)[0] == "SubscriptionRequiredException"
    control.subscribe()
    paying = Wallet(world)
    no_signing = paying.refusal()
    assert no_signing[:1] == ("AccessDeniedException",)
    assert no_signing[1].startswith("Delegated signing is not enabled for your Coinbase project.")
    control.set_delegated_signing(True)
    assert paying.refusal() == ("AccessDeniedException", GRANT, 403)
    control.give_grant(paying.instrument)
    assert paying.pay() == "PROOF_GENERATED"


def test_a_with_block_ends_a_new_account(wallet: Wallet, control: PaymentsControl) -> None:
    control.give_grant(wallet.instrument)
    with control.new_account():
        assert control.account().kind == "NEW"
        assert control.grant(wallet.instrument).given is False
    assert control.account().kind == "READY"
    assert control.grant(wallet.instrument).ends is not None


def test_the_environment_chooses_how_accounts_begin(
    aws: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(accounts.VARIABLE, "new")
    accounts.reset("123456789012")
    assert PaymentsControl().account().kind == "NEW"
    monkeypatch.setenv(accounts.VARIABLE, "old")
    with pytest.raises(ValueError, match="is no set of defaults; one of ready, new"):
        accounts.reset("123456789012")
    monkeypatch.delenv(accounts.VARIABLE)
    accounts.reset("123456789012")


def test_motos_reset_makes_an_account_ready_again(control: PaymentsControl) -> None:
    control.new_account()
    requests.post("http://motoapi.amazonaws.com/moto-api/reset", timeout=5)
    assert control.account().kind == "READY"


class TestGrants:
    @pytest.mark.parametrize("days", [7, 30, 60, 90])
    def test_a_grant_ends_by_the_clock(
        self, world: Any, control: PaymentsControl, days: int
    ) -> None:
        with freeze_time("2026-01-01T00:00:00Z") as clock:
            paying = Wallet(world)
            control.give_grant(paying.instrument, days=days)
            clock.tick(timedelta(days=days) - timedelta(seconds=1))
            paying.session = world.session(paying.arn)
            assert paying.pay() == "PROOF_GENERATED"
            clock.tick(timedelta(seconds=1))
            assert paying.refusal() == ("AccessDeniedException", GRANT, 403)
            assert control.grant(paying.instrument).given is False

    def test_a_grant_is_revoked_and_given_again(
        self, wallet: Wallet, control: PaymentsControl
    ) -> None:
        assert control.revoke_grant(wallet.instrument).given is False
        assert wallet.refusal() == ("AccessDeniedException", GRANT, 403)
        assert control.give_grant(wallet.instrument).given is True
        assert wallet.pay() == "PROOF_GENERATED"

    def test_a_grant_is_of_one_wallet(self, wallet: Wallet, control: PaymentsControl) -> None:
        other = wallet.world.instrument(wallet.arn, wallet.connector)
        control.revoke_grant(wallet.instrument)
        wallet.instrument = other
        assert wallet.pay() == "PROOF_GENERATED"

    def test_another_number_of_days_is_refused(
        self, wallet: Wallet, control: PaymentsControl
    ) -> None:
        with pytest.raises(ValueError, match="days must be one of 7, 30, 60, 90, not 8"):
            control.give_grant(wallet.instrument, days=8)

    def test_privys_signer_holds_until_it_is_removed(
        self, privy: Wallet, control: PaymentsControl
    ) -> None:
        assert control.give_grant(privy.instrument, days=7).ends is None
        assert privy.pay() == "PROOF_GENERATED"
        control.revoke_grant(privy.instrument)
        assert privy.refusal() == ("AccessDeniedException", PRIVY, 403)

    def test_a_refused_payment_can_be_repeated_with_its_token(
        self, wallet: Wallet, control: PaymentsControl
    ) -> None:
        token = {"clientToken": "a" * 40}
        control.revoke_grant(wallet.instrument)
        wallet.refusal(**token)
        control.give_grant(wallet.instrument)
        assert wallet.pay(**token) == "PROOF_GENERATED"


class TestProjects:
    def test_delegated_signing_of_coinbase(self, wallet: Wallet, control: PaymentsControl) -> None:
        control.set_delegated_signing(False)
        assert wallet.refusal() == (
            "AccessDeniedException",
            (
                "Delegated signing is not enabled for your Coinbase project. "
                "Please enable delegated signing in your Coinbase project policies."
            ),
            403,
        )

    def test_delegated_signing_of_privy(self, privy: Wallet, control: PaymentsControl) -> None:
        control.set_delegated_signing(False, vendor="StripePrivy")
        with pytest.raises(ClientError) as caught:
            privy.world.instrument(privy.arn, privy.connector)
        failed = "Failed to create payment instrument"
        assert error_of(caught.value) == ("InternalServerException", failed, 500)

    def test_credentials_of_privy(self, privy: Wallet, control: PaymentsControl) -> None:
        control.set_credentials_valid(False)
        assert privy.refusal() == ("AccessDeniedException", PRIVY, 403)

    def test_policy_on_the_amount(self, wallet: Wallet, control: PaymentsControl) -> None:
        control.add_policy(max_amount=10_000)
        assert wallet.pay(10_000) == "PROOF_GENERATED"
        assert wallet.refusal(10_001) == (
            "AccessDeniedException",
            (
                "The request was blocked by a policy configured in your Coinbase Developer "
                "Platform project"
            ),
            403,
        )
        control.clear_policies()
        assert wallet.pay(10_001) == "PROOF_GENERATED"

    def test_policy_on_the_recipient(self, privy: Wallet, control: PaymentsControl) -> None:
        control.add_policy(
            vendor="StripePrivy", refused_recipient="0x209693BC6AFC0C5328BA36FAF03C514EF312287C"
        )
        failed = "Something went wrong in processing your request"
        assert privy.refusal() == ("InternalServerException", failed, 500)

    def test_policy_of_another_vendor_refuses_nothing(
        self, wallet: Wallet, control: PaymentsControl
    ) -> None:
        control.add_policy(vendor="StripePrivy", max_amount=1)
        assert wallet.pay() == "PROOF_GENERATED"


class TestAccounts:
    def test_subscription(self, wallet: Wallet, control: PaymentsControl) -> None:
        control.unsubscribe()
        with pytest.raises(ClientError) as caught:
            wallet.pay()
        assert error_of(caught.value)[::2] == ("SubscriptionRequiredException", 403)
        assert caught.value.response["productName"] == "Coinbase Wallets for AgentCore Payments"
        assert "prodview-ia2zd5puqyi7g" in caught.value.response["subscriptionUrl"]
        with pytest.raises(ClientError, match="SubscriptionRequired"):
            wallet.world.instrument(wallet.arn, wallet.connector)
        with pytest.raises(ClientError, match="SubscriptionRequired"):
            wallet.world.connector(wallet.arn, f"{PROVIDER}other")

    def test_privy_needs_no_subscription(self, privy: Wallet, control: PaymentsControl) -> None:
        control.unsubscribe()
        assert privy.pay() == "PROOF_GENERATED"

    def test_quick_create_without_subscription(
        self, wallet: Wallet, control: PaymentsControl
    ) -> None:
        connector = wallet.world.quick_connector(wallet.arn)
        control.unsubscribe()
        control.approve_authorization(connector)
        status = wallet.world.control.get_payment_connector(
            paymentManagerId=wallet.arn.rpartition("/")[2], paymentConnectorId=connector
        )["status"]
        assert status == "AWS_MARKETPLACE_SUBSCRIPTION_REQUIRED"

    def test_mpp_access(self, wallet: Wallet, control: PaymentsControl) -> None:
        control.set_mpp_access(False)
        mpp = mpp_charge()
        assert wallet.refusal(**mpp) == (
            "AccessDeniedException",
            (
                "Access to MPP (Machine Payments Protocol) payment processing is not enabled for "
                "this account. Contact AWS Support for access."
            ),
            403,
        )
        assert wallet.pay() == "PROOF_GENERATED"
        control.set_mpp_access(True)
        assert wallet.pay(**mpp) == "PROOF_GENERATED"

    def test_restricted(self, wallet: Wallet, control: PaymentsControl) -> None:
        control.set_restriction("RESTRICTED")
        with pytest.raises(ClientError) as caught:
            wallet.world.control.list_payment_managers()
        denied = f"Access denied {SECURITY}"
        assert error_of(caught.value) == ("AccessDeniedException", denied, 403)

    def test_limited(self, wallet: Wallet, control: PaymentsControl) -> None:
        control.set_restriction("LIMITED")
        assert wallet.refusal()[1] == f"Access denied for CREATE {SECURITY}"
        with pytest.raises(ClientError) as caught:
            wallet.world.control.update_payment_manager(
                paymentManagerId=wallet.arn.rpartition("/")[2], description="x"
            )
        assert error_of(caught.value)[1] == f"Access denied for UPDATE {SECURITY}"
        assert len(wallet.world.control.list_payment_managers()["paymentManagers"]) == 1

    def test_quota_of_managers(self, world: Any, control: PaymentsControl) -> None:
        control.set_quota("maxManagers", 1)
        world.manager()
        with pytest.raises(ClientError) as caught:
            world.manager("other")
        exceeded = "maxManagers limit exceeded for account 123456789012"
        assert error_of(caught.value) == ("ServiceQuotaExceededException", exceeded, 402)
        control.set_quota("maxManagers", None)
        world.manager("other")

    def test_a_new_account_has_five_managers_in_a_region(
        self, world: Any, control: PaymentsControl
    ) -> None:
        control.new_account()
        control.set_role_checked(False)
        for number in range(5):
            world.manager(f"shop{number}")
        with pytest.raises(ClientError) as caught:
            world.manager("sixth")
        exceeded = "maxManagers limit exceeded for account 123456789012"
        assert error_of(caught.value) == ("ServiceQuotaExceededException", exceeded, 402)

    def test_quota_of_connectors(self, wallet: Wallet, control: PaymentsControl) -> None:
        control.set_quota("maxConnectors", 1)
        with pytest.raises(ClientError) as caught:
            wallet.world.quick_connector(wallet.arn)
        exceeded = "maxConnectors limit exceeded for account 123456789012"
        assert error_of(caught.value) == ("ServiceQuotaExceededException", exceeded, 402)

    def test_request_rate(self, world: Any, control: PaymentsControl) -> None:
        control.set_quota("requestRate", 2)
        with freeze_time("2026-01-01T00:00:00Z") as clock:
            for _ in range(2):
                world.control.list_payment_managers()
            with pytest.raises(ClientError) as caught:
                world.control.list_payment_managers()
            assert error_of(caught.value) == ("ThrottlingException", "Rate exceeded", 429)
            clock.tick(timedelta(seconds=1))
            world.control.list_payment_managers()

    def test_a_wallet_must_be_funded(self, wallet: Wallet, control: PaymentsControl) -> None:
        control.set_funds_needed(True)
        poor = ("ValidationException", "Insufficient funds in wallet for transaction", 400)
        assert wallet.refusal() == poor
        control.fund_wallet(wallet.instrument, 10_000)
        assert wallet.pay() == "PROOF_GENERATED"

    def test_a_wallet_must_be_funded_for_mpp_too(
        self, wallet: Wallet, control: PaymentsControl
    ) -> None:
        control.set_funds_needed(True)
        poor = "Insufficient balance in the payer wallet to cover the token transfer and gas fee."
        assert wallet.refusal(**mpp_charge()) == ("ValidationException", poor, 400)
        control.fund_wallet(wallet.instrument, 10_000)
        assert wallet.pay(**mpp_charge()) == "PROOF_GENERATED"


class TestRoles:
    @pytest.mark.parametrize(
        ("trust", "statements", "message"),
        [
            (
                {**TRUST, "Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}}},
                [IDENTITY, TOKEN, SECRETS],
                "Failed to assume payment execution role",
            ),
            (TRUST, [TOKEN, SECRETS], "Failed to obtain workload access token"),
            (TRUST, [IDENTITY, SECRETS], "Failed to obtain resource payment token."),
            (TRUST, [IDENTITY, TOKEN], "Failed to obtain resource payment token."),
            (
                TRUST,
                [IDENTITY, TOKEN, SECRETS, {**TOKEN, "Effect": "Deny"}],
                "Failed to obtain resource payment token.",
            ),
        ],
    )
    def test_a_payment_needs_the_role(
        self,
        wallet: Wallet,
        control: PaymentsControl,
        trust: dict[str, Any],
        statements: list[dict[str, Any]],
        message: str,
    ) -> None:
        control.set_role_checked(True)
        role(*statements, trust=trust)
        assert wallet.refusal() == ("AccessDeniedException", message, 403)
        role(IDENTITY, TOKEN, SECRETS, new=False)
        assert wallet.pay() == "PROOF_GENERATED"

    def test_a_trust_policy_needs_no_conditions(self, world: Any, control: PaymentsControl) -> None:
        control.set_role_checked(True)
        role(IDENTITY, TOKEN, trust={**TRUST, "Condition": {}})
        world.manager()

    def test_a_role_without_permissions_makes_no_manager(
        self, world: Any, control: PaymentsControl
    ) -> None:
        control.set_role_checked(True)
        role(IDENTITY)
        with pytest.raises(ClientError) as caught:
            world.manager()
        code, message, status = error_of(caught.value)
        assert (code, status) == ("AccessDeniedException", 403)
        assert message.startswith(
            f"The role {ROLE} is not allowed to perform bedrock-agentcore:GetResourcePaymentToken"
        )

    def test_the_caller_must_pass_the_role(
        self, make_world: Callable[..., Any], control: PaymentsControl
    ) -> None:
        control.set_role_checked(True)
        role(IDENTITY, TOKEN)
        with enforced(allow("*")) as shop:
            with pytest.raises(ClientError) as caught:
                shop.manager()
            assert error_of(caught.value)[1].endswith("is not authorized to perform: iam:PassRole")
        passing = {
            "Effect": "Allow",
            "Action": "iam:PassRole",
            "Resource": ROLE,
            "Condition": {
                "StringEquals": {"iam:PassedToService": "bedrock-agentcore.amazonaws.com"}
            },
        }
        with enforced(allow("*"), passing) as shop:
            shop.manager()

    def test_a_connector_to_the_bill_needs_the_service_linked_role(
        self, world: Any, control: PaymentsControl
    ) -> None:
        arn = world.manager()
        bill = {"paymentManagerId": arn.rpartition("/")[2], "name": "bill", "type": "AwsBilling"}
        control.set_role_checked(True)
        with pytest.raises(ClientError) as caught:
            world.control.create_payment_connector(**bill)
        assert error_of(caught.value) == (
            "ValidationException",
            NO_ROLE,
            400,
        )
        linked = service_linked_role()
        made = world.control.create_payment_connector(**bill)
        own = [{"awsBilling": {"iamRoleArn": linked}}]
        assert made["credentialProviderConfigurations"] == own
        control.set_role_checked(False)
        updated = world.control.update_payment_connector(
            paymentManagerId=bill["paymentManagerId"],
            paymentConnectorId=made["paymentConnectorId"],
            description="Our bill",
        )
        assert updated["credentialProviderConfigurations"] == own

    def test_who_makes_a_connector_to_the_bill_must_get_the_role(
        self, world: Any, control: PaymentsControl
    ) -> None:
        arn = world.manager()
        bill = {"paymentManagerId": arn.rpartition("/")[2], "name": "bill", "type": "AwsBilling"}
        control.set_role_checked(True)
        linked = service_linked_role()
        with enforced(allow("*")) as shop:
            with pytest.raises(ClientError) as caught:
                shop.control.create_payment_connector(**bill)
            code, message, status = error_of(caught.value)
            assert (code, status) == ("AccessDeniedException", 403)
            assert message.endswith("is not authorized to perform: iam:GetRole")
        getting = {"Effect": "Allow", "Action": "iam:GetRole", "Resource": linked}
        with enforced(allow("*"), getting) as shop:
            shop.control.create_payment_connector(**bill)


def service_linked_role() -> str:
    """Create AWS Marketplace's service-linked role; return its ARN."""
    iam = boto3.client("iam", region_name="us-east-1")
    arn: str = iam.create_service_linked_role(AWSServiceName=MARKETPLACE)["Role"]["Arn"]
    return arn


def post(verb: str, **arguments: Any) -> Any:
    answer = requests.post(f"{URL}/{verb}", json=arguments, timeout=5)
    assert answer.status_code == 200, answer.text
    return answer.json()["result"]


def test_over_http_each_is_one_call(wallet: Wallet) -> None:
    assert post("new-account") is None
    account = requests.get(f"{URL}/account", timeout=5).json()["result"]
    assert (account["kind"], account["subscribed"], account["quotas"]) == (
        "NEW",
        False,
        {"maxManagers": 5},
    )
    post("ready-account")
    assert post("revoke-grant", instrument_id=wallet.instrument) == {"given": False, "ends": None}
    assert wallet.refusal() == ("AccessDeniedException", GRANT, 403)
    assert post("give-grant", instrument_id=wallet.instrument, days=7)["given"] is True
    post("set-delegated-signing", enabled=True)
    post("set-credentials-valid", valid=True)
    post("add-policy", max_amount=1_000_000)
    post("clear-policies")
    post("unsubscribe")
    post("subscribe")
    post("set-mpp-access", enabled=True)
    post("set-restriction", restriction="NONE")
    post("set-quota", quota="maxManagers", limit=None)
    post("set-funds-needed", needed=False)
    post("set-role-checked", checked=False)
    assert wallet.pay() == "PROOF_GENERATED"
    found = requests.get(f"{URL}/grant?instrument_id={wallet.instrument}", timeout=5).json()
    assert found["result"]["given"] is True


@pytest.mark.parametrize(
    ("verb", "arguments", "message"),
    [
        ("set-restriction", {"restriction": "x"}, "unknown restriction 'x'"),
        ("set-quota", {"quota": "x", "limit": 1}, "unknown quota 'x'"),
        (
            "set-quota",
            {"quota": "maxManagers", "limit": -1},
            "limit must not be negative",
        ),
        ("add-policy", {}, "a policy needs a max_amount or a refused_recipient"),
        ("set-delegated-signing", {"enabled": True, "vendor": "x"}, "unknown vendor 'x'"),
        ("set-mpp-access", {"enabled": "yes"}, "argument 'enabled' must be of type bool"),
    ],
)
def test_a_wrong_argument_is_named(
    aws: None, verb: str, arguments: dict[str, Any], message: str
) -> None:
    answer = requests.post(f"{URL}/{verb}", json=arguments, timeout=5)
    assert answer.status_code == 400
    assert answer.json()["message"].startswith(message)


@pytest.mark.parametrize(
    ("verb", "arguments", "error", "message"),
    [
        ("add_policy", {"max_amount": "0.005"}, ValueError, "max_amount must be a whole number"),
        ("add_policy", {"max_amount": 0.005}, ValueError, "max_amount must be a whole number"),
        ("add_policy", {"refused_recipient": 5}, TypeError, "refused_recipient must be an address"),
        ("set_quota", {"quota": "maxManagers", "limit": "5"}, TypeError, "limit must be a whole"),
        ("set_delegated_signing", {"enabled": "false"}, TypeError, "enabled must be True or False"),
        ("set_credentials_valid", {"valid": 1}, TypeError, "valid must be True or False"),
        ("set_mpp_access", {"enabled": None}, TypeError, "enabled must be True or False"),
        ("set_funds_needed", {"needed": "no"}, TypeError, "needed must be True or False"),
        ("set_role_checked", {"checked": 0}, TypeError, "checked must be True or False"),
        ("set_session_expiry", {"session_id": "x", "minutes": 1.5}, TypeError, "minutes must be a"),
    ],
)
def test_a_wrong_argument_is_an_error_at_once_and_changes_nothing(
    control: PaymentsControl,
    verb: str,
    arguments: dict[str, Any],
    error: type[Exception],
    message: str,
) -> None:
    before = control.account()
    with pytest.raises(error, match=message):
        getattr(control, verb)(**arguments)
    assert control.account() == before


def test_policy_takes_an_amount_as_digits(wallet: Wallet, control: PaymentsControl) -> None:
    control.add_policy(max_amount="10000")
    assert wallet.pay(10_000) == "PROOF_GENERATED"
    assert wallet.refusal(10_001)[0] == "AccessDeniedException"
