"""Another MPP library's server, solana-pay-kit's, judges Solana charges.

It checks each transaction before it sends it, and the virtual machine runs what it would send.
"""

from __future__ import annotations

import asyncio
import base64
import json
from datetime import datetime, timezone
from typing import Any

import pytest
from solana_pay_kit._paycore.errors import PaymentError
from solana_pay_kit._paycore.store import MemoryStore
from solana_pay_kit.protocols.mpp.core.headers import (
    format_www_authenticate,
    parse_authorization,
)
from solana_pay_kit.protocols.mpp.intents.charge import ChargeRequest
from solana_pay_kit.protocols.mpp.server.charge import ChargeOptions, Config, Mpp
from solders.keypair import Keypair
from solders.transaction import VersionedTransaction

from boto3_agentcore_payments.emulator.engine.money import USDC_DECIMALS
from boto3_agentcore_payments.emulator.engine.ports import WalletKey
from boto3_agentcore_payments.emulator.proofs import LocalProver, solana_transfer
from boto3_agentcore_payments.merchants.solana_programs import run, transfers

MINT = "4zMMC9srt5Ri5X14GAgXhaHii3GnPAEERYPJgZJDncDU"
SHOP = str(Keypair.from_seed(b"s" * 32).pubkey())
OTHER = str(Keypair.from_seed(b"o" * 32).pubkey())
SPONSOR = Keypair.from_seed(b"f" * 32)
HELD = 1_000_000


class Cluster:
    """The RPC client that the library asks: the real programs, and what they ran."""

    def __init__(self) -> None:
        self.ran: dict[str, VersionedTransaction] = {}

    async def send_raw_transaction(self, raw: bytes) -> Any:
        transaction = VersionedTransaction.from_bytes(raw)
        run(transaction, transfers(transaction), HELD)
        signature = str(transaction.signatures[0])
        self.ran[signature] = transaction
        return signature

    async def await_confirmation(self, signature: str) -> None:
        assert signature in self.ran

    async def get_transaction(self, signature: str, **_: Any) -> Any:
        transaction = self.ran[signature]
        keys = [str(key) for key in transaction.message.account_keys]
        instructions: list[dict[str, Any]] = [
            {
                "programId": solana_transfer.TOKEN_PROGRAM,
                "parsed": {
                    "type": "transferChecked",
                    "info": {
                        "mint": each.mint,
                        "destination": each.destination,
                        "tokenAmount": {"amount": str(each.amount), "decimals": USDC_DECIMALS},
                    },
                },
            }
            for each in transfers(transaction)
        ]
        instructions += [
            {"programId": solana_transfer.MEMO_PROGRAM, "parsed": bytes(each.data).decode()}
            for each in transaction.message.instructions
            if keys[each.program_id_index] == solana_transfer.MEMO_PROGRAM
        ]
        message = {"message": {"instructions": instructions}}
        return {"meta": {"err": None}, "transaction": message, "version": 0}


class Judge:
    """solana-pay-kit's server for one merchant on devnet.

    Args:
        sponsored: Whether it pays the network's fees.
        options: Of the charge.
    """

    def __init__(self, *, sponsored: bool = True, **options: Any) -> None:
        self._server = Mpp(
            Config(
                recipient=SHOP,
                currency=MINT,
                network="devnet",
                secret_key="k" * 32,
                store=MemoryStore(),
                rpc=Cluster(),
                fee_payer_signer=SPONSOR if sponsored else None,
            )
        )
        self.challenge = self._server.charge_with_options("0.01", ChargeOptions(**options))

    def credential(self, now: datetime | None = None) -> str:
        """Return the emulator's credential for the challenge."""
        header = format_www_authenticate(self.challenge)
        prepared = (
            LocalProver()
            .payment_types["MPP"]
            .prepare(
                {"version": "1", "wwwAuthenticateHeaders": [header]},
                wallet=WalletKey("seed", "buyer", "SOLANA"),
                found=None,
                now=now or datetime.now(timezone.utc),
            )
        )
        credential: str = prepared.sign().payment_output["paymentCredential"]
        return credential

    def settle(self, credential: str) -> Any:
        """Return the library's receipt."""
        request = json.loads(
            base64.urlsafe_b64decode(
                self.challenge.request + "=" * (-len(self.challenge.request) % 4)
            )
        )
        return asyncio.run(
            self._server.verify_credential_with_expected(
                parse_authorization(credential), ChargeRequest.from_dict(request)
            )
        )


def split(recipient: str, amount: int, **more: str) -> dict[str, str]:
    return {"recipient": recipient, "amount": str(amount), **more}


CHARGES = [
    pytest.param({}, id="plain"),
    pytest.param({"sponsored": True}, id="sponsored"),
    pytest.param({"external_id": "9f1c2a34-5b6d-4e7f-8a9b-0c1d2e3f4a5b"}, id="uuid"),
    pytest.param({"external_id": "订单"}, id="chinese"),
    pytest.param({"sponsored": True, "external_id": "x" * 300}, id="long"),
    pytest.param({"splits": [split(OTHER, 1000)]}, id="split"),
    pytest.param(
        {"sponsored": True, "splits": [split(OTHER, 1000, memo="for you")], "external_id": "no 1"},
        id="split-with-memos",
    ),
]


@pytest.mark.parametrize("charge", CHARGES)
def test_charge_is_settled_once(charge: dict[str, Any]) -> None:
    judge = Judge(**charge)
    credential = judge.credential()
    receipt = judge.settle(credential)
    assert (receipt.status, receipt.challenge_id) == ("success", judge.challenge.id)
    with pytest.raises(PaymentError):
        judge.settle(credential)


@pytest.mark.parametrize("charge", CHARGES)
def test_changed_transaction_is_refused(charge: dict[str, Any]) -> None:
    judge = Judge(**charge)
    token = judge.credential().removeprefix("Payment ")
    content = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    raw = bytearray(base64.b64decode(content["payload"]["transaction"]))
    amount = (10_000 - 1000 * len(charge.get("splits", []))).to_bytes(8, "little")
    at = raw.index(bytes([12]) + amount)
    raw[at + 1] ^= 1
    content["payload"]["transaction"] = base64.b64encode(raw).decode()
    changed = base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")
    with pytest.raises(PaymentError, match="transfer"):
        judge.settle(f"Payment {changed}")
