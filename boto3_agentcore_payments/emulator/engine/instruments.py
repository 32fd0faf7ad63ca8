"""Payment instruments: the five operations on them, their wallets, and blocking."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.emulator.engine import identifiers
from boto3_agentcore_payments.emulator.engine.errors import (
    ResourceNotFoundException,
    ValidationException,
)
from boto3_agentcore_payments.emulator.engine.finding import (
    find_live_instrument,
    find_manager_by_arn,
    find_owner,
    manager_not_found,
    owner_for,
    require_connector,
    require_ready_connector,
    require_ready_manager,
    required_user,
)
from boto3_agentcore_payments.emulator.engine.ledger import CHAINS
from boto3_agentcore_payments.emulator.engine.money import USDC_DECIMALS
from boto3_agentcore_payments.emulator.engine.paging import (
    DATA_PLANE_LARGEST_PAGE,
    DATA_PLANE_PAGE,
    Collection,
    page_size,
    take_page,
)
from boto3_agentcore_payments.emulator.engine.ports import WalletKey
from boto3_agentcore_payments.emulator.engine.resources import Instrument
from boto3_agentcore_payments.emulator.engine.statuses import (
    ACTIVE,
    BLOCKED,
    DELETED,
    INITIATED,
    INSTRUMENT_MODEL,
    INSTRUMENT_TRANSITIONS,
)
from boto3_agentcore_payments.emulator.engine.vendors import VENDORS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from boto3_agentcore_payments.emulator.engine.resources import Owner
    from boto3_agentcore_payments.emulator.engine.state import PaymentsState

_WALLET = "embeddedCryptoWallet"
_TYPE = "EMBEDDED_CRYPTO_WALLET"
_TOKEN = "USDC"  # noqa: S105 - a currency, not a secret


def create_payment_instrument(state: PaymentsState, params: Mapping[str, Any]) -> dict[str, Any]:
    """CreatePaymentInstrument.

    Behaviour:
        - [model] INITIATED, then ACTIVE.
        - [guide] The answer has the wallet's address, and for Coinbase a redirectUrl.
        - [guide] Unknown manager or connector: ResourceNotFoundException.
        - [sdk] linkedAccounts may be missing: some clients switch botocore's validation
          off.
        - [decided] The wallet is a test key that follows from the emulator's seed, account
          and region, and from how many wallets there were before, so that every run has
          the same addresses; the redirectUrl leads nowhere (a name under `.invalid`).
        - [decided] A manager or connector that is not READY is a ConflictException.
        - [decided] Without userId: ValidationException naming it.
    """
    user = required_user(params)
    manager = find_manager_by_arn(state, params["paymentManagerArn"])
    if manager is None:
        missing = identifiers.last_part(params["paymentManagerArn"])
        raise ResourceNotFoundException(manager_not_found(missing))
    connector = require_connector(state, manager, params["paymentConnectorId"])
    wallet = _checked_wallet(params)
    require_ready_manager(manager)
    require_ready_connector(state, connector)
    owner = manager.owners.get(user)
    identifier = identifiers.instrument(state.random, () if owner is None else owner.instruments)
    page = VENDORS[connector.type].wallet_page
    now = state.clock()
    instrument = Instrument(
        identifier=identifier,
        manager_arn=manager.arn,
        connector_id=connector.identifier,
        user=user,
        type=params["paymentInstrumentType"],
        network=wallet["network"],
        linked_accounts=deepcopy(wallet.get("linkedAccounts", [])),
        redirect_url=None if page is None else f"{page}/{identifier}",
        address=None,
        created_at=now,
        updated_at=now,
        lifecycle=state.lifecycles(INSTRUMENT_MODEL, INSTRUMENT_TRANSITIONS, INITIATED),
        sequence=state.next_sequence(),
        wallet=state.next_wallet(),
    )
    answer = {"paymentInstrument": _full(state, instrument, INITIATED)}
    # Only now, after the prover could refuse: an error leaves nothing behind.
    owner = owner_for(manager, user)
    owner.instruments[identifier] = instrument
    for key in (None, connector.identifier):
        owner.listed.setdefault(key, Collection()).add(identifier, instrument)
    return answer


def get_payment_instrument(state: PaymentsState, params: Mapping[str, Any]) -> dict[str, Any]:
    """GetPaymentInstrument.

    Behaviour:
        - [live] Another user's instrument: ResourceNotFoundException.
        - [model] paymentConnectorId may be left out; given, it must be the instrument's.
        - [decided] A deleted instrument is found, with status DELETED.
        - [decided] Without userId nobody's resources are seen.
    """
    _, instrument = _require_own(state, params)
    return {"paymentInstrument": _full(state, instrument, instrument.lifecycle.observe())}


def get_payment_instrument_balance(
    state: PaymentsState, params: Mapping[str, Any]
) -> dict[str, Any]:
    """GetPaymentInstrumentBalance.

    Behaviour:
        - [model] The amount is text in atomic units, 6 decimals.
        - [decided] A deleted instrument still has its balance.
        - [decided] A chain that does not fit the wallet's network: ValidationException.
        - [decided] A wallet is empty until the control surface funds it; a settled payment
          moves its balance, a signed one does not.
    """
    _, instrument = _require_own(state, params)
    chain = params["chain"]
    if chain not in CHAINS[instrument.network]:
        raise ValidationException.at(
            "chain",
            f"Chain '{chain}' is not supported for network '{instrument.network}'. "
            f"Supported chains: {', '.join(CHAINS[instrument.network])}",
        )
    if params["token"] != _TOKEN:
        raise ValidationException.not_emulated("token", "Token", params["token"])
    amount = state.balances.get(wallet_address(state, instrument), chain)
    return {
        "paymentInstrumentId": instrument.identifier,
        "tokenBalance": {
            "amount": str(amount),
            "decimals": USDC_DECIMALS,
            "token": params["token"],
            "network": instrument.network,
            "chain": chain,
        },
    }


def list_payment_instruments(state: PaymentsState, params: Mapping[str, Any]) -> dict[str, Any]:
    """ListPaymentInstruments.

    Behaviour:
        - [live] The user's own only, without details.
        - [model] May be of one connector only; an unknown manager is no
          ResourceNotFoundException.
        - [decided] Oldest first, without deleted ones; 1 to 1000 a page, 100 if not asked
          for otherwise.
    """
    size = page_size(params, default=DATA_PLANE_PAGE, largest=DATA_PLANE_LARGEST_PAGE)
    arn, connector_id = params["paymentManagerArn"], params.get("paymentConnectorId")
    owner = find_owner(find_manager_by_arn(state, arn), params)
    page, more = take_page(
        state.page_tokens,
        params,
        None if owner is None else owner.listed.get(connector_id),
        scope=("ListPaymentInstruments", arn, params.get("userId", ""), connector_id or ""),
        size=size,
        # A test may have put one into this status without a call of DeletePaymentInstrument.
        keep=lambda instrument: instrument.lifecycle.current() != DELETED,
    )
    summaries = [_summary(instrument, instrument.lifecycle.observe()) for instrument in page]
    return {"paymentInstruments": summaries, **more}


def delete_payment_instrument(state: PaymentsState, params: Mapping[str, Any]) -> dict[str, Any]:
    """DeletePaymentInstrument.

    Behaviour:
        - [sdk] Soft: status DELETED. Manager, connector, instrument and user must all
          match.
        - [sdk] A second delete: ResourceNotFoundException.
    """
    owner, instrument = _require_own(state, params)
    if instrument.lifecycle.current() == DELETED:
        raise ResourceNotFoundException(_not_found(instrument.identifier))
    instrument.lifecycle.force(DELETED)
    instrument.updated_at = state.clock()
    for key in (None, instrument.connector_id):
        owner.listed[key].remove(instrument.identifier)
    return {"status": DELETED}


def wallet_key(state: PaymentsState, instrument: Instrument) -> WalletKey:
    """Return the name of an instrument's test wallet."""
    return WalletKey(seed=state.seed, identity=instrument.wallet, network=instrument.network)


