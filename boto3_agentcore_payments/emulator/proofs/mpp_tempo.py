"""MPP ``tempo`` charges: a signed Tempo transaction (type 0x76), built by pytempo.

It is built as pympp's client does (``mpp.methods.tempo.client``), without the calls to a node. It
has an expiring nonce and a ``transferWithMemo`` whose memo binds it to the challenge. Fees are paid
in the token charged, unless the seller sponsors them; then the 0x78 envelope awaits the seller's
signature. The fees offered are our choice [decided], within pympp's limits for a sponsor.
"""

from __future__ import annotations

import re
import sys
from functools import partial
from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.emulator.engine.errors import ValidationException
from boto3_agentcore_payments.emulator.proofs import libraries, networks, wallets
from boto3_agentcore_payments.emulator.proofs.evm_keys import keccak
from boto3_agentcore_payments.emulator.proofs.mpp_charge import (
    DETAILS,
    Charge,
    chain_id,
    refuse,
)
from boto3_agentcore_payments.emulator.proofs.payload_members import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from boto3_agentcore_payments.emulator.engine.ports import SignedProof, WalletKey

PYMPP_PYTHON = (3, 11)
"""The oldest Python that pympp supports (its metadata: Requires-Python >=3.11)."""
STEP = "signature of the Tempo transaction"
"""Name of the signing step in errors."""

# pympp's client asks its node for the gas limit. Here it is pympp's starting value, raised so that
# every recipient may be new to the token: a new balance slot alone costs 250,000.
_GAS_LIMIT = 1_000_000
_GAS_BASE, _GAS_PER_CALL = 60_000, 270_000
_SPONSORED_GAS_LIMIT = 2_000_000  # the most that pympp's server sponsors
_FEE_PER_GAS = 20_000_000_000
_PRIORITY_FEE_PER_GAS = 1_000_000_000
_EXPIRING_NONCE_KEY = 2**256 - 1
_VALID_SECONDS = 60  # as in pympp's client
_TRANSFER_WITH_MEMO = "95777d59"  # selector of transferWithMemo(address,uint256,bytes32)
_MEMO = re.compile(r"0x[0-9a-fA-F]{64}")
_MPP_MEMO = "0xef1ed712"  # first bytes of every attribution memo


def network(details: Mapping[str, Any]) -> networks.NamedNetwork:
    """Return the Tempo chain that ``methodDetails.chainId`` names.

    Raises:
        ValidationException: if it is missing or not an integer.
    """
    number = chain_id(details)
    return networks.NamedNetwork(
        networks.TEMPO_NETWORKS.get(number),
        f"eip155:{shown(number)}",
        tuple(each.caip2 for each in networks.TEMPO_NETWORKS.values()),
    )


def signer(
    charge: Charge, wallet: WalletKey, now: datetime, entropy: Callable[[int], bytes]
) -> Callable[[], SignedProof]:
    """Check the rules of this method alone, and return a function that signs the charge.

    Raises:
        ValidationException: if neither side agreed to pay the network's fees, a sponsor's gas limit
            is too low for the splits, or a split's memo is malformed.
        MissingExtraError: if pympp or pytempo is not installed.
    """
    del entropy  # the memo, derived from the challenge, already makes the transaction unique
    if not charge.flag("feePayer") and not charge.buyer_pays_gas_fees:
        raise ValidationException.rule(
            f"{DETAILS}.feePayer",
            "This MPP challenge does not offer seller-sponsored network fees "
            "(methodDetails.feePayer=false), so the blockchain network (gas) fees would be charged "
            "to the buyer\u2019s wallet in addition to the payment amount. Set "
            "buyerPaysGasFees=true to authorize paying them, or obtain a challenge whose seller "
            "sponsors the fees.",
        )
    if charge.flag("feePayer") and _gas_limit(charge) > _SPONSORED_GAS_LIMIT:
        most = (_SPONSORED_GAS_LIMIT - _GAS_BASE) // _GAS_PER_CALL - 1
        refuse(f"a tempo charge with feePayer has room for at most {most} splits")
    for split in charge.splits:
        if split.memo is None:
            continue
        if not _MEMO.fullmatch(split.memo) or split.memo.lower().startswith(_MPP_MEMO):
            refuse("the memo of a tempo split must be 32 bytes of its own")
    for module in ("pytempo", "mpp.methods.tempo.attribution"):
        _library(module)
    return partial(_authorize, charge, wallet, int(now.timestamp()))


def _library(module: str) -> Any:
    """Return a module of pympp or pytempo; on an older Python the error names the version needed.

    Raises:
        MissingExtraError: if it is not installed.
    """
    what = "A Tempo payment proof"
    if sys.version_info < PYMPP_PYTHON:
        needed = ".".join(map(str, PYMPP_PYTHON))
        running = ".".join(map(str, sys.version_info[:2]))
        what = f"{what} (which takes Python {needed} or newer; this is Python {running})"
    return libraries.load(module, what, extra="mpp")


def _authorize(charge: Charge, wallet: WalletKey, now: int) -> SignedProof:
    key = wallets.evm_key(wallet)
    pytempo = _library("pytempo")
    sponsored = charge.flag("feePayer")
    until = now + _VALID_SECONDS
    expires = charge.challenge.expires
    if expires is not None:
        # validBefore is exclusive, so the transaction is valid exactly as long as the challenge.
        until = min(until, int(expires.timestamp()) + 1)
    transaction = pytempo.TempoTransaction.create(
        chain_id=charge.network.chain_id,
        gas_limit=_gas_limit(charge),
        max_fee_per_gas=_FEE_PER_GAS,
        max_priority_fee_per_gas=_PRIORITY_FEE_PER_GAS,
        nonce=0,
        nonce_key=_EXPIRING_NONCE_KEY,
        fee_token=None if sponsored else charge.currency,
        awaiting_fee_payer=sponsored,
        valid_before=until,
        calls=_calls(charge, pytempo.Call),
    ).sign("0x" + key.secret.hex())
    if sponsored:
        envelope = _library("mpp.methods.tempo.fee_payer_envelope")
        wire = envelope.encode_fee_payer_envelope(transaction)
    else:
        wire = transaction.encode()
    return charge.proof(
        payload={"type": "transaction", "signature": "0x" + bytes(wire).hex()},
        payer=key.address,
        proof_id="0x" + keccak(bytes(wire)).hex(),
    )


def _gas_limit(charge: Charge) -> int:
    return max(_GAS_LIMIT, _GAS_BASE + _GAS_PER_CALL * (1 + len(charge.splits)))


def _calls(charge: Charge, call: Any) -> tuple[Any, ...]:
    memo = _library("mpp.methods.tempo.attribution").encode(
        challenge_id=charge.challenge.id, server_id=charge.challenge.realm
    )
    transfers = [(charge.recipient, charge.rest, memo)]
    transfers += [(part.recipient, part.amount, part.memo or memo) for part in charge.splits]
    return tuple(
        call.create(to=charge.currency, value=0, data=_transfer(to, amount, text))
        for to, amount, text in transfers
    )


def _transfer(to: str, amount: int, memo: str) -> str:
    return f"0x{_TRANSFER_WITH_MEMO}{to[2:].lower():0>64}{amount:064x}{memo[2:].lower()}"
