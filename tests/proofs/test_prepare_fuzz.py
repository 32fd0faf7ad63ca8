"""Whatever a caller sends, ``prepare`` either accepts it or raises ValidationException."""

from __future__ import annotations

import base64
import contextlib
import json
import sys
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from boto3_agentcore_payments.emulator.engine.errors import ValidationException
from boto3_agentcore_payments.emulator.engine.ports import SignedProof

TEXTS = st.text(max_size=30) | st.text(st.characters(codec=None), max_size=10)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | TEXTS
    | st.just(10**4000)
    | st.sampled_from(["0x" + "0" * 40, "1" * 32, "٣", "1" * 400, "exact", "upto", "solana"])
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
# pympp, which Tempo charges need, takes Python 3.11.
METHODS = ["evm", "solana", *(["tempo"] if sys.version_info >= (3, 11) else [])]
MEMBERS = ("scheme", "network", "asset", "amount", "payTo", "maxTimeoutSeconds", "extra")
EXTRAS = (
    "name",
    "version",
    "feePayer",
    "memo",
    "recentBlockhash",
    "facilitatorAddress",
    "assetTransferMethod",
)
REQUEST = ("amount", "currency", "recipient", "methodDetails", "externalId", "description")
DETAILS = (
    "chainId",
    "network",
    "feePayer",
    "feePayerKey",
    "splits",
    "decimals",
    "tokenProgram",
    "recentBlockhash",
    "credentialTypes",
    "confidential",
)


def accept_or_refuse(prepare: Any) -> None:
    with contextlib.suppress(ValidationException):
        # What was accepted can also be signed.
        assert isinstance(prepare().sign(), SignedProof)


@settings(deadline=None, max_examples=200)
@given(
    named=st.sampled_from(["eip155:84532", "base-sepolia", "solana-devnet"]),
    version=st.sampled_from(["1", "2"]),
    scheme=st.sampled_from(["exact", "upto"]),
    changes=st.dictionaries(st.sampled_from(MEMBERS), VALUES | st.just(...), max_size=2),
    extra=st.dictionaries(st.sampled_from(EXTRAS), VALUES, max_size=3),
)
def test_x402_payload(
    *,
    payments: Any,
    named: str,
    version: str,
    scheme: str,
    changes: dict[str, Any],
    extra: dict[str, Any],
) -> None:
    payload = payments.requirements(named, scheme=scheme)
    payload["maxAmountRequired"] = payload["amount"]
    payload["extra"].update(extra)
    payload.update(changes)
    payload = {name: value for name, value in payload.items() if value is not ...}
    wallet = "SOLANA" if named.startswith("solana") else "ETHEREUM"
    accept_or_refuse(lambda: payments.prepare_x402(payload, version=version, wallet=wallet))


@settings(deadline=None, max_examples=100)
@given(payload=VALUES, version=VALUES)
def test_x402_payload_of_any_shape(payments: Any, payload: Any, version: Any) -> None:
    accept_or_refuse(lambda: payments.prepare_x402(payload, version=version, wallet="ETHEREUM"))


@settings(deadline=None, max_examples=250)
@given(
    kind=st.sampled_from(METHODS),
    changes=st.dictionaries(st.sampled_from(REQUEST), VALUES | st.just(...), max_size=2),
    details=st.dictionaries(st.sampled_from(DETAILS), VALUES, max_size=3),
    fees=VALUES,
)
def test_mpp_request(
    *,
    payments: Any,
    challenges: Any,
    kind: str,
    changes: dict[str, Any],
    details: dict[str, Any],
    fees: Any,
) -> None:
    request = challenges.request(kind)
    request["methodDetails"].update(details)
    request.update(changes)
    request = {name: value for name, value in request.items() if value is not ...}
    try:
        text = json.dumps(request)
    except ValueError:  # a number too long for Python to write
        return
    token = base64.urlsafe_b64encode(text.encode()).decode()
    header = challenges.header(kind, request=token)
    wallet = "SOLANA" if kind == "solana" else "ETHEREUM"
    accept_or_refuse(lambda: payments.prepare_mpp(header, wallet=wallet, buyerPaysGasFees=fees))


@settings(deadline=None, max_examples=200)
@given(
    kind=st.sampled_from(["evm", "solana"]),
    parameters=st.dictionaries(
        st.sampled_from(["id", "realm", "expires", "opaque", "digest", "description", "header"]),
        TEXTS,
        max_size=3,
    ),
    cut=st.integers(0, 400),
)
def test_mpp_header(
    *, payments: Any, challenges: Any, kind: str, parameters: dict[str, str], cut: int
) -> None:
    wallet = "SOLANA" if kind == "solana" else "ETHEREUM"
    header = challenges.header(kind, **parameters)
    accept_or_refuse(lambda: payments.prepare_mpp(header, wallet=wallet))
    accept_or_refuse(lambda: payments.prepare_mpp(header[:cut] + header[cut + 1 :], wallet=wallet))


@settings(deadline=None, max_examples=100)
@given(headers=st.lists(VALUES, max_size=2))
def test_mpp_headers_of_any_shape(payments: Any, headers: list[Any]) -> None:
    accept_or_refuse(lambda: payments.prepare_mpp(*headers))
