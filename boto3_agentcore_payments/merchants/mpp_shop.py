"""An MPP-protected resource, behind pympp's own server.

``evm`` and ``tempo`` charges are verified by pympp; what a facilitator or a node would settle is
settled in the ledger. ``solana`` is a method of our own (``solana_charge``): pympp has none.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, jsonify, request
from mpp.errors import PaymentError
from mpp.methods.evm import server as evm
from mpp.methods.evm.assets import EvmAsset
from mpp.server.http import Request
from mpp.server.http import Response as MppResponse
from mpp.server.mpp import Mpp
from mpp.store import MemoryStore

from boto3_agentcore_payments.emulator.engine.errors import SettlementError
from boto3_agentcore_payments.emulator.proofs import networks, wallets
from boto3_agentcore_payments.merchants import solana_charge, tempo_charge
from boto3_agentcore_payments.merchants.mpp_refusals import refused
from boto3_agentcore_payments.merchants.offers import Offer, atomic, network_named
from boto3_agentcore_payments.merchants.parties import local_wallet

if TYPE_CHECKING:
    from mpp.methods.evm.intents import Authorization
    from mpp.server.method import ServerMethod

    from boto3_agentcore_payments.merchants.settlement import Till

PATH = "/article"
REALM = "local-mpp-merchant"

_DEFAULT_NETWORKS = {"evm": "eip155:84532", "tempo": "eip155:42431", "solana": "solana-devnet"}
_DECIMALS = 6


def offer(
    *, price: str, method: str, network: str | None, sponsor_fees: bool, content: str
) -> Offer:
    """Return the offer; see :func:`boto3_agentcore_payments.merchants.mpp_merchant`.

    Raises:
        ValueError: no such method, network or price, or fees that cannot be sponsored.
    """
    if method not in _DEFAULT_NETWORKS:
        problem = f"MPP method {method!r} is not one of {', '.join(_DEFAULT_NETWORKS)}"
        raise ValueError(problem)
    if sponsor_fees and method != "solana":
        problem = f"This merchant sponsors the fees of solana charges, not of {method}"
        raise ValueError(problem)
    name = network or _DEFAULT_NETWORKS[method]
    if method == "tempo":
        tempo = {each.caip2: each for each in networks.TEMPO_NETWORKS.values()}
        where = tempo.get(name)
    else:
        where = network_named(name)
    wanted = networks.SOLANA if method == "solana" else networks.ETHEREUM
    if where is None or where.wallet_network != wanted:
        problem = f"MPP method {method!r} cannot be paid on {name!r}"
        raise ValueError(problem)
    return Offer(
        network=where,
        scheme="charge",
        amount=atomic(price),
        pay_to=wallets.address(local_wallet("merchant", where.wallet_network)),
        content=content,
    )


def shop(what: Offer, *, method: str, till: Till, sponsor_fees: bool) -> Flask:
    """Return the shop as a Flask application.

    Args:
        what: What is sold.
        method: ``evm``, ``tempo`` or ``solana``.
        till: Where the money is.
        sponsor_fees: Pay the network's fees for the buyer (``solana`` only).
    """
    mpp = Mpp([_method(what, method, till, sponsor_fees)], realm=REALM, secret_key=_secret())
    charge = mpp[f"{method}/charge"](amount=_display(what.amount))
    application = Flask("local-mpp-merchant")

    @application.get(PATH)
    def article() -> Response:
        asked = Request("GET", request.url, list(request.headers.items()))
        try:
            result = asyncio.run(charge(asked))
        except PaymentError as error:
            problem = json.dumps(error.to_problem_details())
            return Response(problem, error.status, content_type="application/problem+json")
        if result.status != 200:  # noqa: PLR2004 - HTTP
            return _flask(result.challenge)
        response: Response = result.with_receipt(jsonify(content=what.content))
        return response

    return application


def _method(what: Offer, method: str, till: Till, sponsor_fees: bool) -> ServerMethod:  # noqa: FBT001
    if method == "evm":
        return _evm(what, till)
    if method == "tempo":
        return tempo_charge.charge(what, till)
    return solana_charge.charge(what, till, sponsor_fees=sponsor_fees)


def _evm(what: Offer, till: Till) -> ServerMethod:
    def settle(authorization: Authorization) -> str:
        payload = authorization.payload
        try:
            sale = till.take(
                what.network, payload["from"], payload["nonce"].lower(), int(payload["value"])
            )
        except SettlementError as error:
            raise refused(error) from error
        return sale.transaction

    token = EvmAsset(
        address=what.network.usdc,
        decimals=_DECIMALS,
        chain_id=what.network.chain_id,
        name=what.network.domain_name,
        version=what.network.domain_version,
    )
    return evm.charge(currency=token, recipient=what.pay_to, settle=settle, store=MemoryStore())


def _secret() -> str:
    return secrets.token_hex(32)


def _display(units: int) -> str:
    return f"{units // 10**_DECIMALS}.{units % 10**_DECIMALS:06d}"


def _flask(response: MppResponse) -> Response:
    headers: list[tuple[str, Any]] = list(response.headers.multi_items())
    return Response(response.body or b"", response.status, headers)
