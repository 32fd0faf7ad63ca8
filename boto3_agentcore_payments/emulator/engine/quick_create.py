"""QUICK_CREATE: connectors whose credentials the service makes and keeps, with consent.

The connector waits about ten minutes for its owner to consent on the vendor's page ([guide]). A
test approves, expires or fails the authorization instead, and under ``serve`` there is a page for
it.
"""

from __future__ import annotations

from base64 import b64encode
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.emulator.engine import credential_providers
from boto3_agentcore_payments.emulator.engine.account import COINBASE
from boto3_agentcore_payments.emulator.engine.errors import (
    ConflictException,
    ResourceNotFoundException,
    ValidationException,
)
from boto3_agentcore_payments.emulator.engine.finding import (
    connector_not_found,
    connector_status,
    find_connector_anywhere,
    require_connector,
    require_manager,
)
from boto3_agentcore_payments.emulator.engine.identifiers import last_part, universal
from boto3_agentcore_payments.emulator.engine.statuses import (
    AUTHENTICATION_EXPIRED,
    AUTHENTICATION_FAILED,
    PENDING_AUTHENTICATION,
    PROVISIONING,
    READY,
    SUBSCRIPTION_REQUIRED,
)
from boto3_agentcore_payments.emulator.engine.vendors import VENDORS, Vendor

if TYPE_CHECKING:
    from collections.abc import Mapping

    from boto3_agentcore_payments.emulator.engine.resources import Connector
    from boto3_agentcore_payments.emulator.engine.state import PaymentsState

QUICK_CREATE = "QUICK_CREATE"
CONSENT_LASTS = timedelta(minutes=10)
_REQUEST_URI = "urn%3Aietf%3Aparams%3Aoauth%3Arequest_uri%3A"


def rotate_payment_connector_credentials(
    state: PaymentsState, params: Mapping[str, Any]
) -> dict[str, Any]:
    """RotatePaymentConnectorCredentials.

    Behaviour:
        - [sdk] QUICK_CREATE only. The rotation is complete when the call returns; the connector
          stays READY.
        - [sdk] Every connector of the same credential provider gets the new credentials.
        - [decided] Operations run one at a time, so two rotations never overlap; the
          ConflictException is for a connector that is not READY.
        - [decided] A new API key has a new apiKeyId.
    """
    manager = require_manager(state, params["paymentManagerId"])
    connector = require_connector(state, manager, params["paymentConnectorId"])
    if connector.provision_mode != QUICK_CREATE:
        raise ValidationException.at(
            "paymentConnectorId",
            "Credentials can be rotated only for connectors with provisionMode QUICK_CREATE",
        )
    vendor = VENDORS[connector.type]
    kinds = _kinds(vendor, params["credentialsToRotate"])
    status = connector_status(state, connector)
    if status != READY:
        raise ConflictException(
            f"Credentials of payment connector {connector.identifier} cannot be rotated in "
            f"status {status}"
        )
    if not connector.configurations:  # a test set READY without its owner's consent
        _give_credentials(state, connector)
    arn = connector.configurations[0][vendor.connector_member]["credentialProviderArn"]
    credential_providers.rotate_managed(state, last_part(arn), kinds)
    connector.updated_at = connector.credentials_updated_at = state.clock()
    return {
        "paymentConnectorId": connector.identifier,
        "paymentManagerId": manager.identifier,
        "lastUpdatedAt": connector.updated_at,
        "status": READY,
    }


def approve_authorization(
    state: PaymentsState, connector_id: str, *, manager_id: str | None = None
) -> None:
    """Consent, as the connector's owner would: PROVISIONING, then READY.

    Where the account lacks the vendor's subscription it ends in
    ``AWS_MARKETPLACE_SUBSCRIPTION_REQUIRED``, which is final ([guide]).

    Args:
        state: Where the connector is.
        connector_id: A QUICK_CREATE connector in PENDING_AUTHENTICATION.
        manager_id: Its manager's id; needed only if two managers have a connector of this id.

    Raises:
        ResourceNotFoundException: if the connector is unknown.
        ConflictException: if it is not waiting for consent.
    """
    with state.lock:
        connector = _waiting(state, connector_id, manager_id)
        if connector.type == COINBASE and not state.account.settings.subscribed:
            _close(connector, SUBSCRIPTION_REQUIRED)
            return
        _give_credentials(state, connector)
        _close(connector, PROVISIONING)


def expire_authorization(
    state: PaymentsState, connector_id: str, *, manager_id: str | None = None
) -> None:
    """Let the consent run out now: AUTHENTICATION_EXPIRED; see :func:`approve_authorization`."""
    with state.lock:
        _close(_waiting(state, connector_id, manager_id), AUTHENTICATION_EXPIRED)


def fail_authorization(
    state: PaymentsState, connector_id: str, *, manager_id: str | None = None
) -> None:
    """Refuse the consent: AUTHENTICATION_FAILED; see :func:`approve_authorization`."""
    with state.lock:
        _close(_waiting(state, connector_id, manager_id), AUTHENTICATION_FAILED)


def request_consent(state: PaymentsState, connector: Connector) -> None:
    """Give the connector a URL for its owner's consent, valid for ten minutes.

    The URL has the recorded form, with AWS's own host.
    """
    request = b64encode(universal(state.random).encode()).decode()
    connector.authorization_url = (
        f"https://bedrock-agentcore.{state.region}.amazonaws.com/identities/oauth2/authorize"
        f"?request_uri={_REQUEST_URI}{request}"
    )
    connector.authorization_ends = state.clock() + CONSENT_LASTS


def _give_credentials(state: PaymentsState, connector: Connector) -> None:
    vendor = VENDORS[connector.type]
    # A connector's id may contain an underscore, a provider's ARN in the model may not.
    name = f"quick-create-{connector.identifier.replace('_', '-')}"
    provider = credential_providers.create_managed(state, name, vendor)
    connector.configurations = [{vendor.connector_member: {"credentialProviderArn": provider.arn}}]
    connector.updated_at = connector.credentials_updated_at = state.clock()


def _kinds(vendor: Vendor, asked: Mapping[str, Any]) -> list[str]:
    """Return the kinds of secrets to rotate, or refuse what this vendor does not have."""
    path = f"credentialsToRotate.{vendor.connector_member}"
    if vendor.connector_member not in asked:
        raise ValidationException.at(
            "credentialsToRotate",
            f"credentialsToRotate must hold {vendor.connector_member} for a connector of type "
            f"{vendor.name}",
        )
    kinds: list[str] = asked[vendor.connector_member].get("secrets", [])
    if len(set(kinds)) != len(kinds):
        raise ValidationException.at(f"{path}.secrets", "secrets must not name a secret twice")
    for kind in kinds:
        if vendor.quick_create is None or kind not in vendor.quick_create.secrets:
            raise ValidationException.not_emulated(f"{path}.secrets", "Secret", kind)
    return kinds


def _close(connector: Connector, status: str) -> None:
    connector.authorization_ends = None
    connector.lifecycle.begin(status)


def _waiting(state: PaymentsState, connector_id: str, manager_id: str | None) -> Connector:
    connector = find_connector_anywhere(state, connector_id, manager_id=manager_id)
    if connector is None:
        raise ResourceNotFoundException(connector_not_found(connector_id))
    status = connector_status(state, connector)
    if status != PENDING_AUTHENTICATION:
        raise ConflictException(
            f"Payment connector {connector_id} is not waiting for consent. Status: {status}"
        )
    return connector
