"""For tests of code that pays: an account that can, merchants, scenarios and assertions.

    from boto3_agentcore_payments.testing import agentcore_payments

    with agentcore_payments(budget="0.05") as payments:
        shop = payments.x402_merchant(price="0.02")
        payments.payer.pay(shop.url)
        payments.assert_paid("0.02", to=shop.pay_to, times=1)

pytest finds the fixture ``agentcore_payments`` by itself; for unittest there is
:class:`AgentCorePaymentsMixin`. Importing this package imports neither moto nor botocore. Extras:
``emulator``, and ``merchant`` and ``pay`` for what they are.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from boto3_agentcore_payments.testing.case import AgentCorePaymentsMixin
    from boto3_agentcore_payments.testing.options import TestOptionError
    from boto3_agentcore_payments.testing.payments import AgentCorePayments
    from boto3_agentcore_payments.testing.server import PaymentsServer

__all__ = [
    "AgentCorePayments",
    "AgentCorePaymentsMixin",
    "PaymentsServer",
    "TestOptionError",
    "agentcore_payments",
    "agentcore_payments_server",
]

_PLACES = {
    "AgentCorePayments": "payments",
    "AgentCorePaymentsMixin": "case",
    "PaymentsServer": "server",
    "TestOptionError": "options",
}


@contextmanager
def agentcore_payments(**options: Any) -> Iterator[AgentCorePayments]:
    """Open an account that can pay, inside ``mock_aws``; also a decorator.

    Args:
        options: Those of the pytest marker: ``budget``, ``funds``, ``user``, ``region``,
            ``max_price``, ``new_account`` and ``seed``; see
            :class:`boto3_agentcore_payments.testing.options.Options`.

    Raises:
        TestOptionError: if there is no such option, or it cannot have such a value.
        MissingExtraError: if the extra ``emulator`` is not installed.
    """
    from boto3_agentcore_payments.testing.options import Options
    from boto3_agentcore_payments.testing.payments import AgentCorePayments

    with AgentCorePayments(Options.checked(options)) as opened:
        yield opened


@contextmanager
def agentcore_payments_server(**options: Any) -> Iterator[PaymentsServer]:
    """Open such an account behind a live endpoint, for code in other processes and languages.

    Args:
        options: As for :func:`agentcore_payments`.

    Raises:
        TestOptionError: if there is no such option, or it cannot have such a value.
        MissingExtraError: if the extra ``emulator`` is not installed.
    """
    from boto3_agentcore_payments.testing.options import Options
    from boto3_agentcore_payments.testing.server import PaymentsServer

    with PaymentsServer(Options.checked(options)) as opened:
        yield opened


def __getattr__(name: str) -> Any:
    place = _PLACES.get(name)
    if place is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{place}"), name)
