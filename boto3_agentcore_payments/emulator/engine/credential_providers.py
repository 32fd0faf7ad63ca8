"""Payment credential providers: the five operations on them, and those the service keeps itself."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.emulator.engine import identifiers
from boto3_agentcore_payments.emulator.engine.errors import (
    ResourceNotFoundException,
    ValidationException,
)
from boto3_agentcore_payments.emulator.engine.paging import PROVIDERS_PAGE, page_size, take_page
from boto3_agentcore_payments.emulator.engine.resources import (
    CredentialProvider,
    ExternalSecret,
    ManagedSecret,
)
from boto3_agentcore_payments.emulator.engine.stored_secrets import (
    checked_secret,
    new_place,
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
    """A request's configuration, checked: public members and secrets kept apart."""

    vendor: Vendor
    names: dict[str, str]
    secrets: dict[str, StoredSecret]


def create_payment_credential_provider(
    state: PaymentsState, params: Mapping[str, Any]
) -> dict[str, Any]:
    """CreatePaymentCredentialProvider.

    Behaviour:
        - [recorded] The answer has ids and secret ARNs, never a secret; no times, no tags.
        - [recorded] A managed secret is
          `bedrock-agentcore-identity!default/payment/coinbasecdp/{name}-{8 hex}/apikey-{6}` or
          `.../wallet-{6}`, of Privy `.../stripeprivy/.../appsecret-{6}` and
          `.../authprivkey-{6}`; the eight digits are the same for both.
        - [live] An apiKeySecret that is not base64 of 64 bytes of Ed25519: ValidationException
          `Expected base64-encoded Ed25519 private key`; a walletSecret or an
          authorizationPrivateKey that is no P-256 key: our own texts. EXTERNAL ones are
          looked at when they are used.
        - [model] A secret is MANAGED, given in the request, or EXTERNAL, named by secret
          id and JSON key.
        - [live] A name that is taken: ValidationException whose text says `already exists`.
        - [recorded] The ARN has the service `bedrock-agentcore`; connectors accept `acps`
          too.
        - [decided] MANAGED is the default and needs the value; EXTERNAL needs the
          reference and refuses a value; EXTERNAL secrets are first read for
          GetResourcePaymentToken.
    """
    name, vendor = params["name"], require_vendor(params[_VENDOR], _VENDOR, _VENDOR_IN_WORDS)
    place = new_place(state, name, vendor)
    configuration = _checked_input(state, place, vendor, params["providerConfigurationInput"])
    if name in state.credential_providers:
        raise ValidationException.rule("name", f"Credential provider {name} already exists")
    provider = _add(state, name, place, configuration, deepcopy(params.get("tags")))
    return {**_identity(provider), "providerConfigurationOutput": _output(provider)}


def get_payment_credential_provider(
    state: PaymentsState, params: Mapping[str, Any]
) -> dict[str, Any]:
    """GetPaymentCredentialProvider.

    Behaviour:
        - [recorded] The answer of the create, with times; the tags are not shown.
        - [recorded] `PaymentCredentialProvider not found`.
    """
    provider = require_provider(state, params["name"])
    return {
        **_identity(provider),
        "providerConfigurationOutput": _output(provider),
        **_times(provider),
    }


def list_payment_credential_providers(
    state: PaymentsState, params: Mapping[str, Any]
) -> dict[str, Any]:
    """ListPaymentCredentialProviders.

    Behaviour:
        - [model] 1 to 20 a page; 20 by default.
        - [recorded] Ordered by name, byte by byte: capital letters first.
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
        - [recorded] The secrets' ARNs and createdTime stay.
        - [model] The request gives the whole configuration, not only what changes.
        - [decided] The vendor cannot change.
    """
    name, vendor = params["name"], require_vendor(params[_VENDOR], _VENDOR, _VENDOR_IN_WORDS)
    provider = require_provider(state, name)
    if vendor.name != provider.vendor:
        raise ValidationException.at(
            _VENDOR, f"credentialProviderVendor cannot be changed from {provider.vendor}"
        )
    configuration = _checked_input(
        state,
        provider.place,
        vendor,
        params["providerConfigurationInput"],
        kept=provider.secrets,
    )
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
        - [decided] Connectors that use it do not prevent this: the model has no
          ConflictException here.
    """
    state.credential_providers.remove(require_provider(state, params["name"]).name)
    return {}


def require_provider(state: PaymentsState, name: str) -> CredentialProvider:
    """Return the provider of this name.

    Raises:
        ResourceNotFoundException: if no provider has this name.
    """
    provider = state.credential_providers.get(name)
    if provider is None:
        raise ResourceNotFoundException("PaymentCredentialProvider not found")
    return provider


def create_managed(state: PaymentsState, name: str, vendor: Vendor) -> CredentialProvider:
    """Create the provider of a QUICK_CREATE connector, with secrets the service issues."""
    if name in state.credential_providers:  # a caller may already have used the name
        name = f"{name}-{identifiers.suffix(state.random, 6)}"
    quick_create = _quick_create(vendor)
    place = new_place(state, name, vendor)
    owner = (state.seed, state.partition, state.region, state.account_id)
    secrets: dict[str, StoredSecret] = {
        member: ManagedSecret(
            arn=secret_arn(state, place, vendor, member),
            vendor=vendor.name,
            kind=kind,
            identity="/".join((*owner, name, member)),
        )
        for kind, member in quick_create.secrets.items()
    }
    names = {quick_create.name: identifiers.universal(state.random)}
    return _add(state, name, place, _Configuration(vendor, names, secrets), None)


def rotate_managed(state: PaymentsState, name: str, kinds: Iterable[str]) -> None:
    """Issue new secrets of the given kinds; a new API key has a new id.

    Raises:
        ResourceNotFoundException: if the provider was deleted.
        ValidationException: if a caller has since replaced the service's secrets.
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
    place: str,
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
        place=place,
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
    state: PaymentsState,
    place: str,
    vendor: Vendor,
    given: Mapping[str, Any],
    kept: Mapping[str, StoredSecret] | None = None,
) -> _Configuration:
    """Return a request's configuration, or refuse it.

    Args:
        state: The account and region.
        place: The folder of the provider's managed secrets.
        vendor: The provider's vendor.
        given: ``providerConfigurationInput``.
        kept: The provider's current secrets: a managed one keeps its ARN.
    """
    path = "providerConfigurationInput"
    member = vendor.provider_member
    configuration = given.get(member)
    if configuration is None:
        raise ValidationException.at(
            path, f"{path} must hold {member} for credentialProviderVendor {vendor.name}"
        )
    secrets: dict[str, StoredSecret] = {}
    for secret in vendor.secrets:
        before = None if kept is None else kept[secret]
        arn = (
            secret_arn(state, place, vendor, secret)
            if before is None or isinstance(before, ExternalSecret)
            else before.arn
        )
        secrets[secret] = checked_secret(
            state, vendor, configuration, secret, path=f"{path}.{member}", arn=arn
        )
    return _Configuration(
        vendor, names={public: configuration[public] for public in vendor.names}, secrets=secrets
    )
