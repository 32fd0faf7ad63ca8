"""``agentcore-payments demo``: an agent spends a few cents, and is stopped at its budget.

Everything is real but the money: botocore's clients, the emulated service inside moto, proofs
signed by a test wallet, the payer, and merchants built with the official x402 and MPP server
libraries.
"""

from __future__ import annotations

import logging
import os
import sys
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.errors import MissingExtraError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator

    from boto3_agentcore_payments.merchants import Merchant

REGION = "us-east-1"
ACCOUNT = "123456789012"
USER = "alice"
BUDGET = "0.05"
MAX_PRICE = "0.02"
"""The most that the agent may pay for one resource, in US dollars."""
BILL = "aws.agentcorepayments.awsbilling.v1"
"""The instrument of the AWS bill."""
FUNDS = 1_000_000
"""Initial balance of the wallet: 1 USDC in atomic units."""

MPP_PYTHON = (3, 11)
"""The oldest Python that pympp, the MPP library, supports."""

_PAYMENT_REQUIRED = 402


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments: it has none."""
    del parser


def run(arguments: argparse.Namespace) -> int:
    """Run the demonstration; print what happens.

    Raises:
        MissingExtraError: if the extras ``emulator``, ``merchant`` and ``pay`` are not installed.
    """
    del arguments
    try:
        from moto import mock_aws
    except ImportError as error:
        raise MissingExtraError("The demo", extra="emulator,merchant", module="moto") from error
    # The x402 library logs the refusal of a used proof, which the demonstration shows anyway.
    logging.getLogger("x402").addHandler(logging.NullHandler())
    with _own_surroundings(), mock_aws():
        _Demonstration().run()
    return 0


@contextmanager
def _own_surroundings() -> Iterator[None]:
    """Isolate the demonstration from this machine's account, endpoint and proxy settings."""
    before = dict(os.environ)
    for name in list(os.environ):
        if name.startswith("AWS_") or name.lower().endswith("_proxy"):
            del os.environ[name]
    os.environ.update(
        AWS_CONFIG_FILE=os.devnull,
        AWS_SHARED_CREDENTIALS_FILE=os.devnull,
        AWS_ACCESS_KEY_ID="demo",
        AWS_SECRET_ACCESS_KEY="demo",  # noqa: S106 - moto looks at no secret
    )
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


