"""Thousands of bad requests: modelled errors only, and nothing changes.

Requests run through the real engine, with resources they can hit, and the whole state is compared
before and after.
"""

from __future__ import annotations

import base64
import copy
import json
from collections import deque
from datetime import datetime, timezone
from enum import Enum

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shape_strategies import input_values

from boto3_agentcore_payments.emulator.engine.state import PaymentsState
from boto3_agentcore_payments.emulator.proofs import LocalProver
from boto3_agentcore_payments.emulator.proofs.vendor_tokens import LocalVendorTokens
from boto3_agentcore_payments.emulator.wire import definitions, quirks

USER = "X-Amzn-Bedrock-AgentCore-Payments-User-Id"
ACCOUNT = "123456789012"
OPERATIONS = definitions.operations()
PROPERTY = settings(
    max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), database=None
)
ROLE = f"arn:aws:iam::{ACCOUNT}:role/payments"
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
        manager = self.made(
            "CreatePaymentManager", {"name": "demo", "authorizerType": "AWS_IAM", "roleArn": ROLE}
        )
        secrets = {"apiKeyId": "key", "apiKeySecret": "c2VjcmV0", "walletSecret": "c2Vj"}
        provider = self.made(
            "CreatePaymentCredentialProvider",
            {
                "name": "coinbase",
                "credentialProviderVendor": "CoinbaseCDP",
                "providerConfigurationInput": {"coinbaseCdpConfiguration": secrets},
            },
        )
        self.labels = {"paymentManagerId": manager["paymentManagerId"]}
        arn = {"credentialProviderArn": provider["credentialProviderArn"]}
        connector = self.made(
            "CreatePaymentConnector",
            {
                "name": "wallets",
                "type": "CoinbaseCDP",
                "credentialProviderConfigurations": [{"coinbaseCDP": arn}],
            },
            labels=self.labels,
        )
        self.labels["paymentConnectorId"] = connector["paymentConnectorId"]
        owned = {"paymentManagerArn": manager["paymentManagerArn"]}
        wallet = {"network": "ETHEREUM", "linkedAccounts": []}
        instrument = self.made(
            "CreatePaymentInstrument",
            {
                **owned,
                "paymentConnectorId": connector["paymentConnectorId"],
                "paymentInstrumentType": "EMBEDDED_CRYPTO_WALLET",
                "paymentInstrumentDetails": {"embeddedCryptoWallet": wallet},
            },
        )["paymentInstrument"]
        limits = {"maxSpendAmount": {"value": "5.00", "currency": "USD"}}
        session = self.made(
            "CreatePaymentSession",
            {**owned, "expiryTimeInMinutes": 60, "limits": limits, "clientToken": TOKEN},
        )["paymentSession"]
        self.known = {
            **owned,
            "paymentConnectorId": connector["paymentConnectorId"],
            "paymentInstrumentId": instrument["paymentInstrumentId"],
            "paymentSessionId": session["paymentSessionId"],
            "resourceCredentialProviderName": "coinbase",
            "name": "coinbase",
        }

    def made(self, name, body, labels=None):
        reply = self.send(name, body, labels=labels, headers={USER: "alice"})
        assert reply.status in (201, 202), reply.body
        return reply.body

    def labels_of(self, name):
        """Return the labels of an operation, naming what exists."""
        return {label: self.labels[label] for label in OPERATIONS[name].inputs.labels}

    def picture(self):
        """Return everything the state holds, in a form that can be compared.

        What is passing is read first: a status that settles at the next look, whoever looks, is
        not the doing of the request under test.
        """
        for name in ("GetPaymentConnector", "GetPaymentManager"):
            self.send(name, labels=self.labels_of(name))
        owned = {key: self.known[key] for key in ("paymentManagerArn", "paymentInstrumentId")}
        self.send("GetPaymentInstrument", owned, headers={USER: "alice"})
        ignored = ("lock", "clock", "random", "faults", "_sequence", "prover", "vendor_tokens")
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


@pytest.fixture
def world(sender):
    """A state with one resource of every kind."""
    return World(sender)


def split(operation, params):
    """Return parameters as a body and the rest as labels, query string and headers."""
    body = {name: value for name, value in params.items() if name in operation.inputs.body}
    labels = {name: params[name] for name in operation.inputs.labels if name in params}
    return body, labels


