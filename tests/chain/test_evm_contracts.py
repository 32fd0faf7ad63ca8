"""The local facilitator judges as the x402 library's own does on a real virtual machine.

Each case is a payment that was signed, changed in one way, and given to both: the library's
facilitator asks contracts that run in revm, ours asks the emulator's ledger.
"""

from __future__ import annotations

import copy
import time
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from counters import Counter, OpenLedger
from evm_machine import EvmMachine
from x402 import x402FacilitatorSync
from x402.mechanisms.evm.exact import ExactEvmFacilitatorScheme
from x402.mechanisms.evm.exact.v1.facilitator import ExactEvmSchemeV1
from x402.mechanisms.evm.upto import UptoEvmFacilitatorScheme
from x402.schemas import PaymentPayload, PaymentRequirements
from x402.schemas.v1 import PaymentPayloadV1, PaymentRequirementsV1

from boto3_agentcore_payments.emulator.proofs import networks, wallets
from boto3_agentcore_payments.merchants.parties import local_wallet

if TYPE_CHECKING:
    from collections.abc import Callable

ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
ZERO = "0x" + "0" * 40
OTHER = "0x209693Bc6afc0C5328bA36FaF03C514EF312287C"
FUNDS = 50_000
KINDS: dict[str, dict[str, Any]] = {
    "eip3009": {},
    "eip3009-v1": {"version": 1},
    "permit2": {"permit2": True},
    "upto": {"scheme": "upto"},
}
FACILITATOR = wallets.address(local_wallet("facilitator", networks.ETHEREUM))


def signature(change: Callable[[bytes], bytes]) -> Callable[[Any], None]:
    """Return what changes a payment's signature."""

    def apply(payload: Any) -> None:
        payload["signature"] = "0x" + change(bytes.fromhex(payload["signature"][2:])).hex()

    return apply


def high_s(raw: bytes) -> bytes:
    s = ORDER - int.from_bytes(raw[32:64], "big")
    return raw[:32] + s.to_bytes(32, "big") + bytes([55 - raw[64]])


def authorization(**changes: str) -> Callable[[Any], None]:
    """Return a function that changes members of the authorization, at any depth."""

    def apply(payload: Any) -> None:
        signed = payload.get("authorization") or payload["permit2Authorization"]
        for name, value in changes.items():
            for place in (signed, signed.get("permitted", {}), signed.get("witness", {})):
                if name in place:
                    place[name] = value

    return apply


CHANGES: dict[str, Callable[[Any], None]] = {
    "none": lambda payload: None,
    "high s": signature(high_s),
    "v of 0 or 1": signature(lambda raw: raw[:64] + bytes([raw[64] - 27])),
    "v of the other parity": signature(lambda raw: raw[:64] + bytes([55 - raw[64]])),
    "v of nothing": signature(lambda raw: raw[:64] + b"\x63"),
    "r of zero": signature(lambda raw: bytes(32) + raw[32:]),
    "s of zero": signature(lambda raw: raw[:32] + bytes(32) + raw[64:]),
    "s of the order": signature(lambda raw: raw[:32] + ORDER.to_bytes(32, "big") + raw[64:]),
    "short signature": signature(lambda raw: raw[:64]),
    "long signature": signature(lambda raw: raw + b"\x00"),
    "no signature": signature(lambda raw: b""),
    "another signature": signature(lambda raw: raw[:31] + bytes([raw[31] ^ 1]) + raw[32:]),
    "another payer": authorization(**{"from": OTHER}),
    "no payer": authorization(**{"from": ZERO}),
    "another recipient": authorization(to=OTHER),
    "a higher amount": authorization(value="10001", amount="10001"),
    "a lower amount": authorization(value="9999", amount="9999"),
    "another nonce": authorization(nonce="0x" + "1" * 64),
    "a longer window": authorization(validBefore=str(2**40), deadline=str(2**40)),
    "a window that is over": authorization(validBefore="1000", deadline="1000"),
    "a window to come": authorization(validAfter=str(2**40)),
    "another spender": authorization(spender=OTHER),
}


