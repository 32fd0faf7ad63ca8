"""IAM as in moto: off until ``set_initial_no_auth_action_count`` or its environment variable.

The action is ``bedrock-agentcore:<Operation>`` on both planes (the signing name, [model]). The
resources are those of ``iam_resources``.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from moto import settings
from moto.core.responses import (  # where every moto has it
    ActionAuthenticatorMixin,  # pyright: ignore[reportPrivateImportUsage]
)
from requests.structures import CaseInsensitiveDict
from werkzeug.exceptions import HTTPException

from boto3_agentcore_payments.emulator.backend.iam_resources import resources
from boto3_agentcore_payments.emulator.backend.service_roles import SERVICE
from boto3_agentcore_payments.emulator.engine.billing import AWS_BILLING, service_role_arn
from boto3_agentcore_payments.emulator.engine.errors import (
    AccessDeniedException,
    ValidationException,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from boto3_agentcore_payments.emulator.engine.state import PaymentsState
    from boto3_agentcore_payments.emulator.wire.calls import Call

_PASS_ROLE = "iam:PassRole"  # noqa: S105 - an action
_GET_ROLE = "iam:GetRole"
_CREATES_CONNECTOR = "CreatePaymentConnector"
_CODES = {"AccessDenied": "AccessDeniedException"}
"""moto's error codes that have another name in the service's protocol."""


class Refusal(AccessDeniedException):
    """moto refuses the request, with a code and status that are not in the service's models.

    Args:
        code: Error code, e.g. ``InvalidClientTokenId``.
        message: Its text.
        status: HTTP status.
    """

    def __init__(self, code: str, message: str, status: int) -> None:
        super().__init__(message)
        # Not ClassVars here: moto chooses the code for each refusal.
        self.code = code  # type: ignore[misc]
        self.status = status  # type: ignore[misc]


class _Request(ActionAuthenticatorMixin):
    """The attributes of moto's ``BaseResponse`` that its IAM reads."""

    def __init__(self, call: Call, account_id: str, headers: Any) -> None:
        request = call.request
        self.uri = f"{request.path}?{request.query}" if request.query else request.path
        self.raw_path = request.path
        self.current_account = account_id
        self.method = request.method
        self.data: dict[str, str] = {}
        self.body = self.raw_body = request.body
        self.headers = headers
        self._operation = call.route.operation.name

    def _get_action(self) -> str:
        return self._operation


def check(call: Call, state: PaymentsState, *, host: str, signed: bool) -> None:
    """Check the signature and the permission of a request, if moto would.

    Args:
        call: The request.
        state: Where it goes; its account is the caller's.
        host: The host it was sent to.
        signed: Whether it carries a SigV4 signature.

    Raises:
        Refusal: if moto's IAM refuses it.
    """
    if ActionAuthenticatorMixin.request_count < settings.INITIAL_NO_AUTH_ACTION_COUNT:
        ActionAuthenticatorMixin.request_count += 1
        return
    if not signed:
        code = "MissingAuthenticationTokenException"
        raise Refusal(code, "Missing Authentication Token", 403)
    checked = _Request(call, state.account_id, _readable(call.request.headers, host))
    try:
        # Only enforcement needs moto's IAM, which is slow to import.
        from boto3_agentcore_payments.emulator.backend.iam_request import PaymentsIAMRequest

        checked._authenticate_and_authorize_action(  # noqa: SLF001 - moto's own way in
            partial(PaymentsIAMRequest, role=_role(call, state)),  # type: ignore[arg-type]
            resources(call, state),  # type: ignore[arg-type]
        )
    except HTTPException as error:
        code = str(getattr(error, "error_type", "AccessDenied"))
        message = str(getattr(error, "message", error.description))
        raise Refusal(_CODES.get(code, code), message, error.code or 403) from None


def _role(call: Call, state: PaymentsState) -> tuple[str, str, Mapping[str, str]] | None:
    """Return what the caller needs on a role that the service uses, where that is looked at.

    A role that the request hands to the service takes ``iam:PassRole``; a connector to the AWS bill
    takes ``iam:GetRole`` on AWS Marketplace's service-linked role [sdk].
    """
    if not state.account.settings.role_checked:
        return None
    role = call.members.get("roleArn")
    if isinstance(role, str):
        return _PASS_ROLE, role, {"iam:passedtoservice": SERVICE}
    if call.route.operation.name == _CREATES_CONNECTOR and call.members.get("type") == AWS_BILLING:
        try:
            return _GET_ROLE, service_role_arn(state), {}
        except ValidationException:
            return None  # the operation itself says that there is no such role
    return None


def _readable(headers: Any, host: str) -> CaseInsensitiveDict[str]:
    """Return headers as moto's IAM reads them: text, with the names as they were sent.

    botocore adds the host, which every signature covers, only when it sends a request.
    """
    readable: CaseInsensitiveDict[str] = CaseInsensitiveDict(host=host)
    for name, value in headers.items():
        readable[str(name)] = value.decode("latin-1") if isinstance(value, bytes) else value
    return readable
