"""Whose a resource is.

Sessions and instruments hang on the user, and the user on the manager: a lookup that starts from
another manager or user cannot reach them ([live]: ResourceNotFoundException across users).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.emulator.engine.errors import ValidationException
from boto3_agentcore_payments.emulator.engine.paging import Collection

if TYPE_CHECKING:
    from collections.abc import Mapping

    from boto3_agentcore_payments.emulator.engine.instruments import Instrument
    from boto3_agentcore_payments.emulator.engine.managers import Manager
    from boto3_agentcore_payments.emulator.engine.sessions import Session

_NOBODY = ""


class Owner:
    """One user of one manager, and what is theirs.

    Attributes:
        user: The user's id.
        sessions: Every session not deleted.
        instruments: Every instrument ever, the deleted ones too.
        listed: Instruments not deleted, by connector id; under ``None`` those of all connectors.
    """

    __slots__ = ("instruments", "listed", "sessions", "user")

    def __init__(self, user: str) -> None:
        self.user = user
        self.sessions: Collection[Session] = Collection()
        self.instruments: dict[str, Instrument] = {}
        self.listed: dict[str | None, Collection[Instrument]] = {}


def required_user(params: Mapping[str, Any]) -> str:
    """Return the user a resource is created or a payment is made for.

    Raises:
        ValidationException: the request names none (our decision).
    """
    user: str = params.get("userId", _NOBODY)
    if not user:
        message = "userId is required"
        raise ValidationException(message, fields=(("userId", message),))
    return user


def find_owner(manager: Manager | None, params: Mapping[str, Any]) -> Owner | None:
    """Return the user who asks, if anything was ever theirs under this manager."""
    return None if manager is None else manager.owners.get(params.get("userId", _NOBODY))


def owner_for(manager: Manager, user: str) -> Owner:
    """Return the user, new if need be."""
    owner = manager.owners.get(user)
    if owner is None:
        owner = manager.owners[user] = Owner(user)
    return owner


def drop_if_empty(manager: Manager, owner: Owner) -> None:
    """Forget a user who has nothing left."""
    if not owner.sessions and not owner.instruments:
        manager.owners.pop(owner.user, None)
