"""The prover: every input is accepted or refused, keys stay hidden, libraries load late."""

from __future__ import annotations

import base64
import contextlib
import json
import logging
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boto3_agentcore_payments.emulator.engine.errors import ValidationException
from boto3_agentcore_payments.emulator.engine.ports import ProofSigningError, SignedProof, WalletKey
from boto3_agentcore_payments.emulator.proofs import LocalProver, wallets
from boto3_agentcore_payments.emulator.proofs.evm_keys import EvmKey
from boto3_agentcore_payments.errors import MissingExtraError

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


EVM = WalletKey("seed", "payment-instrument-1", "ETHEREUM")

SOLANA = WalletKey("seed", "payment-instrument-1", "SOLANA")


def payments_time() -> Any:
    from datetime import datetime, timezone

    return datetime(2026, 11, 23, tzinfo=timezone.utc)


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


def test_entropy_makes_a_run_reproducible(payments: Any) -> None:
    proofs = [
        LocalProver(lambda size: b"\7" * size)
        .payment_types["CRYPTO_X402"]
        .prepare(
            {"version": "2", "payload": payments.requirements()},
            wallet=EVM,
            found=None,
            now=payments_time(),
        )
        .sign()
        for _ in range(2)
    ]
    assert proofs[0] == proofs[1]


@pytest.mark.parametrize("named", ["eip155:84532", "solana-devnet"])
def test_keys_are_in_no_representation(payments: Any, named: str) -> None:
    prepared = payments.prepare_x402(payments.requirements(named))
    key = EVM if named.startswith("eip155") else SOLANA
    secret = wallets._secret(payments.wallet(key.network))
    proof = prepared.sign()
    for thing in (payments.prover, prepared, key, proof, prepared.signer.func):
        for text in (repr(thing), str(thing)):
            assert secret.hex() not in text
            assert repr(secret) not in text


def test_keys_are_in_no_log(payments: Any, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        payments.prepare_x402(payments.requirements()).sign()
        payments.prepare_x402(payments.requirements("solana-devnet")).sign()
    secrets = [wallets._secret(payments.wallet(each)).hex() for each in ("ETHEREUM", "SOLANA")]
    assert not any(secret in caplog.text for secret in secrets)


def test_failed_signature_names_the_step_and_no_key(
    payments: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared = payments.prepare_x402(payments.requirements())

    def fail(key: EvmKey, _: bytes) -> Any:
        raise RuntimeError(key.secret.hex())

    monkeypatch.setattr(EvmKey, "sign", fail)
    with pytest.raises(ProofSigningError) as caught:
        prepared.sign()
    error = caught.value
    assert str(error) == "Payment proof could not be signed: EIP-3009 authorization"
    assert error.step == "EIP-3009 authorization"
    # Nothing leads from the error back to what the library said.
    assert error.__cause__ is None
    assert error.__context__ is None


@pytest.mark.parametrize(
    ("module", "extra"),
    [
        ("Crypto", "emulator"),
        ("solders", "emulator"),
        ("pytempo", "mpp"),
    ],
)
def test_missing_library_names_its_extra(
    payments: Any,
    challenges: Any,
    monkeypatch: pytest.MonkeyPatch,
    module: str,
    extra: str,
) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == module]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, module, None)
    for kept in (wallets.address, wallets.evm_key, wallets.solana_keypair):
        kept.cache_clear()
    ask = {
        "pytempo": lambda: payments.prepare_mpp(challenges.header("tempo")),
        "solders": lambda: payments.address("SOLANA"),
        "Crypto": lambda: payments.address("ETHEREUM"),
    }[module]
    with pytest.raises(MissingExtraError) as caught:
        ask()
    assert f"needs '{module}', which is not installed" in str(caught.value)
    assert f"pip install 'boto3-agentcore-payments[{extra}]'" in str(caught.value)


def test_cryptography_is_named_where_nothing_can_sign(
    payments: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "coincurve", None)
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives.asymmetric.ec", None)
    wallets.address.cache_clear()
    wallets.evm_key.cache_clear()
    with pytest.raises(MissingExtraError) as caught:
        payments.address("ETHEREUM")
    assert str(caught.value) == (
        "An EVM test wallet needs 'cryptography', which is not installed; "
        "run: pip install 'boto3-agentcore-payments[emulator]'"
    )


def test_proofs_are_the_same_without_coincurve(
    payments: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def signed() -> Any:
        wallets.evm_key.cache_clear()
        prover = LocalProver(lambda size: b"\7" * size)
        payload = {"version": "2", "payload": payments.requirements()}
        prepared = prover.payment_types["CRYPTO_X402"].prepare(
            payload, wallet=EVM, found=None, now=payments_time()
        )
        return prepared.sign()

    usual = signed()
    monkeypatch.setitem(sys.modules, "coincurve", None)
    assert signed() == usual


def test_older_python_is_named_where_pympp_needs_a_newer_one(
    payments: Any, challenges: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pytempo", None)
    monkeypatch.setattr(sys, "version_info", (3, 9, 18))
    with pytest.raises(MissingExtraError) as caught:
        payments.prepare_mpp(challenges.header("tempo"))
    assert "which takes Python 3.11 or newer; this is Python 3.9" in str(caught.value)


def test_importing_proofs_imports_no_signing_library() -> None:
    code = (
        "import sys; import boto3_agentcore_payments.emulator.proofs;"
        "print([n for n in ('eth_account', 'coincurve', 'solders', 'x402', 'mpp', 'web3', "
        "'pytempo', 'cryptography', 'Crypto') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_an_evm_and_a_solana_payment_import_no_merchant_library() -> None:
    code = """
import sys
from datetime import datetime, timezone
from boto3_agentcore_payments.emulator.engine.ports import WalletKey
from boto3_agentcore_payments.emulator.proofs import LocalProver
prover = LocalProver()
payee = prover.wallet_address(WalletKey("s", "payee", "SOLANA"))
def pay(wallet, **payload):
    prover.payment_types["CRYPTO_X402"].prepare(
        {"version": "2", "payload": {
            "scheme": "exact", "amount": "1", "maxTimeoutSeconds": 60, **payload}},
        wallet=WalletKey("s", "i", wallet), found=None, now=datetime.now(timezone.utc)).sign()
pay("ETHEREUM", network="base", asset="0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913",
    payTo="0x" + "1" * 40, extra={"name": "USD Coin", "version": "2"})
pay("SOLANA", network="solana", asset="EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v",
    payTo=payee, extra={"feePayer": payee})
libraries = ('x402', 'mpp', 'web3', 'pytempo', 'solana', 'flask', 'eth_account', 'eth_utils')
print([n for n in libraries if n in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