WRONG_TYPE = {
    "structure": ("text", 1, True, []),
    "list": ("text", 1, True, {}),
    "map": ("text", 1, True, []),
    "string": (1, True, [], {}, 1.5),
    "integer": ("1", True, [], {}, 1.5, 1.0),
    "long": ("1", True, [], {}, 1.5, 1.0),
    "boolean": ("true", 1, 0, [], {}),
}


def corruptions(definition, shape, value, path=""):
    """Yield everything that can be wrong with a value, or with anything in it.

    Each is a pair of the path that must be named and a function that returns the value spoiled.
    """
    traits = definition.traits(shape)
    if traits.get("document"):
        yield path, lambda _: "\ud800"
        return
    for wrong in WRONG_TYPE[shape.type_name]:
        yield path, lambda _, wrong=wrong: wrong
    yield from BY_TYPE[shape.type_name](definition, shape, traits, value, path)


def list_corruptions(definition, shape, traits, value, path):
    """Yield what can be wrong with a list beyond its type."""
    yield path, lambda _: [None] * (traits.get("max", 10) + 1)
    if traits.get("min"):
        yield path, lambda _: []
    for index, member in enumerate(value):
        for inner, spoil in corruptions(definition, shape.member, member, f"{path}[{index}]"):
            yield inner, replace(index, spoil)


def map_corruptions(_definition, _shape, _traits, _value, path):
    """Yield what can be wrong with a map beyond its type."""
    yield path, lambda items: {**items, "key": None}
    yield path, lambda items: {**items, "\ud800": "value"}


def string_corruptions(_definition, _shape, traits, _value, path):
    """Yield what can be wrong with text beyond its type."""
    if traits.get("enum"):
        yield path, lambda _: "NO SUCH VALUE"
    if traits.get("min"):
        yield path, lambda _: ""
    if traits.get("max"):
        yield path, lambda _: "a" * (traits["max"] + 1)
    yield path, lambda _: "\ud800" * max(traits.get("min", 1), 1)


def integer_corruptions(_definition, _shape, traits, _value, path):
    """Yield what can be wrong with an integer beyond its type."""
    if "max" in traits:
        yield path, lambda _: traits["max"] + 1
        yield path, lambda _: traits["min"] - 1
        yield path, lambda _: 10**100


def no_corruptions(*_):
    """Yield nothing: a boolean can only be of the wrong type."""
    return ()


def structure_corruptions(definition, shape, traits, value, path):
    """Yield what can be wrong with a structure beyond its type."""
    secret_names = "no such member"
    yield path, lambda members: {**members, secret_names: 1}
    tolerated = quirks.optional_members(definition.service_name, shape.name)
    for name in set(traits.get("required", ())) - tolerated:
        yield path, lambda members, name=name: {k: v for k, v in members.items() if k != name}
        yield path, lambda members, name=name: {**members, name: None}
    if traits.get("union"):
        yield path, lambda _: {}
        yield path, lambda members: {**members, **{name: {} for name in shape.members}}
    for name, member in value.items():
        for inner, spoil in corruptions(
            definition, shape.members[name], member, f"{path}.{name}".lstrip(".")
        ):
            yield inner, replace(name, spoil)


BY_TYPE = {
    "structure": structure_corruptions,
    "list": list_corruptions,
    "map": map_corruptions,
    "string": string_corruptions,
    "integer": integer_corruptions,
    "long": integer_corruptions,
    "boolean": no_corruptions,
}


def replace(key, spoil):
    """Return a function that spoils one element of a container."""

    def spoiled(container):
        changed = copy.copy(container)
        changed[key] = spoil(container[key])
        return changed

    return spoiled


def assert_answered(world, operation, reply, before):
    """Assert that a reply is what the model has, and that an error changed nothing."""
    if reply.status < 400:
        assert reply.status == operation.status
        return
    # AWS's services answer ValidationException whether an operation's model lists it or not.
    assert reply.code in {*operation.error_shapes, "ValidationException"}, reply.body
    assert reply.status < 500, reply.body
    assert isinstance(reply.body["message"], str)
    assert world.picture() == before


@pytest.mark.parametrize("name", OPERATIONS)
@PROPERTY
@given(data=st.data())
def test_every_single_corruption_is_refused_by_its_path(world, name, data):
    operation = OPERATIONS[name]
    shape = operation.model.input_shape
    body, labels = split(operation, data.draw(input_values(operation.model)))
    before = world.picture()
    for member, value in body.items():
        for path, spoil in corruptions(operation.definition, shape.members[member], value, member):
            spoiled = {**body, member: spoil(value)}
            reply = world.send(name, spoiled, labels=labels, headers={USER: "alice"})
            assert (reply.code, reply.status) == ("ValidationException", 400), (path, spoiled)
            assert reply.reason == "FieldValidationFailed"
            assert any(field.startswith(path) for field in reply.fields), (path, reply.fields)
    assert world.picture() == before


