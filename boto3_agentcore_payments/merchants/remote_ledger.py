"""Settle in an emulator that runs as a server, through its HTTP control surface."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import requests

from boto3_agentcore_payments.emulator.engine.errors import SettlementError
from boto3_agentcore_payments.merchants import tills

if TYPE_CHECKING:
    from boto3_agentcore_payments.emulator.proofs.networks import Network

_BASE = "/moto-api/agentcore-payments/"
_SECONDS = 10
_CONFLICT = 409


class RemoteLedger:
    """A :class:`~boto3_agentcore_payments.merchants.tills.SettlementLedger` over HTTP.

    Args:
        endpoint_url: URL of the emulator, e.g. ``http://127.0.0.1:5005``.
        account_id: Account whose payments are settled; every account if not given.
        region: Region whose payments are settled; every region if not given.
    """

    def __init__(
        self, endpoint_url: str, account_id: str | None = None, region: str | None = None
    ) -> None:
        self._url = endpoint_url.rstrip("/") + _BASE
        place = {"account_id": account_id, "region": region}
        self._place = {name: value for name, value in place.items() if value is not None}
        self._http = requests.Session()

    def looked_at(self) -> str:
        """Return where this ledger looks for payments, in words."""
        account_id, region = (self._place.get(name) for name in ("account_id", "region"))
        where = f"{region or 'any region'} of {account_id or 'any account'}"
        return f"{where} at {self._url.removesuffix(_BASE)}"

    def balance(self, network: Network, address: str) -> int:
        """Return what a wallet holds on a network, in atomic USDC units."""
        chain = network.chain or network.caip2
        return int(self._ask("balance", wallet=address, chain=chain))

    def signed_amount(self, network: Network, payer: str, proof_id: str) -> int | None:
        """Return the atomic units that a proof was signed for, or ``None`` if it is unknown."""
        found = self._find(network, payer, proof_id)
        return None if found is None else int(found[0]["amount"])

    def is_settled(self, network: Network, payer: str, proof_id: str) -> bool:
        """Return whether an authorization has been used."""
        found = self._find(network, payer, proof_id)
        return found is not None and any(payment["status"] == "SETTLED" for payment in found)

    def settle(self, network: Network, payer: str, proof_id: str, amount: int | None = None) -> int:
        """Move an authorization's money to its recipient, once; return the atomic units moved.

        Raises:
            SettlementError: if the authorization is unknown, already used or for less, or the
                wallet holds too little.
        """
        # A Solana proof does not name its cluster, so leave out payments on another cluster.
        found = self._find(network, payer, proof_id)
        if found is None:
            raise tills.unknown_payment(self, network, proof_id)
        arguments = {"reference": found[0]["process_payment_id"], "payer": payer}
        if amount is not None:
            arguments["amount"] = str(amount)
        return int(self._ask("settle", **arguments)["settled_amount"])

    def _find(self, network: Network, payer: str, proof_id: str) -> list[dict[str, Any]] | None:
        """Return the payments with this authorization, oldest first, or ``None`` without any."""
        found = [
            payment
            for payment in self._ask("payments")
            if payment["proof_id"] == proof_id
            and payment["network"] == network.caip2
            and payment["payer"].lower() == payer.lower()
        ]
        return found or None

    def _ask(self, verb: str, **arguments: str) -> Any:
        response = self._http.post(
            self._url + verb, json={**self._place, **arguments}, timeout=_SECONDS
        )
        answer = response.json()
        if response.status_code == _CONFLICT:
            raise SettlementError(answer["error"], answer["message"])
        response.raise_for_status()
        return answer["result"]
