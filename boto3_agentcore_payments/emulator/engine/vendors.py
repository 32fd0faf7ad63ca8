"""The wallet vendors: one row for each.

Everything that differs between vendors is in their rows, or behind ``ports.VendorTokens``. A vendor
that is in the service definitions but not in this table is refused as not emulated.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from boto3_agentcore_payments.emulator.engine.errors import ValidationException

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class QuickCreate:
    """How the service makes and keeps a vendor's credentials itself.

    Attributes:
        secrets: The provider's secret members, by their kind in a rotation request.
        name: The public member that is issued again together with :attr:`name_of`.
        name_of: The secret member whose rotation gives :attr:`name` a new value.
    """

    secrets: Mapping[str, str]
    name: str
    name_of: str


@dataclass(frozen=True)
class Vendor:
    """One wallet vendor.

    Attributes:
        name: As a connector's ``type`` and as ``credentialProviderVendor``.
        connector_member: Member of ``credentialProviderConfigurations`` and of
            ``credentialsToRotate``.
        provider_member: Member of ``providerConfigurationInput`` and ``...Output``.
        names: Public members of that configuration.
        secrets: Secret members of that configuration.
        token_request: Member of ``paymentTokenRequest``.
        token_response: Member of ``paymentTokenResponse``.
        stored_under: The vendor's folder in a managed secret's name ([recorded]).
        stored_as: Each secret member's part of a managed secret's name ([recorded]).
        title: The vendor's name in the service's messages.
        mpp_methods: MPP methods that its wallets can pay with [guide].
        wallet_page: Where a new wallet's user is sent (``redirectUrl``), or ``None``.
        quick_create: How QUICK_CREATE works, or ``None`` if the vendor does not have it.
    """

    name: str
    connector_member: str
    provider_member: str
    names: tuple[str, ...]
    secrets: tuple[str, ...]
    token_request: str
    token_response: str
    stored_under: str
    stored_as: Mapping[str, str]
    title: str
    mpp_methods: tuple[str, ...]
    wallet_page: str | None = None
    quick_create: QuickCreate | None = None


VENDORS: Mapping[str, Vendor] = {
    vendor.name: vendor
    for vendor in (
        Vendor(
            name="CoinbaseCDP",
            connector_member="coinbaseCDP",
            provider_member="coinbaseCdpConfiguration",
            names=("apiKeyId",),
            secrets=("apiKeySecret", "walletSecret"),
            token_request="coinbaseCdpTokenRequest",  # noqa: S106 - a member's name
            token_response="coinbaseCdpTokenResponse",  # noqa: S106 - a member's name
            stored_under="coinbasecdp",
            stored_as={"apiKeySecret": "apikey", "walletSecret": "wallet"},
            # The recorded host under a domain that never resolves (RFC 2606): no test sends
            # anybody to a real vendor.
            wallet_page="https://hub.cdp.coinbase.invalid",
            title="Coinbase",
            mpp_methods=("evm", "tempo"),
            quick_create=QuickCreate(
                secrets={"API_KEY": "apiKeySecret", "WALLET_SECRET": "walletSecret"},
                name="apiKeyId",
                name_of="apiKeySecret",
            ),
        ),
        Vendor(
            name="StripePrivy",
            connector_member="stripePrivy",
            provider_member="stripePrivyConfiguration",
            names=("appId", "authorizationId"),
            secrets=("appSecret", "authorizationPrivateKey"),
            token_request="stripePrivyTokenRequest",  # noqa: S106 - a member's name
            token_response="stripePrivyTokenResponse",  # noqa: S106 - a member's name
            stored_under="stripeprivy",
            stored_as={"appSecret": "appsecret", "authorizationPrivateKey": "authprivkey"},
            title="Privy",
            mpp_methods=("evm", "tempo", "solana"),
        ),
    )
}
"""The vendors by name."""

CONNECTOR_MEMBERS = frozenset(vendor.connector_member for vendor in VENDORS.values())
"""Every vendor's member of ``credentialProviderConfigurations``."""

QUICK_CREATE_VENDORS = tuple(vendor.name for vendor in VENDORS.values() if vendor.quick_create)
"""Names of the vendors that a QUICK_CREATE connector can be for."""


def require_vendor(name: str, path: str, what: str) -> Vendor:
    """Return a vendor.

    Args:
        name: As the request names it.
        path: The member that names it.
        what: The member's name in a message, e.g. ``Connector type``.

    Raises:
        ValidationException: if the vendor is in the model but not emulated.
    """
    vendor = VENDORS.get(name)
    if vendor is None:
        raise ValidationException.not_emulated(path, what, name)
    return vendor
