"""What the engine asks of whatever makes the wallet vendors' tokens.

The engine checks the workload token, finds the credential provider and its secrets; an
implementation of :class:`VendorTokens` makes the tokens out of them. ``emulator.proofs`` has one;
a test may pass any other object of the same shape.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


@dataclass(frozen=True)
class CoinbaseCredentials:
    """A CoinbaseCDP credential provider's values; secrets stay out of its ``repr``.

    Attributes:
        api_key_id: Name of the API key; not secret.
        api_key_secret: The API key's private half, as the caller stored it.
        wallet_secret: The wallet key, as the caller stored it.
    """

    api_key_id: str
    api_key_secret: str = field(repr=False)
    wallet_secret: str = field(repr=False)


@dataclass(frozen=True)
class PrivyCredentials:
    """A StripePrivy credential provider's values; secrets stay out of its ``repr``.

    Attributes:
        app_id: Name of the app; not secret.
        app_secret: The app's secret.
        authorization_id: Name of the authorization key; not secret.
        authorization_private_key: The key requests are signed with, as the caller stored it,
            with or without Privy's ``wallet-auth:`` prefix.
    """

    app_id: str
    app_secret: str = field(repr=False)
    authorization_id: str
    authorization_private_key: str = field(repr=False)


class VendorTokens(Protocol):
    """Makes tokens for the vendors' own APIs."""

    def coinbase(
        self, request: Mapping[str, Any], credentials: CoinbaseCredentials, *, now: datetime
    ) -> dict[str, Any]:
        """Return the members of ``coinbaseCdpTokenResponse``.

        Args:
            request: The request's ``coinbaseCdpTokenRequest``; ``requestHost`` may be missing.
            credentials: What to sign with.
            now: Timezone-aware service time.

        Raises:
            ValidationException: for a request no token can be made for.
        """
        ...

    def privy(
        self, request: Mapping[str, Any], credentials: PrivyCredentials, *, now: datetime
    ) -> dict[str, Any]:
        """Return the members of ``stripePrivyTokenResponse``; see :meth:`coinbase`."""
        ...

    def managed_secret(self, kind: str, identity: str) -> str:
        """Return a test secret as Coinbase would issue it to a QUICK_CREATE connector.

        Args:
            kind: ``API_KEY`` or ``WALLET_SECRET`` (model: ``CoinbaseCdpSecret``).
            identity: What tells this secret from any other, seed included; the same identity
                gives the same secret.
        """
        ...
