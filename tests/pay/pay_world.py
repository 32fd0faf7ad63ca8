"""A stand-in for the service that counts calls, shops with scripted answers, the three clients."""

from __future__ import annotations

import asyncio
import base64
import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from botocore.exceptions import ClientError

ARN = "arn:aws:bedrock-agentcore:us-east-1:123456789012:payment-manager/shop-abcdefghij"
SESSION = "payment-session-abcdefghijklmno"
WALLET = "payment-instrument-abcdefghijklmno"
SOLANA_WALLET = "payment-instrument-solanaabcdefghi"
USDC = "0x036CbD53842c5426634e7929541eC2318f3dCF7e"
PAY_TO = "0x2B5AD5c4795c026514f8317c7a215E218DcCD6cF"
NETWORK = "eip155:84532"
PROOF = "0x" + "5ec7e7" * 21 + "00"
"""What the stand-in signs with; no message, log or receipt may show it."""


def service_error(code: str, message: str = "", status: int = 400) -> ClientError:
    return ClientError(
        {
            "Error": {"Code": code, "Message": message},
            "ResponseMetadata": {"HTTPStatusCode": status, "RetryAttempts": 0},
        },
        "ProcessPayment",
    )


class Service:
    """Signs like ProcessPayment: the same client token gives the first answer and charges once."""

    def __init__(self) -> None:
        self.calls: list[dict[str, Any]] = []
        self.answers: dict[str, dict[str, Any]] = {}
        self.before: list[Exception] = []
        self.after: list[Exception] = []
        self.lifetime = 60
        self.wallets = {WALLET: "ETHEREUM", SOLANA_WALLET: "SOLANA"}
        self._lock = threading.Lock()

    @property
    def charged(self) -> int:
        return len(self.answers)

    def get_payment_instrument(self, **asked: Any) -> dict[str, Any]:
        network = self.wallets.get(asked["paymentInstrumentId"])
        if network is None:
            raise service_error("ResourceNotFoundException", "Payment instrument not found", 404)
        wallet = {"network": network, "redirectUrl": "https://hub.cdp.coinbase.com/0123456789ab"}
        return {"paymentInstrument": {"paymentInstrumentDetails": {"embeddedCryptoWallet": wallet}}}

    def get_payment_session(self, **asked: Any) -> dict[str, Any]:
        left = {"availableSpendAmount": {"value": "0.97", "currency": "USD"}}
        return {"paymentSession": {"availableLimits": left}}

    def process_payment(self, **asked: Any) -> dict[str, Any]:
        with self._lock:
            self.calls.append(asked)
            if self.before:
                raise self.before.pop(0)
            token = asked["clientToken"]
            if token not in self.answers:
                self.answers[token] = self._sign(asked)
            if self.after:
                raise self.after.pop(0)
            return self.answers[token]

    def _sign(self, asked: dict[str, Any]) -> dict[str, Any]:
        import time
        import uuid

        payload = asked["paymentInput"]["cryptoX402"]["payload"]
        authorization = {
            "from": "0x" + "1" * 40,
            "to": payload["payTo"],
            "value": payload.get("amount", payload.get("maxAmountRequired")),
            "validAfter": "0",
            "validBefore": str(int(time.time()) + self.lifetime),
            "nonce": "0x" + uuid.uuid4().hex * 2,
        }
        version = asked["paymentInput"]["cryptoX402"]["version"]
        signed = {"signature": PROOF, "authorization": authorization}
        return {
            "processPaymentId": str(uuid.uuid4()),
            "paymentOutput": {"cryptoX402": {"version": version, "payload": signed}},
        }


def offer(**changes: Any) -> dict[str, Any]:
    """One x402 version 2 requirement of a cent; a change to None leaves the member out."""
    made = {
        "scheme": "exact",
        "network": NETWORK,
        "amount": "10000",
        "asset": USDC,
        "payTo": PAY_TO,
        "maxTimeoutSeconds": 60,
        "extra": {"name": "USDC", "version": "2"},
        **changes,
    }
    return {name: value for name, value in made.items() if value is not None}


def encoded(document: Any) -> str:
    return base64.b64encode(json.dumps(document).encode()).decode()


