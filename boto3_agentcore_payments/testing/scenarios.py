"""Named scenarios: what goes wrong outside of the code under test, each in one call.

A scenario is one row of :data:`SCENARIOS`: what it sets up in the emulator, and what the code under
test then sees. The texts are those of the service.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Callable

from boto3_agentcore_payments.testing import service_role
from boto3_agentcore_payments.testing.options import TestOptionError, unknown
from boto3_agentcore_payments.testing.wallets import chains_of

if TYPE_CHECKING:
    from collections.abc import Callable as Step

    from boto3_agentcore_payments.testing.account import Account

_PAY = "ProcessPayment"


Undo = Callable[[], object]
SetUp = Callable[["Account", "int | None"], "list[Undo]"]


@dataclass(frozen=True)
class Scenario:
    """One scenario.

    Attributes:
        name: E.g. ``over budget``.
        sets_up: What is done to the account, for people.
        sees: What the code under test sees, for people.
        phrases: Parts of the refusal's message or code by which it is known; none if nothing is
            refused.
        set_up: Does it, and returns what takes it back.
        counted: Whether it takes ``times``, the number of calls it applies to.
    """

    name: str
    sets_up: str
    sees: str
    phrases: tuple[str, ...]
    set_up: SetUp
    counted: bool = False


def find(name: str, times: int | None) -> Scenario:
    """Return the scenario with this name.

    Raises:
        TestOptionError: if it does not exist, or takes no number of calls.
    """
    __tracebackhide__ = True
    scenario = SCENARIOS.get(name)
    if scenario is None:
        raise TestOptionError(f"there is no scenario {unknown(name, SCENARIOS)}")
    if times is not None and not scenario.counted:
        raise TestOptionError(f"scenario {name!r} is a state and not a number of calls: no times=")
    return scenario


def phrases(reason: str) -> tuple[str, ...]:
    """Return what a refusal's text may hold: those of a scenario, or the reason itself."""
    scenario = SCENARIOS.get(reason)
    return scenario.phrases if scenario is not None and scenario.phrases else (reason,)


def _fault(
    operation: str,
    error: str | None = None,
    message: str | None = None,
    *,
    once: bool = False,
    **more: Any,
) -> SetUp:
    """Return a set-up that plans a fault, for every call or for one if not said otherwise."""

    def set_up(account: Account, times: int | None) -> list[Undo]:
        number = 1 if once and times is None else times
        fault = account.emulator.inject_fault(
            operation, error=error, message=message, times=number, **more
        )
        return [fault.cancel]

    return set_up


def _over_budget(account: Account, _: int | None) -> list[Undo]:
    emulator, session = account.emulator, account.session_id
    return [partial(emulator.set_spent, session, emulator.set_spent(session))]


def _session_expired(account: Account, _: int | None) -> list[Undo]:
    emulator, session = account.emulator, account.session_id
    return [partial(emulator.set_session_expiry, session, emulator.set_session_expiry(session, 0))]


def _wallet_blocked(account: Account, _: int | None) -> list[Undo]:
    def block(wallet: str) -> Undo:
        account.emulator.block_instrument(wallet)
        return partial(account.emulator.unblock_instrument, wallet)

    return [block(wallet) for wallet in account.wallets]


def _wallet_empty(account: Account, _: int | None) -> list[Undo]:
    def empty(wallet: str, chain: str) -> Undo:
        held = account.emulator.balance(wallet, chain=chain)
        account.emulator.set_balance(wallet, 0, chain=chain)
        return partial(account.emulator.set_balance, wallet, held, chain=chain)

    return [
        empty(each, chain) for each, kind in account.wallets.items() for chain in chains_of(kind)
    ]


def _connector_failed(account: Account, _: int | None) -> list[Undo]:
    emulator, connector = account.emulator, account.connector_id
    before = emulator.hold(connector)
    emulator.set_status(connector, "CREATE_FAILED")
    # Undone from the last to the first.
    return [
        partial(emulator.release, connector),
        partial(emulator.set_status, connector, before),
    ]


def _grant_missing(account: Account, _: int | None) -> list[Undo]:
    granted = [each for each in account.wallets if account.emulator.grant(each).given]
    for wallet in granted:
        account.emulator.revoke_grant(wallet)
    return [partial(account.emulator.give_grant, wallet, days=90) for wallet in granted]


def _delegated_signing_off(account: Account, _: int | None) -> list[Undo]:
    switch = account.emulator.set_delegated_signing
    switch(False)  # noqa: FBT003 - the verb's own way
    return [partial(switch, True)]  # noqa: FBT003 - the verb's own way


def _blocked_by_policy(account: Account, _: int | None) -> list[Undo]:
    emulator = account.emulator
    policy = emulator.add_policy(max_amount=0)

    def take_away() -> None:
        others = emulator.account().policies
        if policy not in others:  # the test has cleared them
            return
        others.remove(policy)
        emulator.clear_policies()
        for each in others:
            emulator.add_policy(
                vendor=each.vendor,
                max_amount=each.max_amount,
                refused_recipient=each.refused_recipient,
            )

    return [take_away]


def _role_not_assumable(account: Account, times: int | None) -> list[Undo]:
    del times
    emulator = account.emulator
    checked = emulator.account().role_checked
    if not checked:
        # Where roles are looked at, this connector needs one that the scenario is not about.
        _ = account.billing_connector_id
    trust_again = service_role.distrust(account.iam_client)
    emulator.set_role_checked(True)
    return [trust_again, partial(emulator.set_role_checked, checked)]


