"""What an account has: managers, connectors, credential providers, users, sessions, instruments.

Data only; the operations are in separate modules. Times are timezone-aware, members that were
never given are ``None``, and ``sequence`` numbers everything in order of creation.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Union

from boto3_agentcore_payments.emulator.engine.paging import Collection

if TYPE_CHECKING:
    from boto3_agentcore_payments.emulator.engine.ports import Lifecycle


@dataclass(eq=False)
class Manager:
    """One payment manager, with its connectors by id and its users by name."""

    __slots__ = (
        "arn",
        "authorizer_configuration",
        "authorizer_type",
        "connectors",
        "created_at",
        "description",
        "identifier",
        "kms_key_arn",
        "lifecycle",
        "name",
        "owners",
        "role_arn",
        "sequence",
        "tags",
        "updated_at",
        "workload_identity_arn",
    )
    identifier: str
    arn: str
    name: str
    description: str | None
    authorizer_type: str
    authorizer_configuration: dict[str, Any] | None
    role_arn: str
    kms_key_arn: str | None
    tags: dict[str, str] | None
    workload_identity_arn: str
    created_at: datetime
    updated_at: datetime
    lifecycle: Lifecycle
    sequence: int
    connectors: Collection[Connector]
    owners: dict[str, Owner]


@dataclass(eq=False)
class Connector:
    """One payment connector.

    ``authorization_url`` and ``authorization_ends`` are set while a QUICK_CREATE connector waits
    for consent; ``credentials_updated_at`` is set once the service manages its credentials.
    """

    __slots__ = (
        "authorization_ends",
        "authorization_url",
        "configurations",
        "created_at",
        "credentials_updated_at",
        "description",
        "identifier",
        "lifecycle",
        "manager_id",
        "name",
        "provision_mode",
        "sequence",
        "type",
        "updated_at",
    )
    identifier: str
    manager_id: str
    name: str
    description: str | None
    type: str
    provision_mode: str
    configurations: list[dict[str, Any]]
    created_at: datetime
    updated_at: datetime
    credentials_updated_at: datetime | None
    authorization_url: str | None
    authorization_ends: datetime | None
    lifecycle: Lifecycle
    sequence: int


@dataclass(frozen=True)
class GivenSecret:
    """MANAGED: the caller gave the value."""

    arn: str
    value: str = field(repr=False)
    json_key: None = None


@dataclass(frozen=True)
class ManagedSecret:
    """MANAGED, for a QUICK_CREATE connector: the service issues it, and rotates it on request.

    The value is derived from ``identity`` and ``generation``.
    """

    arn: str
    vendor: str
    kind: str
    identity: str = field(repr=False)
    generation: int = 1
    json_key: None = None

    def rotated(self) -> ManagedSecret:
        """Return the next generation."""
        return replace(self, generation=self.generation + 1)


@dataclass(frozen=True)
class ExternalSecret:
    """EXTERNAL: the value is in the caller's own secret, under ``json_key``."""

    arn: str
    secret_id: str
    json_key: str


StoredSecret = Union[GivenSecret, ManagedSecret, ExternalSecret]
"""One secret of a credential provider; its ``arn`` may be shown, its value may not."""


@dataclass(eq=False)
class CredentialProvider:
    """One credential provider.

    ``names`` holds its public members (``apiKeyId``, or ``appId`` and ``authorizationId``),
    ``secrets`` its secret members. ``place`` is the folder that all its managed secrets share.
    """

    __slots__ = (
        "arn",
        "created_at",
        "name",
        "names",
        "place",
        "secrets",
        "sequence",
        "tags",
        "updated_at",
        "vendor",
    )
    name: str
    arn: str
    vendor: str
    names: dict[str, str]
    secrets: dict[str, StoredSecret]
    place: str
    tags: dict[str, str] | None
    created_at: datetime
    updated_at: datetime
    sequence: int


class Owner:
    """One user of one manager, with their sessions and instruments.

    Attributes:
        user: The user's id.
        sessions: Every session that is not deleted.
        instruments: Every instrument that is not deleted.
        listed: The same instruments in order, by connector id; under ``None`` all of them.
    """

    __slots__ = ("instruments", "listed", "sessions", "user")

    def __init__(self, user: str) -> None:
        self.user = user
        self.sessions: Collection[Session] = Collection()
        self.instruments: dict[str, Instrument] = {}
        self.listed: dict[str | None, Collection[Instrument]] = {}


@dataclass(eq=False)
class Session:
    """One payment session.

    ``limit`` is the spending limit in US dollars as the caller wrote it, or ``None`` for a session
    without one. ``spent`` is what was charged so far, in 10**-8 US dollars; ``spent_at`` is when it
    last changed.
    """

    __slots__ = (
        "created_at",
        "expiry_minutes",
        "identifier",
        "limit",
        "manager",
        "owner",
        "sequence",
        "spent",
        "spent_at",
        "updated_at",
    )
    identifier: str
    manager: Manager
    owner: Owner
    limit: str | None
    spent: int
    expiry_minutes: int
    created_at: datetime
    updated_at: datetime
    spent_at: datetime
    sequence: int

    def is_expired(self, now: datetime) -> bool:
        """Return whether the session has expired: at ``createdAt`` plus its minutes ([sdk])."""
        return now >= self.created_at + timedelta(minutes=self.expiry_minutes)


@dataclass(eq=False)
class Instrument:
    """One payment instrument; ``address`` is ``None`` until a prover was asked for it."""

    __slots__ = (
        "address",
        "connector_id",
        "created_at",
        "identifier",
        "lifecycle",
        "linked_accounts",
        "manager_arn",
        "network",
        "redirect_url",
        "sequence",
        "type",
        "updated_at",
        "user",
        "vendor",
        "wallet",
    )
    identifier: str
    manager_arn: str
    connector_id: str
    vendor: str
    user: str
    type: str
    network: str
    linked_accounts: list[dict[str, Any]]
    redirect_url: str | None
    address: str | None
    created_at: datetime
    updated_at: datetime
    lifecycle: Lifecycle
    sequence: int
    wallet: str

    def __repr__(self) -> str:
        """Return what identifies the instrument, and no personal data.

        Linked accounts are e-mail addresses and telephone numbers, and a user's id may be one.
        """
        return (
            f"{type(self).__name__}(identifier={self.identifier!r}, type={self.type!r}, "
            f"network={self.network!r}, address={self.address!r})"
        )