@dataclass
class Reply:
    """What a shop answers; ``cut`` ends the connection after so many bytes of the body."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b"content"
    cut: int | None = None
    drop: bool = False


@dataclass
class Seen:
    """A request that a shop saw."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def proof(self) -> dict[str, Any] | None:
        header = self.headers.get("payment-signature") or self.headers.get("x-payment")
        return json.loads(base64.b64decode(header)) if header else None


def demand(*offers: dict[str, Any], error: str = "payment required", **more: Any) -> Reply:
    """An x402 version 2 demand in its header."""
    document = {
        "x402Version": 2,
        "error": error,
        "resource": {"url": "https://shop.example/", "description": "A report"},
        "accepts": list(offers) or [offer()],
        **more,
    }
    return Reply(402, {"PAYMENT-REQUIRED": encoded(document)}, b"{}")


def settled(body: bytes = b"content", status: int = 200, **headers: str) -> Reply:
    receipt = {"success": True, "transaction": "0xabc", "network": NETWORK, "payer": "0x1"}
    return Reply(status, {"PAYMENT-RESPONSE": encoded(receipt), **headers}, body)


class Shop:
    """A shop on this machine; ``answer(seen)`` decides, by default an honest one."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self.sold: list[str] = []
        self.offers = [offer()]
        self.extensions: dict[str, Any] = {}
        self.settling: list[Reply] = []
        self.answer: Any = self.honest
        self._lock = threading.Lock()
        shop = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def log_message(self, *_: Any) -> None:
                """Log nothing."""

            def do(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                seen = Seen(
                    self.command,
                    self.path,
                    {name.lower(): value for name, value in self.headers.items()},
                    self.rfile.read(length),
                )
                with shop._lock:
                    shop.seen.append(seen)
                    reply = shop.answer(seen)
                if reply.drop:
                    self.close_connection = True
                    self.connection.close()
                    return
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                if "Transfer-Encoding" in reply.headers:
                    self.end_headers()
                    self.wfile.write(f"{len(reply.body):x}\r\n".encode() + reply.body + b"\r\n")
                    if reply.cut is None:
                        self.wfile.write(b"0\r\n\r\n")
                    else:
                        self.close_connection = True
                    return
                self.send_header("Content-Length", str(len(reply.body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(reply.body[: reply.cut])
                if reply.cut is not None:
                    self.close_connection = True

            do_GET = do_POST = do_HEAD = do_PUT = do  # noqa: N815 (http.server's names)

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

            def handle_error(self, *_: Any) -> None:
                """Drop errors of connections that this shop cut itself."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self.origin = f"http://127.0.0.1:{self._server.server_port}"
        self.url = f"{self.origin}/report"
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )
        self._thread.start()

    @property
    def paid(self) -> list[Seen]:
        return [seen for seen in self.seen if seen.proof]

    def honest(self, seen: Seen) -> Reply:
        if seen.proof is None:
            return demand(*self.offers, extensions=self.extensions)
        nonce = seen.proof["payload"]["authorization"]["nonce"]
        if nonce in self.sold:
            return demand(*self.offers, error="invalid_exact_evm_nonce_already_used")
        self.sold.append(nonce)
        return self.settling.pop(0) if self.settling else settled()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@dataclass
class Got:
    status: int
    content: bytes
    headers: Any


def _requests(payer, url, *, method="GET", purchase_id=None, body=None, headers=None, **options):
    with payer.requests_session(**options) as http:
        got = http.request(
            method, url, purchase_id=purchase_id, data=body, headers=headers, timeout=10
        )
        return Got(got.status_code, got.content, got.headers)


def _extensions(purchase_id):
    return {} if purchase_id is None else {"purchase_id": purchase_id}


def _httpx(payer, url, *, method="GET", purchase_id=None, body=None, headers=None, **options):
    options.setdefault("follow_redirects", True)
    with payer.httpx_client(**options) as http:
        got = http.request(
            method, url, content=body, headers=headers, extensions=_extensions(purchase_id)
        )
        return Got(got.status_code, got.content, got.headers)


def _httpx_async(payer, url, *, method="GET", purchase_id=None, body=None, headers=None, **options):
    options.setdefault("follow_redirects", True)

    async def get() -> Got:
        async with payer.async_httpx_client(**options) as http:
            got = await http.request(
                method, url, content=body, headers=headers, extensions=_extensions(purchase_id)
            )
            return Got(got.status_code, got.content, got.headers)

    return asyncio.run(get())


FETCHERS = {"requests": _requests, "httpx": _httpx, "httpx_async": _httpx_async}
