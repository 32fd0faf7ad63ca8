"""Test wallets are reproducible and distinct."""

from __future__ import annotations

from eth_utils import is_checksum_address
from hypothesis import given
from hypothesis import strategies as st
from solders.pubkey import Pubkey

from boto3_agentcore_payments.emulator.engine.ports import WalletKey
from boto3_agentcore_payments.emulator.proofs import LocalProver, wallets

EVM = WalletKey("seed", "payment-instrument-1", "ETHEREUM")
SOLANA = WalletKey("seed", "payment-instrument-1", "SOLANA")


def test_addresses_are_the_same_on_every_machine() -> None:
    prover = LocalProver()
    assert prover.wallet_address(EVM) == "0xfaC94e411705b985EBb147c60e0B97D693170547"
    assert prover.wallet_address(SOLANA) == "3vuiehrKQJvW73CnAsnrwC5P8ki1Rf8zCdsXrm1p5fYi"


def test_addresses_have_the_form_of_their_network() -> None:
    evm, solana = wallets.address(EVM), wallets.address(SOLANA)
    assert is_checksum_address(evm)
    assert str(Pubkey.from_string(solana)) == solana


@given(first=st.tuples(st.text(), st.text()), second=st.tuples(st.text(), st.text()))
def test_no_two_identities_share_a_key(first: tuple[str, str], second: tuple[str, str]) -> None:
    one, other = (wallets._secret(WalletKey(*each, "ETHEREUM")) for each in (first, second))
    assert (one == other) == (first == second)


def test_networks_do_not_share_a_key() -> None:
    assert wallets._secret(EVM) != wallets._secret(SOLANA)
