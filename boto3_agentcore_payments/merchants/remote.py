"""Settling in an emulator that runs as a server, through its HTTP control surface."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import requests

from boto3_agentcore_payments.emulator.engine.errors import SettlementError

if TYPE_CHECKING:
    from boto3_agentcore_payments.emulator.proofs.networks import Network

_BASE = "/moto-api/agentcore-payments/"
_SECONDS = 10
_CONFLICT = 409


class RemoteLedger:
    """A :class:`~boto3_agentcore_payments.merchants.settlement.SettlementLedger` over HTTP.

    Args:
        endpoint_url: Where the emulator listens, e.g. ``http://127.0.0.1:5005``.
        account_id: Account whose emulator settles.
        region: Region whose emulator settles.
    """

    def __init__(self, endpoint_url: str, account_id: str, region: str) -> None:
        self._url = endpoint_url.rstrip("/") + _BASE
        self._place = {"account_id": account_id, "region": region}
        self._http = requests.Session()

    def balance(self, network: Network, address: str) -> int:
        """Return what a wallet holds on a network, in atomic USDC units."""
        chain = network.chain or network.caip2
        return int(self._ask("balance", wallet=address, chain=chain))

    def is_settled(self, network: Network, payer: str, proof_id: str) -> bool:
        """Tell whether an authorization has been used."""
        return any(
            payment["status"] == "SETTLED"
            and payment["proof_id"] == proof_id
            and payment["network"] == network.caip2
            and payment["payer"].lower() == payer.lower()
            for payment in self._ask("payments")
        )

    def settle(self, network: Network, payer: str, proof_id: str, amount: int | None = None) -> int:
        """Move an authorization's money to its recipient, once, and return the units moved.

        Raises:
            SettlementError: unknown, used already, too much, or not enough money.
        """
        del network  # an authorization's id is enough to find it
        arguments = {"reference": proof_id, "payer": payer}
        if amount is not None:
            arguments["amount"] = str(amount)
        return int(self._ask("settle", **arguments)["settled_amount"])

    def _ask(self, verb: str, **arguments: str) -> Any:
        response = self._http.post(
            self._url + verb, json={**self._place, **arguments}, timeout=_SECONDS
        )
        answer = response.json()
        if response.status_code == _CONFLICT:
            raise SettlementError(answer["error"], answer["message"])
        response.raise_for_status()
        return answer["result"]
