"""What a person must do outside the API, set and read on a running serve, over HTTP."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError
from ready_shop import ACCOUNT, PAY_TO, ROLE, ClientShop, error_of, mpp_charge

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from running_server import Serving

KEYS: dict[str, Any] = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
REGION = "us-west-2"
COINBASE, PRIVY = "CoinbaseCDP", "StripePrivy"
PRIVY_INVALID = "Privy credentials are invalid. Please verify the credential configuration."
SECURITY = "due to account security restrictions. Contact AWS Support for assistance."
DENIED = "AccessDeniedException"

Verb = tuple[str, dict[str, Any]]


class Surface:
    """The control surface of a running serve."""

    def __init__(self, serving: Serving) -> None:
        self._serving = serving

    def post(self, verb: str, **arguments: Any) -> Any:
        """Call a verb and return its result."""
        return self._ask("POST", verb, json.dumps(arguments))

    def get(self, verb: str, **arguments: str) -> Any:
        """Look at what holds."""
        query = "&".join(f"{name}={value}" for name, value in arguments.items())
        return self._ask("GET", f"{verb}?{query}")

    def _ask(self, method: str, path: str, body: str = "") -> Any:
        place = f"/moto-api/agentcore-payments/{path}"
        status, _, content = self._serving.ask(method, place, body, content_type="application/json")
        assert status == 200, content
        return json.loads(content)["result"]


class Wallet:
    """A wallet of a vendor with a session, on the server."""

    def __init__(self, shop: ClientShop, vendor: str) -> None:
        self._shop = shop
        self.arn = shop.manager(f"shop{vendor}")
        connector = shop.connector(self.arn, vendor=vendor)
        self.instrument = shop.instrument(self.arn, connector)
        self.session = shop.session(self.arn)

    def pay(self, **more: Any) -> str:
        """Pay a cent, and return the payment's status."""
        answer = self._shop.pay(self.arn, self.session, self.instrument, **more)
        status: str = answer["status"]
        return status

    def refusal(self, **more: Any) -> tuple[str, str, int]:
        """Return what a payment is refused with."""
        with pytest.raises(ClientError) as caught:
            self.pay(**more)
        return error_of(caught.value)

    def left(self) -> str:
        """Return what is left of the session's budget."""
        session = self._shop.data.get_payment_session(
            paymentManagerArn=self.arn, paymentSessionId=self.session, userId="alice"
        )["paymentSession"]
        left: str = session["availableLimits"]["availableSpendAmount"]["value"]
        return left


@pytest.fixture(scope="module")
def own(start_serving: Callable[..., Serving]) -> Serving:
    """A server of these tests alone: what holds for an account holds for all of its clients."""
    return start_serving()


@pytest.fixture(scope="module")
def shop(own: Serving) -> ClientShop:
    return ClientShop(REGION, endpoint_url=own.url, **KEYS)


@pytest.fixture(scope="module")
def wallets(shop: ClientShop) -> dict[str, Wallet]:
    return {vendor: Wallet(shop, vendor) for vendor in (COINBASE, PRIVY)}


@pytest.fixture
def surface(own: Serving) -> Iterator[Surface]:
    surface = Surface(own)
    yield surface
    surface.post("ready-account")


def test_a_server_begins_with_new_accounts_by_its_argument(
    start_serving: Callable[..., Serving],
) -> None:
    account = Surface(start_serving("--new-account")).get("account")
    assert (account["kind"], account["grants_needed"], account["subscribed"]) == (
        "NEW",
        True,
        False,
    )
    assert (account["mpp_access"], account["role_checked"]) == (False, True)
    assert account["quotas"] == {"maxManagers": 5}


def test_a_server_begins_with_new_accounts_by_the_environment(
    start_serving: Callable[..., Serving],
) -> None:
    environment = {**os.environ, "BOTO3_AGENTCORE_PAYMENTS_ACCOUNT": "new"}
    surface = Surface(start_serving(environment=environment))
    assert surface.get("account")["kind"] == "NEW"


def test_a_server_begins_with_ready_accounts(surface: Surface) -> None:
    assert surface.get("account")["kind"] == "READY"


def test_a_running_server_changes_between_the_sets(surface: Surface) -> None:
    surface.post("new-account")
    assert surface.get("account")["kind"] == "NEW"
    surface.post("ready-account")
    assert surface.get("account")["kind"] == "READY"


