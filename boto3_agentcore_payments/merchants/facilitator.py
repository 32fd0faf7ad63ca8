"""A local x402 facilitator: the x402 library verifies, the emulator's ledger settles.

It has the usual HTTP interface for x402 servers in any language: ``GET /supported``, and ``POST
/verify`` and ``POST /settle`` with {x402Version, paymentPayload, paymentRequirements}.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Flask, Response, jsonify, request
from x402 import SchemeNotFoundError, x402FacilitatorSync
from x402.mechanisms.evm import constants
from x402.mechanisms.evm.exact import ExactEvmFacilitatorScheme
from x402.mechanisms.evm.exact.facilitator import ExactEvmSchemeConfig
from x402.mechanisms.evm.exact.v1.facilitator import ExactEvmSchemeV1, ExactEvmSchemeV1Config
from x402.mechanisms.evm.upto import UptoEvmFacilitatorScheme
from x402.mechanisms.evm.upto.facilitator import UptoEvmSchemeConfig
from x402.mechanisms.svm.exact import ExactSvmFacilitatorScheme
from x402.mechanisms.svm.exact.v1.facilitator import ExactSvmSchemeV1
from x402.mechanisms.svm.settlement_cache import SettlementCache
from x402.schemas import (
    PaymentPayload,
    PaymentRequirements,
    SettleResponse,
    VerifyResponse,
)
from x402.schemas.v1 import PaymentPayloadV1, PaymentRequirementsV1

from boto3_agentcore_payments.emulator.proofs import networks, wallets
from boto3_agentcore_payments.json_text import read_json
from boto3_agentcore_payments.merchants.evm_chain import LedgerEvmChain, RehearsalEvmChain
from boto3_agentcore_payments.merchants.front import UNREADABLE
from boto3_agentcore_payments.merchants.parties import local_wallet
from boto3_agentcore_payments.merchants.solana_chain import LedgerSolanaChain
from boto3_agentcore_payments.merchants.tills import selling

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import BaseModel

    from boto3_agentcore_payments.merchants.tills import Till

MALFORMED = (*UNREADABLE, SchemeNotFoundError)
"""Errors that the library raises for a payment that is malformed deep inside, or of a kind that
was not offered."""

_VAGUE = {
    constants.ERR_TRANSACTION_SIMULATION_FAILED,
    constants.ERR_TOKEN_NAME_MISMATCH,
    constants.ERR_TOKEN_VERSION_MISMATCH,
}
"""Reasons for version 1's verify, which does not read the contract's reason."""

_BAD_REQUEST = 400


class LocalFacilitator(x402FacilitatorSync):
    """A facilitator for every network and scheme the emulator signs for.

    The x402 library's facilitator schemes check signatures, time windows, amounts and recipients;
    the emulator takes the place of a node. Verifying also simulates the settlement, so that both
    give the same reason. The x402 library's servers accept it as a facilitator client.

    Args:
        till: Settles the payments and records the sales.
    """

    def __init__(self, till: Till) -> None:
        super().__init__()
        evm = wallets.address(local_wallet("facilitator", networks.ETHEREUM))
        solana = wallets.solana_keypair(local_wallet("facilitator", networks.SOLANA))
        sent = SettlementCache()  # Solana transactions, shared by both x402 versions
        first, second = _Table(), _Table()
        for network in networks.X402_NETWORKS:
            if network.wallet_network == networks.SOLANA:
                add = (LedgerSolanaChain(solana, network, till), sent)
                second.add([network.caip2], _solana(ExactSvmFacilitatorScheme, *add))
                first.add(_version_1_names(network), _solana(ExactSvmSchemeV1, *add))
                continue
            chains = (LedgerEvmChain(network, till, evm), RehearsalEvmChain(network, till, evm))
            for scheme, settings in (
                (ExactEvmFacilitatorScheme, ExactEvmSchemeConfig(simulate_in_settle=True)),
                (UptoEvmFacilitatorScheme, UptoEvmSchemeConfig(simulate_in_settle=True)),
            ):
                second.add([network.caip2], _evm(scheme, settings, *chains))
            first.add(_version_1_names(network), _version_1(*chains))
        for family in second.families():
            self.register(list(family.schemes), family)
        for family in first.families():
            self.register_v1(list(family.schemes), family)

    def settle(
        self,
        payload: PaymentPayload | PaymentPayloadV1,
        requirements: PaymentRequirements | PaymentRequirementsV1,
        payload_bytes: bytes | None = None,
        requirements_bytes: bytes | None = None,
    ) -> SettleResponse:
        """Settle a payment, and record what was sold if the payment says so."""
        with selling(
            resource=_resource(payload, requirements),
            pay_to=requirements.pay_to,
            scheme=requirements.scheme,
        ):
            return super().settle(payload, requirements, payload_bytes, requirements_bytes)


class SchemeFamily:
    """One scheme for every network of a CAIP family, with a separate chain for each.

    The x402 library registers one scheme for a whole family and does not tell networks apart.

    Args:
        schemes: The scheme of each network, by the network's name.
    """

    def __init__(self, schemes: dict[str, Any]) -> None:
        self.schemes = schemes
        one = next(iter(schemes.values()))
        self.scheme: str = one.scheme
        self.caip_family: str = one.caip_family

    def get_extra(self, network: str) -> dict[str, Any] | None:
        """Return the ``extra`` that ``/supported`` lists for the kind."""
        extra: dict[str, Any] | None = self._of(network).get_extra(network)
        return extra

    def get_signers(self, network: str) -> list[str]:
        """Return the facilitator's addresses."""
        signers: list[str] = self._of(network).get_signers(network)
        return signers

    def verify(self, payload: Any, requirements: Any, context: Any = None) -> VerifyResponse:
        """Verify a payment on the network that the merchant asks for."""
        chosen = self._of(requirements.network)
        verified: VerifyResponse = chosen.verify(payload, requirements, context)
        return verified

    def settle(self, payload: Any, requirements: Any, context: Any = None) -> SettleResponse:
        """Settle a payment on the network that the merchant asks for."""
        chosen = self._of(requirements.network)
        settled: SettleResponse = chosen.settle(payload, requirements, context)
        return settled

    def _of(self, network: str) -> Any:
        chosen = self.schemes.get(network)
        if chosen is None:
            raise SchemeNotFoundError(self.scheme, network)
        return chosen


