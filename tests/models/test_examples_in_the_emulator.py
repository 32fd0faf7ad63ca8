"""The data plane's worked examples, called in their order, get answers of the form they show."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import botocore
import pytest
from model_pairs import REGION, definition

if TYPE_CHECKING:
    from collections.abc import Iterator

from boto3_agentcore_payments.emulator.control import PaymentsControl
from boto3_agentcore_payments.testing import secrets

boto3 = pytest.importorskip("boto3", reason="the emulator needs boto3")
freezegun = pytest.importorskip("freezegun", reason="the MPP example's challenge expires")
moto = pytest.importorskip("moto", reason="the emulator lives in moto")
pytest.importorskip("Crypto", reason="the emulator hashes with pycryptodome")

SERVICE = "bedrock-agentcore-payments"
MANAGER = "arn:aws:bedrock-agentcore:us-west-2:111122223333:payment-manager/shop-abcdefghij"
ORDER = (
    "CreatePaymentInstrument",
    "CreatePaymentSession",
    "GetPaymentInstrument",
    "GetPaymentInstrumentBalance",
    "ProcessPayment",
    "GetPaymentSession",
    "ListPaymentInstruments",
    "ListPaymentSessions",
    "GetResourcePaymentToken",
    "DeletePaymentSession",
    "DeletePaymentInstrument",
)
# Vendor, configuration's name and content, connector's key, connector and provider of the examples.
VENDORS = (
    (
        "CoinbaseCDP",
        "coinbaseCdpConfiguration",
        secrets.coinbase(),
        "coinbaseCDP",
        "coinbase-a1b2c3d4e5",
        "shop-coinbase",
    ),
    (
        "StripePrivy",
        "stripePrivyConfiguration",
        {**secrets.privy(), "appId": "example-app-id"},
        "stripePrivy",
        "privy-f6g7h8i9j0",
        "shop-privy",
    ),
)


class Stage:
    """A payment manager with connectors, and the real ids behind those of the examples."""

    def __init__(self) -> None:
        self.client = boto3.client(SERVICE, region_name=REGION)
        control = boto3.client(f"{SERVICE}-control", region_name=REGION)
        manager = control.create_payment_manager(
            name="shop", authorizerType="AWS_IAM", roleArn="arn:aws:iam::123456789012:role/payments"
        )
        self.real = {MANAGER: manager["paymentManagerArn"]}
        owner = {"paymentManagerId": manager["paymentManagerId"]}
        control.get_waiter("payment_manager_ready").wait(**owner)
        for vendor, configuration, content, key, connector, provider in VENDORS:
            arn = control.create_payment_credential_provider(
                name=provider,
                credentialProviderVendor=vendor,
                providerConfigurationInput={configuration: content},
            )["credentialProviderArn"]
            made = control.create_payment_connector(
                **owner,
                name="wallets",
                type=vendor,
                credentialProviderConfigurations=[{key: {"credentialProviderArn": arn}}],
            )["paymentConnectorId"]
            control.get_waiter("payment_connector_ready").wait(**owner, paymentConnectorId=made)
            self.real[connector] = made

    def call(self, name: str, example: dict[str, Any]) -> dict[str, Any]:
        """Call an operation with an example's input and remember the ids it makes."""
        if name == "GetPaymentInstrumentBalance":  # a wallet that never held USDC has none
            wallet = self.real[example["input"]["paymentInstrumentId"]]
            PaymentsControl(region=REGION).fund_wallet(wallet, 1_500_000)
        text = json.dumps(example["input"])
        for shown, real in self.real.items():
            text = text.replace(shown, real)
        answer = getattr(self.client, botocore.xform_name(name))(**json.loads(text))
        for kind in ("paymentInstrument", "paymentSession"):
            if name.startswith("Create") and kind in answer:
                self.real[example["output"][kind][f"{kind}Id"]] = answer[kind][f"{kind}Id"]
        return answer


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    """The emulator shortly before the examples' challenge expires, with wallets and sessions."""
    from boto3_agentcore_payments.emulator import install

    install()
    with freezegun.freeze_time("2026-11-02T09:12:30Z", tick=True), moto.mock_aws():
        yield Stage()


@pytest.fixture(scope="module")
def answers(stage: Stage) -> dict[str, dict[str, Any]]:
    """What each example gets, by its id."""
    examples = definition(SERVICE, "examples-1")["examples"]
    calls = ((name, example) for name in ORDER for example in examples[name])
    return {example["id"]: stage.call(name, example) for name, example in calls}


def form(value: Any, path: str = "") -> set[str]:
    """Paths of all members of an answer; the items of a list count as one."""
    if isinstance(value, dict):
        parts = [(f"{path}.{key}", part) for key, part in value.items()]
    else:
        parts = [(f"{path}[]", part) for part in value] if isinstance(value, list) else []
    return {path}.union(*(form(part, inner) for inner, part in parts))


NOT_ECHOED = {".paymentInstrument.paymentInstrumentDetails.embeddedCryptoWallet.linkedAccounts"}
"""The model requires it, so that an example has it; the service leaves it out, as recorded."""
EXAMPLES = [e for each in definition(SERVICE, "examples-1")["examples"].values() for e in each]


@pytest.mark.parametrize("example", EXAMPLES, ids=[example["id"] for example in EXAMPLES])
def test_example_gets_an_answer_of_the_form_it_shows(
    example: dict[str, Any], answers: dict[str, Any]
) -> None:
    answer = {k: v for k, v in answers[example["id"]].items() if k != "ResponseMetadata"}
    # Whether there is a next page depends on how many sessions the user has.
    assert form(example["output"]) - {".nextToken", *NOT_ECHOED} == form(answer)


def test_every_operation_has_its_turn() -> None:
    assert set(ORDER) == set(definition(SERVICE, "examples-1")["examples"])


def test_x402_requirement_in_the_documentation_can_be_paid(stage: Stage) -> None:
    members = definition(SERVICE, "service-2")["shapes"]["CryptoX402PaymentInput"]["members"]
    shown = re.search(r"<code>(\{.*\})</code>", members["payload"]["documentation"])
    assert shown is not None
    owner = {"paymentManagerArn": stage.real[MANAGER], "userId": "carol"}
    wallet = {"network": "ETHEREUM", "linkedAccounts": []}
    instrument = stage.client.create_payment_instrument(
        **owner,
        paymentConnectorId=stage.real["coinbase-a1b2c3d4e5"],
        paymentInstrumentType="EMBEDDED_CRYPTO_WALLET",
        paymentInstrumentDetails={"embeddedCryptoWallet": wallet},
    )["paymentInstrument"]["paymentInstrumentId"]
    waiter = stage.client.get_waiter("payment_instrument_active")
    waiter.wait(**owner, paymentInstrumentId=instrument)
    session = stage.client.create_payment_session(**owner, expiryTimeInMinutes=15)
    payment = stage.client.process_payment(
        **owner,
        paymentSessionId=session["paymentSession"]["paymentSessionId"],
        paymentInstrumentId=instrument,
        paymentType="CRYPTO_X402",
        paymentInput={"cryptoX402": {"version": "2", "payload": json.loads(shown[1])}},
    )
    assert payment["status"] == "PROOF_GENERATED"
    assert payment["paymentOutput"]["cryptoX402"]["payload"]["authorization"]["value"] == "10000"
