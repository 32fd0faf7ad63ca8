"""The local x402 merchant and facilitator: what they refuse, and where they settle."""

from __future__ import annotations

import base64
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import pytest
import requests
from counters import Counter, encoded
from moto.server import ThreadedMotoServer

from boto3_agentcore_payments import merchants
from boto3_agentcore_payments.merchants.tills import Sale

FUNDS = 1_000_000
TESTNET = "solana:4uhcVJyU9pJkvQyS88uRDiswHXSCkY3z"

if TYPE_CHECKING:
    from collections.abc import Iterator


def asked(response: requests.Response) -> dict[str, Any]:
    """Return the requirements of a version 2 answer."""
    header = response.headers.get("payment-required")
    assert header is not None
    required = json.loads(base64.b64decode(header))
    requirements: dict[str, Any] = required["accepts"][0]
    return requirements


def reason(response: requests.Response) -> str:
    """Return why a version 2 merchant refused a payment."""
    text: str = json.loads(base64.b64decode(response.headers["payment-required"]))["error"]
    return text


def changed(header: dict[str, str], path: tuple[str, ...], value: str) -> dict[str, str]:
    """Return a payment header with one field changed."""
    ((name, encoded),) = header.items()
    content = json.loads(base64.b64decode(encoded))
    place = content
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return {name: base64.b64encode(json.dumps(content).encode()).decode()}


def test_offer_names_the_emulators_network_and_token() -> None:
    with merchants.x402_merchant(price="0.25", network="base-sepolia") as shop:
        requirements = asked(requests.get(shop.url, timeout=10))
    assert requirements["network"] == "eip155:84532"
    assert requirements["asset"] == "0x036CbD53842c5426634e7929541eC2318f3dCF7e"
    assert requirements["amount"] == "250000"
    assert requirements["payTo"] == shop.pay_to
    assert requirements["extra"] == {"name": "USDC", "version": "2"}


def test_unfunded_wallet_is_refused(agent: Any) -> None:
    with merchants.x402_merchant() as shop:
        header = agent.header(requests.get(shop.url, timeout=10), "ETHEREUM")
        refused = requests.get(shop.url, headers=header, timeout=10)
    assert refused.status_code == 402
    assert reason(refused) == "invalid_exact_evm_insufficient_balance"
    assert shop.sales == []


def test_replay_of_a_settled_proof_is_refused(agent: Any, control: Any) -> None:
    control.fund_wallet(agent.instruments["ETHEREUM"], FUNDS)
    with merchants.x402_merchant() as shop:
        header = agent.header(requests.get(shop.url, timeout=10), "ETHEREUM")
        assert requests.get(shop.url, headers=header, timeout=10).status_code == 200
        refused = requests.get(shop.url, headers=header, timeout=10)
    assert reason(refused) == "invalid_exact_evm_nonce_already_used"
    assert control.balance(agent.instruments["ETHEREUM"]) == FUNDS - 10_000


@pytest.mark.parametrize("settings", [{}, {"permit2": True}, {"network": "solana-devnet"}])
def test_proof_presented_by_many_at_once_is_sold_once(
    agent: Any, control: Any, settings: dict[str, Any]
) -> None:
    wallet = "SOLANA" if settings.get("network") else "ETHEREUM"
    control.fund_wallet(agent.instruments[wallet], FUNDS)
    with merchants.x402_merchant(**settings) as shop:
        header = agent.header(requests.get(shop.url, timeout=10), wallet)

        def present(_: int) -> int:
            return requests.get(shop.url, headers=header, timeout=30).status_code

        with ThreadPoolExecutor(32) as threads:
            answers = sorted(threads.map(present, range(32)))
    assert answers == [200] + [402] * 31
    assert len(shop.sales) == 1
    assert control.balance(agent.instruments[wallet]) == FUNDS - 10_000


