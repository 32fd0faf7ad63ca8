"""Policies that moto enforces for a caller, within a ``with`` block."""

from __future__ import annotations

import json
import uuid
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from moto import settings
from moto.core.responses import (
    ActionAuthenticatorMixin,  # pyright: ignore[reportPrivateImportUsage]
)
from ready_shop import ClientShop, boto3_session

if TYPE_CHECKING:
    from collections.abc import Iterator


def allow(*actions: str, resource: Any = "*") -> dict[str, Any]:
    names = [f"bedrock-agentcore:{action}" for action in actions]
    return {"Effect": "Allow", "Action": names, "Resource": resource}


def deny(*actions: str, resource: Any = "*") -> dict[str, Any]:
    return {**allow(*actions, resource=resource), "Effect": "Deny"}


@contextmanager
def enforced(*statements: dict[str, Any]) -> Iterator[ClientShop]:
    """Enforce policies for a caller who has exactly these statements."""
    iam = boto3_session().client("iam", region_name="us-east-1")
    user = f"agent-{uuid.uuid4().hex[:6]}"
    iam.create_user(UserName=user)
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    iam.put_user_policy(UserName=user, PolicyName="p", PolicyDocument=json.dumps(document))
    key = iam.create_access_key(UserName=user)["AccessKey"]
    shop = ClientShop(
        aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"]
    )
    with _enforcement():
        yield shop


@contextmanager
def _enforcement() -> Iterator[None]:
    before = settings.INITIAL_NO_AUTH_ACTION_COUNT, ActionAuthenticatorMixin.request_count
    settings.INITIAL_NO_AUTH_ACTION_COUNT = 0
    try:
        yield
    finally:
        settings.INITIAL_NO_AUTH_ACTION_COUNT, ActionAuthenticatorMixin.request_count = before