@pytest.mark.parametrize("name", OPERATIONS)
@PROPERTY
@given(data=st.data())
def test_a_body_without_a_required_or_with_an_unknown_member_is_refused(world, name, data):
    operation = OPERATIONS[name]
    body, labels = split(operation, data.draw(input_values(operation.model)))
    before = world.picture()
    for member in set(operation.model.input_shape.required_members) & set(body):
        shorter = {key: value for key, value in body.items() if key != member}
        reply = world.send(name, shorter, labels=labels)
        assert (reply.code, reply.fields) == ("ValidationException", {member: "is required"})
    reply = world.send(name, {**body, "unheard": None}, labels=labels)
    assert reply.fields == {"unheard": "is not a known member"}
    assert world.picture() == before


@pytest.mark.parametrize("name", OPERATIONS)
@PROPERTY
@given(data=st.data())
def test_a_spoiled_label_is_refused(world, name, data):
    operation = OPERATIONS[name]
    body, labels = split(operation, data.draw(input_values(operation.model)))
    before = world.picture()
    for label in labels:
        for text in ("", "x", "a/b", "..", "\0", "a" * 3000, data.draw(st.text())):
            reply = world.send(name, body or None, labels={**labels, label: text})
            assert (reply.code, list(reply.fields)) == ("ValidationException", [label])
    assert world.picture() == before


@pytest.mark.parametrize("name", OPERATIONS)
@PROPERTY
@given(body=st.binary(min_size=1) | st.text(min_size=1).map(str.encode))
def test_random_bytes_are_refused(world, name, body):
    before = world.picture()
    reply = world.send(name, body, labels=world.labels_of(name), headers={USER: "alice"})
    assert_answered(world, OPERATIONS[name], reply, before)


def random_json(names):
    """JSON in which member names that mean something are likely."""
    keys = st.sampled_from(sorted(names)) | st.text(max_size=4)
    scalars = (
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(max_size=8)
        | st.sampled_from(["ETHEREUM", "CRYPTO_X402", "USD", "5.00", "coinbase"])
    )
    return st.recursive(
        scalars,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4),
        max_leaves=10,
    )


MEMBER_NAMES = {
    name
    for definition in {operation.definition for operation in OPERATIONS.values()}
    for shape in map(definition.model.shape_for, definition.model.shape_names)
    if shape.type_name == "structure"
    for name in shape.members
}


@pytest.mark.parametrize("name", OPERATIONS)
@PROPERTY
@given(body=random_json(MEMBER_NAMES))
def test_random_json_is_answered_by_the_model(world, name, body):
    before = world.picture()
    reply = world.send(
        name, json.dumps(body).encode(), labels=world.labels_of(name), headers={USER: "alice"}
    )
    assert_answered(world, OPERATIONS[name], reply, before)


@pytest.mark.parametrize("name", OPERATIONS)
@PROPERTY
@given(data=st.data())
def test_a_request_the_model_allows_is_answered_by_the_model(world, name, data):
    operation = OPERATIONS[name]
    body, labels = split(operation, data.draw(input_values(operation.model)))
    known = {member: value for member, value in world.known.items() if member in body}
    body.update({member: known[member] for member in known if data.draw(st.booleans())})
    if data.draw(st.booleans()):
        labels.update(world.labels_of(name))
    before = world.picture()
    user = data.draw(st.sampled_from(["alice", "bob", "", "x" * 121]))
    reply = world.send(name, body or None, labels=labels, headers={USER: user})
    assert_answered(world, operation, reply, before)


X402 = {
    "scheme": "exact",
    "network": "base-sepolia",
    "maxAmountRequired": "10000",
    "asset": "0x036CbD53842c5426634e7929541eC2318f3dCF7e",
    "payTo": "0x1111111111111111111111111111111111111111",
    "maxTimeoutSeconds": 60,
    "resource": "https://example.com/paid",
    "extra": {"name": "USDC", "version": "2"},
}
JUNK = (
    *(None, True, False, 0, -1, 1, 1.5, 1e300, 10**100, "", " ", "0", "-1", "1e3", "0x", "\u0663"),
    *("\0", "a" * 5000, "\U0001f600", "nan", "Infinity", [], {}, [[]], {"": None}),
    *("10000.5", "99999999999999999999", "solana", "eip155:84532", "upto"),
)


