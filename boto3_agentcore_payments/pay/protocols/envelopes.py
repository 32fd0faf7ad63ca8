"""The x402 envelope of a 402: version 2's header, or the body; validated by x402's models.

Each offer is validated by itself, so that one malformed offer does not hide the others.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError
from x402.http.constants import PAYMENT_REQUIRED_HEADER
from x402.http.utils import decode_payment_response_header, safe_base64_decode
from x402.schemas import PaymentRequirements, ResourceInfo
from x402.schemas.v1 import PaymentRequirementsV1

from boto3_agentcore_payments.json_text import check_nesting
from boto3_agentcore_payments.pay.demands import MAX_HEADER, MAX_OFFERS, shortened
from boto3_agentcore_payments.pay.protocols import Settlement

if TYPE_CHECKING:
    from collections.abc import Iterator

    from boto3_agentcore_payments.pay.demands import Demand, Headers


@dataclass(frozen=True)
class Envelope:
    """What an x402 402 says.

    Attributes:
        version: 1 or 2.
        accepts: The offers as they came.
        resource: What is sold (version 2), as the merchant wrote it, or ``None``.
        extensions: The merchant's extensions (version 2).
        error: The merchant's error.
    """

    version: int
    accepts: tuple[Any, ...]
    resource: dict[str, Any] | None
    extensions: dict[str, Any]
    error: str


def envelope(demand: Demand) -> Envelope | str:
    """Return the envelope of a 402, or the reason why it cannot be read."""
    if "x402" not in demand.parsed:
        try:
            demand.parsed["x402"] = _read(demand)
        except (ValueError, RecursionError) as error:
            demand.parsed["x402"] = str(error) if type(error) is ValueError else "it is not JSON"
    found: Envelope | str = demand.parsed["x402"]
    return found


def _read(demand: Demand) -> Envelope:
    header = demand.headers.get(PAYMENT_REQUIRED_HEADER)
    if header is not None and len(header) > MAX_HEADER:
        message = f"the header {PAYMENT_REQUIRED_HEADER} is longer than {MAX_HEADER} characters"
        raise ValueError(message)
    text = safe_base64_decode(header) if header else demand.body.decode()
    check_nesting(text)
    found = json.loads(text)
    if not isinstance(found, dict):
        message = "it is not a JSON object"
        raise ValueError(message)  # noqa: TRY004 (what a merchant sent, not an argument)
    version, accepts = found.get("x402Version"), found.get("accepts")
    if version not in (1, 2) or isinstance(version, bool) or not isinstance(accepts, list):
        message = "it has no x402Version 1 or 2 with a list of accepts"
        raise ValueError(message)
    if len(accepts) > MAX_OFFERS:
        message = f"it makes {len(accepts)} offers, more than {MAX_OFFERS}"
        raise ValueError(message)
    resource, extensions = found.get("resource"), found.get("extensions")
    if not isinstance(resource, dict) or not _is_resource(resource):
        resource = None
    return Envelope(
        version=int(version),
        accepts=tuple(accepts),
        resource=resource,
        extensions=extensions if isinstance(extensions, dict) else {},
        error=shortened(found.get("error")),
    )


def _is_resource(resource: dict[str, Any]) -> bool:
    try:
        ResourceInfo.model_validate(resource)
    except ValidationError:
        return False
    return True


def requirements(
    found: Envelope,
) -> Iterator[tuple[dict[str, Any], PaymentRequirements | PaymentRequirementsV1 | None]]:
    """Yield each offer as it came, with x402's model of it, or ``None`` if it is not valid."""
    for accept in found.accepts:
        raw = accept if isinstance(accept, dict) else {}
        try:
            if found.version == 1:
                yield raw, PaymentRequirementsV1.model_validate(raw)
            else:
                yield raw, PaymentRequirements.model_validate(raw)
        except ValidationError:
            yield raw, None


def settlement(headers: Headers) -> Settlement | None:
    """Return what an x402 merchant says about the payment, using x402's own decoder."""
    for name in ("PAYMENT-RESPONSE", "X-PAYMENT-RESPONSE"):
        value = headers.get(name)
        if not value or len(value) > MAX_HEADER:
            continue
        try:
            found = decode_payment_response_header(value)
        except (ValueError, RecursionError):
            continue
        return Settlement(
            found.success,
            found.transaction or None,
            shortened(found.error_reason or found.error_message),
        )
    return None


def refusal(demand: Demand) -> str:
    """Return why an x402 merchant refused, from its settlement or its new 402."""
    said = settlement(demand.headers)
    if said is not None and said.reason:
        return said.reason
    found = envelope(demand)
    return found.error if isinstance(found, Envelope) else ""