class RehearsedScheme:
    """One of x402's facilitator schemes, whose verify also simulates the settlement.

    For some schemes the library's verify misses faults that settling finds, such as a used Permit2
    nonce. Here verify also settles on a chain where no money moves, so that the two agree.

    Args:
        scheme: The scheme.
        rehearsal: The same scheme on a chain where no money moves.
    """

    def __init__(self, scheme: Any, rehearsal: Any) -> None:
        self.scheme: str = scheme.scheme
        self.caip_family: str = scheme.caip_family
        self._scheme = scheme
        self._rehearsal = rehearsal

    def get_extra(self, network: str) -> dict[str, Any] | None:
        """Return the ``extra`` that ``/supported`` lists for the kind."""
        extra: dict[str, Any] | None = self._scheme.get_extra(network)
        return extra

    def get_signers(self, network: str) -> list[str]:
        """Return the facilitator's addresses."""
        signers: list[str] = self._scheme.get_signers(network)
        return signers

    def verify(self, payload: Any, requirements: Any, context: Any = None) -> VerifyResponse:
        """Verify a payment, and simulate its settlement if it is valid."""
        verified: VerifyResponse = self._scheme.verify(payload, requirements, context)
        if verified.is_valid or verified.invalid_reason in _VAGUE:
            tried: SettleResponse = self._rehearsal.settle(payload, requirements, context)
            reason = tried.error_reason
            if verified.is_valid and tried.success:
                return verified
            if verified.is_valid or reason not in (None, constants.ERR_TRANSACTION_FAILED):
                return VerifyResponse(
                    is_valid=False,
                    invalid_reason=reason,
                    invalid_message=tried.error_message,
                    payer=verified.payer,
                )
        return verified

    def settle(self, payload: Any, requirements: Any, context: Any = None) -> SettleResponse:
        """Settle a payment; a refusal gives the reason that verify would give."""
        settled: SettleResponse = self._scheme.settle(payload, requirements, context)
        if settled.error_reason not in _VAGUE:
            return settled
        verified = self.verify(payload, requirements, context)
        reason = verified.invalid_reason or settled.error_reason
        return settled.model_copy(update={"error_reason": reason})


def service(facilitator: x402FacilitatorSync) -> Flask:
    """Return a facilitator as a Flask application."""
    application = Flask("local-x402-facilitator")

    @application.get("/supported")
    def supported() -> Response:
        return _json(facilitator.get_supported())

    @application.post("/verify")
    def verify() -> Response | tuple[Response, int]:
        return _asked(facilitator.verify)

    @application.post("/settle")
    def settle() -> Response | tuple[Response, int]:
        return _asked(facilitator.settle)

    return application


def _asked(answer: Callable[[Any, Any], BaseModel]) -> Response | tuple[Response, int]:
    try:
        body = read_json(request.get_data())
        first = body["x402Version"] == 1
        payload = PaymentPayloadV1 if first else PaymentPayload
        requirements = PaymentRequirementsV1 if first else PaymentRequirements
        result = answer(
            payload.model_validate(body["paymentPayload"]),
            requirements.model_validate(body["paymentRequirements"]),
        )
    except MALFORMED as error:
        return jsonify(error=type(error).__name__), _BAD_REQUEST
    return _json(result)


def _json(result: BaseModel) -> Response:
    return jsonify(result.model_dump(mode="json", by_alias=True, exclude_none=True))


class _Table:
    """Schemes by family and name, in the order they were added."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str], dict[str, Any]] = {}

    def add(self, names: list[str], scheme: Any) -> None:
        """Add a scheme for the network with these names; do nothing without names."""
        if names:
            row = self._rows.setdefault((scheme.caip_family, scheme.scheme), {})
            row.update(dict.fromkeys(names, scheme))

    def families(self) -> list[SchemeFamily]:
        """Return the families."""
        return [SchemeFamily(row) for row in self._rows.values()]


def _evm(scheme: Any, settings: Any, chain: Any, rehearsal: Any) -> RehearsedScheme:
    return RehearsedScheme(scheme(chain, settings), scheme(rehearsal, settings))


def _version_1(chain: Any, rehearsal: Any) -> RehearsedScheme:
    # The rehearsal sends instead of simulating, because only sending yields the contract's reason.
    simulating = ExactEvmSchemeV1Config(simulate_in_settle=True)
    return RehearsedScheme(ExactEvmSchemeV1(chain, simulating), ExactEvmSchemeV1(rehearsal))


def _solana(scheme: Any, chain: Any, sent: SettlementCache) -> Any:
    # These schemes simulate in verify and verify again in settle, so they need no rehearsal.
    return scheme(chain, settlement_cache=sent)


def _version_1_names(network: networks.Network) -> list[str]:
    return [name for name in network.names if ":" not in name]


def _resource(payload: Any, requirements: Any) -> str:
    """Return the URL that a payment is for, or an empty text if the payment does not say."""
    described = getattr(payload, "resource", None)
    return getattr(described, "url", None) or getattr(requirements, "resource", None) or ""