def test_proof_settled_elsewhere_is_refused(agent: Any, control: Any) -> None:
    control.fund_wallet(agent.instruments["ETHEREUM"], FUNDS)
    with merchants.x402_merchant() as shop:
        header = agent.header(requests.get(shop.url, timeout=10), "ETHEREUM")
        control.settle(control.payments()[0].process_payment_id)
        refused = requests.get(shop.url, headers=header, timeout=10)
    assert reason(refused) == "invalid_exact_evm_nonce_already_used"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("payload", "authorization", "value"), "1"),
        (("payload", "authorization", "to"), "0x" + "1" * 40),
        (("payload", "authorization", "nonce"), "0x" + "1" * 64),
        (("payload", "signature"), "0x" + "1" * 130),
    ],
)
def test_changed_payment_is_refused(
    agent: Any, control: Any, path: tuple[str, ...], value: str
) -> None:
    control.fund_wallet(agent.instruments["ETHEREUM"], FUNDS)
    with merchants.x402_merchant() as shop:
        header = agent.header(requests.get(shop.url, timeout=10), "ETHEREUM")
        refused = requests.get(shop.url, headers=changed(header, path, value), timeout=10)
    assert refused.status_code == 402
    assert shop.sales == []
    assert control.balance(agent.instruments["ETHEREUM"]) == FUNDS


def test_payment_of_a_wallet_the_emulator_does_not_know_is_refused(
    agent: Any, control: Any
) -> None:
    del agent
    with merchants.x402_merchant() as shop:
        requirements = asked(requests.get(shop.url, timeout=10))
        content = Counter().content(requirements, identity="stranger")
        stranger = content["payload"]["authorization"]["from"]
        header = {"PAYMENT-SIGNATURE": encoded(content)}
        poor = requests.get(shop.url, headers=header, timeout=10)
        control.fund_wallet(stranger, FUNDS, chain="BASE_SEPOLIA")
        rich = requests.get(shop.url, headers=header, timeout=10)
    assert (poor.status_code, reason(poor)) == (402, "invalid_exact_evm_insufficient_balance")
    assert (rich.status_code, reason(rich)) == (
        402,
        "invalid_exact_evm_transaction_simulation_failed",
    )
    assert shop.sales == []


def test_upto_takes_less_than_its_maximum(agent: Any, control: Any) -> None:
    control.fund_wallet(agent.instruments["ETHEREUM"], FUNDS)
    with merchants.x402_merchant(price="0.01", scheme="upto", charge="0.004") as shop:
        header = agent.header(requests.get(shop.url, timeout=10), "ETHEREUM")
        assert requests.get(shop.url, headers=header, timeout=10).status_code == 200
    assert [sale.amount for sale in shop.sales] == [4000]
    assert control.balance(agent.instruments["ETHEREUM"]) == FUNDS - 4000
    # The session was charged the maximum when the proof was signed.
    assert agent.remaining() == "0.04"


@pytest.mark.parametrize(
    ("settings", "wallet"),
    [
        ({}, "ETHEREUM"),
        ({"version": 1}, "ETHEREUM"),
        ({"permit2": True}, "ETHEREUM"),
        ({"scheme": "upto"}, "ETHEREUM"),
        ({"network": "solana-devnet"}, "SOLANA"),
        ({"network": "solana-devnet", "version": 1}, "SOLANA"),
    ],
)
def test_sale_says_when_to_whom_for_what_and_by_which_proof(
    agent: Any, control: Any, settings: dict[str, Any], wallet: str
) -> None:
    control.fund_wallet(agent.instruments[wallet], FUNDS)
    start = datetime.now(timezone.utc)
    with merchants.x402_merchant(**settings) as shop:
        header = agent.header(requests.get(shop.url, timeout=10), wallet)
        paid = requests.get(shop.url, headers=header, timeout=10)
    name = "X-PAYMENT-RESPONSE" if settings.get("version") == 1 else "PAYMENT-RESPONSE"
    receipt = json.loads(base64.b64decode(paid.headers[name]))
    (sale,) = shop.sales
    (payment,) = control.payments()
    assert sale == Sale(
        payer=payment.payer,
        amount=10_000,
        network=payment.network,
        transaction=receipt["transaction"],
        time=sale.time,
        pay_to=shop.pay_to,
        scheme=settings.get("scheme", "exact"),
        resource=shop.url,
        proof_id=payment.proof_id,
    )
    assert start <= sale.time <= datetime.now(timezone.utc)
    assert payment.pay_to == shop.pay_to