class _Demonstration:
    """The steps, in order; each prints what it did."""

    def __init__(self) -> None:
        import boto3

        import boto3_agentcore_payments  # noqa: F401 - for a checkout that is not installed
        from boto3_agentcore_payments.emulator.control import PaymentsControl

        # Of Any, because the published types of boto3 know only AWS's own list of services.
        session: Any = boto3.Session(region_name=REGION)
        self._control = session.client("bedrock-agentcore-payments-control")
        self._payments = session.client("bedrock-agentcore-payments")
        self._emulator = PaymentsControl(ACCOUNT, REGION)
        self._rows: list[tuple[str, ...]] = []

    def run(self) -> None:
        """Run every step."""
        with ExitStack() as open_shops:
            # First, because the merchants' libraries may be missing.
            shops = _open(open_shops)
            self._set_up()
            self._look()
            self._refused_calls()
            self._spend(shops)
            self._table()
            self._tidy_up()

    def _set_up(self) -> None:
        from boto3_agentcore_payments.testing import secrets

        _title("An administrator sets up a manager and a wallet")
        provider = self._control.create_payment_credential_provider(
            name="demo-coinbase",
            credentialProviderVendor="CoinbaseCDP",
            providerConfigurationInput={"coinbaseCdpConfiguration": secrets.coinbase()},
        )
        manager = self._control.create_payment_manager(
            name="demo", authorizerType="AWS_IAM", roleArn=f"arn:aws:iam::{ACCOUNT}:role/payments"
        )
        self._manager_id, self._manager_arn = (
            manager["paymentManagerId"],
            manager["paymentManagerArn"],
        )
        ready = {"Delay": 0, "MaxAttempts": 5}
        self._control.get_waiter("payment_manager_ready").wait(
            paymentManagerId=self._manager_id, WaiterConfig=ready
        )
        _line("payment manager", self._manager_arn)
        self._connector_id = self._control.create_payment_connector(
            paymentManagerId=self._manager_id,
            name="coinbase",
            type="CoinbaseCDP",
            credentialProviderConfigurations=[
                {"coinbaseCDP": {"credentialProviderArn": provider["credentialProviderArn"]}}
            ],
        )["paymentConnectorId"]
        self._control.get_waiter("payment_connector_ready").wait(
            paymentManagerId=self._manager_id,
            paymentConnectorId=self._connector_id,
            WaiterConfig=ready,
        )
        _line("payment connector", self._connector_id)
        self._connectors = [self._connector_id]
        if _knows_the_bill():
            bill = self._control.create_payment_connector(
                paymentManagerId=self._manager_id, name="bill", type="AwsBilling"
            )["paymentConnectorId"]
            self._connectors.append(bill)
            _line("payment connector", bill)
        wallet = self._payments.create_payment_instrument(
            paymentManagerArn=self._manager_arn,
            paymentConnectorId=self._connector_id,
            userId=USER,
            paymentInstrumentType="EMBEDDED_CRYPTO_WALLET",
            paymentInstrumentDetails={
                "embeddedCryptoWallet": {
                    "network": "ETHEREUM",
                    "linkedAccounts": [{"email": {"emailAddress": "alice@example.com"}}],
                }
            },
        )["paymentInstrument"]
        self._instrument_id = wallet["paymentInstrumentId"]
        self._payments.get_waiter("payment_instrument_active").wait(
            paymentManagerArn=self._manager_arn,
            paymentInstrumentId=self._instrument_id,
            userId=USER,
            WaiterConfig=ready,
        )
        address = wallet["paymentInstrumentDetails"]["embeddedCryptoWallet"]["walletAddress"]
        _line("wallet", f"{self._instrument_id}, {address}")
        self._emulator.fund_wallet(self._instrument_id, FUNDS, chain="BASE_SEPOLIA")
        _line("on Base Sepolia", f"{_usdc(self._balance())} USDC of test money")

    def _look(self) -> None:
        _title(f"{USER.capitalize()} gives the agent {BUDGET} USD for one hour")
        self._session_id = self._create_session(BUDGET)
        session = self._session()
        _line("payment session", self._session_id)
        _line("it may spend", f"{session['availableLimits']['availableSpendAmount']['value']} USD")
        listed = self._payments.get_paginator("list_payment_sessions").paginate(
            paymentManagerArn=self._manager_arn, userId=USER
        )
        _line("sessions listed", str(sum(len(page["paymentSessions"]) for page in listed)))

    def _refused_calls(self) -> None:
        _title("Two calls that are refused")
        self._refused("a limit over the maximum", value="10000.01")
        self._refused("no expiry", expiry=None)

    def _refused(self, what: str, value: str = BUDGET, expiry: int | None = 60) -> None:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            self._create_session(value, expiry)
        except (ClientError, BotoCoreError) as error:
            _line(what, " ".join(str(error).split()))
        else:
            raise AssertionError(f"{what} was accepted")

    def _spend(self, shops: list[Shop]) -> None:
        from boto3_agentcore_payments.pay import OverBudget, Payer

        _title("The agent buys until the budget refuses")
        payer = Payer(
            self._payments,
            payment_manager_arn=self._manager_arn,
            payment_session_id=self._session_id,
            payment_instrument_ids=[self._instrument_id, BILL],
            user_id=USER,
            max_price=MAX_PRICE,
            allow_private=True,  # the merchants are on this machine
        )
        if sys.version_info < MPP_PYTHON:
            _line("MPP", "left out: its library needs Python 3.11")
        with payer:
            while not (self._rows and self._rows[-1][3] == "refused"):
                shop = shops[len(self._rows) % len(shops)]
                try:
                    answer = payer.pay(shop.merchant.url)
                except OverBudget as error:
                    said = error.__cause__.response["Error"]["Message"]  # type: ignore[union-attr]
                    self._record(shop, _PAYMENT_REQUIRED, f"not signed: {said}")
                else:
                    self._record(shop, answer.status_code, answer.json()["content"])
        self._replay(shops[0])
        for each in shops:
            sales = each.merchant.sales
            taken = Decimal(sum(sale.amount for sale in sales)).scaleb(-each.decimals).normalize()
            _line("merchant took", f"{taken} {each.currency}, sales: {len(sales)}")
        _line("left in the wallet", f"{_usdc(self._balance())} USDC")
        _line("on the AWS bill", f"{Decimal(self._emulator.billed()).normalize()} USD")

    def _record(self, shop: Shop, status: int, text: str) -> None:
        left = self._session()["availableLimits"]["availableSpendAmount"]["value"]
        _line(f"{shop.protocol} {shop.merchant.url}", f"{status} {text}")
        outcome = "refused" if status == _PAYMENT_REQUIRED else "paid"
        self._rows.append(
            (str(len(self._rows) + 1), shop.protocol, shop.price, outcome, str(status), left)
        )

    def _replay(self, shop: Shop) -> None:
        import requests

        again = requests.get(shop.merchant.url, headers=shop.shown[0], timeout=10)
        _line("the first proof once more", f"{again.status_code}: it has been settled")

    def _table(self) -> None:
        _title("Payments")
        heading = ("#", "protocol", "price", "outcome", "HTTP", "budget left (USD)")
        rows = [heading, *self._rows]
        widths = [max(len(row[column]) for row in rows) for column in range(len(heading))]
        rows.insert(1, tuple("-" * width for width in widths))
        for row in rows:
            print("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())

    def _tidy_up(self) -> None:
        _title("Everything is deleted")
        mine = {"paymentManagerArn": self._manager_arn, "userId": USER}
        status = self._payments.delete_payment_session(**mine, paymentSessionId=self._session_id)[
            "status"
        ]
        _line("payment session", status)
        status = self._payments.delete_payment_instrument(
            **mine,
            paymentConnectorId=self._connector_id,
            paymentInstrumentId=self._instrument_id,
        )["status"]
        _line("payment instrument", status)
        gone = {"Delay": 0, "MaxAttempts": 5}
        for identifier in self._connectors:
            connector = {"paymentManagerId": self._manager_id, "paymentConnectorId": identifier}
            self._control.delete_payment_connector(**connector)
            waiter = self._control.get_waiter("payment_connector_deleted")
            waiter.wait(**connector, WaiterConfig=gone)
            _line("payment connector", "gone")
        self._control.delete_payment_manager(paymentManagerId=self._manager_id)
        self._control.get_waiter("payment_manager_deleted").wait(
            paymentManagerId=self._manager_id, WaiterConfig=gone
        )
        _line("payment manager", "gone")

    def _create_session(self, value: str, expiry: int | None = 60) -> str:
        identifier: str = self._payments.create_payment_session(
            paymentManagerArn=self._manager_arn,
            userId=USER,
            expiryTimeInMinutes=expiry,
            limits={"maxSpendAmount": {"value": value, "currency": "USD"}},
        )["paymentSession"]["paymentSessionId"]
        return identifier

    def _session(self) -> dict[str, Any]:
        session: dict[str, Any] = self._payments.get_payment_session(
            paymentManagerArn=self._manager_arn, userId=USER, paymentSessionId=self._session_id
        )["paymentSession"]
        return session

    def _balance(self) -> int:
        return int(
            self._payments.get_payment_instrument_balance(
                paymentManagerArn=self._manager_arn,
                paymentConnectorId=self._connector_id,
                paymentInstrumentId=self._instrument_id,
                userId=USER,
                chain="BASE_SEPOLIA",
                token="USDC",  # noqa: S106 - the currency
            )["tokenBalance"]["amount"]
        )


@dataclass
class Shop:
    """A merchant of the demonstration.

    Attributes:
        protocol: ``x402``, ``MPP``, or ``bill`` for x402 on the AWS bill.
        price: USD.
        currency: What the merchant takes: ``USDC`` or ``USD``.
        decimals: Decimals of the units in which its sales count that.
        merchant: Where it is.
        shown: The header of each payment that the merchant took; the payer keeps its proofs.
    """

    protocol: str
    price: str
    currency: str
    decimals: int
    merchant: Merchant
    shown: list[dict[str, str]]


def _open(open_shops: ExitStack) -> list[Shop]:
    """Open merchants of x402, paid in USDC and on the AWS bill, and where pympp runs one of MPP."""
    from boto3_agentcore_payments import merchants

    kinds: list[tuple[str, str, Callable[..., AbstractContextManager[Merchant]], str]]
    kinds = [("x402", "0.02", merchants.x402_merchant, "PAYMENT-SIGNATURE")]
    if sys.version_info >= MPP_PYTHON:
        kinds.append(("MPP", "0.01", merchants.mpp_merchant, "Authorization"))
    if _knows_the_bill():
        kinds.append(("bill", "0.01", merchants.aws_billing_merchant, "PAYMENT-SIGNATURE"))
    shops = []
    for protocol, price, open_merchant, header in kinds:
        shown: list[dict[str, str]] = []
        handler = partial(_sell, shown, header)
        merchant = open_shops.enter_context(open_merchant(price=price, handler=handler))
        money = ("USD", 8) if protocol == "bill" else ("USDC", 6)
        shops.append(Shop(protocol, price, *money, merchant, shown))
    return shops


def _sell(shown: list[dict[str, str]], header: str, request: Any) -> dict[str, str]:
    """Return the content, and record the payment's header."""
    shown.append({header: request.headers[header]})
    return {"content": "The article you paid for."}


def _knows_the_bill() -> bool:
    """Return whether the clients of this botocore know payments on the AWS bill."""
    import botocore

    from boto3_agentcore_payments.loader import takes_additions

    return takes_additions(botocore.__version__)


def _usdc(atomic: int) -> Decimal:
    return Decimal(atomic).scaleb(-6).normalize()


def _title(text: str) -> None:
    print(f"\n{text}")


def _line(what: str, text: str) -> None:
    print(f"  {what}: {text}")
