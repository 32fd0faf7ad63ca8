"""moto's judgement of a request, for requests that concern more than one resource."""

from __future__ import annotations

from typing import Any

from moto.iam.access_control import IAMPolicy, IAMRequest, PermissionResult


class PaymentsIAMRequest(IAMRequest):
    """One request; :meth:`check_action_permitted` takes several resources."""

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
