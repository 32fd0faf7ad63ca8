"""What people do outside of the API, as state: grants, subscription, access, quotas, roles.

Two sets of defaults. In the *ready* one all of it counts as done, so that code under test runs at
once; in the *new* one an account is as a fresh AWS account is: nothing granted, no subscription, no
access to MPP, the service's quotas, and the service role is looked at. In either, each thing can be
set alone.

Behaviour:
    - [guide] Account restrictions: `Access denied due to account security restrictions. Contact AWS
      Support for assistance.`; in the limited state `Access denied for {CREATE or UPDATE} due to
      ...`, while reads go on.
    - [decided] Deletes go on in the limited state too; payments count as CREATE, rotations as
      UPDATE. Restrictions and request rates come before anything else of an operation.
    - [guide] `Rate exceeded`.
    - [guide] `{limitType} limit exceeded for account {accountId}`.
    - [live 2026-10] `maxManagers` is 5.
    - [decided] `maxConnectors` is the limit type of a manager's connectors.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING

from boto3_agentcore_payments.emulator.engine.errors import (
    AccessDeniedException,
    ServiceQuotaExceededException,
    SubscriptionRequiredException,
    ThrottlingException,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

READY = "READY"
NEW = "NEW"
KINDS = (READY, NEW)

NONE = "NONE"
LIMITED = "LIMITED"
RESTRICTED = "RESTRICTED"
RESTRICTIONS = (NONE, LIMITED, RESTRICTED)

COINBASE = "CoinbaseCDP"
PRIVY = "StripePrivy"
WALLET_VENDORS = (COINBASE, PRIVY)

GRANT_DAYS = (7, 30, 60, 90)
"""How long a wallet's user can grant signing for ([guide]); 30 is the default."""
MAX_MANAGERS = "maxManagers"
MAX_CONNECTORS = "maxConnectors"
REQUEST_RATE = "requestRate"
QUOTAS = (MAX_MANAGERS, MAX_CONNECTORS, REQUEST_RATE)
NEW_QUOTAS = {MAX_MANAGERS: 5}

PRODUCT = "Coinbase Wallets for AgentCore Payments"
SUBSCRIPTION_URL = "https://aws.amazon.com/marketplace/pp/prodview-ia2zd5puqyi7g"
"""Where an account subscribes; the product's id is [guide], the form of the address is our own."""
_SECOND = timedelta(seconds=1)
_WRITES = (
    ("Create", "CREATE"),
    ("ProcessPayment", "CREATE"),
    ("Update", "UPDATE"),
    ("Rotate", "UPDATE"),
)


@dataclass(frozen=True)
class Grant:
    """Whether a wallet's user lets payments be signed.

    Attributes:
        given: Whether signing is granted now.
        ends: When it runs out; ``None`` if it holds until it is revoked, or is not given.
    """

    given: bool
    ends: datetime | None = None


@dataclass(frozen=True)
class Policy:
    """A rule of the vendor project that refuses payments.

    Attributes:
        vendor: Whose project, ``CoinbaseCDP`` or ``StripePrivy``.
        max_amount: Atomic units that a payment may have at most; any if ``None``.
        refused_recipient: An address that may not be paid; none if ``None``.
    """

    vendor: str
    max_amount: int | None = None
    refused_recipient: str | None = None

    def refuses(self, vendor: str, amount: int, pay_to: str) -> bool:
        """Return whether a payment breaks the rule."""
        if vendor != self.vendor:
            return False
        too_much = self.max_amount is not None and amount > self.max_amount
        recipient = self.refused_recipient
        return too_much or (recipient is not None and recipient.lower() == pay_to.lower())


@dataclass
class Settings:
    """What holds for an account.

    Attributes:
        kind: The set of defaults it began with, ``READY`` or ``NEW``.
        grants_needed: Whether a wallet whose user did nothing lacks the grant.
        delegated_signing: Whether each vendor's project lets the service sign.
        credentials_valid: Whether each vendor accepts the stored credentials.
        policies: What the vendors' projects refuse.
        subscribed: Whether the account has the Marketplace subscription that Coinbase needs.
        mpp_access: Whether the account may pay by MPP.
        restriction: ``NONE``, ``LIMITED`` or ``RESTRICTED``.
        quotas: Limits by type; a type that is absent has no limit.
        funds_needed: Whether a wallet must hold the amount before it signs.
        role_checked: Whether the roles that the service uses, iam:PassRole and iam:GetRole are
            looked at.
    """

    kind: str = READY
    grants_needed: bool = False
    delegated_signing: dict[str, bool] = field(
        default_factory=lambda: dict.fromkeys(WALLET_VENDORS, True)
    )
    credentials_valid: dict[str, bool] = field(
        default_factory=lambda: dict.fromkeys(WALLET_VENDORS, True)
    )
    policies: list[Policy] = field(default_factory=list)
    subscribed: bool = True
    mpp_access: bool = True
    restriction: str = NONE
    quotas: dict[str, int] = field(default_factory=dict)
    funds_needed: bool = False
    role_checked: bool = False


