"""Payments on the AWS bill: connectors of type AwsBilling, which have no vendor and no wallet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.emulator.engine.errors import ValidationException
from boto3_agentcore_payments.emulator.engine.finding import connector_status
from boto3_agentcore_payments.emulator.engine.statuses import READY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from boto3_agentcore_payments.emulator.engine.resources import Connector, Manager
    from boto3_agentcore_payments.emulator.engine.state import PaymentsState

AWS_BILLING = "AwsBilling"
"""The connector's ``type`` [model]."""
PAYMENT_TYPE = "AWS_BILLING_X402"
"""The payment type that such a connector pays [model]."""
INSTRUMENT = "aws.agentcorepayments.awsbilling.v1"
"""The instrument that every manager with such a connector has without creating it [model]."""

_CONFIGURATIONS = "credentialProviderConfigurations"
MARKETPLACE = "agenticcommerce.marketplace.amazonaws.com"
"""The service of AWS Marketplace whose service-linked role is used; not published [decided]."""
_ROLE = f"aws-service-role/{MARKETPLACE}/AWSServiceRoleForMarketplaceAgenticCommerce"
"""Path and name of that role; not published [decided]."""


def service_role_arn(state: PaymentsState) -> str:
    """Return the ARN of the account's service-linked role for AWS Marketplace.

    Where roles are looked at it is the role that exists, whatever its name; else the ARN is made
    up, so that a test need not create the role first.

    Raises:
        ValidationException: if roles are looked at and the account has none.
    """
    if state.service_roles is not None and state.account.settings.role_checked:
        found = state.service_roles.service_linked(MARKETPLACE)
        if found is None:
            raise ValidationException.rule(
                "type",
                f"Account {state.account_id} has no service-linked role of {MARKETPLACE}. Create "
                "it with iam:CreateServiceLinkedRole",
            )
        return found
    return f"arn:{state.partition}:iam::{state.account_id}:role/{_ROLE}"


def configurations(
    state: PaymentsState,
    given: Sequence[dict[str, Any]],
    kept: Sequence[dict[str, Any]] = (),
) -> list[dict[str, Any]]:
    """Return what a connector's answers show as ``credentialProviderConfigurations``.

    Args:
        state: The account and region.
        given: The request's member: empty, or as an earlier answer had it.
        kept: What an existing connector has.

    Raises:
        ValidationException: if the request names a credential provider or another role, or the
            account lacks the service-linked role.
    """
    own = list(kept) or [{"awsBilling": {"iamRoleArn": service_role_arn(state)}}]
    if given and list(given) != own:
        raise ValidationException.rule(
            _CONFIGURATIONS, f"{_CONFIGURATIONS} must be empty for type '{AWS_BILLING}'"
        )
    return own


def refuse_instruments(connector: Connector) -> None:
    """Refuse to create an instrument on a connector that has no wallets.

    Raises:
        ValidationException: if the connector is of type AwsBilling.
    """
    if connector.type == AWS_BILLING:
        raise ValidationException.rule(
            "paymentConnectorId",
            f"A connector of type '{AWS_BILLING}' takes no instruments; pay with {INSTRUMENT}",
        )


def require_instrument(identifier: str) -> None:
    """Refuse to pay on the AWS bill with any instrument but its own.

    Args:
        identifier: What the request names.

    Raises:
        ValidationException: if it is another instrument (text: [decided]).
    """
    if identifier != INSTRUMENT:
        raise ValidationException.rule(
            "paymentInstrumentId",
            f"Payment type '{PAYMENT_TYPE}' is paid with {INSTRUMENT}. Received: {identifier}",
        )


def paying_connector(state: PaymentsState, manager: Manager) -> Connector:
    """Return the connector that pays on the AWS bill: the oldest READY one.

    Raises:
        ValidationException: if the manager is not READY, or has no such connector [decided].
    """
    if manager.lifecycle.current() == READY:
        ready = [
            connector
            for connector in manager.connectors
            if connector.type == AWS_BILLING and connector_status(state, connector) == READY
        ]
        if ready:
            return min(ready, key=lambda connector: connector.sequence)
    raise ValidationException.rule(
        "paymentInstrumentId",
        f"The payment manager has no READY connector of type '{AWS_BILLING}'",
    )
