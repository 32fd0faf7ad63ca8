"""Make ids and ARNs in the service's own formats ([model], [guide]).

Ids are drawn from the state's random source, so a seeded run reproduces them.
"""

from __future__ import annotations

import string
from itertools import cycle, islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container
    from random import Random


def _table(letters: str) -> bytes:
    """Return a table that turns any byte into a letter; the first are a little more frequent."""
    return bytes(islice(cycle(letters.encode("ascii")), 256))


_LOWER = _table(string.ascii_lowercase + string.digits)
_MIXED = _table(string.ascii_letters + string.digits)
_NAMED_SUFFIX = 10
_OPAQUE_SUFFIX = 15
# The bits of a version 4 UUID that are random, and those that say what it is.
_UUID_RANDOM = (1 << 128) - 1 ^ 0xF << 76 ^ 0x3 << 62
_UUID_VERSION = 0x4 << 76 | 0x2 << 62


def named(random: Random, name: str, taken: Container[str] = ()) -> str:
    """Return a manager's or connector's id: its name in lower case and ten random characters."""
    return _fresh(random, f"{name.lower()}-", _LOWER, _NAMED_SUFFIX, taken)


def instrument(random: Random, taken: Container[str] = ()) -> str:
    """Return an instrument id: ``payment-instrument-`` and 15 random characters."""
    return _fresh(random, "payment-instrument-", _MIXED, _OPAQUE_SUFFIX, taken)


def session(random: Random, taken: Container[str] = ()) -> str:
    """Return a session id: ``payment-session-`` and 15 random characters."""
    return _fresh(random, "payment-session-", _MIXED, _OPAQUE_SUFFIX, taken)


def universal(random: Random) -> str:
    """Return a version 4 UUID, the form of a ``processPaymentId``."""
    # Every request has such an id; building a uuid.UUID first takes four times as long.
    digits = f"{random.getrandbits(128) & _UUID_RANDOM | _UUID_VERSION:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def suffix(random: Random, length: int) -> str:
    """Return ``length`` random letters and digits."""
    return _drawn(random, _MIXED, length)


def hexadecimal(random: Random, length: int) -> str:
    """Return ``length`` random hexadecimal digits in lower case."""
    return f"{random.getrandbits(4 * length):0{length}x}"


def manager_arn(partition: str, region: str, account_id: str, manager_id: str) -> str:
    """Return a payment manager's ARN."""
    return f"arn:{partition}:bedrock-agentcore:{region}:{account_id}:payment-manager/{manager_id}"


def connector_arn(arn_of_manager: str, connector_id: str) -> str:
    """Return the ARN that policies name a payment connector by."""
    return f"{arn_of_manager}/connector/{connector_id}"


def workload_identity_arn(partition: str, region: str, account_id: str, name: str) -> str:
    """Return the ARN of the workload identity that belongs to a payment manager."""
    return (
        f"arn:{partition}:bedrock-agentcore:{region}:{account_id}"
        f":workload-identity-directory/default/workload-identity/{name}"
    )


def credential_provider_arn(partition: str, region: str, account_id: str, name: str) -> str:
    """Return a payment credential provider's ARN in the developer guide's form."""
    vault = token_vault_arn(partition, region, account_id)
    return f"{vault}/paymentcredentialprovider/{name}"


def token_vault_arn(partition: str, region: str, account_id: str) -> str:
    """Return the ARN of the vault that keeps an account's credential providers."""
    return f"arn:{partition}:bedrock-agentcore:{region}:{account_id}:token-vault/default"


def secret_arn(partition: str, region: str, account_id: str, name: str) -> str:
    """Return the ARN of a secret in AWS Secrets Manager."""
    return f"arn:{partition}:secretsmanager:{region}:{account_id}:secret:{name}"


def last_part(arn: str) -> str:
    """Return what follows an ARN's last slash: the id or name of the resource."""
    return arn.rpartition("/")[2]


def _drawn(random: Random, letters: bytes, length: int) -> str:
    # A fifth of the time of random.choices.
    drawn = random.getrandbits(8 * length).to_bytes(length, "big")
    return drawn.translate(letters).decode("ascii")


def _fresh(random: Random, prefix: str, letters: bytes, length: int, taken: Container[str]) -> str:
    while True:
        identifier = prefix + _drawn(random, letters, length)
        if identifier not in taken:
            return identifier
