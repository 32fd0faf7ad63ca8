"""Payment instruments: the five operations on them, their wallets, and blocking."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.emulator.engine import billing, identifiers
from boto3_agentcore_payments.emulator.engine.errors import (
    ResourceNotFoundException,
    ValidationException,
)
from boto3_agentcore_payments.emulator.engine.finding import (
    drop_if_empty,
    find_instrument,
    find_instrument_anywhere,
    find_manager_by_arn,
    find_owner,
    owner_for,
    require_connector,
    require_manager_by_arn,
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
from boto3_agentcore_payments.emulator.engine.signing_consent import check_new_wallet
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

    from boto3_agentcore_payments.emulator.engine.state import PaymentsState

_WALLET = "embeddedCryptoWallet"
_TYPE = "EMBEDDED_CRYPTO_WALLET"
_TOKEN = "USDC"  # noqa: S105 - a currency, not a secret


def create_payment_instrument(state: PaymentsState, params: Mapping[str, Any]) -> dict[str, Any]:
    """CreatePaymentInstrument.

    Behaviour:
        - [recorded] ACTIVE at once, unless a test sets moto's transitions so that it is INITIATED
          first.
        - [recorded] The wallet has network, walletAddress and, for Coinbase, redirectUrl;
          linkedAccounts is not returned. updatedAt is the time when the wallet was ready.
        - [guide] Privy gives no redirectUrl.
        - [guide] Unknown manager or connector: ResourceNotFoundException.
        - [sdk] linkedAccounts may be missing: some clients turn off botocore's validation.
        - [decided] The wallet's test key is derived from the emulator's seed, the account, the
          region and the number of wallets made before, so every run has the same addresses.
        - [decided] The redirectUrl has the recorded path but a host under `.invalid`, so no
          test opens a vendor's page; under `serve` it leads to a page of the server.
        - [model] A connector of type `AwsBilling` takes no instruments.
        - [decided] The text of that refusal.
        - [guide] Coinbase without subscription: SubscriptionRequiredException.
        - [live] Privy with delegated signing off: InternalServerException `Failed to create
          payment instrument`.
        - [decided] A manager or connector that is not READY is a ConflictException.
        - [decided] Without userId: ValidationException naming it.
    """
    user = required_user(params)
    manager = require_manager_by_arn(state, params["paymentManagerArn"])
    connector = require_connector(state, manager, params["paymentConnectorId"])
    billing.refuse_instruments(connector)
    wallet = _checked_wallet(params)
    require_ready_manager(manager)
    require_ready_connector(state, connector)
    check_new_wallet(state, connector.type)
    owner = manager.owners.get(user)
    identifier = identifiers.instrument(state.random, () if owner is None else owner.instruments)
    page = VENDORS[connector.type].wallet_page
    now = state.clock()
    instrument = Instrument(
        identifier=identifier,
        manager_arn=manager.arn,
        connector_id=connector.identifier,
        vendor=connector.type,
        user=user,
        type=params["paymentInstrumentType"],
        network=wallet["network"],
        linked_accounts=deepcopy(wallet.get("linkedAccounts", [])),
        redirect_url=None
        if page is None
        else f"{page}/{identifiers.hexadecimal(state.random, 12)}",
        address=None,
        created_at=now,
        updated_at=now,
        lifecycle=state.lifecycles(INSTRUMENT_MODEL, INSTRUMENT_TRANSITIONS, INITIATED),
        sequence=state.next_sequence(),
        wallet=state.next_wallet(),
    )
    if state.prover is not None:
        wallet_address(state, instrument)
    instrument.updated_at = state.clock()
    answer = {"paymentInstrument": _full(state, instrument, instrument.lifecycle.current())}
    # Only now, because the prover may have refused: an error leaves nothing behind.
    owner = owner_for(manager, user)
    owner.instruments[identifier] = instrument
    for key in (None, connector.identifier):
        owner.listed.setdefault(key, Collection()).add(identifier, instrument)
    return answer


def get_payment_instrument(state: PaymentsState, params: Mapping[str, Any]) -> dict[str, Any]:
    """GetPaymentInstrument.

    Behaviour:
        - [recorded] Deleted, unknown or another user's: ResourceNotFoundException `Payment
          instrument not found: {id} for the given user and manager.`.
        - [model] paymentConnectorId may be left out; if given, it must be the instrument's.
        - [guide] An unknown manager: ResourceNotFoundException that names it.
        - [decided] Without userId nobody's resources are seen.
    """
    instrument = _require_own(state, params)
    return {"paymentInstrument": _full(state, instrument, instrument.lifecycle.observe())}


def get_payment_instrument_balance(
    state: PaymentsState, params: Mapping[str, Any]
) -> dict[str, Any]:
    """GetPaymentInstrumentBalance.

    Behaviour:
        - [model] The amount is text in atomic units, 6 decimals.
        - [toolkit] A wallet that never held USDC on the chain: `Wallet does not have a USDC
          balance`.
        - [decided] That error is a ValidationException.
        - [decided] A chain that does not fit the wallet's network: ValidationException.
        - [decided] A wallet is empty until the control surface funds it; a settled payment
          moves its balance, a signed one does not.
    """
    instrument = _require_own(state, params)
    chain = params["chain"]
    if chain not in CHAINS[instrument.network]:
        raise ValidationException.at(
            "chain",
            f"Chain '{chain}' is not supported for network '{instrument.network}'. "
            f"Supported chains: {', '.join(CHAINS[instrument.network])}",
        )
    if params["token"] != _TOKEN:
        raise ValidationException.not_emulated("token", "Token", params["token"])
    address = wallet_address(state, instrument)
    if not state.balances.knows(address, chain):
        raise ValidationException.rule("paymentInstrumentId", "Wallet does not have a USDC balance")
    amount = state.balances.get(address, chain)
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
        - [recorded] Only the user's own instruments, without details and without deleted ones.
        - [model] paymentConnectorId limits the list to one connector. An unknown manager is
          not an error; the list is empty.
        - [decided] Oldest first; 1 to 1000 a page, 100 by default.
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
        # A test may have set this status without calling DeletePaymentInstrument.
        keep=lambda instrument: instrument.lifecycle.current() != DELETED,
    )
    summaries = [_summary(instrument, instrument.lifecycle.observe()) for instrument in page]
    return {"paymentInstruments": summaries, **more}


def delete_payment_instrument(state: PaymentsState, params: Mapping[str, Any]) -> dict[str, Any]:
    """DeletePaymentInstrument.

    Behaviour:
        - [recorded] `DELETED`; later reads give ResourceNotFoundException, and lists leave it
          out.
        - [sdk] Manager, connector, instrument and user must all match. A second delete:
          ResourceNotFoundException.
    """
    instrument = _require_own(state, params)
    manager = require_manager_by_arn(state, params["paymentManagerArn"])
    owner = manager.owners[instrument.user]
    del owner.instruments[instrument.identifier]
    for key in (None, instrument.connector_id):
        owner.listed[key].remove(instrument.identifier)
    drop_if_empty(manager, owner)
    return {"status": DELETED}


def wallet_key(state: PaymentsState, instrument: Instrument) -> WalletKey:
    """Return the name of an instrument's test wallet."""
    vendor = VENDORS[instrument.vendor]
    return WalletKey(
        seed=state.seed,
        identity=instrument.wallet,
        network=instrument.network,
        vendor=vendor.title,
        mpp_methods=vendor.mpp_methods,
    )


def wallet_address(state: PaymentsState, instrument: Instrument) -> str:
    """Return the wallet's address, asking the prover once.

    Raises:
        MissingExtraError: if a library the address needs is not installed.
        InternalServerException: if the state has no prover.
    """
    if instrument.address is None:
        prover = state.require_prover()
        instrument.address = prover.wallet_address(wallet_key(state, instrument))
    return instrument.address


def has_address(state: PaymentsState, address: str) -> bool:
    """Return whether an instrument of this account and region has this wallet address."""
    with state.lock:
        return any(
            wallet_address(state, instrument).lower() == address.lower()
            for manager in state.managers
            for owner in manager.owners.values()
            for instrument in owner.instruments.values()
        )


def block_instrument(state: PaymentsState, identifier: str) -> None:
    """Put an instrument into BLOCKED, as the vendor would; it cannot pay.

    Raises:
        ResourceNotFoundException: if the instrument is unknown or deleted.
    """
    with state.lock:
        _require_live(state, identifier).lifecycle.force(BLOCKED)


def unblock_instrument(state: PaymentsState, identifier: str) -> None:
    """Make a blocked instrument ACTIVE again; see :func:`block_instrument`."""
    with state.lock:
        _require_live(state, identifier).lifecycle.begin(ACTIVE)


def _checked_wallet(params: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the wallet a request asks for; refuse one that is not emulated."""
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


def _require_own(state: PaymentsState, params: Mapping[str, Any]) -> Instrument:
    """Return the caller's instrument; manager, user and, if given, connector must match."""
    manager = require_manager_by_arn(state, params["paymentManagerArn"])
    instrument = find_instrument(manager, params)
    if (
        instrument is None
        or params.get("paymentConnectorId", instrument.connector_id) != instrument.connector_id
    ):
        raise ResourceNotFoundException(
            f"Payment instrument not found: {params['paymentInstrumentId']} "
            "for the given user and manager."
        )
    return instrument


def _require_live(state: PaymentsState, identifier: str) -> Instrument:
    instrument = find_instrument_anywhere(state, identifier)
    if instrument is None:
        raise ResourceNotFoundException(f"Payment instrument not found: {identifier}")
    return instrument


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
    wallet: dict[str, Any] = {"network": instrument.network}
    if state.prover is not None:
        wallet["walletAddress"] = wallet_address(state, instrument)
    if instrument.redirect_url is not None:
        wallet["redirectUrl"] = instrument.redirect_url
    return {**_summary(instrument, status), "paymentInstrumentDetails": {_WALLET: wallet}}
