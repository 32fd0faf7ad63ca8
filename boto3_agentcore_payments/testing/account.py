"""A test's account: everything up to the first payment, made when it is asked for."""

from __future__ import annotations

import itertools
from contextlib import ExitStack
from decimal import Decimal
from threading import RLock
from typing import TYPE_CHECKING, Any, Callable, TypeVar

from boto3_agentcore_payments.errors import AgentCorePaymentsError
from boto3_agentcore_payments.testing import secrets, service_role
from boto3_agentcore_payments.testing.environment import TestEnvironment
from boto3_agentcore_payments.testing.lazy import MadeOnce
from boto3_agentcore_payments.testing.options import Options, TestOptionError, unknown
from boto3_agentcore_payments.testing.wallets import ETHEREUM, SOLANA, chains_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from os import PathLike

    import boto3.session
    from typing_extensions import Self

    from boto3_agentcore_payments.emulator.backend.seeding import Start
    from boto3_agentcore_payments.emulator.control import PaymentsControl
    from boto3_agentcore_payments.emulator.engine.state import PaymentsState
    from boto3_agentcore_payments.pay import Payer
    from boto3_agentcore_payments.types import (
        BedrockAgentCorePaymentsClient,
        BedrockAgentCorePaymentsControlClient,
    )

ACCOUNT = "123456789012"
"""The account of keys that moto's IAM does not know."""
_ATOMIC = 10**6
_NO_CEILING = "1000000"
_SESSION_MINUTES = 60
_numbers = itertools.count(1)
_open: list[Account] = []
_loaders: dict[str | None, Any] = {}
"""botocore's loaders by ``data_path``: what they have read does not change from test to test."""
T = TypeVar("T")


