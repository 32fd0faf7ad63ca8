"""The payer inside x402's and pympp's own clients, for programs that use these directly.

They sign under the payer's policy, but the library decides what to do with a proof. It may ask for
another one, which is another payment. Neither library passes on the URL, so a payer with
``allowed_origins`` refuses, and the address is not checked.
"""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.errors import MissingExtraError
from boto3_agentcore_payments.pay import networks
from boto3_agentcore_payments.pay.choice import choose
from boto3_agentcore_payments.pay.commands import Wait, drive, drive_async
from boto3_agentcore_payments.pay.demands import Demand, Headers
from boto3_agentcore_payments.pay.errors import NotAllowed
from boto3_agentcore_payments.pay.flow import process
from boto3_agentcore_payments.pay.purchases import Asked, Purchase

if TYPE_CHECKING:
    from collections.abc import Generator

    from boto3_agentcore_payments.pay.commands import Command
    from boto3_agentcore_payments.pay.core import Core

SCHEMES = ("exact", "upto")
METHODS = ("evm", "tempo", "solana")


class X402Scheme:
    """A client scheme of x402 that signs with ``ProcessPayment``.

        client = x402ClientSync()
        client.register("eip155:*", payer.x402_scheme())

    Args:
        core: The payer.
        scheme: ``exact`` or ``upto``.

    Raises:
        ValueError: if the service does not support the scheme.
    """

    def __init__(self, core: Core, scheme: str) -> None:
        if scheme not in SCHEMES:
            message = f"{scheme!r} is not a scheme that the service pays: {', '.join(SCHEMES)}"
            raise ValueError(message)
        self._core = core
        self.scheme = scheme

    @staticmethod
    def find_default_asset(asset: str, network: str) -> dict[str, Any] | None:
        """Return the asset's data for x402's spend controls, or ``None`` if it is not USDC."""
        found = networks.find(network)
        if found is None or not found.is_usdc(asset):
            return None
        return {"asset": found.usdc, "decimals": networks.USDC_DECIMALS, "symbol": "USDC"}

    def create_payment_payload(self, requirements: Any) -> dict[str, Any]:
        """Return the signed payload of a requirement, of x402 version 1 or 2.

        Raises:
            PaymentError: if it cannot be paid; see its subclasses.
        """
        raw = requirements.model_dump(by_alias=True, exclude_none=True)
        version = 1 if "maxAmountRequired" in raw else 2
        body = json.dumps({"x402Version": version, "accepts": [raw]}).encode()
        demand = Demand("GET", str(raw.get("resource", "")), Headers(()), body, b"")
        payload: dict[str, Any] = drive(_sign(self._core, demand, body), None)
        return payload


def mpp_method(core: Core, method: str) -> Any:
    """Return a client method of pympp that signs charges with ``ProcessPayment``.

    Args:
        core: The payer.
        method: ``evm``, ``tempo`` or ``solana``.

    Raises:
        ValueError: if the service does not support the method.
        MissingExtraError: if pympp is not installed.
    """
    if method not in METHODS:
        message = f"{method!r} is not a method that the service pays: {', '.join(METHODS)}"
        raise ValueError(message)
    try:
        from mpp.methods import Method
        from mpp.runtime import ClientMethod, CredentialParams
        from pydantic import BaseModel, ConfigDict
    except ImportError as error:
        what = "A client method of pympp (which takes Python 3.11 or newer)"
        raise MissingExtraError(what, extra="pay", module="mpp") from error

    class Anything(BaseModel):
        """A model of what the service and the seller judge."""

        model_config = ConfigDict(extra="allow")

    async def create_credential(params: CredentialParams) -> str:
        header = _verbatim(params.challenge)
        headers = Headers((("WWW-Authenticate", header),))
        demand = Demand("GET", params.challenge.realm, headers, b"", b"")
        return str(await drive_async(_sign(core, demand, header.encode()), None))

    definition = Method(
        name=method, intent="charge", request_model=Anything, payload_model=Anything
    )
    return ClientMethod(method=definition, create_credential=create_credential)


def _verbatim(challenge: Any) -> str:
    """Return the challenge's header with its request unchanged: the seller's HMAC covers it."""
    written: str = challenge.to_www_authenticate(challenge.realm)
    start = written.index('request="') + len('request="')
    request: str = challenge.request_b64
    return written[:start] + request + written[written.index('"', start) :]


def _sign(core: Core, demand: Demand, what: bytes) -> Generator[Command, Any, Any]:
    """Pay a demand whose HTTP request is not known; return the proof.

    While the outcome of ``ProcessPayment`` is unknown, the same demand reuses its client token.
    """
    if core.policy.origins is not None:
        message = "allowed_origins is set, and the library does not say which origin asks"
        raise NotAllowed(message)
    asked = Asked("GET", demand.url, what)
    key = core.book.key(asked)
    since = core.book.arrive(key)
    try:
        while True:
            mine = Purchase(key=key, asked=asked, token=str(uuid.uuid4()))
            found, turn, _ = core.book.take_turn(mine, since)
            if turn is None:
                break
            try:
                yield Wait(turn)
            finally:
                core.book.stop_waiting(found)
        try:
            if found.offer is None:
                yield from choose(core, found, demand)
            yield from process(core, found)
            core.close(found, None)
            return found.proof
        finally:
            core.book.leave_turn(found)
    finally:
        core.book.depart(key)
