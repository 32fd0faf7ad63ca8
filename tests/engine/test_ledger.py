"""Settlement: once for each authorization, and only with the money there."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boto3_agentcore_payments.emulator.engine.errors import SettlementError
from boto3_agentcore_payments.emulator.engine.ledger import Balances
from boto3_agentcore_payments.emulator.engine.settlement import settle

CHAIN = "BASE_SEPOLIA"
PRICE = 10_000


@pytest.fixture
def paid(shop):
    """A signed payment of one cent by a wallet that holds two."""
    answer = shop.pay(shop.create_session()["paymentSessionId"], PRICE)
    payment = shop.state.ledger.find(answer["processPaymentId"])
    shop.state.balances.fund(payment.payer, CHAIN, 2 * PRICE)
    return payment


def refusal(state, *args, **kwargs):
    with pytest.raises(SettlementError) as caught:
        settle(state, *args, **kwargs)
    return caught.value.reason, str(caught.value)


def held(shop, address):
    return shop.state.balances.get(address, CHAIN)


def test_signing_moves_no_money(shop, paid):
    assert (held(shop, paid.payer), held(shop, paid.pay_to)) == (2 * PRICE, 0)


@pytest.mark.parametrize("reference", ["process_payment_id", "proof_id"])
def test_settling_moves_the_money_to_the_recipient(shop, paid, reference):
    settled = settle(shop.state, getattr(paid, reference))
    assert (settled.status, settled.settled_amount) == ("SETTLED", PRICE)
    assert (held(shop, paid.payer), held(shop, paid.pay_to)) == (PRICE, PRICE)


def test_a_payment_settles_once(shop, paid):
    settle(shop.state, paid.proof_id)
    assert refusal(shop.state, paid.process_payment_id) == (
        "already_settled",
        f"Payment {paid.process_payment_id} is settled already",
    )
    assert held(shop, paid.payer) == PRICE


def test_a_payment_needs_its_money(shop, paid):
    shop.state.balances.set(paid.payer, CHAIN, PRICE - 1)
    assert refusal(shop.state, paid.proof_id) == (
        "insufficient_funds",
        f"Wallet {paid.payer} holds 9999 units on BASE_SEPOLIA, not 10000",
    )
    assert paid.status == "SIGNED"
    assert held(shop, paid.payer) == PRICE - 1


def test_an_unknown_payment_does_not_settle(shop):
    assert refusal(shop.state, "0x1") == ("unknown_payment", "No payment was signed as 0x1")


def test_less_than_the_maximum_may_be_settled(shop, paid):
    settle(shop.state, paid.proof_id, amount=1)
    assert (held(shop, paid.payer), held(shop, paid.pay_to)) == (2 * PRICE - 1, 1)


@pytest.mark.parametrize("amount", [-1, PRICE + 1])
def test_never_more_than_was_signed_for_is_settled(shop, paid, amount):
    assert refusal(shop.state, paid.proof_id, amount=amount) == (
        "invalid_amount",
        f"At most 10000 units were signed for, not {amount}",
    )


def test_one_authorization_signed_twice_settles_once(shop):
    shop.prover.changes = {"proof_id": "0xsame"}
    session_id = shop.create_session()["paymentSessionId"]
    first, second = (shop.pay(session_id, PRICE)["processPaymentId"] for _ in range(2))
    shop.state.balances.fund(shop.state.ledger.find(first).payer, CHAIN, 10 * PRICE)
    settle(shop.state, first)
    assert refusal(shop.state, second)[0] == "already_settled"


def test_equal_nonces_of_two_wallets_are_two_authorizations(shop):
    shop.prover.changes = {"proof_id": "0xsame"}
    session_id = shop.create_session()["paymentSessionId"]
    other = shop.create_instrument()["paymentInstrumentId"]
    shop.pay(session_id, PRICE)
    shop.pay(session_id, PRICE, paymentInstrumentId=other)
    payer = shop.address(2)
    shop.state.balances.fund(payer, CHAIN, PRICE)
    assert settle(shop.state, "0xsame", payer=payer.lower()).payer == payer
    first = shop.state.ledger.find("0xsame")
    assert first.payer != payer
    assert not shop.state.ledger.is_settled(first)


def test_equal_nonces_on_two_networks_are_two_authorizations(shop):
    session_id = shop.create_session()["paymentSessionId"]
    for network, chain in (("eip155:84532", CHAIN), ("eip155:8453", "BASE")):
        shop.prover.changes = {"proof_id": "0xsame", "network": network, "chain": chain}
        shop.pay(session_id, PRICE)
    first, second = shop.state.ledger.payments()
    find = shop.state.ledger.find
    assert find("0xsame", network="eip155:84532") is first
    assert find("0xsame", network="eip155:8453") is second
    assert find("0xsame", network="eip155:1") is None
    assert find(second.process_payment_id, network="eip155:84532") is None
    shop.state.balances.fund(second.payer, "BASE", PRICE)
    assert settle(shop.state, second.process_payment_id) is second
    assert not shop.state.ledger.is_settled(first)


def test_a_reference_to_two_authorizations_settles_neither(shop):
    session_id = shop.create_session()["paymentSessionId"]
    for network, chain in (("eip155:84532", CHAIN), ("eip155:8453", "BASE")):
        shop.prover.changes = {"proof_id": "0xsame", "network": network, "chain": chain}
        shop.pay(session_id, PRICE)
    first, second = shop.state.ledger.payments()
    for payment in (first, second):
        shop.state.balances.fund(payment.payer, payment.chain, PRICE)
    assert refusal(shop.state, "0xsame") == (
        "ambiguous_payment",
        (
            f"Several payments were signed as 0xsame: {first.process_payment_id} on "
            f"eip155:84532 by {first.payer}, "
            f"{second.process_payment_id} on eip155:8453 by {second.payer}. "
            "Give a processPaymentId, or the network and the payer too"
        ),
    )
    assert [payment.status for payment in shop.state.ledger.payments()] == ["SIGNED", "SIGNED"]
    assert settle(shop.state, "0xsame", network="eip155:8453") is second
    assert refusal(shop.state, "0xsame", network="eip155:1")[0] == "unknown_payment"


def test_a_chain_without_a_name_in_the_model_keeps_its_own_balance(shop):
    shop.prover.changes = {"network": "eip155:42161", "chain": None}
    answer = shop.pay(shop.create_session()["paymentSessionId"], PRICE)
    payment = shop.state.ledger.find(answer["processPaymentId"])
    shop.state.balances.fund(payment.payer, "eip155:42161", PRICE)
    settle(shop.state, payment.proof_id)
    assert shop.state.balances.get(payment.pay_to, "eip155:42161") == PRICE


def test_the_case_of_an_evm_address_does_not_matter():
    balances = Balances()
    balances.fund("0xAbC", CHAIN, 5)
    assert balances.get("0xaBc", CHAIN) == 5


def test_the_case_of_a_solana_address_does():
    balances = Balances()
    balances.fund("AbC", "SOLANA", 5)
    assert balances.get("aBc", "SOLANA") == 0


@pytest.mark.parametrize("method", ["set", "fund"])
def test_a_balance_is_never_negative(method):
    with pytest.raises(ValueError, match="negative"):
        getattr(Balances(), method)("0xA", CHAIN, -1)


MOVES = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc"), st.integers(0, 100)))


@given(MOVES)
def test_settlement_neither_makes_nor_loses_money(moves):
    balances = Balances()
    for wallet in "abc":
        balances.set(wallet, CHAIN, 100_000)
    for payer, pay_to, amount in moves:
        balances.move(payer, pay_to, CHAIN, amount)
    assert sum(amount for _, _, amount in balances.rows()) == 300_000
