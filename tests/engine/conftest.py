"""An emulated service without HTTP, a clock that a test moves, and a prover that signs nothing."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any, Callable

import pytest

from boto3_agentcore_payments.emulator.engine.errors import ServiceError, ValidationException
from boto3_agentcore_payments.emulator.engine.money import usdc_in_usd
from boto3_agentcore_payments.emulator.engine.operations import perform
from boto3_agentcore_payments.emulator.engine.ports import Prepared, SignedProof
from boto3_agentcore_payments.emulator.engine.state import PaymentsState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from boto3_agentcore_payments.emulator.engine.ports import WalletKey

ACCOUNT = "123456789012"
REGION = "us-east-1"
PROVIDER_ARN = (
    f"arn:aws:acps:{REGION}:{ACCOUNT}:token-vault/default/paymentcredentialprovider/vault"
)


class Clock:
    """Service time that stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 12, 0, tzinfo=timezone.utc)

    def __call__(self) -> datetime:
        return self.now

    def move(self, **span: float) -> None:
        """Move time on by a ``timedelta``'s arguments."""
        self.now += timedelta(**span)


class FakeProver:
    """Takes the amount from the payload, refuses a payload without one, signs nothing real.

    It is also its only row of payment types.
    """

    name = "CRYPTO_X402"
    input_member = output_member = "cryptoX402"
    takes_wallet = True

    def __init__(self) -> None:
        self.payment_types = {self.name: self}
        self.failure: BaseException | None = None
        self.address_failure: Exception | None = None
        self.signed: list[int] = []
        self.changes: dict[str, Any] = {}
        self._numbers = count(1)

    def wallet_address(self, wallet: WalletKey) -> str:
        """Return an address that names the wallet."""
        if self.address_failure is not None:
            raise self.address_failure
        return f"0x{wallet.network}-{wallet.identity}"

    def look_up(self, payment_input: Any, *, now: datetime) -> Any:
        """Find nothing."""
        del payment_input, now

    def prepare(
        self, payment_input: Any, *, wallet: WalletKey | None, found: Any, now: datetime
    ) -> Prepared:
        """Accept any payload that has an amount."""
        del found, now
        amount = payment_input["payload"].get("amount")
        if amount is None:
            message = "Payment amount is required"
            raise ValidationException(message)
        changes = dict(self.changes)
        proof_id = changes.pop("proof_id", f"proof-{next(self._numbers)}")
        prepared = Prepared(
            amount=int(amount),
            charge=usdc_in_usd(int(amount)),
            network="eip155:84532",
            chain="BASE_SEPOLIA",
            asset="0xusdc",
            pay_to="0xShop",
            payer="" if wallet is None else self.wallet_address(wallet),
            scheme="exact",
            step="EIP-712 signature",
            signer=partial(self._sign, int(amount), proof_id),
        )
        return replace(prepared, **changes)

    def _sign(self, amount: int, proof_id: str) -> SignedProof:
        """Return a proof that names its own number, or fail as the test wants."""
        if self.failure is not None:
            raise self.failure
        self.signed.append(amount)
        return SignedProof({"version": "2", "payload": {"proof": proof_id}}, proof_id)


class Service:
    """One account and region, and short ways to fill it."""

    def __init__(self, **options: Any) -> None:
        self.clock = Clock()
        self.prover = FakeProver()
        settings: dict[str, Any] = {"clock": self.clock, "prover": self.prover, **options}
        self.state = PaymentsState(ACCOUNT, REGION, **settings)
        self._tokens = count(1)

    def call(self, operation: str, **params: Any) -> dict[str, Any]:
        """Perform an operation with exactly these parameters."""
        return perform(self.state, operation, params)

    def token(self) -> str:
        """Return a fresh client token."""
        return f"client-token-{next(self._tokens):024d}"

    def create_manager(self, **changes: Any) -> dict[str, Any]:
        """Create a manager that nobody needs to wait for."""
        params = {
            "name": "Shop",
            "authorizerType": "AWS_IAM",
            "roleArn": f"arn:aws:iam::{ACCOUNT}:role/payments",
            "clientToken": self.token(),
        }
        return self.call("CreatePaymentManager", **{**params, **changes})

    def create_connector(self, manager_id: str, **changes: Any) -> dict[str, Any]:
        """Create a MANUAL Coinbase connector."""
        params = {
            "paymentManagerId": manager_id,
            "name": "Coins",
            "type": "CoinbaseCDP",
            "credentialProviderConfigurations": [
                {"coinbaseCDP": {"credentialProviderArn": PROVIDER_ARN}}
            ],
            "clientToken": self.token(),
        }
        return self.call("CreatePaymentConnector", **{**params, **changes})


