"""The local x402 merchant and facilitator: what they refuse, and where they settle."""

from __future__ import annotations

import base64
import json
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from typing import Any

import pytest
import requests
from moto.server import ThreadedMotoServer

from boto3_agentcore_payments import merchants
from boto3_agentcore_payments.merchants import offers
from boto3_agentcore_payments.merchants.tills import transaction_id

FUNDS = 1_000_000


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

        with ThreadPoolExecutor(8) as threads:
            answers = sorted(threads.map(present, range(8)))
    assert answers == [200] + [402] * 7
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
    from boto3_agentcore_payments.emulator.engine.ports import WalletKey
    from boto3_agentcore_payments.emulator.proofs import LocalProver

    prover, stranger = LocalProver(), WalletKey("other", "stranger", "ETHEREUM")
    control.fund_wallet(prover.wallet_address(stranger), FUNDS, chain="BASE_SEPOLIA")
    with merchants.x402_merchant() as shop:
        requirements = asked(requests.get(shop.url, timeout=10))
        payment_type = prover.payment_types["CRYPTO_X402"]
        proof = payment_type.prepare(
            {"version": "2", "payload": requirements},
            wallet=stranger,
            found=None,
            now=datetime.fromtimestamp(time.time(), timezone.utc),
        ).sign()
        payload = proof.payment_output["payload"]
        content = {"x402Version": 2, "accepted": requirements, "payload": payload}
        header = base64.b64encode(json.dumps(content).encode()).decode()
        refused = requests.get(shop.url, headers={"PAYMENT-SIGNATURE": header}, timeout=10)
    assert refused.status_code == 402
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


def test_sale_names_the_payer_and_the_transaction(agent: Any, control: Any) -> None:
    control.fund_wallet(agent.instruments["ETHEREUM"], FUNDS)
    with merchants.x402_merchant() as shop:
        header = agent.header(requests.get(shop.url, timeout=10), "ETHEREUM")
        paid = requests.get(shop.url, headers=header, timeout=10)
    receipt = json.loads(base64.b64decode(paid.headers["payment-response"]))
    (sale,) = shop.sales
    (payment,) = control.payments()
    assert (sale.payer, sale.network) == (payment.payer, "eip155:84532")
    assert sale.transaction == receipt["transaction"]
    assert sale.transaction == transaction_id(
        offers.network_named("base-sepolia"), payment.payer, payment.proof_id
    )


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
        ({"price": "much"}, "positive amount of USDC"),
        ({"price": "NaN"}, "positive amount of USDC"),
        ({"scheme": "upto", "network": "solana"}, "x402 version 2 on EVM networks"),
        ({"permit2": True, "version": 1}, "x402 version 2 on EVM networks"),
        ({"charge": "0.001"}, "only upto takes less"),
        ({"version": 1, "network": "eip155:10"}, "has no name for eip155:10"),
        ({"version": 1, "network": "sepolia"}, "has no name for eip155:11155111"),
        ({"version": 3}, "no scheme 'exact' in version 3"),
    ],
)
def test_impossible_offer_is_refused(settings: dict[str, Any], message: str) -> None:
    with (
        pytest.raises(ValueError, match=message),
        merchants.x402_merchant(**settings),
    ):
        pass


def test_merchant_settles_in_an_emulator_that_is_a_server(
    new_agent: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    server = ThreadedMotoServer(port=0)
    server.start()
    try:
        host, port = server.get_host_and_port()
        url = f"http://{host}:{port}"
        requests.post(f"{url}/moto-api/reset", timeout=10)
        agent = new_agent(endpoint_url=url)
        funded = {"wallet": agent.instruments["ETHEREUM"], "amount": FUNDS, "region": "us-east-1"}
        verbs = f"{url}/moto-api/agentcore-payments"
        assert requests.post(f"{verbs}/fund-wallet", json=funded, timeout=10).ok
        with merchants.x402_merchant(endpoint_url=url) as shop:
            header = agent.header(requests.get(shop.url, timeout=10), "ETHEREUM")
            assert requests.get(shop.url, headers=header, timeout=10).status_code == 200
            refused = requests.get(shop.url, headers=header, timeout=10)
            assert reason(refused) == "invalid_exact_evm_nonce_already_used"
        assert [sale.amount for sale in shop.sales] == [10_000]
    finally:
        server.stop()
