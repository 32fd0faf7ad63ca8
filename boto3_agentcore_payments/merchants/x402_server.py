"""The x402 library's resource server, as every local merchant of version 2 uses it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from x402 import x402ResourceServerSync

if TYPE_CHECKING:
    from x402.schemas import PaymentPayload, PaymentRequirements


class ResourceServer(x402ResourceServerSync):
    """A resource server that refuses a payment of another x402 version."""

    def find_matching_requirements(
        self, available: list[PaymentRequirements], payload: PaymentPayload
    ) -> PaymentRequirements | None:
        """Return the requirement that a payment is for, or ``None``, which is answered with 402.

        The library parses a version 1 payment too, but that names no requirement, and its server
        would fail.
        """
        if getattr(payload, "accepted", None) is None:
            return None
        return super().find_matching_requirements(available, payload)
