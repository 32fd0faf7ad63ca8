"""``CRYPTO_X402``: x402 version 1 and 2, exact and upto, on EVM chains and Solana.

The envelope, the payload and the headers are x402's own; its client core builds the payload
around the proof that the service signed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from x402 import x402ClientSync
from x402.http.constants import PAYMENT_SIGNATURE_HEADER, X_PAYMENT_HEADER
from x402.http.utils import encode_payment_signature_header
from x402.schemas import PaymentRequired, PaymentRequirements
from x402.schemas.v1 import PaymentRequiredV1, PaymentRequirementsV1

from boto3_agentcore_payments.pay import networks
from boto3_agentcore_payments.pay.demands import ATOMIC, Declined, Offer, shortened
from boto3_agentcore_payments.pay.protocols import envelopes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from boto3_agentcore_payments.pay.demands import Demand, Headers
    from boto3_agentcore_payments.pay.protocols import Fees, Settlement

_PAYMENT_IDENTIFIER = "payment-identifier"


class X402:
    """The row of ``CRYPTO_X402``."""

    def offers(self, demand: Demand, fees: Fees) -> Iterator[Offer | Declined]:
        """Yield the offers on chains, in the merchant's order."""
        del fees
        found = envelopes.envelope(demand)
        if isinstance(found, str):
            yield Declined("x402", f"the demand cannot be read: {found}")
            return
        if not found.accepts:
            yield Declined("x402", "the demand accepts nothing")
        for raw, model in envelopes.requirements(found):
            network = raw.get("network")
            if isinstance(network, str) and network.startswith("aws:"):
                continue  # AWS Billing's row
            yield self._offer(found, raw, model)

    def _offer(
        self,
        found: envelopes.Envelope,
        raw: dict[str, Any],
        model: PaymentRequirements | PaymentRequirementsV1 | None,
    ) -> Offer | Declined:
        what = f"x402 {shortened(raw.get('scheme'))} on {shortened(raw.get('network'))}"
        if model is None:
            return Declined(what, "it is not a payment requirement of this x402 version")
        if _wants_bound_nonce(found.extensions):
            return Declined(what, "its nonce must be bound to the route, and the service's is not")
        return offer_of(
            model,
            raw,
            version=found.version,
            what=what,
            context={"resource": found.resource, "extensions": found.extensions},
        )

    def new_key(self) -> str | None:
        """Return ``None``: an x402 proof is not bound to a key of the payer."""
        return None

    def payment_input(self, offer: Offer, fees: Fees, key: str | None) -> dict[str, Any]:
        """Return the requirement as the merchant wrote it, and an allowance where asked for."""
        del key
        content: dict[str, Any] = {"version": offer.version, "payload": offer.requirement}
        if fees.permit2_allowance_limit is not None and offer.scheme == "upto":
            content["permit2AllowanceLimit"] = fees.permit2_allowance_limit
        return {"cryptoX402": content}

    def proof(self, offer: Offer, output: Mapping[str, Any]) -> Any:
        """Return the signed payload."""
        del offer
        payload = output.get("cryptoX402", {}).get("payload")
        if not isinstance(payload, dict) or not payload:
            message = "the service's answer has no cryptoX402 payload"
            raise ValueError(message)
        return payload

    def expires_at(self, proof: Any) -> float | None:
        """Return the expiry of an EIP-3009 or Permit2 authorization; Solana's is not stated."""
        for member, end in (("authorization", "validBefore"), ("permit2Authorization", "deadline")):
            text = proof.get(member, {}).get(end)
            if isinstance(text, str) and ATOMIC.fullmatch(text):
                return float(min(int(text), 2**52))
        return None

    def headers(
        self, offer: Offer, proof: Any, *, method: str, url: str, token: str, key: str | None
    ) -> dict[str, str]:
        """Return the payment header, with a payment identifier if the merchant supports it."""
        del method, url, key
        client = x402ClientSync().set_spend_controls(False)
        if offer.version == "1":
            required_v1 = PaymentRequiredV1(
                accepts=[PaymentRequirementsV1.model_validate(offer.requirement)]
            )
            accepted = required_v1.accepts[0]
            client.register_v1(accepted.network, _Signed(accepted.scheme, proof))
            encoded = encode_payment_signature_header(client.create_payment_payload(required_v1))
            return {X_PAYMENT_HEADER: encoded}
        required = PaymentRequired.model_validate(
            {
                "accepts": [offer.requirement],
                "resource": offer.context.get("resource"),
                "extensions": _identified(offer.context.get("extensions"), token),
            }
        )
        accepted_v2 = required.accepts[0]
        client.register(accepted_v2.network, _Signed(accepted_v2.scheme, proof))
        encoded = encode_payment_signature_header(client.create_payment_payload(required))
        return {PAYMENT_SIGNATURE_HEADER: encoded}

    def rehearse(self, offer: Offer, *, method: str, url: str) -> None:
        """Build the payment header with a placeholder proof."""
        self.headers(offer, {}, method=method, url=url, token="0" * 36, key=None)

    def settlement(self, headers: Headers) -> Settlement | None:
        """Return what the settlement header says."""
        return envelopes.settlement(headers)

    def refusal(self, demand: Demand) -> str:
        """Return the reason of the settlement header or of the new 402."""
        return envelopes.refusal(demand)


