"""A known start: managers, connectors, wallets, sessions and funds, made from one document.

Names and values are those of the API; funds and limits are US dollars as decimal text.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.emulator.backend import kept, places
from boto3_agentcore_payments.emulator.engine import finding, instruments, operations
from boto3_agentcore_payments.emulator.engine.errors import ServiceError
from boto3_agentcore_payments.emulator.wire import definitions, validation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from boto3_agentcore_payments.emulator.engine.state import PaymentsState

_CHAINS = {"ETHEREUM": "BASE_SEPOLIA", "SOLANA": "SOLANA_DEVNET"}
_VENDORS = {
    "CoinbaseCDP": ("coinbaseCDP", "coinbaseCdpConfiguration", "coinbase"),
    "StripePrivy": ("stripePrivy", "stripePrivyConfiguration", "privy"),
}
_UNITS = 10**6
_MEMBERS: dict[str, dict[str, Any]] = {
    "": {"managers": list},
    "managers": {"name": str, "connectors": list, "sessions": list},
    "connectors": {"name": str, "type": str, "wallets": list},
    "wallets": {"user": str, "network": str, "funds": str},
    "sessions": {"user": str, "minutes": int, "limit": str},
}
"""What may be in each kind of entry, and of what type it is."""
_NEEDED = {"managers": ("name",), "connectors": ("name",), "wallets": ("user",)}
_WORDS = {list: "a list", str: "text (in quotes, where it is a number)", int: "a whole number"}


def check(start: object) -> None:
    """Check the keys and the types of a document.

    Raises:
        ValueError: if something in it is wrong; the message begins with its place.
    """
    _check(start, "", "the start")


def _check(entry: object, kind: str, path: str) -> None:
    if not isinstance(entry, dict):
        raise ValueError(f"{path} must be an object")  # noqa: TRY004 - one error for every bad document
    members = _MEMBERS[kind]
    for name, value in entry.items():
        place = f"{path}.{name}" if kind else str(name)
        if name not in members:
            raise ValueError(f"{place}: unknown key {name!r}; one of {', '.join(members)}")
        wanted = members[name]
        if not isinstance(value, wanted) or isinstance(value, bool):
            raise ValueError(f"{place} must be {_WORDS[wanted]}")  # noqa: TRY004 - as above
        if wanted is list:
            for number, each in enumerate(value):
                _check(each, name, f"{place}[{number}]")
    for name in _NEEDED.get(kind, ("user",) if kind == "sessions" else ()):
        if name not in entry:
            raise ValueError(f"{path}: key {name!r} is missing")


def seed(start: Mapping[str, Any], account_id: str | None, region: str | None) -> None:
    """Make what a document names, all of it or nothing.

    Raises:
        ValueError: if something in it is wrong, or the service refuses it; the message begins with
            its place.
    """
    check(start)
    backend = places.chosen(account_id, region)
    before = kept.rows(backend)
    try:
        for number, manager in enumerate(start.get("managers", ())):
            _manager(backend.state, manager, f"managers[{number}]")
    except ValueError:
        backend.reset()
        kept.put_back(backend, before.items())
        raise


def _manager(state: PaymentsState, entry: Mapping[str, Any], path: str) -> None:
    made = _call(
        state,
        path,
        "CreatePaymentManager",
        name=entry["name"],
        authorizerType="AWS_IAM",
        roleArn=f"arn:{state.partition}:iam::{state.account_id}:role/payments",
    )
    for number, connector in enumerate(entry.get("connectors", ())):
        _connector(state, made, connector, f"{path}.connectors[{number}]")
    for number, session in enumerate(entry.get("sessions", ())):
        limit = session.get("limit")
        limits = {"maxSpendAmount": {"value": limit, "currency": "USD"}}
        _call(
            state,
            f"{path}.sessions[{number}]",
            "CreatePaymentSession",
            paymentManagerArn=made["paymentManagerArn"],
            userId=session["user"],
            expiryTimeInMinutes=session.get("minutes", 60),
            **({} if limit is None else {"limits": limits}),
        )


def _connector(
    state: PaymentsState, manager: Mapping[str, Any], entry: Mapping[str, Any], path: str
) -> None:
    from boto3_agentcore_payments.testing import secrets

    vendor = entry.get("type", "CoinbaseCDP")
    if vendor not in _VENDORS:
        raise ValueError(f"{path}.type: unknown type {vendor!r}; one of {', '.join(_VENDORS)}")
    member, configuration, secret = _VENDORS[vendor]
    provider = _call(
        state,
        path,
        "CreatePaymentCredentialProvider",
        name=f"{manager['paymentManagerId']}-{entry['name']}",
        credentialProviderVendor=vendor,
        providerConfigurationInput={configuration: getattr(secrets, secret)()},
    )
    arn = provider["credentialProviderArn"]
    connector = _call(
        state,
        path,
        "CreatePaymentConnector",
        paymentManagerId=manager["paymentManagerId"],
        name=entry["name"],
        type=vendor,
        credentialProviderConfigurations=[{member: {"credentialProviderArn": arn}}],
    )
    for number, wallet in enumerate(entry.get("wallets", ())):
        place = f"{path}.wallets[{number}]"
        units = _units(wallet.get("funds", "0"), f"{place}.funds")
        network = wallet.get("network", "ETHEREUM")
        email = {"email": {"emailAddress": f"{wallet['user']}@example.com"}}
        made = _call(
            state,
            place,
            "CreatePaymentInstrument",
            paymentManagerArn=manager["paymentManagerArn"],
            paymentConnectorId=connector["paymentConnectorId"],
            userId=wallet["user"],
            paymentInstrumentType="EMBEDDED_CRYPTO_WALLET",
            paymentInstrumentDetails={
                "embeddedCryptoWallet": {"network": network, "linkedAccounts": [email]}
            },
        )["paymentInstrument"]["paymentInstrumentId"]
        with state.lock:
            found = finding.find_instrument_anywhere(state, made)
            if found is not None:
                address = instruments.wallet_address(state, found)
                state.balances.set(address, _CHAINS[network], units)


def _call(state: PaymentsState, path: str, operation: str, **params: Any) -> dict[str, Any]:
    try:
        failures = definitions.operations()[operation].validate(params)
        if failures:
            raise validation.invalid([(where.lstrip("."), what) for where, what in failures])
        return operations.perform(state, operation, params)
    except ServiceError as error:
        raise ValueError(f"{path}: {error.message}") from error


def _units(dollars: str, path: str) -> int:
    try:
        units = Decimal(dollars) * _UNITS
        if units >= 0 and units == int(units):
            return int(units)
    except (InvalidOperation, ValueError, OverflowError):
        pass
    raise ValueError(f'{path} must be US dollars as text with at most 6 decimals, such as "5.00"')
