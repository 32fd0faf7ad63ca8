"""``MPP``: charges by evm, tempo and solana. Challenges, credentials and receipts are pympp's."""

from __future__ import annotations

import json
import re
import time
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any
from urllib.request import parse_http_list

import mpp

from boto3_agentcore_payments.json_text import check_nesting
from boto3_agentcore_payments.pay import networks
from boto3_agentcore_payments.pay.demands import (
    ATOMIC,
    MAX_HEADER,
    MAX_OFFERS,
    Declined,
    Offer,
    shortened,
)
from boto3_agentcore_payments.pay.protocols import Settlement

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from boto3_agentcore_payments.pay.demands import Demand, Headers
    from boto3_agentcore_payments.pay.protocols import Fees

_ParseError = mpp.ParseError  # pyright: ignore[reportPrivateImportUsage] (what its parsers raise)
VERSION = "1"
"""The MPP version, as in AWS's SDK [sdk]."""
_CREDENTIAL_HEADERS = ("authorization", "payment-authorization")
_CLUSTERS = {"mainnet": "solana", "devnet": "solana-devnet"}
_SCHEME = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+)(?:[ \t]+(?!=)|$)")


class Mpp:
    """The row of ``MPP``."""

    def offers(self, demand: Demand, fees: Fees) -> Iterator[Offer | Declined]:
        """Yield the charges of every ``Payment`` challenge, in the merchant's order."""
        values = demand.headers.all("WWW-Authenticate")
        if sum(map(len, values)) > MAX_HEADER:
            yield Declined("MPP", f"its challenges are longer than {MAX_HEADER} characters")
            return
        found = [each for value in values for each in challenges(value)]
        if len(found) > MAX_OFFERS:
            yield Declined("MPP", f"it makes {len(found)} offers, more than {MAX_OFFERS}")
            return
        for header in found:
            try:
                challenge = mpp.Challenge.from_www_authenticate(header)
            except (_ParseError, ValueError, RecursionError):
                yield Declined("MPP", "the challenge cannot be read")
                continue
            yield offer_of(challenge, header, fees, demand.sent)

    def new_key(self) -> str | None:
        """Return ``None``: an MPP credential is not bound to a key of the payer."""
        return None

    def payment_input(self, offer: Offer, fees: Fees, key: str | None) -> dict[str, Any]:
        """Return the challenge verbatim, and the consent to network fees if given."""
        del key
        content: dict[str, Any] = {
            "version": offer.version,
            "wwwAuthenticateHeaders": [offer.requirement],
        }
        if fees.buyer_pays_gas_fees:
            content["buyerPaysGasFees"] = True
        return {"mpp": content}

    def proof(self, offer: Offer, output: Mapping[str, Any]) -> Any:
        """Return the credential, which must answer the challenge that was paid."""
        content = output.get("mpp", {})
        credential = content.get("paymentCredential")
        if not isinstance(credential, str) or not credential.strip():
            message = "the service's answer has no MPP credential"
            raise ValueError(message)
        if content.get("selectedPaymentId") != offer.context["id"]:
            message = "the service paid another challenge than it was given"
            raise ValueError(message)
        credential = credential.strip()
        return credential if credential.lower().startswith("payment ") else f"Payment {credential}"

    def expires_at(self, proof: Any) -> float | None:
        """Return an EVM authorization's expiry; other credentials expire with the challenge."""
        try:
            text = mpp.Credential.from_authorization(proof).payload.get("validBefore")
        except (_ParseError, ValueError, AttributeError):
            return None
        if isinstance(text, str) and ATOMIC.fullmatch(text):
            return float(min(int(text), 2**52))
        return None

    def headers(
        self, offer: Offer, proof: Any, *, method: str, url: str, token: str, key: str | None
    ) -> dict[str, str]:
        """Return the credential in the header that the challenge names."""
        del method, url, token, key
        return {offer.context["header"]: proof}

    def rehearse(self, offer: Offer, *, method: str, url: str) -> None:
        """Do nothing: the service's credential is the header."""

    def settlement(self, headers: Headers) -> Settlement | None:
        """Return what ``Payment-Receipt`` says, using pympp's own parser."""
        value = headers.get("Payment-Receipt")
        if not value or len(value) > MAX_HEADER:
            return None
        try:
            receipt = mpp.Receipt.from_payment_receipt(value)
        except (_ParseError, ValueError, TypeError, RecursionError):
            return None
        return Settlement(settled=True, transaction=receipt.reference)

    def refusal(self, demand: Demand) -> str:
        """Return the detail of the problem document, or the new challenge's description."""
        try:
            text = demand.body.decode()
            check_nesting(text)
            problem = json.loads(text)
        except (ValueError, RecursionError):
            return ""
        said = (
            [problem.get(name) for name in ("title", "detail")] if isinstance(problem, dict) else []
        )
        return shortened(": ".join(each for each in said if isinstance(each, str)))


