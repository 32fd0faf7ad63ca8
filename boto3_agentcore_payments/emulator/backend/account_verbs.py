# ruff: noqa: FBT001 - a switch is what these verbs are about
"""The verbs of the control surface for what people do outside of the API.

Grants concern a wallet, which is found in any account and region; the rest concerns an account in
all of its regions.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from copy import deepcopy
from datetime import timedelta
from typing import TYPE_CHECKING

from boto3_agentcore_payments.emulator.backend import places
from boto3_agentcore_payments.emulator.backend.verb_arguments import count, switch, units
from boto3_agentcore_payments.emulator.engine import account as accounts
from boto3_agentcore_payments.emulator.engine import finding
from boto3_agentcore_payments.emulator.engine.errors import ResourceNotFoundException

if TYPE_CHECKING:
    from collections.abc import Callable

    from boto3_agentcore_payments.emulator.engine.account import Account, Grant, Policy, Settings
    from boto3_agentcore_payments.emulator.engine.state import PaymentsState


class ChangedAccount(AbstractContextManager[None]):
    """Brings back at the end of a ``with`` block what held for an account before the change.

    Args:
        account: The account, changed already.
        before: What :meth:`Account.saved` returned before.
    """

    def __init__(self, account: Account, before: tuple[Settings, dict[str, Grant]]) -> None:
        self._account = account
        self._before = before

    def __exit__(self, *error: object) -> None:
        """Bring it back."""
        self._account.restore(*self._before)


class AccountVerbs:
    """The verbs; the class that has all of them adds the place."""

    account_id: str | None
    region: str | None

    def new_account(self) -> ChangedAccount:
        """Make the account as a fresh AWS account is.

        Nothing is granted, delegated signing is off, the Marketplace subscription and the access to
        MPP are missing, the service's quotas hold, and the managers' service role is looked at in
        moto's IAM. That holds at once, until :meth:`ready_account` or moto's reset; as a context
        manager until the end of the ``with`` block.
        """
        return self._begin(accounts.NEW)

    def ready_account(self) -> ChangedAccount:
        """Count all that people do elsewhere as done: the default; see :meth:`new_account`."""
        return self._begin(accounts.READY)

    def account(self) -> Settings:
        """Return what holds for the account; a copy."""
        return deepcopy(self._account().settings)

    # Wallets

    def give_grant(self, instrument_id: str, *, days: int = 30) -> Grant:
        """Grant signing, as a wallet's user does in the WalletHub.

        For Privy that is adding the session signer, which holds until it is revoked: ``days`` does
        not matter there.

        Args:
            instrument_id: The wallet's instrument.
            days: 7, 30, 60 or 90, by the service's time.

        Returns:
            The grant, with its end.

        Raises:
            ResourceNotFoundException: if there is no such instrument.
            ValueError: if nobody can grant signing for so many days.
        """
        if days not in accounts.GRANT_DAYS:
            allowed = ", ".join(map(str, accounts.GRANT_DAYS))
            raise ValueError(f"days must be one of {allowed}, not {days}")

        def give(state: PaymentsState, vendor: str) -> Grant:
            ends = state.clock() + timedelta(days=days) if vendor == accounts.COINBASE else None
            return state.account.give_grant(instrument_id, ends)

        return self._of_wallet(instrument_id, give)

    def revoke_grant(self, instrument_id: str) -> Grant:
        """Revoke a wallet's grant, or remove Privy's signer; see :meth:`give_grant`."""

        def revoke(state: PaymentsState, vendor: str) -> Grant:
            del vendor
            state.account.revoke_grant(instrument_id)
            return state.account.grant(instrument_id, state.clock())

        return self._of_wallet(instrument_id, revoke)

    def grant(self, instrument_id: str) -> Grant:
        """Return whether payments from a wallet may be signed now; see :meth:`give_grant`."""
        return self._of_wallet(
            instrument_id, lambda state, _: state.account.grant(instrument_id, state.clock())
        )

    # Vendor projects

    def set_delegated_signing(
        self,
        enabled: bool,
        *,
        vendor: str = accounts.COINBASE,
    ) -> None:
        """Switch a vendor project's delegated signing on or off.

        Args:
            enabled: Whether it lets the service sign.
            vendor: ``CoinbaseCDP`` or ``StripePrivy``.

        Raises:
            TypeError: if it is neither True nor False.
            ValueError: if there is no such vendor.
        """
        self._account().settings.delegated_signing[_known(vendor)] = switch(enabled, "enabled")

    def set_credentials_valid(
        self,
        valid: bool,
        *,
        vendor: str = accounts.PRIVY,
    ) -> None:
        """Let a vendor accept the stored credentials, or refuse them.

        Args:
            valid: Whether they are accepted.
            vendor: ``CoinbaseCDP`` or ``StripePrivy``.

        Raises:
            TypeError: if it is neither True nor False.
            ValueError: if there is no such vendor.
        """
        self._account().settings.credentials_valid[_known(vendor)] = switch(valid, "valid")

    def add_policy(
        self,
        *,
        vendor: str = accounts.COINBASE,
        max_amount: int | str | None = None,
        refused_recipient: str | None = None,
    ) -> Policy:
        """Let a vendor's project refuse payments.

        Args:
            vendor: ``CoinbaseCDP`` or ``StripePrivy``.
            max_amount: Atomic units that a payment may have at most.
            refused_recipient: Address that may not be paid.

        Raises:
            TypeError: if the recipient is not text.
            ValueError: if there is no such vendor, the amount is not a whole number, or the policy
                refuses nothing.
        """
        if max_amount is None and refused_recipient is None:
            raise ValueError("a policy needs a max_amount or a refused_recipient")
        if refused_recipient is not None and not isinstance(refused_recipient, str):
            raise TypeError(f"refused_recipient must be an address, not {refused_recipient!r}")
        ceiling = None if max_amount is None else units(max_amount, "max_amount")
        policy = accounts.Policy(_known(vendor), ceiling, refused_recipient)
        self._account().settings.policies.append(policy)
        return policy

    def clear_policies(self) -> None:
        """Forget every policy of the vendors' projects."""
        self._account().settings.policies.clear()

    # The account

    def subscribe(self) -> None:
        """Subscribe the account to Coinbase's wallets in AWS Marketplace."""
        self._account().settings.subscribed = True

    def unsubscribe(self) -> None:
        """End the account's subscription; see :meth:`subscribe`."""
        self._account().settings.subscribed = False

    def set_mpp_access(self, enabled: bool) -> None:
        """Give the account access to MPP, as AWS Support does, or take it away.

        Raises:
            TypeError: if it is neither True nor False.
        """
        self._account().settings.mpp_access = switch(enabled, "enabled")

    def set_restriction(self, restriction: str) -> None:
        """Restrict the account.

        Args:
            restriction: ``NONE``; ``LIMITED``, where reads and deletes go on; or ``RESTRICTED``.

        Raises:
            ValueError: if there is no such state.
        """
        if restriction not in accounts.RESTRICTIONS:
            known = ", ".join(accounts.RESTRICTIONS)
            raise ValueError(f"unknown restriction {restriction!r}; one of {known}")
        self._account().settings.restriction = restriction

    def set_quota(self, quota: str, limit: int | None) -> None:
        """Set a quota of the account.

        Args:
            quota: ``maxManagers`` (of a region), ``maxConnectors`` (of a manager) or
                ``requestRate`` (requests of any kind in a second of the service's time).
            limit: How many; ``None`` for no limit.

        Raises:
            TypeError: if the limit is not a whole number.
            ValueError: if there is no such quota, or the limit is negative.
        """
        if quota not in accounts.QUOTAS:
            raise ValueError(f"unknown quota {quota!r}; one of {', '.join(accounts.QUOTAS)}")
        quotas = self._account().settings.quotas
        if limit is None:
            quotas.pop(quota, None)
        else:
            quotas[quota] = count(limit, "limit")

    def set_funds_needed(self, needed: bool) -> None:
        """Let a wallet sign only what it holds, or anything.

        Raises:
            TypeError: if it is neither True nor False.
        """
        self._account().settings.funds_needed = switch(needed, "needed")

    def set_role_checked(self, checked: bool) -> None:
        """Look at the roles that the service uses, iam:PassRole and iam:GetRole, or do not.

        Raises:
            TypeError: if it is neither True nor False.
        """
        self._account().settings.role_checked = switch(checked, "checked")

    def _account(self) -> Account:
        return places.chosen(self.account_id, self.region).state.account

    def _begin(self, kind: str) -> ChangedAccount:
        account = self._account()
        before = account.saved()
        account.begin(kind)
        return ChangedAccount(account, before)

    def _of_wallet(self, instrument_id: str, act: Callable[[PaymentsState, str], Grant]) -> Grant:
        def found(state: PaymentsState) -> Grant:
            with state.lock:
                instrument = finding.find_instrument_anywhere(state, instrument_id)
                if instrument is None:
                    raise ResourceNotFoundException(
                        f"Payment instrument not found: {instrument_id}"
                    )
                return act(state, instrument.vendor)

        return places.where_found(places.states(self.account_id, self.region), found)


def _known(vendor: str) -> str:
    if vendor not in accounts.WALLET_VENDORS:
        known = ", ".join(accounts.WALLET_VENDORS)
        raise ValueError(f"unknown vendor {vendor!r}; one of {known}")
    return vendor
