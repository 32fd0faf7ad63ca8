"""The service's own errors, as the engine raises them.

Each class is one modelled exception of AWS's definitions; its members are that shape's members.
The wire layer turns it into an HTTP answer with the status the model gives.
"""

from __future__ import annotations

from typing import Any, ClassVar

from boto3_agentcore_payments.errors import AgentCorePaymentsError


class SavedStateError(AgentCorePaymentsError):
    """What was kept of a state does not make one.

    Args:
        problem: What is wrong, without a value of it.
    """

    def __init__(self, problem: str) -> None:
        super().__init__(f"The saved state is damaged: {problem}")


class ServiceError(AgentCorePaymentsError):
    """An error answer of the service.

    Attributes:
        code: The modelled shape name, which is what a client sees as ``Error.Code``.
        status: HTTP status (source: the model's ``error.httpStatusCode``).
        members: The members of the modelled shape, including the message.
    """

    code: ClassVar[str] = "InternalServerException"
    status: ClassVar[int] = 500

    def __init__(self, message: str, **members: Any) -> None:
        super().__init__(message)
        self.message = message
        self.members: dict[str, Any] = {"message": message, **members}


class ValidationException(ServiceError):
    """400: the request is malformed or breaks a rule.

    :meth:`at` makes the error for a member that breaks the model; :meth:`rule` the error for a
    member that breaks one of the service's own rules, which carries no reason [live 2026-10].

    Args:
        message: What is wrong.
        reason: One of the model's ``ValidationExceptionReason`` values, or ``None``.
        fields: ``(path, message)`` pairs for the shape's ``fieldList``; a path names the member
            as the caller wrote it, e.g. ``limits.maxSpendAmount.value``.
    """

    code = "ValidationException"
    status = 400

    def __init__(
        self,
        message: str,
        *,
        reason: str | None = "FieldValidationFailed",
        fields: tuple[tuple[str, str], ...] = (),
    ) -> None:
        members: dict[str, Any] = {}
        if reason is not None:
            members["reason"] = reason
        if fields:
            members["fieldList"] = [{"name": name, "message": text} for name, text in fields]
        super().__init__(message, **members)

    @classmethod
    def at(
        cls, path: str, message: str, *, reason: str = "FieldValidationFailed"
    ) -> ValidationException:
        """Return the error for one member; its message is also the message of the whole error.

        Args:
            path: Path from the operation's input, e.g. ``limits.maxSpendAmount.value``.
            message: What is wrong with it.
            reason: One of the model's ``ValidationExceptionReason`` values.
        """
        return cls(message, reason=reason, fields=((path, message),))

    @classmethod
    def rule(cls, path: str, message: str) -> ValidationException:
        """Return the error for a member that breaks one of the service's own rules.

        Such refusals have no reason [live 2026-10], although the model requires one.

        Args:
            path: Path from the operation's input.
            message: The service's text.
        """
        return cls(message, reason=None, fields=((path, message),))

    @classmethod
    def not_emulated(cls, path: str, what: str, value: str) -> ValidationException:
        """Return the error for a value that is in the model but not emulated.

        Args:
            path: The member that holds it.
            what: What the member is called in words, e.g. ``Connector type``.
            value: The value.
        """
        return cls.at(path, f"{what} '{value}' is not emulated")


class UnauthorizedException(ServiceError):
    """401: the bearer or workload token is not accepted."""

    code = "UnauthorizedException"
    status = 401


class ServiceQuotaExceededException(ServiceError):
    """402: a quota is used up."""

    code = "ServiceQuotaExceededException"
    status = 402


class AccessDeniedException(ServiceError):
    """403: the caller may not do this."""

    code = "AccessDeniedException"
    status = 403


class SubscriptionRequiredException(ServiceError):
    """403: the wallet vendor needs a marketplace subscription."""

    code = "SubscriptionRequiredException"
    status = 403


class ResourceNotFoundException(ServiceError):
    """404: no such resource for this caller."""

    code = "ResourceNotFoundException"
    status = 404


class ConflictException(ServiceError):
    """409: the resource is in a state that does not allow the request."""

    code = "ConflictException"
    status = 409


class ThrottlingException(ServiceError):
    """429: too many requests."""

    code = "ThrottlingException"
    status = 429


class InternalServerException(ServiceError):
    """500: the service failed."""

    code = "InternalServerException"
    status = 500


class ResourceLimitExceededException(ServiceError):
    """400: a credential-provider limit is used up."""

    code = "ResourceLimitExceededException"
    status = 400


class EncryptionFailure(ServiceError):
    """400: a credential provider's secret could not be encrypted."""

    code = "EncryptionFailure"
    status = 400


class DecryptionFailure(ServiceError):
    """400: a credential provider's secret could not be decrypted."""

    code = "DecryptionFailure"
    status = 400


class UnknownOperationException(ServiceError):
    """404: the operation does not exist or is not emulated; the models do not list this error."""

    code = "UnknownOperationException"
    status = 404


def subclasses_by_code() -> dict[str, type[ServiceError]]:
    """Map every modelled error code to its class, for fault injection and lints."""
    return {
        cls.code: cls
        for cls in ServiceError.__subclasses__()
        if cls is not UnknownOperationException
    }


UNKNOWN_PAYMENT = "unknown_payment"
AMBIGUOUS_PAYMENT = "ambiguous_payment"
"""Reason of a :class:`SettlementError`: no such payment was signed."""


class SettlementError(AgentCorePaymentsError):
    """A signed payment cannot be settled; raised by ``settle``, never sent to a client.

    Args:
        reason: ``unknown_payment``, ``ambiguous_payment``, ``already_settled``,
            ``invalid_amount`` or ``insufficient_funds``.
        message: The reason in words.
    """

    def __init__(self, reason: str, message: str) -> None:
        self.reason = reason
        super().__init__(message)
