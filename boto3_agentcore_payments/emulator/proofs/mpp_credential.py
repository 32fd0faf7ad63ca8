"""The MPP credential: the value of the ``Authorization`` header that pays a challenge.

``Payment `` and base64url, without padding, of the JSON object {challenge, payload, source}, with
sorted keys, as pympp writes it.
"""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.emulator.engine.ports import SignedProof

if TYPE_CHECKING:
    from boto3_agentcore_payments.emulator.proofs.mpp_rules import Charge


def proof(charge: Charge, *, payload: dict[str, str], payer: str, proof_id: str) -> SignedProof:
    """Return the proof ProcessPayment answers with.

    Args:
        charge: What is paid; its challenge is echoed verbatim.
        payload: The method's own part.
        payer: Address of the wallet; becomes the ``did:pkh`` source.
        proof_id: What makes this authorization single-use.
    """
    content: dict[str, Any] = {
        "challenge": charge.challenge.echo,
        "payload": payload,
        "source": f"did:pkh:{charge.network.caip2}:{payer}",
    }
    text = json.dumps(content, separators=(",", ":"), sort_keys=True, ensure_ascii=False)
    token = base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
    output = {
        "version": charge.version,
        "selectedPaymentId": charge.challenge.id,
        "paymentCredential": f"Payment {token}",
    }
    return SignedProof(payment_output=output, proof_id=proof_id)
