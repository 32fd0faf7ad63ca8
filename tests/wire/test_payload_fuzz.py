"""Thousands of bad payloads in good requests are refused by the prover and cost nothing."""

from __future__ import annotations

import base64
import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from wire_world import USER

PROPERTY = settings(
    max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), database=None
)

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
