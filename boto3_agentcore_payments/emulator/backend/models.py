"""One emulated service per account and region, kept and reset as moto keeps its own."""

from __future__ import annotations

import functools
import time
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from botocore.loaders import create_loader
from moto.core.base_backend import BackendDict, BaseBackend
from moto.moto_api._internal import mock_random

from boto3_agentcore_payments.emulator.backend import accounts, dashboard
from boto3_agentcore_payments.emulator.backend.bearer import TrustedKeys
from boto3_agentcore_payments.emulator.backend.observing import Observer
from boto3_agentcore_payments.emulator.backend.secrets_manager import read_secret
from boto3_agentcore_payments.emulator.backend.service_roles import ServiceRoles
from boto3_agentcore_payments.emulator.backend.transitions import ManagedLifecycle
from boto3_agentcore_payments.emulator.engine.state import Pages, PaymentsState
from boto3_agentcore_payments.emulator.proofs import LocalProver
from boto3_agentcore_payments.emulator.proofs.seller_keys import SellerKeys
from boto3_agentcore_payments.emulator.proofs.vendor_tokens import LocalVendorTokens
from boto3_agentcore_payments.loader import DATA_PLANE

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager


def service_time() -> datetime:
    """Return the time of day, timezone-aware; freezegun moves it, its ``tz_offset`` does not.

    moto's ``utcnow`` is ``datetime.now(timezone.utc)``, which freezegun shifts by the offset of the
    local time it imitates.
    """
    return datetime.fromtimestamp(time.time(), timezone.utc)


def _entropy(size: int) -> bytes:
    """Return bytes for a proof's nonce, which moto's seed makes reproducible."""
    return mock_random.getrandbits(8 * size).to_bytes(size, "big")


made: list[Callable[[PaymentsBackend], object]] = []
"""Called with each new backend, and again with one whose state is new because moto was reset."""

pages = Pages()
"""Of the server in this process; every account and region has the same."""


class PaymentsBackend(BaseBackend):
    """AgentCore payments of one account in one region.

    Attributes:
        state: The service itself.
        observer: Collects the calls for metrics, logs and spans.
        trusted_keys: Keys a test registered to verify bearer tokens.
        seller_keys: Keys that quotes of AWS Marketplace sellers are verified with.
        starts: The known starts that were made here, which have merchants open; see ``seeding``.

    Args:
        region_name: An AWS region's name.
        account_id: Twelve digits.
        replaces: Whether nobody is told yet, since it is a replacement that is still to be filled.
    """

    def __init__(self, region_name: str, account_id: str, *, replaces: bool = False) -> None:
        super().__init__(region_name, account_id)
        self.starts: list[AbstractContextManager[object]] = []
        self.trusted_keys = TrustedKeys()
        self.seller_keys = SellerKeys()
        self.state = PaymentsState(
            account_id,
            region_name,
            partition=self.partition,
            clock=service_time,
            random=mock_random,
            lifecycles=ManagedLifecycle,
            prover=LocalProver(_entropy, seller_keys=self.seller_keys, account_id=account_id),
            vendor_tokens=LocalVendorTokens(_entropy),
            secret_reader=functools.partial(read_secret, account_id, region_name),
            account=accounts.of(account_id),
            service_roles=ServiceRoles(account_id, self.partition),
            pages=pages,
        )
        self.observer = Observer(self.state)
        self.state.listeners.add(self.observer)
        if not replaces:
            self._tell()

    def _tell(self) -> None:
        for tell in made:
            tell(self)

    def reset(self) -> None:
        """Begin again, and let the account do so too."""
        for start in self.starts:
            start.__exit__(None, None, None)
        accounts.reset(self.account_id)
        self.become(self.replacement())

    def replacement(self) -> PaymentsBackend:
        """Return a new service of the same account and region, for :meth:`become`."""
        return PaymentsBackend(self.region_name, self.account_id, replaces=True)

    def become(self, other: PaymentsBackend) -> None:
        """Be as another service is, from one moment to the next.

        moto's own reset takes everything away first, which calls of other threads would see.

        Args:
            other: A :meth:`replacement`; it is not used on its own any more.
        """
        self.__dict__ = other.__dict__
        self._tell()

    def empty(self) -> None:
        """Begin again, but go on knowing the starts that were made."""
        starts, self.starts = self.starts, []
        self.reset()
        self.starts = starts


def _regions() -> list[str]:
    """Return every region botocore knows; the emulator is not limited to the service's regions."""
    partitions = create_loader().load_data("partitions")["partitions"]
    return [region for partition in partitions for region in partition["regions"]]


payments_backends: BackendDict[PaymentsBackend] = BackendDict(
    PaymentsBackend, DATA_PLANE, use_boto3_regions=False, additional_regions=_regions()
)
dashboard.show(payments_backends)


def backend_of(account_id: str, region: str) -> PaymentsBackend:
    """Return the service of one account and region, made if it is not there yet.

    Raises:
        KeyError: if botocore knows no such region.
    """
    # moto's own lookup takes a lock and goes through all accounts each time.
    regions = payments_backends.get(account_id)
    there = None if regions is None else regions.get(region)
    return payments_backends[account_id][region] if there is None else there
