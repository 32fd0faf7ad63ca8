"""Everything the emulator keeps for one account in one region."""

from __future__ import annotations

from datetime import datetime, timezone
from random import Random
from threading import RLock
from typing import TYPE_CHECKING, Callable

from boto3_agentcore_payments.emulator.engine.account import Account
from boto3_agentcore_payments.emulator.engine.attempts import Attempts
from boto3_agentcore_payments.emulator.engine.errors import InternalServerException
from boto3_agentcore_payments.emulator.engine.events import Listeners
from boto3_agentcore_payments.emulator.engine.faults import FaultPlan
from boto3_agentcore_payments.emulator.engine.idempotency import Answers
from boto3_agentcore_payments.emulator.engine.ledger import Balances, Ledger
from boto3_agentcore_payments.emulator.engine.paging import Collection, PageTokens
from boto3_agentcore_payments.emulator.engine.ports import DEFAULT_SEED
from boto3_agentcore_payments.emulator.engine.statuses import ImmediateLifecycle

if TYPE_CHECKING:
    from boto3_agentcore_payments.emulator.engine.ports import (
        Journal,
        LifecycleFactory,
        PaymentProver,
        SecretReader,
        ServiceRoleReader,
        VendorTokens,
    )
    from boto3_agentcore_payments.emulator.engine.resources import CredentialProvider, Manager


class Pages:
    """The pages where a person takes over from an agent.

    Attributes:
        address: Scheme and host of the server that has them, such as ``http://127.0.0.1:5005``;
            ``None`` without one.
    """

    __slots__ = ("address",)

    def __init__(self, address: str | None = None) -> None:
        self.address = address


def utc_now() -> datetime:
    """Return the current time, timezone-aware, in UTC."""
    return datetime.now(timezone.utc)


class PaymentsState:
    """Resources, money and memory of one account and region.

    Every operation runs entirely under :attr:`lock`, so that a budget, a signature and a remembered
    answer change together or not at all.

    :attr:`listeners` are told about every operation that ends, after the lock is released;
    :attr:`attempts` is the first of them.

    Args:
        account_id: Twelve digits.
        region: An AWS region's name.
        partition: First part of every ARN.
        clock: Returns the service time, timezone-aware.
        random: Source of ids; by default seeded from ``seed``, account and region.
        seed: Test wallets' keys, page tokens and by default ids are derived from it.
        lifecycles: Makes the status object of a new resource.
        prover: Checks and signs payments; without one ProcessPayment refuses.
        vendor_tokens: Makes the vendors' tokens; without one GetResourcePaymentToken refuses.
        secret_reader: Reads a credential provider's EXTERNAL secrets.
        account: What people did outside of the API; by default all of it.
        service_roles: Knows the managers' service roles; without it they are not looked at.
        pages: Where a person takes over from an agent; nowhere without them.
    """

    def __init__(
        self,
        account_id: str,
        region: str,
        *,
        partition: str = "aws",
        clock: Callable[[], datetime] = utc_now,
        random: Random | None = None,
        seed: str = DEFAULT_SEED,
        lifecycles: LifecycleFactory = ImmediateLifecycle,
        prover: PaymentProver | None = None,
        vendor_tokens: VendorTokens | None = None,
        secret_reader: SecretReader | None = None,
        account: Account | None = None,
        service_roles: ServiceRoleReader | None = None,
        pages: Pages | None = None,
    ) -> None:
        self.account_id = account_id
        self.region = region
        self.partition = partition
        self.clock = clock
        # Test data, not keys: a run must be repeatable.
        self.random = random or Random(f"{seed}/{account_id}/{region}")  # noqa: S311
        self.seed = seed
        self.lifecycles = lifecycles
        self.prover = prover
        self.vendor_tokens = vendor_tokens
        self.secret_reader = secret_reader
        self.account = account or Account()
        self.service_roles = service_roles
        self.pages = pages or Pages()
        self.lock = RLock()
        self.managers: Collection[Manager] = Collection(by_id=True)
        self.credential_providers: Collection[CredentialProvider] = Collection(by_id=True)
        self.revoked_workload_tokens: set[bytes] = set()
        self.answers = Answers()
        self.page_tokens = PageTokens(f"{seed}/{account_id}/{region}")
        self.balances = Balances()
        self.ledger = Ledger()
        self.faults = FaultPlan()
        self.listeners = Listeners()
        self.attempts = Attempts(self.listeners, self.ledger)
        self.journal: Journal | None = None
        self._sequence = 0
        self._wallets = 0

    def next_sequence(self) -> int:
        """Return the number for a new resource, higher than all before."""
        self._sequence += 1
        return self._sequence

    def next_wallet(self) -> str:
        """Return the identity of a new test wallet: unique, and the same in every run."""
        self._wallets += 1
        return f"{self.account_id}/{self.region}/{self._wallets}"

    def numbers(self) -> tuple[int, int]:
        """Return how many resources and how many wallets have been made so far."""
        return self._sequence, self._wallets

    def number_from(self, sequence: int, wallets: int) -> None:
        """Continue counting after this many resources and wallets."""
        self._sequence, self._wallets = sequence, wallets

    def require_prover(self) -> PaymentProver:
        """Return the prover.

        Raises:
            InternalServerException: if the state has none; an answer is never unsigned.
        """
        if self.prover is None:
            raise InternalServerException(
                "This emulator has no payment prover, so it cannot sign payments"
            )
        return self.prover

    def require_vendor_tokens(self) -> VendorTokens:
        """Return what makes vendor tokens.

        Raises:
            InternalServerException: if the state has nothing that makes them.
        """
        if self.vendor_tokens is None:
            raise InternalServerException(
                "This emulator has no vendor token maker, so it cannot issue payment tokens"
            )
        return self.vendor_tokens
