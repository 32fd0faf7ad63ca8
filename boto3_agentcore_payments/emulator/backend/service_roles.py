"""The roles that the service uses, as moto's IAM has them.

moto's own evaluation of policies takes an unmet condition of an Allow for a denial and looks at no
service principal, so statements are judged here: effect, action, resource, principal and the
conditions that AWS's guide uses for such roles.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from moto.iam.models import Role

Statement = Mapping[str, Any]
SERVICE = "bedrock-agentcore.amazonaws.com"
_OPERATORS = ("StringEquals", "StringLike", "ArnEquals", "ArnLike")
_IF_EXISTS = "IfExists"


class ServiceRoles:
    """Roles of one account, for a service that assumes them.

    Args:
        account_id: The account.
        partition: Its partition.
    """

    def __init__(self, account_id: str, partition: str) -> None:
        self._account_id = account_id
        self._partition = partition

    def can_assume(self, role_arn: str, source_arn: str) -> bool:
        """Return whether a role exists and trusts the service.

        Args:
            role_arn: The role.
            source_arn: The resource it is assumed for, ``aws:SourceArn``.
        """
        role = self._role(role_arn)
        if role is None:
            return False
        known = {"aws:sourceaccount": self._account_id, "aws:sourcearn": source_arn}
        statements = _statements(role.assume_role_policy_document)
        return _permits(
            [one for one in statements if _trusts_service(one)], "sts:AssumeRole", None, known
        )

    def allows(self, role_arn: str, action: str, resource: str) -> bool:
        """Return whether a role's own policies allow an action on a resource."""
        role = self._role(role_arn)
        if role is None:
            return False
        known = {"aws:resourceaccount": self._account_id, "aws:sourceaccount": self._account_id}
        statements = [one for document in _documents(role) for one in _statements(document)]
        return _permits(statements, action, resource, known)

    def service_linked(self, service: str) -> str | None:
        """Return the ARN of the account's service-linked role for a service, or ``None``.

        Args:
            service: The service's principal, e.g. ``agenticcommerce.marketplace.amazonaws.com``.
        """
        path = f"/aws-service-role/{service}/"
        return next((role.arn for role in self._roles() if role.path == path), None)

    def _role(self, role_arn: str) -> Role | None:
        return next((role for role in self._roles() if role.arn == role_arn), None)

    def _roles(self) -> Iterable[Role]:
        # Only a new account needs moto's IAM, which takes long to import.
        from moto.iam.models import iam_backends

        return iam_backends[self._account_id][self._partition].roles.values()


def allowed(documents: list[str], action: str, resource: str, known: Mapping[str, str]) -> bool:
    """Return whether policies allow an action.

    Args:
        documents: The policies' JSON.
        action: E.g. ``iam:PassRole``.
        resource: ARN it is for.
        known: Values of condition keys, the keys in lower case.
    """
    statements = [one for document in documents for one in _statements(document)]
    return _permits(statements, action, resource, known)


def _documents(role: Role) -> Iterator[str]:
    yield from role.policies.values()
    for policy in role.managed_policies.values():
        yield next(version.document for version in policy.versions if version.is_default)


def _statements(document: Any) -> list[Statement]:
    """Return a policy's statements; none of what is no policy."""
    try:
        parsed = json.loads(document) if isinstance(document, str) else document
    except ValueError:
        return []
    found = parsed.get("Statement", []) if isinstance(parsed, dict) else []
    found = found if isinstance(found, list) else [found]
    return [statement for statement in found if isinstance(statement, dict)]


def _permits(
    statements: list[Statement], action: str, resource: str | None, known: Mapping[str, str]
) -> bool:
    concerned = [
        statement
        for statement in statements
        if _concerns(statement, "Action", action, ignore_case=True)
        and (resource is None or _concerns(statement, "Resource", resource))
        and _conditions_met(statement.get("Condition", {}), known)
    ]
    effects = {statement.get("Effect") for statement in concerned}
    return "Allow" in effects and "Deny" not in effects


def _trusts_service(statement: Statement) -> bool:
    principal = statement.get("Principal")
    if principal == "*":
        return True
    services = principal.get("Service", ()) if isinstance(principal, dict) else ()
    return SERVICE in _listed(services)


def _concerns(statement: Statement, element: str, value: str, *, ignore_case: bool = False) -> bool:
    negated = statement.get(f"Not{element}")
    if negated is not None:
        return not _matches_any(negated, value, ignore_case=ignore_case)
    return _matches_any(statement.get(element, ()), value, ignore_case=ignore_case)


def _matches_any(patterns: Any, value: str, *, ignore_case: bool = False) -> bool:
    return any(_matches(str(one), value, ignore_case=ignore_case) for one in _listed(patterns))


def _matches(pattern: str, value: str, *, ignore_case: bool = False) -> bool:
    expression = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return bool(re.fullmatch(expression, value, re.DOTALL | (re.IGNORECASE if ignore_case else 0)))


def _conditions_met(conditions: Any, known: Mapping[str, str]) -> bool:
    """Return whether every condition holds; an operator that is not known here never does."""
    if not isinstance(conditions, dict):
        return False
    return all(
        _condition_met(operator, key, wanted, known)
        for operator, keys in conditions.items()
        for key, wanted in (keys.items() if isinstance(keys, dict) else [("", ())])
    )


def _condition_met(operator: str, key: str, wanted: Any, known: Mapping[str, str]) -> bool:
    name = operator.removesuffix(_IF_EXISTS)
    if name not in _OPERATORS:
        return False
    value = known.get(key.lower())
    if value is None:
        return operator.endswith(_IF_EXISTS)
    if name == "StringEquals":
        return value in _listed(wanted)
    return _matches_any(wanted, value)


def _listed(value: Any) -> Any:
    return value if isinstance(value, (list, tuple)) else [value]