@pytest.mark.parametrize("kind", ["ready-account", "new-account"])
@pytest.mark.parametrize(
    ("verb", "arguments", "member", "value"),
    [
        ("subscribe", {}, "subscribed", True),
        ("unsubscribe", {}, "subscribed", False),
        ("set-mpp-access", {"enabled": True}, "mpp_access", True),
        ("set-mpp-access", {"enabled": False}, "mpp_access", False),
        ("set-restriction", {"restriction": "LIMITED"}, "restriction", "LIMITED"),
        ("set-restriction", {"restriction": "RESTRICTED"}, "restriction", "RESTRICTED"),
        ("set-quota", {"quota": "maxManagers", "limit": 7}, "quotas", {"maxManagers": 7}),
        ("set-quota", {"quota": "maxManagers", "limit": None}, "quotas", {}),
        ("set-funds-needed", {"needed": True}, "funds_needed", True),
        ("set-role-checked", {"checked": True}, "role_checked", True),
        ("set-role-checked", {"checked": False}, "role_checked", False),
        (
            "add-policy",
            {"vendor": PRIVY, "max_amount": 5},
            "policies",
            [{"vendor": PRIVY, "max_amount": 5, "refused_recipient": None}],
        ),
        ("clear-policies", {}, "policies", []),
    ],
)
def test_a_setting_is_seen(
    surface: Surface, kind: str, verb: str, arguments: dict[str, Any], member: str, value: Any
) -> None:
    surface.post(kind)
    surface.post(verb, **arguments)
    assert surface.get("account")[member] == value


@pytest.mark.parametrize("vendor", [COINBASE, PRIVY])
@pytest.mark.parametrize("value", [True, False])
@pytest.mark.parametrize(
    ("verb", "argument", "member"),
    [
        ("set-delegated-signing", "enabled", "delegated_signing"),
        ("set-credentials-valid", "valid", "credentials_valid"),
    ],
)
def test_a_setting_of_a_vendor_is_seen(
    surface: Surface, verb: str, argument: str, member: str, value: Any, vendor: str
) -> None:
    surface.post(verb, **{argument: value, "vendor": vendor})
    assert surface.get("account")[member][vendor] is value


@pytest.mark.parametrize("days", [7, 30, 60, 90])
def test_a_grant_is_given_looked_at_and_revoked(
    surface: Surface, wallets: dict[str, Wallet], days: int
) -> None:
    wallet = wallets[COINBASE].instrument
    given = surface.post("give-grant", instrument_id=wallet, days=days)
    assert given["given"] is True
    assert surface.get("grant", instrument_id=wallet) == given
    revoked = surface.post("revoke-grant", instrument_id=wallet)
    assert revoked == surface.get("grant", instrument_id=wallet) == {"given": False, "ends": None}


@pytest.mark.parametrize(
    ("vendor", "missing", "given", "error"),
    [
        (
            COINBASE,
            ("revoke-grant", {}),
            ("give-grant", {"days": 30}),
            (
                DENIED,
                (
                    "Delegated signing grant is not active for the end user wallet. "
                    "Please redirect end user to the WalletHub to grant the permissions."
                ),
                403,
            ),
        ),
        (PRIVY, ("revoke-grant", {}), ("give-grant", {}), (DENIED, PRIVY_INVALID, 403)),
        (
            COINBASE,
            ("set-delegated-signing", {"enabled": False}),
            ("set-delegated-signing", {"enabled": True}),
            (
                DENIED,
                (
                    "Delegated signing is not enabled for your Coinbase project. "
                    "Please enable delegated signing in your Coinbase project policies."
                ),
                403,
            ),
        ),
        (
            PRIVY,
            ("set-credentials-valid", {"valid": False}),
            ("set-credentials-valid", {"valid": True}),
            (DENIED, PRIVY_INVALID, 403),
        ),
        (
            COINBASE,
            ("add-policy", {"max_amount": 9_999}),
            ("clear-policies", {}),
            (
                DENIED,
                (
                    "The request was blocked by a policy configured in your Coinbase Developer "
                    "Platform project"
                ),
                403,
            ),
        ),
        (
            PRIVY,
            ("add-policy", {"vendor": PRIVY, "refused_recipient": PAY_TO}),
            ("clear-policies", {}),
            ("InternalServerException", "Something went wrong in processing your request", 500),
        ),
        (
            COINBASE,
            ("unsubscribe", {}),
            ("subscribe", {}),
            (
                "SubscriptionRequiredException",
                (
                    "A subscription to Coinbase Wallets for AgentCore Payments in AWS Marketplace "
                    "is required"
                ),
                403,
            ),
        ),
        (
            COINBASE,
            ("set-restriction", {"restriction": "LIMITED"}),
            ("set-restriction", {"restriction": "NONE"}),
            (DENIED, f"Access denied for CREATE {SECURITY}", 403),
        ),
        (
            COINBASE,
            ("set-restriction", {"restriction": "RESTRICTED"}),
            ("set-restriction", {"restriction": "NONE"}),
            (DENIED, f"Access denied {SECURITY}", 403),
        ),
        (
            COINBASE,
            ("set-quota", {"quota": "requestRate", "limit": 0}),
            ("set-quota", {"quota": "requestRate", "limit": None}),
            ("ThrottlingException", "Rate exceeded", 429),
        ),
        (
            COINBASE,
            ("set-role-checked", {"checked": True}),
            ("set-role-checked", {"checked": False}),
            (DENIED, "Failed to assume payment execution role", 403),
        ),
        (
            COINBASE,
            ("set-funds-needed", {"needed": True}),
            ("fund-wallet", {"amount": 10_000}),
            ("ValidationException", "Insufficient funds in wallet for transaction", 400),
        ),
    ],
)
def test_a_payment_is_made_once_what_was_missing_is_there(
    surface: Surface,
    wallets: dict[str, Wallet],
    vendor: str,
    missing: Verb,
    given: Verb,
    error: tuple[str, str, int],
) -> None:
    wallet = wallets[vendor]
    named = {
        "give-grant": {"instrument_id": wallet.instrument},
        "revoke-grant": {"instrument_id": wallet.instrument},
        "fund-wallet": {"wallet": wallet.instrument},
    }
    before = wallet.left()
    surface.post(missing[0], **missing[1], **named.get(missing[0], {}))
    assert wallet.refusal() == error
    surface.post(given[0], **given[1], **named.get(given[0], {}))
    assert wallet.left() == before
    assert wallet.pay() == "PROOF_GENERATED"


