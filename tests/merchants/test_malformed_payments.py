"""A broken payment buys nothing and causes no server error."""

from __future__ import annotations

import base64
import copy
import json
from typing import Any

import pytest
from counters import Counter, encoded
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from werkzeug.test import Client

from boto3_agentcore_payments.merchants.facilitator import service

X402 = [
    pytest.param({}, id="eip3009"),
    pytest.param({"version": 1}, id="eip3009-v1"),
    pytest.param({"permit2": True}, id="permit2"),
    pytest.param({"scheme": "upto"}, id="upto"),
    pytest.param({"network": "solana-devnet"}, id="solana"),
    pytest.param({"network": "solana-devnet", "version": 1}, id="solana-v1"),
]
MPP = [
    pytest.param({"method": "evm"}, id="evm"),
    pytest.param({"method": "tempo"}, id="tempo"),
    pytest.param({"method": "solana"}, id="solana"),
    pytest.param({"method": "solana", "sponsor_fees": True}, id="solana-sponsored"),
]
ODD: list[Any] = [
    None, True, 0, -1, 1.5, 10**30, "", "0x", "0xzz", "é", "٣", "-1", "1e5", "NaN", " 1",
    "0" * 5000, "0x" + "0" * 40, "0x" + "f" * 130, "\x00", [], {}, [[]], {"a": 1},
]  # fmt: skip
FEW = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
DEEP_REQUEST = json.dumps({"challenge": {"request": base64.b64encode(b"[" * 9999).decode()}})
VERSION_1 = encoded({"x402Version": 1, "scheme": "exact", "network": "base-sepolia", "payload": {}})
BROKEN_HEADERS = [
    "", "!!", "é", VERSION_1, "Payment", "Payment é", "Payment \x00", "Bearer x",
    encoded([]), encoded({}), encoded("text"), base64.b64encode(b"\xff\xfe").decode(),
    base64.b64encode(b"[" * 200_000).decode(),
    base64.b64encode(b'{"a":' * 50_000).decode(),
    "Payment " + base64.urlsafe_b64encode(b"[" * 200_000).decode(),
    "Payment " + base64.urlsafe_b64encode(DEEP_REQUEST.encode()).decode(),
]  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of every value inside a JSON value."""
    found = [path] if path else []
    if isinstance(value, (dict, list)):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            found += places(inner, (*path, key))
    return found


@st.composite
def broken(draw: st.DrawFn, content: Any) -> Any:
    """Return a JSON value with one or two of its values removed, replaced or cut."""
    content = json.loads(json.dumps(content))
    for _ in range(draw(st.integers(1, 2))):
        *path, last = draw(st.sampled_from(places(content)))
        place = content
        for step in path:
            place = place[step]
        old = place[last]
        kind = draw(st.sampled_from(["remove", "replace", "cut", "alter"]))
        if kind == "remove":
            del place[last]
        elif kind == "replace" or not isinstance(old, str) or not old:
            place[last] = copy.deepcopy(draw(st.sampled_from(ODD)))
        elif kind == "cut":
            place[last] = old[: draw(st.integers(0, len(old) - 1))]
        else:
            at = draw(st.integers(0, len(old) - 1))
            place[last] = old[:at] + draw(st.sampled_from("09aZ-é ")) + old[at + 1 :]
        assume(places(content))
    return content


@st.composite
def broken_bytes(draw: st.DrawFn, raw: bytes) -> bytes:
    """Return bytes of which up to four were changed, removed or added."""
    changed = bytearray(raw)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(changed) - 1))
        value = draw(st.sampled_from([0, 1, 2, 3, 127, 128, 255]))
        kind = draw(st.sampled_from(["change", "change", "remove", "add"]))
        changed[at : at + (kind != "add")] = [] if kind == "remove" else [value]
    return bytes(changed)


@pytest.mark.parametrize("header", BROKEN_HEADERS, ids=range(len(BROKEN_HEADERS)))
@pytest.mark.parametrize("kind", X402)
def test_broken_x402_header_is_402(kind: dict[str, Any], header: str) -> None:
    counter = Counter(**kind)
    assert counter.ask(header).status_code == 402


@pytest.mark.parametrize("header", BROKEN_HEADERS, ids=range(len(BROKEN_HEADERS)))
@pytest.mark.parametrize("kind", MPP)
def test_broken_mpp_header_is_402(kind: dict[str, Any], header: str) -> None:
    counter = Counter("mpp", **kind)
    answer = counter.ask(header)
    assert answer.status_code == 402
    assert answer.headers["WWW-Authenticate"].startswith("Payment ")


@pytest.mark.parametrize("kind", X402)
def test_broken_x402_payment_is_402_or_a_sale(kind: dict[str, Any]) -> None:
    counter = Counter(**kind)
    terms = counter.terms()
    whole = counter.content(terms)

    @FEW
    @given(content=broken(whole))
    def check(content: Any) -> None:
        assume(content != whole)
        status = counter.ask(encoded(content)).status_code
        # What a change leaves as it was for the chain may be sold, once.
        assert status == 402 or (status == 200 and len(counter.till.sales) == 1)

    check()


@pytest.mark.parametrize("kind", X402)
def test_broken_question_to_the_facilitator_is_answered(kind: dict[str, Any]) -> None:
    counter = Counter(**kind)
    asker = Client(service(counter.facilitator))
    terms = counter.terms()
    whole = {
        "x402Version": counter.version,
        "paymentPayload": counter.content(terms),
        "paymentRequirements": terms,
    }

    @FEW
    @given(body=broken(whole), verb=st.sampled_from(["verify", "settle"]))
    def check(body: Any, verb: str) -> None:
        assert asker.post(f"/{verb}", json=body).status_code in (200, 400)

    check()


@pytest.mark.parametrize("kind", MPP)
def test_broken_mpp_credential_is_refused(kind: dict[str, Any]) -> None:
    counter = Counter("mpp", **kind)
    token = counter.pay().removeprefix("Payment ")
    whole = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))

    @FEW
    @given(content=broken(whole))
    def check(content: Any) -> None:
        assume(content != whole)
        text = json.dumps(content).encode()
        header = "Payment " + base64.urlsafe_b64encode(text).decode().rstrip("=")
        assert counter.ask(header).status_code in (200, 402, 403)

    check()


@pytest.mark.parametrize("protocol", ["x402", "mpp"])
def test_broken_solana_transaction_is_refused(protocol: str) -> None:
    settings_ = {"method": "solana"} if protocol == "mpp" else {"network": "solana-devnet"}
    counter = Counter(protocol, **settings_)
    text = counter.pay().removeprefix("Payment ")
    whole = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    raw = base64.b64decode(whole["payload"]["transaction"])

    @settings(FEW, max_examples=300)
    @given(transaction=broken_bytes(raw))
    def check(transaction: bytes) -> None:
        # What follows a whole transaction is not read, on the chain either.
        assume(not transaction.startswith(raw))
        whole["payload"]["transaction"] = base64.b64encode(transaction).decode()
        content = base64.urlsafe_b64encode(json.dumps(whole).encode()).decode()
        header = f"Payment {content.rstrip('=')}" if protocol == "mpp" else encoded(whole)
        status = counter.ask(header).status_code
        # The slot of the fee payer's own signature is nobody's until it signs.
        assert status == 402 or (protocol == "x402" and raw[1:65] != transaction[1:65])

    check()
