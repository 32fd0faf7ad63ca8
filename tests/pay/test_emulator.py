"""Real signatures: the emulator signs, and merchants of x402's and pympp's own code verify."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from decimal import Decimal

import boto3
import httpx
import pytest
from botocore.config import Config
from fastapi import FastAPI
from moto import mock_aws
from mpp.client import Mpp
from x402 import x402Client, x402ClientSync, x402ResourceServer
from x402.http import FacilitatorConfig, HTTPFacilitatorClient
from x402.http.clients import wrapRequestsWithPayment, x402HttpxClient
from x402.http.middleware.fastapi import payment_middleware
from x402.http.types import PaymentOption, RouteConfig
from x402.mechanisms.evm.exact import ExactEvmServerScheme

from boto3_agentcore_payments import merchants
from boto3_agentcore_payments.emulator.control import PaymentsControl
from boto3_agentcore_payments.pay import (
    NotAllowed,
    NothingPayable,
    OutcomeUnknown,
    OverBudget,
    OverCeiling,
    OverTotal,
    Payer,
    SessionUnavailable,
)
from boto3_agentcore_payments.testing import secrets

REGION = "us-east-1"
BILLION = 1_000_000_000


class World:
    """A manager, a funded wallet on each network and a session, for either client of botocore."""

    def __init__(self, limit="1.00", *, retries="legacy", service="bedrock-agentcore-payments"):
        config = Config(retries={"mode": retries, "max_attempts": 4})
        control = boto3.client("bedrock-agentcore-payments-control", region_name=REGION)
        self.data = boto3.client(service, region_name=REGION, config=config)
        provider = control.create_payment_credential_provider(
            name="vendor",
            credentialProviderVendor="StripePrivy",
            providerConfigurationInput={
                "stripePrivyConfiguration": secrets.privy(),
            },
        )
        manager = control.create_payment_manager(
            name="market",
            authorizerType="AWS_IAM",
            roleArn="arn:aws:iam::123456789012:role/payments",
        )
        self.arn = manager["paymentManagerArn"]
        connector = control.create_payment_connector(
            paymentManagerId=manager["paymentManagerId"],
            name="wallets",
            type="StripePrivy",
            credentialProviderConfigurations=[
                {"stripePrivy": {"credentialProviderArn": provider["credentialProviderArn"]}}
            ],
        )
        self.wallets = [
            self.data.create_payment_instrument(
                paymentManagerArn=self.arn,
                paymentConnectorId=connector["paymentConnectorId"],
                paymentInstrumentType="EMBEDDED_CRYPTO_WALLET",
                paymentInstrumentDetails={
                    "embeddedCryptoWallet": {
                        "network": network,
                        "linkedAccounts": [{"email": {"emailAddress": "alice@example.com"}}],
                    }
                },
                userId="alice",
            )["paymentInstrument"]
            for network in ("ETHEREUM", "SOLANA")
        ]
        self.session = self.open_session(limit)
        self.control = PaymentsControl(region=REGION)
        for wallet in self.wallets:
            self.control.fund_wallet(wallet["paymentInstrumentId"], BILLION)

    def open_session(self, limit):
        return self.data.create_payment_session(
            paymentManagerArn=self.arn,
            userId="alice",
            expiryTimeInMinutes=60,
            limits={"maxSpendAmount": {"value": limit, "currency": "USD"}},
        )["paymentSession"]["paymentSessionId"]

    def payer(self, **options):
        arguments = {
            "payment_manager_arn": self.arn,
            "user_id": "alice",
            "payment_session_id": self.session,
            "payment_instrument_ids": [each["paymentInstrumentId"] for each in self.wallets],
            "max_price": "0.05",
            "allow_private": True,
            **options,
        }
        return Payer(self.data, **arguments)


@pytest.fixture
def aws(monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    with mock_aws():
        yield


@pytest.fixture
def world(aws):
    return World()


X402 = [
    {},
    {"version": 1},
    {"scheme": "upto"},
    {"permit2": True},
    {"network": "solana-devnet"},
    {"network": "solana-devnet", "version": 1},
    {"network": "eip155:8453"},
]


@pytest.mark.parametrize("how", X402, ids=str)
def test_an_x402_merchant_is_paid(fetch, world, how):
    if how.get("network") == "eip155:8453":
        world.control.fund_wallet(world.wallets[0]["paymentInstrumentId"], BILLION, chain="BASE")
    payer = world.payer()

    with merchants.x402_merchant(price="0.02", **how) as shop:
        got = fetch(payer, shop.url)

        assert b"The article you paid for." in got.content
        assert [sale.amount for sale in shop.sales] == [20_000]
    assert (payer.receipts[0].amount, payer.receipts[0].settled) == (Decimal("0.02"), True)
    assert payer.remaining() == Decimal("0.98")


def test_a_file_is_paid_for_where_moto_reads_requests_too(world, tmp_path):
    book = tmp_path / "book"
    book.write_bytes(b"a file")

    with (
        merchants.x402_merchant(handler=lambda request: request.get_data()) as shop,
        book.open("rb") as file,
        world.payer().requests_session() as http,
    ):
        assert http.post(shop.url, data=file).content == b"a file"
    assert world.payer().remaining() == Decimal("0.99")


@pytest.mark.parametrize("service", ["bedrock-agentcore-payments", "bedrock-agentcore"])
def test_our_client_and_awss_client_pay_in_the_same_way(aws, service):
    world = World(service=service)

    with merchants.x402_merchant() as shop:
        assert world.payer().pay(shop.url).status_code == 200
        assert len(shop.sales) == 1


@pytest.mark.parametrize(
    "how",
    [{"method": "evm"}, {"method": "tempo"}, {"method": "solana", "sponsor_fees": True}],
    ids=str,
)
def test_an_mpp_merchant_is_paid(fetch, world, how):
    address = world.wallets[0]["paymentInstrumentDetails"]["embeddedCryptoWallet"]["walletAddress"]
    if how["method"] == "tempo":
        world.control.fund_wallet(address, BILLION, chain="eip155:42431")
    payer = world.payer(buyer_pays_gas_fees=True)

    with merchants.mpp_merchant(price="0.02", **how) as shop:
        got = fetch(payer, shop.url)

        assert b"The article you paid for." in got.content
        assert [sale.amount for sale in shop.sales] == [20_000]
    (receipt,) = payer.receipts
    assert (receipt.protocol, receipt.scheme) == ("mpp", f"{how['method']}/charge")
    assert receipt.settled is True
    assert receipt.transaction


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"method": "tempo"}, "buyer_pays_gas_fees=True"),
        ({"method": "solana", "sponsor_fees": False}, "only where the seller pays"),
    ],
    ids=str,
)
def test_fees_beside_the_price_are_off(world, how, message):
    with merchants.mpp_merchant(**how) as shop, pytest.raises(NothingPayable, match=message):
        world.payer().pay(shop.url)
    assert world.control.payments() == []


POLICIES = [
    ({"max_price": "0.001"}, OverCeiling),
    ({"max_total": "0.001"}, OverTotal),
    ({"allowed_origins": []}, NotAllowed),
    ({"allowed_recipients": []}, NotAllowed),
    ({"allowed_networks": []}, NotAllowed),
    ({"allow_private": False}, NotAllowed),
]


@pytest.mark.parametrize(("options", "error"), POLICIES, ids=str)
def test_each_policy_holds_for_mpp_too(fetch, world, options, error):
    with merchants.mpp_merchant() as shop, pytest.raises(error):
        fetch(world.payer(**options), shop.url)
    assert world.control.payments() == []


def test_a_fastapi_merchant_is_paid_over_asgi(world):
    """x402's own FastAPI middleware, asking a facilitator by HTTP."""
    with merchants.x402_facilitator() as facilitator:
        server = x402ResourceServer(HTTPFacilitatorClient(FacilitatorConfig(url=facilitator.url)))
        server.register("eip155:84532", ExactEvmServerScheme())
        option = PaymentOption(
            scheme="exact",
            network="eip155:84532",
            pay_to="0x2B5AD5c4795c026514f8317c7a215E218DcCD6cF",
            price="$0.01",
        )
        shop = FastAPI()

        @shop.get("/report")
        def report():
            return {"report": "paid"}

        routes = {"GET /report": RouteConfig(accepts=[option])}
        shop.middleware("http")(payment_middleware(routes, server))

        async def buy():
            transport = httpx.ASGITransport(app=shop)
            async with world.payer().async_httpx_client(transport=transport) as http:
                return await http.get("http://shop.example/report")

        assert asyncio.run(buy()).json() == {"report": "paid"}
        assert len(facilitator.sales) == 1


