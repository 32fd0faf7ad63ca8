"""The checks of the contracts that move the money of an EVM payment.

USDC's ``transferWithAuthorization`` (EIP-3009, FiatToken 2.2) and the ``settle`` of x402's two
Permit2 proxies, each with its own order and texts, because x402's facilitator derives its reasons
from the texts. Signatures are checked against the token's own EIP-712 domain, whatever a merchant's
402 says. Money and nonces are the emulator's. ``tests/chain`` compares all of this with contracts
that run in a virtual machine.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from eth_account.messages import encode_typed_data
from eth_keys.datatypes import Signature
from eth_keys.exceptions import BadSignature
from eth_utils.crypto import keccak
from eth_utils.exceptions import ValidationError
from x402.mechanisms.evm import constants
from x402.mechanisms.evm.eip712 import hash_eip3009_authorization
from x402.mechanisms.evm.types import ExactEIP3009Authorization

from boto3_agentcore_payments.emulator.engine.errors import SettlementError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from boto3_agentcore_payments.emulator.proofs.networks import Network
    from boto3_agentcore_payments.merchants.tills import Till

_ZERO = "0x" + "0" * 40
_HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0
"""Half the order of secp256k1's group: the largest ``s`` that FiatToken accepts (EIP-2)."""
_V = (27, 28)
_SIGNATURE_BYTES = 65

_TOKEN_REVERTS = {
    "already_settled": "FiatTokenV2: authorization is used or canceled",
    "insufficient_funds": "ERC20: transfer amount exceeds balance",
}
_PERMIT2_REVERTS = {
    "already_settled": "InvalidNonce",
    "insufficient_funds": "TRANSFER_FROM_FAILED",
    "invalid_amount": "InvalidAmount",
}


class RevertedError(RuntimeError):
    """A contract refused a call.

    Args:
        reason: The contract's own text, or the name of its error.
    """

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"execution reverted: {reason}")


@dataclass(frozen=True)
class Transfer:
    """A transfer that the contracts allow.

    Attributes:
        payer: Wallet that signed.
        pay_to: Address that receives.
        amount: Atomic units.
        proof_id: The authorization's nonce, which makes it single-use.
        reverts: The contract's texts for the ledger's refusals.
    """

    payer: str
    pay_to: str
    amount: int
    proof_id: str
    reverts: dict[str, str]


class EvmContracts:
    """The payment contracts of one network.

    Args:
        network: The network; its token is its USDC.
        till: Settles the payments and records the sales.
        caller: Address that calls the contracts: the facilitator's.
    """

    def __init__(self, network: Network, till: Till, caller: str) -> None:
        self._network = network
        self._till = till
        self._caller = caller

    def transfer_with_authorization(self, *arguments: Any) -> Transfer:
        """Check a call of the token's ``transferWithAuthorization``, moving no money.

        Args:
            arguments: The contract's: from, to, value, validAfter, validBefore, nonce, and either
                v, r and s or the whole signature.

        Raises:
            RevertedError: if the contract would refuse it.
        """
        payer, pay_to, value, valid_after, valid_before, nonce, *signature = arguments
        transfer = Transfer(payer, pay_to, value, "0x" + bytes(nonce).hex(), _TOKEN_REVERTS)
        token, now = self._network.usdc.lower(), int(time.time())
        # The token blacklists its own address, so that no one sends money to it by mistake.
        if token in (payer.lower(), pay_to.lower()):
            raise RevertedError("Blacklistable: account is blacklisted")
        if now <= valid_after:
            raise RevertedError("FiatTokenV2: authorization is not yet valid")
        if now >= valid_before:
            raise RevertedError("FiatTokenV2: authorization is expired")
        if self._till.used(self._network, payer, transfer.proof_id):
            raise RevertedError(_TOKEN_REVERTS["already_settled"])
        digest = hash_eip3009_authorization(
            ExactEIP3009Authorization(
                from_address=payer,
                to=pay_to,
                value=str(value),
                valid_after=str(valid_after),
                valid_before=str(valid_before),
                nonce=transfer.proof_id,
            ),
            self._network.chain_id,
            self._network.usdc,
            self._network.domain_name,
            self._network.domain_version,
        )
        v, r, s = _parts(signature)
        if s > _HALF_ORDER:
            raise RevertedError("ECRecover: invalid signature 's' value")
        if v not in _V:
            raise RevertedError("ECRecover: invalid signature 'v' value")
        if _recovered(digest, v, r, s) != payer.lower():
            raise RevertedError("FiatTokenV2: invalid signature")
        if pay_to == _ZERO:
            raise RevertedError("ERC20: transfer to the zero address")
        self._check_money(transfer)
        return transfer

    def settle_exact(self, permit: Any, owner: str, witness: Any, signature: bytes) -> Transfer:
        """Check a call of ``settle`` of x402's exact Permit2 proxy, moving no money.

        Args:
            permit: ((token, amount), nonce, deadline).
            owner: Wallet that signed.
            witness: (to, validAfter).
            signature: 65 bytes.

        Raises:
            RevertedError: if the proxy, Permit2 or the token would refuse it.
        """
        (_, amount), _, _ = permit
        return self._settle(permit, amount, owner, witness, signature)

    def settle_upto(
        self, permit: Any, amount: int, owner: str, witness: Any, signature: bytes
    ) -> Transfer:
        """Check a call of ``settle`` of x402's upto Permit2 proxy, moving no money.

        Args:
            permit: ((token, maximum), nonce, deadline).
            amount: Atomic units to take.
            owner: Wallet that signed.
            witness: (to, facilitator, validAfter).
            signature: 65 bytes.

        Raises:
            RevertedError: if the proxy, Permit2 or the token would refuse it.
        """
        (_, permitted), _, _ = permit
        if witness[1].lower() != self._caller.lower():
            raise RevertedError("UnauthorizedFacilitator")
        if amount > permitted:
            raise RevertedError("AmountExceedsPermitted")
        return self._settle(permit, amount, owner, witness, signature)

    def move(self, transfer: Transfer) -> str:
        """Move the money of a checked transfer and return the transaction's id.

        Raises:
            RevertedError: if another transfer has meanwhile left too little or used the nonce.
        """
        try:
            sale = self._till.take(
                self._network,
                transfer.payer,
                transfer.proof_id,
                amount=transfer.amount,
            )
        except SettlementError as error:
            raise _reverted(error, transfer) from error
        return sale.transaction

    def _settle(
        self, permit: Any, amount: int, owner: str, witness: Any, signature: bytes
    ) -> Transfer:
        (token, permitted), nonce, deadline = permit
        *parties, valid_after = witness
        transfer = Transfer(owner, parties[0], amount, str(nonce), _PERMIT2_REVERTS)
        now = int(time.time())
        if owner == _ZERO:
            raise RevertedError("InvalidOwner")
        if parties[0] == _ZERO:
            raise RevertedError("InvalidDestination")
        if now < valid_after:
            raise RevertedError("PaymentTooEarly")
        if now > deadline:
            raise RevertedError("SignatureExpired")
        if self._till.used(self._network, owner, transfer.proof_id):
            raise RevertedError("InvalidNonce")
        digest = _permit2_digest(
            self._network.chain_id, token, permitted, nonce, deadline, parties, valid_after
        )
        if len(signature) != _SIGNATURE_BYTES:
            raise RevertedError("InvalidSignatureLength")
        # Unlike the token, Permit2 accepts a high s: its nonce alone prevents replays.
        v, r, s = _parts([signature])
        signer = _recovered(digest, v, r, s) if v in _V else None
        if signer is None:
            raise RevertedError("InvalidSignature")
        if signer != owner.lower():
            raise RevertedError("InvalidSigner")
        if parties[0].lower() == self._network.usdc.lower():
            raise RevertedError("TRANSFER_FROM_FAILED")  # the token blacklists its own address
        self._check_money(transfer)
        return transfer

    def _check_money(self, transfer: Transfer) -> None:
        try:
            self._till.check(self._network, transfer.payer, transfer.proof_id, transfer.amount)
        except SettlementError as error:
            raise _reverted(error, transfer) from error


