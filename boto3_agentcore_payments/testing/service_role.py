"""The role that the service assumes for a payment manager, made in moto's IAM."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

NAME = "agentcore-payments"
_TRUST = {
    "Effect": "Allow",
    "Principal": {"Service": "bedrock-agentcore.amazonaws.com"},
    "Action": "sts:AssumeRole",
}
_PERMISSIONS = {
    "Effect": "Allow",
    "Action": [
        "bedrock-agentcore:CreateWorkloadIdentity",
        "bedrock-agentcore:GetResourcePaymentToken",
        "bedrock-agentcore:GetWorkloadAccessToken",
        "secretsmanager:GetSecretValue",
    ],
    "Resource": "*",
}


def make(iam: Any) -> None:
    """Make the role, unless another test's account has made it.

    Args:
        iam: A client of IAM.
    """
    try:
        iam.create_role(RoleName=NAME, AssumeRolePolicyDocument=_document(_TRUST))
    except iam.exceptions.EntityAlreadyExistsException:
        return
    iam.put_role_policy(RoleName=NAME, PolicyName=NAME, PolicyDocument=_document(_PERMISSIONS))


def distrust(iam: Any) -> Callable[[], None]:
    """Let the role trust the service no more, if it exists; return what undoes that.

    Args:
        iam: A client of IAM.
    """
    missing = iam.exceptions.NoSuchEntityException
    try:
        trust = iam.get_role(RoleName=NAME)["Role"]["AssumeRolePolicyDocument"]
    except missing:
        return lambda: None
    iam.update_assume_role_policy(
        RoleName=NAME, PolicyDocument=_document({**_TRUST, "Effect": "Deny"})
    )

    def undo() -> None:
        with suppress(missing):  # the test has deleted it
            iam.update_assume_role_policy(RoleName=NAME, PolicyDocument=json.dumps(trust))

    return undo


def _document(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
