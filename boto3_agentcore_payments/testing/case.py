"""The account for unittest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, ClassVar

from boto3_agentcore_payments.testing.options import Options
from boto3_agentcore_payments.testing.payments import AgentCorePayments

if TYPE_CHECKING:
    from collections.abc import Mapping


class AgentCorePaymentsMixin:
    """Gives every test of a ``unittest.TestCase`` an account of its own.

        class AgentTest(AgentCorePaymentsMixin, unittest.TestCase):
            agentcore_payments_options = {"budget": "0.05"}

            def test_agent_pays(self):
                shop = self.agentcore_payments.x402_merchant(price="0.02")

    A ``setUp`` of your own calls ``super().setUp()`` first.

    Attributes:
        agentcore_payments_options: Options, as of the pytest marker.
        agentcore_payments: The account of the test that runs.
    """

    agentcore_payments_options: ClassVar[Mapping[str, Any]] = {}
    agentcore_payments: AgentCorePayments
    if TYPE_CHECKING:
        addCleanup: Callable[..., None]  # noqa: N815 - unittest's

    def setUp(self) -> None:
        """Open the account; it is closed when the test ends.

        Raises:
            TestOptionError: if there is no such option, or it cannot have such a value.
        """
        parent: Any = super()
        parent.setUp()
        self.agentcore_payments = AgentCorePayments(
            Options.checked(self.agentcore_payments_options)
        )
        self.agentcore_payments.__enter__()
        self.addCleanup(self.agentcore_payments.__exit__, None, None, None)