@pytest.mark.parametrize("version", [1, 2])
def test_paths_have_prices_of_their_own(version: int) -> None:
    prices = {"/news": "0.01", "/reports/2026": "0.25"}
    counter = Counter(version=version, prices=prices)
    amounts = {path: counter.terms(path) for path in prices}
    member = "maxAmountRequired" if version == 1 else "amount"
    assert [terms[member] for terms in amounts.values()] == ["10000", "250000"]
    assert counter.ask(counter.pay(path="/news"), path="/news").status_code == 200
    cheap = counter.ask(counter.pay(path="/news"), path="/reports/2026")
    assert cheap.status_code == 402
    assert [sale.amount for sale in counter.till.sales] == [10_000]
    assert counter.ask(path="/elsewhere").status_code == 404


def test_merchant_is_paid_where_it_asks_to_be(agent: Any, control: Any) -> None:
    control.fund_wallet(agent.instruments["ETHEREUM"], FUNDS)
    pay_to = "0x209693Bc6afc0C5328bA36FaF03C514EF312287C"
    with merchants.x402_merchant(pay_to=pay_to, prices={"/a": "0.01", "/b": "0.02"}) as shop:
        assert shop.pay_to == pay_to
        assert list(shop.urls) == ["/a", "/b"]
        assert shop.url == shop.urls["/a"]
        for url in shop.urls.values():
            header = agent.header(requests.get(url, timeout=10), "ETHEREUM")
            assert requests.get(url, headers=header, timeout=10).status_code == 200
    assert [(sale.pay_to, sale.resource) for sale in shop.sales] == [
        (pay_to, url) for url in shop.urls.values()
    ]
    assert control.balance(pay_to, chain="BASE_SEPOLIA") == 30_000


@pytest.mark.parametrize("version", [1, 2])
def test_answer_that_failed_is_not_paid_for(version: int) -> None:
    counter = Counter(version=version, handler=lambda: ("out of print", 410))
    answer = counter.ask(counter.pay())
    assert (answer.status_code, answer.text) == (410, "out of print")
    assert counter.till.sales == []


@pytest.mark.parametrize(
    "header", ["", "!!", base64.b64encode(b"[]").decode(), base64.b64encode(b"{}").decode()]
)
@pytest.mark.parametrize("version", [1, 2])
def test_malformed_payment_header_is_refused(header: str, version: int) -> None:
    name = "X-PAYMENT" if version == 1 else "PAYMENT-SIGNATURE"
    with merchants.x402_merchant(version=version) as shop:
        assert requests.get(shop.url, headers={name: header}, timeout=10).status_code == 402


@pytest.mark.parametrize(
    "change", [{"network": "base"}, {"network": "moon"}, {"scheme": "upto"}, {"payload": None}]
)
@pytest.mark.parametrize("version", [1, 2])
def test_payment_of_another_kind_is_refused(
    agent: Any, control: Any, version: int, change: dict[str, Any]
) -> None:
    control.fund_wallet(agent.instruments["ETHEREUM"], 100_000)
    with merchants.x402_merchant(network="base-sepolia", version=version) as shop:
        ((name, header),) = agent.header(requests.get(shop.url, timeout=10), "ETHEREUM").items()
        content = json.loads(base64.b64decode(header))
        if version == 2 and "payload" not in change:
            content["accepted"].update(change)
        else:
            content.update(change)
        changed = base64.b64encode(json.dumps(content).encode()).decode()
        assert requests.get(shop.url, headers={name: changed}, timeout=10).status_code == 402
        assert shop.sales == []


