"""Where a person takes over from an agent: the WalletHub, and the consent to a quick create.

Behaviour:
    - [recorded] redirectUrl ends in 12 hexadecimal digits, authorizationUrl in a request_uri.
    - [decided] The kept addresses lead to no vendor: a host under `.invalid`, and AWS's own host,
      which is mocked. Where a server has the two pages, answers name its address instead, also an
      answer that is repeated for its client token after the server moved to another address.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.emulator.engine.errors import ResourceNotFoundException
from boto3_agentcore_payments.emulator.engine.finding import find_connector, is_deleted

if TYPE_CHECKING:
    from boto3_agentcore_payments.emulator.engine.resources import Connector, Instrument
    from boto3_agentcore_payments.emulator.engine.state import PaymentsState

WALLET_HUB = "/agentcore-payments/wallet-hub/"
"""Path of a server's WalletHub, before a wallet's 12 hexadecimal digits."""
CONSENT = "/identities/oauth2/authorize"
"""Path of the consent to a quick create ([recorded]), before its query."""

_WITH_ADDRESSES = frozenset(
    {
        "CreatePaymentConnector",
        "CreatePaymentInstrument",
        "GetPaymentConnector",
        "GetPaymentInstrument",
        "UpdatePaymentConnector",
    }
)


def lead_to_pages(
    state: PaymentsState, operation_name: str, answer: dict[str, Any]
) -> dict[str, Any]:
    """Return an answer whose addresses for a person lead to the server's own pages, if it has any.

    Args:
        state: Its ``pages`` say where.
        operation_name: The operation that is answered.
        answer: Its members, which may be changed.
    """
    if state.pages.address is None or operation_name not in _WITH_ADDRESSES:
        return answer
    if "authorizationUrl" in answer:
        answer["authorizationUrl"] = authorization_url(state, answer["authorizationUrl"])
    details = answer.get("paymentInstrument", {}).get("paymentInstrumentDetails", {})
    for wallet in details.values():
        if "redirectUrl" in wallet:
            wallet["redirectUrl"] = redirect_url(state, wallet["redirectUrl"])
    return answer


def redirect_url(state: PaymentsState, kept: str | None) -> str | None:
    """Return an instrument's ``redirectUrl`` as answers have it, by the one that is kept."""
    address = state.pages.address
    return kept if kept is None or address is None else f"{address}{WALLET_HUB}{_link(kept)}"


def authorization_url(state: PaymentsState, kept: str | None) -> str | None:
    """Return a connector's ``authorizationUrl`` as answers have it, by the one that is kept."""
    address = state.pages.address
    if kept is None or address is None:
        return kept
    return f"{address}{CONSENT}?{kept.partition('?')[2]}"


def require_wallet(state: PaymentsState, link: str) -> Instrument:
    """Return the instrument whose ``redirectUrl`` ends in a link.

    Args:
        state: Where to look; the caller holds its lock.
        link: 12 hexadecimal digits.

    Raises:
        ResourceNotFoundException: if no wallet has this link.
    """
    for manager in state.managers:
        for owner in manager.owners.values():
            for instrument in owner.instruments.values():
                url = instrument.redirect_url
                if url is not None and _link(url) == link and not is_deleted(instrument):
                    return instrument
    raise ResourceNotFoundException("No wallet has this link")


def require_consent(state: PaymentsState, request_uri: str) -> Connector:
    """Return the connector whose ``authorizationUrl`` has a ``request_uri``, also an answered one.

    Args:
        state: Where to look; the caller holds its lock.
        request_uri: The parameter's value, decoded.

    Raises:
        ResourceNotFoundException: if no connector has it.
    """
    # Of a base64 text nothing is quoted in a URL but the padding, which 36 bytes do not have.
    sought = request_uri.replace(":", "%3A")
    for manager in state.managers:
        for connector in list(manager.connectors):
            url = connector.authorization_url
            if url is not None and url.partition("=")[2] == sought:
                found = find_connector(state, manager, connector.identifier)
                if found is not None:
                    return found
    raise ResourceNotFoundException("No connector waits for this consent")


def _link(url: str) -> str:
    return url.rpartition("/")[2]
