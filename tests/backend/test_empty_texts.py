"""An empty text gets the service's own message where the guide has one, not a minimum length."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import requests
from botocore.config import Config
from botocore.exceptions import ClientError
from ready_shop import PAY_TO, USDC

from boto3_agentcore_payments.emulator.wire.definitions import operations

if TYPE_CHECKING:
    from collections.abc import Callable

    from ready_shop import ClientShop

    Ask = Callable[..., tuple[int, str, dict[str, Any]]]

VERSION = "MPP version is required."
NO_HEADER = (
    "MPP wwwAuthenticateHeaders is required and must contain exactly one WWW-Authenticate header."
)
NOT_PAYMENT = "WWW-Authenticate header is not a 'Payment' challenge."
PAYLOAD = "X402 Payload for signing is invalid."
LIMIT = (
    "permit2AllowanceLimit must be a positive integer in the asset\u2019s smallest denomination. "
    "Received: "
)
NO_ARN = "credentialProviderArn is required but not found in the request"
UPTO = {
    "scheme": "upto",
    "network": "eip155:84532",
    "amount": "10000",
    "asset": USDC,
    "payTo": PAY_TO,
    "maxTimeoutSeconds": 60,
    "extra": {"name": "USDC", "version": "2", "facilitatorAddress": PAY_TO},
}


def _by_boto3(shop: ClientShop) -> Ask:
    """Ask with clients that check no parameters."""

    def ask(operation: str, **members: Any) -> tuple[int, str, dict[str, Any]]:
        with pytest.raises(ClientError) as caught:
            shop.call(operation, **members)
        answer: Any = caught.value.response
        kept = {name: answer[name] for name in ("message", "reason", "fieldList") if name in answer}
        return answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"], kept

    return ask


def _by_http(shop: ClientShop) -> Ask:
    """Ask with nothing but an HTTP client."""

    def ask(operation: str, **members: Any) -> tuple[int, str, dict[str, Any]]:
        found = operations()[operation]
        plane = shop.data if operation == "ProcessPayment" else shop.control
        scope = f"AKIA/20260701/{shop.region}/bedrock-agentcore/aws4_request"
        headers = {"Authorization": f"AWS4-HMAC-SHA256 Credential={scope}"}
        if "userId" in members:
            headers["X-Amzn-Bedrock-AgentCore-Payments-User-Id"] = members.pop("userId")
        path = found.uri.format(**{label: members.pop(label) for label in found.inputs.labels})
        answer = requests.request(
            found.method, plane.meta.endpoint_url + path, json=members, headers=headers, timeout=5
        )
        return answer.status_code, answer.headers["x-amzn-ErrorType"], answer.json()

    return ask


@pytest.fixture
def shop(make_world: type[ClientShop]) -> ClientShop:
    return make_world(config=Config(parameter_validation=False, retries={"total_max_attempts": 1}))


@pytest.fixture(params=[_by_boto3, _by_http], ids=["boto3", "http"])
def ask(request: pytest.FixtureRequest, shop: ClientShop) -> Ask:
    """Send a request that is refused: to its status, error code and body."""
    return request.param(shop)


def refused(path: str, message: str, **more: str) -> tuple[int, str, dict[str, Any]]:
    """Return the answer to a request with one wrong member."""
    fields = [{"name": path, "message": message}]
    return 400, "ValidationException", {"message": message, **more, "fieldList": fields}


@pytest.mark.parametrize(
    ("kind", "members", "path", "message"),
    [
        ("mpp", {"version": "", "wwwAuthenticateHeaders": ["Bearer"]}, "version", VERSION),
        ("mpp", {"version": "", "wwwAuthenticateHeaders": []}, "version", VERSION),
        ("mpp", {"version": "", "wwwAuthenticateHeaders": [""]}, "version", VERSION),
        ("mpp", {}, "version", VERSION),
        (
            "mpp",
            {"version": "1", "wwwAuthenticateHeaders": [""]},
            "wwwAuthenticateHeaders[0]",
            NOT_PAYMENT,
        ),
        (
            "mpp",
            {"version": "1", "wwwAuthenticateHeaders": ["", ""]},
            "wwwAuthenticateHeaders",
            NO_HEADER,
        ),
        (
            "mpp",
            {"version": "1", "wwwAuthenticateHeaders": []},
            "wwwAuthenticateHeaders",
            NO_HEADER,
        ),
        ("cryptoX402", {"version": "2", "payload": {}}, "payload", PAYLOAD),
        ("cryptoX402", {"version": "2", "payload": ""}, "payload", PAYLOAD),
        (
            "cryptoX402",
            {"version": "2", "payload": UPTO, "permit2AllowanceLimit": ""},
            "permit2AllowanceLimit",
            LIMIT,
        ),
    ],
)
def test_empty_member_of_a_payment_gets_the_guides_text(
    shop: ClientShop, ask: Ask, kind: str, members: dict[str, Any], path: str, message: str
) -> None:
    arn = shop.manager()
    answer = ask(
        "ProcessPayment",
        userId="alice",
        paymentManagerArn=arn,
        paymentSessionId=shop.session(arn),
        paymentInstrumentId=shop.instrument(arn, shop.connector(arn)),
        paymentType="MPP" if kind == "mpp" else "CRYPTO_X402",
        paymentInput={kind: members},
    )
    assert answer == refused(f"paymentInput.{kind}.{path}", message)


def test_empty_role_of_a_new_manager_gets_the_guides_text(ask: Ask) -> None:
    answer = ask("CreatePaymentManager", name="shop", authorizerType="AWS_IAM", roleArn="")
    assert answer == refused("roleArn", "Invalid role ARN: ")


def test_empty_role_of_a_changed_manager_gets_the_guides_text(shop: ClientShop, ask: Ask) -> None:
    manager = shop.manager().rpartition("/")[2]
    answer = ask("UpdatePaymentManager", paymentManagerId=manager, roleArn="")
    assert answer == refused("roleArn", "Invalid role ARN: ")


@pytest.mark.parametrize("operation", ["CreatePaymentConnector", "UpdatePaymentConnector"])
def test_empty_arn_of_a_credential_provider_gets_the_guides_text(
    shop: ClientShop, ask: Ask, operation: str
) -> None:
    arn = shop.manager()
    members: dict[str, Any] = {"name": "wallets", "type": "CoinbaseCDP"}
    if operation == "UpdatePaymentConnector":
        members = {"paymentConnectorId": shop.connector(arn)}
    answer = ask(
        operation,
        paymentManagerId=arn.rpartition("/")[2],
        credentialProviderConfigurations=[{"coinbaseCDP": {"credentialProviderArn": ""}}],
        **members,
    )
    assert answer == refused("credentialProviderConfigurations[0]", NO_ARN)
