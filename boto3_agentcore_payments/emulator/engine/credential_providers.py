"""Payment credential providers: the five operations on them, and those the service keeps itself."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.emulator.engine import identifiers
from boto3_agentcore_payments.emulator.engine.errors import (
    ConflictException,
    ResourceNotFoundException,
    ValidationException,
)
from boto3_agentcore_payments.emulator.engine.paging import PROVIDERS_PAGE, page_size, take_page
from boto3_agentcore_payments.emulator.engine.resources import CredentialProvider, ManagedSecret
from boto3_agentcore_payments.emulator.engine.stored_secrets import (
    checked_secret,
    secret_arn,
    shown_secret,
)
from boto3_agentcore_payments.emulator.engine.vendors import (
    VENDORS,
    QuickCreate,
    Vendor,
    require_vendor,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from boto3_agentcore_payments.emulator.engine.resources import StoredSecret
    from boto3_agentcore_payments.emulator.engine.state import PaymentsState

_VENDOR = "credentialProviderVendor"
_VENDOR_IN_WORDS = "Credential provider vendor"


@dataclass(frozen=True)
class _Configuration:
    """What a request configures: checked, the secrets apart from what may be shown."""

    vendor: Vendor
    names: dict[str, str]
    secrets: dict[str, StoredSecret]


def create_payment_credential_provider(
    state: PaymentsState, params: Mapping[str, Any]
) -> dict[str, Any]:
    """CreatePaymentCredentialProvider.

    Behaviour:
        - [model] The answer has ids and secret ARNs, never a secret.
        - [model] A secret is MANAGED, given in the request, or EXTERNAL, named by secret
          id and JSON key.
        - [model] A name that is taken: ConflictException.
        - [guide] The ARN has the service `bedrock-agentcore`; connectors accept `acps`
          too.
        - [decided] MANAGED is the default and needs the value; EXTERNAL needs the
          reference and refuses a value; EXTERNAL secrets are first read for
          GetResourcePaymentToken.
    """
    name, vendor = params["name"], require_vendor(params[_VENDOR], _VENDOR, _VENDOR_IN_WORDS)
    configuration = _checked_input(state, name, vendor, params["providerConfigurationInput"])
    if name in state.credential_providers:
        raise ConflictException(f"Payment credential provider already exists: {name}")
    provider = _add(state, name, configuration, deepcopy(params.get("tags")))
    return {**_identity(provider), "providerConfigurationOutput": _output(provider)}


def get_payment_credential_provider(
    state: PaymentsState, params: Mapping[str, Any]
) -> dict[str, Any]:
    """GetPaymentCredentialProvider.

    Behaviour:
        - [model] As created, with times and tags.
        - [decided] `Payment credential provider not found: {name}`.
    """
    provider = require_provider(state, params["name"])
    answer = {
        **_identity(provider),
        "providerConfigurationOutput": _output(provider),
        **_times(provider),
    }
    if provider.tags is not None:
        answer["tags"] = dict(provider.tags)
    return answer


def list_payment_credential_providers(
    state: PaymentsState, params: Mapping[str, Any]
) -> dict[str, Any]:
    """ListPaymentCredentialProviders.

    Behaviour:
        - [model] 1 to 20 a page; 20 if not asked for otherwise.
        - [decided] Oldest first.
    """
    size = page_size(params, default=PROVIDERS_PAGE, largest=PROVIDERS_PAGE)
    page, more = take_page(
        state.page_tokens,
        params,
        state.credential_providers,
        scope=("ListPaymentCredentialProviders",),
        size=size,
    )
    items = [{**_identity(provider), **_times(provider)} for provider in page]
    return {"credentialProviders": items, **more}


def update_payment_credential_provider(
    state: PaymentsState, params: Mapping[str, Any]
) -> dict[str, Any]:
    """UpdatePaymentCredentialProvider.

    Behaviour:
        - [model] The whole configuration is given again.
        - [decided] The vendor cannot change.
    """
    name, vendor = params["name"], require_vendor(params[_VENDOR], _VENDOR, _VENDOR_IN_WORDS)
    provider = require_provider(state, name)
    if vendor.name != provider.vendor:
        raise ValidationException.at(
            _VENDOR, f"credentialProviderVendor cannot be changed from {provider.vendor}"
        )
    configuration = _checked_input(state, name, vendor, params["providerConfigurationInput"])
    provider.names = configuration.names
    provider.secrets = configuration.secrets
    provider.updated_at = state.clock()
    return {
        **_identity(provider),
        "providerConfigurationOutput": _output(provider),
        **_times(provider),
    }


def delete_payment_credential_provider(
    state: PaymentsState, params: Mapping[str, Any]
) -> dict[str, Any]:
    """DeletePaymentCredentialProvider.

    Behaviour:
        - [model] HTTP 204.
        - [decided] Also while connectors name it: the model has no ConflictException here.
    """
    state.credential_providers.remove(require_provider(state, params["name"]).name)
    return {}


def require_provider(state: PaymentsState, name: str) -> CredentialProvider:
    """Return the provider of this name.

    Raises:
        ResourceNotFoundException: if there is none.
    """
    provider = state.credential_providers.get(name)
    if provider is None:
        raise ResourceNotFoundException(f"Payment credential provider not found: {name}")
    return provider


def create_managed(state: PaymentsState, name: str, vendor: Vendor) -> CredentialProvider:
    """Create the provider of a QUICK_CREATE connector, with secrets the service issues."""
    if name in state.credential_providers:  # a caller may have taken the name
        name = f"{name}-{identifiers.suffix(state.random, 6)}"
    quick_create = _quick_create(vendor)
    place = (state.partition, state.region, state.account_id)
    secrets: dict[str, StoredSecret] = {
        member: ManagedSecret(
            arn=secret_arn(state, name, member),
            vendor=vendor.name,
            kind=kind,
            identity="/".join((state.seed, *place, name, member)),
        )
        for kind, member in quick_create.secrets.items()
    }
    names = {quick_create.name: identifiers.universal(state.random)}
    return _add(state, name, _Configuration(vendor, names, secrets), None)


def rotate_managed(state: PaymentsState, name: str, kinds: Iterable[str]) -> None:
    """Issue new secrets of the given kinds; a new API key has a new id.

    Raises:
        ResourceNotFoundException: if the provider was deleted.
        ValidationException: if its secrets are no longer the service's own.
    """
    provider = require_provider(state, name)
    quick_create = _quick_create(VENDORS[provider.vendor])
    fresh: dict[str, StoredSecret] = {}
    for kind in kinds:
        member = quick_create.secrets[kind]
        secret = provider.secrets[member]
        if not isinstance(secret, ManagedSecret):
            raise ValidationException(
                f"Payment credential provider {name} holds secrets the service did not issue"
            )
        fresh[member] = secret.rotated()
    if quick_create.name_of in fresh:
        provider.names = {quick_create.name: identifiers.universal(state.random)}
    provider.secrets = {**provider.secrets, **fresh}
    provider.updated_at = state.clock()


def _quick_create(vendor: Vendor) -> QuickCreate:
    if vendor.quick_create is None:
        raise ValidationException.at("type", f"{vendor.name} has no QUICK_CREATE")
    return vendor.quick_create


def _add(
    state: PaymentsState,
    name: str,
    configuration: _Configuration,
    tags: dict[str, str] | None,
) -> CredentialProvider:
    now = state.clock()
    provider = CredentialProvider(
        name=name,
        arn=identifiers.credential_provider_arn(
            state.partition, state.region, state.account_id, name
        ),
        vendor=configuration.vendor.name,
        names=configuration.names,
        secrets=configuration.secrets,
        tags=tags,
        created_at=now,
        updated_at=now,
        sequence=state.next_sequence(),
    )
    state.credential_providers.add(name, provider)
    return provider


def _identity(provider: CredentialProvider) -> dict[str, Any]:
    return {
        "name": provider.name,
        "credentialProviderVendor": provider.vendor,
        "credentialProviderArn": provider.arn,
    }


def _times(provider: CredentialProvider) -> dict[str, Any]:
    return {"createdTime": provider.created_at, "lastUpdatedTime": provider.updated_at}


def _output(provider: CredentialProvider) -> dict[str, Any]:
    configuration: dict[str, Any] = dict(provider.names)
    for member, secret in provider.secrets.items():
        configuration.update(shown_secret(member, secret))
    return {VENDORS[provider.vendor].provider_member: configuration}


def _checked_input(
    state: PaymentsState, name: str, vendor: Vendor, given: Mapping[str, Any]
) -> _Configuration:
    """Return a request's configuration, or refuse it."""
    path = "providerConfigurationInput"
    member = vendor.provider_member
    configuration = given.get(member)
    if configuration is None:
        raise ValidationException.at(
            path, f"{path} must hold {member} for credentialProviderVendor {vendor.name}"
        )
    return _Configuration(
        vendor,
        names={public: configuration[public] for public in vendor.names},
        secrets={
            secret: checked_secret(state, name, configuration, secret, f"{path}.{member}")
            for secret in vendor.secrets
        },
    )
