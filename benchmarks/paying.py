"""What a paid GET costs, beside its two requests and its one ``ProcessPayment``.

The shop and the service run in processes of their own, so that only the buyer's work differs. The
shop is a bare HTTP server that answers 402, then content: one behind x402's middleware would cost
more itself than all that is measured here. The service is the emulator's server. Nothing is slowed
down to look like a network, which would make the ratio smaller. For each client the same three
exchanges are made by hand on connections that stay open (the 402, ``ProcessPayment`` with the same
payload, the request with a header as long as a proof's), interleaved with paid GETs of a ``Payer``.
Prints milliseconds (median and quartiles) and the median of the rounds' ratios, then what
``import`` loads.

    python benchmarks/paying.py [rounds]
"""

from __future__ import annotations

import base64
import json
import logging
import multiprocessing
import statistics
import subprocess
import sys
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import boto3
import httpx
import requests

from boto3_agentcore_payments.pay import Payer
from boto3_agentcore_payments.testing import secrets

if TYPE_CHECKING:
    from collections.abc import Callable

REGION = "us-east-1"
KEYS = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
OFFER = {
    "scheme": "exact",
    "network": "eip155:84532",
    "amount": "100",
    "asset": "0x036CbD53842c5426634e7929541eC2318f3dCF7e",
    "payTo": "0x2B5AD5c4795c026514f8317c7a215E218DcCD6cF",
    "maxTimeoutSeconds": 60,
    "extra": {"name": "USDC", "version": "2"},
}
DEMAND = {"x402Version": 2, "resource": {"url": "http://shop/"}, "accepts": [OFFER]}
PROOF = "x" * 900  # about as long as a real payment header


def encoded(document: Any) -> str:
    """Return a document as x402 puts it into a header."""
    return base64.b64encode(json.dumps(document).encode()).decode()


class Shop(BaseHTTPRequestHandler):
    """Answer 402 without a payment header, and content with one."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_: Any) -> None:
        """Drop the log line."""

    def do_GET(self) -> None:
        """Answer."""
        paid = self.headers.get("PAYMENT-SIGNATURE")
        body = b"content" if paid else b"{}"
        self.send_response(200 if paid else 402)
        name = "PAYMENT-RESPONSE" if paid else "PAYMENT-REQUIRED"
        receipt = {"success": True, "transaction": "0x1", "network": OFFER["network"]}
        self.send_header(name, encoded(receipt if paid else DEMAND))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def shop(port: Any) -> None:
    """Serve the shop until killed."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    port.send(server.server_port)
    server.serve_forever()


