"""Where the service is known to accept what its own model would refuse.

The one table of exceptions to "the model decides"; everything not listed here is validated to the
letter.
"""

from __future__ import annotations

from typing import NamedTuple

from boto3_agentcore_payments.loader import CONTROL_PLANE, DATA_PLANE

UNCHECKED = ""
"""Stands in a quirk for no pattern at all."""


class Quirk(NamedTuple):
    """One tolerated difference.

    Attributes:
        service: Name of the service definition.
        shape: Shape the difference is about.
        reason: Why it is tolerated, and how we know.
        optional: Members to treat as optional although the model requires them.
        sized: Whether the model's bounds on the number of elements hold.
        pattern: Pattern used instead of the model's, ``None`` to keep the model's, ``UNCHECKED``
            for none at all.
    """

    service: str
    shape: str
    reason: str
    optional: tuple[str, ...] = ()
    sized: bool = True
    pattern: str | None = None


QUIRKS = (
    Quirk(
        DATA_PLANE,
        "EmbeddedCryptoWallet",
        "Clients that switch botocore's own validation off may leave linkedAccounts out, and the "
        "service creates the instrument all the same. [guide, sdk]",
        optional=("linkedAccounts",),
    ),
    Quirk(
        DATA_PLANE,
        "PaymentConnectorId",
        "A connector's id is its lower-cased name plus a suffix, and names may hold '_', which "
        "only the control plane's own pattern allows. [model]",
        pattern=r"([0-9a-z_][-]?){1,100}-[0-9a-z]{10}",
    ),
    Quirk(
        DATA_PLANE,
        "MppPaymentInput",
        "The service has messages of its own for these members when they are missing, which the "
        "rules of MPP give. [guide]",
        optional=("version", "wwwAuthenticateHeaders"),
    ),
    Quirk(
        DATA_PLANE,
        "WwwAuthenticateHeaderList",
        "The service has a message of its own for none or several headers, which the rules of MPP "
        "give. [guide]",
        sized=False,
    ),
    Quirk(
        DATA_PLANE,
        "Permit2AllowanceLimit",
        "The service has a message of its own for what is not a positive integer, which the rules "
        "of x402 give. [guide]",
        pattern=UNCHECKED,
    ),
    Quirk(
        CONTROL_PLANE,
        "PaymentManagerArn",
        "The control plane's pattern has no partition and would refuse every real ARN; the data "
        "plane's is right. [model]",
        pattern=r"arn:(aws|aws-[a-z0-9-]+):bedrock-agentcore:[a-z0-9-]+:[0-9]{12}"
        r":payment-manager/[a-z0-9]([a-z0-9-]{0,47}[a-z0-9])?-[a-z0-9]{10}",
    ),
    Quirk(
        CONTROL_PLANE,
        "PaymentCredentialProviderArn",
        "A credential provider's ARN ends in its name, and names may hold '_', which the ARN's "
        "pattern does not allow: a provider so named could never be used. [decided]",
        pattern=r"arn:(aws|aws-us-gov|aws-cn|aws-iso|aws-iso-b|aws-iso-e|aws-iso-f|aws-eusc)"
        r":(acps|bedrock-agentcore):[A-Za-z0-9-]{1,64}:[0-9]{12}"
        r":token-vault/[a-zA-Z0-9-.]+/paymentcredentialprovider/[a-zA-Z0-9-._]+",
    ),
    Quirk(
        CONTROL_PLANE,
        "PaymentCredentialProviderConfiguration",
        "The service has a message of its own for this member when it is missing, which the "
        "engine gives. [guide]",
        optional=("credentialProviderArn",),
    ),
    Quirk(
        CONTROL_PLANE,
        "RoleArn",
        "The service has messages of its own for a role that is not right, which the engine "
        "gives. [guide]",
        pattern=UNCHECKED,
    ),
)

_BY_SHAPE = {(quirk.service, quirk.shape): quirk for quirk in QUIRKS}


def optional_members(service: str, shape: str) -> frozenset[str]:
    """Return the members of a structure that are required by the model alone."""
    quirk = _BY_SHAPE.get((service, shape))
    return frozenset(quirk.optional if quirk else ())


def is_sized(service: str, shape: str) -> bool:
    """Return whether the model's bounds on the number of a list's elements hold."""
    quirk = _BY_SHAPE.get((service, shape))
    return quirk is None or quirk.sized


def pattern(service: str, shape: str, modelled: str | None) -> str | None:
    """Return the pattern to hold a string shape to."""
    quirk = _BY_SHAPE.get((service, shape))
    if quirk is None or quirk.pattern is None:
        return modelled
    return quirk.pattern or None