def wallet_address(state: PaymentsState, instrument: Instrument) -> str:
    """Return the wallet's address, asking the prover once.

    Raises:
        MissingExtraError: if a library the address needs is not installed.
        InternalServerException: if there is no prover.
    """
    if instrument.address is None:
        prover = state.require_prover()
        instrument.address = prover.wallet_address(wallet_key(state, instrument))
    return instrument.address


def block_instrument(state: PaymentsState, identifier: str) -> None:
    """Put an instrument into BLOCKED, as the vendor would; it cannot pay.

    Raises:
        ResourceNotFoundException: if there is none, or it is deleted.
    """
    with state.lock:
        _require_live(state, identifier).lifecycle.force(BLOCKED)


def unblock_instrument(state: PaymentsState, identifier: str) -> None:
    """Make a blocked instrument ACTIVE again; see :func:`block_instrument`."""
    with state.lock:
        _require_live(state, identifier).lifecycle.begin(ACTIVE)


def _checked_wallet(params: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the wallet a request asks for, or refuse what is not emulated."""
    kind = params["paymentInstrumentType"]
    if kind != _TYPE:
        raise ValidationException.not_emulated("paymentInstrumentType", "Instrument type", kind)
    wallet: Mapping[str, Any] | None = params["paymentInstrumentDetails"].get(_WALLET)
    if wallet is None:
        raise ValidationException.at(
            "paymentInstrumentDetails", f"paymentInstrumentDetails.{_WALLET} is required"
        )
    if wallet["network"] not in CHAINS:
        path = f"paymentInstrumentDetails.{_WALLET}.network"
        raise ValidationException.not_emulated(path, "Wallet network", wallet["network"])
    return wallet


def _require_own(state: PaymentsState, params: Mapping[str, Any]) -> tuple[Owner, Instrument]:
    """Return the caller's instrument; manager, user and, if given, connector must match."""
    identifier = params["paymentInstrumentId"]
    owner = find_owner(find_manager_by_arn(state, params["paymentManagerArn"]), params)
    instrument = None if owner is None else owner.instruments.get(identifier)
    if (
        owner is None
        or instrument is None
        or params.get("paymentConnectorId", instrument.connector_id) != instrument.connector_id
    ):
        raise ResourceNotFoundException(_not_found(identifier))
    return owner, instrument


def _require_live(state: PaymentsState, identifier: str) -> Instrument:
    instrument = find_live_instrument(state, identifier)
    if instrument is None:
        raise ResourceNotFoundException(_not_found(identifier))
    return instrument


def _not_found(identifier: str) -> str:
    return f"Payment instrument not found: {identifier}"


def _summary(instrument: Instrument, status: str) -> dict[str, Any]:
    return {
        "paymentInstrumentId": instrument.identifier,
        "paymentManagerArn": instrument.manager_arn,
        "paymentConnectorId": instrument.connector_id,
        "userId": instrument.user,
        "paymentInstrumentType": instrument.type,
        "status": status,
        "createdAt": instrument.created_at,
        "updatedAt": instrument.updated_at,
    }


def _full(state: PaymentsState, instrument: Instrument, status: str) -> dict[str, Any]:
    wallet: dict[str, Any] = {
        "network": instrument.network,
        "linkedAccounts": deepcopy(instrument.linked_accounts),
    }
    if state.prover is not None:
        wallet["walletAddress"] = wallet_address(state, instrument)
    if instrument.redirect_url is not None:
        wallet["redirectUrl"] = instrument.redirect_url
    return {**_summary(instrument, status), "paymentInstrumentDetails": {_WALLET: wallet}}
