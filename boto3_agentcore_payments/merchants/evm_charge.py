"""pympp's ``evm/charge``, settled as the token's contract would.

pympp checks the authorization against the challenge and recovers its signer; this module makes the
contract's remaining checks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mpp.errors import VerificationFailedError
from mpp.methods.evm import server as evm
from mpp.methods.evm.assets import EvmAsset
from mpp.store import MemoryStore

from boto3_agentcore_payments.emulator.engine.errors import SettlementError
from boto3_agentcore_payments.emulator.engine.money import USDC_DECIMALS
from boto3_agentcore_payments.emulator.proofs import networks, wallets
from boto3_agentcore_payments.merchants.evm_contracts import EvmContracts, RevertedError
from boto3_agentcore_payments.merchants.mpp_refusals import refused
from boto3_agentcore_payments.merchants.parties import local_wallet

if TYPE_CHECKING:
    from mpp.methods.evm.intents import Authorization
    from mpp.server.method import ServerMethod

    from boto3_agentcore_payments.merchants.offers import Offer
    from boto3_agentcore_payments.merchants.tills import Till


def charge(offer: Offer, till: Till, *, sponsor_fees: bool) -> ServerMethod:
    """Return the server method for an offer's network and recipient.

    Args:
        offer: What is sold.
        till: Settles the payments and records the sales.
        sponsor_fees: Ignored: the account that settles an authorization always pays its fees.
    """
    del sponsor_fees
    network = offer.network
    own = wallets.address(local_wallet("facilitator", networks.ETHEREUM))
    contracts = EvmContracts(network, till, own)

    def settle(authorization: Authorization) -> str:
        payload = authorization.payload
        try:
            # The nonce first: pympp recognizes a replay by it, and does not ask for a new payment.
            proof_id = payload["nonce"].lower()
            till.check(network, payload["from"], proof_id, int(payload["value"]))
            transfer = contracts.transfer_with_authorization(
                payload["from"],
                payload["to"],
                int(payload["value"]),
                int(payload["validAfter"]),
                int(payload["validBefore"]),
                bytes.fromhex(payload["nonce"][2:]),
                bytes.fromhex(payload["signature"][2:]),
            )
            sale = till.take(network, transfer.payer, proof_id, amount=transfer.amount)
        except SettlementError as error:
            raise refused(error) from error
        except RevertedError as error:
            raise VerificationFailedError(str(error)) from error
        return sale.transaction

    token = EvmAsset(
        address=network.usdc,
        decimals=USDC_DECIMALS,
        chain_id=network.chain_id,
        name=network.domain_name,
        version=network.domain_version,
    )
    return evm.charge(currency=token, recipient=offer.pay_to, settle=settle, store=MemoryStore())