def test_over_budget_and_without_a_session_are_named(world):
    payer = world.payer(payment_session_id=world.open_session("0.015"))
    with merchants.x402_merchant(price="0.01") as shop:
        payer.pay(shop.url)
        with pytest.raises(OverBudget, match="higher limit"):
            payer.pay(shop.url)
        gone = world.payer(payment_session_id="payment-session-gone00000000000")
        with pytest.raises(SessionUnavailable, match="open a new session"):
            gone.pay(shop.url)
        assert len(shop.sales) == 1


@pytest.mark.parametrize("mode", ["legacy", "standard", "adaptive"])
@pytest.mark.parametrize(
    "fault", [{"drop_after": True}, {"error": "InternalServerException"}], ids=str
)
def test_botocores_retries_and_an_outer_loop_charge_once(aws, mode, fault):
    world = World(retries=mode)
    # More failures than botocore tries by itself, so that the loop outside has to go on.
    world.control.inject_fault("ProcessPayment", times=6, **fault)
    payer = world.payer()

    with merchants.x402_merchant() as shop:
        for _ in range(10):
            try:
                got = payer.pay(shop.url)
            except OutcomeUnknown:
                continue
            break
        assert got.status_code == 200
        assert len(shop.sales) == 1
    assert len(world.control.payments()) == 1
    assert payer.remaining() == Decimal("0.99")


