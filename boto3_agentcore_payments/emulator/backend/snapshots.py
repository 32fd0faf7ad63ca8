"""The verbs of the control surface that keep everything as it is, and bring it back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from boto3_agentcore_payments.emulator.backend import kept, places

if TYPE_CHECKING:
    from boto3_agentcore_payments.emulator.engine.faults import Fault
    from boto3_agentcore_payments.emulator.engine.saved import Key

    Place = tuple[str, str]


@dataclass(frozen=True)
class _Snapshot:
    """What was kept under a name.

    Attributes:
        account_id: The only account that was kept, ``None`` for all.
        region: The only region that was kept, ``None`` for all.
        services: Their rows, by account and region.
    """

    account_id: str | None
    region: str | None
    services: dict[Place, dict[Key, str]]


_snapshots: dict[str, _Snapshot] = {}


class SnapshotVerbs:
    """The verbs; the class that has all of them adds the place."""

    account_id: str | None
    region: str | None

    def snapshot(self, name: str) -> None:
        """Keep everything as it is now, under a name, for :meth:`restore`.

        Resources, sessions, balances, payments, attempts, client tokens, faults, trusted keys, and
        what holds for the accounts; not what lives in moto, such as IAM roles. A snapshot is gone
        with its process, and stays when moto is reset. A second one of a name replaces the first.

        Args:
            name: Any text but the empty one.

        Raises:
            ValueError: if the name is empty.
        """
        if not name:
            raise ValueError("a snapshot needs a name")
        services = {
            (backend.account_id, backend.region_name): kept.rows(backend)
            for backend in places.in_use(self.account_id, self.region)
        }
        _snapshots[name] = _Snapshot(self.account_id, self.region, services)

    def restore(self, name: str) -> None:
        """Make everything as it was when :meth:`snapshot` kept it; as often as wanted.

        Only what both the snapshot and this control cover is changed: with a region, that region
        alone, and what holds for its account. What has come into being since is gone. A call that
        runs meanwhile sees a service as it was before or as it is then, never a part of it.

        Args:
            name: The snapshot's name.

        Raises:
            ValueError: if there is no snapshot of the name.
        """
        found = _snapshots.get(name)
        if found is None:
            known = f"one of {', '.join(sorted(_snapshots))}" if _snapshots else "none was taken"
            raise ValueError(f"unknown snapshot {name!r}; {known}")
        for backend in places.in_use(self.account_id, self.region):
            place = (backend.account_id, backend.region_name)
            if _covers(found, place) and place not in found.services:
                backend.empty()
        shared: dict[str, Fault] = {}
        for place, rows in found.services.items():
            if self.account_id in {None, place[0]} and self.region in {None, place[1]}:
                kept.replace(places.chosen(*place), rows.items(), shared=shared)


def _covers(snapshot: _Snapshot, place: Place) -> bool:
    return snapshot.account_id in {None, place[0]} and snapshot.region in {None, place[1]}
