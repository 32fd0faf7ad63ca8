"""EXTERNAL secrets of credential providers, read from moto's Secrets Manager."""

from __future__ import annotations

import json


def read_secret(account_id: str, region: str, secret_id: str, json_key: str) -> str:
    """Return one value of a JSON secret.

    Args:
        account_id: Whose Secrets Manager.
        region: Its region.
        secret_id: Name or ARN of the secret.
        json_key: Key of the value in the secret's JSON object.

    Raises:
        LookupError: if the secret does not exist or has no such string. The message does not
            quote the secret.
    """
    from moto.secretsmanager.exceptions import SecretsManagerClientError
    from moto.secretsmanager.models import secretsmanager_backends

    backend = secretsmanager_backends[account_id][region]
    problem = f"Secret {secret_id} cannot be read, or holds no string {json_key!r}"
    try:
        text = backend.get_secret_value(secret_id=secret_id, version_id="", version_stage="")
        value = json.loads(text["SecretString"])[json_key]
    except (SecretsManagerClientError, ValueError, LookupError, TypeError):
        value = None
    if isinstance(value, str):
        return value
    raise LookupError(problem)
