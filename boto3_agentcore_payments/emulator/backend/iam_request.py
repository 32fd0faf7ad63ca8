"""moto's IAM check, for requests that concern more than one resource."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from moto.iam.access_control import IAMPolicy, IAMRequest, PermissionResult

from boto3_agentcore_payments.emulator.backend import service_roles

if TYPE_CHECKING:
    from collections.abc import Mapping


class PaymentsIAMRequest(IAMRequest):
    """One request; :meth:`check_action_permitted` takes several resources.

    Args:
        role: What the caller must be allowed beside the operation: an action of IAM, the ARN of
            the role it is for, and the condition keys known, in lower case.
        members: What moto gives a request.
    """

    def __init__(
        self, *, role: tuple[str, str, Mapping[str, str]] | None = None, **members: Any
    ) -> None:
        super().__init__(**members)
        self._role = role

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
        if self._role is not None:
            documents = [json.dumps(policy._policy_json) for policy in policies]  # noqa: SLF001
            action, arn, known = self._role
            if not service_roles.allowed(documents, action, arn, known):
                self._action = action
                self._raise_access_denied()
