"""Tokens for the wallet vendors' own APIs, as GetResourcePaymentToken returns them.

One row and one module for each vendor: ``coinbase_tokens``, ``privy_tokens``.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.emulator.proofs import coinbase_tokens, privy_tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from boto3_agentcore_payments.emulator.engine.ports import VendorCredentials

ISSUERS = {"CoinbaseCDP": coinbase_tokens.issue, "StripePrivy": privy_tokens.issue}
"""Function that makes a vendor's tokens, by the vendor's name in the model."""


CHECKS = {**coinbase_tokens.SECRETS, **privy_tokens.SECRETS}
"""Function that finds what is wrong with a secret, by vendor's name and secret's member."""


class LocalVendorTokens:
    """Makes the tokens; implements the engine's ``VendorTokens``.

    Args:
        entropy: Returns that many random bytes, for nonces and token ids.
    """

    def __init__(self, entropy: Callable[[int], bytes] = secrets.token_bytes) -> None:
        self._entropy = entropy

    def issue(
        self,
        vendor: str,
        request: Mapping[str, Any],
        credentials: VendorCredentials,
        *,
        now: datetime,
    ) -> dict[str, Any]:
        """Return the content of the vendor's member of ``paymentTokenResponse``.

        Args:
            vendor: ``CoinbaseCDP`` or ``StripePrivy``.
            request: The content of the vendor's member of ``paymentTokenRequest``.
            credentials: The credentials to sign with.
            now: Timezone-aware service time.

        Raises:
            ValidationException: if the body to sign is not JSON.
            MissingExtraError: if the library that signs is not installed.
        """
        return ISSUERS[vendor](request, credentials, now, self._entropy)

    def problem_of(self, vendor: str, member: str, value: str) -> str | None:
        """Return what is wrong with a secret's format, without quoting it, or ``None``.

        Args:
            vendor: ``CoinbaseCDP`` or ``StripePrivy``.
            member: The secret's member, e.g. ``apiKeySecret``.
            value: Its value.

        Raises:
            MissingExtraError: if the library that reads keys is not installed.
        """
        check = CHECKS.get((vendor, member))
        return None if check is None else check(value)

    def managed_secret(self, vendor: str, kind: str, identity: str) -> str:
        """Return a test secret as the vendor would issue it to a QUICK_CREATE connector.

        Args:
            vendor: ``CoinbaseCDP``, the only vendor with such connectors.
            kind: ``API_KEY`` or ``WALLET_SECRET`` (model: ``CoinbaseCdpSecret``).
            identity: Text that identifies this secret among all others.
        """
        del vendor
        return coinbase_tokens.managed_secret(kind, identity)
