"""What can keep a wallet's vendor from signing, although the request is sound.

Behaviour:
    - [decided] The order is: MPP access, subscription, the service role, the vendor's credentials,
      delegated signing, the project's policies, the user's grant, the wallet's money. Each comes
      after the budget was reserved, and gives it back.
    - [guide] Coinbase's texts on delegated signing and grants; AccessDeniedException.
    - [live 2026-10] Coinbase's text on policies, AccessDeniedException. Privy answers a policy's
      refusal with InternalServerException, and a signer that was not added as it does invalid
      credentials.
    - [decided] An unfunded wallet, where it must be funded: ValidationException.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from boto3_agentcore_payments.emulator.engine.account import COINBASE, PRIVY
from boto3_agentcore_payments.emulator.engine.errors import (
    AccessDeniedException,
    InternalServerException,
    ServiceError,
    ValidationException,
)

if TYPE_CHECKING:
    from boto3_agentcore_payments.emulator.engine.ports import Prepared
    from boto3_agentcore_payments.emulator.engine.resources import Instrument, Manager
    from boto3_agentcore_payments.emulator.engine.state import PaymentsState

MPP = "MPP"
NO_MPP_ACCESS = (
    "Access to MPP (Machine Payments Protocol) payment processing is not enabled for this account. "
    "Contact AWS Support for access."
)
NO_DELEGATED_SIGNING = (
    "Delegated signing is not enabled for your Coinbase project. "
    "Please enable delegated signing in your Coinbase project policies."
)
NO_GRANT = (
    "Delegated signing grant is not active for the end user wallet. "
    "Please redirect end user to the WalletHub to grant the permissions."
)
REFUSED_BY_POLICY = (
    "The request was blocked by a policy configured in your Coinbase Developer Platform project"
)
PRIVY_INVALID = "Privy credentials are invalid. Please verify the credential configuration."
COINBASE_INVALID = "Coinbase credentials are invalid. Please verify the credential configuration."
FAILED = "Something went wrong in processing your request"
NO_FUNDS = "Insufficient funds in wallet for transaction"
NO_FUNDS_FOR_GAS = (
    "Insufficient balance in the payer wallet to cover the token transfer and gas fee."
)
NO_INSTRUMENT = "Failed to create payment instrument"
NOT_ASSUMABLE = "Failed to assume payment execution role"
NO_WORKLOAD_TOKEN = "Failed to obtain workload access token"  # noqa: S105 - a text
NO_PAYMENT_TOKEN = "Failed to obtain resource payment token."  # noqa: S105 - a text

_CREDENTIALS = {COINBASE: COINBASE_INVALID, PRIVY: PRIVY_INVALID}


def check_payment(
    state: PaymentsState,
    manager: Manager,
    instrument: Instrument,
    prepared: Prepared,
    payment_type: str,
) -> None:
    """Refuse a payment from a wallet that its vendor would not sign.

    Raises:
        AccessDeniedException: if access, a role, credentials, a policy or a grant is missing.
        SubscriptionRequiredException: if the account lacks the vendor's subscription.
        InternalServerException: if Privy's policies refuse it.
        ValidationException: if the wallet must be funded and is not.
    """
    settings, vendor = state.account.settings, instrument.vendor
    if payment_type == MPP and not settings.mpp_access:
        raise AccessDeniedException(NO_MPP_ACCESS)
    state.account.require_subscription(vendor)
    _check_role(state, manager, instrument)
    if not settings.credentials_valid[vendor]:
        raise AccessDeniedException(_CREDENTIALS[vendor])
    if not settings.delegated_signing[vendor]:
        raise AccessDeniedException(NO_DELEGATED_SIGNING if vendor == COINBASE else PRIVY_INVALID)
    if any(
        policy.refuses(vendor, prepared.amount, prepared.pay_to) for policy in settings.policies
    ):
        raise _refused_by_policy(vendor)
    if not state.account.grant(instrument.identifier, state.clock()).given:
        raise AccessDeniedException(NO_GRANT if vendor == COINBASE else PRIVY_INVALID)
    if settings.funds_needed:
        _check_funds(state, prepared, payment_type)


def check_new_wallet(state: PaymentsState, vendor: str) -> None:
    """Refuse a wallet that its vendor would not make.

    Raises:
        SubscriptionRequiredException: if the account lacks the vendor's subscription.
        InternalServerException: if Privy's app has delegated signing off, or refuses its
            credentials.
    """
    settings = state.account.settings
    state.account.require_subscription(vendor)
    if vendor == PRIVY and not (
        settings.delegated_signing[PRIVY] and settings.credentials_valid[PRIVY]
    ):
        raise InternalServerException(NO_INSTRUMENT)


def _refused_by_policy(vendor: str) -> ServiceError:
    if vendor == COINBASE:
        return AccessDeniedException(REFUSED_BY_POLICY)
    return InternalServerException(FAILED)


def _check_role(state: PaymentsState, manager: Manager, instrument: Instrument) -> None:
    """Refuse what the manager's service role does not allow ([toolkit 2026-08], [live 2026-06])."""
    roles = state.service_roles
    if roles is None or not state.account.settings.role_checked:
        return
    connector = manager.connectors.get(instrument.connector_id)
    if not roles.can_assume(manager.role_arn, manager.arn):
        raise AccessDeniedException(NOT_ASSUMABLE)
    identity = manager.workload_identity_arn
    if not roles.allows(manager.role_arn, "bedrock-agentcore:GetWorkloadAccessToken", identity):
        raise AccessDeniedException(NO_WORKLOAD_TOKEN)
    arns = [] if connector is None else _provider_arns(connector.configurations)
    for arn in arns:
        if not roles.allows(manager.role_arn, "bedrock-agentcore:GetResourcePaymentToken", arn):
            raise AccessDeniedException(NO_PAYMENT_TOKEN)
        provider = state.credential_providers.get(arn.rpartition("/")[2])
        secrets = () if provider is None else provider.secrets.values()
        if not all(
            roles.allows(manager.role_arn, "secretsmanager:GetSecretValue", secret.arn)
            for secret in secrets
        ):
            raise AccessDeniedException(NO_PAYMENT_TOKEN)


def _provider_arns(configurations: list[dict[str, dict[str, str]]]) -> list[str]:
    return [
        named["credentialProviderArn"]
        for configuration in configurations
        for named in configuration.values()
        if "credentialProviderArn" in named
    ]


def _check_funds(state: PaymentsState, prepared: Prepared, payment_type: str) -> None:
    held = state.balances.get(prepared.payer, prepared.chain or prepared.network)
    if held < prepared.amount:
        message = NO_FUNDS_FOR_GAS if payment_type == MPP else NO_FUNDS
        raise ValidationException.rule("paymentInstrumentId", message)
