"""The charge that an MPP challenge asks for, and the credential that pays it.

A credential is the value of the ``Authorization`` header: ``Payment ``, then the JSON object
{challenge, payload, source}, with sorted keys, in base64url without padding, as pympp writes it.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

from boto3_agentcore_payments.emulator.engine.errors import ValidationException
from boto3_agentcore_payments.emulator.engine.ports import SignedProof
from boto3_agentcore_payments.emulator.proofs.mpp_challenge import HEADERS, missing
from boto3_agentcore_payments.emulator.proofs.payload_members import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from boto3_agentcore_payments.emulator.proofs.mpp_challenge import Challenge
    from boto3_agentcore_payments.emulator.proofs.networks import Network

REQUEST = f"{HEADERS}[0].request"
"""Path of a challenge's request in errors."""
DETAILS = f"{REQUEST}.methodDetails"
"""Path of the method's own part of the request in errors."""


@dataclass(frozen=True)
class Split:
    """A part of a charge that goes to another recipient.

    Attributes:
        recipient: Address.
        amount: Atomic units, part of the charge's amount.
        memo: Text or, on Tempo, 0x and 64 hexadecimal digits; may be ``None``.
    """

    recipient: str
    amount: int
    memo: str | None


@dataclass(frozen=True)
class Charge:
    """A charge that obeys the rules common to all methods.

    Attributes:
        version: MPP version, as the caller gave it.
        challenge: The challenge it answers.
        network: Chain to pay on.
        amount: Atomic USDC units, splits included.
        amount_text: The amount as the challenge writes it: servers compare the text.
        currency: Token address as the challenge writes it.
        recipient: Recipient as the challenge writes it.
        details: ``methodDetails``, empty when absent.
        splits: Parts for other recipients.
        buyer_pays_gas_fees: Whether the caller agreed to pay network fees.
    """

    version: str
    challenge: Challenge
    network: Network
    amount: int
    amount_text: str
    currency: str
    recipient: str
    details: Mapping[str, Any]
    splits: tuple[Split, ...]
    buyer_pays_gas_fees: bool

    @property
    def rest(self) -> int:
        """The recipient's part: the amount less the splits, in atomic units."""
        return self.amount - sum(split.amount for split in self.splits)

    def flag(self, name: str) -> bool:
        """Return a boolean of ``methodDetails``, ``False`` if absent.

        Raises:
            ValidationException: if it is present and not a JSON boolean.
        """
        value = self.details.get(name)
        if value is None:
            return False
        if not isinstance(value, bool):
            refuse(f"methodDetails.{name} must be a JSON boolean", f"{DETAILS}.{name}")
        return value

    def proof(self, *, payload: dict[str, str], payer: str, proof_id: str) -> SignedProof:
        """Return the proof for ProcessPayment's answer; it echoes the challenge verbatim.

        Args:
            payload: The method's own part of the credential.
            payer: Address of the wallet; becomes the ``did:pkh`` source.
            proof_id: The nonce or signature that makes this authorization single-use.
        """
        content: dict[str, Any] = {
            "challenge": self.challenge.echo,
            "payload": payload,
            "source": f"did:pkh:{self.network.caip2}:{payer}",
        }
        text = json.dumps(content, separators=(",", ":"), sort_keys=True, ensure_ascii=False)
        token = base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
        output = {
            "version": self.version,
            "selectedPaymentId": self.challenge.id,
            "paymentCredential": f"Payment {token}",
        }
        return SignedProof(payment_output=output, proof_id=proof_id)


def chain_id(details: Mapping[str, Any]) -> int:
    """Return ``methodDetails.chainId``.

    Raises:
        ValidationException: if it is missing or not a JSON integer.
    """
    path = f"{DETAILS}.chainId"
    number = details.get("chainId")
    if number is None:
        raise ValidationException.rule(path, missing("methodDetails.chainId"))
    if not isinstance(number, int) or isinstance(number, bool):
        raise ValidationException.rule(
            path,
            "MPP challenge methodDetails.chainId must be a JSON integer, not a string or decimal. "
            f"Received: {shown(number)}",
        )
    return number


def refuse(what: str, path: str = DETAILS) -> NoReturn:
    """Refuse a charge, naming what is wrong with its challenge.

    Raises:
        ValidationException: always.
    """
    raise ValidationException.rule(path, f"Invalid MPP challenge: {what}")
