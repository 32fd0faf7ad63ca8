"""A known start: managers, connectors, wallets, sessions, funds and merchants from one document.

Names and values are those of the API; funds and limits are US dollars as decimal text. A start is
known to its emulated service, which returns to it when it is reset; its merchants stay open then.
"""

from __future__ import annotations

import re
from contextlib import AbstractContextManager, ExitStack
from copy import deepcopy
from os import PathLike
from typing import TYPE_CHECKING, Any, TypeVar

from boto3_agentcore_payments.emulator.backend import kept, places, seed_files, seed_merchants
from boto3_agentcore_payments.emulator.engine import finding, instruments, operations
from boto3_agentcore_payments.emulator.engine.errors import ServiceError
from boto3_agentcore_payments.emulator.engine.money import USDC_DECIMALS
from boto3_agentcore_payments.emulator.wire import definitions, validation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from boto3_agentcore_payments.emulator.backend.models import PaymentsBackend
    from boto3_agentcore_payments.emulator.engine.state import PaymentsState

Result = TypeVar("Result")

_CHAINS = {"ETHEREUM": "BASE_SEPOLIA", "SOLANA": "SOLANA_DEVNET"}
_VENDORS = {
    "CoinbaseCDP": ("coinbaseCDP", "coinbaseCdpConfiguration", "coinbase"),
    "StripePrivy": ("stripePrivy", "stripePrivyConfiguration", "privy"),
}
_DOLLARS = re.compile(r"[0-9]{1,30}(?:\.[0-9]{1,6})?")
_MEMBERS: dict[str, dict[str, Any]] = {
    "": {"managers": list, "merchants": list},
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
                if name == "merchants":
                    seed_merchants.check(each, f"{place}[{number}]")
                else:
                    _check(each, name, f"{place}[{number}]")
    for name in _NEEDED.get(kind, ("user",) if kind == "sessions" else ()):
        if name not in entry:
            raise ValueError(f"{path}: key {name!r} is missing")


class Start(AbstractContextManager[object]):
    """A start that was made; as a context manager, open until the end of the block.

    Args:
        document: What to make.
        merchants: Those that it opened, with their kinds.

    Attributes:
        closing: Closes the merchants.
        made: What it made: names or users with ids, and merchants' URLs.
    """

    def __init__(self, document: Mapping[str, Any], merchants: list[tuple[str, Any]]) -> None:
        self.document = document
        self.merchants = merchants
        self.made: dict[str, Any] = {}
        self.closing = ExitStack()

    def __exit__(self, *exception: object) -> None:
        """Close the merchants."""
        self.closing.close()


def plant(
    start: Mapping[str, Any] | str | PathLike[str],
    account_id: str | None,
    region: str | None,
    *,
    go_on: bool = False,
) -> Start:
    """Make what a document names, all of it or nothing, and return to it at a reset.

    Args:
        start: The document, or the path of a JSON or YAML file.
        account_id: The account; the default one if not given.
        region: The region; the default one if not given.
        go_on: Open the merchants alone now, because all else is there already.

    Raises:
        ValueError: if something in it is wrong, or the service refuses it; the message begins with
            its place.
        OSError: if the file cannot be read.
        MissingExtraError: if the extra of a merchant is not installed, or PyYAML for YAML.
    """
    document = seed_files.read(start) if isinstance(start, (str, PathLike)) else start
    check(document)
    document = deepcopy(document)
    backend = places.chosen(account_id, region)
    with ExitStack() as opening:
        merchants = seed_merchants.opened(
            opening, document.get("merchants", ()), backend.account_id, backend.region_name
        )
        new = Start(document, merchants)
        _make(backend, new, go_on=go_on)
        new.closing = opening.pop_all()
    backend.starts.append(new)
    return new


def forget(start: Start) -> None:
    """Do not return to a start any more, and close its merchants."""
    for backend in places.in_use():
        if start in backend.starts:
            backend.starts.remove(start)
    start.__exit__(None, None, None)


def is_known(start: Start) -> bool:
    """Return whether a reset will return to a start."""
    return any(start in backend.starts for backend in places.in_use())


def starts(backend: PaymentsBackend) -> list[Start]:
    """Return the starts that were made in an emulated service, oldest first."""
    return [start for start in backend.starts if isinstance(start, Start)]


def reset(backends: Iterable[PaymentsBackend]) -> None:
    """Empty emulated services, and make their starts again."""
    for backend in backends:
        backend.empty()
        _return(backend)


def returning(reset_moto: Callable[[], Result]) -> Result:
    """Let moto reset everything, and make every start again.

    Args:
        reset_moto: Does so.
    """
    known = []
    for backend in places.in_use():
        known.append((backend.account_id, backend.region_name, backend.starts))
        backend.starts = []
    result = reset_moto()
    for account_id, region, its_starts in known:
        if its_starts:
            backend = places.chosen(account_id, region)
            backend.starts = its_starts
            _return(backend)
    return result


def _return(backend: PaymentsBackend) -> None:
    for start in starts(backend):
        for _, merchant in start.merchants:
            merchant.sales.clear()
        _make(backend, start)


def _make(backend: PaymentsBackend, start: Start, *, go_on: bool = False) -> None:
    before = kept.rows(backend)
    made: list[dict[str, Any]] = []
    try:
        for number, manager in enumerate(() if go_on else start.document.get("managers", ())):
            made.append(_manager(backend.state, manager, f"managers[{number}]"))
    except ValueError:
        kept.replace(backend, before.items())
        raise
    start.made = {"managers": made, "merchants": seed_merchants.described(start.merchants)}


def _manager(state: PaymentsState, entry: Mapping[str, Any], path: str) -> dict[str, Any]:
    made = _call(
        state,
        path,
        "CreatePaymentManager",
        name=entry["name"],
        authorizerType="AWS_IAM",
        roleArn=f"arn:{state.partition}:iam::{state.account_id}:role/payments",
    )
    connectors = [
        _connector(state, made, connector, f"{path}.connectors[{number}]")
        for number, connector in enumerate(entry.get("connectors", ()))
    ]
    sessions = []
    for number, session in enumerate(entry.get("sessions", ())):
        limit = session.get("limit")
        limits = {"maxSpendAmount": {"value": limit, "currency": "USD"}}
        opened = _call(
            state,
            f"{path}.sessions[{number}]",
            "CreatePaymentSession",
            paymentManagerArn=made["paymentManagerArn"],
            userId=session["user"],
            expiryTimeInMinutes=session.get("minutes", 60),
            **({} if limit is None else {"limits": limits}),
        )["paymentSession"]["paymentSessionId"]
        sessions.append({"user": session["user"], "paymentSessionId": opened})
    return {
        "name": entry["name"],
        "paymentManagerId": made["paymentManagerId"],
        "paymentManagerArn": made["paymentManagerArn"],
        "connectors": connectors,
        "sessions": sessions,
    }


def _connector(
    state: PaymentsState, manager: Mapping[str, Any], entry: Mapping[str, Any], path: str
) -> dict[str, Any]:
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
    wallets = []
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
        wallets.append({"user": wallet["user"], "paymentInstrumentId": made})
    return {
        "name": entry["name"],
        "paymentConnectorId": connector["paymentConnectorId"],
        "wallets": wallets,
    }


def _call(state: PaymentsState, path: str, operation: str, **params: Any) -> dict[str, Any]:
    try:
        failures = definitions.operations()[operation].validate(params)
        if failures:
            raise validation.invalid([(where.lstrip("."), what) for where, what in failures])
        return operations.perform(state, operation, params)
    except ServiceError as error:
        raise ValueError(f"{path}: {error.message}") from error


def _units(dollars: str, path: str) -> int:
    if _DOLLARS.fullmatch(dollars):
        whole, _, part = dollars.partition(".")
        return int(whole + part.ljust(USDC_DECIMALS, "0"))
    raise ValueError(f'{path} must be US dollars as text with at most 6 decimals, such as "5.00"')
