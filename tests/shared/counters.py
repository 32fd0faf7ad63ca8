"""Merchants without a port and without an emulator, so that a test can ask them thousands of times.

Their ledger accepts every proof once, from any signer, so every refusal is the merchant's own.
"""

from __future__ import annotations

import base64
import json
import threading
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from werkzeug.test import Client, TestResponse
from x402.schemas import PaymentPayload, PaymentRequirements
from x402.schemas.v1 import PaymentPayloadV1, PaymentRequirementsV1

from boto3_agentcore_payments.emulator.engine.errors import SettlementError
from boto3_agentcore_payments.emulator.engine.ports import WalletKey
from boto3_agentcore_payments.emulator.proofs import LocalProver, networks
from boto3_agentcore_payments.merchants.facilitator import LocalFacilitator
from boto3_agentcore_payments.merchants.front import Front
from boto3_agentcore_payments.merchants.handlers import view
from boto3_agentcore_payments.merchants.tills import Till

if TYPE_CHECKING:
    from boto3_agentcore_payments.emulator.proofs.networks import Network

PATH = "/article"
PROVER = LocalProver()


class OpenLedger:
    """Every wallet holds plenty, and every proof is taken once.

    Args:
        held: What every wallet holds, in atomic units.
        known: Whether proofs are known to have been signed.
    """

    def __init__(self, held: int = 2**65, *, known: bool = True) -> None:
        self.held = held
        self.known = known
        self._settled: set[tuple[str, str, str]] = set()
        self._lock = threading.Lock()

    def balance(self, network: Network, address: str) -> int:
        """Return the same for every wallet."""
        del network, address
        return self.held

    def signed_amount(self, network: Network, payer: str, proof_id: str) -> int | None:
        """Know every proof, for more than any payment, or no proof."""
        del network, payer, proof_id
        return 2**65 if self.known else None

    def is_settled(self, network: Network, payer: str, proof_id: str) -> bool:
        """Return whether it was taken."""
        return (network.caip2, payer.lower(), proof_id) in self._settled

    def settle(self, network: Network, payer: str, proof_id: str, amount: int | None = None) -> int:
        """Take a proof, once."""
        with self._lock:
            if self.is_settled(network, payer, proof_id):
                raise SettlementError("already_settled", "settled already")
            self._settled.add((network.caip2, payer.lower(), proof_id))
        return amount or 0


class Counter:
    """A merchant of one kind.

    Args:
        protocol: ``x402`` or ``mpp``.
        ledger: Where it settles.
        settings: As of the function that opens such a merchant.
    """

    def __init__(
        self, protocol: str = "x402", *, ledger: OpenLedger | None = None, **settings: Any
    ) -> None:
        self.protocol = protocol
        self.ledger = ledger or OpenLedger()
        self.version = settings.get("version", 2)
        self.till = Till(self.ledger)
        handler = settings.pop("handler", None)
        settings.setdefault("price", "0.01")
        goods_view = view("The article you paid for.", handler)
        if protocol == "x402":
            from boto3_agentcore_payments.merchants import x402_shop

            settings.setdefault("network", "eip155:84532")
            goods = x402_shop.offers(**settings)
            build = x402_shop.version_1 if self.version == 1 else x402_shop.version_2
            self.facilitator = LocalFacilitator(self.till)
            shop = build(goods, goods_view, self.facilitator)
        else:
            from boto3_agentcore_payments.merchants import mpp_shop

            method, sponsor = settings["method"], settings.get("sponsor_fees")
            goods = mpp_shop.offers(**settings)
            shop = mpp_shop.shop(
                goods, goods_view, method=method, till=self.till, sponsor_fees=sponsor
            )
        self.network = goods[0].network
        self._client = Client(Front(shop))

    @property
    def header_name(self) -> str:
        """The header that carries a payment."""
        if self.protocol == "mpp":
            return "Authorization"
        return "X-PAYMENT" if self.version == 1 else "PAYMENT-SIGNATURE"

    def ask(self, payment: str | None = None, *, method: str = "GET", path: str = PATH) -> Any:
        """Return the answer to a request with this payment header, if any."""
        headers = {} if payment is None else {self.header_name: payment}
        answer: TestResponse = self._client.open(path, method=method, headers=headers)
        return answer

    def pay(self, *, path: str = PATH, method: str = "GET") -> str:
        """Return a payment for a fresh 402."""
        content = self.content(self.terms(path, method))
        return content if isinstance(content, str) else encoded(content)

    def terms(self, path: str = PATH, method: str = "GET") -> Any:
        """Return what a 402 asks for: x402's requirements, or MPP's challenge header."""
        unpaid = self.ask(path=path, method=method)
        assert unpaid.status_code == 402
        if self.protocol == "mpp":
            return unpaid.headers["WWW-Authenticate"]
        if self.version == 1:
            return json.loads(unpaid.get_data())["accepts"][0]
        return json.loads(base64.b64decode(unpaid.headers["PAYMENT-REQUIRED"]))["accepts"][0]

    def content(self, terms: Any, *, identity: str = "buyer", now: datetime | None = None) -> Any:
        """Return what a payment header carries: an object for x402, the whole text for MPP."""
        if self.protocol == "mpp":
            details = {"wwwAuthenticateHeaders": [terms], "buyerPaysGasFees": True}
            output = self._sign("MPP", {"version": "1", **details}, identity, now)
            return output["paymentCredential"]
        payload = {"version": str(self.version), "payload": terms}
        signed = self._sign("CRYPTO_X402", payload, identity, now)["payload"]
        if self.version == 1:
            kind = {name: terms[name] for name in ("scheme", "network")}
            return {"x402Version": 1, **kind, "payload": signed}
        return {"x402Version": 2, "accepted": terms, "payload": signed}

    def judged(self, content: Any, terms: Any) -> tuple[str | None, str | None]:
        """Return the reasons with which the facilitator's verify and then its settle refuse."""
        payload: Any = PaymentPayloadV1 if self.version == 1 else PaymentPayload
        requirements: Any = PaymentRequirementsV1 if self.version == 1 else PaymentRequirements
        asked = payload.model_validate(content), requirements.model_validate(terms)
        verified = self.facilitator.verify(*asked)
        settled = self.facilitator.settle(*asked)
        assert (verified.is_valid, settled.success) == (
            verified.invalid_reason is None,
            settled.error_reason is None,
        )
        return verified.invalid_reason, settled.error_reason

    def reason(self, refused: Any) -> str:
        """Return why x402 refused a payment."""
        if self.version == 1:
            return json.loads(refused.get_data())["error"]
        return json.loads(base64.b64decode(refused.headers["PAYMENT-REQUIRED"]))["error"]

    def _sign(
        self, payment_type: str, payment_input: Any, identity: str, now: datetime | None
    ) -> Any:
        solana = self.network.wallet_network == networks.SOLANA
        key = WalletKey("seed", identity, networks.SOLANA if solana else networks.ETHEREUM)
        prepared = PROVER.payment_types[payment_type].prepare(
            payment_input, wallet=key, found=None, now=now or datetime.now(timezone.utc)
        )
        return prepared.sign().payment_output


def encoded(content: Any) -> str:
    """Return base64 of JSON, as x402 writes it."""
    return base64.b64encode(json.dumps(content).encode()).decode()
