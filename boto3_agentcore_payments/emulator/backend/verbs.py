"""The verbs of the control surface, in process and over HTTP.

``emulator.control`` offers them to tests, ``emulator.backend.control_urls`` serves them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from boto3_agentcore_payments.emulator.backend import places, verb_arguments
from boto3_agentcore_payments.emulator.backend.account_verbs import AccountVerbs
from boto3_agentcore_payments.emulator.backend.hand_over_verbs import HandOverVerbs
from boto3_agentcore_payments.emulator.backend.seed_verbs import SeedVerbs
from boto3_agentcore_payments.emulator.backend.snapshots import SnapshotVerbs
from boto3_agentcore_payments.emulator.engine import (
    finding,
    instruments,
    quick_create,
    resource_tokens,
    sessions,
    settlement,
)
from boto3_agentcore_payments.emulator.engine.errors import ResourceNotFoundException
from boto3_agentcore_payments.emulator.engine.faults import EVERY_OPERATION
from boto3_agentcore_payments.emulator.engine.money import transaction_text
from boto3_agentcore_payments.emulator.proofs import marketplace

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from boto3_agentcore_payments.emulator.backend.models import PaymentsBackend
    from boto3_agentcore_payments.emulator.engine.attempts import Attempt
    from boto3_agentcore_payments.emulator.engine.faults import Fault
    from boto3_agentcore_payments.emulator.engine.ledger import Payment
    from boto3_agentcore_payments.emulator.engine.state import PaymentsState

Result = TypeVar("Result")

DEFAULT_CHAINS = {"ETHEREUM": "BASE_SEPOLIA", "SOLANA": "SOLANA_DEVNET"}
"""Default chain of a wallet: the test chain of its network."""


class Verbs(AccountVerbs, HandOverVerbs, SeedVerbs, SnapshotVerbs):
    """The control surface of the emulated service, where the emulator is installed.

    The id of a manager, connector, instrument or payment is found in any account and region, and
    lists cover all of them, unless the arguments say which. If one must be chosen, it is that of
    ``AWS_DEFAULT_REGION``, as boto3 chooses it.

    Args:
        account_id: Only this account.
        region: Only this region.

    Raises:
        ValueError: if botocore knows no such region.
    """

    def __init__(self, account_id: str | None = None, region: str | None = None) -> None:
        self.account_id = account_id
        self.region = region
        self._backend()

    def __repr__(self) -> str:
        """Return the call that makes one."""
        return f"{type(self).__name__}({self.account_id!r}, {self.region!r})"

    # Money

    def fund_wallet(self, wallet: str, amount: int | str, *, chain: str | None = None) -> int:
        """Give a wallet money.

        Args:
            wallet: A payment instrument's id, or a wallet's address.
            amount: Atomic USDC units (6 decimals), whole: 1000000 is 1 USDC.
            chain: The model's name of the chain; needed with an address, else the test chain of
                the instrument's network.

        Returns:
            The new balance, in atomic units.

        Raises:
            ResourceNotFoundException: if the instrument does not exist.
            ValueError: if the chain is unknown, or the amount is not a whole number of at least 0.
        """
        state, address, where = self._wallet(wallet, chain)
        with state.lock:
            return state.balances.fund(address, where, verb_arguments.units(amount))

    def set_balance(self, wallet: str, amount: int | str, *, chain: str | None = None) -> int:
        """Make a wallet hold exactly ``amount`` atomic units; see :meth:`fund_wallet`."""
        state, address, where = self._wallet(wallet, chain)
        with state.lock:
            state.balances.set(address, where, verb_arguments.units(amount))
            return state.balances.get(address, where)

    def balance(self, wallet: str, *, chain: str | None = None) -> int:
        """Return what a wallet holds, in atomic units; see :meth:`fund_wallet`."""
        _, address, where = self._wallet(wallet, chain)
        # Only an address that does not belong to an instrument can hold money in two places.
        return sum(state.balances.get(address, where) for state in self._states())

    def payments(self) -> list[Payment]:
        """Return a copy of every payment whose proof was signed, oldest first."""
        found = [replace(payment) for state in self._states() for payment in _payments_of(state)]
        return sorted(found, key=lambda payment: payment.created_at)

    def attempts(self) -> list[Attempt]:
        """Return the newest attempts to pay, oldest first: signed, settled and refused ones.

        At most 10,000; a repeat with the same ``clientToken`` is not another attempt.
        """
        state = self._state()
        with state.lock:
            return state.attempts.listed()

    def overview(self) -> dict[str, Any]:
        """Return attempts, payees, sessions, wallets, managers, connectors, faults and so on.

        The newest 500 of each, newest first, with secrets and linked accounts masked: what the page
        of ``serve`` shows. ``totals`` says how many there are.
        """
        from boto3_agentcore_payments.emulator.backend.overview import overview

        return overview(self._states())

    def settle(
        self,
        reference: str,
        *,
        payer: str | None = None,
        network: str | None = None,
        amount: int | str | None = None,
    ) -> Payment:
        """Settle a payment, as a facilitator would on its chain; once.

        Args:
            reference: Its ``processPaymentId`` or its proof id. MPP nonces follow from the
                challenge, so payments on two networks or by two wallets may have one proof id.
            payer: Only a payment by this wallet's address.
            network: Only a payment on this network: its CAIP-2 name or its name in x402 version 1.
            amount: Atomic units to move; all that was signed for if not given.

        Raises:
            SettlementError: if the payment is unknown or already settled, several are meant, its
                wallet holds too little, or less was signed for.
        """
        units = None if amount is None else verb_arguments.units(amount)
        meant = {"payer": payer, "network": network and verb_arguments.caip2(network)}
        states = self._states()
        settlement.only_one(
            reference,
            [found for state in states for found in _payments_like(state, reference, **meant)],
        )
        return replace(
            places.where_found(
                states, lambda state: settlement.settle(state, reference, amount=units, **meant)
            )
        )

    # The AWS bill

    def billing_keys(self) -> dict[str, list[dict[str, str]]]:
        """Return the keys of the emulated AWS Marketplace, which sign payment tokens.

        A server has the same at ``/.well-known/jwks.json``. They are the same in every run.

        Returns:
            A JSON Web Key Set of public keys: ``{"keys": [...]}``, the one in use by default first.

        Raises:
            MissingExtraError: if joserfc is not installed.
        """
        return marketplace.key_set(self._state().seed)

    def trust_seller_keys(self, issuer: str, jwks: Mapping[str, Any]) -> None:
        """Verify a Marketplace seller's quotes with these keys; nothing is fetched for it.

        Args:
            issuer: The seller's service URL, as its quotes name it (``iss``).
            jwks: Its JSON Web Key Set, or one JSON Web Key.

        Raises:
            ValueError: if it has no public key that quotes may be signed with.
            MissingExtraError: if joserfc is not installed.
        """
        self._backend().seller_keys.register(issuer, jwks)

    def billed(self) -> str:
        """Return the total on the account's bill, in US dollars as exact decimal text: ``0.0100``.

        USDC from wallets is not included; see :meth:`balance`.
        """
        state = self._state()
        with state.lock:
            return transaction_text(state.ledger.billed())

    # Resources

    def approve_authorization(self, connector_id: str, *, manager_id: str | None = None) -> None:
        """Consent to a QUICK_CREATE connector: PROVISIONING, then READY.

        Args:
            connector_id: A connector in PENDING_AUTHENTICATION.
            manager_id: Its manager's id; needed only if two managers have a connector of this id.

        Raises:
            ResourceNotFoundException: if the connector does not exist.
            ConflictException: if it does not wait for consent.
        """
        self._where_found(
            lambda state: quick_create.approve_authorization(
                state, connector_id, manager_id=manager_id
            )
        )

    def expire_authorization(self, connector_id: str, *, manager_id: str | None = None) -> None:
        """Let a consent run out; see :meth:`approve_authorization`."""
        self._where_found(
            lambda state: quick_create.expire_authorization(
                state, connector_id, manager_id=manager_id
            )
        )

    def fail_authorization(self, connector_id: str, *, manager_id: str | None = None) -> None:
        """Refuse a consent; see :meth:`approve_authorization`."""
        self._where_found(
            lambda state: quick_create.fail_authorization(
                state, connector_id, manager_id=manager_id
            )
        )

    def block_instrument(self, instrument_id: str) -> None:
        """Block an instrument, as its vendor would; it cannot pay.

        Raises:
            ResourceNotFoundException: if the instrument is unknown or deleted.
        """
        self._where_found(lambda state: instruments.block_instrument(state, instrument_id))

    def unblock_instrument(self, instrument_id: str) -> None:
        """Make a blocked instrument ACTIVE again; see :meth:`block_instrument`."""
        self._where_found(lambda state: instruments.unblock_instrument(state, instrument_id))

    def set_status(self, resource: str, status: str) -> None:
        """Put a resource into a status and hold it there until :meth:`release`.

        Args:
            resource: Id or ARN of a manager, a connector or an instrument.
            status: One of the statuses the model gives such a resource.

        Raises:
            ResourceNotFoundException: if there is no such resource.
            ValueError: if such a resource has no such status.
        """

        def force(state: PaymentsState) -> None:
            with state.lock:
                kind, lifecycle = verb_arguments.lifecycle_of(state, resource)
                allowed = verb_arguments.statuses(kind)
                if status not in allowed:
                    known = ", ".join(allowed)
                    raise ValueError(f"a {kind} has no status {status!r}; one of {known}")
                lifecycle.force(status)

        self._where_found(force)

    def hold(self, resource: str) -> str:
        """Keep a resource in the status that its last answer had, until :meth:`release`.

        Right after a create that is ``READY`` (or ``ACTIVE``), unless a test set moto's
        transitions so that it is ``CREATING`` (or ``INITIATED``).

        Args:
            resource: Id or ARN of a manager, a connector or an instrument.

        Returns:
            The status.

        Raises:
            ResourceNotFoundException: if there is no such resource.
        """

        def hold(state: PaymentsState) -> str:
            with state.lock:
                _, lifecycle = verb_arguments.lifecycle_of(state, resource, settle=False)
                status = lifecycle.answered()
                lifecycle.force(status)
                return status

        return self._where_found(hold)

    def release(self, resource: str) -> None:
        """Let a held resource move on; see :meth:`set_status`."""

        def release(state: PaymentsState) -> None:
            with state.lock:
                verb_arguments.lifecycle_of(state, resource)[1].release()

        self._where_found(release)

    def set_session_expiry(self, session_id: str, minutes: int) -> int:
        """Make a session expire so many minutes after it was made; 0 is now.

        Returns:
            How many minutes it had.

        Raises:
            ResourceNotFoundException: if there is no such session.
            TypeError: if the minutes are not a whole number.
            ValueError: if the minutes are negative.
        """
        given = verb_arguments.count(minutes, "minutes")
        return self._where_found(lambda state: sessions.set_expiry(state, session_id, given))

    def set_spent(self, session_id: str, dollars: str | None = None) -> str:
        """Make a session have spent exactly so much of its limit.

        Args:
            session_id: The session.
            dollars: US dollars as decimal text, at most the limit; all of it if not given.

        Returns:
            What it had spent before, in US dollars.

        Raises:
            ResourceNotFoundException: if there is no such session.
            ValueError: if it is no such amount, or none is given and the session has no limit.
        """
        return self._where_found(lambda state: sessions.set_spent(state, session_id, dollars))

    # Faults and tokens

    def inject_fault(
        self,
        operation: str = EVERY_OPERATION,
        *,
        error: str | None = None,
        message: str | None = None,
        latency: float = 0.0,
        drop_after: bool = False,
        times: int | None = 1,
    ) -> Fault:
        """Make coming calls fail, wait, or lose their answer.

        By default the fault applies to every account and region in use and to
        ``AWS_DEFAULT_REGION``; ``times`` counts the calls in all of them together.

        Args:
            operation: Name as in the model, e.g. ``ProcessPayment``; ``*`` for any.
            error: Code of a modelled error to answer with, e.g. ``ThrottlingException``.
            message: Its message.
            latency: Seconds to wait first.
            drop_after: Make the change, then close the connection without an answer.
            times: How many calls; ``None`` until :meth:`clear_faults`.

        Raises:
            ValueError: if the operation or the error is unknown, a number is wrong, or the fault
                does nothing.
        """
        verb_arguments.check_operation(operation)
        first, *others = self._states()
        fault = first.faults.inject(
            operation,
            error=error,
            message=message,
            latency=latency,
            drop_after=drop_after,
            times=times,
        )
        for state in others:
            state.faults.share(fault)
        return fault

    def clear_faults(self, operation: str | None = None) -> None:
        """Forget the faults planned for one operation, or all of them.

        Raises:
            ValueError: if the operation is unknown.
        """
        if operation is not None:
            verb_arguments.check_operation(operation)
        for state in self._states():
            state.faults.clear(operation)

    def trust_keys(
        self, discovery_url: str, jwks: Mapping[str, Any], *, issuer: str | None = None
    ) -> None:
        """Verify the signatures of bearer tokens from now on.

        Args:
            discovery_url: The managers' ``customJWTAuthorizer.discoveryUrl`` this is for.
            jwks: The issuer's JSON Web Key Set.
            issuer: What a token's ``iss`` must be; any if not given.

        Raises:
            ValueError: if ``jwks`` is not a key set with a public key.
        """
        for backend in places.in_use(self.account_id, self.region):
            backend.trusted_keys.trust(discovery_url, jwks, issuer)

    def revoke_workload_token(self, token: str) -> None:
        """Make GetResourcePaymentToken refuse a workload identity token."""
        for state in self._states():
            resource_tokens.revoke_workload_token(state, token)

    def _backend(self) -> PaymentsBackend:
        return places.chosen(self.account_id, self.region)

    # Looked up each time, because moto's reset replaces them.

    def _state(self) -> PaymentsState:
        return self._backend().state

    def _states(self) -> list[PaymentsState]:
        return places.states(self.account_id, self.region)

    def _where_found(self, act: Callable[[PaymentsState], Result]) -> Result:
        return places.where_found(self._states(), act)

    def _wallet(self, wallet: str, chain: str | None) -> tuple[PaymentsState, str, str]:
        """Return where a wallet is, its address, and the chain that is meant."""
        chains = verb_arguments.chains()
        if chain is not None and chain not in chains:
            raise ValueError(f"unknown chain {chain!r}; one of {', '.join(chains)}")
        for state in self._states():
            with state.lock:
                instrument = finding.find_instrument_anywhere(state, wallet)
                if instrument is not None:
                    address = instruments.wallet_address(state, instrument)
                    return state, address, chain or DEFAULT_CHAINS[instrument.network]
        if wallet.startswith("payment-instrument-"):
            raise ResourceNotFoundException(f"Payment instrument not found: {wallet}")
        if chain is None:
            raise ValueError("chain is needed with a wallet's address")
        of_an_instrument = (
            state for state in self._states() if instruments.has_address(state, wallet)
        )
        return next(of_an_instrument, self._state()), wallet, chain


def _payments_of(state: PaymentsState) -> list[Payment]:
    with state.lock:
        return state.ledger.payments()


def _payments_like(
    state: PaymentsState, reference: str, *, payer: str | None, network: str | None
) -> list[Payment]:
    with state.lock:
        return state.ledger.matching(reference, payer=payer, network=network)