def _subscription_missing(account: Account, _: int | None) -> list[Undo]:
    account.emulator.unsubscribe()
    return [account.emulator.subscribe]


def _account_restricted(account: Account, _: int | None) -> list[Undo]:
    before = account.emulator.account().restriction
    account.emulator.set_restriction("RESTRICTED")
    return [partial(account.emulator.set_restriction, before)]


def _quota_reached(account: Account, _: int | None) -> list[Undo]:
    emulator = account.emulator
    before = emulator.account().quotas.get("maxManagers")
    emulator.set_quota("maxManagers", 0)
    return [partial(emulator.set_quota, "maxManagers", before)]


def _row(
    name: str,
    sets_up: str,
    sees: str,
    set_up: SetUp,
    *found_by: str,
    counted: bool = False,
) -> tuple[str, Scenario]:
    return name, Scenario(name, sets_up, sees, found_by, set_up, counted)


SCENARIOS: dict[str, Scenario] = dict(
    [
        _row(
            "over budget",
            "The session has spent all of its limit.",
            "`ValidationException`: `Insufficient budget for session …`; a `Payer` raises "
            "`OverBudget`",
            _over_budget,
            "Insufficient budget",
        ),
        _row(
            "session expired",
            "The session's time is over.",
            "`ValidationException`: `Payment session not found: …`; a `Payer` raises "
            "`SessionUnavailable`",
            _session_expired,
            "Payment session not found",
        ),
        _row(
            "wallet blocked",
            "The vendor blocked both wallets.",
            "`ValidationException`: `Payment instrument is inactive. …`; a `Payer` raises "
            "`WalletUnavailable`",
            _wallet_blocked,
            "Payment instrument is inactive",
        ),
        _row(
            "wallet empty",
            "The wallets hold nothing, on any chain.",
            "a proof, and 402 again from the merchant that gets it; the session is charged; a "
            "`Payer` raises `MerchantRefused`",
            _wallet_empty,
        ),
        _row(
            "connector failed",
            "The connector is `CREATE_FAILED`.",
            "`ValidationException`: `Payment connector is not active`; a `Payer` raises "
            "`WalletUnavailable`",
            _connector_failed,
            "Payment connector is not active",
        ),
        _row(
            "grant missing",
            "The wallet's user has not granted signing.",
            "`AccessDeniedException`: `Delegated signing grant is not active …`; a `Payer` "
            "raises `WalletUnavailable` with the WalletHub's address",
            _grant_missing,
            "grant is not active",
        ),
        _row(
            "delegated signing off",
            "The vendor's project does not allow delegated signing.",
            "`AccessDeniedException`: `Delegated signing is not enabled …`",
            _delegated_signing_off,
            "Delegated signing is not enabled",
        ),
        _row(
            "blocked by policy",
            "A policy of the vendor's project refuses every amount.",
            "`AccessDeniedException`: `The request was blocked by a policy configured in your "
            "Coinbase Developer Platform project`",
            _blocked_by_policy,
            "blocked by a policy",
        ),
        _row(
            "role not assumable",
            "Roles are looked at, and the manager's does not trust the service.",
            "`AccessDeniedException`: `Failed to assume payment execution role`",
            _role_not_assumable,
            "assume payment execution role",
        ),
        _row(
            "account restricted",
            "AWS has restricted the account: every call is refused.",
            "`AccessDeniedException`: `Access denied due to account security restrictions. …`",
            _account_restricted,
            "security restrictions",
        ),
        _row(
            "subscription missing",
            "The account has no Marketplace subscription to the vendor's wallets.",
            "`SubscriptionRequiredException` with `subscriptionUrl` and `productName`",
            _subscription_missing,
            "SubscriptionRequiredException",
        ),
        _row(
            "throttled",
            "ProcessPayment is throttled, every time; `times=` says how often.",
            "`ThrottlingException`: `Rate exceeded`, once botocore has given up retrying; a "
            "`Payer` raises `OutcomeUnknown` and goes on with the same token",
            _fault(_PAY, "ThrottlingException"),
            "ThrottlingException",
            counted=True,
        ),
        _row(
            "service failing",
            "ProcessPayment fails inside the service, every time; `times=` says how often.",
            "`InternalServerException`, once botocore has given up retrying; a `Payer` raises "
            "`OutcomeUnknown`",
            _fault(
                _PAY,
                "InternalServerException",
                "Something went wrong in processing your request",
            ),
            "InternalServerException",
            counted=True,
        ),
        _row(
            "answer lost",
            "The payment is made and its answer lost, once; `times=` says how often.",
            "nothing, where botocore retries: with the same `clientToken`, so it is charged once; "
            "else `ConnectionClosedError`",
            _fault(_PAY, once=True, drop_after=True),
            counted=True,
        ),
        _row(
            "quota reached",
            "The account has as many payment managers as it may.",
            "`ServiceQuotaExceededException` from CreatePaymentManager",
            _quota_reached,
            "ServiceQuotaExceededException",
        ),
    ]
)
"""Every scenario by its name."""


def run(account: Account, name: str, times: int | None) -> Step[[], None]:
    """Set a scenario up and return what takes it back, safe to call twice.

    The account's own resources are made before, so that a scenario meets the code under test only.

    Raises:
        TestOptionError: if there is no such scenario.
    """
    __tracebackhide__ = True
    scenario = find(name, times)
    _ = account.session_id, account.wallets
    undo = scenario.set_up(account, times)

    def take_back() -> None:
        while undo:
            undo.pop()()

    return take_back
