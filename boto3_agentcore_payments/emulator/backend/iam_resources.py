"""Which resources a request concerns, as policies name them.

Behaviour [guide]:
    - Operations on a manager, its users' sessions and instruments, and payments: the manager's
      ARN; creating and listing managers: ``payment-manager/*``.
    - Operations on connectors: ``<manager ARN>/connector/<id>``; creating and listing them:
      ``<manager ARN>/connector/*``. [decided] A statement that names the manager alone covers its
      connectors as well.
    - Operations on credential providers: ``token-vault/default/paymentcredentialprovider/<name>``;
      listing them: ``.../paymentcredentialprovider/*``.
    - GetResourcePaymentToken: the credential provider, or the token vault it is in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from boto3_agentcore_payments.emulator.engine.identifiers import (
    connector_arn,
    credential_provider_arn,
    manager_arn,
    token_vault_arn,
)

if TYPE_CHECKING:
    from boto3_agentcore_payments.emulator.engine.state import PaymentsState
    from boto3_agentcore_payments.emulator.wire.calls import Call

ANY = "*"
_OF_PROVIDERS = "PaymentCredentialProvider"
_OF_CONNECTORS = "PaymentConnector"
_PROVIDER_MEMBERS = ("resourceCredentialProviderName", "name")


def resources(call: Call, state: PaymentsState) -> tuple[str, ...]:
    """Return the ARNs to compare policies with; ``*`` stands for a part the request does not name.

    A request is allowed if a statement allows one of them and none denies one of them.
    """
    operation = call.route.operation.name
    place = (state.partition, state.region, state.account_id)
    if _OF_PROVIDERS in operation:
        return (credential_provider_arn(*place, _named(call)),)
    if operation == "GetResourcePaymentToken":
        return (credential_provider_arn(*place, _named(call)), token_vault_arn(*place))
    manager = call.manager_arn()
    if manager is None:
        manager = manager_arn(*place, call.route.labels.get("paymentManagerId", ANY))
    if _OF_CONNECTORS in operation:
        return (connector_arn(manager, call.route.labels.get("paymentConnectorId", ANY)), manager)
    return (manager,)


def _named(call: Call) -> str:
    for member in _PROVIDER_MEMBERS:
        name = call.members.get(member)
        if isinstance(name, str) and name:
            return name
    return ANY