class Account:
    """An account of the emulator that can pay: a manager, a connector, wallets and a session.

    Use it in a ``with`` block. It opens ``mock_aws``, with credentials and region in the
    environment; everything else is made when it is first asked for.

    Args:
        options: What the account looks like.
    """

    def __init__(self, options: Options | None = None) -> None:
        self.options = options or Options()
        self._lock = RLock()
        self._made: dict[str, Any] = {}
        self._whole = ExitStack()
        self.resources = ExitStack()
        self.earlier: tuple[PaymentsState, int] | None = None
        self._is_open = False
        self._start: Start | None = None

    def __repr__(self) -> str:
        """Return whose account it is."""
        return (
            f"<{type(self).__name__} user={self.options.user!r} region={self.options.region!r} "
            f"budget={self.options.budget!r}>"
        )

    def __enter__(self) -> Self:
        """Open the account.

        Raises:
            MissingExtraError: if the extra ``emulator`` is not installed.
            TestOptionError: if botocore knows no such region, or the seed is wrong.
        """
        with ExitStack() as opening:
            self._enter(opening)
            self._is_open = True
            opening.callback(self._closed)
            if self.options.new_account:
                opening.enter_context(self.emulator.new_account())
                self._do_all_but_grant()
            if self.options.seed is not None:
                opening.callback(self._uproot)
                self._plant(self.options.seed)
            self._note_earlier()
            _open.append(self)
            opening.callback(_open.remove, self)
            self._whole = opening.pop_all()
        return self

    def __exit__(self, *exception: object) -> None:
        """Close it: merchants, scenarios, the mock and the environment."""
        with self._whole:
            self._forget()

    # Clients and resources

    @MadeOnce
    def client(self) -> BedrockAgentCorePaymentsClient:
        """Return the data plane: ``boto3.client("bedrock-agentcore-payments")``."""
        from boto3_agentcore_payments.clients import payments_client

        return payments_client(self._session, **self._client_arguments())

    @MadeOnce
    def control_client(self) -> BedrockAgentCorePaymentsControlClient:
        """Return the control plane: ``boto3.client("bedrock-agentcore-payments-control")``."""
        from boto3_agentcore_payments.clients import control_client

        return control_client(self._session, **self._client_arguments())

    @MadeOnce
    def iam_client(self) -> Any:
        """Return a client of IAM, where the manager's role is."""
        return self._session.client("iam", **self._client_arguments())

    @MadeOnce
    def emulator(self) -> PaymentsControl:
        """Return the control surface: what a test may do and a client may not."""
        from boto3_agentcore_payments.emulator.control import PaymentsControl

        return PaymentsControl(ACCOUNT, self.options.region)

    @property
    def seeded(self) -> dict[str, Any]:
        """What the option ``seed`` made: names or users with ids, and merchants' URLs.

        In the form that ``PaymentsControl.seed`` returns; empty without that option.
        """
        self.require_open()
        return {} if self._start is None else self._start.made

    @property
    def user_id(self) -> str:
        """The user who pays."""
        return self.options.user

    @MadeOnce
    def manager_arn(self) -> str:
        """ARN of a payment manager with IAM authorization."""
        made = self.control_client.create_payment_manager(
            name=self._name, authorizerType="AWS_IAM", roleArn=self.role_arn
        )
        return made["paymentManagerArn"]

    @MadeOnce
    def role_arn(self) -> str:
        """ARN of the manager's service role; in a new account the role is made."""
        if self.options.new_account:
            service_role.make(self.iam_client)
        return f"arn:aws:iam::{ACCOUNT}:role/{service_role.NAME}"

    @MadeOnce
    def connector_id(self) -> str:
        """Id of the manager's connector to Coinbase."""
        configuration: Any = secrets.coinbase()
        provider = self.control_client.create_payment_credential_provider(
            name=self._name,
            credentialProviderVendor="CoinbaseCDP",
            providerConfigurationInput={"coinbaseCdpConfiguration": configuration},
        )
        vendor: Any = {"credentialProviderArn": provider["credentialProviderArn"]}
        made = self.control_client.create_payment_connector(
            paymentManagerId=self.manager_arn.rpartition("/")[2],
            name=self._name,
            type="CoinbaseCDP",
            credentialProviderConfigurations=[{"coinbaseCDP": vendor}],
        )
        return made["paymentConnectorId"]

    @MadeOnce
    def billing_connector_id(self) -> str:
        """Id of the manager's connector to the AWS bill; a merchant of that kind has it made."""
        made = self.control_client.create_payment_connector(
            paymentManagerId=self.manager_arn.rpartition("/")[2],
            name=f"{self._name}billing",
            type="AwsBilling",
            credentialProviderConfigurations=[],
        )
        return made["paymentConnectorId"]

    @MadeOnce
    def instrument_id(self) -> str:
        """Id of the user's EVM wallet, funded on every chain it can pay on."""
        return self._wallet(ETHEREUM)

    @MadeOnce
    def solana_instrument_id(self) -> str:
        """Id of the user's Solana wallet, funded on every cluster."""
        return self._wallet(SOLANA)

    @property
    def wallets(self) -> dict[str, str]:
        """The kind of each wallet, ``ETHEREUM`` or ``SOLANA``, by its instrument's id."""
        return {self.instrument_id: ETHEREUM, self.solana_instrument_id: SOLANA}

    @MadeOnce
    def session_id(self) -> str:
        """Id of the user's payment session, with the budget, for an hour."""
        members: Any = {}
        if self.options.budget is not None:
            limit = {"value": self.options.budget, "currency": "USD"}
            members = {"limits": {"maxSpendAmount": limit}}
        made = self.client.create_payment_session(
            paymentManagerArn=self.manager_arn,
            userId=self.user_id,
            expiryTimeInMinutes=_SESSION_MINUTES,
            **members,
        )
        return made["paymentSession"]["paymentSessionId"]

    @MadeOnce
    def payer(self) -> Payer:
        """Return a ``Payer`` with the session, both wallets and the AWS bill.

        It may pay merchants on this machine. Without the option ``max_price`` it has no ceiling,
        so that the budget alone limits.

        Raises:
            MissingExtraError: if the extra ``pay`` is not installed and something has to be paid.
        """
        from boto3_agentcore_payments.pay import Payer
        from boto3_agentcore_payments.pay.service import AWS_BILLING_INSTRUMENT

        payer = Payer(
            self.client,
            payment_manager_arn=self.manager_arn,
            payment_session_id=self.session_id,
            payment_instrument_ids=[*self.wallets, AWS_BILLING_INSTRUMENT],
            user_id=self.user_id,
            max_price=self.options.max_price or _NO_CEILING,
            allow_private=True,
        )
        self.resources.callback(payer.close)
        return payer

    # How it is made

    def _enter(self, opening: ExitStack) -> None:
        """Open the account; what has to be closed goes to the stack."""
        from boto3_agentcore_payments.emulator import install

        install()
        opening.enter_context(TestEnvironment(self.options.region))
        from moto import mock_aws

        opening.enter_context(mock_aws())

    @MadeOnce
    def _session(self) -> boto3.session.Session:
        """Return a session that has read botocore's files already, where an earlier one has."""
        import boto3.session
        import botocore.session

        core = botocore.session.Session()
        loader = _loaders.setdefault(
            core.get_config_variable("data_path"), core.get_component("data_loader")
        )
        core.register_component("data_loader", loader)
        return boto3.session.Session(botocore_session=core)

    def _client_arguments(self) -> dict[str, Any]:
        return {"region_name": self.options.region}

    def _forget(self) -> None:
        """Close what was made, so that it is made again when it is asked for."""
        with self._lock:
            resources, self.resources = self.resources, ExitStack()
            self._made.clear()
        resources.close()

    def _plant(self, seed: Mapping[str, Any] | str | PathLike[str]) -> None:
        """Make the known start."""
        from boto3_agentcore_payments.emulator.backend import seeding

        self.state_now()  # an unknown region has an error of its own
        try:
            self._start = seeding.plant(seed, ACCOUNT, self.options.region)
        except (OSError, ValueError) as error:
            raise TestOptionError(f"option 'seed': {error}") from error

    def _uproot(self) -> None:
        """Forget the known start, and close its merchants."""
        from boto3_agentcore_payments.emulator.backend import seeding

        if self._start is not None:
            seeding.forget(self._start)

    def _do_all_but_grant(self) -> None:
        """Do in a new account what an administrator does, and no wallet's user."""
        self.emulator.subscribe()
        self.emulator.set_delegated_signing(True)
        self.emulator.set_mpp_access(True)

    def _closed(self) -> None:
        self._is_open = False

    def _note_earlier(self) -> None:
        # Inside another mock_aws there may be attempts of other tests.
        state = self.state_now()
        self.earlier = (state, state.attempts.heard) if state.attempts.heard else None

    def state_now(self) -> PaymentsState:
        """Return the emulator's state.

        Raises:
            TestOptionError: if botocore knows no such region.
        """
        __tracebackhide__ = True
        self.require_open()
        from boto3_agentcore_payments.emulator.backend.models import payments_backends

        try:
            state: PaymentsState = payments_backends[ACCOUNT][self.options.region].state
        except KeyError:
            from botocore.session import Session

            known = Session().get_available_regions("ec2")
            message = f"option 'region': botocore knows no {unknown(self.options.region, known)}"
            raise TestOptionError(message) from None
        return state

    def made_once(self, name: str, make: Callable[[Any], T]) -> T:
        """Return what was made under a name, made now if it was not."""
        __tracebackhide__ = True
        with self._lock:
            self.require_open()
            if name not in self._made:
                self._made[name] = make(self)
            made: T = self._made[name]
            return made

    def require_open(self) -> None:
        """Refuse to go on with an account that is closed.

        Raises:
            AgentCorePaymentsError: if it is.
        """
        __tracebackhide__ = True
        if not self._is_open:
            raise AgentCorePaymentsError(
                "this account is closed: it lasts as long as its with block, or the scope of its "
                "fixture"
            )

    @property
    def _name(self) -> str:
        """A name that no other account of this process has: one mock_aws may hold several."""
        made: dict[str, Any] = self._made
        if "name" not in made:
            made["name"] = f"test{next(_numbers)}"
        name: str = made["name"]
        return name

    def _wallet(self, kind: str) -> str:
        email = {"email": {"emailAddress": "alice@example.com"}}
        wallet: Any = {"network": kind, "linkedAccounts": [email]}
        made = self.client.create_payment_instrument(
            paymentManagerArn=self.manager_arn,
            paymentConnectorId=self.connector_id,
            paymentInstrumentType="EMBEDDED_CRYPTO_WALLET",
            paymentInstrumentDetails={"embeddedCryptoWallet": wallet},
            userId=self.user_id,
        )
        identifier = made["paymentInstrument"]["paymentInstrumentId"]
        funds = int(Decimal(self.options.funds) * _ATOMIC)
        for chain in chains_of(kind):
            self.emulator.set_balance(identifier, funds, chain=chain)
        return identifier


def newest_open() -> Account | None:
    """Return the account that was opened last and is open, if there is one."""
    return _open[-1] if _open else None