def test_a_missing_subscription_names_where_to_subscribe(
    surface: Surface, wallets: dict[str, Wallet]
) -> None:
    surface.post("unsubscribe")
    with pytest.raises(ClientError) as caught:
        wallets[COINBASE].pay()
    answered: dict[str, Any] = {**caught.value.response}
    assert answered["productName"] == "Coinbase Wallets for AgentCore Payments"
    assert answered["subscriptionUrl"].endswith("prodview-ia2zd5puqyi7g")


def test_access_to_mpp(surface: Surface, wallets: dict[str, Wallet]) -> None:
    wallet = wallets[COINBASE]
    surface.post("set-mpp-access", enabled=False)
    message = (
        "Access to MPP (Machine Payments Protocol) payment processing is not enabled for this "
        "account. Contact AWS Support for access."
    )
    assert wallet.refusal(**mpp_charge()) == (DENIED, message, 403)
    surface.post("set-mpp-access", enabled=True)
    assert wallet.pay(**mpp_charge()) == "PROOF_GENERATED"


@pytest.mark.parametrize(
    ("quota", "make"),
    [
        ("maxManagers", lambda shop, _: shop.manager("more")),
        ("maxConnectors", lambda shop, wallet: shop.quick_connector(wallet.arn)),
    ],
)
def test_a_quota_is_of_the_account(
    surface: Surface,
    shop: ClientShop,
    wallets: dict[str, Wallet],
    quota: str,
    make: Callable[[ClientShop, Wallet], str],
) -> None:
    surface.post("set-quota", quota=quota, limit=1)
    with pytest.raises(ClientError) as caught:
        make(shop, wallets[COINBASE])
    exceeded = f"{quota} limit exceeded for account {ACCOUNT}"
    assert error_of(caught.value) == ("ServiceQuotaExceededException", exceeded, 402)
    surface.post("set-quota", quota=quota, limit=None)
    assert make(shop, wallets[COINBASE])


def test_privys_app_must_let_others_sign(
    surface: Surface, shop: ClientShop, wallets: dict[str, Wallet]
) -> None:
    arn = wallets[PRIVY].arn
    manager = arn.rpartition("/")[2]
    (connector,) = shop.control.list_payment_connectors(paymentManagerId=manager)[
        "paymentConnectors"
    ]
    surface.post("set-delegated-signing", enabled=False, vendor=PRIVY)
    with pytest.raises(ClientError) as caught:
        shop.instrument(arn, connector["paymentConnectorId"])
    failed = ("InternalServerException", "Failed to create payment instrument", 500)
    assert error_of(caught.value) == failed
    surface.post("set-delegated-signing", enabled=True, vendor=PRIVY)
    assert shop.instrument(arn, connector["paymentConnectorId"])


@pytest.mark.parametrize(
    ("lacking", "message"),
    [
        ("bedrock-agentcore:GetWorkloadAccessToken", "Failed to obtain workload access token"),
        ("bedrock-agentcore:GetResourcePaymentToken", "Failed to obtain resource payment token."),
        ("secretsmanager:GetSecretValue", "Failed to obtain resource payment token."),
    ],
)
def test_the_role_is_that_of_the_servers_iam(
    surface: Surface, own: Serving, wallets: dict[str, Wallet], lacking: str, message: str
) -> None:
    wallet, name = wallets[COINBASE], ROLE.rpartition("/")[2]
    actions = [
        "bedrock-agentcore:CreateWorkloadIdentity",
        "bedrock-agentcore:GetWorkloadAccessToken",
        "bedrock-agentcore:GetResourcePaymentToken",
        "secretsmanager:GetSecretValue",
    ]
    iam = boto3.client("iam", region_name=REGION, endpoint_url=own.url, **KEYS)

    def document(**statement: Any) -> str:
        return json.dumps(
            {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]}
        )

    def allow(actions: list[str]) -> None:
        policy = document(Action=actions, Resource="*")
        iam.put_role_policy(RoleName=name, PolicyName="pay", PolicyDocument=policy)

    service = {"Service": "bedrock-agentcore.amazonaws.com"}
    trust = document(Principal=service, Action="sts:AssumeRole")
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)
    try:
        surface.post("set-role-checked", checked=True)
        allow([action for action in actions if action != lacking])
        assert wallet.refusal() == (DENIED, message, 403)
        allow(actions)
        assert wallet.pay() == "PROOF_GENERATED"
    finally:
        iam.delete_role_policy(RoleName=name, PolicyName="pay")
        iam.delete_role(RoleName=name)
