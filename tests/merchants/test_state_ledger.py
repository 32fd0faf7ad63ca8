"""Settling in the emulator of this process."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from boto3_agentcore_payments.emulator.backend.models import payments_backends
from boto3_agentcore_payments.emulator.engine.errors import SettlementError
from boto3_agentcore_payments.emulator.proofs import networks
from boto3_agentcore_payments.merchants.state_ledger import StateLedger

SHOP = "0x209693Bc6afc0C5328bA36FaF03C514EF312287C"
FIRST, SECOND, OTHER = (networks.find(name) for name in ("base", "base-sepolia", "eip155:11155111"))


def challenge(network: networks.Network) -> str:
    """Return a challenge that is the same on every network but for what it asks."""
    request = {
        "amount": "10000",
        "currency": network.usdc,
        "recipient": SHOP,
        "methodDetails": {"chainId": network.chain_id},
    }
    encoded = base64.urlsafe_b64encode(json.dumps(request).encode()).decode().rstrip("=")
    return f'Payment id="one", realm="shop", method="evm", intent="charge", request="{encoded}"'


def test_one_nonce_on_two_networks_is_two_payments(agent: Any, control: Any) -> None:
    for network in (FIRST, SECOND):
        header = challenge(network)
        agent.process("MPP", {"mpp": {"version": "1", "wwwAuthenticateHeaders": [header]}})
        control.fund_wallet(agent.instruments["ETHEREUM"], 10_000, chain=network.chain)
    one, two = control.payments()
    assert one.proof_id == two.proof_id
    ledger = StateLedger(lambda: [payments_backends["123456789012"]["us-east-1"].state])
    for payment, network in ((two, SECOND), (one, FIRST)):
        proof = (network, payment.payer, payment.proof_id)
        assert (ledger.signed_amount(*proof), ledger.is_settled(*proof)) == (10_000, False)
        assert ledger.settle(*proof) == 10_000
        assert ledger.is_settled(*proof)
    assert [payment.status for payment in control.payments()] == ["SETTLED", "SETTLED"]
    elsewhere = (OTHER, one.payer, one.proof_id)
    assert ledger.signed_amount(*elsewhere) is None
    with pytest.raises(
        SettlementError,
        match=r"No payment was signed as 0x.* on eip155:11155111; looked in us-east-1 of account",
    ):
        ledger.settle(*elsewhere)