class Shop(Service):
    """A service with a manager, a connector, and a user ``alice`` with an instrument."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        manager = self.create_manager()
        self.manager_id: str = manager["paymentManagerId"]
        self.arn: str = manager["paymentManagerArn"]
        self.connector_id: str = self.create_connector(self.manager_id)["paymentConnectorId"]
        self.instrument_id: str = self.create_instrument()["paymentInstrumentId"]

    def address(self, number: int = 1) -> str:
        """Return the address of a wallet by the order in which they were made."""
        return f"0xETHEREUM-{ACCOUNT}/{REGION}/{number}"

    def of(self, user: str = "alice", **params: Any) -> dict[str, Any]:
        """Return parameters that begin with a user and the manager."""
        return {"userId": user, "paymentManagerArn": self.arn, **params}

    def create_instrument(self, user: str = "alice", **changes: Any) -> dict[str, Any]:
        """Create an Ethereum wallet and return it."""
        params = self.of(
            user,
            paymentConnectorId=self.connector_id,
            paymentInstrumentType="EMBEDDED_CRYPTO_WALLET",
            paymentInstrumentDetails={
                "embeddedCryptoWallet": {
                    "network": "ETHEREUM",
                    "linkedAccounts": [{"email": {"emailAddress": "alice@example.com"}}],
                }
            },
            clientToken=self.token(),
        )
        answer = self.call("CreatePaymentInstrument", **{**params, **changes})
        instrument: dict[str, Any] = answer["paymentInstrument"]
        return instrument

    def create_session(
        self, limit: str | None = None, user: str = "alice", **changes: Any
    ) -> dict[str, Any]:
        """Create a session for an hour, with a limit in US dollars or none, and return it."""
        params = self.of(user, expiryTimeInMinutes=60, clientToken=self.token())
        if limit is not None:
            params["limits"] = {"maxSpendAmount": {"value": limit, "currency": "USD"}}
        answer = self.call("CreatePaymentSession", **{**params, **changes})
        session: dict[str, Any] = answer["paymentSession"]
        return session

    def session(self, session_id: str, user: str = "alice") -> dict[str, Any]:
        """Return a session."""
        answer = self.call("GetPaymentSession", **self.of(user, paymentSessionId=session_id))
        session: dict[str, Any] = answer["paymentSession"]
        return session

    def left(self, session_id: str) -> str:
        """Return the text of what is left of a session's budget."""
        available = self.session(session_id)["availableLimits"]
        text: str = available["availableSpendAmount"]["value"]
        return text

    def pay(
        self, session_id: str, amount: int | None, user: str = "alice", **changes: Any
    ) -> dict[str, Any]:
        """Pay ``amount`` atomic units; without one the payload breaks a rule."""
        payload = {} if amount is None else {"amount": str(amount)}
        params = self.of(
            user,
            paymentSessionId=session_id,
            paymentInstrumentId=self.instrument_id,
            paymentType="CRYPTO_X402",
            paymentInput={"cryptoX402": {"version": "2", "payload": payload}},
            clientToken=self.token(),
        )
        return self.call("ProcessPayment", **{**params, **changes})


@contextmanager
def _refused(
    code: str, message: str, field: str = ""
) -> Iterator[pytest.ExceptionInfo[ServiceError]]:
    with pytest.raises(ServiceError) as caught:
        yield caught
    assert (caught.value.code, caught.value.message) == (code, message)
    if field:
        assert caught.value.members["fieldList"] == [{"name": field, "message": message}]


@pytest.fixture(scope="session")
def refused() -> Callable[..., Any]:
    """``with refused(code, message):`` the block must be refused with exactly these.

    A third argument is the one path that the ``fieldList`` must name.
    """
    return _refused


@pytest.fixture(scope="session")
def new_service() -> type[Service]:
    """Make an empty service, for tests that need one for each example."""
    return Service


@pytest.fixture(scope="session")
def new_shop() -> type[Shop]:
    """Make a filled service, for tests that need one for each example."""
    return Shop


@pytest.fixture
def service() -> Service:
    """An empty service."""
    return Service()


@pytest.fixture
def shop() -> Shop:
    """A service with a manager, a connector and an instrument of ``alice``'s."""
    return Shop()
