"""The object behind the fixture: an account, its merchants, scenarios and assertions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable

from boto3_agentcore_payments.testing import assertions, scenarios
from boto3_agentcore_payments.testing.account import ACCOUNT, Account

if TYPE_CHECKING:
    from contextlib import ExitStack
    from decimal import Decimal

    from typing_extensions import Self

    from boto3_agentcore_payments.emulator.engine.attempts import Attempt
    from boto3_agentcore_payments.merchants import Merchant

_BILLING = "aws_billing_merchant"


class AgentCorePayments(Account):
    """An account that can pay, the merchants it pays, and what came of it.

    Use it in a ``with`` block. It opens ``mock_aws``, with credentials and region in the
    environment; everything else is made when it is first asked for.

    Args:
        options: What the account looks like.
    """

    # Merchants

    def x402_merchant(self, **options: Any) -> Merchant:
        """Open a merchant that is paid by x402, until the account is closed.

        Args:
            options: Those of :func:`boto3_agentcore_payments.merchants.x402_merchant`.
        """
        __tracebackhide__ = True
        opened: Merchant = self.open_merchant("x402_merchant", **options)
        return opened

    def mpp_merchant(self, **options: Any) -> Merchant:
        """Open a merchant that is paid by MPP, until the account is closed.

        Args:
            options: Those of :func:`boto3_agentcore_payments.merchants.mpp_merchant`.
        """
        __tracebackhide__ = True
        opened: Merchant = self.open_merchant("mpp_merchant", **options)
        return opened

    def aws_billing_merchant(self, **options: Any) -> Merchant:
        """Open a merchant that is paid on the AWS bill, until the account is closed.

        Args:
            options: Those of :func:`boto3_agentcore_payments.merchants.aws_billing_merchant`.
        """
        __tracebackhide__ = True
        opened: Merchant = self.open_merchant("aws_billing_merchant", **options)
        return opened

    def mcp_merchant(self, **options: Any) -> Merchant:
        """Open an MCP server whose tools are paid for, until the account is closed.

        Args:
            options: Those of :func:`boto3_agentcore_payments.merchants.mcp_merchant`.
        """
        __tracebackhide__ = True
        opened: Merchant = self.open_merchant("mcp_merchant", **options)
        return opened

    def open_merchant(self, kind: str, *, stack: ExitStack | None = None, **options: Any) -> Any:
        """Open any merchant of :mod:`boto3_agentcore_payments.merchants`, by its function's name.

        Args:
            kind: The function.
            stack: Closes it, instead of the account.
            options: The function's.

        Raises:
            AgentCorePaymentsError: if there is no such merchant.
            MissingExtraError: if the extra it needs is not installed.
        """
        __tracebackhide__ = True
        from boto3_agentcore_payments.testing.shops import open_merchant

        self.require_open()
        if kind == _BILLING:
            _ = self.billing_connector_id
        place = {"account_id": ACCOUNT, "region": self.options.region}
        return open_merchant(self.resources if stack is None else stack, kind, place, options)

    # What happened

    @property
    def attempts(self) -> list[Attempt]:
        """Every attempt to pay in this account since it was opened, newest last.

        Signed, settled and refused ones, by any caller; at most 10,000.
        """
        __tracebackhide__ = True
        state = self.state_now()
        with state.lock:
            listed, heard = state.attempts.listed(), state.attempts.heard
        if self.earlier is not None and self.earlier[0] is state:
            new = heard - self.earlier[1]
            return listed[-new:] if new else []
        return listed

    def assert_paid(
        self,
        amount: str | Decimal | int | None = None,
        *,
        to: str | None = None,
        times: int | None = None,
        user: str | None = None,
        network: str | None = None,
        settled: bool | None = None,
    ) -> None:
        """Assert that something was paid: a proof was signed, and the session charged.

        Args:
            amount: US dollars, e.g. ``"0.02"``; any if not given.
            to: The payee's address or product id.
            times: How many such payments there must be; at least one if not given.
            user: The user who paid.
            network: CAIP-2 name of the chain.
            settled: Whether the merchant has settled it; either if not given.

        Raises:
            AssertionError: if that is not what happened; it shows the table of what did.
        """
        __tracebackhide__ = True
        expected = assertions.Expected(
            refused=False,
            amount=assertions.expected_amount(amount),
            to=assertions.address(to),
            user=user,
            network=network,
            settled=settled,
        )
        self._fail(assertions.check(expected, assertions.check_times(times), *self._happened()))

    def assert_nothing_paid(self) -> None:
        """Assert that no proof was signed; refused attempts may have been.

        Raises:
            AssertionError: if anything was paid; it shows the table of what happened.
        """
        __tracebackhide__ = True
        self._fail(assertions.check_nothing_paid(*self._happened()))

    def assert_refused(
        self,
        amount: str | Decimal | int | None = None,
        *,
        reason: str | None = None,
        to: str | None = None,
        times: int | None = None,
        user: str | None = None,
        network: str | None = None,
    ) -> None:
        """Assert that ProcessPayment refused something.

        Args:
            amount: US dollars, e.g. ``"0.02"``; any if not given.
            reason: Part of the error's message or its code, in any case, e.g. ``"budget"``; or the
                name of a scenario, e.g. ``"grant missing"``.
            to: The payee's address or product id.
            times: How many such refusals there must be; at least one if not given.
            user: The user who would have paid.
            network: CAIP-2 name of the chain.

        Raises:
            AssertionError: if that is not what happened; it shows the table of what did.
        """
        __tracebackhide__ = True
        expected = assertions.Expected(
            refused=True,
            amount=assertions.expected_amount(amount),
            to=assertions.address(to),
            user=user,
            network=network,
            reason=reason,
        )
        self._fail(assertions.check(expected, assertions.check_times(times), *self._happened()))

    def scenario(self, name: str, *, times: int | None = None) -> RunningScenario:
        """Let something go wrong from now on, until the account is closed.

        What it returns can be a ``with`` block, at whose end all is well again.

        Args:
            name: A name of :data:`boto3_agentcore_payments.testing.scenarios.SCENARIOS`.
            times: How many calls it applies to, where it is about calls.

        Raises:
            TestOptionError: if there is no such scenario.
        """
        __tracebackhide__ = True
        running = RunningScenario(name, scenarios.run(self, name, times))
        self.resources.callback(running.end)
        return running

    def _happened(self) -> tuple[list[Attempt], str]:
        """Return the attempts, with a hint if nothing was attempted."""
        __tracebackhide__ = True
        attempts = self.attempts
        return attempts, "" if attempts else self._where_else()

    def _where_else(self) -> str:
        from boto3_agentcore_payments.emulator.backend.models import payments_backends

        found = [
            f"{each} of account {account}"
            for account, backends in list(payments_backends.items())
            for each, backend in list(backends.items())
            if backend.state.attempts.heard and backend.state is not self.state_now()
        ]
        if found:
            return (
                f"There were attempts in {', '.join(found)}: this account is {ACCOUNT} in "
                f"{self.options.region}."
            )
        return (
            "What is refused before it, by a Payer's own policy or by botocore's check of the "
            "parameters, is not an attempt."
        )

    @staticmethod
    def _fail(message: str | None) -> None:
        __tracebackhide__ = True
        if message is not None:
            raise AssertionError(message)


class RunningScenario:
    """A scenario that has been set up; a ``with`` block ends it.

    Args:
        name: Its name.
        take_back: Undoes it; safe to call twice.
    """

    def __init__(self, name: str, take_back: Callable[[], None]) -> None:
        self.name = name
        self.end = take_back

    def __repr__(self) -> str:
        """Return its name."""
        return f"<scenario {self.name!r}>"

    def __enter__(self) -> Self:
        """Return it."""
        return self

    def __exit__(self, *exception: object) -> None:
        """End it."""
        self.end()