def service(port: Any) -> None:
    """Serve the emulator until killed."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    port.send(server.get_host_and_port()[1])
    time.sleep(3600)


def started(what: Callable[[Any], None]) -> tuple[Any, str]:
    """Start a server in a process of its own; return it and its URL."""
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=what, args=(there,), daemon=True)
    process.start()
    return process, f"http://127.0.0.1:{here.recv()}"


def who(endpoint: str) -> tuple[Any, dict[str, str], str]:
    """Make a manager, a wallet and a session; return the client, the payer and the wallet."""
    arguments: dict[str, Any] = {"region_name": REGION, "endpoint_url": endpoint, **KEYS}
    control = boto3.client("bedrock-agentcore-payments-control", **arguments)
    provider = control.create_payment_credential_provider(
        name="vendor",
        credentialProviderVendor="CoinbaseCDP",
        providerConfigurationInput={"coinbaseCdpConfiguration": secrets.coinbase()},
    )
    manager = control.create_payment_manager(
        name="shop",
        authorizerType="AWS_IAM",
        roleArn="arn:aws:iam::123456789012:role/payments",
    )
    connector = control.create_payment_connector(
        paymentManagerId=manager["paymentManagerId"],
        name="wallets",
        type="CoinbaseCDP",
        credentialProviderConfigurations=[
            {"coinbaseCDP": {"credentialProviderArn": provider["credentialProviderArn"]}}
        ],
    )
    owner = {"paymentManagerArn": manager["paymentManagerArn"], "userId": "alice"}
    data = boto3.client("bedrock-agentcore-payments", **arguments)
    wallet = data.create_payment_instrument(
        paymentConnectorId=connector["paymentConnectorId"],
        paymentInstrumentType="EMBEDDED_CRYPTO_WALLET",
        paymentInstrumentDetails={
            "embeddedCryptoWallet": {
                "network": "ETHEREUM",
                "linkedAccounts": [{"email": {"emailAddress": "alice@example.com"}}],
            }
        },
        **owner,
    )["paymentInstrument"]["paymentInstrumentId"]
    session = data.create_payment_session(
        expiryTimeInMinutes=480,
        limits={"maxSpendAmount": {"value": "10000", "currency": "USD"}},
        **owner,
    )["paymentSession"]["paymentSessionId"]
    return data, {**owner, "paymentSessionId": session}, wallet


def measured(functions: dict[str, Callable[[], Any]], rounds: int) -> dict[str, list[float]]:
    """Call each in turn; return the milliseconds of each."""
    times: dict[str, list[float]] = {name: [] for name in functions}
    for number in range(rounds + 5):
        for name, function in functions.items():
            began = time.perf_counter()
            function()
            took = (time.perf_counter() - began) * 1000
            if number >= 5:  # noqa: PLR2004 (the first rounds warm up)
                times[name].append(took)
    return times


def main() -> None:
    """Print the table."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    shop_process, shop_url = started(shop)
    service_process, endpoint = started(service)
    data, owner, wallet = who(endpoint)

    def process() -> None:
        data.process_payment(
            **owner,
            paymentInstrumentId=wallet,
            paymentType="CRYPTO_X402",
            paymentInput={"cryptoX402": {"version": "2", "payload": OFFER}},
            clientToken=str(uuid.uuid4()),
        )

    payer = Payer(
        data,
        payment_manager_arn=owner["paymentManagerArn"],
        user_id="alice",
        payment_session_id=owner["paymentSessionId"],
        payment_instrument_ids=[wallet],
        max_price="0.05",
        allow_private=True,
    )
    header = {"PAYMENT-SIGNATURE": PROOF}
    with (
        requests.Session() as plain,
        httpx.Client() as plain_httpx,
        payer.requests_session() as paying,
        payer.httpx_client() as paying_httpx,
    ):

        def by_hand(get: Callable[..., Any]) -> Callable[[], None]:
            def exchange() -> None:
                _ = get(shop_url).text
                process()
                _ = get(shop_url, headers=header).text

            return exchange

        times = measured(
            {
                "requests, by hand": by_hand(plain.get),
                "requests, Payer": lambda: paying.get(shop_url).text,
                "httpx, by hand": by_hand(plain_httpx.get),
                "httpx, Payer": lambda: paying_httpx.get(shop_url).text,
            },
            rounds,
        )
    for name, found in times.items():
        low, middle, high = statistics.quantiles(found, n=4)
        print(f"{name:20} {middle:7.2f} ms  ({low:.2f} to {high:.2f})")
    for name in ("requests", "httpx"):
        rounds_of_both = zip(times[f"{name}, Payer"], times[f"{name}, by hand"])
        ratio = statistics.median(ours / theirs for ours, theirs in rounds_of_both)
        print(f"{name}: {ratio:.2f} of two requests and one ProcessPayment")
    loaded = (
        "import sys; from boto3_agentcore_payments.pay import Payer; "
        "print(sorted({'x402', 'mpp'} & set(sys.modules)))"
    )
    found_loaded = subprocess.run(
        [sys.executable, "-c", loaded], capture_output=True, text=True, check=True
    ).stdout.strip()
    print(f"importing pay loads of x402 and pympp: {found_loaded}")
    payer.close()
    for started_process in (shop_process, service_process):
        started_process.terminate()


if __name__ == "__main__":
    main()
