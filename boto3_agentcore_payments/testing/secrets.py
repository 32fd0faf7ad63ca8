"""Secrets in the wallet vendors' own formats, for credential providers of tests.

Each call makes new ones; none is a key of anything. In Python::

    control.create_payment_credential_provider(
        name="wallets",
        credentialProviderVendor="CoinbaseCDP",
        providerConfigurationInput={"coinbaseCdpConfiguration": secrets.coinbase()},
    )

On a command line ``python -m boto3_agentcore_payments.testing.secrets coinbase`` prints the same
configuration as JSON, ``privy`` that of Privy.

Needs cryptography, which the extra ``emulator`` brings.
"""

from __future__ import annotations

import argparse
import json
import secrets
import uuid
from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.errors import MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "coinbase",
    "coinbase_api_key_secret",
    "coinbase_wallet_secret",
    "privy",
    "privy_authorization_key",
]


def coinbase() -> dict[str, str]:
    """Return a ``coinbaseCdpConfiguration``: apiKeyId, apiKeySecret and walletSecret.

    Raises:
        MissingExtraError: if cryptography is not installed.
    """
    return {
        "apiKeyId": str(uuid.uuid4()),
        "apiKeySecret": coinbase_api_key_secret(),
        "walletSecret": coinbase_wallet_secret(),
    }


def privy() -> dict[str, str]:
    """Return a ``stripePrivyConfiguration``: its two ids and its two secrets.

    Raises:
        MissingExtraError: if cryptography is not installed.
    """
    return {
        "appId": secrets.token_hex(12),
        "appSecret": secrets.token_hex(32),
        "authorizationId": secrets.token_hex(12),
        "authorizationPrivateKey": privy_authorization_key(),
    }


def coinbase_api_key_secret() -> str:
    """Return an ``apiKeySecret``: base64 of an Ed25519 key's seed and public half, 64 bytes.

    Raises:
        MissingExtraError: if cryptography is not installed.
    """
    return str(_keys().new_api_key_secret())


def coinbase_wallet_secret() -> str:
    """Return a ``walletSecret``: base64 of a P-256 key in SEC1 DER.

    Raises:
        MissingExtraError: if cryptography is not installed.
    """
    return str(_keys().new_wallet_secret())


def privy_authorization_key() -> str:
    """Return an ``authorizationPrivateKey``: ``wallet-auth:`` and a P-256 key in PKCS #8 DER.

    Raises:
        MissingExtraError: if cryptography is not installed.
    """
    return str(_keys().new_authorization_key())


def _keys() -> Any:
    try:
        from boto3_agentcore_payments.emulator.proofs import vendor_keys
    except ImportError as error:
        raise MissingExtraError(
            "A secret for tests", extra="emulator", module="cryptography"
        ) from error
    return vendor_keys


_VENDORS = {"coinbase": coinbase, "privy": privy}


def main(arguments: Sequence[str] | None = None) -> None:
    """Print one vendor's configuration as JSON.

    Args:
        arguments: Those of the command line if not given.
    """
    parser = argparse.ArgumentParser(
        prog="python -m boto3_agentcore_payments.testing.secrets",
        description="Print a credential provider's configuration with secrets for tests.",
    )
    parser.add_argument("vendor", choices=sorted(_VENDORS))
    chosen = parser.parse_args(arguments).vendor
    print(json.dumps(_VENDORS[chosen]()))  # noqa: T201 - the command's output


if __name__ == "__main__":
    main()