def _reverted(error: SettlementError, transfer: Transfer) -> RevertedError:
    # No contract has a text for a payment that the emulator did not sign, so keep the ledger's.
    return RevertedError(transfer.reverts.get(error.reason, str(error)))


def _permit2_digest(  # noqa: PLR0917 - the parts of one structure, in its order
    chain_id: int,
    token: str,
    amount: int,
    nonce: int,
    deadline: int,
    parties: Sequence[str],
    valid_after: int,
) -> bytes:
    """Return the EIP-712 digest of Permit2's ``PermitWitnessTransferFrom``."""
    upto = len(parties) > 1
    witness = {"to": parties[0], "validAfter": valid_after}
    if upto:
        witness["facilitator"] = parties[1]
    signable = encode_typed_data(
        # Permit2's domain has no version.
        domain_data={
            "name": "Permit2",
            "chainId": chain_id,
            "verifyingContract": constants.PERMIT2_ADDRESS,
        },
        message_types=(
            constants.UPTO_PERMIT2_WITNESS_TYPES if upto else constants.PERMIT2_WITNESS_TYPES
        ),
        message_data={
            "permitted": {"token": token, "amount": amount},
            "spender": (
                constants.X402_UPTO_PERMIT2_PROXY_ADDRESS
                if upto
                else constants.X402_EXACT_PERMIT2_PROXY_ADDRESS
            ),
            "nonce": nonce,
            "deadline": deadline,
            "witness": witness,
        },
    )
    return keccak(b"\x19" + signable.version + signable.header + signable.body)


def _parts(signature: Sequence[Any]) -> tuple[int, int, int]:
    """Return v, r and s from either form that the contract's overloads accept."""
    if len(signature) == 1:
        (raw,) = signature
        if len(raw) != _SIGNATURE_BYTES:
            raise RevertedError("ECRecover: invalid signature length")
        return raw[64], int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:64], "big")
    v, r, s = signature
    return v, int.from_bytes(r, "big"), int.from_bytes(s, "big")


def _recovered(digest: bytes, v: int, r: int, s: int) -> str | None:
    """Return the address that signed, in lower case, or ``None`` if ecrecover returns zero."""
    try:
        signature = Signature(vrs=(v - 27, r, s))
        return str(signature.recover_public_key_from_msg_hash(digest).to_address())
    except (BadSignature, ValidationError):
        return None
