"""Test wallets: reproducible, apart from each other, and silent about their keys."""

from __future__ import annotations

import logging
import subprocess
import sys
from typing import Any

import pytest
from eth_account import Account
from eth_account.signers.local import LocalAccount
from hypothesis import given
from hypothesis import strategies as st
from solders.pubkey import Pubkey

from boto3_agentcore_payments.emulator.engine.ports import ProofSigningError, WalletKey
from boto3_agentcore_payments.emulator.proofs import LocalProver, wallets
from boto3_agentcore_payments.errors import MissingExtraError

EVM = WalletKey("seed", "payment-instrument-1", "ETHEREUM")
SOLANA = WalletKey("seed", "payment-instrument-1", "SOLANA")


def test_addresses_are_the_same_on_every_machine() -> None:
    prover = LocalProver()
    assert prover.wallet_address(EVM) == "0xfaC94e411705b985EBb147c60e0B97D693170547"
    assert prover.wallet_address(SOLANA) == "3vuiehrKQJvW73CnAsnrwC5P8ki1Rf8zCdsXrm1p5fYi"


def test_addresses_have_the_form_of_their_network() -> None:
    evm, solana = wallets.address(EVM), wallets.address(SOLANA)
    assert Account.from_key(b"\1" * 32).address != evm
    assert str(Pubkey.from_string(solana)) == solana
    assert evm.startswith("0x")
    assert evm != evm.lower()


@given(first=st.tuples(st.text(), st.text()), second=st.tuples(st.text(), st.text()))
def test_no_two_identities_share_a_key(first: tuple[str, str], second: tuple[str, str]) -> None:
    one, other = (wallets._secret(WalletKey(*each, "ETHEREUM")) for each in (first, second))
    assert (one == other) == (first == second)


def test_networks_do_not_share_a_key() -> None:
    assert wallets._secret(EVM) != wallets._secret(SOLANA)


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


def payments_time() -> Any:
    from datetime import datetime, timezone

    return datetime(2026, 11, 23, tzinfo=timezone.utc)


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

    def fail(account: LocalAccount, **_: Any) -> Any:
        raise RuntimeError(bytes(account.key).hex())

    monkeypatch.setattr(LocalAccount, "sign_typed_data", fail)
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
        ("eth_account", "emulator"),
        ("eth_keys", "emulator"),
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
    wallets.address.cache_clear()
    wallets.evm_account.cache_clear()
    wallets.solana_keypair.cache_clear()
    ask = {
        "pytempo": lambda: payments.prepare_mpp(challenges.header("tempo")),
        "solders": lambda: payments.address("SOLANA"),
        "eth_keys": lambda: payments.address("ETHEREUM"),
        "eth_account": lambda: payments.prepare_x402(payments.requirements()).sign(),
    }[module]
    with pytest.raises(MissingExtraError) as caught:
        ask()
    assert f"needs '{module}', which is not installed" in str(caught.value)
    assert f"pip install 'boto3-agentcore-payments[{extra}]'" in str(caught.value)


def test_older_python_is_named_where_pympp_needs_a_newer_one(
    payments: Any, challenges: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pytempo", None)
    monkeypatch.setattr(sys, "version_info", (3, 9, 18))
    with pytest.raises(MissingExtraError) as caught:
        payments.prepare_mpp(challenges.header("tempo"))
    assert "which takes Python 3.11 or newer; this is Python 3.9" in str(caught.value)


def test_account_signs_for_the_address_of_its_wallet() -> None:
    assert wallets.evm_account(EVM).address == wallets.address(EVM)


def test_importing_proofs_imports_no_signing_library() -> None:
    code = (
        "import sys; import boto3_agentcore_payments.emulator.proofs;"
        "print([n for n in ('eth_account', 'coincurve', 'solders', 'x402', 'mpp', 'web3', "
        "'pytempo', 'cryptography') if n in sys.modules])"
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
print([n for n in ('x402', 'mpp', 'web3', 'pytempo', 'solana', 'flask') if n in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