def paid(world, payload, version="1"):
    """Send a payment of this payload."""
    body = {
        "paymentManagerArn": world.known["paymentManagerArn"],
        "paymentSessionId": world.known["paymentSessionId"],
        "paymentInstrumentId": world.known["paymentInstrumentId"],
        "paymentType": "CRYPTO_X402",
        "paymentInput": {"cryptoX402": {"version": version, "payload": payload}},
    }
    return world.send("ProcessPayment", body, headers={USER: "alice"})


def spoiled_payloads():
    """Yield the payload with one value gone or replaced, at every place."""
    for name, value in X402.items():
        yield {key: member for key, member in X402.items() if key != name}
        for junk in JUNK:
            yield {**X402, name: junk}
        if isinstance(value, dict):
            for inner in value:
                for junk in JUNK:
                    yield {**X402, name: {**value, inner: junk}}
    yield from JUNK


def test_a_spoiled_payload_is_refused_and_costs_nothing(world):
    assert paid(world, X402).status == 200
    before = world.picture()
    refused = 0
    for payload in spoiled_payloads():
        for version in ("1", "2"):
            reply = paid(world, payload, version)
            if reply.status == 200:
                # Not every member matters to the signature: the payment was a good one.
                before = world.picture()
                continue
            assert (reply.code, reply.status) == ("ValidationException", 400), payload
            assert world.picture() == before
            refused += 1
    assert refused > 300


MPP_REQUEST = {
    "amount": "10000",
    "currency": "0x036CbD53842c5426634e7929541eC2318f3dCF7e",
    "recipient": "0x1111111111111111111111111111111111111111",
    "methodDetails": {"chainId": 84532},
}
CHALLENGE = {"id": "c-1", "realm": "example.com", "method": "evm", "intent": "charge"}


def challenge(request, /, **changes):
    """Return a challenge header; a change to ``None`` leaves a parameter out."""
    text = json.dumps(request).encode()
    encoded = base64.urlsafe_b64encode(text).decode().rstrip("=")
    parameters = {**CHALLENGE, "request": encoded, **changes}
    shown = [f'{name}="{value}"' for name, value in parameters.items() if value is not None]
    return f"Payment {', '.join(shown)}"


def charged(world, header):
    """Send a payment of this challenge."""
    body = {
        "paymentManagerArn": world.known["paymentManagerArn"],
        "paymentSessionId": world.known["paymentSessionId"],
        "paymentInstrumentId": world.known["paymentInstrumentId"],
        "paymentType": "MPP",
        "paymentInput": {"mpp": {"version": "1", "wwwAuthenticateHeaders": [header]}},
    }
    return world.send("ProcessPayment", body, headers={USER: "alice"})


def spoiled_challenges():
    """Yield headers with one thing gone or replaced, at every place."""
    for name in MPP_REQUEST:
        yield challenge({key: value for key, value in MPP_REQUEST.items() if key != name})
        for junk in JUNK:
            yield challenge({**MPP_REQUEST, name: junk})
            yield challenge({**MPP_REQUEST, "methodDetails": {"chainId": junk}})
    for name in (*CHALLENGE, "request"):
        yield challenge(MPP_REQUEST, **{name: None})
        for junk in JUNK:
            yield challenge(MPP_REQUEST, **{name: junk})
    for junk in JUNK:
        yield challenge(junk)
        yield challenge(MPP_REQUEST, expires=junk)
        yield str(junk)


def test_a_spoiled_challenge_is_refused_and_costs_nothing(world):
    assert charged(world, challenge(MPP_REQUEST)).status == 200
    before = world.picture()
    refused = 0
    for header in spoiled_challenges():
        reply = charged(world, header)
        if reply.status == 200:
            before = world.picture()
            continue
        assert (reply.code, reply.status) == ("ValidationException", 400), header
        assert world.picture() == before
        refused += 1
    assert refused > 200


@PROPERTY
@given(header=st.text(min_size=1, max_size=200) | st.text(max_size=200).map("Payment {}".format))
def test_a_random_challenge_is_refused_and_costs_nothing(world, header):
    before = world.picture()
    reply = charged(world, header)
    assert (reply.code, reply.status) == ("ValidationException", 400)
    assert world.picture() == before