@pytest.mark.parametrize("missing", ["to", "value"])
def test_version_1_payment_with_a_null_inside_is_refused(agent: Any, missing: str) -> None:
    with merchants.x402_merchant(network="base-sepolia", version=1) as shop:
        ((name, header),) = agent.header(requests.get(shop.url, timeout=10), "ETHEREUM").items()
        content = json.loads(base64.b64decode(header))
        content["payload"]["authorization"][missing] = None
        changed = base64.b64encode(json.dumps(content).encode()).decode()
        answer = requests.get(shop.url, headers={name: changed}, timeout=10)
    assert (answer.status_code, answer.json()["error"]) == (402, "invalid_payload")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"network": "eip155:137"}, "no network called 'eip155:137'"),
        ({"price": "0"}, "positive amount of USDC"),
        ({"price": "0.0000001"}, "at most 6 decimals"),
        ({"price": 0.01}, "A price is text, such as '0.01': the float 0.01 is not exactly"),
        ({"price": "much"}, "positive amount of USDC"),
        ({"price": "1e-2"}, "positive amount of USDC"),
        ({"price": " 1"}, "positive amount of USDC"),
        ({"price": "\u0661"}, "positive amount of USDC"),
        ({"price": "NaN"}, "positive amount of USDC"),
        ({"scheme": "upto", "network": "solana"}, "x402 version 2 on EVM networks"),
        ({"permit2": True, "version": 1}, "x402 version 2 on EVM networks"),
        ({"charge": "0.001"}, "only upto takes less"),
        ({"version": 1, "network": "eip155:10"}, "has no name for eip155:10"),
        ({"version": 1, "network": "sepolia"}, "has no name for eip155:11155111"),
        ({"version": 3}, "no scheme 'exact' in version 3"),
        ({"prices": {}}, "sells at least one path"),
        ({"prices": {"news": "0.01"}}, "A path begins with /"),
        ({"prices": {"/news/*": "0.01"}}, "A path begins with /"),
        ({"prices": {"/news": "0"}}, "positive amount of USDC"),
        ({"pay_to": "0x1"}, "'0x1' is not an address on eip155:84532"),
        ({"network": "solana", "pay_to": "0x" + "1" * 40}, "is not an address on solana:5eykt4U"),
    ],
)
def test_impossible_offer_is_refused(settings: dict[str, Any], message: str) -> None:
    with (
        pytest.raises(ValueError, match=message),
        merchants.x402_merchant(**settings),
    ):
        pass


@pytest.fixture
def remote(new_agent: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, Any]]:
    """An emulator that is a server, and an agent of it whose wallets are funded everywhere."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    server = ThreadedMotoServer(port=0)
    server.start()
    try:
        host, port = server.get_host_and_port()
        url = f"http://{host}:{port}"
        requests.post(f"{url}/moto-api/reset", timeout=10)
        agent = new_agent(endpoint_url=url)
        for wallet, chain in (("ETHEREUM", None), ("SOLANA", None), ("SOLANA", TESTNET)):
            funded = {
                "wallet": agent.instruments[wallet],
                "amount": FUNDS,
                "region": "us-east-1",
                "chain": chain,
            }
            verbs = f"{url}/moto-api/agentcore-payments"
            assert requests.post(f"{verbs}/fund-wallet", json=funded, timeout=10).ok
        yield url, agent
    finally:
        server.stop()


def test_merchant_settles_in_an_emulator_that_is_a_server(remote: tuple[str, Any]) -> None:
    url, agent = remote
    with merchants.x402_merchant(endpoint_url=url) as shop:
        header = agent.header(requests.get(shop.url, timeout=10), "ETHEREUM")
        assert requests.get(shop.url, headers=header, timeout=10).status_code == 200
        refused = requests.get(shop.url, headers=header, timeout=10)
        assert reason(refused) == "invalid_exact_evm_nonce_already_used"
    assert [sale.amount for sale in shop.sales] == [10_000]


def test_proof_of_another_cluster_is_refused_there_too(remote: tuple[str, Any]) -> None:
    url, agent = remote
    with (
        merchants.x402_merchant(endpoint_url=url, network="solana-devnet") as shop,
        merchants.x402_merchant(endpoint_url=url, network="solana-testnet") as other,
    ):
        # The two clusters have one token: nothing in the transaction says which it is for.
        foreign = agent.header(requests.get(other.url, timeout=10), "SOLANA")
        content = json.loads(base64.b64decode(foreign["PAYMENT-SIGNATURE"]))
        content["accepted"] = asked(requests.get(shop.url, timeout=10))
        header = {"PAYMENT-SIGNATURE": encoded(content)}
        refused = requests.get(shop.url, headers=header, timeout=10)
        assert (refused.status_code, reason(refused)) == (402, "transaction_simulation_failed")
        assert requests.get(other.url, headers=foreign, timeout=10).status_code == 200
    assert (len(shop.sales), len(other.sales)) == (0, 1)
