"""QUICK_CREATE: consent to a connector whose credentials the service makes and keeps.

The connector waits about ten minutes for its owner to consent on a page of the vendor's ([guide]).
No such page exists here; a test approves, expires or fails the authorization instead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.emulator.engine import connectors, credential_providers, managers
from boto3_agentcore_payments.emulator.engine.errors import (
    ConflictException,
    ResourceNotFoundException,
    ValidationException,
)
from boto3_agentcore_payments.emulator.engine.identifiers import last_part
from boto3_agentcore_payments.emulator.engine.lifecycle import (
    AUTHENTICATION_EXPIRED,
    AUTHENTICATION_FAILED,
    PENDING_AUTHENTICATION,
    PROVISIONING,
    READY,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from boto3_agentcore_payments.emulator.engine.connectors import Connector
    from boto3_agentcore_payments.emulator.engine.state import PaymentsState


def rotate_payment_connector_credentials(
    state: PaymentsState, params: Mapping[str, Any]
) -> dict[str, Any]:
    """RotatePaymentConnectorCredentials.

    Behaviour:
        - [sdk] QUICK_CREATE only; done when it answers; the connector stays READY.
        - [sdk] Every connector of the same credential provider gets the new credentials.
        - [decided] Operations run one at a time, so a second rotation never meets a
          running one; the ConflictException is for a connector that is not READY.
        - [decided] A new API key has a new apiKeyId.
    """
    manager = managers.require_manager(state, params["paymentManagerId"])
    connector = connectors.require_connector(state, manager, params["paymentConnectorId"])
    kinds = params["credentialsToRotate"].get("coinbaseCDP", {}).get("secrets", [])
    if connector.provision_mode != connectors.QUICK_CREATE:
        message = "Credentials can be rotated only for connectors with provisionMode QUICK_CREATE"
        raise ValidationException(message, fields=(("paymentConnectorId", message),))
    if len(set(kinds)) != len(kinds):
        message = "secrets must not name a secret twice"
        path = "credentialsToRotate.coinbaseCDP.secrets"
        raise ValidationException(message, fields=((path, message),))
    status = connectors.current_status(state, connector)
    if status != READY:
        message = (
            f"Credentials of payment connector {connector.identifier} cannot be rotated in "
            f"status {status}"
        )
        raise ConflictException(message)
    if not connector.configurations:  # a test put it into READY without its owner's consent
        _give_credentials(state, connector)
    arn = connector.configurations[0]["coinbaseCDP"]["credentialProviderArn"]
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

    Args:
        state: Where the connector is.
        connector_id: A QUICK_CREATE connector in PENDING_AUTHENTICATION.
        manager_id: Its manager's id; needed only where two managers have such a connector.

    Raises:
        ResourceNotFoundException: no such connector.
        ConflictException: it is not waiting for consent.
    """
    with state.lock:
        connector = _waiting(state, connector_id, manager_id)
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


def _give_credentials(state: PaymentsState, connector: Connector) -> None:
    # A connector's id may have an underscore, a provider's ARN in the model may not.
    name = f"quick-create-{connector.identifier.replace('_', '-')}"
    provider = credential_providers.create_managed(state, name)
    connector.configurations = [{"coinbaseCDP": {"credentialProviderArn": provider.arn}}]
    connector.updated_at = connector.credentials_updated_at = state.clock()


def _close(connector: Connector, status: str) -> None:
    connector.authorization_ends = None
    connector.lifecycle.begin(status)


def _waiting(state: PaymentsState, connector_id: str, manager_id: str | None) -> Connector:
    connector = connectors.find_anywhere(state, connector_id, manager_id=manager_id)
    if connector is None:
        message = f"Payment connector not found: connectorId={connector_id}"
        raise ResourceNotFoundException(message)
    status = connectors.current_status(state, connector)
    if status != PENDING_AUTHENTICATION:
        message = f"Payment connector {connector_id} is not waiting for consent. Status: {status}"
        raise ConflictException(message)
    return connector