def test_64_threads_never_pay_above_the_total(world):
    payer = world.payer(max_total="0.10")
    refused = []

    with merchants.x402_merchant() as shop:

        def buy(n):
            try:
                payer.pay(f"{shop.url}?{n}")
            except OverTotal as error:
                refused.append(error)

        threads = [threading.Thread(target=buy, args=(n,)) for n in range(64)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert (len(shop.sales), len(refused)) == (10, 54)
    assert payer.remaining() == Decimal("0.90")


# x402's and pympp's own clients with the payer inside


def test_x402s_requests_adapter_pays_with_the_payers_scheme(world):
    import requests

    client = x402ClientSync()
    client.register("eip155:*", world.payer().x402_scheme())
    client.register_v1("base-sepolia", world.payer().x402_scheme())

    for version in (2, 1):
        with merchants.x402_merchant(version=version) as shop, requests.Session() as session:
            got = wrapRequestsWithPayment(session, client).get(shop.url)
            assert got.status_code == 200
            assert len(shop.sales) == 1


def test_x402s_httpx_client_pays_with_the_payers_scheme(world):
    client = x402Client()
    client.register("eip155:*", world.payer().x402_scheme("upto"))

    async def buy(url):
        async with x402HttpxClient(client) as http:
            return await http.get(url)

    with merchants.x402_merchant(scheme="upto") as shop:
        assert asyncio.run(buy(shop.url)).status_code == 200


@pytest.mark.parametrize("method", ["evm", "solana"])
def test_pympps_client_pays_with_the_payers_method(world, method):
    async def buy(url):
        async with Mpp(methods=[world.payer().mpp_method(method)]) as client:
            return await client.fetch(url)

    sponsored = {"sponsor_fees": True} if method == "solana" else {}
    with merchants.mpp_merchant(method=method, **sponsored) as shop:
        assert asyncio.run(buy(shop.url)).status_code == 200
        assert len(shop.sales) == 1


def test_the_policy_holds_inside_the_libraries_clients(world):
    client = x402ClientSync()
    client.register("eip155:*", world.payer(max_price="0.001").x402_scheme())
    import requests
    from x402.http.clients.requests import PaymentError

    with merchants.x402_merchant() as shop, requests.Session() as session:
        with pytest.raises((OverCeiling, PaymentError), match="above max_price"):
            wrapRequestsWithPayment(session, client).get(shop.url)
        assert shop.sales == []


def test_an_adapter_with_allowed_origins_refuses(world):
    from x402.schemas import PaymentRequirements

    payer = world.payer(allowed_origins=["https://shop.example"])
    wanted = PaymentRequirements(
        scheme="exact",
        network="eip155:84532",
        asset="0x036CbD53842c5426634e7929541eC2318f3dCF7e",
        amount="10000",
        pay_to="0x2B5AD5c4795c026514f8317c7a215E218DcCD6cF",
        max_timeout_seconds=60,
        extra={"name": "USDC", "version": "2"},
    )

    with pytest.raises(NotAllowed, match="does not say which origin"):
        payer.x402_scheme().create_payment_payload(wanted)


def test_only_usdc_is_a_default_asset(world):
    find = world.payer().x402_scheme().find_default_asset

    assert find("0x036cbd53842c5426634e7929541ec2318f3dcf7e", "base-sepolia")["symbol"] == "USDC"
    assert find("0x" + "0" * 40, "base-sepolia") is None
    assert find("0x036CbD53842c5426634e7929541eC2318f3dCF7e", "eip155:7") is None


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda payer: payer.x402_scheme("deferred"), "'deferred' is not a scheme"),
        (lambda payer: payer.mpp_method("stripe"), "'stripe' is not a method"),
    ],
)
def test_unsupported_scheme_or_method_has_no_adapter(world, make, message):
    with pytest.raises(ValueError, match=message):
        make(world.payer())


