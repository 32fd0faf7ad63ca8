"""Payment credential providers: the five operations on them, and their secrets."""

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
from boto3_agentcore_payments.emulator.engine.paging import (
    PROVIDERS_PAGE,
    page_size,
    take_page,
)
from boto3_agentcore_payments.emulator.engine.secret_values import (
    ExternalSecret,
    GivenSecret,
    ManagedSecret,
    StoredSecret,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from boto3_agentcore_payments.emulator.engine.state import PaymentsState

COINBASE = "CoinbaseCDP"
PRIVY = "StripePrivy"
MANAGED = "MANAGED"
EXTERNAL = "EXTERNAL"
_MEMBER = {COINBASE: "coinbaseCdpConfiguration", PRIVY: "stripePrivyConfiguration"}
_SECRETS = {
    COINBASE: ("apiKeySecret", "walletSecret"),
    PRIVY: ("appSecret", "authorizationPrivateKey"),
}
_NAMES = {COINBASE: ("apiKeyId",), PRIVY: ("appId", "authorizationId")}
_ROTATED = {"API_KEY": "apiKeySecret", "WALLET_SECRET": "walletSecret"}


@dataclass(eq=False)
class CredentialProvider:
    """One credential provider.

    ``names`` holds its public members (``apiKeyId``, or ``appId`` and ``authorizationId``),
    ``secrets`` what belongs to each secret member.
    """

    __slots__ = (
        "arn",
        "created_at",
        "name",
        "names",
        "secrets",
        "sequence",
        "tags",
        "updated_at",
        "vendor",
    )
    name: str
    arn: str
    vendor: str
    names: dict[str, str]
    secrets: dict[str, StoredSecret]
    tags: dict[str, str] | None
    created_at: datetime
    updated_at: datetime
    sequence: int


@dataclass(frozen=True)
class _Configuration:
    """What a request configures: checked, the secrets apart from what may be shown."""

    vendor: str
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
    name, vendor = params["name"], params["credentialProviderVendor"]
    configuration = _checked_input(state, name, vendor, params["providerConfigurationInput"])
    if name in state.credential_providers:
        message = f"Payment credential provider already exists: {name}"
        raise ConflictException(message)
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
        - [model] The whole configuration is given anew.
        - [decided] The vendor cannot change.
    """
    name, vendor = params["name"], params["credentialProviderVendor"]
    provider = require_provider(state, name)
    if vendor != provider.vendor:
        message = f"credentialProviderVendor cannot be changed from {provider.vendor}"
        raise ValidationException(message, fields=(("credentialProviderVendor", message),))
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
        ResourceNotFoundException: there is none.
    """
    provider = state.credential_providers.get(name)
    if provider is None:
        message = f"Payment credential provider not found: {name}"
        raise ResourceNotFoundException(message)
    return provider


def create_managed(state: PaymentsState, name: str) -> CredentialProvider:
    """Create the provider of a QUICK_CREATE connector, with secrets the service issues."""
    if name in state.credential_providers:  # a caller may have taken the name
        name = f"{name}-{identifiers.suffix(state.random, 6)}"
    place = (state.partition, state.region, state.account_id)
    secrets: dict[str, StoredSecret] = {
        member: ManagedSecret(
            arn=_secret_arn(state, name, member),
            vendor=COINBASE,
            kind=kind,
            identity="/".join((state.seed, *place, name, member)),
        )
        for kind, member in _ROTATED.items()
    }
    names = {"apiKeyId": identifiers.universal(state.random)}
    return _add(state, name, _Configuration(COINBASE, names, secrets), None)


def rotate_managed(state: PaymentsState, name: str, kinds: Iterable[str]) -> None:
    """Issue new secrets of the given kinds; a new API key has a new id.

    Raises:
        ResourceNotFoundException: the provider was deleted.
        ValidationException: its secrets are no longer the service's own.
    """
    provider = require_provider(state, name)
    fresh: dict[str, StoredSecret] = {}
    for kind in kinds:
        secret = provider.secrets[_ROTATED[kind]]
        if not isinstance(secret, ManagedSecret):
            message = f"Payment credential provider {name} holds secrets the service did not issue"
            raise ValidationException(message)
        fresh[_ROTATED[kind]] = secret.rotated()
    if "apiKeySecret" in fresh:
        provider.names = {"apiKeyId": identifiers.universal(state.random)}
    provider.secrets = {**provider.secrets, **fresh}
    provider.updated_at = state.clock()


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
        vendor=configuration.vendor,
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
        configuration[f"{member}Arn"] = {"secretArn": secret.arn}
        configuration[f"{member}Source"] = EXTERNAL if secret.json_key else MANAGED
        if secret.json_key:
            configuration[f"{member}JsonKey"] = secret.json_key
    return {_MEMBER[provider.vendor]: configuration}


def _checked_input(
    state: PaymentsState, name: str, vendor: str, given: Mapping[str, Any]
) -> _Configuration:
    """Return a request's configuration, or refuse it."""
    path = "providerConfigurationInput"
    configuration = given.get(_MEMBER[vendor])
    if configuration is None:
        message = f"{path} must hold {_MEMBER[vendor]} for credentialProviderVendor {vendor}"
        raise ValidationException(message, fields=((path, message),))
    path = f"{path}.{_MEMBER[vendor]}"
    names = {member: configuration[member] for member in _NAMES[vendor]}
    secrets = {
        member: _checked_secret(state, name, configuration, member, path)
        for member in _SECRETS[vendor]
    }
    return _Configuration(vendor, names, secrets)


def _checked_secret(
    state: PaymentsState, name: str, configuration: Mapping[str, Any], member: str, path: str
) -> StoredSecret:
    """Return one secret: its value for MANAGED, the default, or a reference for EXTERNAL."""
    value = configuration.get(member)
    reference = configuration.get(f"{member}Config")
    if configuration.get(f"{member}Source", MANAGED) == MANAGED:
        if reference is not None:
            problem, wrong = f"{member}Config is only accepted with source {EXTERNAL}", "Config"
        elif not value:
            problem, wrong = f"{member} is required with source {MANAGED}", ""
        else:
            return GivenSecret(arn=_secret_arn(state, name, member), value=value)
    elif value:
        problem, wrong = f"{member} is only accepted with source {MANAGED}", ""
    elif reference is None:
        problem, wrong = f"{member}Config is required with source {EXTERNAL}", "Config"
    else:
        secret_id = reference["secretId"]
        arn = (
            secret_id
            if secret_id.startswith("arn:")
            else identifiers.secret_arn(state.partition, state.region, state.account_id, secret_id)
        )
        return ExternalSecret(arn=arn, secret_id=secret_id, json_key=reference["jsonKey"])
    raise ValidationException(problem, fields=((f"{path}.{member}{wrong}", problem),))


def _secret_arn(state: PaymentsState, name: str, member: str) -> str:
    # The form in which AWS names the secrets of AgentCore's identity service.
    return identifiers.secret_arn(
        state.partition,
        state.region,
        state.account_id,
        f"bedrock-agentcore-identity!default/payment/{name}/{member}"
        f"-{identifiers.suffix(state.random, 6)}",
    )