def challenges(value: str) -> list[str]:
    """Split a ``WWW-Authenticate`` value into its ``Payment`` challenges.

    A value with one challenge is returned unchanged, character by character.
    """
    groups: list[list[str]] = []
    for part in parse_http_list(value):
        if _SCHEME.match(part) or not groups:
            groups.append([part])
        else:
            groups[-1].append(part)
    if len(groups) == 1 and groups[0][0][:8].lower() == "payment ":
        return [value.strip()]
    return [", ".join(group) for group in groups if group[0][:8].lower() == "payment "]


def offer_of(challenge: mpp.Challenge, header: str, fees: Fees, sent: bytes) -> Offer | Declined:  # noqa: PLR0911 (one for each reason)
    """Return the offer of one challenge, or why it is not understood.

    Args:
        challenge: The challenge by pympp's parser.
        header: The challenge as it came.
        fees: What may be spent beside the price.
        sent: The request's body, which a challenge may be bound to.
    """
    what = f"MPP {shortened(challenge.method)}/{shortened(challenge.intent)}"
    expires = _expires(challenge.expires)
    why = _unusable(challenge, expires, sent)
    if why:
        return Declined(what, why)
    request = challenge.request
    details = request.get("methodDetails")
    if not isinstance(details, dict):
        details = {}
    network = _network(challenge.method, details)
    if network is None:
        return Declined(what, "the service does not pay this method on this network")
    why = _fees_refusal(challenge.method, details, fees)
    if why:
        return Declined(what, why)
    if not network.is_usdc(request.get("currency")):
        return Declined(what, "the currency is not this network's USDC")
    units, recipient = request.get("amount"), request.get("recipient")
    if not isinstance(units, str) or not ATOMIC.fullmatch(units) or int(units) == 0:
        return Declined(what, "the amount is not a positive number of atomic units")
    splits = details.get("splits") or []
    if not isinstance(splits, list) or not all(isinstance(each, dict) for each in splits):
        return Declined(what, "its splits are not a list of parts")
    recipients = (recipient, *(each.get("recipient") for each in splits))
    if not all(isinstance(each, str) and each for each in recipients):
        return Declined(what, "it names no recipient")
    return Offer(
        payment_type="MPP",
        protocol="mpp",
        version=VERSION,
        scheme=f"{challenge.method}/{challenge.intent}",
        network=network.caip2,
        asset=str(request["currency"]),
        pay_to=str(recipient),
        amount=networks.usd(int(units)),
        wallet=network.wallet,
        requirement=header,
        context={"id": challenge.id, "header": challenge.credential_header},
        recipients=tuple(map(str, recipients)),
        expires_at=expires,
        description=shortened(challenge.description),
    )


def _unusable(challenge: mpp.Challenge, expires: float | None, sent: bytes) -> str:
    if challenge.intent != "charge":
        return "the service pays only the intent charge"
    if challenge.credential_header.lower() not in _CREDENTIAL_HEADERS:
        return "it wants the credential in a header that is not one for credentials"
    if challenge.expires and expires is None:
        return "its expiry is not a time"
    if expires is not None and expires <= time.time():
        return "it has expired"
    if challenge.digest and not mpp.BodyDigest.verify(challenge.digest, sent):
        return "it is for another request body"
    return ""


def _network(method: str, details: Mapping[str, Any]) -> networks.Network | None:
    if method == "solana":
        cluster = details.get("network", "mainnet")
        return networks.find(_CLUSTERS.get(cluster)) if isinstance(cluster, str) else None
    chain_id = details.get("chainId")
    if type(chain_id) is not int:
        return None
    found = networks.find(f"eip155:{chain_id}")
    return found if found is not None and found.tempo == (method == "tempo") else None


def _fees_refusal(method: str, details: Mapping[str, Any], fees: Fees) -> str:
    sponsored = details.get("feePayer") is True
    if method == "solana" and not sponsored:
        return "the service pays Solana charges only where the seller pays the network's fees"
    if method == "tempo" and not sponsored and not fees.buyer_pays_gas_fees:
        return "network fees would come on top of the price; buyer_pays_gas_fees=True allows them"
    return "" if method in ("evm", "tempo", "solana") else "the service does not pay this method"


def _expires(text: str | None) -> float | None:
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None
    return (found if found.tzinfo else found.replace(tzinfo=timezone.utc)).timestamp()


PROTOCOL = Mpp()
"""The row."""