class Judges:
    """Both facilitators, for one kind of payment.

    Args:
        kind: One of ``KINDS``.
        settings: Of the merchant that asks.
        held: What the wallet holds, in atomic units.
    """

    def __init__(self, kind: str, *, held: int = FUNDS, **settings: Any) -> None:
        self.ours = Counter(**KINDS[kind], **settings, ledger=OpenLedger(held=held))
        self.terms = self.ours.terms()
        self.version = self.ours.version
        network = self.ours.network
        self.machine = EvmMachine(network, FACILITATOR, int(time.time()))
        self._held = held
        self.theirs = x402FacilitatorSync()
        self.theirs.register([network.caip2], ExactEvmFacilitatorScheme(self.machine))
        self.theirs.register([network.caip2], UptoEvmFacilitatorScheme(self.machine))
        self.theirs.register_v1(["base-sepolia"], ExactEvmSchemeV1(self.machine))

    def payment(self, terms: Any = None, **options: Any) -> Any:
        """Return a signed payment of a wallet that is funded on the machine."""
        content = self.ours.content(terms or self.terms, **options)
        payload = content["payload"]
        signed = payload.get("authorization") or payload["permit2Authorization"]
        self.machine.fund(signed["from"], self._held)
        return content

    def compare(self, content: Any, terms: Any = None) -> None:
        """Check that both refuse a payment for the same reason, or both accept it."""
        terms = terms or self.terms
        ours = self.ours.judged(content, terms)
        payload: Any = PaymentPayloadV1 if self.version == 1 else PaymentPayload
        requirements: Any = PaymentRequirementsV1 if self.version == 1 else PaymentRequirements
        asked = payload.model_validate(content), requirements.model_validate(terms)
        verify = self.theirs.verify(*asked).invalid_reason
        settle = self.theirs.settle(*asked).error_reason
        theirs = (verify, settle)
        assert (ours[1] is None) == (settle is None), (ours, theirs)
        # Ours has one reason where the library has two, but for the maximum of upto: to settle is
        # to take some of what was signed for, so that settle does not ask what verify did.
        assert ours == theirs or (ours[0] == ours[1] and ours[0] in theirs), (ours, theirs)


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("kind", KINDS)
def test_changed_payment_has_one_verdict(kind: str, change: str) -> None:
    judges = Judges(kind)
    content = copy.deepcopy(judges.payment())
    CHANGES[change](content["payload"])
    judges.compare(content)


@pytest.mark.parametrize("kind", KINDS)
def test_used_payment_has_one_verdict(kind: str) -> None:
    judges = Judges(kind)
    content = judges.payment()
    judges.compare(content)
    judges.compare(content)


@pytest.mark.parametrize("held", [0, 9_999, 10_000])
@pytest.mark.parametrize("kind", KINDS)
def test_wallet_that_holds_little_has_one_verdict(kind: str, held: int) -> None:
    judges = Judges(kind, held=held)
    judges.compare(judges.payment())


@pytest.mark.parametrize("pay_to", [ZERO, networks.find("base-sepolia").usdc])
@pytest.mark.parametrize("kind", KINDS)
def test_recipient_that_is_not_paid_has_one_verdict(kind: str, pay_to: str) -> None:
    judges = Judges(kind, pay_to=pay_to)
    judges.compare(judges.payment())


@pytest.mark.parametrize("domain", [{"name": "USD Coin"}, {"version": "1"}])
@pytest.mark.parametrize("kind", ["eip3009", "eip3009-v1"])
def test_domain_that_is_not_the_tokens_has_one_verdict(kind: str, domain: dict[str, str]) -> None:
    judges = Judges(kind)
    terms = {**judges.terms, "extra": {**judges.terms["extra"], **domain}}
    judges.compare(judges.payment(terms), terms)


@pytest.mark.parametrize("seconds", [-310, -296, 0, 650])
@pytest.mark.parametrize("kind", KINDS)
def test_payment_of_another_time_has_one_verdict(kind: str, seconds: int) -> None:
    judges = Judges(kind)
    then = datetime.now(timezone.utc) + timedelta(seconds=seconds)
    judges.compare(judges.payment(now=then))
