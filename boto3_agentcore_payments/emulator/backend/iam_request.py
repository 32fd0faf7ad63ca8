"""moto's IAM check, for requests that concern more than one resource."""

from __future__ import annotations

import json
from typing import Any

from moto.iam.access_control import IAMPolicy, IAMRequest, PermissionResult

from boto3_agentcore_payments.emulator.backend import service_roles

PASS_ROLE = "iam:PassRole"  # noqa: S105 - an action


class PaymentsIAMRequest(IAMRequest):
    """One request; :meth:`check_action_permitted` takes several resources.

    Args:
        passed_role: ARN of the role the request hands to the service, if that is looked at.
        members: What moto gives a request.
    """

    def __init__(self, *, passed_role: str | None = None, **members: Any) -> None:
        super().__init__(**members)
        self._passed_role = passed_role

    def check_action_permitted(self, resource: Any) -> None:
        """Refuse the request unless its caller may act on one of the resources.

        Args:
            resource: ARNs; the caller's policies must allow one and deny none.
        """
        policies = [IAMPolicy(policy) for policy in self._access_key.collect_policies()]
        results = {
            policy.is_action_permitted(self._action, arn) for policy in policies for arn in resource
        }
        if PermissionResult.DENIED in results or PermissionResult.PERMITTED not in results:
            self._raise_access_denied()
        if self._passed_role is not None:
            documents = [json.dumps(policy._policy_json) for policy in policies]  # noqa: SLF001
            known = {"iam:passedtoservice": service_roles.SERVICE}
            if not service_roles.allowed(documents, PASS_ROLE, self._passed_role, known):
                self._action = PASS_ROLE
                self._raise_access_denied()