def test_the_payers_networks_are_the_emulators():
    from boto3_agentcore_payments.emulator.proofs import networks as emulated
    from boto3_agentcore_payments.pay import networks

    ours = {(each.caip2, each.wallet, each.usdc.lower()) for each in networks.NETWORKS}
    theirs = [*emulated.X402_NETWORKS, *emulated.TEMPO_NETWORKS.values()]
    assert ours == {(each.caip2, each.wallet_network, each.usdc.lower()) for each in theirs}
    for each in theirs:
        for name in each.names:
            assert networks.caip2(name) == each.caip2


def test_x402_and_pympp_have_the_same_usdc():
    from mpp.methods.evm import assets
    from x402.mechanisms.evm import default_assets as evm
    from x402.mechanisms.svm import default_assets as svm

    from boto3_agentcore_payments.pay import networks

    checked = 0
    for each in networks.NETWORKS:
        table = evm.DEFAULT_ASSETS if each.wallet == "ETHEREUM" else svm.DEFAULT_ASSETS
        for asset in table.get(each.caip2, []):
            if asset["symbol"] == "USDC":
                assert each.is_usdc(asset["asset"])
                assert asset["decimals"] == networks.USDC_DECIMALS
                checked += 1
    assert checked >= 6
    for asset in (assets.BASE_USDC, assets.BASE_SEPOLIA_USDC):
        assert networks.find(asset.network).is_usdc(asset.address)


# A process that is killed while the service keeps running

KILLED = """
import os, boto3
from boto3_agentcore_payments.pay import Payer

client = boto3.client(
    "bedrock-agentcore-payments", region_name="us-east-1", endpoint_url={endpoint!r}
)
real = client.process_payment

def dying(**asked):
    real(**asked)
    os.kill(os.getpid(), 9)

client.process_payment = dying
Payer(
    client, journal={journal!r}, user_id="alice", max_price="0.05", allow_private=True, **{who!r}
).pay({url!r})
"""


def test_a_payment_of_a_killed_process_is_not_made_again(aws, tmp_path):
    from moto.server import ThreadedMotoServer

    world = World()
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    try:
        host, port = server.get_host_and_port()
        who = {
            "payment_manager_arn": world.arn,
            "payment_session_id": world.session,
            "payment_instrument_ids": [world.wallets[0]["paymentInstrumentId"]],
        }
        with merchants.x402_merchant() as shop:
            code = KILLED.format(
                endpoint=f"http://{host}:{port}",
                journal=str(tmp_path / "journal"),
                who=who,
                url=shop.url,
            )
            killed = subprocess.run(
                [sys.executable, "-c", code],
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
            assert killed.returncode == -9, killed.stderr
            assert len(world.control.payments()) == 1
            assert shop.sales == []

            payer = world.payer(journal=tmp_path / "journal")
            assert payer.pay(shop.url).status_code == 200
            assert len(shop.sales) == 1
    finally:
        server.stop()
    assert len(world.control.payments()) == 1
    assert payer.remaining() == Decimal("0.99")
