"""The properties of payment resources in a template: names, types, and which are required.

The facts are those of AWS's resource types [model: the resource schemas of November 2026, as CDK's
constructs of aws-cdk-lib 2.276.0 have them]. Patterns and lengths are left to the
operations, which check them anyway.

The texts are those of CloudFormation for every type whose properties it checks against a schema.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Union

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass(frozen=True)
class Text:
    """A string; ``allowed`` lists its values, if they are enumerated."""

    allowed: tuple[str, ...] = ()


@dataclass(frozen=True)
class ListOf:
    """A list of one kind of value."""

    element: PropertyType


@dataclass(frozen=True)
class Structure:
    """An object: its properties by name, and which of them must be there."""

    properties: Mapping[str, PropertyType]
    required: frozenset[str] = field(default_factory=frozenset)


PropertyType = Union[Text, ListOf, Structure]

_NAMES = {
    dict: "JSONObject",
    list: "JSONArray",
    str: "String",
    bool: "Boolean",
    int: "Integer",
    float: "Number",
    type(None): "Null",
}
TEXT = Text()
TAGS = ListOf(Structure({"Key": TEXT, "Value": TEXT}, frozenset({"Key", "Value"})))
_VENDOR = Text(("CoinbaseCDP", "StripePrivy"))
_SOURCE = Text(("MANAGED", "EXTERNAL"))
_REFERENCE = Structure({"SecretId": TEXT, "JsonKey": TEXT}, frozenset({"SecretId", "JsonKey"}))
_PROVIDER = Structure({"CredentialProviderArn": TEXT}, frozenset({"CredentialProviderArn"}))


def _with_secrets(names: tuple[str, ...], secrets: tuple[str, ...]) -> Structure:
    """Return a vendor's configuration: what names an account there, and what is secret."""
    properties: dict[str, PropertyType] = dict.fromkeys(names, TEXT)
    for secret in secrets:
        properties[secret] = TEXT
        properties[f"{secret}Source"] = _SOURCE
        properties[f"{secret}Config"] = _REFERENCE
    return Structure(properties, frozenset(names))


_CLAIM = Structure(
    {
        "InboundTokenClaimName": TEXT,
        "InboundTokenClaimValueType": Text(("STRING", "STRING_ARRAY")),
        "AuthorizingClaimMatchValue": Structure(
            {
                "ClaimMatchValue": Structure(
                    {"MatchValueString": TEXT, "MatchValueStringList": ListOf(TEXT)}
                ),
                "ClaimMatchOperator": Text(("EQUALS", "CONTAINS", "CONTAINS_ANY")),
            },
            frozenset({"ClaimMatchValue", "ClaimMatchOperator"}),
        ),
    },
    frozenset(
        {"InboundTokenClaimName", "InboundTokenClaimValueType", "AuthorizingClaimMatchValue"}
    ),
)
_JWT_AUTHORIZER = Structure(
    {
        "DiscoveryUrl": TEXT,
        "AllowedAudience": ListOf(TEXT),
        "AllowedClients": ListOf(TEXT),
        "AllowedScopes": ListOf(TEXT),
        "CustomClaims": ListOf(_CLAIM),
    },
    frozenset({"DiscoveryUrl"}),
)

PAYMENT_MANAGER = Structure(
    {
        "Name": TEXT,
        "Description": TEXT,
        "AuthorizerType": Text(("CUSTOM_JWT", "AWS_IAM")),
        "AuthorizerConfiguration": Structure(
            {"CustomJWTAuthorizer": _JWT_AUTHORIZER}, frozenset({"CustomJWTAuthorizer"})
        ),
        "RoleArn": TEXT,
        "Tags": TAGS,
    },
    frozenset({"Name", "AuthorizerType", "RoleArn"}),
)
"""Properties of ``AWS::BedrockAgentCore::PaymentManager``."""

PAYMENT_CONNECTOR = Structure(
    {
        "PaymentManagerId": TEXT,
        "ConnectorName": TEXT,
        "Description": TEXT,
        "ConnectorType": _VENDOR,
        "ProvisionMode": Text(("MANUAL", "QUICK_CREATE")),
        "CredentialProviderConfigurations": ListOf(
            Structure({"CoinbaseCDP": _PROVIDER, "StripePrivy": _PROVIDER})
        ),
    },
    frozenset({"PaymentManagerId", "ConnectorName", "ConnectorType"}),
)
"""Properties of ``AWS::BedrockAgentCore::PaymentConnector``."""

PAYMENT_CREDENTIAL_PROVIDER = Structure(
    {
        "Name": TEXT,
        "CredentialProviderVendor": _VENDOR,
        "ProviderConfigurationInput": Structure(
            {
                "CoinbaseCdpConfiguration": _with_secrets(
                    ("ApiKeyId",), ("ApiKeySecret", "WalletSecret")
                ),
                "StripePrivyConfiguration": _with_secrets(
                    ("AppId", "AuthorizationId"), ("AppSecret", "AuthorizationPrivateKey")
                ),
            }
        ),
        "Tags": TAGS,
    },
    frozenset({"Name", "CredentialProviderVendor"}),
)
"""Properties of ``AWS::BedrockAgentCore::PaymentCredentialProvider``."""


def problems(kind: PropertyType, value: Any, path: str = "#") -> Iterator[str]:
    """Yield what is wrong with a value: a wrong type, a missing or an unknown property.

    Args:
        kind: The type it must have.
        value: The value, with intrinsic functions resolved.
        path: Path of the value, for the texts.
    """
    wanted: type = {Text: str, ListOf: list, Structure: dict}[type(kind)]
    found: type = type(value)
    if found is not wanted:
        yield f"{path}: expected type: {_NAMES[wanted]}, found: {_NAMES.get(found, found.__name__)}"
    elif isinstance(kind, Text):
        if kind.allowed and value not in kind.allowed:
            yield f"{path}: {value} is not a valid enum value"
    elif isinstance(kind, ListOf):
        for index, element in enumerate(value):
            yield from problems(kind.element, element, f"{path}/{index}")
    else:
        for name in sorted(kind.required - value.keys()):
            yield f"{path}: required key [{name}] not found"
        for name, member in value.items():
            if name in kind.properties:
                yield from problems(kind.properties[name], member, f"{path}/{name}")
            else:
                yield f"{path}: extraneous key [{name}] is not permitted"


def members(kind: PropertyType, value: Any) -> Any:
    """Return a value as the operations take it: members in camelCase, tags as a map.

    Args:
        kind: Its type.
        value: The value, without problems.
    """
    if kind is TAGS:
        return {tag["Key"]: tag["Value"] for tag in value}
    if isinstance(kind, ListOf):
        return [members(kind.element, element) for element in value]
    if isinstance(kind, Structure):
        return {
            f"{name[0].lower()}{name[1:]}": members(kind.properties[name], member)
            for name, member in value.items()
        }
    return value
