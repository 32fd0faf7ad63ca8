"""Requests that the service is known to accept although its model refuses them.

The only exceptions to "the model decides": everything not listed here is validated strictly.
"""

from __future__ import annotations

from typing import NamedTuple

from boto3_agentcore_payments.loader import CONTROL_PLANE, DATA_PLANE

UNCHECKED = ""
"""A quirk's pattern if nothing is checked."""
LIST_MEMBER = "member"
"""What models call the member of a list."""


class Quirk(NamedTuple):
    """One tolerated difference.

    Attributes:
        service: Name of the service definition.
        shape: Name of the shape that differs.
        reason: Why it is tolerated, and the source.
        optional: Members to treat as optional although the model requires them.
        empty: Members whose empty text passes although the model has a minimum length or a
            pattern; ``LIST_MEMBER`` for the elements of a list.
        sized: Whether the model's bounds on the number of elements apply.
        pattern: Pattern used instead of the model's; ``None`` keeps the model's, ``UNCHECKED``
            checks nothing.
    """

    service: str
    shape: str
    reason: str
    optional: tuple[str, ...] = ()
    empty: tuple[str, ...] = ()
    sized: bool = True
    pattern: str | None = None


QUIRKS = (
    Quirk(
        DATA_PLANE,
        "EmbeddedCryptoWallet",
        "Clients that turn off botocore's own validation may leave out linkedAccounts, and the "
        "service still creates the instrument. [guide, sdk]",
        optional=("linkedAccounts",),
    ),
    Quirk(
        DATA_PLANE,
        "PaymentConnectorId",
        "A connector's id is its name in lower case plus a suffix. Names may contain '_', which "
        "only the control plane's own pattern allows. [model]",
        pattern=r"([0-9a-z_][-]?){1,100}-[0-9a-z]{10}",
    ),
    Quirk(
        DATA_PLANE,
        "MppPaymentInput",
        "If these members are missing or empty, the service answers with its own messages; the "
        "MPP rules check them. [guide]",
        optional=("version", "wwwAuthenticateHeaders"),
        empty=("version",),
    ),
    Quirk(
        DATA_PLANE,
        "WwwAuthenticateHeaderList",
        "If there is not exactly one header, or it is empty, the service answers with its own "
        "message; the MPP rules check it. [guide]",
        sized=False,
        empty=(LIST_MEMBER,),
    ),
    Quirk(
        DATA_PLANE,
        "CryptoX402PaymentInput",
        "An empty limit is not a positive integer; see Permit2AllowanceLimit. [guide]",
        empty=("permit2AllowanceLimit",),
    ),
    Quirk(
        DATA_PLANE,
        "Permit2AllowanceLimit",
        "If the value is not a positive integer, the service answers with its own message; the "
        "x402 rules check it. [guide]",
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
        "A credential provider's ARN ends with its name. Names may contain '_', which the ARN's "
        "pattern does not allow, so such a provider could never be used. [decided]",
        pattern=r"arn:(aws|aws-us-gov|aws-cn|aws-iso|aws-iso-b|aws-iso-e|aws-iso-f|aws-eusc)"
        r":(acps|bedrock-agentcore):[A-Za-z0-9-]{1,64}:[0-9]{12}"
        r":token-vault/[a-zA-Z0-9-.]+/paymentcredentialprovider/[a-zA-Z0-9-._]+",
    ),
    Quirk(
        CONTROL_PLANE,
        "PaymentCredentialProviderConfiguration",
        "If this member is missing or empty, the service answers with its own message; the engine "
        "checks it. [guide]",
        optional=("credentialProviderArn",),
        empty=("credentialProviderArn",),
    ),
    Quirk(
        CONTROL_PLANE,
        "CreatePaymentManagerRequest",
        "An empty role is a wrong one; see RoleArn. [guide]",
        empty=("roleArn",),
    ),
    Quirk(
        CONTROL_PLANE,
        "UpdatePaymentManagerRequest",
        "An empty role is a wrong one; see RoleArn. [guide]",
        empty=("roleArn",),
    ),
    Quirk(
        CONTROL_PLANE,
        "RoleArn",
        "If the role is wrong, the service answers with its own messages; the engine checks it. "
        "[guide]",
        pattern=UNCHECKED,
    ),
)

_BY_SHAPE = {(quirk.service, quirk.shape): quirk for quirk in QUIRKS}


def optional_members(service: str, shape: str) -> frozenset[str]:
    """Return the members of a structure that the model requires and the service does not."""
    quirk = _BY_SHAPE.get((service, shape))
    return frozenset(quirk.optional if quirk else ())


def may_be_empty(service: str, shape: str, member: str) -> bool:
    """Return whether a member's empty text passes although the model refuses it.

    Args:
        service: Name of the service definition.
        shape: Name of the structure or list that has the member.
        member: Name of the member; ``LIST_MEMBER`` for the elements of a list.
    """
    quirk = _BY_SHAPE.get((service, shape))
    return quirk is not None and member in quirk.empty


def is_sized(service: str, shape: str) -> bool:
    """Return whether the model's bounds on the number of a list's elements apply."""
    quirk = _BY_SHAPE.get((service, shape))
    return quirk is None or quirk.sized


def pattern(service: str, shape: str, modelled: str | None) -> str | None:
    """Return the pattern that values of a string shape must match, if any."""
    quirk = _BY_SHAPE.get((service, shape))
    if quirk is None or quirk.pattern is None:
        return modelled
    return quirk.pattern or None