def defaults(kind: str) -> Settings:
    """Return a set of defaults.

    Raises:
        ValueError: if there is no such set.
    """
    if kind not in KINDS:
        raise ValueError(f"unknown set of defaults {kind!r}; one of {', '.join(KINDS)}")
    if kind == READY:
        return Settings()
    return Settings(
        kind=NEW,
        grants_needed=True,
        delegated_signing=dict.fromkeys(WALLET_VENDORS, False),
        subscribed=False,
        mpp_access=False,
        quotas=dict(NEW_QUOTAS),
        role_checked=True,
    )


class Account:
    """An AWS account, in all of its regions.

    Args:
        kind: The set of defaults it begins with, ``READY`` or ``NEW``.

    Attributes:
        settings: What holds for it.

    Raises:
        ValueError: if there is no such set.
    """

    def __init__(self, kind: str = READY) -> None:
        self.settings = defaults(kind)
        self._grants: dict[str, Grant] = {}
        self._requests: deque[datetime] = deque()
        self._lock = Lock()

    def begin(self, kind: str) -> None:
        """Forget all that was set and granted, and begin with a set of defaults.

        Raises:
            ValueError: if there is no such set.
        """
        self.restore(defaults(kind), {})

    def saved(self) -> tuple[Settings, dict[str, Grant]]:
        """Return what :meth:`restore` brings back."""
        return self.settings, self._grants

    def copied(self) -> tuple[Settings, dict[str, Grant]]:
        """Return a copy of what :meth:`saved` returns, which changes no more."""
        settings = self.settings
        copy = replace(
            settings,
            delegated_signing=dict(settings.delegated_signing),
            credentials_valid=dict(settings.credentials_valid),
            policies=list(settings.policies),
            quotas=dict(settings.quotas),
        )
        return copy, dict(self._grants)

    def restore(self, settings: Settings, grants: dict[str, Grant]) -> None:
        """Bring back what :meth:`saved` returned."""
        with self._lock:
            self.settings, self._grants = settings, grants
            self._requests.clear()

    def give_grant(self, instrument_id: str, ends: datetime | None) -> Grant:
        """Let payments from a wallet be signed, until a time or until it is revoked."""
        grant = self._grants[instrument_id] = Grant(given=True, ends=ends)
        return grant

    def revoke_grant(self, instrument_id: str) -> None:
        """Stop signing for a wallet."""
        self._grants[instrument_id] = Grant(given=False)

    def grant(self, instrument_id: str, now: datetime) -> Grant:
        """Return whether payments from a wallet may be signed now."""
        grant = self._grants.get(instrument_id)
        if grant is None:
            return Grant(given=not self.settings.grants_needed)
        if grant.ends is not None and now >= grant.ends:
            return Grant(given=False)
        return grant

    def admit(self, operation: str, clock: Callable[[], datetime]) -> None:
        """Refuse an operation that the account may not call at all.

        Args:
            operation: Its name.
            clock: Returns the service time; asked only where the rate of requests is limited.

        Raises:
            AccessDeniedException: if the account is restricted.
            ThrottlingException: if there were too many requests within a second.
        """
        settings = self.settings
        contact = "due to account security restrictions. Contact AWS Support for assistance."
        if settings.restriction == RESTRICTED:
            raise AccessDeniedException(f"Access denied {contact}")
        if settings.restriction == LIMITED:
            for beginning, action in _WRITES:
                if operation.startswith(beginning):
                    raise AccessDeniedException(f"Access denied for {action} {contact}")
        rate = settings.quotas.get(REQUEST_RATE)
        if rate is not None:
            self._count(rate, clock())

    def require_subscription(self, vendor: str) -> None:
        """Refuse what needs a vendor's Marketplace subscription.

        Raises:
            SubscriptionRequiredException: if the account has none.
        """
        if vendor == COINBASE and not self.settings.subscribed:
            raise SubscriptionRequiredException(
                f"A subscription to {PRODUCT} in AWS Marketplace is required",
                subscriptionUrl=SUBSCRIPTION_URL,
                productName=PRODUCT,
            )

    def require_room(self, limit_type: str, existing: Iterable[object], account_id: str) -> None:
        """Refuse one more than a quota allows.

        Raises:
            ServiceQuotaExceededException: if as many exist as may.
        """
        limit = self.settings.quotas.get(limit_type)
        if limit is not None and sum(1 for _ in existing) >= limit:
            raise ServiceQuotaExceededException(
                f"{limit_type} limit exceeded for account {account_id}"
            )

    def _count(self, rate: int, now: datetime) -> None:
        with self._lock:
            while self._requests and now - self._requests[0] >= _SECOND:
                self._requests.popleft()
            if len(self._requests) >= rate:
                raise ThrottlingException("Rate exceeded")
            self._requests.append(now)
