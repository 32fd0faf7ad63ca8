"""What the engine costs by itself: microseconds an operation, bytes a session, pages of a walk.

Run: ``python benchmarks/engine.py``. A stand-in signs, so that the engine alone is measured. The
numbers depend on the machine; compare them with each other, not with another machine's.
"""

from __future__ import annotations

import gc
import time
import tracemalloc
import uuid
from typing import TYPE_CHECKING, Any, Callable

from boto3_agentcore_payments.emulator.engine.operations import perform
from boto3_agentcore_payments.emulator.engine.ports import Prepared, SignedProof, WalletKey
from boto3_agentcore_payments.emulator.engine.state import PaymentsState

if TYPE_CHECKING:
    from datetime import datetime

ACCOUNT = "123456789012"
ROUNDS = 3_000
SESSIONS = 100_000
PAGE = 1_000
LIMITS = {"maxSpendAmount": {"value": "9999.99", "currency": "USD"}}


def sign() -> SignedProof:
    """Return a constant of the size of a real proof."""
    payload = {"signature": "0x" + "ab" * 65, "authorization": {"value": "1"}}
    return SignedProof({"version": "2", "payload": payload}, uuid.uuid4().hex)


class StandIn:
    """A prover that costs next to nothing, and its only payment type."""

    name = "CRYPTO_X402"
    input_member = output_member = "cryptoX402"
    takes_wallet = True

    def __init__(self) -> None:
        self.payment_types = {self.name: self}

    def wallet_address(self, wallet: WalletKey) -> str:
        """Return an address that names the wallet."""
        return f"0x{wallet.identity}"

    def look_up(self, payment_input: Any, *, now: datetime) -> None:
        """Need nothing."""

    def prepare(
        self, payment_input: Any, *, wallet: WalletKey | None, found: Any, now: datetime
    ) -> Prepared:
        """Accept anything as a payment of one atomic unit."""
        del payment_input, wallet, found, now
        return Prepared(
            amount=1,
            charge=100,
            network="eip155:84532",
            chain="BASE_SEPOLIA",
            asset="0xasset",
            pay_to="0xshop",
            payer="0xwallet",
            scheme="exact",
            step="",
            signer=sign,
        )


def microseconds(call: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Return the best of five averages of one call's time."""
    best = float("inf")
    for _ in range(5):
        start = time.perf_counter()
        for _ in range(rounds):
            call()
        best = min(best, time.perf_counter() - start)
    return best / rounds * 1e6


def main() -> None:
    """Print one line for each measurement."""
    state = PaymentsState(ACCOUNT, "us-east-1", prover=StandIn())

    def token() -> str:
        return str(uuid.uuid4())

    manager = perform(
        state,
        "CreatePaymentManager",
        {
            "name": "Shop",
            "authorizerType": "AWS_IAM",
            "roleArn": f"arn:aws:iam::{ACCOUNT}:role/payments",
            "clientToken": token(),
        },
    )
    arn, manager_id = manager["paymentManagerArn"], manager["paymentManagerId"]
    provider = "arn:aws:acps:us-east-1:123456789012:token-vault/default/paymentcredentialprovider/p"
    connector = perform(
        state,
        "CreatePaymentConnector",
        {
            "paymentManagerId": manager_id,
            "name": "coins",
            "type": "CoinbaseCDP",
            "credentialProviderConfigurations": [
                {"coinbaseCDP": {"credentialProviderArn": provider}}
            ],
            "clientToken": token(),
        },
    )["paymentConnectorId"]
    mine = {"userId": "user-1", "paymentManagerArn": arn}

    def create_session() -> dict[str, Any]:
        members = {"expiryTimeInMinutes": 60, "limits": LIMITS, "clientToken": token()}
        return perform(state, "CreatePaymentSession", {**mine, **members})["paymentSession"]

    def create_instrument() -> dict[str, Any]:
        members = {
            "paymentConnectorId": connector,
            "paymentInstrumentType": "EMBEDDED_CRYPTO_WALLET",
            "paymentInstrumentDetails": {
                "embeddedCryptoWallet": {"network": "ETHEREUM", "linkedAccounts": []}
            },
            "clientToken": token(),
        }
        return perform(state, "CreatePaymentInstrument", {**mine, **members})["paymentInstrument"]

    session = {**mine, "paymentSessionId": create_session()["paymentSessionId"]}
    instrument = {**mine, "paymentInstrumentId": create_instrument()["paymentInstrumentId"]}
    payment = {
        **session,
        **instrument,
        "paymentType": "CRYPTO_X402",
        "paymentInput": {"cryptoX402": {"version": "2", "payload": {"amount": "1"}}},
    }
    replayed = {**payment, "clientToken": token()}
    perform(state, "ProcessPayment", replayed)
    calls: dict[str, Callable[[], object]] = {
        "CreatePaymentSession": create_session,
        "GetPaymentSession": lambda: perform(state, "GetPaymentSession", session),
        "CreatePaymentInstrument": create_instrument,
        "GetPaymentInstrument": lambda: perform(state, "GetPaymentInstrument", instrument),
        "ProcessPayment": lambda: perform(
            state, "ProcessPayment", {**payment, "clientToken": token()}
        ),
        "ProcessPayment, same token again": lambda: perform(state, "ProcessPayment", replayed),
        "ListPaymentSessions, 10": lambda: perform(
            state, "ListPaymentSessions", {**mine, "maxResults": 10}
        ),
        "GetPaymentManager": lambda: perform(
            state, "GetPaymentManager", {"paymentManagerId": manager_id}
        ),
    }
    for name, call in calls.items():
        print(f"{name:36} {microseconds(call):8.1f} us")

    mine["userId"] = "user-2"
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for _ in range(SESSIONS):
        create_session()
    gc.collect()
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    print(f"{'memory for each session':36} {grown / SESSIONS:8.0f} bytes")

    seen: set[str] = set()
    more: dict[str, str] = {}
    last: dict[str, str] = {}
    while True:
        page = perform(state, "ListPaymentSessions", {**mine, "maxResults": PAGE, **more})
        seen.update(one["paymentSessionId"] for one in page["paymentSessions"])
        if "nextToken" not in page:
            break
        more = last = {"nextToken": page["nextToken"]}
    print(f"{'sessions seen by a walk':36} {len(seen):8} of {SESSIONS}")
    for name, start in (("first page of 1000", {}), ("last page of 1000", last)):
        request = {**mine, "maxResults": PAGE, **start}
        spent = microseconds(lambda: perform(state, "ListPaymentSessions", request), 20)  # noqa: B023
        print(f"{name:36} {spent:8.1f} us")


if __name__ == "__main__":
    main()
