"""The keys of Marketplace sellers: registered by a test, or fetched and cached."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from threading import Lock
from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.emulator.proofs import jose, key_sets

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

KEPT = timedelta(hours=1)
"""How long fetched keys are cached, as in AWS's verifier [sdk]."""
MOST_ISSUERS = 1000
"""Most issuers whose fetched keys are cached; the oldest entries are dropped first."""

Keys = tuple[tuple["str | None", Any], ...]
"""Ids and public keys."""


@dataclass(frozen=True)
class Found:
    """The result of looking for an issuer's keys.

    Attributes:
        keys: The keys; empty if none were found.
        problem: Why none were found, as shown to the caller.
    """

    keys: Keys = ()
    problem: str | None = None


class SellerKeys:
    """Public keys of sellers by the URL that their quotes name as ``iss``.

    Args:
        fetch: Returns the JSON of an issuer's key set or raises
            :class:`~boto3_agentcore_payments.emulator.proofs.key_sets.FetchError`.
    """

    def __init__(self, fetch: Callable[[str], Any] = key_sets.fetch) -> None:
        self._fetch = fetch
        self._registered: dict[str, Keys] = {}
        self._documents: dict[str, Mapping[str, Any]] = {}
        self._fetched: dict[str, tuple[datetime, Keys]] = {}
        self._lock = Lock()

    def register(self, issuer: str, keys: Mapping[str, Any]) -> None:
        """Verify this issuer's quotes with these keys from now on; nothing is fetched.

        Args:
            issuer: The seller's service URL, as its quotes name it.
            keys: A JSON Web Key, or a key set: ``{"keys": [...]}``.

        Raises:
            ValueError: if there is no key, or a key that must not sign quotes.
            MissingExtraError: if joserfc is not installed.
        """
        document = keys if "keys" in keys else {"keys": [keys]}
        self._registered[issuer] = read_keys(document)
        self._documents[issuer] = document

    def listed(self) -> list[list[Any]]:
        """Return what was registered, as JSON's types, to be put back later."""
        return [[issuer, document] for issuer, document in list(self._documents.items())]

    def put_back(self, listed: list[list[Any]]) -> None:
        """Register again what :meth:`listed` returned; see :meth:`register`."""
        for issuer, document in listed:
            self.register(issuer, document)

    def find(self, issuer: str, kid: str | None, *, now: datetime) -> Found:
        """Return an issuer's keys. This may wait for the network, so the caller must hold no lock.

        If the cached keys lack the wanted id they are fetched once more, as the seller may have a
        new key.

        Args:
            issuer: The seller's service URL.
            kid: Id of the wanted key.
            now: Service time, timezone-aware.

        Raises:
            MissingExtraError: if joserfc is not installed.
        """
        registered = self._registered.get(issuer)
        if registered is not None:
            return Found(registered)
        kept = self._fetched.get(issuer)
        if kept is not None and timedelta() <= now - kept[0] < KEPT and _names(kept[1], kid):
            return Found(kept[1])
        try:
            keys = read_keys(self._fetch(issuer))
        except (key_sets.FetchError, ValueError) as error:
            return Found(problem=str(error))
        with self._lock:
            self._fetched.pop(issuer, None)
            while len(self._fetched) >= MOST_ISSUERS:
                self._fetched.pop(next(iter(self._fetched)))
            self._fetched[issuer] = (now, keys)
        return Found(keys)


def read_keys(document: Any) -> Keys:
    """Return the keys of a JSON Web Key Set, for verifying quotes.

    Raises:
        ValueError: if it is not a key set, or has no usable key, a repeated key or a private key.
            Keys of other kinds are skipped if usable ones remain.
        MissingExtraError: if joserfc is not installed.
    """
    entries = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(entries, list) or not entries:
        raise ValueError("a key set is a JSON object with a list of keys, 'keys'")
    keys: list[tuple[str | None, Any]] = []
    problem = "it has no key"
    for entry in entries:
        try:
            key = jose.public_key(entry)
        except jose.BadKeyError as error:
            problem = str(error)
            continue
        kid = entry.get("kid")
        keys.append((kid if isinstance(kid, str) else None, key))
    if not keys:
        raise ValueError(problem)
    named = [kid for kid, _ in keys if kid is not None]
    if len(named) != len(set(named)):
        raise ValueError("two keys have one kid")
    return tuple(keys)


def _names(keys: Keys, kid: str | None) -> bool:
    return kid is None or any(name == kid for name, _ in keys)