class _Signed:
    """A scheme of x402's client core that only returns what the service signed."""

    def __init__(self, scheme: str, payload: dict[str, Any]) -> None:
        self.scheme = scheme
        self._payload = payload

    def create_payment_payload(self, requirements: Any) -> dict[str, Any]:
        """Return the signed payload."""
        del requirements
        return dict(self._payload)


def offer_of(  # noqa: PLR0911 (one for each reason)
    model: PaymentRequirements | PaymentRequirementsV1,
    raw: dict[str, Any],
    *,
    version: int,
    what: str,
    context: Mapping[str, Any],
) -> Offer | Declined:
    """Return the offer of one requirement, or why it is not understood.

    Args:
        model: The requirement by x402's model.
        raw: The requirement as it came.
        version: x402 version, 1 or 2.
        what: What to call it in a message.
        context: Resource and extensions of its 402.
    """
    network = networks.find(model.network)
    if network is None or network.tempo:
        return Declined(what, "the service does not pay x402 on this network")
    if model.scheme != "exact" and not (
        model.scheme == "upto" and version > 1 and network.wallet == networks.ETHEREUM
    ):
        return Declined(what, "the service does not pay this scheme here")
    if not network.is_usdc(model.asset):
        return Declined(what, "the asset is not this network's USDC")
    units = model.get_amount()
    if not ATOMIC.fullmatch(units) or int(units) == 0:
        return Declined(what, "the amount is not a positive number of atomic units")
    if type(raw.get("maxTimeoutSeconds")) is not int or model.max_timeout_seconds <= 0:
        return Declined(what, "maxTimeoutSeconds is not a positive whole number")
    extra = model.get_extra() or {}
    if extra.get("paymentFlow", "authorization") != "authorization":
        return Declined(what, "its payment flow is not authorization")
    resource = context.get("resource") or {}
    description = getattr(model, "description", None) or resource.get("description")
    return Offer(
        payment_type="CRYPTO_X402",
        protocol="x402",
        version=str(version),
        scheme=model.scheme,
        network=network.caip2,
        asset=model.asset,
        pay_to=model.pay_to,
        amount=networks.usd(int(units)),
        wallet=network.wallet,
        requirement=raw,
        context=context,
        valid_seconds=model.max_timeout_seconds,
        description=shortened(description),
    )


def _wants_bound_nonce(extensions: dict[str, Any]) -> bool:
    """Return whether a merchant on pympp or mppx takes only nonces derived from its route.

    Beside the method, its extension then names a scope, a digest or metadata. It offers MPP too.
    """
    extension = extensions.get("mppx")
    info = extension.get("info") if isinstance(extension, dict) else None
    return isinstance(info, dict) and bool(info.keys() - {"method", "nonce"})


def _identified(extensions: dict[str, Any] | None, token: str) -> dict[str, Any] | None:
    if not extensions or _PAYMENT_IDENTIFIER not in extensions:
        return extensions
    from x402.extensions.payment_identifier import append_payment_identifier_to_extensions

    return append_payment_identifier_to_extensions(dict(extensions), token)


PROTOCOL = X402()
"""The row."""
