"""Resources sold by MPP, behind pympp's own server.

pympp verifies ``evm`` and ``tempo`` charges; the ledger settles them in place of a facilitator or a
node. pympp has no ``solana`` method, so ``solana_charge`` provides one.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, make_response, request
from mpp.errors import PaymentError
from mpp.server.http import Request
from mpp.server.mpp import Mpp

from boto3_agentcore_payments.emulator.engine.money import USDC_DECIMALS
from boto3_agentcore_payments.emulator.proofs import networks, wallets
from boto3_agentcore_payments.merchants.evm_charge import charge as evm_charge
from boto3_agentcore_payments.merchants.front import METHODS, UNREADABLE
from boto3_agentcore_payments.merchants.offers import Offer, price_list, recipient
from boto3_agentcore_payments.merchants.parties import local_wallet
from boto3_agentcore_payments.merchants.solana_charge import charge as solana_charge
from boto3_agentcore_payments.merchants.tempo_charge import charge as tempo_charge
from boto3_agentcore_payments.merchants.tills import selling

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mpp.server.http import Response as MppResponse
    from mpp.server.method import ServerMethod

    from boto3_agentcore_payments.merchants.handlers import View
    from boto3_agentcore_payments.merchants.tills import Till

REALM = "local-mpp-merchant"

_PAID = 200


@dataclass(frozen=True)
class _Method:
    """One payment method of MPP.

    Attributes:
        network: The default network, a test network.
        networks: Every network that it can be paid on.
        charge: Makes pympp's server method.
        sponsors: Whether the merchant can pay the buyer's network fees.
    """

    network: str
    networks: Sequence[networks.Network]
    charge: Callable[..., ServerMethod]
    sponsors: bool = False


def _kind(wallet_network: str) -> list[networks.Network]:
    return [each for each in networks.X402_NETWORKS if each.wallet_network == wallet_network]


_METHODS = {
    "evm": _Method("eip155:84532", _kind(networks.ETHEREUM), evm_charge),
    "tempo": _Method("eip155:42431", list(networks.TEMPO_NETWORKS.values()), tempo_charge),
    "solana": _Method(
        "solana-devnet", list(networks.SOLANA_CLUSTERS.values()), solana_charge, sponsors=True
    ),
}


def offers(
    *,
    price: str,
    method: str,
    prices: Mapping[str, str] | None = None,
    network: str | None = None,
    sponsor_fees: bool | None = None,
    pay_to: str | None = None,
) -> list[Offer]:
    """Return the offers; see :func:`boto3_agentcore_payments.merchants.mpp_merchant`.

    Raises:
        ValueError: if there is no such method, network, price, path or address, or fees cannot be
            sponsored.
    """
    kind = _METHODS.get(method)
    if kind is None:
        raise ValueError(f"MPP method {method!r} is not one of {', '.join(_METHODS)}")
    if sponsor_fees and not kind.sponsors:
        raise ValueError(f"This merchant sponsors the fees of solana charges, not of {method}")
    name = network or kind.network
    where = next((each for each in kind.networks if name in each.names), None)
    if where is None:
        raise ValueError(f"MPP method {method!r} cannot be paid on {name!r}")
    own = wallets.address(local_wallet("merchant", where.wallet_network))
    return [
        Offer(
            path=path,
            network=where,
            scheme="charge",
            amount=amount,
            pay_to=recipient(pay_to, where, own),
        )
        for path, amount in price_list(price, prices).items()
    ]


def server_method(
    offer: Offer, method: str, till: Till, *, sponsor_fees: bool | None = None
) -> ServerMethod:
    """Return pympp's server method for an offer's network and recipient.

    Args:
        offer: What is sold.
        method: ``evm``, ``tempo`` or ``solana``.
        till: Settles the payments and records the sales.
        sponsor_fees: Whether to pay the network's fees for the buyer; by default if the method can.
    """
    kind = _METHODS[method]
    sponsors = kind.sponsors if sponsor_fees is None else sponsor_fees
    return kind.charge(offer, till, sponsor_fees=sponsors)


def shop(
    goods: Sequence[Offer],
    view: View,
    *,
    method: str,
    till: Till,
    sponsor_fees: bool | None = None,
) -> Flask:
    """Return a merchant's Flask application.

    Args:
        goods: What is sold, on one network.
        view: Gives a buyer what was paid for.
        method: ``evm``, ``tempo`` or ``solana``.
        till: Settles the payments and records the sales.
        sponsor_fees: Whether to pay the network's fees for the buyer; by default if the method can.
    """
    chosen = server_method(goods[0], method, till, sponsor_fees=sponsor_fees)
    mpp = Mpp([chosen], realm=REALM, secret_key=secrets.token_hex(32))
    application = Flask("local-mpp-merchant")
    for offer in goods:
        charge = mpp[f"{method}/charge"](amount=display(offer.amount))
        application.add_url_rule(
            offer.path,
            offer.path,
            partial(_answer, offer, charge, view),
            methods=METHODS,
            provide_automatic_options=False,
        )
    return application


def _answer(offer: Offer, charge: Callable[[Request], Any], view: View) -> Response:
    # pympp accepts only ASCII. A credential is always ASCII, and pympp needs no other header.
    headers = [(name, value) for name, value in request.headers.items() if value.isascii()]
    asked = Request(request.method, request.url, headers)
    try:
        with selling(pay_to=offer.pay_to, scheme=offer.scheme):
            result = asyncio.run(charge(asked))
    except PaymentError as error:
        problem = json.dumps(error.to_problem_details())
        return Response(problem, error.status, content_type="application/problem+json")
    except UNREADABLE:
        # pympp's parsers cannot handle this payment: answer as if there were none.
        result = asyncio.run(charge(Request(request.method, request.url)))
    if result.status != _PAID:
        return _flask(result.challenge)
    response: Response = result.with_receipt(make_response(view()))
    return response


def display(units: int) -> str:
    """Return atomic USDC units as pympp takes an amount."""
    whole, rest = divmod(units, 10**USDC_DECIMALS)
    return f"{whole}.{rest:0{USDC_DECIMALS}d}"


def _flask(response: MppResponse) -> Response:
    headers: list[tuple[str, Any]] = list(response.headers.multi_items())
    return Response(response.body or b"", response.status, headers)
