"""A state with one resource of every kind, reached through the wire, and a picture of it."""

from __future__ import annotations

from collections import deque
from datetime import datetime, timezone
from enum import Enum

from ready_shop import ACCOUNT, Shop

from boto3_agentcore_payments.emulator.engine.state import PaymentsState
from boto3_agentcore_payments.emulator.proofs import LocalProver
from boto3_agentcore_payments.emulator.proofs.vendor_tokens import LocalVendorTokens
from boto3_agentcore_payments.emulator.wire import definitions

USER = "X-Amzn-Bedrock-AgentCore-Payments-User-Id"
OPERATIONS = definitions.operations()
TOKEN = "9c6f8a04-2a5c-4b7e-8f56-1f0c8d3a7b21"


class World:
    """A state with one resource of every kind, reached through the wire."""

    def __init__(self, send):
        self.send = send
        send.state = PaymentsState(
            ACCOUNT,
            "us-east-1",
            clock=lambda: datetime(2026, 7, 1, tzinfo=timezone.utc),
            prover=LocalProver(),
            vendor_tokens=LocalVendorTokens(),
        )
        shop = Shop(self.call)
        arn = shop.manager("demo")
        connector = shop.connector(arn, shop.credential_provider("coinbase"))
        self.labels = {
            "paymentManagerId": arn.rpartition("/")[2],
            "paymentConnectorId": connector,
        }
        self.known = {
            "paymentManagerArn": arn,
            "paymentConnectorId": connector,
            "paymentInstrumentId": shop.instrument(arn, connector),
            "paymentSessionId": shop.session(arn, clientToken=TOKEN),
            "resourceCredentialProviderName": "coinbase",
            "name": "coinbase",
        }

    def call(self, operation, /, **members):
        """Perform an operation, its members put where they travel."""
        labels = {label: members.pop(label) for label in OPERATIONS[operation].inputs.labels}
        headers = {USER: members.pop("userId")} if "userId" in members else {}
        reply = self.send(operation, members, labels=labels, headers=headers)
        assert reply.status in (201, 202), reply.body
        return reply.body

    def labels_of(self, name):
        """Return the labels of an operation, naming what exists."""
        return {label: self.labels[label] for label in OPERATIONS[name].inputs.labels}

    def picture(self):
        """Return everything the state holds, in a form that can be compared.

        Statuses that settle at the next look are read first, so that they do not change because
        of the request under test.
        """
        for name in ("GetPaymentConnector", "GetPaymentManager"):
            self.send(name, labels=self.labels_of(name))
        owned = {key: self.known[key] for key in ("paymentManagerArn", "paymentInstrumentId")}
        self.send("GetPaymentInstrument", owned, headers={USER: "alice"})
        # An attempt to pay is kept although it was refused: that is what the list is for.
        told = ("attempts", "listeners")
        made = ("lock", "clock", "random", "faults", "_sequence", "prover", "vendor_tokens")
        ignored = (*told, *made)
        return picture(
            {name: value for name, value in vars(self.send.state).items() if name not in ignored}
        )


def picture(value):
    """Return a comparable copy of plain objects, however deep."""
    if value is None or isinstance(value, (str, bytes, int, float, datetime, Enum)):
        return value
    if isinstance(value, dict):
        return {str(key): picture(member) for key, member in value.items()}
    if isinstance(value, (list, tuple, deque)):
        return [picture(member) for member in value]
    if isinstance(value, (set, frozenset)):
        return sorted(map(repr, value))
    if callable(value) and not hasattr(value, "__dict__"):
        return repr(value)
    slots = [name for cls in type(value).__mro__ for name in getattr(cls, "__slots__", ())]
    names = [*slots, *getattr(value, "__dict__", {})]
    # An owner's manager and a session's owner lead back up: parents are compared on their own.
    return [type(value).__name__] + [
        (name, picture(getattr(value, name)))
        for name in names
        if name not in ("manager", "owner", "state", "_lock") and hasattr(value, name)
    ]
