"""The pytest plugin: fixtures and a marker for code that pays. See docs/testing.md.

It lies beside the package, because importing the package activates the clients, which a suite that
uses no fixture of this plugin has not asked for. Nothing but pytest is imported until one is used.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from boto3_agentcore_payments.merchants import Merchant
    from boto3_agentcore_payments.testing import AgentCorePayments, PaymentsServer

MARKER = "agentcore_payments"
SEED = "agentcore_payments_seed"
_SIGNATURE = (
    f"{MARKER}(budget='1.00', funds='100.00', user='alice', region='us-east-1', max_price=None, "
    "new_account=False, seed=None): "
    "what the account of the fixture agentcore_payments looks like: the session's budget and the "
    "payer's ceiling in US dollars, the wallets' funds in USDC, a known start."
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the setting."""
    parser.addini(
        SEED,
        "JSON or YAML file with the known start of every account of the fixtures, and of "
        "agentcore_payments_server; relative to the root directory",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    config.addinivalue_line("markers", _SIGNATURE)


@pytest.fixture
def agentcore_payments(request: pytest.FixtureRequest) -> Iterator[AgentCorePayments]:
    """Open an account of the emulator that can pay: wallets, session, payer, assertions."""
    with _account(request) as account:
        yield account


@pytest.fixture(scope="class")
def class_agentcore_payments(request: pytest.FixtureRequest) -> Iterator[AgentCorePayments]:
    """Open an account as agentcore_payments does, for a class; the marker is the class's."""
    with _account(request) as account:
        yield account


@pytest.fixture(scope="module")
def module_agentcore_payments(request: pytest.FixtureRequest) -> Iterator[AgentCorePayments]:
    """Open an account as agentcore_payments does, for a module; the marker is its pytestmark."""
    with _account(request) as account:
        yield account


@pytest.fixture(scope="session")
def session_agentcore_payments(request: pytest.FixtureRequest) -> Iterator[AgentCorePayments]:
    """Open an account as agentcore_payments does, for the whole session."""
    with _account(request) as account:
        yield account


@pytest.fixture(scope="session")
def agentcore_payments_server(request: pytest.FixtureRequest) -> Iterator[PaymentsServer]:
    """Open a live endpoint for code in other processes and languages, reset between tests."""
    from boto3_agentcore_payments.testing import agentcore_payments_server as opened

    with _readable_errors(), opened(**_settings(request)) as server:
        resets = _Resets(server)
        plugins = request.config.pluginmanager
        plugins.register(resets)
        try:
            yield server
        finally:
            plugins.unregister(resets)


@pytest.fixture
def x402_merchant() -> Iterator[Callable[..., Merchant]]:
    """Open x402 merchants that stay open until the test ends.

    Call it with the arguments of boto3_agentcore_payments.merchants.x402_merchant.
    """
    with _merchants("x402_merchant") as open_shop:
        yield open_shop


@pytest.fixture
def mpp_merchant() -> Iterator[Callable[..., Merchant]]:
    """Open MPP merchants that stay open until the test ends.

    Call it with the arguments of boto3_agentcore_payments.merchants.mpp_merchant.
    """
    with _merchants("mpp_merchant") as open_shop:
        yield open_shop


@pytest.fixture
def aws_billing_merchant() -> Iterator[Callable[..., Merchant]]:
    """Open merchants that are paid on the AWS bill, which stay open until the test ends.

    Call it with the arguments of boto3_agentcore_payments.merchants.aws_billing_merchant.
    """
    with _merchants("aws_billing_merchant") as open_shop:
        yield open_shop


@pytest.fixture
def mcp_merchant() -> Iterator[Callable[..., Merchant]]:
    """Open MCP servers whose tools are paid for, which stay open until the test ends.

    Call it with the arguments of boto3_agentcore_payments.merchants.mcp_merchant.
    """
    with _merchants("mcp_merchant") as open_shop:
        yield open_shop


class _Resets:
    """Resets the server before each further test, once the fixtures of the one before are gone."""

    def __init__(self, server: PaymentsServer) -> None:
        self._server = server

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self) -> None:
        self._server.reset()


@contextmanager
def _account(request: pytest.FixtureRequest) -> Iterator[AgentCorePayments]:
    """Open the account that the marker of a fixture's scope describes."""
    from boto3_agentcore_payments.testing import agentcore_payments as opened

    with ExitStack() as stack:
        with _readable_errors():
            account = stack.enter_context(opened(**_options(request)))
        yield account


def _options(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Return the options of the markers; the nearest to the test has the last word."""
    options: dict[str, Any] = {}
    for marker in request.node.iter_markers(MARKER):
        if marker.args:
            message = f"write its options by name, such as budget='0.05', not {marker.args[0]!r}"
            pytest.fail(f"@pytest.mark.{MARKER}: {message}", pytrace=False)
        options = {**marker.kwargs, **options}
    return {**_settings(request), **options}


def _settings(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Return the options that the settings file gives every account."""
    file = request.config.getini(SEED)
    return {"seed": request.config.rootpath / file} if file else {}


@contextmanager
def _readable_errors() -> Iterator[None]:
    """Let what a test got wrong fail it in one line, without the plugin's own code."""
    from boto3_agentcore_payments.errors import MissingExtraError
    from boto3_agentcore_payments.testing import TestOptionError

    try:
        yield
    except TestOptionError as error:
        message = f"@pytest.mark.{MARKER}: {error}"
    except MissingExtraError as error:
        message = str(error)
    else:
        return
    # Raised here by hand: pytest.fail() would show the error above it a second time.
    raise pytest.fail.Exception(message, pytrace=False) from None


@contextmanager
def _merchants(kind: str) -> Iterator[Callable[..., Any]]:
    """Give what opens merchants of a kind, in the region of the account that is open then."""
    from boto3_agentcore_payments.testing.account import newest_open
    from boto3_agentcore_payments.testing.shops import open_merchant

    with ExitStack() as shops:

        def open_shop(**options: Any) -> Any:
            __tracebackhide__ = True
            account: Any = newest_open()
            if account is None:
                return open_merchant(shops, kind, {}, options)
            return account.open_merchant(kind, stack=shops, **options)

        yield open_shop
