"""The agent of ``agentcore-payments demo``: fetches a URL, and pays when asked to.

What any agent does on plain boto3 and an HTTP library: read the 402, have ProcessPayment sign the
proof, send the request again with the proof in the header its protocol names.
"""

from __future__ import annotations

import base64
import json
import uuid
from dataclasses import dataclass
from typing import Any

import requests
from botocore.exceptions import ClientError

_TIMEOUT_SECONDS = 10
_PAYMENT_REQUIRED = 402


@dataclass(frozen=True)
class Purchase:
    """One try to fetch a URL.

    Attributes:
        protocol: ``x402`` or ``MPP``, as the merchant asked; empty if it asked for nothing.
        status: HTTP status of the last answer; 402 when no proof was to be had.
        content: What the merchant gave, if it did.
        refusal: The service's message, if it refused to sign.
        headers: The payment headers sent, empty if none; whoever holds them could pay with them.
    """

    protocol: str
    status: int
    content: str | None = None
    refusal: str | None = None
    headers: dict[str, str] | None = None


class Agent:
    """Spends one session's budget from one wallet.

    Args:
        payments: A ``bedrock-agentcore-payments`` client.
        manager_arn: The payment manager.
        session_id: The session whose budget is spent.
        instrument_id: The wallet that pays.
        user_id: On whose behalf.
    """

    def __init__(
        self, payments: Any, *, manager_arn: str, session_id: str, instrument_id: str, user_id: str
    ) -> None:
        self._payments = payments
        self._who = {
            "paymentManagerArn": manager_arn,
            "paymentSessionId": session_id,
            "paymentInstrumentId": instrument_id,
            "userId": user_id,
        }

    def fetch(self, url: str) -> Purchase:
        """Fetch a URL, paying once if it answers 402."""
        asked = requests.get(url, timeout=_TIMEOUT_SECONDS)
        if asked.status_code != _PAYMENT_REQUIRED:
            return Purchase("", asked.status_code, asked.json()["content"])
        challenge = asked.headers.get("WWW-Authenticate", "")
        mpp = challenge.startswith("Payment ")
        protocol = "MPP" if mpp else "x402"
        try:
            headers = self._mpp(challenge) if mpp else self._x402(asked.headers["PAYMENT-REQUIRED"])
        except ClientError as error:
            message = error.response.get("Error", {}).get("Message", str(error))
            return Purchase(protocol, asked.status_code, refusal=message)
        paid = requests.get(url, headers=headers, timeout=_TIMEOUT_SECONDS)
        content = paid.json()["content"] if paid.ok else None
        return Purchase(protocol, paid.status_code, content, headers=headers)

    def _process(self, payment_type: str, payment_input: dict[str, Any]) -> dict[str, Any]:
        # One token for one payment: botocore's own retries send it again, and so must an agent
        # that tries this payment again, or it pays twice.
        answer: dict[str, Any] = self._payments.process_payment(
            **self._who,
            paymentType=payment_type,
            paymentInput=payment_input,
            clientToken=str(uuid.uuid4()),
        )["paymentOutput"]
        return answer

    def _x402(self, required_header: str) -> dict[str, str]:
        required = json.loads(base64.b64decode(required_header))
        accepted = required["accepts"][0]
        output = self._process(
            "CRYPTO_X402", {"cryptoX402": {"version": "2", "payload": accepted}}
        )["cryptoX402"]
        proof = {
            "x402Version": required["x402Version"],
            "resource": required.get("resource"),
            "accepted": accepted,
            "extensions": required.get("extensions"),
            "payload": output["payload"],
        }
        encoded = json.dumps({name: part for name, part in proof.items() if part is not None})
        return {"PAYMENT-SIGNATURE": base64.b64encode(encoded.encode()).decode()}

    def _mpp(self, challenge: str) -> dict[str, str]:
        output = self._process(
            "MPP", {"mpp": {"version": "1", "wwwAuthenticateHeaders": [challenge]}}
        )["mpp"]
        return {"Authorization": output["paymentCredential"]}
